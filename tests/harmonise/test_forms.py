"""Arms with rates, means or other statistics, and effects that are given: what a comparison makes of them."""

from __future__ import annotations

import math

import pytest

from trialpool.effects import compute_effects
from trialpool.errors import NotEstimableError, OptionError
from trialpool.harmonise import compare, single_arm
from trialpool.read import read_table
from trialpool.trials import Exclusion, Means, Rates


def trials_of(*rows, **shared):
    """Trials from rows of ``trial treatment`` and numbers by name."""
    made = []
    for row in rows:
        names, numbers = row
        trial, treatment, *arm = names.split()
        made.append(
            {"trial": trial, "treatment": treatment, "arm": (arm or [treatment])[0], "outcome": "pain", **numbers}
        )
    return read_table([{**shared, **row} for row in made]).trials


def compared(*rows, multi_arm="combine", treatment="drug"):
    return compare(trials_of(*rows), outcome="pain", treatment=treatment, control="placebo", multi_arm=multi_arm)


# --- rates -----------------------------------------------------------------------------------------------------------


def test_rates_come_from_person_years_or_from_follow_up_as_a_decision():
    comparison = compared(
        ("A drug", {"events": 3, "n": 20, "person_years": 7.5}),
        ("A placebo", {"events": 4, "n": 21, "follow_up_years": 0.5}),
        ("B drug", {"events": 9, "person_years": 4}),
        ("B placebo", {"events": 2, "person_years": 5}),
        ("C drug", {"events": 1, "n": 10}),
        ("C placebo", {"events": 2, "n": 11}),
    )
    first, second, third = comparison.contrasts
    assert first.rates == (Rates(3, 7.5), Rates(4, 10.5))
    assert first.counts == (3, 20, 4, 21)
    assert first.follow_up_years is None, "one arm alone states it"
    (decision,) = first.conversions["rates"]
    assert (decision.step, decision.trial) == ("conversion", "A")
    assert decision.rule == "person-years from participants and mean follow-up"
    assert (decision.before, decision.after) == ("placebo: 21 participants, 0.50 years", "placebo: 10.5 person-years")
    assert (second.rates, second.counts, second.n_treatment) == ((Rates(9, 4.0), Rates(2, 5.0)), None, None)
    assert third.rates is None
    assert comparison.decisions == ()
    found = compute_effects(comparison, "rate ratio").comparison
    assert (found.labels, found.decisions) == (("A", "B"), (decision,))
    assert found.excluded == (Exclusion("C", "reports no events with person-years in both arms"),)


def test_rates_of_several_arms_are_summed_split_or_share_their_control():
    rows = (
        ("A drug low", {"events": 3, "person_years": 10}),
        ("A drug high", {"events": 5, "person_years": 20}),
        ("A placebo", {"events": 6, "person_years": 12}),
    )
    (one,) = compared(*rows).contrasts
    assert one.rates == (Rates(8, 30.0), Rates(6, 12.0))
    low, high = compared(*rows, multi_arm="split").contrasts
    assert (low.rates, high.rates) == ((Rates(3, 10.0), Rates(3, 6.0)), (Rates(5, 20.0), Rates(3, 6.0)))
    assert compared(*rows).decisions[0].before == "low 3/10.0; high 5/20.0"
    shared = compared(*rows, multi_arm="shared")
    assert compute_effects(shared, "rate ratio").covariance[0, 1] == pytest.approx(1 / 6)


def test_follow_up_of_combined_arms_is_weighted_by_their_people():
    (one,) = compared(
        ("A drug low", {"events": 3, "n": 10, "follow_up_years": 1}),
        ("A drug high", {"events": 5, "n": 30, "follow_up_years": 2}),
        ("A placebo", {"events": 6, "n": 12, "follow_up_years": 2}),
    ).contrasts
    assert one.follow_up_years == (1.75, 2.0)


# --- means -----------------------------------------------------------------------------------------------------------


def test_means_of_several_arms_are_combined_as_raw_data_would_be():
    rows = (
        ("A drug low", {"mean": 1, "sd": 2, "n": 10}),
        ("A drug high", {"mean": 3, "sd": 2, "n": 10}),
        ("A placebo", {"mean": 4, "sd": 1, "n": 12}),
    )
    (one,) = compared(*rows).contrasts
    treated, control = one.means
    assert (treated.mean, treated.n, control) == (2.0, 20, Means(4.0, 1.0, 12))
    assert treated.sd == pytest.approx(math.sqrt((9 * 4 + 9 * 4 + 20) / 19))
    assert (one.n_treatment, one.n_control, one.counts) == (20, 12, None)
    low, _ = compared(*rows, multi_arm="split").contrasts
    assert low.means == (Means(1.0, 2.0, 10), Means(4.0, 1.0, 6.0)), "mean and SD of a split control stay"
    assert compared(*rows).decisions[0].before == "low 1.00 (2.00), n 10; high 3.00 (2.00), n 10"


CONVERTED = [
    ({"mean": 3, "std_error": 0.5}, "standard deviation from the standard error of the mean", "mean 3.000, SE 0.500"),
    (
        {"mean": 3, "conf_low": 2, "conf_high": 4, "conf_level": 0.9},
        "standard deviation from the 90 % interval of the mean, by t with n - 1 df",
        "mean 3.000 (2.000 to 4.000)",
    ),
    (
        {"median": 3, "q1": 2, "q3": 5},
        "mean (Luo 2018) and standard deviation (Wan 2014) from median and quartiles, for a normal distribution",
        "median 3.000, quartiles 2.000 and 5.000",
    ),
    (
        {"median": 3, "minimum": 1, "maximum": 9},
        "mean (Luo 2018) and standard deviation (Wan 2014) from median and range, for a normal distribution",
        "median 3.000, range 1.000 to 9.000",
    ),
    (
        {"median": 3, "q1": 2, "q3": 5, "minimum": 1, "maximum": 9},
        "mean (Luo 2018) and standard deviation (Shi 2020) from median, quartiles and range, for a normal distribution",
        "median 3.000, quartiles 2.000 and 5.000, range 1.000 to 9.000",
    ),
]


@pytest.mark.parametrize(("given", "rule", "before"), CONVERTED)
def test_other_statistics_become_means_by_a_named_decision(given, rule, before):
    comparison = compared(("A drug", {**given, "n": 25}), ("A placebo", {"mean": 4, "sd": 1, "n": 12}))
    (contrast,) = comparison.contrasts
    (decision,) = contrast.conversions["means"]
    assert (decision.trial, decision.rule) == ("A", rule)
    assert decision.before == f"drug: {before}; n 25"
    treated = contrast.means[0]
    assert decision.after == f"drug: mean {treated.mean:.3f}, SD {treated.sd:.3f}"
    assert compute_effects(comparison, "mean difference").comparison.decisions == (decision,)


def test_a_mean_with_its_standard_deviation_is_not_converted():
    (contrast,) = compared(
        ("A drug", {"mean": 3, "sd": 2, "std_error": 0.1, "n": 25}), ("A placebo", {"mean": 4, "sd": 1, "n": 12})
    ).contrasts
    assert (contrast.means[0], dict(contrast.conversions)) == (Means(3.0, 2.0, 25), {})


def test_arms_without_the_numbers_of_their_trial_are_left_out_with_a_decision():
    comparison = compared(
        ("A drug low", {"mean": 1, "sd": 2, "n": 10}),
        ("A drug high", {"events": 3, "n": 10}),
        ("A placebo", {"mean": 4, "sd": 1, "n": 12}),
    )
    assert comparison.contrasts[0].treatment_arm == "low"
    (decision,) = comparison.decisions
    assert decision.rule == "arms without a mean and standard deviation of this outcome left out"
    assert (decision.before, decision.after) == ("low; high; placebo", "low; placebo")


# --- effects as they are given ---------------------------------------------------------------------------------------


def given_trials(*rows):
    made = []
    for trial, treatment, control, numbers in rows:
        made.append({"trial": trial, "outcome": "death", "treatment": treatment, "control": control, **numbers})
    return read_table(made).trials


def given(*rows, treatment="drug", control="placebo"):
    return compare(given_trials(*rows), outcome="death", treatment=treatment, control=control)


def test_an_estimate_is_brought_to_the_working_scale_step_by_step():
    comparison = given(
        ("A", "drug", "placebo", {"estimate": 0.54, "conf_low": 0.42, "conf_high": 0.70, "scale": "ratio"}),
        ("B", "drug", "placebo", {"estimate": -0.5, "p_value": 0.01, "scale": "log ratio"}),
        ("C", "drug", "placebo", {"estimate": -0.5, "variance": 0.09, "scale": "log ratio", "n_treatment": 20}),
        ("D", "drug", "placebo", {"estimate": -0.5, "std_error": 0.2, "p_value": 0.9, "scale": "log ratio"}),
    )
    effects = compute_effects(comparison, "hazard ratio")
    assert effects.estimate.tolist() == [math.log(0.54), -0.5, -0.5, -0.5]
    assert [round(math.sqrt(v), 6) for v in effects.variance] == [0.130315, 0.194112, 0.3, 0.2]
    decisions = effects.comparison.decisions
    assert [(d.trial, d.rule) for d in decisions] == [
        ("A", "logarithm of the ratio"),
        ("A", "standard error from the 95 % interval"),
        ("B", "standard error from the p-value, two-sided and by the normal distribution"),
    ]
    assert [(d.before, d.after) for d in decisions] == [
        ("ratio 0.540", "log ratio −0.616"),
        ("0.540 (0.420 to 0.700)", "standard error 0.130"),
        ("p = 0.010", "standard error 0.194"),
    ]
    assert [c.n_treatment for c in comparison.contrasts] == [None, None, 20, None]


def test_an_estimate_of_the_control_against_the_treatment_is_turned_round():
    row = {"estimate": 2.0, "conf_low": 1.0, "conf_high": 4.0, "scale": "ratio", "n_treatment": 20, "n_control": 30}
    (one,) = given(("A", "placebo", "drug", row)).contrasts
    assert (one.treatment_arm, one.control_arm, one.n_treatment, one.n_control) == ("drug", "placebo", 30, 20)
    assert one.given.estimate == -math.log(2.0)
    last = one.conversions["estimate"][-1]
    assert last.rule == "estimate turned round, as it is of the control against the treatment"
    assert (last.before, last.after) == (
        "placebo against drug: log ratio 0.693",
        "drug against placebo: log ratio −0.693",
    )


def test_several_estimates_of_one_comparison_are_refused():
    row = {"estimate": 0.5, "conf_low": 0.25, "conf_high": 1.0, "scale": "ratio"}
    with pytest.raises(
        OptionError, match=r"'A' gives several estimates of the comparison \(low against placebo; high against"
    ):
        given(("A", "low", "placebo", row), ("A", "high", "placebo", row), treatment=["low", "high"])
    assert len(given(("A", "low", "placebo", row), ("A", "high", "placebo", row), treatment="high")) == 1


def test_a_trial_that_gives_another_comparison_is_excluded():
    row = {"estimate": 0.5, "conf_low": 0.25, "conf_high": 1.0, "scale": "ratio"}
    comparison = given(("A", "drug", "placebo", row), ("B", "drug", "usual", row), ("C", "other", "placebo", row))
    assert comparison.labels == ("A",)
    assert [e.reason for e in comparison.excluded] == ["has no control arm (placebo)", "has no treatment arm (drug)"]
    three = given(("A", "drug", "placebo", row), ("B", "drug", "usual", row), ("B", "usual", "placebo", row))
    assert three.excluded == (Exclusion("B", "its treatment arm reports no numbers of this outcome"),)


# --- single arms -----------------------------------------------------------------------------------------------------


def test_one_treatment_on_its_own_sums_its_arms():
    trials = trials_of(
        ("A drug low", {"events": 3, "n": 10, "person_years": 5}),
        ("A drug high", {"events": 5, "n": 30, "person_years": 15}),
        ("A placebo", {"events": 6, "n": 12}),
        ("B drug", {"events": 2, "person_years": 4}),
        ("C drug", {"mean": 2, "sd": 1, "n": 4}),
        ("D placebo", {"events": 6, "n": 12}),
    )
    arms = single_arm(trials, outcome="Pain", treatment="drug")
    assert [(a.trial, a.events, a.n, a.person_years) for a in arms.arms] == [("A", 8, 40, 20.0), ("B", 2, None, 4.0)]
    assert arms.excluded == (
        Exclusion("C", "its treatment arm reports no events of this outcome"),
        Exclusion("D", "has no treatment arm (drug)"),
    )
    (decision,) = arms.decisions
    assert (decision.rule, decision.before, decision.after) == (
        "arms combined",
        "low 3/10; high 5/30",
        "low + high 8/40",
    )
    assert str(arms) == "pain: drug\n2 trials; 2 trials excluded"


def test_single_arms_without_events_are_refused():
    trials = trials_of(("C drug", {"mean": 2, "sd": 1, "n": 4}), ("C placebo", {"mean": 2, "sd": 1, "n": 4}))
    with pytest.raises(
        NotEstimableError, match="no trial reports events of drug on 'pain': C: its treatment arm reports no"
    ):
        single_arm(trials, outcome="pain", treatment="drug")
    with pytest.raises(OptionError, match="unknown treatment 'drgu'"):
        single_arm(trials, outcome="pain", treatment="drgu")
