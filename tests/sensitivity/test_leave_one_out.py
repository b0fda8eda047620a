"""Leave one out: as many rows as trials, each what pooling without that trial gives."""

from __future__ import annotations

import pytest
from harmonise.builders import make_arm, make_comparison, make_trial
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.strategies import comparison_of, tables

from trialpool.errors import NotEstimableError
from trialpool.harmonise import compare
from trialpool.pool import InverseVariance, MantelHaenszel, Method, Peto, make_request, pool_request
from trialpool.sensitivity import leave_one_out
from trialpool.sensitivity.alternatives import conclusion_of

TABLES = [(4, 100, 11, 90), (30, 200, 12, 100), (7, 150, 15, 160), (20, 90, 40, 85), (9, 310, 13, 320)]
METHODS: list[Method] = [
    InverseVariance(),
    InverseVariance(tau2="DL", interval="wald"),
    InverseVariance(model="common"),
    MantelHaenszel(),
    Peto(),
]


@pytest.mark.parametrize("method", METHODS)
def test_rows_are_the_reference_and_the_pools_without_each_trial(method):
    request = make_request(method=method)
    pooled = pool_request(make_comparison(*TABLES), request)
    table = leave_one_out(pooled)
    assert table.rows[0].pooled is pooled
    assert [row.label for row in table.rows] == ["all trials", *(f"without {name}" for name in "ABCDE")]
    for i, row in enumerate(table.rows[1:]):
        by_hand = pool_request(make_comparison(*TABLES[:i], *TABLES[i + 1 :]), request)
        assert row.pooled is not None
        assert row.pooled.tidy() == by_hand.tidy()
        assert row.pooled.heterogeneity == by_hand.heterogeneity
        assert [s.contrast.label for s in row.pooled.studies] == [name for name in "ABCDE" if name != "ABCDE"[i]]


def test_trial_that_does_not_contribute_is_not_left_out_but_stays_listed():
    pooled = pool_request(make_comparison(*TABLES, (0, 50, 0, 50)), make_request())
    table = leave_one_out(pooled)
    assert [row.label for row in table.rows[1:]] == [f"without {name}" for name in "ABCDE"]
    assert all(row.pooled.studies[-1].contrast.label == "F" for row in table.rows)


@pytest.mark.parametrize("multi_arm", ["split", "shared"])
def test_trial_with_several_contrasts_leaves_as_a_whole(multi_arm):
    trials = [
        make_trial(
            name,
            make_arm("drug", 9 + i, 100, label="low"),
            make_arm("drug", 14 + 3 * i, 90, label="high"),
            make_arm("placebo", 8, 95),
        )
        for i, name in enumerate(["Smith", "Jones", "Brown", "Green"])
    ]
    pooled = pool_request(
        compare(trials, outcome="rash", treatment="drug", control="placebo", multi_arm=multi_arm), make_request()
    )
    table = leave_one_out(pooled)
    assert pooled.k == 8
    assert [row.label for row in table.rows[1:]] == [f"without {name}" for name in ("Smith", "Jones", "Brown", "Green")]
    for left_out, row in zip(trials, table.rows[1:], strict=True):
        rest = [trial for trial in trials if trial is not left_out]
        by_hand = compare(rest, outcome="rash", treatment="drug", control="placebo", multi_arm=multi_arm)
        assert row.pooled is not None
        assert row.pooled.tidy() == pool_request(by_hand, make_request()).tidy()


def test_of_two_trials_none_can_be_left_out():
    table = leave_one_out(pool_request(make_comparison(*TABLES[:2]), make_request()))
    assert [row.pooled for row in table.rows[1:]] == [None, None]
    assert all("nothing to pool: only one study has an estimable risk ratio" in row.reason for row in table.rows[1:])
    assert table.verdict == "No alternative gives an answer. 2 alternatives not estimable."


def test_trial_that_carries_the_result_is_named():
    """One large trial with half the risk; the others are too small to tell and lean the other way."""
    comparison = make_comparison((100, 1000, 200, 1000), (6, 40, 5, 40), (7, 50, 6, 50))
    table = leave_one_out(pool_request(comparison, make_request(method=InverseVariance(model="common"))))
    assert table.depends
    assert table.verdict == (
        "The conclusion depends on this choice: here the interval lies below no difference, but "
        "with 'without A' the interval includes no difference."
    )


def test_result_that_every_trial_supports_does_not_depend_on_one():
    comparison = make_comparison(*[(100, 1000, 200, 1000)] * 4)
    table = leave_one_out(pool_request(comparison, make_request()))
    assert not table.depends
    assert table.verdict.startswith(
        "The conclusion does not depend on this choice: in every row the interval lies below"
    )


@settings(max_examples=40)
@given(rows=tables(zero=True, least=2, most=6), method=st.sampled_from(METHODS))
def test_every_row_has_an_answer_or_a_reason_and_the_verdict_follows_from_the_rows(rows, method):
    try:
        pooled = pool_request(comparison_of(rows), make_request(method=method))
    except NotEstimableError:
        return
    table = leave_one_out(pooled)
    assert len(table.rows) == 1 + pooled.k_informative
    for row in table.rows:
        assert (row.pooled is None) == bool(row.reason)
    others = {conclusion_of(row.pooled) for row in table.rows[1:] if row.pooled}
    assert table.depends == bool(others - {conclusion_of(pooled)})
