"""A reader sees at once which choices change the conclusion, also without colours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plots.builders import make_contrast, make_pooled, make_request, make_study, weighted
from plots.test_forest_layout import LONG_NAME, assert_well_laid_out, texts

from trialpool.errors import NotEstimableError, OptionError
from trialpool.plots import STYLES, sensitivity_layout, sensitivity_plot
from trialpool.pool import Peto
from trialpool.sensitivity import Alternative, SensitivityTable


def answer(low: float, high: float, measure="odds ratio"):
    studies = weighted([make_study(make_contrast(str(i))) for i in range(4)])
    pooled = make_pooled(studies, make_request(measure, Peto() if measure == "Peto odds ratio" else None))
    return replace(pooled, estimate=(low + high) / 2, conf_low=low, conf_high=high)


def table(*others: Alternative, reference=None, name="Leave one out") -> SensitivityTable:
    first = Alternative("all trials", reference or answer(0.1, 0.9), is_reference=True)
    return SensitivityTable(name, (first, *others), True, "The conclusion depends on this choice.")


FOUR = table(
    Alternative("without Smith", answer(0.2, 0.8)),
    Alternative("without Jones", answer(-0.1, 0.9)),
    Alternative("without Brown", answer(-0.9, -0.2)),
    Alternative("without White", None, "only one study is left: pooling needs two"),
)


def cell(layout, row: int, column: str) -> str:
    return layout.rows[row].cells[column][0].text


@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_well_laid_out(style):
    assert_well_laid_out(sensitivity_layout(FOUR, style=style))


@pytest.mark.parametrize("style", STYLES)
def test_long_and_many_rows_are_well_laid_out(style):
    others = [Alternative(f"without {LONG_NAME} {i}", answer(-0.001 * i, 0.9)) for i in range(60)]
    silent = [Alternative(f"{LONG_NAME * 2}", None, f"{LONG_NAME} {i % 7}") for i in range(9)]
    assert_well_laid_out(sensitivity_layout(table(*others, *silent, name=LONG_NAME * 3), style=style))


def test_the_reference_is_a_diamond_with_a_band_and_a_line_down_the_plot():
    layout = sensitivity_layout(FOUR)
    diamond = layout.marks[0]
    assert diamond.shape == "diamond"
    assert layout.band[0] == pytest.approx(diamond.low_x)
    assert layout.band[2] == pytest.approx(diamond.high_x)
    assert (layout.band[1], layout.band[3]) == (layout.header[1], layout.axis.y)
    assert any(rule.dash and rule.x1 == rule.x2 == pytest.approx(diamond.x) for rule in layout.rules)
    assert cell(layout, 0, "conclusion") == "interval above 1"
    assert layout.rows[0].cells["alternative"][0].bold


def test_another_conclusion_differs_in_shape_weight_and_words():
    layout = sensitivity_layout(FOUR)
    assert [mark.shape for mark in layout.marks] == ["diamond", "circle", "open diamond", "open diamond"]
    assert [cell(layout, i, "conclusion") for i in (1, 2, 3)] == ["same", "interval includes 1", "interval below 1"]
    assert [layout.rows[i].cells["alternative"][0].bold for i in (1, 2, 3)] == [False, True, True]
    assert layout.rows[2].cells["conclusion"][0].colour == layout.style.palette.differs


def test_the_legend_explains_only_the_shapes_there_are():
    assert "Filled circle: same conclusion. Open diamond: another conclusion." in " ".join(
        texts(sensitivity_layout(FOUR))
    )
    same = table(Alternative("without Smith", answer(0.2, 0.8)))
    assert "Open diamond" not in " ".join(texts(sensitivity_layout(same)))


def test_an_interval_that_touches_no_difference_includes_it():
    layout = sensitivity_layout(table(Alternative("touching", answer(0.0, 0.8))))
    assert cell(layout, 1, "conclusion") == "interval includes 1"


def test_differences_are_compared_with_zero():
    reference = answer(0.01, 0.05, "risk difference")
    others = (Alternative("other", answer(-0.01, 0.05, "risk difference")),)
    layout = sensitivity_layout(table(*others, reference=reference))
    assert cell(layout, 0, "conclusion") == "interval above 0"
    assert cell(layout, 1, "conclusion") == "interval includes 0"


def test_an_alternative_without_an_answer_says_why():
    layout = sensitivity_layout(FOUR)
    assert cell(layout, 4, "alternative") == "Without White\u2009§"
    assert cell(layout, 4, "effect") == "not estimable"
    assert "conclusion" not in layout.rows[4].cells
    assert "§ Not estimable: only one study is left: pooling needs two" in texts(layout)


def test_the_same_reason_is_told_once():
    rows = [Alternative(str(i), None, reason) for i, reason in enumerate(("first", "second", "first"))]
    layout = sensitivity_layout(table(*rows))
    assert [cell(layout, i, "alternative")[-1] for i in (1, 2, 3)] == ["§", "¶", "§"]
    assert [text for text in texts(layout) if text.startswith(("§", "¶"))] == [
        "§ Not estimable: first",
        "¶ Not estimable: second",
    ]


def test_another_measure_is_named_beside_its_effect():
    layout = sensitivity_layout(
        table(Alternative("inverse variance", answer(0.1, 0.9)), reference=answer(0.1, 0.9, "Peto odds ratio"))
    )
    assert cell(layout, 0, "effect") == "1.65 (1.11 to 2.46)"
    assert cell(layout, 1, "effect") == "OR 1.65 (1.11 to 2.46)"


def test_studies_and_heterogeneity_stand_beside_each_row():
    layout = sensitivity_layout(FOUR)
    assert cell(layout, 1, "studies") == "4"
    assert cell(layout, 1, "i2") == "92%"
    none = replace(answer(0.2, 0.8), heterogeneity=None)
    assert cell(sensitivity_layout(table(Alternative("a", none))), 1, "i2") == "–"


def test_title_and_direction_can_be_given():
    layout = sensitivity_layout(FOUR, title="Other", favours_low="control")
    assert layout.titles[0].text == "Other"
    assert layout.axis.directions[0].text == "← Favours placebo"
    assert sensitivity_layout(FOUR).axis.directions[0].text == "← Favours dupilumab"
    assert sensitivity_layout(FOUR, title="").titles == ()
    with pytest.raises(OptionError, match="favours_low='up' is not allowed"):
        sensitivity_layout(FOUR, favours_low="up")


def test_a_choice_that_does_not_arise_has_no_plot():
    empty = SensitivityTable("Zero-cell handling", (), False, "No study has an empty cell.")
    with pytest.raises(
        NotEstimableError, match="Zero-cell handling: there is nothing to plot. No study has an empty cell"
    ):
        sensitivity_plot(empty)


def test_the_alternative_text_tells_every_answer():
    figure = sensitivity_plot(FOUR)
    assert figure.alt.startswith("Leave one out. 4 alternatives beside the reference, 1.65 (1.11 to 2.46).")
    assert "Without Jones: 1.49 (0.90 to 2.46), interval includes 1." in figure.alt
    assert "The conclusion depends on this choice." in figure.alt


def test_a_cut_interval_is_explained():
    wide = Alternative("wide", answer(-9.0, 9.0))
    narrow = [Alternative(str(i), answer(0.1, 0.2)) for i in range(5)]
    layout = sensitivity_layout(table(*narrow, wide))
    assert layout.marks[-1].clipped_low
    assert "Arrow: the interval goes on beyond the axis." in texts(layout)
