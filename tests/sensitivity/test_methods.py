"""Other estimators, intervals and zero-cell rules: which rows there are, and that each is what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from harmonise.builders import make_arm, make_comparison, make_trial
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.strategies import comparison_of, tables

from trialpool.effects import ZeroCells
from trialpool.errors import NotEstimableError
from trialpool.harmonise import compare
from trialpool.pool import (
    PROFILES,
    InverseVariance,
    MantelHaenszel,
    Method,
    Peto,
    Pooled,
    Request,
    RequestWords,
    make_request,
    pool_request,
    request_from_words,
)
from trialpool.sensitivity import SensitivityTable, estimator_and_interval, zero_cell_handling
from trialpool.sensitivity.methods import method_label

TABLES = [(4, 100, 11, 90), (30, 200, 12, 100), (7, 150, 15, 160), (20, 90, 40, 85), (9, 310, 13, 320)]
WITH_ZERO = [*TABLES, (0, 80, 6, 75)]
COMMON = InverseVariance(model="common")
CONSTANT = ZeroCells(rule="constant")

RANDOM_ROWS = [
    f"random, {tau2}, {interval}"
    for tau2 in ("REML", "DL", "PM")
    for interval in ("Hartung-Knapp safe", "Hartung-Knapp", "Wald")
]
COMMON_ROWS = ["common, inverse variance", "Mantel-Haenszel"]


def result(rows=TABLES, **options) -> Pooled:
    return pool_request(make_comparison(*rows), make_request(**options))


def labels(table: SensitivityTable) -> list[str]:
    return [row.label for row in table.rows]


def request_of(row) -> Request:
    return row.pooled.request


# --- estimator and interval ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "reference", "expected"),
    [
        ({}, RANDOM_ROWS[0], RANDOM_ROWS[1:] + COMMON_ROWS),
        ({"method": InverseVariance(tau2="DL", interval="wald")}, "random, DL, Wald", None),
        ({"method": COMMON}, COMMON_ROWS[0], RANDOM_ROWS + COMMON_ROWS[1:]),
        ({"method": MantelHaenszel()}, COMMON_ROWS[1], RANDOM_ROWS + COMMON_ROWS[:1]),
        ({"measure": "risk difference"}, RANDOM_ROWS[0], RANDOM_ROWS[1:] + COMMON_ROWS),
        ({"measure": "odds ratio"}, RANDOM_ROWS[0], [*RANDOM_ROWS[1:], *COMMON_ROWS, "Peto"]),
        ({"method": Peto()}, "Peto", RANDOM_ROWS + COMMON_ROWS),
    ],
)
def test_all_other_methods_stand_beside_the_reference(options, reference, expected):
    table = estimator_and_interval(result(**options))
    assert labels(table)[0] == reference
    if expected is None:
        expected = [label for label in RANDOM_ROWS + COMMON_ROWS if label != reference]
    assert labels(table)[1:] == expected


@pytest.mark.parametrize("options", [{}, {"measure": "odds ratio"}, {"measure": "risk difference"}, {"method": Peto()}])
def test_each_row_is_what_pooling_that_way_gives(options):
    pooled = result(WITH_ZERO, **options)
    for row in estimator_and_interval(pooled).rows:
        by_hand = pool_request(pooled.comparison, request_of(row))
        assert row.pooled.tidy() == by_hand.tidy()
        assert row.label == method_label(request_of(row))


def test_only_the_method_changes():
    method = InverseVariance(tau2="DL", interval="wald", prediction="k-1", i2="Q", zero_cells=CONSTANT)
    pooled = result(WITH_ZERO, measure="odds ratio", method=method, conf_level=0.9)
    for row in estimator_and_interval(pooled).rows[1:]:
        request = request_of(row)
        assert (request.conf_level, request.profile) == (0.9, None)
        assert request.measure == ("Peto odds ratio" if row.label == "Peto" else "odds ratio")
        assert request.zero_cells == (ZeroCells() if row.label == "Peto" else CONSTANT)
        if request.model == "random":
            assert (request.method.prediction, request.method.i2) == ("k-1", "Q")


def test_normal_prediction_interval_stays_with_wald_alone():
    table = estimator_and_interval(result(method=InverseVariance(interval="wald", prediction="normal")))
    chosen = {row.label: request_of(row).method.prediction for row in table.rows if row.label in RANDOM_ROWS}
    assert set(chosen) == set(RANDOM_ROWS)
    assert chosen == {label: "normal" if "Wald" in label else "k-2" for label in RANDOM_ROWS}


def test_peto_is_compared_with_odds_ratios():
    table = estimator_and_interval(result(method=Peto()))
    assert table.rows[0].pooled.request.measure == "Peto odds ratio"
    assert {request_of(row).measure for row in table.rows[1:]} == {"odds ratio"}


def test_risk_ratio_and_difference_are_not_compared_with_peto():
    for measure in ("risk ratio", "risk difference"):
        assert "Peto" not in labels(estimator_and_interval(result(measure=measure)))


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("method", ["inverse-variance", "mantel-haenszel"])
@pytest.mark.parametrize("measure", ["risk ratio", "risk difference"])
def test_no_row_repeats_another(name, method, measure):
    request = request_from_words(RequestWords(profile=name, method=method, measure=measure))
    pooled = pool_request(make_comparison(*WITH_ZERO), request)
    for table in (estimator_and_interval(pooled), zero_cell_handling(pooled)):
        assert len(set(labels(table))) == len(labels(table))
        methods = [request_of(row).method for row in table.rows]
        assert all(one != other for i, one in enumerate(methods) for other in methods[:i])


def test_verdict_shows_that_the_interval_decides():
    """Three trials with nearly the same effect: t with 2 df is wide where the normal is not."""
    rows = [(20, 100, 30, 100), (22, 100, 31, 100), (19, 100, 29, 100)]
    pooled = result(rows, method=InverseVariance(interval="wald"))
    table = estimator_and_interval(pooled)
    assert table.depends
    assert "'random, REML, Hartung-Knapp safe'" in table.verdict
    assert pooled.conf_high < 0


def test_rows_that_a_method_cannot_answer_say_why():
    trials = [
        make_trial(
            f"T{i}",
            make_arm("drug", 9 + i, label="low"),
            make_arm("drug", 12, label="high"),
            make_arm("placebo", 8 + i),
        )
        for i in range(3)
    ]
    comparison = compare(trials, outcome="rash", treatment="drug", control="placebo", multi_arm="shared")
    table = estimator_and_interval(pool_request(comparison, make_request(measure="odds ratio")))
    reasons = {row.label: row.reason for row in table.rows if row.pooled is None}
    assert reasons == {
        "Mantel-Haenszel": "Mantel-Haenszel has no shared-control covariance; use multi_arm='combine' or 'split'",
        "Peto": "the Peto odds ratio has no shared-control covariance; use multi_arm='combine' or 'split'",
    }
    assert table.verdict.endswith("2 alternatives not estimable.")


# --- zero cells ------------------------------------------------------------------------------------------------------


def test_without_an_empty_cell_there_is_no_table():
    table = zero_cell_handling(result())
    assert table.rows == ()
    assert not table.depends
    assert table.verdict == "No study has an empty cell, so the choice does not arise."


DOUBLE_ZERO = [*WITH_ZERO, (0, 50, 0, 55)]
ONLY_EVENTS = [*WITH_ZERO, (50, 50, 55, 55)]


@pytest.mark.parametrize(
    ("rows", "options", "reason"),
    [
        (
            WITH_ZERO,
            {},
            "The risk difference needs a correction only where a study has no events (or no non-events) in both arms",
        ),
        (
            DOUBLE_ZERO,
            {"method": MantelHaenszel()},
            "The Mantel-Haenszel risk difference needs no correction for empty cells.",
        ),
        (TABLES, {"method": MantelHaenszel()}, "No study has an empty cell, so the choice does not arise."),
    ],
)
def test_risk_difference_without_a_choice_to_make(rows, options, reason):
    table = zero_cell_handling(result(rows, measure="risk difference", **options))
    assert table.rows == ()
    assert table.verdict.startswith(reason)


@pytest.mark.parametrize("rows", [DOUBLE_ZERO, ONLY_EVENTS])
def test_risk_difference_of_double_zero_studies_is_a_choice(rows):
    table = zero_cell_handling(result(rows, measure="risk difference", method=COMMON))
    assert {row.label: row.pooled.k_informative for row in table.rows} == {
        "common, inverse variance; no zero-cell correction": 6,
        "common, inverse variance; constant correction of 0.5": 6,
        "common, inverse variance; constant correction of 0.5 (double-zero trials too)": 7,
        "Mantel-Haenszel; no zero-cell correction": 7,
    }
    assert table.verdict.endswith(
        "2 rows pool other studies than the reference (7, not 6): there the studies differ, not only the choice."
    )


@pytest.mark.parametrize("empty", [(0, 80, 6, 75), (6, 80, 0, 75), (80, 80, 6, 75), (6, 80, 75, 75), (0, 80, 0, 75)])
def test_any_empty_cell_makes_a_table(empty):
    assert zero_cell_handling(result([*TABLES, empty])).rows


RULES = [
    "no zero-cell correction",
    "constant correction of 0.5",
    "treatment-arm correction adding to 1",
    "empirical correction adding to 1",
]


@pytest.mark.parametrize(
    ("options", "stem", "reference", "others"),
    [
        ({}, "random, REML, Hartung-Knapp safe", 0, ["Mantel-Haenszel; no zero-cell correction"]),
        (
            {"method": InverseVariance(tau2="DL", interval="wald", zero_cells=CONSTANT), "measure": "odds ratio"},
            "random, DL, Wald",
            1,
            ["Mantel-Haenszel; no zero-cell correction", "Peto"],
        ),
        ({"method": COMMON}, "common, inverse variance", 0, ["Mantel-Haenszel; no zero-cell correction"]),
    ],
)
def test_every_rule_stands_beside_the_reference(options, stem, reference, others):
    table = zero_cell_handling(result(WITH_ZERO, **options))
    rules = [f"{stem}; {rule}" for rule in RULES]
    assert labels(table) == [rules[reference], *rules[:reference], *rules[reference + 1 :], *others]


@pytest.mark.parametrize(
    ("method", "measure", "reference"),
    [
        (MantelHaenszel(), "risk ratio", 0),
        (MantelHaenszel(), "odds ratio", 0),
        (MantelHaenszel(zero_cells=CONSTANT), "odds ratio", 1),
    ],
)
def test_mantel_haenszel_stays_and_its_rule_alone_differs(method: Method, measure, reference):
    table = zero_cell_handling(result(WITH_ZERO, method=method, measure=measure))
    rules = [f"Mantel-Haenszel; {rule}" for rule in RULES]
    expected = [rules[reference], *rules[:reference], *rules[reference + 1 :]]
    assert labels(table) == (expected if measure == "risk ratio" else [*expected, "Peto"])
    for row in table.rows:
        assert isinstance(request_of(row).method, MantelHaenszel) == (row.label != "Peto")


def test_peto_stands_beside_the_mantel_haenszel_odds_ratio_with_each_rule():
    table = zero_cell_handling(result(WITH_ZERO, method=Peto(), measure="Peto odds ratio"))
    assert labels(table) == ["Peto", *(f"Mantel-Haenszel; {rule}" for rule in RULES)]
    assert {request_of(row).measure for row in table.rows[1:]} == {"odds ratio"}


def test_each_rule_is_what_pooling_with_it_gives():
    pooled = result(WITH_ZERO)
    table = zero_cell_handling(pooled)
    for rule, row in zip(["none", "constant", "treatment-arm", "empirical"], table.rows, strict=False):
        by_hand = make_request(method=InverseVariance(zero_cells=ZeroCells(rule=rule)))
        assert row.pooled.tidy() == pool_request(pooled.comparison, by_hand).tidy()
    estimates = [row.pooled.estimate for row in table.rows]
    assert len(set(estimates)) == len(estimates)


def test_rule_that_has_nothing_to_go_by_says_so():
    """Every study has an empty cell: the empirical correction has no odds ratio to take."""
    pooled = result([(0, 80, 6, 75), (5, 60, 0, 65), (0, 70, 4, 70)], method=MantelHaenszel())
    table = zero_cell_handling(pooled)
    silent = {row.label: row.reason for row in table.rows if row.pooled is None}
    assert set(silent) == {"Mantel-Haenszel; empirical correction adding to 1"}
    (reason,) = silent.values()
    assert "needs at least one trial without a zero cell" in reason
    weighted = result([(0, 80, 6, 75), (5, 60, 0, 65), (0, 70, 4, 70)], method=replace(COMMON, zero_cells=CONSTANT))
    silent = {row.label: row.reason for row in zero_cell_handling(weighted).rows if row.pooled is None}
    assert set(silent) == {
        "common, inverse variance; no zero-cell correction",
        "common, inverse variance; empirical correction adding to 1",
    }
    assert "no study has an estimable risk ratio" in silent["common, inverse variance; no zero-cell correction"]


# --- any data --------------------------------------------------------------------------------------------------------

METHODS = [InverseVariance(), COMMON, MantelHaenszel(), Peto(), PROFILES["metafor"].inverse_variance]


@settings(max_examples=40)
@given(rows=tables(zero=True, least=2, most=6), method=st.sampled_from(METHODS))
def test_every_row_has_an_answer_or_a_reason(rows, method):
    try:
        pooled = pool_request(comparison_of(rows), make_request(method=method))
    except NotEstimableError:
        return
    for table in (estimator_and_interval(pooled), zero_cell_handling(pooled)):
        assert table.verdict
        for row in table.rows:
            assert (row.pooled is None) == bool(row.reason)
            assert row.is_reference == (row is table.rows[0])
