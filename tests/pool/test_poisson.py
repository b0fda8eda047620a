"""Poisson models with trial intercepts."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.strategies import tables as random_tables
from reference.entries import comparison
from scipy.optimize import brentq

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.logistic import logistic
from trialpool.pool.poisson import poisson

NIEL_WEISE = comparison("nielweise2007").tables()
KINDS = list(itertools.product(("fixed", "random"), ("common", "random")))


def test_the_common_ratio_is_that_of_binomial_events_given_their_sum() -> None:
    # the profile likelihood of the Poisson model is the conditional binomial one
    a, t1, c, t2 = NIEL_WEISE[:, NIEL_WEISE[0] + NIEL_WEISE[2] > 0]

    def score(theta: float) -> float:
        share = t1 * np.exp(theta) / (t1 * np.exp(theta) + t2)
        return float((a - (a + c) * share).sum())

    expected = brentq(score, -5, 5, xtol=1e-13)
    share = t1 * np.exp(expected) / (t1 * np.exp(expected) + t2)
    information = ((a + c) * share * (1 - share)).sum()
    fit = poisson(NIEL_WEISE, model="common")
    assert math.isclose(fit.estimate, expected, rel_tol=1e-10)
    assert math.isclose(fit.std_error, 1 / math.sqrt(information), rel_tol=1e-10)


@pytest.mark.parametrize(("intercepts", "model"), KINDS)
@pytest.mark.parametrize("unit", [1e-6, 365.25, 1e6])
def test_the_unit_of_time_does_not_matter(intercepts: str, model: str, unit: float) -> None:
    scaled = NIEL_WEISE * np.array([[1.0], [unit], [1.0], [unit]])
    one = poisson(NIEL_WEISE, intercepts=intercepts, model=model)
    other = poisson(scaled, intercepts=intercepts, model=model)
    for name in ("estimate", "std_error", "tau2", "conf_low", "conf_high", "p_value", "log_likelihood"):
        a, b = getattr(one, name), getattr(other, name)
        assert a is b is None or math.isclose(a, b, rel_tol=1e-9), name
    if intercepts == "random":
        assert math.isclose(one.intercept_mean, other.intercept_mean + math.log(unit), rel_tol=1e-9)


@pytest.mark.parametrize(("intercepts", "model"), KINDS)
def test_swapping_arms_turns_the_sign(intercepts: str, model: str) -> None:
    one = poisson(NIEL_WEISE, intercepts=intercepts, model=model)
    other = poisson(NIEL_WEISE[[2, 3, 0, 1]], intercepts=intercepts, model=model)
    assert math.isclose(one.estimate, -other.estimate, rel_tol=1e-8)
    assert math.isclose(one.conf_low, -other.conf_high, rel_tol=1e-7)
    assert math.isclose(one.p_value, other.p_value, rel_tol=1e-6)
    assert one.tau2 is other.tau2 is None or math.isclose(one.tau2, other.tau2, rel_tol=1e-7)


@pytest.mark.parametrize("model", ["common", "random"])
def test_trials_without_events_change_nothing_with_fixed_intercepts(model: str) -> None:
    more = np.concatenate([NIEL_WEISE, [[0.0], [50], [0], [70]]], axis=1)
    assert poisson(more, model=model) == poisson(NIEL_WEISE, model=model)


def test_where_events_are_rare_it_is_near_the_logistic_model() -> None:
    rare = NIEL_WEISE * np.array([[1.0], [100], [1], [100]])
    for intercepts, model in KINDS:
        one, other = (
            poisson(rare, intercepts=intercepts, model=model),
            logistic(rare, intercepts=intercepts, model=model),
        )
        assert math.isclose(one.estimate, other.estimate, rel_tol=3e-3)
        assert math.isclose(one.std_error, other.std_error, rel_tol=3e-3)


def test_one_trial_is_its_own_rate_ratio() -> None:
    fit = poisson(np.array([[3.0], [500], [5], [600]]), profile=False)
    assert math.isclose(fit.estimate, math.log(3 * 600 / (5 * 500)), rel_tol=1e-10)
    assert math.isclose(fit.std_error, math.sqrt(1 / 3 + 1 / 5), rel_tol=1e-10)


@pytest.mark.parametrize("intercepts", ["fixed", "random"])
def test_no_events_in_one_arm(intercepts: str) -> None:
    rates = np.array([[0.0, 0], [50, 60], [4, 5], [50, 60]])
    with pytest.raises(NotEstimableError, match="rate ratio is zero: no events in any treatment arm; use"):
        poisson(rates, intercepts=intercepts)
    with pytest.raises(NotEstimableError, match="rate ratio is infinite"):
        poisson(rates[[2, 3, 0, 1]], intercepts=intercepts)
    with pytest.raises(NotEstimableError, match="no trial has an event"):
        poisson(rates * np.array([[0.0], [1], [0], [1]]), intercepts=intercepts)


@pytest.mark.parametrize("time", [0.0, -1.0, math.inf, math.nan])
def test_a_person_time_that_is_none(time: float) -> None:
    with pytest.raises(OptionError, match="person-time"):
        poisson(np.array([[1.0, 2], [time, 60], [4, 5], [50, 60]]))


def test_unknown_words_are_refused() -> None:
    with pytest.raises(OptionError, match="choose one of"):
        poisson(NIEL_WEISE, intercepts="own")
    with pytest.raises(OptionError, match="choose one of"):
        poisson(NIEL_WEISE, model="mixed")


@given(random_tables(zero=True, least=1, most=6), st.sampled_from(KINDS))
def test_a_number_or_a_reason(rows: list[tuple[int, int, int, int]], kind: tuple[str, str]) -> None:
    try:
        fit = poisson(np.array(rows, dtype=float).T, intercepts=kind[0], model=kind[1], profile=False)
    except NotEstimableError:
        return
    assert np.isfinite([value for value in dataclasses.astuple(fit) if value is not None]).all()
    assert 0 < fit.std_error < 1e3
