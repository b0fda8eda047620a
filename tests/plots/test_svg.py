"""SVG that every reader can parse, that carries its alternative, and in which nothing from outside is markup."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plots.builders import bcg, make_comparison, make_contrast, make_pooled, make_study, weighted

from trialpool.display import clean_text
from trialpool.plots import STYLES, forest, forest_layout, forest_svg
from trialpool.plots.scene import Circle, Group, Polygon, Rectangle, Rule, Scene
from trialpool.plots.svg import svg_document
from trialpool.plots.text import Text

NAMESPACE = "{http://www.w3.org/2000/svg}"


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def scene(*shapes, title="Title", description="Description") -> Scene:
    return Scene(200.0, 100.0, title, description, shapes)


def test_each_shape_is_drawn():
    root = parse(
        svg_document(
            scene(
                Rule(1, 2, 3.456, 4, "#111", 0.5, "2 3"),
                Rectangle(1, 2, 4, 8, "#222"),
                Polygon(((0, 0), (1, 0.5), (0, 1)), "#333", "#444"),
                Circle(5, 6, 7, "#555", opacity=0.5),
                Text(1, 2, "abc", 10, "#666", bold=True, anchor="end", full="abcdef"),
                Group((Rectangle(0, 0, 1, 1, "#777"),), "what it is"),
            ),
            embed_font=False,
        )
    )
    tags = [element.tag.removeprefix(NAMESPACE) for element in root]
    assert tags == ["title", "desc", "rect", "line", "rect", "polygon", "circle", "text", "g"]
    line, rectangle, polygon, circle, text, group = list(root)[3:]
    assert line.attrib == {
        "x1": "1",
        "y1": "2",
        "x2": "3.46",
        "y2": "4",
        "stroke": "#111",
        "stroke-width": "0.5",
        "stroke-dasharray": "2 3",
    }
    assert (rectangle.get("width"), rectangle.get("height")) == ("3", "6")
    assert (polygon.get("points"), polygon.get("stroke")) == ("0,0 1,0.5 0,1", "#444")
    assert (circle.get("r"), circle.get("fill-opacity"), circle.get("stroke")) == ("7", "0.5", None)
    assert (text.text, text.get("text-anchor"), text.get("font-weight")) == ("abc", "end", "700")
    assert text.find(f"{NAMESPACE}title").text == "abcdef"
    assert group.find(f"{NAMESPACE}title").text == "what it is"


def test_the_alternative_is_named_by_identifiers_of_its_own():
    one, other = (svg_document(scene(title=title), embed_font=False) for title in ("One", "Other"))
    for svg, title in ((one, "One"), (other, "Other")):
        root = parse(svg)
        assert root.get("role") == "img"
        names = root.get("aria-labelledby").split()
        by_identifier = {element.get("id"): element.text for element in root if element.get("id")}
        assert [by_identifier[name] for name in names] == [title, "Description"]
    assert parse(one).get("aria-labelledby") != parse(other).get("aria-labelledby")


def test_the_font_is_embedded_or_not():
    layout = forest_layout(bcg())
    embedded, inline = forest_svg(layout), forest_svg(layout, embed_font=False)
    assert embedded.count("@font-face") == 2
    assert "@font-face" not in inline
    assert "<style" not in inline
    assert len(inline) < 20_000
    assert forest(bcg()).svg == embedded
    assert forest(bcg()).inline_svg == inline


def test_the_same_data_give_the_same_bytes():
    assert forest(bcg()).svg == forest(bcg()).svg


@settings(max_examples=60)
@given(st.text(max_size=60), st.sampled_from(STYLES))
def test_no_text_from_outside_becomes_markup(text, style):
    hostile = f'"><script>alert("{text}")</script><!--'
    study = make_study(make_contrast(hostile))
    comparison = make_comparison([study.contrast] * 2, outcome=hostile, treatment=hostile, control=hostile)
    root = parse(forest(make_pooled(weighted([study, study]), comparison=comparison), style=style).inline_svg)
    assert {element.tag.removeprefix(NAMESPACE) for element in root.iter()} <= {
        *("svg", "title", "desc", "rect", "line", "polygon", "g", "text")
    }
    assert root.find(f"{NAMESPACE}title").text == clean_text(hostile)


def test_every_text_of_the_layout_is_drawn_and_every_number_is_plain():
    layout = forest_layout(bcg())
    svg = forest_svg(layout, embed_font=False)
    drawn = [element.text for element in parse(svg).iter(f"{NAMESPACE}text")]
    assert sorted(drawn) == sorted(text.text for text in layout.texts)
    for value in re.findall(r' (?:x|y|x1|y1|x2|y2|width|height|r|cx|cy)="([^"]*)"', svg):
        assert re.fullmatch(r"-?\d+(\.\d{1,2})?", value), value


def test_the_header_and_the_marks_have_the_colours_of_the_style():
    for style in STYLES:
        layout = forest_layout(bcg(), style=style)
        svg = forest_svg(layout, embed_font=False)
        palette = layout.style.palette
        for colour in (palette.square, palette.diamond, palette.prediction, palette.header or palette.text):
            assert f'"{colour}"' in svg


@pytest.mark.parametrize("style", STYLES)
def test_text_is_readable_on_white(style):
    def luminance(colour: str) -> float:
        channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    palette = forest_layout(bcg(), style=style).style.palette
    for colour in (palette.text, palette.muted, palette.differs):
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5
    if palette.header:
        assert (luminance(palette.header) + 0.05) / (luminance(palette.text) + 0.05) >= 4.5


def test_a_stretched_picture_keeps_its_drawing():
    root = parse(svg_document(scene(), embed_font=False, size=(300, 99.99)))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("300", "99.99", "0 0 200 100")
    assert root.get("preserveAspectRatio") == "none"


def test_the_title_follows_the_layout():
    layout = replace(forest_layout(bcg()), title="A & B")
    assert "<title id=" in forest_svg(layout)
    assert "A &amp; B" in forest_svg(layout)
