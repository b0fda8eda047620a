"""A pooled result as a reader sees it: in a terminal and in a notebook, the same."""

from __future__ import annotations

import html
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from harmonise.builders import make_comparison

from trialpool.effects import Measure
from trialpool.pool import InverseVariance, MantelHaenszel, Method, Peto, Pooled, make_request, pool_request
from trialpool.pool.text import heterogeneity_text, pooled_html, pooled_text, study_rows, summary_lines

TABLES = make_comparison((4, 100, 11, 90), (30, 200, 12, 100), (0, 150, 5, 160), (20, 90, 40, 85), (0, 20, 0, 22))
COMMON = InverseVariance(model="common")


def pooled(measure: Measure | None = None, method: Method | None = None, conf_level: float = 0.95) -> Pooled:
    return pool_request(TABLES, make_request(measure=measure, method=method, conf_level=conf_level))


def known(result: Pooled, estimate: float, low: float, high: float) -> Pooled:
    """The same result with an effect that is known, on the displayed scale of a ratio."""
    values = dict(zip(("estimate", "conf_low", "conf_high"), map(math.log, (estimate, low, high)), strict=True))
    return replace(result, **values)


def hostile() -> Pooled:
    comparison = replace(
        TABLES,
        outcome="rash\x1b[31m",
        treatments=("<b>drug</b>",),
        contrasts=tuple(replace(c, label=f'<script>alert("{c.label}")</script>') for c in TABLES.contrasts),
    )
    return pool_request(comparison, make_request())


# --- the table of studies --------------------------------------------------------------------------------------------


def test_each_study_has_its_counts_effect_and_weight():
    headers, rows = study_rows(pooled())
    assert headers == ("Study", "drug", "placebo", "RR (95 % CI)", "Weight")
    # 4/100 over 11/90 is 0.327; exp(log 0.327 -/+ 1.96 sqrt(1/4 - 1/100 + 1/11 - 1/90)) is 0.108 and 0.991
    assert rows[0][:4] == ("A", "4/100", "11/90", "0.33 (0.11 to 0.99)")
    assert [row[0] for row in rows] == list("ABCDE")
    assert sum(float(row[4].removesuffix("%")) for row in rows if row[4] != "-") == pytest.approx(100, abs=0.1)


def test_study_without_an_effect_is_listed_as_such():
    _, rows = study_rows(pooled())
    assert rows[2] == ("C", "0/150", "5/160", "not estimable", "-")
    assert rows[4] == ("E", "0/20", "0/22", "not estimable", "-")


def test_study_that_contributes_without_an_effect_of_its_own_has_a_weight():
    _, rows = study_rows(pooled(method=MantelHaenszel()))
    assert rows[2][3] == "not estimable"
    assert rows[2][4].endswith("%")


@pytest.mark.parametrize(
    ("measure", "level", "heading"),
    [
        ("risk ratio", 0.9, "RR (90 % CI)"),
        ("odds ratio", 0.95, "OR (95 % CI)"),
        ("risk difference", 0.99, "RD (99 % CI)"),
        ("Peto odds ratio", 0.999, "Peto OR (99.9 % CI)"),
    ],
)
def test_heading_names_measure_and_level(measure, level, heading):
    assert study_rows(pooled(measure, conf_level=level))[0][3] == heading


def test_split_control_shows_its_fraction():
    split = replace(TABLES, contrasts=(replace(TABLES.contrasts[0], n_control=45.5), *TABLES.contrasts[1:]))
    assert study_rows(pool_request(split, make_request()))[1][0][2] == "11/45.5"


# --- the lines below -------------------------------------------------------------------------------------------------


def test_result_is_shown_on_the_scale_of_the_measure():
    result = known(pooled(), 0.98, 0.83, 1.16)
    assert summary_lines(result)[0].startswith("Risk ratio 0.98 (0.83 to 1.16), t(2) = ")
    assert summary_lines(result)[0].endswith("; 3 of 5 studies contribute")


def test_differences_are_shown_as_they_are():
    result = replace(pooled("risk difference"), estimate=-0.25, conf_low=-0.5, conf_high=0.125)
    assert summary_lines(result)[0].startswith("Risk difference \N{MINUS SIGN}0.25 (\N{MINUS SIGN}0.50 to 0.12")


def test_normal_distribution_is_z():
    assert re.search(r"\), z = \S+, p [=<] ", summary_lines(pooled(method=COMMON))[0])


def test_prediction_interval_where_there_is_one():
    assert any(line.startswith("Prediction interval (") for line in summary_lines(pooled()))
    assert not any("rediction interval (" in line for line in summary_lines(pooled(method=COMMON)))


def test_heterogeneity_with_and_without_tau2():
    random, common = pooled().heterogeneity, pooled(method=COMMON).heterogeneity
    assert random is not None
    assert common is not None
    assert re.fullmatch(
        r"Heterogeneity: tau2 = \S+ \(\S+ to \S+\); I2 = \S+%; Q = \S+, df = 2, p [=<] \S+", heterogeneity_text(random)
    )
    assert heterogeneity_text(common).startswith("Heterogeneity: I2 = ")


def test_heterogeneity_is_left_out_where_there_is_none():
    result = replace(pooled(), heterogeneity=None)
    assert not any(line.startswith("Heterogeneity") for line in summary_lines(result))


@pytest.mark.parametrize("method", [InverseVariance(), COMMON, MantelHaenszel(), Peto()])
def test_method_is_named_in_full(method):
    result = pooled(method=method)
    assert summary_lines(result)[-1] == f"Method: {result.request}"
    assert "zero-cell correction" in summary_lines(result)[-1]


# --- text and HTML say the same --------------------------------------------------------------------------------------


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def read(fragment: str) -> Reader:
    reader = Reader()
    reader.feed(fragment)
    return reader


def test_text_is_title_table_and_lines():
    result = pooled()
    lines = pooled_text(result).splitlines()
    assert str(result) == pooled_text(result)
    assert lines[0] == "rash: drug v placebo"
    assert lines[2].split() == ["Study", "drug", "placebo", "RR", "(95", "%", "CI)", "Weight"]
    assert lines[-3:] == [
        f"{'Warning' if note.level == 'warning' else 'Note'}: {note.message}" for note in result.notes
    ]


@pytest.mark.parametrize("result", [pooled(), pooled("risk difference", MantelHaenszel()), pooled(method=Peto())])
def test_notebook_shows_what_the_terminal_shows(result):
    text, shown = pooled_text(result), read(result._repr_html_())
    assert result._repr_html_() == pooled_html(result)
    squeezed = " ".join(text.split())
    assert shown.texts
    for piece in shown.texts:
        assert " ".join(piece.split()) in squeezed
    for line in text.splitlines()[-len(result.notes) or None :]:
        assert line in shown.texts


def test_text_from_outside_is_data_never_markup():
    shown = read(pooled_html(hostile()))
    assert "script" not in shown.tags
    assert "b" not in shown.tags
    assert '<script>alert("A")</script>' in shown.texts
    assert "<script>" not in pooled_html(hostile())
    assert html.unescape("&lt;b&gt;drug&lt;/b&gt;") in shown.texts


def test_terminal_gets_no_control_characters():
    assert "\x1b" not in pooled_text(hostile())
    assert "<script>" in pooled_text(hostile())
