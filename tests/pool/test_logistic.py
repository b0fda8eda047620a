"""Logistic models with trial intercepts: relations, limits and refusals (numbers of R are in the reference tests)."""

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

from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.mixed_likelihood import TwoArms, evaluate
from trialpool.numerics.mixed_maximum import Model, maximum
from trialpool.pool.logistic import logistic
from trialpool.pool.unconditional import UnconditionalFit

NIEL_WEISE = comparison("nielweise2007").tables()
ROSIGLITAZONE = comparison("rosiglitazone_mi").tables()
KINDS = list(itertools.product(("fixed", "random"), ("common", "random")))
DOUBLE_ZERO = np.array([[0.0, 0], [50, 400], [0, 0], [30, 390]])


def close(one: UnconditionalFit, other: UnconditionalFit, *, rel: float = 1e-7) -> None:
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        assert (a is None) == (b is None), field.name
        assert a is None or math.isclose(a, b, rel_tol=rel, abs_tol=rel), (field.name, a, b)


@pytest.mark.parametrize(("intercepts", "model"), KINDS)
def test_swapping_arms_turns_the_sign(intercepts: str, model: str) -> None:
    one = logistic(NIEL_WEISE, intercepts=intercepts, model=model)
    other = logistic(NIEL_WEISE[[2, 3, 0, 1]], intercepts=intercepts, model=model)
    turned = dataclasses.replace(other, estimate=-other.estimate, conf_low=-other.conf_high, conf_high=-other.conf_low)
    close(one, turned)


@pytest.mark.parametrize(("intercepts", "model"), KINDS)
def test_counting_non_events_turns_the_sign(intercepts: str, model: str) -> None:
    tables = NIEL_WEISE.copy()
    tables[0], tables[2] = tables[1] - tables[0], tables[3] - tables[2]
    one = logistic(NIEL_WEISE, intercepts=intercepts, model=model)
    other = logistic(tables, intercepts=intercepts, model=model)
    assert math.isclose(one.estimate, -other.estimate, rel_tol=1e-8)
    assert math.isclose(one.std_error, other.std_error, rel_tol=1e-7)
    assert math.isclose(one.log_likelihood, other.log_likelihood, rel_tol=1e-9)


@pytest.mark.parametrize(("intercepts", "model"), KINDS)
def test_the_order_of_trials_does_not_matter(intercepts: str, model: str) -> None:
    order = np.random.default_rng(1).permutation(NIEL_WEISE.shape[1])
    close(
        logistic(NIEL_WEISE, intercepts=intercepts, model=model),
        logistic(NIEL_WEISE[:, order], intercepts=intercepts, model=model),
    )


@pytest.mark.parametrize("model", ["common", "random"])
def test_double_zero_trials_change_nothing_with_fixed_intercepts(model: str) -> None:
    more = np.concatenate([NIEL_WEISE, DOUBLE_ZERO, [[7.0], [7], [9], [9]]], axis=1)
    assert logistic(more, model=model) == logistic(NIEL_WEISE, model=model)


def test_double_zero_trials_count_with_random_intercepts() -> None:
    more = np.concatenate([NIEL_WEISE, DOUBLE_ZERO], axis=1)
    one = logistic(NIEL_WEISE, intercepts="random", model="common")
    other = logistic(more, intercepts="random", model="common")
    assert other.intercept_mean < one.intercept_mean
    assert other.intercept_variance > one.intercept_variance
    assert other.k_informative == one.k_informative + 2


def test_rosiglitazone_moves_when_trials_are_compared_with_each_other() -> None:
    # what between-trial information does to it: 1.427 to 1.347, or 1.345 where double-zero trials are left out
    fixed = logistic(ROSIGLITAZONE, model="common")
    random = logistic(ROSIGLITAZONE, intercepts="random", model="common")
    some = logistic(ROSIGLITAZONE[:, ROSIGLITAZONE[0] + ROSIGLITAZONE[2] > 0], intercepts="random", model="common")
    assert round(math.exp(fixed.estimate), 3) == 1.427
    assert round(math.exp(random.estimate), 3) == 1.347
    assert round(math.exp(some.estimate), 3) == 1.345


def test_without_heterogeneity_random_effects_are_the_common_effect() -> None:
    for intercepts in ("fixed", "random"):
        common = logistic(ROSIGLITAZONE, intercepts=intercepts, model="common", profile=False)
        random = logistic(ROSIGLITAZONE, intercepts=intercepts, model="random", profile=False)
        assert random.tau2 == 0.0
        close(common, dataclasses.replace(random, tau2=None), rel=1e-9)


def test_the_profile_interval_knows_that_tau2_is_estimated() -> None:
    common, random = logistic(ROSIGLITAZONE, model="common"), logistic(ROSIGLITAZONE)
    assert random.conf_high > common.conf_high + 1e-3


@pytest.mark.parametrize("dataset", ["nielweise2007", "okumura2014", "yuan2018", "bcg"])
@pytest.mark.parametrize("own", [True, False])
def test_nodes_are_enough(dataset: str, own: bool) -> None:
    tables = comparison(dataset).tables()
    m, n = tables[0] + tables[2], tables[1] + tables[3]
    tables = tables[:, m > 0]
    start = np.log(m[m > 0] / (n - m)[m > 0]) if own else np.full(tables.shape[1], np.log(m.sum() / (n - m).sum()))
    points = [
        maximum(Model(TwoArms("binomial", tables), own, (not own, True), nodes), start)
        for nodes in ((25, 15), (41, 41))
    ]
    assert math.isclose(points[0].effect, points[1].effect, rel_tol=1e-8)
    np.testing.assert_allclose(points[0].variance, points[1].variance, rtol=1e-7)


@pytest.mark.parametrize("dataset", ["nielweise2007", "yuan2018", "rosiglitazone_cv_death", "zeros_mixed"])
def test_the_maximum_is_not_beaten_by_a_grid(dataset: str) -> None:
    tables = comparison(dataset).tables()
    fit = logistic(tables, intercepts="random", profile=False)
    arms, k = TwoArms("binomial", tables), tables.shape[1]
    constant = fit.log_likelihood - _kernel(arms, k, fit)
    for shift, factor, tau2 in itertools.product((-0.2, 0.0, 0.2), (0.5, 1.0, 2.0), (0.0, 0.03, 0.3, 1.0, 3.0)):
        moved = dataclasses.replace(
            fit, estimate=fit.estimate + shift, tau2=tau2, intercept_variance=max(factor * fit.intercept_variance, 1e-3)
        )
        assert _kernel(arms, k, moved) + constant <= fit.log_likelihood + 1e-9


def _kernel(arms: TwoArms, k: int, fit: UnconditionalFit) -> float:
    mean = np.stack([np.full(k, fit.intercept_mean), np.full(k, fit.estimate)])
    return float(evaluate(arms, mean, np.array([fit.intercept_variance, fit.tau2]), mean).log_likelihood.sum())


def test_one_trial_is_its_own_odds_ratio() -> None:
    table = np.array([[3.0], [50], [5], [60]])
    for intercepts, model in KINDS:
        fit = logistic(table, intercepts=intercepts, model=model, profile=False)
        assert math.isclose(fit.estimate, math.log(3 * 55 / (5 * 47)), rel_tol=1e-10)
        assert math.isclose(fit.std_error, math.sqrt(1 / 3 + 1 / 47 + 1 / 5 + 1 / 55), rel_tol=1e-9)


def test_identical_trials_have_no_variance_between_them() -> None:
    tables = np.repeat([[5.0], [50], [8], [50]], 6, axis=1)
    one = np.array([[30.0], [300], [48], [300]])
    fit = logistic(tables, intercepts="random")
    assert fit.tau2 == 0
    assert fit.intercept_variance == 0
    assert math.isclose(fit.estimate, logistic(one, model="common").estimate, rel_tol=1e-9)


@pytest.mark.parametrize(("intercepts", "model"), KINDS)
def test_no_events_in_one_arm(intercepts: str, model: str) -> None:
    tables = np.array([[0.0, 0], [50, 60], [4, 5], [50, 60]])
    with pytest.raises(NotEstimableError, match=r"odds ratio is zero: no events in any treatment arm .*Firth"):
        logistic(tables, intercepts=intercepts, model=model)
    with pytest.raises(NotEstimableError, match=r"odds ratio is infinite: no events in any control arm"):
        logistic(tables[[2, 3, 0, 1]], intercepts=intercepts, model=model)


def test_no_events_at_all() -> None:
    for intercepts in ("fixed", "random"):
        with pytest.raises(NotEstimableError, match="no trial has both"):
            logistic(DOUBLE_ZERO, intercepts=intercepts)


def test_opposite_trials_have_a_variance_without_bound() -> None:
    tables = np.array([[5.0, 0], [5, 5], [0, 5], [5, 5]])
    with pytest.raises(NotEstimableError, match="variance of the effects between trials grows"):
        logistic(tables)


def test_unknown_words_are_refused() -> None:
    with pytest.raises(OptionError, match="did you mean 'fixed'"):
        logistic(NIEL_WEISE, intercepts="fixd")
    with pytest.raises(OptionError, match="did you mean 'random'"):
        logistic(NIEL_WEISE, model="randm")


def test_profile_and_wald_agree_where_data_are_many() -> None:
    tables = np.array([[4000.0, 4100], [10000, 10000], [4200, 4150], [10000, 10000]])
    one, other = logistic(tables, model="common"), logistic(tables, model="common", profile=False)
    assert math.isclose(one.conf_low, other.conf_low, rel_tol=1e-3)
    assert math.isclose(one.p_value, other.p_value, rel_tol=1e-2)


def test_a_wider_level_is_wider() -> None:
    fits = [logistic(NIEL_WEISE, conf_level=level) for level in (0.8, 0.95, 0.99)]
    assert fits[2].conf_low < fits[1].conf_low < fits[0].conf_low < fits[0].estimate
    assert fits[0].estimate < fits[0].conf_high < fits[1].conf_high < fits[2].conf_high


@given(random_tables(zero=True, least=1, most=6), st.sampled_from(KINDS))
def test_a_number_or_a_reason(rows: list[tuple[int, int, int, int]], kind: tuple[str, str]) -> None:
    tables = np.array(rows, dtype=float).T
    try:
        fit = logistic(tables, intercepts=kind[0], model=kind[1], profile=False)
    except NotEstimableError:
        return
    numbers = [value for value in dataclasses.astuple(fit) if value is not None]
    assert np.isfinite(numbers).all()
    assert 0 < fit.std_error < 1e3
