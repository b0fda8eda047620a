"""The columns of a forest plot for rates, means and given effects."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest
from effects.builders import comparison_of, make_given, make_means, make_rates

from trialpool.plots import forest
from trialpool.plots.forest_content import ForestLabels, forest_content
from trialpool.plots.forest_data import ForestData
from trialpool.plots.styles import STYLES, style_of
from trialpool.pool import InverseVariance, pool
from trialpool.trials import GivenEffect

COMMON = InverseVariance(model="common")
RATES = make_rates((7, 1344, 11, 1988), (8, 1600, 8, 1461), (3, 12012, 14, 10962))
MEANS = make_means((5.0, 4.7, 13, 6.5, 3.8, 13), (4.9, 1.71, 30, 6.1, 2.3, 50))
GIVEN = make_given(GivenEffect(-0.59, 0.119, True), GivenEffect(-0.08, 0.006, True))
SIZED = comparison_of([replace(c, n_treatment=53, n_control=52) for c in GIVEN.contrasts])


def content(comparison, measure, style="trialpool"):
    pooled = pool(comparison, measure=measure, method=COMMON)
    data = ForestData.from_pooled(pooled)
    return forest_content(data, style_of(style), ForestLabels(), title=None, favours_low="treatment", limits=None)


def headings(made):
    return {column.name: column.heading for column in made.columns}


def cells(made, kind):
    return [dict(row.cells) for row in made.rows if row.kind == kind]


def test_rates_stand_over_their_person_years():
    made = content(RATES, "rate ratio")
    assert headings(made)["treatment"] == "events /\nperson-years"
    assert cells(made, "study")[0]["treatment"] == "7 / 1344"
    assert cells(made, "total")[0]["control"] == "33 / 14411"


def test_means_stand_with_their_deviation_and_participants():
    made = content(MEANS, "mean difference")
    assert headings(made)["treatment"] == "mean (SD); n"
    assert cells(made, "study")[0]["control"] == "6.50 (3.80); 13"
    assert cells(made, "total")[0]["treatment"] == "43"
    assert "no zero-cell" not in "".join(made.footers)


def test_revman_has_the_parts_in_columns_of_their_own():
    rates, means = (
        content(c, m, "revman5") for c, m in ((RATES, "rate ratio"), (MEANS, "standardised mean difference"))
    )
    assert headings(rates)["treatment_n"] == "Person-years"
    assert cells(rates, "study")[0]["treatment_events"] == "7"
    assert cells(rates, "total")[1] == {"study": "Total events", "treatment_events": "18", "control_events": "33"}
    assert (headings(means)["treatment_events"], headings(means)["treatment_n"]) == ("Mean (SD)", "Total")
    assert (cells(means, "study")[0]["control_events"], cells(means, "study")[0]["control_n"]) == ("6.50 (3.80)", "13")
    assert len(cells(means, "total")) == 1, "means have no sum"
    assert cells(means, "total")[0]["treatment_n"] == "43"


@pytest.mark.parametrize("style", STYLES)
def test_given_effects_have_no_columns_of_arms_unless_participants_are_stated(style):
    arms = {"treatment", "control", "treatment_events", "control_events", "treatment_n", "control_n"}
    assert not arms & set(headings(content(GIVEN, "hazard ratio", style)))
    shown = arms & set(headings(content(SIZED, "hazard ratio", style)))
    assert shown == ({"treatment_n", "control_n"} if style == "revman5" else {"treatment", "control"})
    names = sorted(shown)
    study = cells(content(SIZED, "hazard ratio", style), "study")[0]
    assert [study[name] for name in names] == ["52", "53"]


def test_a_given_effect_is_headed_as_the_table_calls_it():
    named = make_given(GivenEffect(-0.59, 0.119, True, "adjusted odds ratio"), GivenEffect(-0.08, 0.006, True, ""))
    made = content(named, "generic ratio")
    assert headings(made)["effect"].startswith("Generic ratio"), "two names are no name"
    named = make_given(*[GivenEffect(-0.59, 0.119, True, "adjusted odds ratio")] * 2)
    assert headings(content(named, "generic ratio"))["effect"] == "Adjusted odds ratio\n(95% CI)"
    assert headings(content(named, "generic ratio", "revman5"))["effect"].startswith("Adjusted Odds Ratio\nIV, Fixed")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("comparison", "measure"),
    [(RATES, "rate difference"), (MEANS, "ratio of means"), (GIVEN, "generic ratio"), (SIZED, "hazard ratio")],
)
def test_every_style_draws_every_form(comparison, measure, style):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = forest(pool(comparison, measure=measure, method=COMMON), style=style).inline_svg
    assert svg.startswith("<svg")
    assert "None" not in svg
    assert "nan" not in svg
