"""A small review whose every number can be counted on the fingers, and a reader of the page made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from trialpool.analysis import Analysis, run
from trialpool.report.build import build_document
from trialpool.report.document import Block, Document, Section, Table
from trialpool.report.figures import draw_figures

HEADER = "trial,nct,publication,arm,treatment,dose_mg,weeks,setting,outcome,events,n,source,verification"
TABLE = f"""\
{HEADER}
Alba,NCT00000001,Alba 2001,drug low,drug,10,12,ward,rash,3,50,Table 2,read
Alba,NCT00000001,Alba 2001,drug high,drug,20,12,ward,rash,5,51,Table 2,read
Alba,NCT00000001,Alba 2001,placebo,placebo,0,12,ward,rash,12,52,Table 2,read
Bern,NCT00000002,Bern 2002,drug,drug,20,26,ward,rash,6,80,page 7,unverified
Bern,NCT00000002,Bern 2002,placebo,placebo,0,26,ward,rash,11,79,page 7,read
Cork,ISRCTN7,Cork 2003,drug,drug,20,26,home,rash,9,100,Table 1,corroborated
Cork,ISRCTN7,Cork 2003,placebo,placebo,0,26,home,rash,14,101,Table 1,corroborated
Dale,,Dale 2004,drug,drug,20,12,home,rash,0,40,Table 3,
Dale,,Dale 2004,placebo,placebo,0,12,home,rash,0,41,Table 3,
Eger,,Eger 2005,drug,drug,20,12,home,fever,2,30,Table 4,read
Eger,,Eger 2005,placebo,placebo,0,12,home,fever,1,31,Table 4,read
Eger,,Eger 2005,drug,drug,20,12,home,cough,4,30,Table 4,read
Eger,,Eger 2005,placebo,placebo,0,12,home,cough,3,31,Table 4,read
"""

REVIEW = """\
title = "Drug and rash"
authors = "A. Author"
[question]
population = "Adults"
intervention = "Drug"
comparator = "Placebo"
[data]
file = "arms.csv"
[comparison]
treatment = "drug"
control = "placebo"
[[outcome]]
name = "rash"
label = "Any rash"
baseline_risks = [0.05, 0.20]
description = "Rash of any grade"
[[outcome]]
name = "fever"
[[analysis]]
id = "rash"
outcome = "rash"
subgroups = ["setting"]
profile = "trialpool"
comment = "The main question"
[[analysis]]
id = "rash-haenszel"
title = "Any rash, Mantel-Haenszel"
outcome = "rash"
kind = "sensitivity"
method = "mantel-haenszel"
measure = "odds ratio"
[[analysis]]
id = "rash-shared"
title = "Any rash, arms apart"
outcome = "rash"
kind = "post hoc"
multi_arm = "shared"
profile = "trialpool"
[[analysis]]
id = "fever"
outcome = "fever"
profile = "trialpool"
[[published]]
analysis = "rash"
measure = "risk ratio"
estimate = 0.52
conf_low = 0.22
conf_high = 1.00
trials = 4
source = "Publisher 2006"
comment = "In print"
"""


def analysis_of(folder: Path, table: str = TABLE, review: str = REVIEW) -> Analysis:
    """Run a review of a table in a folder."""
    (folder / "arms.csv").write_text(table, encoding="utf-8")
    (folder / "review.toml").write_text(review, encoding="utf-8")
    return run(folder / "review.toml")


def document_of(analysis: Analysis) -> Document:
    """The document of an analysis with its figures."""
    return build_document(analysis, draw_figures(analysis))


def sections(parent: Document | Section) -> Iterator[Section]:
    """Every section, in reading order."""
    for section in parent.sections:
        yield section
        yield from sections(section)


def section(parent: Document | Section, id_: str) -> Section:
    """The section of an id."""
    return next(found for found in sections(parent) if found.id == id_)


def table(parent: Document | Section, id_: str) -> Table:
    """The table of an id."""
    return next(block for block in parent.walk() if isinstance(block, Table) and block.id == id_)


def texts(found: Table) -> list[list[str]]:
    """The words of each row."""
    return [[cell.text for cell in row.cells] for row in found.rows]


def of_type(parent: Document | Section, kind: type[Block]) -> list[Block]:
    """The blocks of a kind."""
    return [block for block in parent.walk() if isinstance(block, kind)]


VOID = {"meta", "link", "br", "hr", "img", "input"}


@dataclass
class Element:
    """An HTML element."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All words in it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, tag: str = "") -> Iterator[Element]:
        """Every element in it, of a tag if one is given, in order."""
        for child in self.children:
            if isinstance(child, Element):
                if not tag or child.tag == tag:
                    yield child
                yield from child.all(tag)

    def first(self, tag: str) -> Element:
        """The first element of a tag."""
        return next(self.all(tag))

    def by_id(self, id_: str) -> Element:
        """The element of an id."""
        return next(found for found in self.all() if found.attributes.get("id") == id_)


class _Parser(HTMLParser):
    """Builds the tree, and refuses what is not closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(page: str) -> Element:
    """The page as a tree; raises where a tag is not closed in order."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert parser.open == [parser.root], f"<{parser.open[-1].tag}> is not closed"
    return parser.root
