"""How answers must move when the data move: these hold for any data, so no program has to be trusted."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from properties.strategies import Row, comparison_of, effects, tables

from trialpool.effects import ZeroCells
from trialpool.errors import NotEstimableError
from trialpool.heterogeneity import cochran_q, dersimonian_laird, paule_mandel, q_profile, reml
from trialpool.numerics.distributions import quantile
from trialpool.pool import InverseVariance, MantelHaenszel, Peto, Request, pool_request
from trialpool.pool.arrays import random_effects

REQUESTS = [
    *(
        Request(measure=measure, method=method)
        for measure in ("risk ratio", "odds ratio", "risk difference")
        for method in (
            InverseVariance(),
            InverseVariance(tau2="DL", interval="wald", prediction="normal"),
            InverseVariance(tau2="PM", interval="hartung-knapp", prediction="k-1", i2="Q"),
            InverseVariance(model="common"),
            InverseVariance(zero_cells=ZeroCells(rule="constant")),
            InverseVariance(zero_cells=ZeroCells(rule="treatment-arm")),
            MantelHaenszel(),
        )
    ),
    Request(measure="Peto odds ratio", method=Peto()),
]
ESTIMATORS = (reml, dersimonian_laird, paule_mandel)

each_request = pytest.mark.parametrize("request_", REQUESTS, ids=str)
few = settings(max_examples=25, deadline=None)


def answer(rows: list[Row], request: Request) -> Any:
    """The pooled result, or None where there is none."""
    try:
        return pool_request(comparison_of(rows), request)
    except NotEstimableError:
        return None


def same(one: float | None, other: float | None, *, relative: float = 1e-9, absolute: float = 1e-10) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=relative, abs_tol=absolute)


@each_request
@given(rows=tables(zero=True), data=st.data())
@few
def test_permuting_studies_changes_nothing(request_: Request, rows: list[Row], data: st.DataObject) -> None:
    one = answer(rows, request_)
    assume(one is not None)
    other = answer(data.draw(st.permutations(rows)), request_)
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        assert same(getattr(one, name), getattr(other, name)), name
    if one.heterogeneity:
        assert same(one.heterogeneity.tau2, other.heterogeneity.tau2, relative=1e-7)
        assert same(one.heterogeneity.q, other.heterogeneity.q)


@each_request
@given(rows=tables())
@few
def test_swapping_arms_turns_the_sign(request_: Request, rows: list[Row]) -> None:
    one = answer(rows, request_)
    assume(one is not None)
    other = answer([(c, n2, a, n1) for a, n1, c, n2 in rows], request_)
    assert same(one.estimate, -other.estimate)
    assert same(one.conf_low, -other.conf_high)
    assert same(one.p_value, other.p_value)
    if one.prediction:
        assert same(one.prediction.low, -other.prediction.high)


@each_request
@given(rows=tables())
@few
def test_turning_events_into_non_events_turns_odds_ratio_and_risk_difference(
    request_: Request, rows: list[Row]
) -> None:
    if request_.measure == "risk ratio":
        return
    one = answer(rows, request_)
    assume(one is not None)
    other = answer([(n1 - a, n1, n2 - c, n2) for a, n1, c, n2 in rows], request_)
    assert same(one.estimate, -other.estimate)
    assert same(one.std_error, other.std_error)


@each_request
@given(rows=tables(zero=True), n1=st.integers(1, 500), n2=st.integers(1, 500))
@few
def test_a_double_zero_study_is_listed_and_changes_no_ratio(
    request_: Request, rows: list[Row], n1: int, n2: int
) -> None:
    one = answer(rows, request_)
    assume(one is not None)
    other = answer([*rows, (0, n1, 0, n2)], request_)
    assert other.k == one.k + 1
    last = other.studies[-1]
    assert last.estimate is None
    assert "no events in either arm" in last.reason
    if request_.measure == "risk difference" and isinstance(request_.method, MantelHaenszel):
        assert last.contributes
        return
    assert not last.contributes
    assert any(note.code == "double-zero" for note in other.notes)
    assert same(one.estimate, other.estimate)
    assert same(one.std_error, other.std_error)


@each_request
@given(rows=tables(), level=st.floats(0.5, 0.995))
@few
def test_the_level_changes_the_interval_alone(request_: Request, rows: list[Row], level: float) -> None:
    one, other = answer(rows, request_), answer(rows, replace(request_, conf_level=level))
    assume(one is not None)
    assert (one.estimate, one.std_error, one.p_value) == (other.estimate, other.std_error, other.p_value)
    half = quantile(level, other.df) * other.std_error
    assert same(other.conf_high - other.estimate, half)
    assert (other.conf_low > 0 or other.conf_high < 0) == (other.p_value < 1 - level) or same(other.p_value, 1 - level)


@given(data=effects(), factor=st.sampled_from([1e-6, 1e-3, 7.0, 1e6]))
@settings(max_examples=100, deadline=None)
def test_scaling_effects_scales_everything(data: tuple[np.ndarray, np.ndarray], factor: float) -> None:
    y, v = data
    for estimator in ESTIMATORS:
        one, other = estimator(y, v), estimator(factor * y, factor * factor * v)
        assert math.isclose(other, factor * factor * one, rel_tol=1e-8, abs_tol=1e-9 * factor * factor * v.min())
    one_fit, other_fit = random_effects(y, v), random_effects(factor * y, factor * factor * v)
    assert math.isclose(other_fit.std_error, factor * one_fit.std_error, rel_tol=1e-8)
    assert math.isclose(other_fit.p_value, one_fit.p_value, rel_tol=1e-6, abs_tol=1e-12)


@given(data=effects(), shift=st.floats(-100, 100))
@settings(max_examples=100, deadline=None)
def test_shifting_effects_moves_the_mean_alone(data: tuple[np.ndarray, np.ndarray], shift: float) -> None:
    y, v = data
    one, other = random_effects(y, v), random_effects(y + shift, v)
    assert math.isclose(other.estimate - shift, one.estimate, rel_tol=1e-7, abs_tol=1e-8)
    assert math.isclose(other.tau2, one.tau2, rel_tol=1e-6, abs_tol=1e-8)


@given(data=effects())
@settings(max_examples=100, deadline=None)
def test_estimators_solve_their_equations(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, v = data
    k = y.size

    def q_at(tau2: float) -> float:
        return cochran_q(y, v + tau2)

    found = paule_mandel(y, v)
    assert math.isclose(q_at(found), k - 1, rel_tol=1e-9) if found > 0 else q_at(0.0) <= k - 1
    low, high = q_profile(y, v)
    assert low <= high
    for limit, upper_tail in ((low, 0.025), (high, 0.975)):
        from trialpool.numerics.distributions import chi2_quantile

        target = chi2_quantile(upper_tail, k - 1)
        assert math.isclose(q_at(limit), target, rel_tol=1e-9) if limit > 0 else q_at(0.0) <= target


@given(data=effects())
@settings(max_examples=100, deadline=None)
def test_reml_is_the_maximum_of_its_likelihood(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, v = data

    def log_likelihood(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        return -0.5 * (np.log(v + tau2).sum() + math.log(w.sum()) + (w * (y - mean) ** 2).sum())

    best = log_likelihood(reml(y, v))
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 50, 60)])
    assert best >= max(log_likelihood(t) for t in grid) - 1e-9 * max(1.0, abs(best))


@given(problems=st.lists(effects(least=2, most=9), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_batch_equals_its_problems_one_by_one_to_the_last_bit(problems: list[tuple[np.ndarray, np.ndarray]]) -> None:
    widest = max(y.size for y, _ in problems)
    ys = np.zeros((len(problems), widest))
    vs = np.full((len(problems), widest), np.inf)
    for i, (y, v) in enumerate(problems):
        ys[i, : y.size], vs[i, : y.size] = y, v
    for estimator in ESTIMATORS:
        batch = estimator(ys, vs)
        assert batch.tolist() == [estimator(y, v) for y, v in problems]
    for interval in ("wald", "hartung-knapp-safe"):
        batch_fit = random_effects(ys, vs, interval=interval)
        singles = [random_effects(y, v, interval=interval) for y, v in problems]
        assert batch_fit.conf_low.tolist() == [fit.conf_low for fit in singles]
        assert batch_fit.p_value.tolist() == [fit.p_value for fit in singles]


def test_a_large_batch_equals_its_problems_across_blocks() -> None:
    rng = np.random.default_rng(20240)
    v = rng.gamma(2.0, 0.05, (6001, 10)) + 0.01
    y = rng.normal(0, np.sqrt(v + 0.05))
    for estimator in ESTIMATORS:
        batch = estimator(y, v)
        for i in (0, 1, 2399, 2400, 4799, 5999, 6000):
            assert batch[i] == estimator(y[i], v[i])


@given(rows=tables())
@few
def test_the_safe_interval_is_never_narrower_than_wald(rows: list[Row]) -> None:
    safe, wald = (
        answer(rows, Request(measure="risk ratio", method=InverseVariance(interval=interval)))
        for interval in ("hartung-knapp-safe", "wald")
    )
    assume(safe is not None)
    assert safe.std_error >= wald.std_error
    assert safe.conf_high - safe.conf_low >= wald.conf_high - wald.conf_low


@given(rows=tables(least=2, most=5), repeat=st.integers(2, 4))
@few
def test_repeating_every_study_shrinks_the_standard_error_by_the_root(rows: list[Row], repeat: int) -> None:
    for request in (
        Request(measure="odds ratio", method=MantelHaenszel()),
        Request(measure="Peto odds ratio", method=Peto()),
        Request(measure="risk ratio", method=InverseVariance(model="common")),
    ):
        one, many = answer(rows, request), answer(rows * repeat, request)
        assert same(one.estimate, many.estimate)
        assert same(one.std_error, many.std_error * math.sqrt(repeat))


@given(rows=tables(zero=True))
@settings(max_examples=150, deadline=None)
def test_no_result_is_nan_or_absurd(rows: list[Row]) -> None:
    for request in REQUESTS:
        result = answer(rows, request)
        if result is None:
            continue
        values = [result.estimate, result.std_error, result.conf_low, result.conf_high, result.p_value]
        assert all(math.isfinite(value) for value in values), request
        assert 0 < result.std_error < 1e3
        assert 0 <= result.p_value <= 1
        assert math.isclose(sum(s.weight for s in result.studies if s.weight is not None), 1.0)
