"""Trials whose events are known within bounds, at the door and beside each other in the sensitivity table."""

from __future__ import annotations

import math

import pytest

import trialpool as tp
from trialpool.effects import effects_with_bounds
from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool import make_request, pool_request
from trialpool.pool.interval_censored_contrasts import pool_interval_censored
from trialpool.sensitivity import counts_within_bounds
from trialpool.sensitivity.within_bounds import completed
from trialpool.trials import Piece

NUMBERS = ("events", "events_low", "events_high", "listed_from", "person_years")
LISTED = [("A", 9, 100, 4, 98), ("B", 12, 120, 9, 118), ("C", 6, 90, 3, 92), ("D", 15, 140, 5, 139)]
UNLISTED = [("E", 100, 98), ("F", 60, 64)]


def rows(trial, treatment, n, **numbers):
    return {"trial": trial, "treatment": treatment, "outcome": "rash", "n": n, **dict.fromkeys(NUMBERS), **numbers}


def cap(n):
    return math.ceil(0.05 * n)


def listed(trial, a, n1, c, n2):
    return [
        rows(trial, treatment, n, events=x, listed_from=cap(n))
        for treatment, x, n in (("drug", a, n1), ("placebo", c, n2))
    ]


def unlisted(trial, *sizes):
    return [
        rows(trial, treatment, n, events_low=0, events_high=cap(n) - 1, listed_from=cap(n))
        for treatment, n in zip(("drug", "placebo"), sizes, strict=True)
    ]


def comparison(*tables, **choices):
    trials = tp.read_table([row for table in tables for row in table]).trials
    return tp.compare(trials, outcome="rash", treatment="drug", control="placebo", **choices)


ALL = [*(listed(*row) for row in LISTED), *(unlisted(*row) for row in UNLISTED)]
BOTH = comparison(*ALL)
METHODS = [
    tp.IntervalCensored(likelihood=likelihood, model=model)
    for likelihood in ("binomial", "hypergeometric")
    for model in ("common", "random")
]


def pool(found, method):
    return pool_request(found, make_request(measure="odds ratio", method=method))


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_the_door_gives_what_the_likelihood_gives(method):
    pieces = [(*((Piece(x, x, n, cap(n)),) for x, n in ((a, n1), (c, n2))), False) for _, a, n1, c, n2 in LISTED] + [
        (*((Piece(0, cap(n) - 1, n, cap(n)),) for n in sizes), False) for _, *sizes in UNLISTED
    ]
    fit = pool_interval_censored(pieces, method).fit
    found = pool(BOTH, method)
    assert (found.estimate, found.std_error) == (fit.estimate, fit.std_error)
    assert (found.conf_low, found.conf_high, found.p_value) == (fit.conf_low, fit.conf_high, fit.p_value)
    assert found.test == "likelihood ratio"


def test_which_trials_contribute():
    binomial, conditional = (
        pool(BOTH, tp.IntervalCensored(likelihood=word)) for word in ("binomial", "hypergeometric")
    )
    assert [study.contributes for study in binomial.studies] == [True] * 6
    assert [study.contributes for study in conditional.studies] == [True] * 4 + [False] * 2
    assert {study.weight for study in binomial.studies} == {None}
    assert [study.contrast.label for study in binomial.studies] == list("ABCDEF")
    assert binomial.studies[4].reason == (
        "its events are known within bounds alone, 0–4/100 v 0–4/98; its odds ratio is not bounded"
    )


@pytest.mark.parametrize(
    ("treatment", "control", "says"),
    [
        (
            (226, 255, 1722),
            (96, 106, 1723),
            f"lies between {226 * 1617 / (1496 * 106):.2f} and {255 * 1627 / (1467 * 96):.2f}",
        ),
        ((0, 4, 50), (5, 5, 100), f"is {4 * 95 / (46 * 5):.2f} or less"),
        ((5, 8, 100), (0, 4, 100), f"is {5 * 96 / (95 * 4):.2f} or more"),
    ],
)
def test_own_odds_ratio_of_a_trial_within_bounds(treatment, control, says):
    arms = [
        rows("G", name, n, events_low=low, events_high=high)
        for name, (low, high, n) in (("drug", treatment), ("placebo", control))
    ]
    found = effects_with_bounds(comparison(*ALL, arms), "odds ratio")
    assert found.reasons[6].endswith(f"; its odds ratio {says}")


def test_unlisted_trials_are_evidence_for_a_low_risk_only_where_the_likelihood_uses_them():
    fewer = comparison(*ALL[:4])
    conditional = tp.IntervalCensored(likelihood="hypergeometric")
    assert pool(BOTH, conditional).estimate == pool(fewer, conditional).estimate
    assert pool(BOTH, tp.IntervalCensored()).estimate != pool(fewer, tp.IntervalCensored()).estimate


def test_order_of_trials_does_not_matter():
    for method in METHODS:
        one, other = pool(BOTH, method), pool(comparison(*ALL[::-1]), method)
        assert math.isclose(one.estimate, other.estimate, rel_tol=1e-8)


def test_swapped_sides_turn_the_sign():
    for method in METHODS:
        other = tp.compare(
            tp.read_table([row for table in ALL for row in table]).trials,
            outcome="rash",
            treatment="placebo",
            control="drug",
        )
        assert math.isclose(pool(BOTH, method).estimate, -pool(other, method).estimate, rel_tol=1e-7)


def test_without_bounds_and_thresholds_it_is_the_logistic_model_with_random_intercepts():
    plain = comparison(*([{**row, "listed_from": None} for row in table] for table in ALL[:4]))
    ours = pool(plain, tp.IntervalCensored(interval="wald"))
    logistic = pool(plain, tp.Logistic(intercepts="random", interval="wald"))
    assert math.isclose(ours.estimate, logistic.estimate, rel_tol=1e-7)
    assert math.isclose(ours.std_error, logistic.std_error, rel_tol=1e-6)


def test_dose_arms_within_bounds_enter_one_by_one():
    doses = [
        rows("G", "drug", 50, arm="low", events_low=0, events_high=2, listed_from=3),
        rows("G", "drug", 50, arm="high", events_low=0, events_high=2, listed_from=3),
        rows("G", "placebo", 50, arm="placebo", events_low=0, events_high=2, listed_from=3),
    ]
    named = [[{**row, "arm": row["treatment"]} for row in table] for table in ALL]
    found = pool(comparison(*named, doses), tp.IntervalCensored())
    (contrast,) = [s.contrast for s in found.studies if s.contrast.trial == "G"]
    assert contrast.bounds.treatment == (Piece(0, 2, 50, 3), Piece(0, 2, 50, 3))


def test_shared_and_split_controls_are_refused():
    doses = [
        *(rows("G", "drug", 50, arm=arm, events=4) for arm in ("low", "high")),
        rows("G", "placebo", 51, arm="placebo", events=3),
    ]
    named = [[{**row, "arm": row["treatment"]} for row in table] for table in ALL]
    for handling in ("shared", "split"):
        with pytest.raises(OptionError, match="use multi_arm='combine'"):
            pool(comparison(*named, doses, multi_arm=handling), tp.IntervalCensored())


def test_bounds_too_far_apart_are_refused():
    far = [rows("G", name, 10**6, events_low=0, events_high=50_000) for name in ("drug", "placebo")]
    with pytest.raises(OptionError, match="the bounds of G are 50000 events apart"):
        pool(comparison(*ALL, far), tp.IntervalCensored())


def test_trials_without_any_numbers_of_events_are_excluded_with_the_reason():
    years = [rows("Y", treatment, None, events=3, person_years=90.0) for treatment in ("drug", "placebo")]
    found = effects_with_bounds(comparison(*ALL, years), "odds ratio")
    assert [e.trial for e in found.comparison.excluded] == ["Y"]
    assert found.used.tolist() == [0, 1, 2, 3]
    alone = effects_with_bounds(comparison(*ALL[4:], years), "odds ratio")
    assert (alone.comparison.labels, [e.trial for e in alone.comparison.excluded]) == (("E", "F"), ["Y"])
    with pytest.raises(NotEstimableError, match="no trial has counts of events, or bounds"):
        effects_with_bounds(comparison(*ALL).keep([]), "odds ratio")


def test_all_unlisted_has_no_answer_and_says_why():
    for method in METHODS:
        with pytest.raises(NotEstimableError):
            pool(comparison(*ALL[4:]), method)


# --- side by side -----------------------------------------------------------------------------------------------------


def test_completions_are_the_ends_of_the_bounds():
    found = {
        word: completed(BOTH, word).contrasts[4].counts for word in ("favours treatment", "favours control", "low")
    }
    assert found == {
        "favours treatment": (0, 100, 4, 98),
        "favours control": (4, 100, 0, 98),
        "low": (0, 100, 0, 98),
    }
    assert completed(BOTH, "low").contrasts[0] == BOTH.contrasts[0]


def test_every_truth_lies_between_the_extremes():
    pooled = pool(BOTH, tp.MantelHaenszel())
    table = {row.label: row.pooled for row in counts_within_bounds(BOTH, pooled).rows}
    low = table["fewest with treatment, most with control"].estimate
    high = table["most with treatment, fewest with control"].estimate
    for x in range(5):
        for y in range(4):
            truth = comparison(*ALL[:4], listed("E", x, 100, y, 98), listed("F", y % 3, 60, x % 4, 64))
            assert low <= pool(truth, tp.MantelHaenszel()).estimate <= high


@pytest.mark.parametrize("method", [tp.MantelHaenszel(), tp.IntervalCensored(), tp.IntervalCensored(model="common")])
def test_the_table_has_every_way_once(method):
    table = counts_within_bounds(BOTH, pool(BOTH, method))
    labels = [row.label for row in table.rows]
    assert len(labels) == len(set(labels))
    assert sum(label.startswith("left out: ") for label in labels) == 1
    assert sum(label.startswith("interval-censored, binomial") for label in labels) >= 1
    assert all(row.pooled is not None for row in table.rows)


def test_the_table_does_not_arise_where_every_count_is_known():
    found = comparison(*ALL[:4])
    table = counts_within_bounds(found, pool(found, tp.MantelHaenszel()))
    assert (table.rows, table.verdict) == ((), "Every count is known, so the choice does not arise.")
