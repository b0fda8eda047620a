"""The page: self-contained, well-formed, accessible, and the same every time."""

from __future__ import annotations

import itertools
import re
import sys

import pytest
from report.builders import Element, analysis_of, document_of, parse

from trialpool.errors import MissingExtraError
from trialpool.report.html import render_html


@pytest.fixture(scope="module")
def pages(little_page, dupilumab_document):
    """Both pages; parsing shows that every tag is closed in order."""
    return [little_page, parse(render_html(dupilumab_document))]


def attributes(page: Element, name: str) -> list[str]:
    return [element.attributes[name] for element in page.all() if name in element.attributes]


# --- self-contained ---------------------------------------------------------------------------------------------------


def test_page_loads_nothing(pages):
    for page in pages:
        tags = {element.tag for element in page.all()}
        assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "use", "image"}
        assert not attributes(page, "src")
        style = page.first("style").text
        assert "@import" not in style
        assert set(re.findall(r"url\(([a-z]+):", style)) == {"data"}
        assert len(re.findall(r"url\(", style)) == 2


def test_fonts_are_embedded_once(pages):
    for page in pages:
        assert len(list(page.all("style"))) == 1
        assert page.first("style").text.count("@font-face") == 2


def test_page_has_a_strict_content_security_policy(little_page):
    policy = next(m.attributes["content"] for m in little_page.all("meta") if "http-equiv" in m.attributes)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "font-src": "data:",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_page_has_no_event_handler(pages):
    for page in pages:
        assert not [name for element in page.all() for name in element.attributes if name.startswith("on")]


def test_links_leave_the_page_only_where_we_made_them(pages):
    allowed = ("#", "https://clinicaltrials.gov/study/NCT", "https://doi.org/10.", "https://training.cochrane.org/")
    for page in pages:
        assert all(href.startswith(allowed) for href in attributes(page, "href"))


# --- anchors ----------------------------------------------------------------------------------------------------------


def test_ids_are_unique(pages):
    for page in pages:
        ids = attributes(page, "id")
        assert len(ids) == len(set(ids))


def test_every_inner_link_and_label_leads_somewhere(pages):
    for page in pages:
        ids = set(attributes(page, "id"))
        targets = {href[1:] for href in attributes(page, "href") if href.startswith("#")}
        targets |= {id_ for value in attributes(page, "aria-labelledby") for id_ in value.split()}
        assert targets <= ids


def test_every_section_is_in_the_contents(little_page, little_document):
    listed = [link.attributes["href"] for link in little_page.first("nav").all("a")]
    wanted = []
    for section in little_document.sections:
        wanted += [f"#{section.id}", *(f"#{inner.id}" for inner in section.sections)]
    assert listed == wanted


# --- for readers with a keyboard or a screen reader -------------------------------------------------------------------


def test_language_title_and_viewport_are_given(little_page):
    assert little_page.first("html").attributes["lang"] == "en"
    assert little_page.first("title").text == "Drug and rash"
    assert any(m.attributes.get("name") == "viewport" for m in little_page.all("meta"))


def test_landmarks_and_skip_link(little_page):
    for tag in ("header", "nav", "main", "footer"):
        assert len(list(little_page.all(tag))) == 1
    body = little_page.first("body")
    first = next(child for child in body.children if isinstance(child, Element))
    assert (first.tag, first.attributes["href"]) == ("a", "#main")
    assert little_page.first("main").attributes == {"id": "main", "tabindex": "-1"}


def test_headings_are_in_order(pages):
    for page in pages:
        levels = [int(element.tag[1]) for element in page.all() if re.fullmatch(r"h[1-6]", element.tag)]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_tables_have_captions_and_scopes(pages):
    for page in pages:
        for found in page.all("table"):
            assert found.first("caption").text.startswith("Table ")
            for header in found.all("th"):
                assert header.attributes["scope"] in {"col", "colgroup", "row", "rowgroup"}
            bodies = [row for body in found.all("tbody") for row in body.all("tr")]
            assert all(any(True for _ in row.all("th")) or covered(found, row) for row in bodies)


def covered(found: Element, row: Element) -> bool:
    """Whether a header of an earlier row reaches down to this one."""
    body = next(body for body in found.all("tbody") if row in list(body.all("tr")))
    rows = list(body.all("tr"))
    at = next(i for i, other in enumerate(rows) if other is row)
    return any(
        int(header.attributes.get("rowspan", "1")) > at - i
        for i, other in enumerate(rows[:at])
        for header in other.all("th")
    )


def test_tables_are_numbered_in_order(pages):
    for page in pages:
        for tag, word in (("caption", "Table"), ("figcaption", "Figure")):
            numbers = [int(re.match(rf"{word} (\d+)\.", element.text)[1]) for element in page.all(tag)]
            assert numbers == list(range(1, len(numbers) + 1))


def test_wide_things_scroll_in_a_region_of_their_own_that_a_keyboard_reaches(pages):
    for page in pages:
        regions = [e for e in page.all("div") if e.attributes.get("class") == "scroll"]
        assert len(regions) == len(list(page.all("table"))) + len(list(page.all("figure")))
        for region in regions:
            assert region.attributes["role"] == "region"
            assert region.attributes["tabindex"] == "0"
            assert region.attributes["aria-labelledby"]


def test_pictures_have_names_descriptions_and_a_table(pages):
    for page in pages:
        for figure in page.all("figure"):
            svg = figure.first("svg")
            title_id, description_id = svg.attributes["aria-labelledby"].split()
            assert svg.attributes["role"] == "img"
            assert page.by_id(title_id).text
            assert len(page.by_id(description_id).text) > 30
            assert list(figure.all("figcaption"))


def test_shapes_of_badges_are_not_read_aloud(little_page):
    marks = [e for e in little_page.all("span") if e.attributes.get("class") == "mark"]
    assert marks
    assert all(mark.attributes["aria-hidden"] == "true" for mark in marks)
    badges = [e for e in little_page.all("span") if e.attributes.get("class", "").startswith("badge alarm")]
    assert all(badge.text.strip("\N{BLACK UP-POINTING TRIANGLE}") for badge in badges)


def test_reference_numbers_say_what_they_are(little_page):
    marks = list(little_page.all("sup"))
    assert marks
    assert all("reference " in mark.text for mark in marks)


def test_only_neighbouring_numbers_are_separated_by_a_comma(little_page):
    methods = little_page.by_id("methods").text.replace("reference ", "")
    assert "never narrower than Wald's (Any rash; Any rash, arms apart; fever).4,5,6 Odds" in methods
    assert ".," not in methods


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("ink", "paper"), ("muted", "paper"), ("muted", "faint"), ("accent", "paper"), ("accent", "faint"),
        ("good", "good-paper"), ("caution", "caution-paper"), ("alarm", "alarm-paper"), ("ink", "alarm-paper"),
    ],
)  # fmt: skip
def test_contrast_is_enough_for_small_text(little_page, ink, paper):
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", little_page.first("style").text))
    light, dark = luminance(colours[paper]), luminance(colours[ink])
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_focus_is_visible_and_print_is_prepared(little_page):
    style = little_page.first("style").text
    assert ":focus-visible { outline: 3px" in style
    assert "@media print" in style
    assert "prefers-reduced-motion" in style


# --- the page as text -------------------------------------------------------------------------------------------------


def test_same_document_same_page(little_document):
    assert render_html(little_document) == render_html(little_document)


def test_page_names_no_folder_and_no_day(little, little_document):
    page = render_html(little_document)
    assert little.review.folder not in page
    assert not re.search(r"\b20\d\d-\d\d-\d\dT", page)


def test_spaces_around_runs_are_kept_and_control_characters_are_not(tmp_path):
    from report.builders import TABLE

    page = parse(render_html(document_of(analysis_of(tmp_path, TABLE))))
    assert "Any rash (fewer" not in page.text  # the description stands between
    assert "Outcome: fever (fewer events are better)" in page.text
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e]", page.text)


def test_without_jinja_the_error_names_the_extra(little_document, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"the report needs the package 'jinja2'.*trialpool\[report\]"):
        render_html(little_document)
