"""Multi-arm handling side by side."""

from __future__ import annotations

import pytest
from harmonise.builders import make_arm, make_trial

from trialpool.harmonise import compare
from trialpool.pool import MantelHaenszel, Peto, make_request, pool_request
from trialpool.sensitivity import multi_arm_handling
from trialpool.trials import MULTI_ARM

TWO_ARMS = make_trial("Smith", make_arm("drug", 5, 50), make_arm("placebo", 8, 48))
THREE_ARMS = [
    make_trial(
        name,
        make_arm("drug", 10 + i, 100, label="low"),
        make_arm("drug", 20 + 2 * i, 110, label="high"),
        make_arm("placebo", 9, 90),
    )
    for i, name in enumerate(["Jones", "Brown"])
]
TRIALS = [TWO_ARMS, *THREE_ARMS]
LABELS = {
    "combine": "active arms combined",
    "split": "control split among arms",
    "shared": "shared control with covariance",
}


def compared(multi_arm, trials=TRIALS):
    return compare(trials, outcome="rash", treatment="drug", control="placebo", multi_arm=multi_arm)


@pytest.mark.parametrize("reference", MULTI_ARM)
def test_every_way_stands_beside_the_reference_and_is_what_pooling_that_way_gives(reference):
    table = multi_arm_handling(TRIALS, pool_request(compared(reference), make_request()))
    ways = [reference, *(way for way in MULTI_ARM if way != reference)]
    assert [row.label for row in table.rows] == [LABELS[way] for way in ways]
    for way, row in zip(ways, table.rows, strict=True):
        assert row.pooled is not None
        assert row.pooled.tidy() == pool_request(compared(way), make_request()).tidy()
    assert len({row.pooled.estimate for row in table.rows if row.pooled}) == 3


def test_without_several_active_arms_there_is_no_table():
    controls = make_trial("Grey", make_arm("drug", 1), make_arm("placebo", 2), make_arm("placebo", 3, label="2nd"))
    trials = [TWO_ARMS, controls]
    table = multi_arm_handling(trials, pool_request(compared("combine", trials), make_request()))
    assert table.rows == ()
    assert table.verdict == "No trial has several active arms on this outcome, so the choice does not arise."


@pytest.mark.parametrize("method", [MantelHaenszel(), Peto()])
def test_method_without_a_covariance_says_so_in_its_row(method):
    table = multi_arm_handling(TRIALS, pool_request(compared("combine"), make_request(method=method)))
    assert [row.pooled is None for row in table.rows] == [False, False, True]
    assert "has no shared-control covariance; use multi_arm='combine' or 'split'" in table.rows[2].reason
    assert table.verdict.endswith("1 alternative not estimable.")


def test_conclusion_that_rests_on_combining_unlike_arms_is_shown():
    """The low dose does nothing, the high one much: combined a clear effect, apart too varied to tell."""
    trials = [
        make_trial(
            name,
            make_arm("drug", 6, 150, label="low"),
            make_arm("drug", 30, 150, label="high"),
            make_arm("placebo", 10, 150),
        )
        for name in "ABCDE"
    ]
    table = multi_arm_handling(trials, pool_request(compared("combine", trials), make_request()))
    assert [row.conclusion for row in table.rows] == ["higher", "uncertain", "uncertain"]
    assert table.verdict == (
        "The conclusion depends on this choice: here the interval lies above no difference, but with "
        "'control split among arms', 'shared control with covariance' the interval includes no difference."
    )
