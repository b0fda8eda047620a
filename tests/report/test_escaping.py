"""Text from outside is text, wherever it comes out: no tag, attribute, link or formula is made of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from report.builders import HEADER, analysis_of, parse

from trialpool.report import report_contents

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><script>x</script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "a & b &amp; <b>c</b>",
    "' onmouseover='alert(1)",
    "]]><!-- -->",
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe",
    "=1+1",
]
MARK = "Placeholder"


def table_with(text: str) -> str:
    """A table with the text in every column of text; trials and arms stay apart by what follows it."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER.split(","))
    for trial in range(4):
        for side in ("drug", "other drug", "placebo")[0 if trial == 0 else 1 :]:
            treatment = "placebo" if side == "placebo" else "drug"
            row = [
                f"{text} {trial}",
                f"{text} r",
                f"{text} p",
                f"{text} {side}",
                f"{text} {treatment}",
                f"{text} d",
                12,
            ]
            events = 0 if trial == 3 else 5 + trial
            writer.writerow([*row, f"{text} s", f"{text} o", events, 50, f"{text} source", "unverified"])
    return stream.getvalue()


def review_with(text: str) -> str:
    return f"""\
title = "{text} t"
authors = "{text} a"
[question]
population = "{text} q"
intervention = "{text} q"
comparator = "{text} q"
[data]
file = "arms.csv"
left_out = "excluded.csv"
[comparison]
treatment = "{text} drug"
control = "{text} placebo"
[[outcome]]
name = "{text} o"
label = "{text} label"
description = "{text} description"
[[analysis]]
id = "x"
title = "{text} title"
outcome = "{text} o"
subgroups = ["setting"]
comment = "{text} comment"
[[published]]
analysis = "x"
estimate = 1
conf_low = 0.5
conf_high = 2
source = "{text} source"
comment = "{text} in print"
"""


def replaced(value: Any, text: str) -> Any:
    """The same records with the text wherever the mark stands: readers refuse much of it, the report must not rely on that."""
    if isinstance(value, str):
        return value.replace(MARK, text)
    if isinstance(value, tuple):
        return tuple(replaced(item, text) for item in value)
    if isinstance(value, Mapping):
        return {replaced(key, text): replaced(item, text) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: replaced(getattr(value, f.name), text) for f in fields(value) if f.init}
        return replace(value, **changed)
    return value


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("marked")
    words = ",".join(f"{MARK} {word}" for word in ("left out", "entry", "o", "named", "because"))
    (folder / "excluded.csv").write_text(f"trial,registry_id,outcome,title,reason\n{words}\n")
    return analysis_of(folder, table_with(MARK), review_with(MARK))


@pytest.fixture(scope="module", params=HOSTILE, ids=range(len(HOSTILE)))
def hostile(request, marked):
    return request.param, report_contents(replaced(marked, request.param))


def test_mark_stood_in_every_part(marked, hostile):
    """Else the other tests would show nothing."""
    assert MARK not in hostile[1]["report.html"].decode()
    assert report_contents(marked)["report.html"].decode().count(MARK) > 150


def test_page_is_made_of_our_own_tags_alone(hostile, little_page):
    page = parse(hostile[1]["report.html"].decode())
    own = {element.tag for element in little_page.all()}
    assert {element.tag for element in page.all()} <= own
    known = {name for element in little_page.all() for name in element.attributes}
    assert {name for element in page.all() for name in element.attributes} <= known


def test_text_is_there_as_text(hostile):
    text, contents = hostile
    page = parse(contents["report.html"].decode())
    shown = text.replace("\N{RIGHT-TO-LEFT OVERRIDE}", "")
    assert page.first("title").text == f"{shown} t"
    assert page.first("h1").text == f"{shown} t"
    main = page.first("main").text
    for word in (
        "q",
        "label",
        "description",
        "title",
        "comment.",
        "source",
        "0",
        "drug",
        "p",
        "r",
        "in print.",
        "s",
        "d",
    ):
        assert f"{shown} {word}".casefold() in main.casefold(), word


def test_no_link_is_made_of_it(hostile):
    page = parse(hostile[1]["report.html"].decode())
    hrefs = [element.attributes["href"] for element in page.all() if "href" in element.attributes]
    assert all(href.startswith(("#", "https://doi.org/10.", "https://training.cochrane.org/")) for href in hrefs)


def test_figures_are_made_of_our_own_tags_alone(hostile):
    for name, data in hostile[1].items():
        if name.endswith(".svg"):
            tags = {element.tag for element in parse(data.decode()).all()}
            assert tags <= {"svg", "title", "desc", "style", "rect", "line", "polygon", "circle", "text", "g"}, name


def test_page_and_figures_hold_no_mark_that_turns_the_reading_direction(hostile):
    for name, data in hostile[1].items():
        if name.endswith((".html", ".svg")):
            assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in data.decode()


def test_json_keeps_the_text_as_it_was(hostile):
    text, contents = hostile
    assert json.loads(contents["results.json"])["title"] == f"{text} t"


def test_file_names_are_safe(hostile):
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-./") and ".." not in name for name in hostile[1])


# --- tables and links -------------------------------------------------------------------------------------------------


def test_formula_in_a_table_is_not_run_by_a_spreadsheet(hostile):
    for name, data in hostile[1].items():
        if name.endswith(".csv"):
            for row in csv.reader(io.StringIO(data.decode(), newline="")):
                assert not [cell for cell in row if cell.startswith(("=", "@", "+"))], name


def test_tables_hold_as_many_cells_as_columns(hostile):
    for name, data in hostile[1].items():
        if name.endswith(".csv"):
            header, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
            assert {len(row) for row in rows} <= {len(header)}


def test_half_a_surrogate_pair_is_no_obstacle(marked):
    contents = report_contents(replaced(marked, "\ud800"))
    assert contents["report.html"].decode()
    assert json.loads(contents["results.json"])["title"] == "? t"
