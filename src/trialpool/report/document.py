"""The report as data: sections of paragraphs, tables and figures. No HTML here, and nothing is computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from trialpool.plots import Figure

__all__ = [
    "Block",
    "Bullets",
    "Cell",
    "Code",
    "Column",
    "Details",
    "Document",
    "Drawing",
    "Inline",
    "Inlines",
    "Notice",
    "Paragraph",
    "Row",
    "RowGroup",
    "Section",
    "Table",
    "Tone",
    "cell",
    "inlines",
    "plain_text",
]

_LONGEST_WORD = 28

Tone = Literal["neutral", "good", "caution", "alarm"]
"""What a badge says at a glance; its text says it too, so that colour is never alone."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A run of text.

    Attributes
    ----------
    text : str
    kind : {"text", "strong", "small", "code", "link", "cite", "badge"}
        ``link`` and ``cite`` (a raised reference number) have a ``href``, ``badge`` has a ``tone``.
    href : str
        An anchor of this page (``#...``) or a web address that we made; never text from outside.
    tone : Tone
    """

    text: str
    kind: Literal["text", "strong", "small", "code", "link", "cite", "badge"] = "text"
    href: str = ""
    tone: Tone = "neutral"


Inlines = tuple[Inline, ...]


def inlines(*parts: str | Inline) -> Inlines:
    """Texts and runs as runs.

    >>> inlines("a ", Inline("b", "strong"))[0]
    Inline(text='a ', kind='text', href='', tone='neutral')
    """
    return tuple(Inline(part) if isinstance(part, str) else part for part in parts if part != "")


def plain_text(content: Iterable[Inline]) -> str:
    """The words of some runs."""
    return "".join(run.text for run in content)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; ``lead`` is set larger, ``small`` smaller."""

    content: Inlines
    kind: Literal["plain", "lead", "small"] = "plain"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reader must not miss, set apart from the text; ``label`` is its first word."""

    label: str
    content: Inlines
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; where ``numbered``, each item has an anchor made from ``prefix`` and its number."""

    items: tuple[Inlines, ...]
    numbered: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A command to type."""

    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: one or more lines, over ``rows`` rows and ``columns`` columns."""

    lines: tuple[Inlines, ...]
    rows: int = 1
    columns: int = 1

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(plain_text(line) for line in self.lines)

    @property
    def has_long_word(self) -> bool:
        """Whether a word is so long that it has to be broken."""
        return any(len(word) > _LONGEST_WORD for word in self.text.split())


def cell(*parts: str | Inline, rows: int = 1, columns: int = 1) -> Cell:
    """A cell of one line."""
    return Cell((inlines(*parts),), rows, columns)


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; numbers are set right. Neighbours with the same ``over`` share that heading above their own."""

    heading: str
    align: Literal["left", "right"] = "left"
    over: str = ""
    wrap: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row; the first cell that begins in it is its header. ``first`` is the column that its cells begin in."""

    cells: tuple[Cell, ...]
    anchor: str = ""
    kind: Literal["plain", "total"] = "plain"
    first: int = 0


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows that belong together, under a heading if there is one."""

    rows: tuple[Row, ...]
    heading: Inlines = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; ``notes`` stand below it."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    groups: tuple[RowGroup, ...]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows."""
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def two_headings(self) -> bool:
        """Whether any column has a shared heading above its own."""
        return any(column.over for column in self.columns)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with its caption; ``table`` is the id of the table with the same numbers."""

    id: str
    caption: Inlines
    figure: Figure
    table: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """Blocks that a reader opens."""

    summary: str
    blocks: tuple[Block, ...]


Block = Paragraph | Notice | Bullets | Code | Table | Drawing | Details


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its anchor; ``badges`` stand after the heading."""

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    badges: Inlines = ()

    def walk(self) -> Iterator[Block]:
        """Every block in it, those of details and inner sections too."""
        for block in self.blocks:
            yield block
            if isinstance(block, Details):
                yield from block.blocks
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True, slots=True)
class Document:
    """The whole report."""

    title: str
    authors: str
    lead: str
    sections: tuple[Section, ...]
    colophon: str

    def walk(self) -> Iterator[Block]:
        """Every block, in reading order."""
        for section in self.sections:
            yield from section.walk()

    def numbers(self) -> dict[str, int]:
        """The number of each table and of each figure, by its id."""
        tables = [block.id for block in self.walk() if isinstance(block, Table)]
        figures = [block.id for block in self.walk() if isinstance(block, Drawing)]
        return {id_: number for ids in (tables, figures) for number, id_ in enumerate(ids, 1)}
