"""A published result beside ours: equal at its printed digits or not, and what the input lacks."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from harmonise.builders import make_arm, make_comparison, make_trial

from trialpool.analysis import PublishedResult
from trialpool.analysis.published import compare_with_published
from trialpool.harmonise import compare
from trialpool.pool import Pooled, make_request, pool_request
from trialpool.trials import MULTI_ARM, Comparison, Verification

TABLES = ((4, 100, 11, 90), (30, 200, 12, 100))
COMPARISON = make_comparison(*TABLES)


def published(estimate=0.98, low=0.83, high=1.16, *, digits=(2, 2, 2), measure="", trials=None, participants=None):
    return PublishedResult("rash", measure, estimate, low, high, digits, trials, participants, "Smith 2004", "")


def pooled(estimate: float, low: float, high: float) -> Pooled:
    """A risk ratio with this effect and interval, as displayed."""
    values = dict(zip(("estimate", "conf_low", "conf_high"), map(math.log, (estimate, low, high)), strict=True))
    return replace(pool_request(COMPARISON, make_request()), **values)


def difference(estimate: float, low: float, high: float) -> Pooled:
    result = pool_request(COMPARISON, make_request(measure="risk difference"))
    return replace(result, estimate=estimate, conf_low=low, conf_high=high)


def lacks(comparison: Comparison | None = COMPARISON, **about) -> tuple[str, ...]:
    return compare_with_published(published(**about), None, comparison).lacks


# --- equal or not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "agrees"),
    [
        ((0.98, 0.83, 1.16), True),
        ((0.9804, 0.8261, 1.1635), True),
        ((0.9751, 0.8251, 1.1649), True),
        ((0.9749, 0.83, 1.16), False),
        ((0.98, 0.83, 1.1651), False),
        ((0.975, 0.825, 1.165), True),  # a half may be rounded up
        ((0.985, 0.835, 1.155), True),  # or down
        ((0.98501, 0.83, 1.16), False),
        ((0.98, 0.83, 1e9), False),
    ],
)
def test_comparison_is_at_the_printed_digits(ours, agrees):
    result = compare_with_published(published(), pooled(*ours), COMPARISON)
    assert result.agrees is agrees


@pytest.mark.parametrize(
    ("ours", "unequal"),
    [
        ((11.93, 5.683, 25.38), ""),
        ((11.9, 5.69, 25.0), "lower limit"),
        ((11.9, 5.68, 25.6), "upper limit"),
        ((11.96, 5.68, 25.0), "estimate"),
        ((12.4, 5.7, 25.0), "estimate, lower limit"),
    ],
)
def test_each_number_is_compared_at_its_own_decimals(ours, unequal):
    result = compare_with_published(published(11.9, 5.68, 25.0, digits=(1, 2, 0)), pooled(*ours), COMPARISON)
    assert result.agrees is (not unequal)
    assert result.message == (
        f"Differs from the published result in {unequal}."
        if unequal
        else "Equal to the published result at its printed decimals."
    )


def test_messages():
    equal = compare_with_published(published(), pooled(0.98, 0.83, 1.16), COMPARISON)
    assert equal.message == "Equal to the published result at its printed decimals."
    differs = compare_with_published(published(), pooled(0.98, 0.5, 2.0), COMPARISON)
    assert (differs.agrees, differs.message) == (
        False,
        "Differs from the published result in lower limit, upper limit.",
    )


def test_zero_has_no_sign():
    ours = difference(-0.001, -0.004, 0.004)
    assert compare_with_published(published(0.0, 0.0, 0.0), ours, COMPARISON).agrees is True


def test_another_measure_is_another_quantity():
    result = compare_with_published(published(measure="odds ratio"), pooled(0.98, 0.83, 1.16), COMPARISON)
    assert result.agrees is None
    assert result.message == (
        "The published result is of the odds ratio, this one of the risk ratio: they are not the same quantity."
    )
    assert compare_with_published(published(measure="risk ratio"), pooled(0.98, 0.83, 1.16), COMPARISON).agrees is True


def test_without_a_result_of_ours_there_is_nothing_to_compare():
    result = compare_with_published(published(), None, COMPARISON)
    assert result.agrees is None
    assert result.message == "There is no pooled result here to compare with the published one."


# --- what the input lacks --------------------------------------------------------------------------------------------


def test_nothing_is_said_where_nothing_is_known_or_nothing_lacks():
    assert lacks() == ()
    assert lacks(trials=2, participants=490) == ()


def test_fewer_trials_and_participants_than_were_published():
    assert lacks(trials=8, participants=2706) == (
        "The input has 2 trials with this outcome; the publication pooled 8.",
        "The input has 490 participants with this outcome; the publication had 2706.",
    )


def test_no_trial_at_all():
    assert lacks(None, trials=8, participants=2706) == (
        "The input has 0 trials with this outcome; the publication pooled 8.",
        "The input has 0 participants with this outcome; the publication had 2706.",
    )


@pytest.mark.parametrize("multi_arm", MULTI_ARM)
def test_participants_are_counted_once_however_arms_are_handled(multi_arm):
    trials = [
        make_trial(name, *(make_arm("drug", 3, 60, label=f"dose {i}") for i in range(3)), make_arm("placebo", 9, 100))
        for name in ("A", "B")
    ]
    comparison = compare(trials, outcome="rash", treatment="drug", control="placebo", multi_arm=multi_arm)
    assert lacks(comparison, trials=2, participants=560) == ()
    assert lacks(comparison, participants=561) == (
        "The input has 560 participants with this outcome; the publication had 561.",
    )


@pytest.mark.parametrize(
    ("verification", "sentences"),
    [
        ("read", ()),
        ("not stated", ()),
        ("unverified", ("Nothing confirms the counts of A, B.",)),
        (
            "corroborated",
            ("Confirmed only by totals or published results, not read in their source, are the counts of A, B.",),
        ),
    ],
)
def test_counts_that_are_not_read_in_their_source(verification: Verification, sentences):
    assert lacks(make_comparison(*TABLES, verification=verification)) == sentences


def test_trials_are_named_once_and_many_are_counted():
    many = make_comparison(*[TABLES[0]] * 9, verification="unverified")
    assert lacks(many) == ("Nothing confirms the counts of all 9 trials.",)
    eight = make_comparison(*[TABLES[0]] * 8, verification="unverified")
    assert lacks(eight) == ("Nothing confirms the counts of A, B, C, D, E, F, G, H.",)
    mixed = replace(many, contrasts=(*many.contrasts, replace(make_comparison(TABLES[1]).contrasts[0], trial="Z")))
    assert lacks(mixed) == ("Nothing confirms the counts of A, B, C, D, E, F, G, H, I.",)
    two_arms = [
        make_trial("A", make_arm("drug", 3, label="low"), make_arm("drug", 4, label="high"), make_arm("placebo", 5)),
        make_trial("B", make_arm("drug", 3), make_arm("placebo", 5)),
    ]
    split = compare(two_arms, outcome="rash", treatment="drug", control="placebo", multi_arm="split")
    unverified = tuple(
        replace(c, sources=tuple(replace(s, verification="unverified") for s in c.sources)) for c in split.contrasts
    )
    assert lacks(replace(split, contrasts=unverified)) == ("Nothing confirms the counts of A, B.",)


def test_json():
    result = compare_with_published(published(trials=8, measure="risk ratio"), pooled(0.98, 0.83, 1.16), COMPARISON)
    data = result.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data == {
        "measure": "risk ratio",
        "estimate": 0.98,
        "conf_low": 0.83,
        "conf_high": 1.16,
        "digits": [2, 2, 2],
        "trials": 8,
        "participants": None,
        "source": "Smith 2004",
        "comment": "",
        "agrees": True,
        "message": "Equal to the published result at its printed decimals.",
        "lacks": ["The input has 2 trials with this outcome; the publication pooled 8."],
    }
