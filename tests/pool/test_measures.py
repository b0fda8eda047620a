"""Rates, means and given effects through the public door: relations, hard cases, refusals and text."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from effects.builders import comparison_of, make_given, make_means, make_rates
from harmonise.builders import make_comparison
from hypothesis import given
from hypothesis import strategies as st

from trialpool.effects import ZeroCells, takes_zero_cells
from trialpool.errors import NotEstimableError, OptionError, TrialpoolWarning
from trialpool.pool import PROFILES, InverseVariance, MantelHaenszel, absolute_effect, pool, pool_subgroups
from trialpool.pool.mantel_haenszel import mantel_haenszel_rate_difference, mantel_haenszel_rate_ratio
from trialpool.trials import GivenEffect

COMMON = InverseVariance(model="common")
RATES = make_rates((7, 1344, 11, 1988), (8, 1600, 8, 1461), (3, 12012, 14, 10962), (0, 370, 2, 483))
MEANS = make_means(
    (5.0, 4.7, 13, 6.5, 3.8, 13), (4.9, 1.71, 30, 6.1, 2.3, 50), (22.5, 3.44, 35, 24.9, 10.65, 35)
)  # fmt: skip
GIVEN = make_given(
    *(GivenEffect(y, v, True, "hazard ratio") for y, v in ((-0.59, 0.119), (-0.08, 0.006), (-0.24, 0.02)))
)
OF = {
    "rate ratio": RATES,
    "rate difference": RATES,
    "mean difference": MEANS,
    "standardised mean difference": MEANS,
    "ratio of means": MEANS,
    "hazard ratio": GIVEN,
    "generic ratio": GIVEN,
}


def quietly(comparison, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrialpoolWarning)
        return pool(comparison, **options)


@pytest.mark.parametrize("measure", OF)
def test_the_order_of_trials_does_not_matter(measure):
    turned = replace(OF[measure], contrasts=OF[measure].contrasts[::-1])
    one, other = (quietly(c, measure=measure, method=InverseVariance()) for c in (OF[measure], turned))
    assert one.estimate == pytest.approx(other.estimate, rel=1e-9)
    assert one.heterogeneity.tau2 == pytest.approx(other.heterogeneity.tau2, rel=1e-8)


@pytest.mark.parametrize("measure", OF)
@pytest.mark.parametrize("level", [0.5, 0.99])
def test_a_level_changes_the_interval_alone(measure, level):
    one, other = (quietly(OF[measure], measure=measure, method=COMMON, conf_level=c) for c in (0.95, level))
    assert one.estimate == other.estimate
    assert (other.conf_high - other.conf_low < one.conf_high - one.conf_low) == (level < 0.95)


@given(st.sampled_from([1e-6, 1e-3, 1e3, 1e6]))
def test_a_mean_difference_scales_exactly_with_its_unit(unit):
    rows = [tuple(x * (unit if i in (0, 1, 3, 4) else 1) for i, x in enumerate(row)) for row in _rows(MEANS)]
    one = pool(MEANS, measure="mean difference", method=InverseVariance())
    other = pool(make_means(*rows), measure="mean difference", method=InverseVariance())
    assert other.estimate == pytest.approx(unit * one.estimate, rel=1e-9)
    assert other.std_error == pytest.approx(unit * one.std_error, rel=1e-9)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-7)


def _rows(comparison):
    return [(t.mean, t.sd, t.n, c.mean, c.sd, c.n) for t, c in (k.means for k in comparison.contrasts)]


@pytest.mark.parametrize("measure", OF)
def test_one_trial_is_not_pooled_but_shown(measure):
    with pytest.raises(NotEstimableError, match=f"nothing to pool: only one study .*the {measure} of A alone is"):
        pool(OF[measure].keep([0]), measure=measure, method=InverseVariance())


def test_variances_over_twelve_orders_of_magnitude():
    data = make_given(*(GivenEffect(0.1 * i, 10.0 ** (3 * i - 6), True) for i in range(5)))
    for method in (COMMON, InverseVariance()):
        result = pool(data, measure="generic ratio", method=method)
        assert math.isfinite(result.estimate)
        assert 0 < result.std_error < 1e3


def test_five_thousand_trials():
    rng = np.random.default_rng(2)
    rows = [(int(a), 100.0, int(b), 120.0) for a, b in rng.poisson(4, (5000, 2)) + 1]
    for method in (COMMON, MantelHaenszel(), InverseVariance()):
        result = quietly(make_rates(*rows), measure="rate ratio", method=method)
        assert result.k_informative == 5000
        assert abs(result.estimate - math.log(120 / 100)) < 0.1


def test_equal_effects_have_no_variation():
    result = pool(make_means(*[(5, 1, 10, 4, 1, 10)] * 3), measure="mean difference", method=InverseVariance())
    assert (result.estimate, result.heterogeneity.tau2, result.heterogeneity.q) == (1.0, 0.0, 0.0)


# --- Mantel-Haenszel rates -------------------------------------------------------------------------------------------


def test_one_table_is_its_own_rate_ratio_and_difference():
    table = np.array([[7.0], [1344.0], [11.0], [1988.0]])
    estimate, variance, _ = mantel_haenszel_rate_ratio(*table)
    assert (estimate, variance) == pytest.approx((math.log((7 / 1344) / (11 / 1988)), 1 / 7 + 1 / 11))
    estimate, variance, _ = mantel_haenszel_rate_difference(*table)
    assert (estimate, variance) == pytest.approx((7 / 1344 - 11 / 1988, 7 / 1344**2 + 11 / 1988**2))


def test_trials_without_events_change_a_rate_difference_but_no_rate_ratio():
    more = comparison_of([*RATES.contrasts, replace(make_rates((0, 500, 0, 500)).contrasts[0], label="Z", trial="Z")])
    ratios = [quietly(c, measure="rate ratio", method=MantelHaenszel()) for c in (RATES, more)]
    assert ratios[0].estimate == ratios[1].estimate
    assert "double-zero" in [note.code for note in ratios[1].notes]
    differences = [quietly(c, measure="rate difference", method=MantelHaenszel()) for c in (RATES, more)]
    assert abs(differences[1].estimate) < abs(differences[0].estimate)
    assert differences[1].k_informative == 5


def test_an_arm_without_any_event_has_no_rate_ratio():
    with pytest.raises(
        NotEstimableError, match="rate ratio is zero: no events in any treatment arm; use the rate difference"
    ):
        pool(make_rates((0, 10, 1, 10), (0, 10, 2, 10)), measure="rate ratio", method=MantelHaenszel())
    with pytest.raises(NotEstimableError, match="rate ratio is infinite: no events in any control arm"):
        pool(make_rates((1, 10, 0, 10), (2, 10, 0, 10)), measure="rate ratio", method=MantelHaenszel())
    with pytest.raises(NotEstimableError, match="no study has events"):
        pool(make_rates((0, 10, 0, 10), (0, 10, 0, 10)), measure="rate ratio", method=MantelHaenszel())
    with pytest.raises(NotEstimableError, match="rate difference has zero variance: no study has events"):
        pool(make_rates((0, 10, 0, 10), (0, 10, 0, 10)), measure="rate difference", method=MantelHaenszel())


def test_a_correction_enters_the_sums_only_when_asked_for():
    corrected = MantelHaenszel(zero_cells=ZeroCells(rule="constant"))
    one, other = (quietly(RATES, measure="rate ratio", method=m) for m in (MantelHaenszel(), corrected))
    assert abs(other.estimate) < abs(one.estimate)
    assert other.studies[3].increments == (0.5, 0.5)


@pytest.mark.parametrize("measure", ["mean difference", "hazard ratio", "arcsine difference"])
def test_mantel_haenszel_pools_counts_and_rates_alone(measure):
    with pytest.raises(OptionError, match=f"measure='{measure}' does not go with method 'mantel-haenszel'"):
        pool(OF.get(measure, MEANS), measure=measure, method=MantelHaenszel())


# --- notes, subgroups, absolute effects, text ------------------------------------------------------------------------


def test_notes_of_rare_events_need_counts():
    rare = make_rates((1, 9000, 1, 9000), (1, 9000, 2, 9000), (1, 9000, 2, 9000))
    codes = [note.code for note in quietly(rare, measure="rate ratio", method=InverseVariance()).notes]
    assert codes == ["few-studies"]
    dropped = quietly(RATES, measure="rate ratio", method=InverseVariance())
    assert [n.studies for n in dropped.notes if n.code == "zero-cell-left-out"] == [("D",)]


def test_a_rate_difference_without_its_double_zeros_warns():
    data = comparison_of([*RATES.contrasts, replace(make_rates((0, 500, 0, 500)).contrasts[0], label="Z", trial="Z")])
    with pytest.warns(TrialpoolWarning, match="They show no difference: leaving them out moves the result away from 0"):
        pool(data, measure="rate difference", method=InverseVariance())


def test_subgroups_of_means():
    contrasts = [replace(c, covariates={"dose": "low" if i < 2 else "high"}) for i, c in enumerate(MEANS.contrasts)]
    result = pool_subgroups(comparison_of(contrasts), "dose", measure="mean difference", method=COMMON)
    assert [(g.level, len(g.studies)) for g in result.groups] == [("low", 2), ("high", 1)]
    assert "MD (95 % CI)" in str(result)


def test_absolute_effects_of_hazard_ratios_and_arcsine_differences():
    hazard = pool(GIVEN, measure="hazard ratio", method=COMMON)
    effect = absolute_effect(hazard, 0.3)
    assert effect.treatment_per_1000 == pytest.approx(1000 * (1 - 0.7 ** math.exp(hazard.estimate)))
    counts = make_comparison((20, 100, 30, 100), (25, 120, 36, 118), (18, 90, 27, 95))
    arcsine = pool(counts, measure="arcsine difference", method=COMMON)
    risk = math.sin(math.asin(math.sqrt(0.3)) + arcsine.estimate) ** 2
    assert absolute_effect(arcsine, 0.3).treatment_per_1000 == pytest.approx(1000 * risk)
    assert absolute_effect(arcsine, 1e-4).treatment_per_1000 == 0.0
    assert absolute_effect(arcsine, 1e-4).limited


@pytest.mark.parametrize("measure", ["rate ratio", "rate difference", "mean difference", "generic ratio"])
def test_measures_that_do_not_act_on_a_risk_have_no_absolute_effect(measure):
    result = quietly(OF[measure], measure=measure, method=COMMON)
    with pytest.raises(OptionError, match=f"a {measure} does not act on a risk"):
        absolute_effect(result, 0.3)


@pytest.mark.parametrize(
    ("measure", "header", "row"),
    [
        ("rate ratio", "drug, events/person-years", "7/1344"),
        ("mean difference", "drug, mean (SD); n", "5.00 (4.70); 13"),
        ("hazard ratio", "drug, n", "–"),
    ],
)
def test_text_shows_the_numbers_that_the_measure_uses(measure, header, row):
    text = str(quietly(OF[measure], measure=measure, method=COMMON))
    assert header in text
    assert row in text
    assert f"\n{measure.capitalize()} " in text
    if measure != "rate ratio":
        assert "zero-cell" not in text


def test_text_calls_a_given_effect_as_the_table_does():
    contrasts = [replace(c, given=replace(c.given, measure="adjusted odds ratio")) for c in GIVEN.contrasts]
    text = str(pool(comparison_of(contrasts), measure="generic ratio", method=COMMON))
    assert "\nAdjusted odds ratio 0.8" in text


def test_json_holds_the_arms_numbers():
    rates = quietly(RATES, measure="rate ratio", method=COMMON).to_dict()["studies"][0]
    assert (rates["events_treatment"], rates["person_years_treatment"], rates["n_treatment"]) == (7, 1344, None)
    means = pool(MEANS, measure="mean difference", method=COMMON).to_dict()["studies"][0]
    assert (means["mean_control"], means["sd_control"], means["n_control"]) == (6.5, 3.8, 13)
    assert means["events_control"] is None


# --- profiles --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("measure", [*OF, "arcsine difference", "complementary log-log hazard ratio"])
def test_every_profile_pools_every_measure(profile, measure):
    """A program's zero-cell rule is no obstacle where there are no cells, and reaches rates as events alone."""
    data = OF.get(measure, make_comparison((20, 100, 30, 100), (25, 120, 36, 118), (18, 90, 27, 95)))
    result = quietly(data, measure=measure, profile=profile)
    assert result.request.profile == profile
    rule = result.request.zero_cells
    assert takes_zero_cells(measure) or rule == ZeroCells()
    if measure == "rate ratio" and profile != "trialpool":
        assert (rule.rule, rule.convention) == ("constant", "cells")
        assert result.studies[3].increments == (0.5, 0.5)
