"""Penalised logistic regression against its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from properties.strategies import tables as random_tables
from reference.entries import comparison
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import binom, chi2

from trialpool.errors import NotEstimableError
from trialpool.pool.firth import firth
from trialpool.pool.logistic import logistic

NIEL_WEISE = comparison("nielweise2007").tables()
NO_CONTROL_EVENTS = np.array([[3.0, 5], [50, 120], [0, 0], [50, 60]])


def penalised(tables: np.ndarray, parameters: np.ndarray) -> float:
    """Log likelihood plus half the log determinant of the information matrix, written out; treatment coded 0/1."""
    a, n1, c, n2 = tables
    k = a.size
    design = np.vstack([np.hstack([np.eye(k), np.ones((k, 1))]), np.hstack([np.eye(k), np.zeros((k, 1))])])
    n, y = np.concatenate([n1, n2]), np.concatenate([a, c])
    p = expit(design @ parameters)
    information = design.T @ ((n * p * (1 - p))[:, None] * design)
    return float(binom.logpmf(y, n, p).sum() + 0.5 * np.linalg.slogdet(information)[1])


@pytest.mark.parametrize("tables", [NIEL_WEISE[:, :5], NO_CONTROL_EVENTS, NIEL_WEISE[:, [0, 12, 17]]])
def test_it_maximises_its_definition(tables: np.ndarray) -> None:
    fit = firth(tables)
    k = tables.shape[1]
    found = minimize(lambda b: -penalised(tables, b), np.zeros(k + 1) - 1, method="BFGS", options={"gtol": 1e-9})
    assert math.isclose(fit.estimate, found.x[-1], rel_tol=1e-5)
    assert math.isclose(fit.log_likelihood, -found.fun, rel_tol=1e-9)


def test_limits_lie_where_the_penalised_profile_has_fallen() -> None:
    tables = NO_CONTROL_EVENTS
    fit = firth(tables)
    for limit in (fit.conf_low, fit.conf_high):
        best = minimize(
            lambda b, at=limit: -penalised(tables, np.append(b, at)), np.full(2, -3.0), options={"gtol": 1e-9}
        )
        assert math.isclose(2 * (fit.log_likelihood + best.fun), chi2.ppf(0.95, 1), rel_tol=1e-6)


def test_one_table_is_the_odds_ratio_with_halves_added() -> None:
    # of a saturated model, Jeffreys' prior adds a half to each cell (Firth 1993, section 3.1)
    a, n1, c, n2 = 2.0, 40.0, 7.0, 45.0
    fit = firth(np.array([[a], [n1], [c], [n2]]))
    expected = math.log((a + 0.5) * (n2 - c + 0.5) / ((c + 0.5) * (n1 - a + 0.5)))
    assert math.isclose(fit.estimate, expected, rel_tol=1e-10)


def test_no_events_in_one_arm_is_finite() -> None:
    fit = firth(NO_CONTROL_EVENTS)
    assert 0 < fit.conf_low < fit.estimate < fit.conf_high < 10
    with pytest.raises(NotEstimableError):
        logistic(NO_CONTROL_EVENTS)


def test_swapping_arms_and_counting_non_events() -> None:
    one = firth(NIEL_WEISE)
    swapped = firth(NIEL_WEISE[[2, 3, 0, 1]])
    tables = NIEL_WEISE.copy()
    tables[[0, 2]] = tables[[1, 3]] - tables[[0, 2]]
    for other in (swapped, firth(tables)):
        assert math.isclose(one.estimate, -other.estimate, rel_tol=1e-9)
        assert math.isclose(one.conf_low, -other.conf_high, rel_tol=1e-8)
        assert math.isclose(one.std_error, other.std_error, rel_tol=1e-9)


def test_double_zero_trials_add_a_little_information() -> None:
    # which is what the penalty says of them: their risk is not quite zero
    more = np.concatenate([NIEL_WEISE, [[0.0], [100], [0], [100]]], axis=1)
    one, other = firth(NIEL_WEISE), firth(more)
    assert 0.9 * one.std_error < other.std_error < one.std_error
    assert abs(other.estimate) < abs(one.estimate)


def test_the_penalty_fades_as_data_grow() -> None:
    tables = comparison("bcg").tables()
    assert math.isclose(firth(tables).estimate, logistic(tables, model="common").estimate, rel_tol=1e-3)


def test_no_events_at_all() -> None:
    with pytest.raises(NotEstimableError, match="no trial has an event: .* penalty alone"):
        firth(np.array([[0.0, 0], [50, 60], [0, 0], [50, 60]]))
    with pytest.raises(NotEstimableError, match="no trial has a non-event"):
        firth(np.array([[50.0, 60], [50, 60], [50, 60], [50, 60]]))


@given(random_tables(zero=True, least=1))
def test_always_a_number_where_there_is_an_event(rows: list[tuple[int, int, int, int]]) -> None:
    tables = np.array(rows, dtype=float).T
    if tables[[0, 2]].sum() > 0:
        fit = firth(tables)
        assert fit.conf_low < fit.estimate < fit.conf_high
        assert 0 < fit.std_error < 1e3
        assert 0 <= fit.p_value <= 1
