"""Numbers to text, text to tables: what a reader sees is never wrong, never unsafe, never out of line."""

from __future__ import annotations

import math
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.display import (
    clean_text,
    decimals_of_width,
    escape_html,
    format_count,
    format_estimate,
    format_interval,
    format_number,
    format_p_value,
    format_percent,
    html_table,
    p_value_phrase,
    plural,
    sentence_case,
    text_table,
    typographic,
)


def read_back(text: str) -> float:
    return float(text.replace("−", "-").replace("∞", "inf"))


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.983, 2, "0.98"),
        (-1.5, 2, "−1.50"),
        (0.0, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (0.0, 0, "0"),
        (0.5, 0, "0.5"),
        (0.0951, 2, "0.10"),
        (0.01, 2, "0.01"),
        (0.0099, 2, "0.01"),
        (0.0051, 2, "0.005"),
        (0.0004, 2, "0.0004"),
        (0.00004, 2, "4e−5"),
        (-0.00004, 2, "−4e−5"),
        (99.949, 2, "99.95"),
        (99.96, 2, "100.0"),
        (345.67, 2, "345.7"),
        (345.67, 0, "346"),
        (999.6, 2, "1000"),
        (12000.0, 2, "12000"),
        (999_999.4, 2, "999999"),
        (1_234_567.0, 2, "1.2e6"),
        (1e300, 2, "1.0e300"),
        (math.inf, 2, "∞"),
        (-math.inf, 2, "−∞"),
        (None, 2, "–"),
    ],
)
def test_a_number_keeps_the_digits_a_reader_needs(value, digits, shown):
    assert format_number(value, digits) == shown


def test_a_number_that_is_none_is_refused():
    with pytest.raises(ValueError, match="NaN"):
        format_number(math.nan)


@given(st.floats(1e-300, 1e300), st.integers(0, 6))
def test_a_shown_number_is_near_the_number(value, digits):
    shown = read_back(format_number(value, digits))
    assert shown == pytest.approx(value, rel=0.5, abs=0.51 * 10.0**-digits if value >= 10.0**-digits else 0)
    assert shown > 0


@given(st.floats(allow_nan=False))
def test_the_sign_is_a_minus_sign_and_symmetric(value):
    shown = format_number(value)
    assert "-" not in shown
    assert format_number(-value).removeprefix("−") == shown.removeprefix("−")


@pytest.mark.parametrize(
    ("low", "high", "style", "shown"),
    [
        (0.83, 1.16, "to", "(0.83 to 1.16)"),
        (0.83, 1.16, "dash", "(0.83–1.16)"),
        (0.83, 1.16, "brackets", "[0.83, 1.16]"),
        (-0.1, 0.2, "dash", "(−0.10 to 0.20)"),
        (0.0008, 3.28, "to", "(0.0008 to 3.28)"),
        (0.5, math.inf, "to", "(0.50 to ∞)"),
        (None, None, "to", "(– to –)"),
    ],
)
def test_intervals_follow_the_journal(low, high, style, shown):
    assert format_interval(low, high, style=style) == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((0.98, 0.83, 1.16), "0.98 (0.83 to 1.16)"),
        ((0.00001, -0.012, 0.012), "0.000 (−0.012 to 0.012)"),
        ((-0.00001, -0.012, 0.012), "0.000 (−0.012 to 0.012)"),
        ((0.0009, -0.0008, 0.0025), "0.0009 (−0.0008 to 0.0025)"),
        ((-0.2, -0.35, -0.05), "−0.20 (−0.35 to −0.05)"),
        ((0.05, 0.0008, 3.28), "0.05 (0.0008 to 3.28)"),
        ((None, None, None), "– (– to –)"),
    ],
)
def test_an_estimate_has_the_digits_its_interval_gives_it(values, shown):
    assert format_estimate(*values) == shown


@pytest.mark.parametrize(
    ("width", "digits", "decimals"), [(0.33, 2, 2), (0.0038, 2, 4), (12.0, 3, 3), (0.0, 2, 2), (math.inf, 2, 2)]
)
def test_decimals_follow_the_width(width, digits, decimals):
    assert decimals_of_width(width, digits) == decimals


@pytest.mark.parametrize(
    ("p", "shown", "phrase"),
    [
        (0.0, "<0.001", "p < 0.001"),
        (0.00099, "<0.001", "p < 0.001"),
        (0.001, "0.001", "p = 0.001"),
        (0.0312, "0.031", "p = 0.031"),
        (0.0496, "0.050", "p = 0.050"),
        (0.0994, "0.099", "p = 0.099"),
        (0.0996, "0.10", "p = 0.10"),
        (0.456, "0.46", "p = 0.46"),
        (0.991, ">0.99", "p > 0.99"),
        (1.0, ">0.99", "p > 0.99"),
        (None, "–", "p = –"),
    ],
)
def test_p_values_are_never_zero_and_never_one(p, shown, phrase):
    assert format_p_value(p) == shown
    assert p_value_phrase(p) == phrase


def test_a_p_value_may_drop_its_zero_and_change_its_letter():
    assert format_p_value(0.02, leading_zero=False) == ".020"
    assert format_p_value(0.0002, leading_zero=False) == "<.001"
    assert p_value_phrase(0.0002, symbol="P", leading_zero=False) == "P < .001"


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_what_is_no_p_value_is_refused(p):
    with pytest.raises(ValueError, match="not a p-value"):
        format_p_value(p)


@pytest.mark.parametrize(
    ("count", "shown"), [(111.0, "111"), (55.5, "55.5"), (18.333333, "18.3"), (17.98, "18"), (0, "0")]
)
def test_counts_show_a_fraction_only_where_there_is_one(count, shown):
    assert format_count(count) == shown


@pytest.mark.parametrize(
    ("share", "digits", "shown"),
    [
        (0.1234, 1, "12.3%"),
        (0.62, 0, "62%"),
        (0.0, 1, "0.0%"),
        (0.0001, 1, "<0.1%"),
        (0.004, 0, "<1%"),
        (1.0, 1, "100.0%"),
        (-0.05, 1, "−5.0%"),
        (None, 1, "–"),
    ],
)
def test_percentages(share, digits, shown):
    assert format_percent(share, digits) == shown


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "noun", "shown"),
    [(1, "study", "1 study"), (0, "study", "0 studies"), (2, "trial", "2 trials"), (1, "trial", "1 trial")],
)
def test_nouns_follow_their_count(count, noun, shown):
    assert plural(count, noun) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tau2 by DL; I2 from tau2", "τ² by DL; I² from τ²"),
        ("t with k - 2 df", "t with k − 2 df"),
        ("DerSimonian-Laird; I20", "DerSimonian-Laird; I20"),
    ],
)
def test_statistics_are_spelled_as_in_print(text, shown):
    assert typographic(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("myocardial infarction", "Myocardial infarction"),
        ("eGFR decline", "eGFR decline"),
        ("Any", "Any"),
        ("", ""),
        ("5 mg", "5 mg"),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_its_word_has_its_own(text, shown):
    assert sentence_case(text) == shown


# --- text from outside -----------------------------------------------------------------------------------------------


@given(st.text())
def test_clean_text_is_one_printable_line_and_stays_clean(text):
    cleaned = clean_text(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in cleaned)
    assert "\n" not in cleaned
    assert cleaned == cleaned.strip()
    assert clean_text(cleaned) == cleaned
    cleaned.encode("utf-8")


def test_clean_text_shows_what_it_replaces_and_drops_what_turns_the_reading_direction():
    assert clean_text("a\x00b") == "a\ufffdb"
    assert clean_text("abc\u202edcba") == "abcdcba"
    assert clean_text("\u200e a  b\u200f ") == "a b"
    assert clean_text("  Müller \u2028\n 2004 ") == "Müller 2004"
    assert clean_text("p\u00a0=\u00a00.02\u2009†") == "p\u00a0=\u00a00.02\u2009†"
    assert clean_text("e\u0301") == "\u00e9"


@given(st.text())
def test_escaped_text_is_read_back_by_an_xml_parser(text):
    element = ET.fromstring(f'<a b="{escape_html(text)}">{escape_html(text)}</a>')
    assert (element.text or "") == clean_text(text)
    assert element.get("b") == clean_text(text)


# --- tables ----------------------------------------------------------------------------------------------------------


def test_a_text_table_is_aligned():
    table = text_table(["study", "n", "effect"], [["Aronson", 4, "0.41"], ["Hart & Sutherland", 13598, "0.2"]], "lrl")
    assert table.splitlines() == [
        "study                  n  effect",
        "-----------------  -----  ------",
        "Aronson                4  0.41",
        "Hart & Sutherland  13598  0.2",
    ]


def test_wide_letters_take_two_columns_and_accents_none():
    lines = text_table(["a", "n"], [["東京", 1], ["q\u0301x", 2]]).splitlines()
    assert lines[2] == "東京  1"
    assert lines[3] == "q\u0301x    2"


@given(st.lists(st.tuples(st.text(max_size=20), st.integers()), min_size=1, max_size=5))
def test_a_text_table_has_a_line_per_row_whatever_its_cells(rows):
    assert len(text_table(["a", "b"], rows).split("\n")) == len(rows) + 2


class Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), ""))

    def handle_data(self, data):
        tag, attrs, text = self.found[-1]
        self.found[-1] = (tag, attrs, text + data)


def test_an_html_table_has_caption_scopes_and_escaped_cells():
    parser = Cells()
    parser.feed(html_table(["study", "n"], [["<script>alert(1)</script>", 3]], caption="Trials & arms"))
    assert [
        (tag, attrs, text) for tag, attrs, text in parser.found if tag not in {"table", "thead", "tbody", "tr"}
    ] == [
        ("caption", {}, "Trials & arms"),
        ("th", {"scope": "col"}, "study"),
        ("th", {"scope": "col", "class": "number"}, "n"),
        ("th", {"scope": "row"}, "<script>alert(1)</script>"),
        ("td", {"class": "number"}, "3"),
    ]


def test_an_html_table_without_caption_has_no_empty_one():
    assert "<caption>" not in html_table(["a"], [])


@pytest.mark.parametrize("make", [text_table, html_table])
@pytest.mark.parametrize(
    ("headers", "rows", "align", "problem"),
    [
        ([], [], None, "at least one column"),
        (["a", "b"], [["1", "2"], ["1"]], None, "row 1 of a table has 1 cells, its header 2"),
        (["a", "b"], [], "l", "for each of 2 columns"),
        (["a"], [], "c", "does not give one of 'l' and 'r'"),
    ],
)
def test_a_table_that_does_not_fit_together_is_refused(make, headers, rows, align, problem):
    with pytest.raises(ValueError, match=re.escape(problem)):
        make(headers, rows, align)
