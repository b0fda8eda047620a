"""The automatic choice: each rule on evidence made for it, its thresholds, and what the door does with it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from harmonise.builders import make_arm, make_comparison, make_trial

import trialpool as tp
from trialpool.errors import NotEstimableError, OptionError
from trialpool.harmonise import compare
from trialpool.pool import (
    Automatic,
    Bayes,
    BinomialNormal,
    Exact,
    HypergeometricNormal,
    InverseVariance,
    MantelHaenszel,
    Peto,
    Thresholds,
    pool_request,
    select,
)
from trialpool.pool.evidence import evidence_of
from trialpool.report.works import REFERENCES
from trialpool.trials import Comparison, Contrast, GivenEffect, Means, Rates

COMMON = (30, 100, 40, 100)
RARE = (3, 200, 6, 200)


def many(table: tuple[int, int, int, int], k: int) -> Comparison:
    return make_comparison(*(table for _ in range(k)))


def chosen(comparison: Comparison, measure: str | None = None, **thresholds: float) -> tuple[str, object]:
    selection = select(comparison, Automatic(measure=measure, thresholds=Thresholds(**thresholds)))
    return selection.request.measure, selection.request.method


# --- the rules -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comparison", "measure", "method"),
    [
        (many(COMMON, 5), "risk ratio", InverseVariance()),
        (many(COMMON, 4), "risk ratio", Bayes()),
        (many(COMMON, 3), "risk ratio", Bayes()),
        (many(COMMON, 2), "risk ratio", Bayes()),
        (many(RARE, 5), "odds ratio", HypergeometricNormal(interval="t")),
        (many(RARE, 9), "odds ratio", HypergeometricNormal(interval="t")),
        (many(RARE, 10), "odds ratio", HypergeometricNormal()),
        (many(RARE, 4), "odds ratio", Bayes(likelihood="hypergeometric")),
        (many((1, 200, 2, 200), 6), "odds ratio", Bayes(likelihood="hypergeometric")),
        (many((0, 200, 4, 200), 8), "odds ratio", Bayes(likelihood="hypergeometric")),
        (many((40, 2000, 60, 2000), 6), "odds ratio", HypergeometricNormal(interval="t")),
    ],
)
def test_rule_of_binary_outcomes(comparison, measure, method):
    assert chosen(comparison) == (measure, method)


@pytest.mark.parametrize(
    ("table", "k", "measure", "method"),
    [
        (RARE, 6, "risk ratio", BinomialNormal(interval="t")),
        (RARE, 12, "risk ratio", BinomialNormal()),
        (RARE, 3, "risk ratio", MantelHaenszel()),
        (RARE, 6, "risk difference", MantelHaenszel(risk_difference_variance="Sato")),
        (RARE, 6, "arcsine difference", InverseVariance()),
        (RARE, 6, "Peto odds ratio", Peto()),
        (COMMON, 6, "odds ratio", InverseVariance()),
        (COMMON, 3, "odds ratio", Bayes()),
        (COMMON, 6, "risk difference", InverseVariance()),
        (COMMON, 3, "risk difference", InverseVariance()),
        (COMMON, 2, "risk difference", InverseVariance(model="common")),
    ],
)
def test_reader_s_measure_stays_and_the_method_follows_it(table, k, measure, method):
    assert chosen(many(table, k), measure) == (measure, method)


def contrasts(*made: Contrast) -> Comparison:
    return Comparison("outcome", ("drug",), ("placebo",), "combine", made)


def rate(label: str, a: float, t1: float, c: float, t2: float) -> Contrast:
    return Contrast(label, label, "drug", "placebo", None, None, None, None, rates=(Rates(a, t1), Rates(c, t2)))


def test_rates_means_and_given_estimates_have_their_own_measures():
    rates = contrasts(*(rate(f"T{i}", 4, 50, 7, 51) for i in range(6)))
    assert chosen(rates) == ("rate ratio", BinomialNormal(interval="t"))
    groups = (Means(5.0, 4.7, 13), Means(6.5, 3.8, 13))
    means = contrasts(*(Contrast(x, x, "drug", "placebo", None, 13, None, 13, means=groups) for x in "ABC"))
    assert chosen(means) == ("mean difference", InverseVariance())
    assert chosen(means.keep([0, 1])) == ("mean difference", InverseVariance(model="common"))
    assert chosen(means, "standardised mean difference") == ("standardised mean difference", Bayes())
    given = GivenEffect(-0.2, 0.01, logarithmic=True)
    ratios = contrasts(*(Contrast(x, x, "drug", "placebo", None, None, None, None, given=given) for x in "ABCDE"))
    assert chosen(ratios) == ("generic ratio", InverseVariance())
    given = GivenEffect(-0.2, 0.01, logarithmic=True, measure="hazard ratio")
    hazards = contrasts(*(Contrast(x, x, "drug", "placebo", None, None, None, None, given=given) for x in "ABCDE"))
    assert chosen(hazards) == ("hazard ratio", InverseVariance())


def test_shared_and_split_controls_leave_what_takes_them():
    trials = [
        make_trial(
            f"T{i}",
            make_arm("drug", 2, 100, label="low"),
            make_arm("drug", 3, 100, label="high"),
            make_arm("placebo", 5, 101),
        )
        for i in range(5)
    ]
    for multi_arm, method in (("shared", InverseVariance()), ("split", MantelHaenszel())):
        comparison = compare(trials, outcome="rash", treatment="drug", control="placebo", multi_arm=multi_arm)
        assert chosen(comparison) == ("risk ratio", method)


def timed(k: int, table: tuple[int, int, int, int], *, person_years: bool) -> Comparison:
    """Trials of which the last follows its people three times as long."""
    made = []
    for i in range(k):
        years = 3.0 if i == k - 1 else 1.0
        a, n1, c, n2 = table
        rates = (Rates(a, n1 * years), Rates(c, n2 * years)) if person_years else None
        made.append(
            Contrast(
                f"T{i}", f"T{i}", "drug", "placebo", a, n1, c, n2, rates=rates, follow_up_years=(years, years)
            )
        )  # fmt: skip
    return contrasts(*made)


def test_follow_up_that_differs_enters_the_measure():
    assert chosen(timed(6, COMMON, person_years=False))[0] == "complementary log-log hazard ratio"
    assert chosen(timed(6, COMMON, person_years=True))[0] == "rate ratio"
    assert chosen(timed(6, RARE, person_years=False))[0] == "odds ratio"  # of rare events, hardly another
    assert chosen(timed(6, COMMON, person_years=False), follow_up=4)[0] == "risk ratio"
    assert "differs 3.0-fold" in select(timed(6, COMMON, person_years=False)).reason


# --- thresholds ------------------------------------------------------------------------------------------------------


def test_thresholds_move_the_rules():
    assert chosen(many(COMMON, 4), few_trials=4)[1] == InverseVariance()
    assert chosen(many(COMMON, 5), few_events=31)[1] == HypergeometricNormal(interval="t")
    assert chosen(many(RARE, 6), enough_trials=6)[1] == HypergeometricNormal()
    assert chosen(many((40, 2000, 60, 2000), 6), rare_risk=0.01)[1] == InverseVariance()


@pytest.mark.parametrize("given", [{"few_trials": 0}, {"few_events": "ten"}, {"rare_risk": 1.5}, {"follow_up": -1}])
def test_thresholds_refuse_what_is_no_threshold(given):
    with pytest.raises(OptionError, match=next(iter(given))):
        Thresholds(**given)


# --- what is said of a choice ----------------------------------------------------------------------------------------


def test_choice_says_situation_reason_works_companions_and_thresholds():
    selection = select(many(RARE, 5))
    text = str(selection)
    assert "rare events, 5 or more trials" in text
    assert "15 and 30 events" in text
    assert "few trials: below 5" in text
    assert {request.method_name for request in selection.companions} == {
        "mantel-haenszel",
        "exact",
        "bayes",
        "beta-binomial",
    }
    assert selection.request.profile == "auto"
    assert selection.to_dict()["thresholds"]["rare_risk"] == 0.05


@pytest.mark.parametrize("table", [COMMON, RARE, (0, 200, 4, 200), (1, 200, 2, 200)])
@pytest.mark.parametrize("k", [2, 3, 5])
def test_every_work_can_be_cited_and_every_companion_can_be_pooled_or_says_why(table, k):
    comparison = many(table, k)
    selection = select(comparison)
    assert selection.works
    assert set(selection.works) <= set(REFERENCES)
    for request in selection.companions:
        try:
            pool_request(comparison, request)
        except NotEstimableError as error:
            assert str(error)  # noqa: PT017 (either is right)


def test_one_empty_side_is_named():
    for table, side in (((0, 200, 4, 200), "treatment"), ((4, 200, 0, 200), "control")):
        selection = select(many(table, 6))
        assert selection.situation == f"no events in any {side} arm"
        assert Exact() in [request.method for request in selection.companions]


def test_no_events_at_all_is_no_evidence():
    with pytest.raises(NotEstimableError, match="no events in any arm of 3 trials"):
        select(many((0, 100, 0, 100), 3))


# --- at the door -----------------------------------------------------------------------------------------------------


def test_door_takes_the_word_the_object_and_gives_the_choice_with_the_result():
    comparison = many(RARE, 5)
    by_word, by_object = tp.pool(comparison, method="auto"), tp.pool(comparison, method=Automatic())
    assert by_word == by_object
    assert by_word.selection == select(comparison)
    asked = replace(by_word.request, profile=None)
    assert tp.pool(comparison, measure="odds ratio", method=HypergeometricNormal(interval="t")).request == asked
    assert (
        tp.pool(comparison, measure="odds ratio", method=HypergeometricNormal(interval="t")).estimate
        == by_word.estimate
    )
    assert "Chosen automatically" in str(by_word)


def test_choice_does_not_depend_on_the_order_of_trials_nor_on_the_arms_names():
    comparison = make_comparison(COMMON, RARE, (0, 50, 0, 60), (1, 90, 0, 30), (9, 80, 12, 84), (10, 90, 11, 91))
    turned = comparison.keep(reversed(range(len(comparison))))
    assert select(turned).request == select(comparison).request
    assert evidence_of(turned) == evidence_of(comparison)


def test_evidence_counts_zeros_and_sizes():
    evidence = evidence_of(make_comparison((0, 100, 0, 50), (0, 100, 3, 100), (5, 60, 7, 90)))
    assert (evidence.trials, evidence.informative, evidence.single_zero, evidence.double_zero) == (3, 2, 1, 1)
    assert (evidence.events_treatment, evidence.events_control, evidence.fewest_events) == (5, 10, 0)
    assert evidence.risk == 15 / 500
    assert evidence.allocation == 2


# The profile likelihood of these twelve trials never falls far enough above the estimate.
OPEN = make_comparison(
    *zip(
        (2, 0, 2, 2, 0, 1, 1, 2, 1, 3, 3, 1),
        (134, 327, 385, 125, 368, 336, 274, 136, 126, 255, 194, 164),
        (1, 5, 1, 0, 1, 0, 0, 2, 0, 0, 0, 0),
        (98, 176, 88, 182, 151, 136, 184, 111, 53, 91, 191, 130),
        strict=True,
    )
)


def test_choice_without_an_answer_falls_back_on_what_stands_ready_and_says_so():
    selection = select(OPEN)
    assert selection.request.method == HypergeometricNormal()
    with pytest.raises(NotEstimableError, match="no upper limit") as caught:
        pool_request(OPEN, selection.request)
    result = tp.pool(OPEN, method="auto")
    assert result.request == selection.fallback
    assert result.request.method == Bayes(likelihood="hypergeometric")
    assert str(caught.value) in result.selection.reason
    assert result.request not in result.selection.companions


def test_choice_without_a_fallback_gives_the_reason():
    with pytest.raises(NotEstimableError, match="only one study has events"):
        tp.pool(make_comparison((1, 100, 2, 100), (0, 100, 0, 100)), method="auto")


def test_weights_of_counts_are_shares_of_their_information():
    result = tp.pool(OPEN, method="auto")
    weights = {study.contrast.label: study.weight for study in result.studies}
    assert math.isclose(sum(weight or 0.0 for weight in weights.values()), 1.0)
    events = {c.label: c.events_treatment + c.events_control for c in OPEN.contrasts}
    heaviest = max(weights, key=lambda label: weights[label] or 0.0)
    assert events[heaviest] == max(events.values())
