"""Studies whose events are known within bounds: their range is drawn as an open bar, and never looks like an interval."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plots.builders import make_comparison, make_contrast, make_pooled, make_request, make_study, without_pooled
from plots.test_forest_layout import assert_well_laid_out, texts

from trialpool.plots import STYLES, ForestData, forest_layout, forest_svg
from trialpool.pool import IntervalCensored, StudyResult
from trialpool.trials import Bounded, Contrast, Piece

REQUEST = make_request("odds ratio", IntervalCensored())
KNOWN = [make_study(make_contrast(f"Known {i}", (8 + i, 99, 5, 95)), "odds ratio") for i in range(4)]


def bounded(label, treatment, control, *, contributes=True) -> StudyResult:
    """A study within bounds, (low, high, n) for each side, as the likelihood hands it on: without effect and weight."""
    bounds = Bounded((Piece(*treatment),), (Piece(*control),))
    contrast = Contrast(label, label, "drug", "placebo", None, treatment[2], None, control[2], bounds=bounds)
    return StudyResult(contrast, None, None, None, None, contributes, None, f"bounds of {label}", (0.0, 0.0))


def pooled(*studies, request=REQUEST):
    own = [replace(study, contributes=True) for study in KNOWN]
    return make_pooled([*own, *studies], request, comparison=make_comparison(s.contrast for s in [*own, *studies]))


def open_bars(layout):
    """The open bars, by the label of the row they stand in."""
    rows = [row for row in layout.rows if row.kind != "statistics"]
    marks = [mark for mark in layout.marks if mark.shape == "open bar"]
    return {rows[mark.row].cells["study"][0].text.split("\N{THIN SPACE}")[0]: mark for mark in marks}


BETWEEN = bounded("Between", (7, 14, 237), (2, 9, 239))
MORE = bounded("More", (5, 8, 100), (0, 3, 100))
LESS = bounded("Less", (0, 3, 100), (4, 9, 100))
UNLISTED = bounded("Unlisted", (0, 4, 100), (0, 4, 98))
ALWAYS_INFINITE = bounded("Infinite", (1, 4, 100), (0, 0, 98))
ALL = (BETWEEN, MORE, LESS, UNLISTED, ALWAYS_INFINITE)


def row_of(layout, label):
    return next(row for row in layout.of_kind("study") if row.cells["study"][0].text.startswith(label))


def test_a_bar_runs_from_the_lowest_to_the_highest_odds_ratio():
    layout = forest_layout(pooled(BETWEEN))
    ratios = [a * (239 - c) / ((237 - a) * c) for a in range(7, 15) for c in range(2, 10)]
    bar = open_bars(layout)["Between"]
    assert bar.low_x == pytest.approx(layout.axis.x(math.log(min(ratios))))
    assert bar.high_x == pytest.approx(layout.axis.x(math.log(max(ratios))))
    assert (bar.x, bar.clipped_low, bar.clipped_high) == (None, False, False)


def test_an_end_at_zero_or_infinity_is_an_arrow_at_the_end_of_the_axis():
    layout = forest_layout(pooled(MORE, LESS, UNLISTED))
    found = {label: (bar.clipped_low, bar.clipped_high) for label, bar in open_bars(layout).items()}
    assert found == {"More": (False, True), "Less": (True, False), "Unlisted": (True, True)}
    unlisted = open_bars(layout)["Unlisted"]
    assert (unlisted.low_x, unlisted.high_x) == (layout.axis.left, layout.axis.right)
    (line,) = [text for text in texts(layout) if text.startswith("Arrow of an open bar")]
    assert line == "Arrow of an open bar: the range goes on beyond the axis, to 0 or infinity where no limit is given."


def test_the_meaning_of_the_arrows_is_told_for_those_that_are_there():
    whole = texts(forest_layout(pooled(BETWEEN), limits=(0.001, 1000)))
    assert not any(text.startswith("Arrow") for text in whole)
    cut = texts(forest_layout(pooled(BETWEEN), limits=(0.99, 1.01)))
    assert len([text for text in cut if text.startswith("Arrow")]) == 2


def test_counts_range_and_no_weight_stand_in_the_row():
    layout = forest_layout(pooled(*ALL))
    cells = {s.contrast.label: row_of(layout, s.contrast.label).cells for s in ALL}
    assert [cells["Between"][name][0].text for name in ("treatment", "control", "weight")] == [
        "7–14 / 237",
        "2–9 / 239",
        "–",
    ]
    assert {label: row["effect"][0].text for label, row in cells.items()} == {
        "Between": f"between {7 * 230 / (230 * 9):.2f} and {14 * 237 / (223 * 2):.2f}",
        "More": f"{5 * 97 / (95 * 3):.2f} or more",
        "Less": f"{3 * 96 / (97 * 4):.2f} or less",
        "Unlisted": "not bounded",
        "Infinite": "not estimable alone",
    }


def test_one_footnote_says_what_the_bars_are():
    layout = forest_layout(pooled(*ALL))
    lines = " ".join(text.text for text in layout.footers)
    assert lines.count("Events known within bounds alone") == 1
    assert "not a confidence interval" in lines
    assert "The bounds enter the pooled estimate." in lines
    marks = {s.contrast.label: row_of(layout, s.contrast.label).cells["study"][0].text[-1] for s in ALL}
    assert marks == {"Between": "§", "More": "§", "Less": "§", "Unlisted": "§", "Infinite": "¶"}
    assert "bounds of Infinite" in lines


def test_a_study_that_the_likelihood_leaves_out_has_a_bar_and_says_that_it_is_not_pooled():
    layout = forest_layout(pooled(BETWEEN, replace(MORE, contributes=False)))
    assert set(open_bars(layout)) == {"Between", "More"}
    lines = " ".join(text.text for text in layout.footers)
    assert lines.count("The bounds enter the pooled estimate.") == 1
    assert lines.count("Not pooled.") == 1


def test_nothing_finite_nothing_drawn():
    layout = forest_layout(pooled(ALWAYS_INFINITE, bounded("Zero", (0, 0, 50), (1, 4, 50))))
    assert open_bars(layout) == {}
    assert "Open bar" not in " ".join(text.text for text in layout.footers)


def test_ranges_are_of_odds_ratios_alone():
    request = make_request("risk ratio")
    layout = forest_layout(pooled(BETWEEN, request=request))
    assert open_bars(layout) == {}
    assert row_of(layout, "Between").cells["effect"][0].text == "not estimable alone"


def test_a_study_with_an_estimate_of_its_own_keeps_it():
    own = make_study(make_contrast("Own", (9, 90, 4, 91)), "odds ratio")
    both = replace(own, contrast=replace(own.contrast, bounds=BETWEEN.contrast.bounds), contributes=True)
    assert open_bars(forest_layout(pooled(both))) == {}


def test_ranges_alone_make_an_axis_that_shows_their_ends():
    layout = forest_layout(without_pooled([BETWEEN, MORE, UNLISTED], "no trial is listed", REQUEST))
    assert set(open_bars(layout)) == {"Between", "More", "Unlisted"}
    low, high = layout.axis.axis.low, layout.axis.axis.high
    assert low < math.log(7 * 230 / (230 * 9))
    assert high > math.log(14 * 237 / (223 * 2))
    assert_well_laid_out(layout)


def test_ranges_without_any_end_make_no_axis_and_keep_their_reason():
    layout = forest_layout(without_pooled([UNLISTED], "no trial is listed", REQUEST))
    assert (layout.axis, layout.marks) == (None, ())
    assert row_of(layout, "Unlisted").cells["effect"][0].text == "not bounded"
    lines = " ".join(text.text for text in layout.footers)
    assert "bounds of Unlisted" in lines
    assert "Open bar" not in lines
    assert "open bar" not in layout.description


def test_the_axis_is_not_squeezed_by_a_wide_range_and_shows_one_that_is_far():
    plain = forest_layout(pooled()).axis.axis
    wide = forest_layout(pooled(bounded("Wide", (1, 900, 1000), (1, 900, 1000)), UNLISTED)).axis.axis
    assert (wide.low, wide.high) == (plain.low, plain.high)
    far = forest_layout(pooled(bounded("Far", (80, 82, 100), (3, 4, 100)))).axis.axis
    assert far.high > math.log(80 * 96 / (20 * 4)) > plain.high


def test_the_bar_is_named_for_pointer_and_reader():
    layout = forest_layout(pooled(BETWEEN, UNLISTED))
    svg = forest_svg(layout, embed_font=False)
    assert "<title>Between: between 0.78 and 7.44, by the bounds of its events</title>" in svg
    assert "2 studies with events known within bounds alone: an open bar" in layout.description
    assert "open bar" not in forest_layout(pooled()).description


sides = st.integers(1, 400).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.integers(0, n)).map(lambda ends: (min(ends), max(ends), n))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(sides, sides), min_size=1, max_size=6), st.sampled_from(STYLES), st.booleans())
def test_any_bounds_are_well_laid_out(tables, style, with_pooled):
    studies = [bounded(f"Study {i}", *table) for i, table in enumerate(tables)]
    data = (
        ForestData.from_pooled(pooled(*studies))
        if with_pooled
        else without_pooled(studies, "no trial is listed", REQUEST)
    )
    assert_well_laid_out(forest_layout(data, style=style))
