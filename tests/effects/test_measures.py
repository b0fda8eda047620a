"""Effects of counts, rates, means and given effects: identities, relations, what has no effect, and refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from effects.builders import comparison_of, make_given, make_means, make_rates
from harmonise.builders import make_comparison
from hypothesis import given
from hypothesis import strategies as st

from trialpool.effects import MEASURES, ZeroCells, compute_effects, measure_name, numbers_of, scale_of, takes_zero_cells
from trialpool.effects.binary import arcsine_difference, log_cumulative_hazard, log_hazard_ratio
from trialpool.effects.continuous import hedges_correction, mean_difference, standardised_mean_difference
from trialpool.errors import OptionError
from trialpool.trials import GivenEffect, Means

COUNTS = make_comparison((4, 123, 11, 139), (6, 306, 29, 303), (0, 50, 3, 51))
RATES = make_rates((7, 1344, 11, 1988), (8, 1600, 8, 1461), (0, 300, 2, 320))
MEANS = make_means((5.0, 4.7, 13, 6.5, 3.8, 13), (4.9, 1.71, 30, 6.1, 2.3, 50))
HAZARD = "complementary log-log hazard ratio"


def of(comparison, measure, **zero_cells):
    return compute_effects(comparison, measure, ZeroCells(**zero_cells) if zero_cells else None)


# --- every measure ---------------------------------------------------------------------------------------------------


def test_every_measure_has_a_scale_and_a_form_of_numbers():
    forms = {numbers_of(measure) for measure in MEASURES}
    assert forms == {"counts", "rates", "means", "estimate"}
    for measure in MEASURES:
        scale = scale_of(measure)
        ratio = "ratio" in measure
        assert (scale.logarithmic, scale.null) == (ratio, 1.0 if ratio else 0.0)


def test_zero_cells_have_a_meaning_for_measures_of_events_alone():
    without = [measure for measure in MEASURES if not takes_zero_cells(measure)]
    assert without == [
        "Peto odds ratio",
        "arcsine difference",
        "mean difference",
        "standardised mean difference",
        "ratio of means",
        "hazard ratio",
        "generic ratio",
        "generic difference",
    ]
    data = {"counts": COUNTS, "means": MEANS, "estimate": make_given(GivenEffect(0.1, 0.2, True))}
    for measure in without:
        with pytest.raises(OptionError, match=f"{measure} needs no zero-cell correction"):
            of(data[numbers_of(measure)], measure, rule="constant")


def swapped(comparison):
    """The arms change sides."""
    contrasts = []
    for c in comparison.contrasts:
        pairs = {name: pair and pair[::-1] for name, pair in (("rates", c.rates), ("means", c.means))}
        contrasts.append(
            replace(
                c,
                events_treatment=c.events_control,
                n_treatment=c.n_control,
                events_control=c.events_treatment,
                n_control=c.n_treatment,
                given=c.given and replace(c.given, estimate=-c.given.estimate),
                **pairs,
            )
        )
    return replace(comparison, contrasts=tuple(contrasts))


@pytest.mark.parametrize("measure", MEASURES)
def test_swapped_arms_turn_the_effect_round(measure):
    ratio = scale_of(measure).logarithmic
    data = {"counts": COUNTS, "rates": RATES, "means": MEANS}
    comparison = data.get(numbers_of(measure), make_given(GivenEffect(0.3, 0.2, ratio), GivenEffect(-0.1, 0.1, ratio)))
    one, other = of(comparison, measure), of(swapped(comparison), measure)
    np.testing.assert_allclose(other.estimate, -one.estimate, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(other.variance, one.variance, rtol=1e-12)


# --- counts ----------------------------------------------------------------------------------------------------------


def test_arcsine_difference_uses_every_trial_and_its_variance_only_the_sizes():
    effects = of(make_comparison((0, 50, 0, 40), (50, 50, 40, 40), (50, 50, 0, 40)), "arcsine difference")
    np.testing.assert_allclose(effects.estimate, [0.0, 0.0, math.pi / 2], atol=1e-15)
    np.testing.assert_allclose(effects.variance, [1 / 200 + 1 / 160] * 3)
    assert not effects.reasons


def test_arcsine_difference_approximates_the_risk_difference_over_twice_the_binomial_deviation():
    y, _ = arcsine_difference(*np.array([[5001.0], [10_000.0], [4999.0], [10_000.0]]))
    np.testing.assert_allclose(y, 0.0002, rtol=1e-6)  # 1 / (2 sqrt(p q)) is 1 at one half


@given(st.floats(1e-4, 0.7), st.floats(0.2, 4.0))
def test_a_hazard_ratio_is_found_whatever_the_time(risk, ratio):
    """With proportional hazards the survival of the treated is that of the controls to the power of the ratio."""
    n = 1e6
    treated = 1 - (1 - risk) ** ratio
    y, _ = log_hazard_ratio(*np.array([[treated * n], [n], [risk * n], [n]]))
    np.testing.assert_allclose(y, math.log(ratio), rtol=1e-8, atol=1e-9)


def test_a_rare_event_has_the_hazard_ratio_of_its_risk_ratio():
    table = np.array([[4.0], [1e9], [11.0], [1e9]])
    y, v = log_hazard_ratio(*table)
    np.testing.assert_allclose([y[0], v[0]], [math.log(4 / 11), 1 / 4 + 1 / 11], rtol=1e-7)


def test_the_variance_of_the_log_cumulative_hazard_is_that_of_simulated_counts():
    events = np.random.default_rng(1).binomial(400, 0.3, 200_000).astype(float)
    y, _ = log_cumulative_hazard(events, np.full_like(events, 400.0))
    _, v = log_cumulative_hazard(np.array([120.0]), np.array([400.0]))
    np.testing.assert_allclose(y.var(), v[0], rtol=0.02)


def test_unequal_follow_up_is_an_offset_and_a_decision():
    plain = of(COUNTS, HAZARD)
    longer = replace(COUNTS, contrasts=tuple(replace(c, follow_up_years=(2.0, 1.0)) for c in COUNTS.contrasts))
    offset = of(longer, HAZARD)
    np.testing.assert_allclose(offset.estimate, plain.estimate - math.log(2), rtol=1e-12)
    np.testing.assert_array_equal(offset.variance, plain.variance)
    assert [d.step for d in offset.comparison.decisions] == ["follow-up"] * 3
    assert offset.comparison.decisions[0].before == "2.00 and 1.00 years"
    equal = replace(COUNTS, contrasts=tuple(replace(c, follow_up_years=(2.0, 2.0)) for c in COUNTS.contrasts))
    assert not of(equal, HAZARD).comparison.decisions
    assert not of(longer, "risk ratio").comparison.decisions


def test_a_hazard_ratio_from_counts_needs_events_and_non_events_in_both_arms():
    effects = of(
        make_comparison((4, 10, 5, 10), (0, 10, 5, 10), (10, 10, 5, 10), (3, 10, 10, 10), (0, 9, 0, 9)), HAZARD
    )
    assert [int(i) for i in effects.used] == [0]
    assert [effects.reasons[i].partition(":")[0] for i in (1, 2, 3, 4)] == [
        "no events in the treatment arm",
        "every participant of the treatment arm had the event",
        "every participant of the control arm had the event",
        "no events in either arm",
    ]
    assert len(of(COUNTS, HAZARD, rule="constant").used) == 3


# --- rates -----------------------------------------------------------------------------------------------------------


def test_rates_without_events_have_a_reason_or_a_correction():
    data = make_rates((0, 300, 2, 320), (2, 300, 0, 320), (0, 300, 0, 320), (1, 300, 1, 320))
    effects = of(data, "rate ratio")
    assert [int(i) for i in effects.used] == [3]
    assert (
        effects.reasons[0]
        == "no events in the treatment arm: the log rate ratio is infinite without a zero-cell correction"
    )
    assert effects.reasons[1].startswith("no events in the control arm")
    assert effects.reasons[2] == "no events in either arm: it holds no information on the ratio"
    corrected = of(data, "rate ratio", rule="constant", increment=0.25)
    assert [int(i) for i in corrected.used] == [0, 1, 3]
    np.testing.assert_allclose(corrected.estimate[0], math.log((0.25 / 300) / (2.25 / 320)))
    np.testing.assert_array_equal(corrected.increments, [[0.25, 0.25, 0, 0], [0.25, 0.25, 0, 0]])
    every = of(data, "rate ratio", rule="constant", double_zero="corrected")
    assert len(every.used) == 4
    difference = of(data, "rate difference")
    assert [int(i) for i in difference.used] == [0, 1, 3]
    assert difference.reasons == {2: "no events in either arm: its variance is zero"}


@pytest.mark.parametrize(
    "options", [{"rule": "treatment-arm"}, {"rule": "empirical"}, {"rule": "constant", "convention": "meta"}]
)
def test_rules_that_balance_participants_have_no_meaning_for_rates(options):
    with pytest.raises(OptionError, match="the rate ratio knows zero_cells 'none' and 'constant'"):
        of(RATES, "rate ratio", **options)


@given(st.floats(1e-6, 1e6))
def test_the_unit_of_time_does_not_change_a_rate_ratio_and_scales_a_difference(unit):
    scaled = make_rates(
        (7, 1344 * unit, 11, 1988 * unit), (8, 1600 * unit, 8, 1461 * unit), (0, 300 * unit, 2, 320 * unit)
    )
    np.testing.assert_allclose(of(scaled, "rate ratio").estimate, of(RATES, "rate ratio").estimate, rtol=1e-12)
    one, other = of(RATES, "rate difference"), of(scaled, "rate difference")
    np.testing.assert_allclose(other.estimate * unit, one.estimate, rtol=1e-12)
    np.testing.assert_allclose(other.variance * unit**2, one.variance, rtol=1e-12)


def test_rates_of_arms_that_share_a_control_covary_by_its_events():
    contrasts = make_rates((7, 1344, 11, 1988), (9, 900, 11, 1988)).contrasts
    shared = comparison_of([replace(c, trial="A") for c in contrasts], "shared")
    ratio, difference = of(shared, "rate ratio"), of(shared, "rate difference")
    np.testing.assert_allclose(ratio.covariance[0, 1], 1 / 11)
    np.testing.assert_allclose(difference.covariance[0, 1], 11 / 1988**2)
    np.testing.assert_array_equal(np.diag(ratio.covariance), ratio.variance)


def test_a_correction_reaches_every_contrast_of_a_shared_control():
    contrasts = make_rates((0, 1344, 11, 1988), (9, 900, 11, 1988)).contrasts
    shared = comparison_of([replace(c, trial="A") for c in contrasts], "shared")
    assert (of(shared, "rate ratio", rule="constant").increments == 0.5).all()


# --- means -----------------------------------------------------------------------------------------------------------


@given(st.floats(-1e3, 1e3), st.floats(1e-6, 1e6))
def test_means_move_and_scale(shift, unit):
    rows = [(5.0, 4.7, 13.0, 6.5, 3.8, 13.0), (4.9, 1.71, 30.0, 6.1, 2.3, 50.0)]
    moved = make_means(
        *[(unit * (a + shift), unit * s, n, unit * (b + shift), unit * t, m) for a, s, n, b, t, m in rows]
    )
    one, other = of(MEANS, "mean difference"), of(moved, "mean difference")
    np.testing.assert_allclose(other.estimate / unit, one.estimate, rtol=1e-9)
    np.testing.assert_allclose(other.variance / unit**2, one.variance, rtol=1e-12)
    np.testing.assert_allclose(
        of(moved, "standardised mean difference").estimate,
        of(MEANS, "standardised mean difference").estimate,
        rtol=1e-9,
    )


def test_hedges_correction_makes_the_standardised_difference_unbiased():
    rng, n, delta = np.random.default_rng(3), 4, 0.8
    first, second = rng.normal(delta, 1, (100_000, n)), rng.normal(0, 1, (100_000, n))
    columns = (
        first.mean(1),
        first.std(1, ddof=1),
        np.full(100_000, n),
        second.mean(1),
        second.std(1, ddof=1),
        np.full(100_000, n),
    )
    g, _ = standardised_mean_difference(*columns)
    assert abs(g.mean() - delta) < 4 * g.std() / math.sqrt(g.size)


def test_hedges_correction_keeps_its_digits_in_large_samples():
    df = np.array([10.0, 1e4, 1e8, 1e12])
    series = 1 - 3 / (4 * df) - 7 / (32 * df**2) - 9 / (128 * df**3)
    np.testing.assert_allclose(hedges_correction(df)[1:], series[1:], rtol=1e-11)
    assert abs(hedges_correction(df)[0] - series[0]) < 1e-5


def test_means_that_have_no_effect_say_why():
    data = make_means(
        (5, 1, 10, 4, 1, 10), (5, 0, 10, 4, 0, 10), (-1, 1, 10, 4, 1, 10), (0, 1, 10, 4, 1, 10), (5, 1, 1, 4, 1, 2)
    )
    ratio, standardised = of(data, "ratio of means"), of(data, "standardised mean difference")
    assert ratio.reasons == {
        1: "no variation within either arm: its variance is zero",
        2: "the means do not have the same sign: their ratio has no logarithm",
        3: "the means do not have the same sign: their ratio has no logarithm",
    }
    assert set(standardised.reasons) == {1, 4}
    assert set(of(data, "mean difference").reasons) == {1}


def test_two_negative_means_have_a_ratio():
    effects = of(make_means((-5, 1, 10, -4, 1, 10)), "ratio of means")
    np.testing.assert_allclose(effects.estimate, [math.log(5 / 4)])


@pytest.mark.parametrize("measure", ["mean difference", "standardised mean difference", "ratio of means"])
def test_one_contrast_a_trial_is_the_same_with_a_shared_control(measure):
    shared = replace(make_means((5, 1, 10, 4, 2, 12), (6, 1, 9, 4, 2, 12), (3, 1, 8, 2, 1, 7)), multi_arm="shared")
    contrasts = [replace(c, trial="A" if i < 2 else "C") for i, c in enumerate(shared.contrasts)]
    effects = of(replace(shared, contrasts=tuple(contrasts)), measure)
    alone = of(make_means((3, 1, 8, 2, 1, 7)), measure)
    np.testing.assert_allclose([effects.estimate[2], effects.variance[2]], [alone.estimate[0], alone.variance[0]])
    assert effects.covariance[0, 1] > 0
    assert effects.covariance[0, 2] == 0
    assert np.linalg.eigvalsh(effects.covariance).min() > 0


def test_a_mean_difference_covaries_by_the_control_mean():
    shared = replace(make_means((5, 1, 10, 4, 2, 12), (6, 1, 9, 4, 2, 12)), multi_arm="shared")
    contrasts = tuple(replace(c, trial="A") for c in shared.contrasts)
    np.testing.assert_allclose(of(replace(shared, contrasts=contrasts), "mean difference").covariance[0, 1], 4 / 12)


def test_variances_far_apart_stay_numbers():
    y, v = mean_difference(*np.array([[1e-6, 1e6], [1e-12, 1e12], [1e3, 2.0], [0.0, 0.0], [1e-12, 1e12], [1e3, 2.0]]))
    np.testing.assert_allclose(v, [2e-27, 1e24], rtol=1e-12)
    assert np.isfinite(y).all()


# --- given effects ---------------------------------------------------------------------------------------------------


def test_given_effects_are_used_as_they_are():
    effects = of(make_given(GivenEffect(-0.5, 0.04, True), GivenEffect(0.1, 0.09, True)), "hazard ratio")
    np.testing.assert_array_equal(effects.estimate, [-0.5, 0.1])
    np.testing.assert_array_equal(effects.variance, [0.04, 0.09])


def test_ratios_and_differences_are_not_mixed():
    mixed = make_given(GivenEffect(-0.5, 0.04, True), GivenEffect(0.1, 0.09, False))
    with pytest.raises(OptionError, match="generic ratio does not go with 'B': the table gives a difference there"):
        of(mixed, "generic ratio")
    with pytest.raises(OptionError, match="generic difference does not go with 'A': the table gives a ratio there"):
        of(mixed, "generic difference")


def test_what_the_table_calls_its_estimates_counts():
    odds = make_given(
        GivenEffect(0.1, 0.2, True, "adjusted odds ratio"), GivenEffect(0.3, 0.2, True, "Adjusted odds ratio")
    )
    with pytest.raises(OptionError, match="calls its estimates 'adjusted odds ratio', not hazard ratio"):
        of(odds, "hazard ratio")
    assert len(of(odds, "generic ratio").used) == 2
    both = make_given(GivenEffect(0.1, 0.2, True, "odds ratio"), GivenEffect(0.3, 0.2, True, "hazard ratio"))
    with pytest.raises(OptionError, match="estimates of 'odds ratio', 'hazard ratio', which are different effects"):
        of(both, "generic ratio")
    for word in ("adjusted hazard ratio", "HR", ""):
        assert len(of(make_given(GivenEffect(0.1, 0.2, True, word)), "hazard ratio").used) == 1


def test_the_name_of_a_given_effect_is_the_one_that_the_table_has():
    named = make_given(GivenEffect(0.1, 0.2, True, "adjusted odds ratio"))
    assert measure_name(named, "generic ratio") == "adjusted odds ratio"
    assert measure_name(make_given(GivenEffect(0.1, 0.2, True)), "generic ratio") == "generic ratio"
    assert measure_name(COUNTS, "odds ratio") == "odds ratio"


def test_given_effects_have_no_covariance_to_share():
    shared = comparison_of(
        [replace(c, trial="A") for c in make_given(*[GivenEffect(0.1, 0.2, True)] * 2).contrasts], "shared"
    )
    with pytest.raises(OptionError, match="what contrasts share through their control is not known"):
        of(shared, "hazard ratio")


def test_means_of_split_controls_may_be_of_fractions_of_people():
    whole, split = Means(5.0, 2.0, 20), Means(4.0, 2.0, 10.5)
    contrast = replace(MEANS.contrasts[0], means=(whole, split), n_treatment=20, n_control=10.5)
    effects = of(comparison_of([contrast]), "mean difference")
    np.testing.assert_allclose(effects.variance, [4 / 20 + 4 / 10.5])
