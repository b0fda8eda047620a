"""Nothing overlaps and nothing is cut off, whatever the data; and every part is where its number says."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plots.builders import (
    bcg,
    make_comparison,
    make_contrast,
    make_pooled,
    make_request,
    make_study,
    weighted,
    without_pooled,
)

from trialpool.effects import MEASURES, ZeroCells
from trialpool.errors import OptionError
from trialpool.plots import STYLES, ForestData, ForestGroup, ForestLabels, ForestLayout, Interaction, forest_layout
from trialpool.plots.text import Box
from trialpool.pool import InverseVariance, MantelHaenszel

LONG_NAME = (
    "A randomised, double-blind, placebo-controlled trial of long-term prophylaxis in children and adults (PROTECT-2)"
)


def assert_well_laid_out(layout: ForestLayout) -> None:
    """All texts within the page and apart from each other; the plot free of text; marks within the plot."""
    boxes = [text.box for text in layout.texts]
    for box, text in zip(boxes, layout.texts, strict=True):
        assert box.left >= 0, text
        assert box.right <= layout.width + 0.01, text
        assert box.top >= 0, text
        assert box.bottom <= layout.height, text
    order = sorted(zip(boxes, layout.texts, strict=True), key=lambda item: item[0].top)
    for i, (box, text) in enumerate(order):
        for other, other_text in order[i + 1 :]:
            if other.top >= box.bottom:
                break
            assert not box.overlaps(other), (text, other_text)
    if layout.axis is None:
        return
    column = layout.column("plot")
    plot = Box(column.left, layout.header[1], column.right, layout.axis.y)
    for row in layout.rows:
        for text in row.texts:
            assert not text.box.overlaps(plot), text
    for mark in layout.marks:
        assert layout.axis.left - 0.01 <= mark.low_x <= mark.high_x <= layout.axis.right + 0.01
        assert plot.top <= mark.y - mark.side / 2
        assert mark.y + mark.side / 2 <= plot.bottom
        if mark.x is not None:
            assert column.left <= mark.x - mark.side / 2
            assert mark.x + mark.side / 2 <= column.right


def texts(layout: ForestLayout) -> list[str]:
    return [text.text.replace("\N{NO-BREAK SPACE}", " ") for text in layout.texts]


def cell(layout: ForestLayout, row: int, column: str) -> str:
    return " ".join(text.text for text in layout.rows[row].cells[column])


def in_groups(studies, by=3, with_pooled=True):
    groups = []
    for i in range(by):
        members = tuple(studies[i::by])
        pooled = make_pooled(members) if with_pooled and len(members) > 1 else None
        groups.append(
            ForestGroup(label=f"dose: {i}", studies=members, pooled=pooled, message="" if pooled else "no result")
        )
    data = ForestData.from_pooled(make_pooled(studies))
    return replace(data, groups=tuple(groups), interaction=Interaction(q=3.21, q_df=by - 1, q_p_value=0.2))


# --- whatever the data -----------------------------------------------------------------------------------------------

names = st.one_of(
    st.text(max_size=200),
    st.sampled_from([LONG_NAME, LONG_NAME.replace(" ", "-"), "東京大学附属病院における無作為化比較試験" * 3, "W" * 90]),
)


@st.composite
def any_study(draw, number):
    contrast = make_contrast(
        draw(names),
        tuple(draw(st.integers(0, 10**6)) for _ in range(4)),
        trial=str(number),
        arm=str(number),
        unverified=draw(st.booleans()),
        covariates={"year": draw(st.sampled_from([1999.0, "2004"]))} if draw(st.booleans()) else {},
    )
    if draw(st.booleans()):
        weight = draw(st.sampled_from([None, 0.1]))
        return make_study(contrast, reason=draw(names) or "no events", weight=weight)
    estimate, std_error = draw(st.floats(-12, 12)), draw(st.floats(1e-3, 50))
    increments = draw(st.sampled_from([(0.0, 0.0), (0.5, 0.5)]))
    return make_study(
        contrast, estimate=estimate, std_error=std_error, weight=draw(st.floats(0, 1)), increments=increments
    )


@st.composite
def any_data(draw):
    studies = [draw(any_study(i)) for i in range(draw(st.integers(1, 6)))]
    request = make_request(draw(st.sampled_from(MEASURES)), conf_level=draw(st.sampled_from([0.8, 0.95, 0.999])))
    comparison = make_comparison(
        [s.contrast for s in studies], outcome=draw(names), treatment=draw(names), control=draw(names)
    )
    if not any(s.estimate is not None for s in studies) or draw(st.booleans()):
        return replace(without_pooled(studies, draw(names), request), comparison=comparison)
    return ForestData.from_pooled(make_pooled(studies, request, comparison=comparison))


@settings(max_examples=150)
@given(any_data(), st.sampled_from(STYLES))
def test_any_data_is_well_laid_out(data, style):
    assert_well_laid_out(forest_layout(data, style=style))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("k", [1, 3, 13, 80])
@pytest.mark.parametrize("name", ["Smith 2004", LONG_NAME])
def test_few_and_many_studies_with_short_and_long_names(style, k, name):
    studies = weighted([make_study(make_contrast(f"{name} {i}", (3 + i, 90 + 7 * i, 5 + i, 95))) for i in range(k)])
    layout = forest_layout(make_pooled(studies), style=style)
    assert_well_laid_out(layout)
    assert len(layout.of_kind("study")) == k


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("with_pooled", [True, False])
def test_groups_are_well_laid_out(style, with_pooled):
    studies = weighted([make_study(make_contrast(f"{LONG_NAME} {i}", (3 + i, 99, 5, 95))) for i in range(8)])
    layout = forest_layout(in_groups(studies, with_pooled=with_pooled), style=style)
    assert_well_laid_out(layout)
    assert len(layout.of_kind("group")) == 3
    assert bool(layout.of_kind("subtotal")) == with_pooled


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("spread", [0.0, 1e-6, 0.01, 1.0, math.log(1000)])
@pytest.mark.parametrize("measure", ["risk ratio", "risk difference"])
def test_any_range_is_well_laid_out(style, spread, measure):
    if measure == "risk difference":
        spread = min(spread, 1.0)
    studies = weighted(
        [
            make_study(make_contrast(f"Study {i}"), estimate=spread * (i - 2) / 2, std_error=0.05 + spread / 4)
            for i in range(5)
        ]
    )
    layout = forest_layout(make_pooled(studies, make_request(measure)), style=style)
    assert_well_laid_out(layout)
    assert len(layout.axis.axis.ticks) >= 3


@pytest.mark.parametrize("style", STYLES)
def test_a_plot_of_nothing_estimable_has_no_axis_but_its_rows_and_reasons(style):
    studies = [
        make_study(make_contrast(f"Study {i}", (0, 50, 0, 50)), reason="no events in either arm") for i in range(3)
    ]
    layout = forest_layout(without_pooled(studies, "no study has an effect"), style=style)
    assert_well_laid_out(layout)
    assert layout.axis is None
    assert layout.marks == ()
    assert len(layout.of_kind("study")) == 3
    assert any("Not pooled: no study has an effect" in text for text in texts(layout))


def test_a_plot_without_studies_says_why():
    layout = forest_layout(without_pooled([], "no trial compares the two"))
    assert_well_laid_out(layout)
    assert any("no trial compares the two" in text for text in texts(layout))


# --- what it shows ---------------------------------------------------------------------------------------------------


def test_the_default_columns_and_cells():
    layout = forest_layout(bcg())
    assert [column.name for column in layout.columns] == ["study", "treatment", "control", "plot", "effect", "weight"]
    assert cell(layout, 0, "study") == "Aronson 1948"
    assert cell(layout, 0, "treatment") == "4 / 123"
    assert cell(layout, 0, "control") == "11 / 139"
    assert cell(layout, 0, "effect") == "0.41 (0.13 to 1.26)"
    assert cell(layout, 7, "weight") == "41.4%"
    assert cell(layout, 13, "treatment") == "1065 / 191064"
    assert cell(layout, 13, "weight") == "100.0%"


@pytest.mark.parametrize(
    ("style", "columns", "interval", "favours"),
    [
        ("trialpool", "study treatment control plot effect weight", "0.41 (0.13 to 1.26)", "Favours"),
        (
            "revman5",
            "study treatment_events treatment_n control_events control_n weight effect plot",
            "0.41 [0.13, 1.26]",
            "Favours",
        ),
        ("jama", "study treatment control effect plot weight", "0.41 (0.13–1.26)", "Favors"),
        ("bmj", "study treatment control plot weight effect", "0.41 (0.13 to 1.26)", "Favours"),
    ],
)
def test_each_style_has_its_columns_and_typography(style, columns, interval, favours):
    layout = forest_layout(bcg(), style=style)
    assert [column.name for column in layout.columns] == columns.split()
    assert cell(layout, 0, "effect") == interval
    assert [text.text for text in layout.axis.directions] == [f"← {favours} BCG vaccine", f"{favours} No vaccine →"]


def test_revman_has_events_in_a_row_of_their_own_and_its_tests_left_of_the_axis():
    layout = forest_layout(bcg(), style="revman5")
    total, events = layout.of_kind("total")
    assert "treatment_events" not in total.cells
    assert events.cells["treatment_events"][0].text == "1065"
    statistics = layout.of_kind("statistics")
    assert len(statistics) == 2
    assert all(row.top > layout.axis.y - 6 for row in statistics)
    found = " ".join(texts(layout))
    assert "Total (95% CI)" in found
    assert "Tau² = 0.31 [95% CI 0.12, 1.11]; Chi² = 152.2, df = 12 (P < 0.001); I² = 92%" in found
    assert "Risk Ratio IV, Random, 95% CI" in found


@pytest.mark.parametrize(
    ("measure", "method", "heading"),
    [
        ("odds ratio", MantelHaenszel(), "Odds Ratio M-H, Fixed, 95% CI"),
        ("Peto odds ratio", None, "Peto Odds Ratio Peto, Fixed, 95% CI"),
        ("risk difference", InverseVariance(model="common"), "Risk Difference IV, Fixed, 95% CI"),
    ],
)
def test_revman_names_the_method_over_the_effects(measure, method, heading):
    assert heading in " ".join(texts(forest_layout(bcg(measure, method), style="revman5")))


def test_jama_drops_the_zero_before_a_p_value():
    found = " ".join(texts(forest_layout(bcg(), style="jama")))
    assert "(P < .001)" in found
    assert "(P = .002)" in found


def test_the_footers_name_model_estimator_interval_and_tests():
    found = " ".join(texts(forest_layout(bcg())))
    assert "Heterogeneity: τ² = 0.31 (95% CI 0.12 to 1.11); Q = 152.2, df = 12 (p < 0.001); I² = 92%" in found
    assert "Test for overall effect: t = " in found
    assert "random effects; τ² by restricted maximum likelihood; Hartung-Knapp interval" in found
    assert "no zero-cell correction" in found
    common = " ".join(texts(forest_layout(bcg(method=InverseVariance(model="common")))))
    assert "Pooled, common effect" in common
    assert "Test for overall effect: z = " in common
    assert "τ²" not in common


def test_the_level_is_the_one_asked_for():
    pooled = bcg()
    at_ninety = replace(pooled, request=make_request(conf_level=0.9))
    found = " ".join(texts(forest_layout(at_ninety)))
    assert "(90% CI)" in found
    assert "90% prediction interval" in found
    assert "95%" not in found


def test_a_low_value_favours_whom_it_is_said_to():
    one = forest_layout(bcg(), favours_low="treatment")
    other = forest_layout(bcg(), favours_low="control")
    assert [text.text for text in other.axis.directions] == ["← Favours No vaccine", "Favours BCG vaccine →"]
    assert one.axis.directions != other.axis.directions
    with pytest.raises(OptionError, match="favours_low='low' is not allowed"):
        forest_layout(bcg(), favours_low="low")


def test_titles_and_names_can_be_given():
    layout = forest_layout(bcg(), title="Any tuberculosis", labels=ForestLabels(treatment="BCG", control="None"))
    assert layout.titles[0].text == "Any tuberculosis"
    found = texts(layout)
    assert "BCG" in found
    assert "← Favours BCG" in found
    assert "None" in found
    assert "BCG vaccine" not in found
    assert forest_layout(bcg(), title="").titles == ()


def test_the_default_title_is_the_outcome_with_a_capital():
    pooled = bcg()
    comparison = replace(pooled.comparison, outcome="serious infection")
    assert forest_layout(replace(pooled, comparison=comparison)).titles[0].text == "Serious infection"


def test_the_year_is_shown_once():
    studies = weighted(
        [
            make_study(make_contrast("Smith", covariates={"year": 2004.0})),
            make_study(make_contrast("Jones 2007", covariates={"year": "2007"})),
        ]
    )
    layout = forest_layout(make_pooled(studies))
    assert [cell(layout, i, "study") for i in (0, 1)] == ["Smith 2004", "Jones 2007"]


def test_split_controls_keep_their_fraction():
    layout = forest_layout(make_pooled(weighted([make_study(make_contrast("Smith", (9, 100, 5.5, 55.5)))] * 2)))
    assert cell(layout, 0, "control") == "5.5 / 55.5"


def test_totals_count_contributing_studies_and_shared_controls_once():
    two = [
        make_study(make_contrast("A low", (5, 50, 8, 60), trial="A", arm="low"), weight=0.4),
        make_study(make_contrast("A high", (7, 55, 8, 60), trial="A", arm="high"), weight=0.4),
        make_study(make_contrast("B", (1, 10, 2, 20)), weight=0.2),
        make_study(make_contrast("C", (0, 1000, 0, 1000)), reason="no events in either arm"),
    ]
    shared = make_comparison((s.contrast for s in two), multi_arm="shared")
    layout = forest_layout(make_pooled(two, comparison=shared))
    total = layout.of_kind("total")[0]
    assert total.cells["treatment"][0].text == "13 / 115"
    assert total.cells["control"][0].text == "10 / 80"
    found = " ".join(texts(layout))
    assert "counts once in the totals" in found
    assert "Totals count the 3 of 4 studies that contribute." in found
    split = make_comparison((s.contrast for s in two), multi_arm="split")
    assert forest_layout(make_pooled(two, comparison=split)).of_kind("total")[0].cells["control"][0].text == "18 / 140"


def test_studies_without_an_effect_keep_their_row_their_reason_and_their_weight():
    studies = [
        make_study(make_contrast("A"), weight=0.7),
        make_study(make_contrast("B"), weight=0.2),
        make_study(make_contrast("C", (0, 50, 0, 50)), reason="no events in either arm: no information"),
        make_study(make_contrast("D", (0, 50, 3, 50)), reason="no events in the treatment arm: infinite", weight=0.1),
        make_study(make_contrast("E", (0, 40, 0, 40)), reason="no events in either arm: no information"),
    ]
    layout = forest_layout(make_pooled(studies))
    assert [cell(layout, i, "study") for i in (2, 3, 4)] == ["C\u2009§", "D\u2009¶", "E\u2009§"]
    assert [cell(layout, i, "effect") for i in (2, 3, 4)] == ["not estimable", "not estimable alone", "not estimable"]
    assert [cell(layout, i, "weight") for i in (2, 3, 4)] == ["–", "10.0%", "–"]
    found = texts(layout)
    assert "§ Not estimable: no events in either arm; no information." in found
    assert (
        "¶ Not estimable alone (no events in the treatment arm; infinite), but its counts enter the pooled estimate."
        in " ".join(found)
    )
    assert [mark.row for mark in layout.marks if mark.shape == "square"] == [0, 1]


def test_corrected_and_unverified_counts_are_marked():
    request = make_request(method=InverseVariance(zero_cells=ZeroCells(rule="treatment-arm")))
    studies = weighted(
        [
            make_study(make_contrast("A", (0, 50, 3, 50)), increments=(0.4, 0.6)),
            make_study(make_contrast("B", unverified=True)),
            make_study(make_contrast("C", (0, 50, 3, 50), unverified=True), increments=(0.4, 0.6)),
            make_study(make_contrast("D")),
        ]
    )
    layout = forest_layout(make_pooled(studies, request))
    assert [cell(layout, i, "study") for i in range(4)] == ["A\u2009†", "B\u2009‡", "C\u2009†‡", "D"]
    found = texts(layout)
    assert "† Counts of this study were corrected for an empty cell: treatment-arm correction adding to 1." in found
    assert "‡ Rests on at least one count that is unverified." in found
    assert not any(text.startswith(("†", "‡")) for text in texts(forest_layout(bcg())))


def test_footnote_marks_survive_a_long_name():
    study = make_study(make_contrast(LONG_NAME * 2, unverified=True))
    layout = forest_layout(make_pooled(weighted([study, study])))
    lines = layout.rows[0].cells["study"]
    assert len(lines) == 3
    assert "…" in lines[-1].text
    assert lines[-1].text.endswith("(PROTECT-2)\u2009‡")
    assert lines[0].full == LONG_NAME * 2


# --- where it stands -------------------------------------------------------------------------------------------------


def test_marks_stand_where_their_numbers_are():
    pooled = bcg()
    layout = forest_layout(pooled)
    axis = layout.axis
    per_unit = (axis.right - axis.left) / (axis.axis.high - axis.axis.low)
    for mark, study in zip(layout.marks, pooled.studies, strict=False):
        assert mark.x == pytest.approx(axis.null_x + per_unit * study.estimate)
        assert layout.rows[mark.row].top < mark.y < layout.rows[mark.row].bottom
    for tick, x in zip(axis.axis.ticks, axis.ticks, strict=True):
        assert x == pytest.approx(axis.null_x + per_unit * math.log(float(tick.label)))
    diamond = next(mark for mark in layout.marks if mark.shape == "diamond")
    assert diamond.low_x == pytest.approx(axis.null_x + per_unit * pooled.conf_low)
    bar = next(mark for mark in layout.marks if mark.shape == "bar")
    assert bar.high_x == pytest.approx(axis.null_x + per_unit * pooled.prediction.high)
    assert bar.x is None


def test_the_area_of_a_square_is_in_proportion_to_the_weight():
    studies = [
        make_study(make_contrast(str(i)), estimate=0.1, std_error=0.1, weight=weight)
        for i, weight in enumerate((0.64, 0.16, 0.20))
    ]
    big, small, _ = (mark for mark in forest_layout(make_pooled(studies)).marks if mark.shape == "square")
    assert (big.side / small.side) ** 2 == pytest.approx(4)


def test_an_interval_beyond_the_axis_is_cut_and_marked():
    studies = weighted(
        [make_study(make_contrast(str(i)), estimate=0.1 * i, std_error=0.2) for i in range(5)]
        + [make_study(make_contrast("wide"), estimate=0.5, std_error=3.0)]
    )
    layout = forest_layout(make_pooled(studies))
    wide = layout.marks[5]
    assert wide.clipped_low
    assert wide.clipped_high
    assert (wide.low_x, wide.high_x) == (layout.axis.left, layout.axis.right)
    assert not layout.marks[0].clipped_low
    assert "Arrow: the interval goes on beyond the axis." in texts(layout)


def test_limits_are_kept_as_given():
    layout = forest_layout(bcg(), limits=(0.4, 2.5))
    assert layout.axis.axis.low == pytest.approx(math.log(0.4))
    assert layout.axis.axis.high == pytest.approx(math.log(2.5))
    outside = layout.marks[1]
    assert outside.x is None
    assert outside.clipped_low
    assert outside.low_x == layout.axis.left
    assert_well_laid_out(layout)


@pytest.mark.parametrize("limits", [(2.0, 0.5), (0.0, 2.0), (-1.0, 1.0), (1.0, math.inf)])
def test_limits_without_a_meaning_are_refused(limits):
    with pytest.raises(OptionError, match="is no range of the axis"):
        forest_layout(bcg(), limits=limits)


def test_a_diamond_that_is_cut_keeps_the_height_it_has_there():
    pooled = make_pooled(weighted([make_study(make_contrast(str(i)), estimate=0.2, std_error=0.2) for i in range(3)]))
    wide = replace(pooled, conf_low=pooled.estimate - 8, conf_high=pooled.estimate + 8)
    layout = forest_layout(wide)
    diamond = next(mark for mark in layout.marks if mark.shape == "diamond")
    assert diamond.clipped_low
    assert diamond.clipped_high
    assert diamond.low_height == pytest.approx(1 - (wide.estimate - layout.axis.axis.low) / 8)


def test_groups_have_a_heading_a_subtotal_and_the_weights_of_the_whole():
    studies = weighted([make_study(make_contrast(f"Study {i}", (3 + i, 99, 5, 95))) for i in range(6)])
    layout = forest_layout(in_groups(studies, by=2))
    assert [row.kind for row in layout.rows] == [
        *("group", "study", "study", "study", "subtotal", "note", "note") * 2,
        "total",
        "prediction",
    ]
    weights = [float(row.cells["weight"][0].text.rstrip("%")) for row in layout.of_kind("study")]
    assert sum(weights) == pytest.approx(100, abs=0.3)
    subtotals = [float(row.cells["weight"][0].text.rstrip("%")) for row in layout.of_kind("subtotal")]
    assert sum(subtotals) == pytest.approx(100, abs=0.2)
    assert "Test for subgroup differences: Q = 3.21, df = 1 (p = 0.20)" in texts(layout)
    assert layout.rows[0].cells["spanning"][0].text == "Dose: 0"


def test_a_group_without_a_result_says_why():
    studies = weighted([make_study(make_contrast(f"Study {i}")) for i in range(2)])
    data = in_groups(studies, by=2)
    assert "no result" in texts(forest_layout(data))
    none = replace(data, interaction=Interaction(message="it needs two subgroups"))
    assert "Test for subgroup differences: it needs two subgroups" in texts(forest_layout(none))


def test_the_description_tells_the_result_to_those_who_cannot_see_it():
    layout = forest_layout(bcg())
    assert layout.title == "Tuberculosis"
    assert "Forest plot of 13 studies, BCG vaccine against No vaccine, risk ratio." in layout.description
    assert "Pooled, random effects: 0.65 (0.58 to 0.73), 95% interval, from 13 studies." in layout.description
    assert "95% prediction interval" in layout.description
    none = forest_layout(without_pooled([make_study(make_contrast("A"))], "one study only"))
    assert "Not pooled: one study only." in none.description


def test_an_unknown_style_is_refused_with_the_nearest():
    with pytest.raises(OptionError, match="did you mean 'jama'"):
        forest_layout(bcg(), style="jamma")
