"""Contrasts of arms whose events are known within bounds alone."""

from __future__ import annotations

import pytest

import trialpool as tp
from trialpool.errors import NotEstimableError
from trialpool.trials import Bounded, Piece

EMPTY = dict.fromkeys(("events", "events_low", "events_high", "listed_from"))


def row(trial, arm, treatment, n, **numbers):
    return {"trial": trial, "arm": arm, "treatment": treatment, "outcome": "rash", "n": n, **EMPTY, **numbers}


def bounds(trial, arm, treatment, n, high, low=0):
    return row(trial, arm, treatment, n, events_low=low, events_high=high, listed_from=high + 1)


def comparison(*rows, **choices):
    trials = tp.read_table(list(rows)).trials
    return tp.compare(trials, outcome="rash", treatment="drug", control="placebo", **choices)


LISTED = [
    row("Hart", "drug", "drug", 100, events=9, listed_from=5),
    row("Hart", "placebo", "placebo", 98, events=3, listed_from=5),
]
UNLISTED = [bounds("Rai", "drug", "drug", 80, 3), bounds("Rai", "placebo", "placebo", 60, 2)]


def test_a_listed_trial_keeps_its_threshold():
    (contrast,) = comparison(*LISTED).contrasts
    assert contrast.counts == (9, 100, 3, 98)
    assert contrast.bounds == Bounded((Piece(9, 9, 100, 5),), (Piece(3, 3, 98, 5),))
    assert not contrast.bounded_only


def test_without_threshold_and_bounds_there_is_nothing_to_keep():
    (contrast,) = comparison(
        row("Hart", "a", "drug", 100, events=9), row("Hart", "b", "placebo", 98, events=3)
    ).contrasts
    assert contrast.bounds is None


def test_an_unlisted_trial_has_no_counts():
    (contrast,) = comparison(*UNLISTED).contrasts
    assert (contrast.counts, contrast.n_treatment, contrast.n_control) == (None, 80, 60)
    assert contrast.bounds == Bounded((Piece(0, 3, 80, 4),), (Piece(0, 2, 60, 3),))
    assert contrast.bounded_only


def test_an_arm_within_bounds_is_not_left_out_beside_a_counted_one():
    found = comparison(
        row("Hart", "low dose", "drug", 50, events=2),
        bounds("Hart", "high dose", "drug", 50, 3, low=1),
        row("Hart", "placebo", "placebo", 98, events=3),
    )
    (contrast,) = found.contrasts
    assert contrast.counts is None
    assert contrast.bounds == Bounded((Piece(2, 2, 50), Piece(1, 3, 50, 4)), (Piece(3, 3, 98),))
    assert [decision.after for decision in found.decisions] == ["low dose + high dose 3–5/100"]


def test_shared_and_split_controls():
    doses = [bounds("Rai", "low", "drug", 80, 3), bounds("Rai", "high", "drug", 80, 3), UNLISTED[1]]
    assert [c.bounds.treatment[0].n for c in comparison(*doses, multi_arm="shared").contrasts] == [80, 80]
    split = comparison(*LISTED, *doses, multi_arm="split")
    assert split.labels == ("Hart",)
    assert [(e.trial, e.reason[:61]) for e in split.excluded] == [
        ("Rai", "its events are known within bounds alone, which cannot be spl")
    ]


def test_another_arm_may_have_brought_the_event_into_the_list():
    third = row("Hart", "other", "comparator", 90, events=12, listed_from=5)
    assert not comparison(*LISTED).contrasts[0].bounds.listed_elsewhere
    assert comparison(*LISTED, third).contrasts[0].bounds.listed_elsewhere
    assert not comparison(*LISTED, third | {"events": 4}).contrasts[0].bounds.listed_elsewhere


def test_measures_of_counts_leave_it_out_with_the_reason():
    both = comparison(*LISTED, *UNLISTED)
    from trialpool.effects import comparison_for

    assert [e.reason for e in comparison_for(both, "risk ratio").excluded] == [
        "its events are known within bounds alone, 0–3/80 v 0–2/60"
    ]
    with pytest.raises(NotEstimableError, match="within bounds alone: use method 'interval-censored'"):
        tp.pool(comparison(*UNLISTED))
