"""Absolute effects by hand: risks per 1000 from a ratio or a difference and a baseline risk."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from harmonise.builders import make_arm, make_comparison, make_trial
from hypothesis import given
from hypothesis import strategies as st

from trialpool.effects import Measure
from trialpool.errors import OptionError
from trialpool.harmonise import compare
from trialpool.pool import AbsoluteEffect, Pooled, absolute_effect, make_request, observed_control_risk, pool_request
from trialpool.trials import MULTI_ARM, Comparison

TABLES = make_comparison((10, 100, 20, 100), (12, 100, 22, 100), (14, 100, 21, 100))
RATIOS: tuple[Measure, ...] = ("risk ratio", "odds ratio", "Peto odds ratio")


def pooled(measure: Measure, estimate: float, low: float, high: float) -> Pooled:
    """A result with this effect and interval, as displayed."""
    working = (estimate, low, high) if measure == "risk difference" else tuple(map(math.log, (estimate, low, high)))
    names = ("estimate", "conf_low", "conf_high")
    result = pool_request(TABLES, make_request(measure=measure))
    return replace(result, **dict(zip(names, working, strict=True)))


def per_1000(effect) -> tuple[float, float, float, float]:
    return effect.treatment_per_1000, effect.difference_per_1000, effect.conf_low_per_1000, effect.conf_high_per_1000


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_risk_ratio_multiplies_the_baseline_risk():
    # 100 of 1000; times 0.5, 0.25 and 1.5
    effect = absolute_effect(pooled("risk ratio", 0.5, 0.25, 1.5), 0.10)
    assert (effect.baseline_risk, effect.control_per_1000) == (0.10, 100.0)
    assert per_1000(effect) == pytest.approx((50, -50, -75, 50))
    assert not effect.limited


@pytest.mark.parametrize("measure", ["odds ratio", "Peto odds ratio"])
def test_odds_ratio_multiplies_the_baseline_odds(measure):
    # risk 0.2 is odds 1:4; times 2, 1 and 4 it is 1:2, 1:4 and 1:1, risks 1/3, 1/5 and 1/2
    effect = absolute_effect(pooled(measure, 2.0, 1.0, 4.0), 0.2)
    assert per_1000(effect) == pytest.approx((1000 / 3, 1000 / 3 - 200, 0, 300))
    assert not effect.limited


def test_risk_difference_adds_to_the_baseline_risk():
    effect = absolute_effect(pooled("risk difference", -0.03, -0.05, 0.01), 0.10)
    assert per_1000(effect) == pytest.approx((70, -30, -50, 10))


def test_risk_ratio_cannot_lead_beyond_everyone():
    effect = absolute_effect(pooled("risk ratio", 4.0, 0.5, 20.0), 0.2)
    assert per_1000(effect) == pytest.approx((800, 600, -100, 800))
    assert effect.limited


def test_risk_difference_cannot_lead_below_no_one():
    effect = absolute_effect(pooled("risk difference", -0.3, -0.5, 0.1), 0.2)
    assert per_1000(effect) == pytest.approx((0, -200, -200, 100))
    assert effect.limited


def test_limit_without_bound_means_everyone_or_no_one():
    infinite = replace(pooled("odds ratio", 2.0, 1.0, 4.0), conf_low=-800.0, conf_high=800.0)
    effect = absolute_effect(infinite, 0.2)
    assert (effect.conf_low_per_1000, effect.conf_high_per_1000) == pytest.approx((-200, 800))
    json.dumps(effect.to_dict(), allow_nan=False)


# --- relations -------------------------------------------------------------------------------------------------------


@given(measure=st.sampled_from(RATIOS), baseline=st.floats(0.01, 0.99), ratio=st.floats(0.05, 20))
def test_risks_give_the_effect_back(measure, baseline, ratio):
    effect = absolute_effect(pooled(measure, ratio, ratio / 2, ratio * 2), baseline)
    treated, control = effect.treatment_per_1000 / 1000, effect.control_per_1000 / 1000
    assert 0 <= treated <= 1
    assert effect.conf_low_per_1000 <= effect.difference_per_1000 <= effect.conf_high_per_1000
    assert effect.difference_per_1000 == pytest.approx(1000 * (treated - control), abs=1e-9)
    if measure == "risk ratio":
        assert effect.limited == (2 * ratio * baseline > 1)
        assert treated == pytest.approx(min(1, ratio * control))
    else:
        assert not effect.limited
        assert treated / (1 - treated) == pytest.approx(ratio * control / (1 - control), rel=1e-6)


@pytest.mark.parametrize("measure", RATIOS)
def test_no_effect_is_no_difference_at_any_baseline(measure):
    for baseline in (0.001, 0.3, 0.999):
        assert absolute_effect(pooled(measure, 1, 1, 1), baseline).difference_per_1000 == pytest.approx(0, abs=1e-9)


def test_both_ratios_agree_where_events_are_rare():
    by_ratio = [
        absolute_effect(pooled(m, 2.0, 1.5, 3.0), 1e-6).treatment_per_1000 for m in ("risk ratio", "odds ratio")
    ]
    assert by_ratio[0] == pytest.approx(by_ratio[1], rel=1e-5)


@pytest.mark.parametrize("risk", [0, 1, 5, -0.1, math.nan, "0.1", None, True])
def test_baseline_risk_is_a_probability(risk):
    with pytest.raises(OptionError, match="baseline_risk=.* is not a probability; .* such as 0.05"):
        absolute_effect(pooled("risk ratio", 0.5, 0.25, 1.5), risk)


def test_keys():
    effect = absolute_effect(pooled("risk ratio", 0.5, 0.25, 1.5), 0.1)
    assert list(effect.to_dict()) == [
        "baseline_risk",
        "control_per_1000",
        "treatment_per_1000",
        "difference_per_1000",
        "conf_low_per_1000",
        "conf_high_per_1000",
        "limited",
    ]


# --- the risk that was observed --------------------------------------------------------------------------------------


def observed(comparison: Comparison) -> float | None:
    return observed_control_risk(pool_request(comparison, make_request(measure="risk difference")))


def test_observed_risk_is_events_over_participants_of_the_control_arms():
    assert observed(make_comparison((4, 123, 11, 139), (6, 306, 29, 303))) == pytest.approx((11 + 29) / (139 + 303))


def test_studies_that_do_not_contribute_count_too():
    comparison = make_comparison((4, 100, 10, 100), (6, 100, 10, 100), (0, 100, 0, 200))
    result = pool_request(comparison, make_request())
    assert result.k_informative == 2
    assert observed_control_risk(result) == pytest.approx(20 / 400)


@pytest.mark.parametrize("multi_arm", MULTI_ARM)
def test_control_arm_of_several_contrasts_counts_once(multi_arm):
    trials = [
        make_trial(
            name, make_arm("drug", 3, 60, label="low"), make_arm("drug", 5, 50, label="high"), make_arm("placebo", c, n)
        )
        for name, c, n in (("A", 9, 90), ("B", 9, 90), ("C", 30, 100))
    ]
    comparison = compare(trials, outcome="rash", treatment="drug", control="placebo", multi_arm=multi_arm)
    assert observed(comparison) == pytest.approx((9 + 9 + 30) / (90 + 90 + 100))


@pytest.mark.parametrize("control", [(0, 100), (100, 100)])
def test_no_events_or_only_events_are_no_baseline(control):
    assert observed(make_comparison((4, 100, *control), (6, 100, *control))) is None


def test_shown_in_words_with_a_remark_where_a_risk_was_held():
    effect = AbsoluteEffect(0.02, 20.0, 9.8, -10.2, -13.5, -5.44, limited=False)
    words = "Per 1000 people: 20.0 without treatment, 9.8 with; difference −10.2 (−13.5 to −5.4)"
    assert str(effect) == words
    assert str(replace(effect, limited=True)) == f"{words}; a risk beyond 0 to 1 was held there"
