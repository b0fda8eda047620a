"""Estimators of the residual tau2: each solves its own equation, written with plain matrices; all keep the house's relations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from regress.made import close, log_likelihood, p_matrix, random_problem

from trialpool.heterogeneity.tau2 import TAU2_KERNELS
from trialpool.regress.least_squares import design_of, evaluate
from trialpool.regress.tau2 import RESIDUAL_TAU2_ESTIMATORS, RESIDUAL_TAU2_KERNELS

SEEDS = range(8)


def tau2(name: str, y, v, x) -> float:
    return float(RESIDUAL_TAU2_KERNELS[name](np.column_stack([y, y]), np.column_stack([v, v]), design_of(x))[0])


def moments(y, v, x, a) -> float:
    """The method of moments with fixed weights a, by its definition."""
    w = np.diag(a)
    p = w - w @ x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w
    return max(0.0, float((y @ p @ y - np.trace(p @ np.diag(v))) / np.trace(p)))


@pytest.mark.parametrize("seed", SEEDS)
def test_moment_estimators_are_those_of_their_weights(seed):
    y, v, x = random_problem(seed)
    first = moments(y, v, x, 1 / v)
    assert close(tau2("DL", y, v, x), first)
    assert close(tau2("DL2", y, v, x), moments(y, v, x, 1 / (v + first)))
    assert close(tau2("HE", y, v, x), moments(y, v, x, np.ones_like(v)))


@pytest.mark.parametrize("seed", SEEDS)
def test_paule_mandel_and_empirical_bayes_meet_their_expectation(seed):
    y, v, x = random_problem(seed)
    found = tau2("PM", y, v, x)
    assert found == tau2("EB", y, v, x)
    q = y @ p_matrix(v, found, x) @ y
    assert close(q, 9) if found else q <= 9


@pytest.mark.parametrize("seed", SEEDS)
def test_hunter_schmidt_and_sidik_jonkman_by_their_formulas(seed):
    y, v, x = random_problem(seed)
    assert close(tau2("HS", y, v, x), max(0.0, (y @ p_matrix(v, 0, x) @ y - 12) / (1 / v).sum()))
    start = np.var(y)
    assert close(tau2("SJ", y, v, x), start * (y @ p_matrix(v, start, x) @ y) / 9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["REML", "ML"])
def test_likelihood_is_nowhere_higher(seed, name):
    y, v, x = random_problem(seed)
    found = tau2(name, y, v, x)
    restricted = name == "REML"
    best = log_likelihood(y, v, x, found, restricted=restricted)
    grid = [0.0, *np.geomspace(1e-5, 1e2, 400)]
    assert best >= max(log_likelihood(y, v, x, t, restricted=restricted) for t in grid) - 1e-10
    if found:
        p = p_matrix(v, found, x)
        expected = np.trace(p) if restricted else (1 / (v + found)).sum()
        assert close(y @ p @ p @ y, expected)


@pytest.mark.parametrize("name", [name for name in RESIDUAL_TAU2_ESTIMATORS if name in TAU2_KERNELS])
def test_without_covariates_they_are_those_of_heterogeneity(name):
    generator = np.random.default_rng(1)
    y, v = generator.normal(size=(9, 40)), np.exp(generator.normal(-1, 1.2, (9, 40)))
    ours = RESIDUAL_TAU2_KERNELS[name](y, v, design_of(np.ones((9, 1))))
    np.testing.assert_allclose(ours, TAU2_KERNELS[name](y, v), rtol=1e-9, atol=1e-12)


def test_the_highest_of_several_maxima_wins():
    """Two scales of variance with effects that ask for both: the restricted likelihood has a maximum at each."""
    generator = np.random.default_rng(5)
    several = 0
    for _ in range(60):
        k = 6
        v = np.where(np.arange(k) < 3, 1e-5, 1.0) * np.exp(generator.normal(0, 0.3, k))
        y = np.where(np.arange(k) < 3, generator.normal(0, 2e-2, k), generator.normal(0, 3.0, k))
        x = np.column_stack([np.ones(k), generator.normal(size=k)])
        grid = np.geomspace(1e-7, 1e3, 250)
        values = np.array([log_likelihood(y, v, x, t, restricted=True) for t in grid])
        tops = np.flatnonzero((values[1:-1] > values[:-2]) & (values[1:-1] > values[2:]))
        several += tops.size > 1
        best = log_likelihood(y, v, x, tau2("REML", y, v, x), restricted=True)
        assert best >= values.max() - 1e-9
    assert several > 0


@pytest.mark.parametrize("name", RESIDUAL_TAU2_ESTIMATORS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), power=st.integers(-6, 6))
def test_results_scale_exactly(name, seed, power):
    y, v, x = random_problem(seed)
    factor = 2.0 ** (3 * power)  # a power of two: no rounding of its own
    found = tau2(name, y, v, x)
    assert close(tau2(name, y * factor, v * factor**2, x), found * factor**2, 1e-12, 0.0)
    assert close(tau2(name, y, v, x * np.array([1.0, 1e6, 1e-6])), found, 1e-7, 1e-12)
    assert close(tau2(name, y + x @ [3.0, -2.0, 1.0], v, x), found, 1e-7, 1e-9) or name == "SJ"


@pytest.mark.parametrize("name", RESIDUAL_TAU2_ESTIMATORS)
def test_a_batch_gives_bit_for_bit_what_its_problems_give(name):
    generator = np.random.default_rng(2)
    design = design_of(np.column_stack([np.ones(10), generator.normal(size=10)]))
    y, v = generator.normal(size=(10, 37)), np.exp(generator.normal(-1, 2.0, (10, 37)))
    together = RESIDUAL_TAU2_KERNELS[name](y, v, design)
    alone = [
        RESIDUAL_TAU2_KERNELS[name](np.take(y, [i, i], axis=1), np.take(v, [i, i], axis=1), design)[0]
        for i in range(37)
    ]
    assert together.tolist() == alone


@pytest.mark.parametrize("name", RESIDUAL_TAU2_ESTIMATORS)
@pytest.mark.parametrize("spread", [0.0, 1e-9, 1.0])
def test_hard_variances_give_a_number(name, spread):
    generator = np.random.default_rng(3)
    v = 10.0 ** np.linspace(-8, 4, 9)
    x = np.column_stack([np.ones(9), generator.normal(size=9)])
    found = tau2(name, 0.3 + 0.2 * x[:, 1] + spread * generator.normal(size=9), v, x)
    assert np.isfinite(found)
    assert found >= 0


def test_trace_keeps_its_digits_where_trials_outweigh_the_rest():
    """Exact arithmetic over fractions, on weights over 12 orders of magnitude."""
    from fractions import Fraction

    k, covariate = 6, [1, 4, 9, 2, 7, 5]
    for exponents in ([-12, 0, 0, 1, 0, -1], [-12, -12, 0, 1, 0, -1], [-12, -6, -3, 0, 2, 4]):
        v = [Fraction(10) ** e for e in exponents]
        w = [1 / value for value in v]
        y = [Fraction(n, 7) for n in (1, -2, 3, 5, -1, 4)]
        moments_of = [sum(wi * Fraction(c) ** n for wi, c in zip(w, covariate, strict=True)) for n in (0, 1, 2)]
        determinant = moments_of[0] * moments_of[2] - moments_of[1] ** 2

        def inverse(a: int, b: int, m=moments_of, d=determinant) -> Fraction:
            return (m[2] - m[1] * (a + b) + m[0] * a * b) / d

        p = [
            [(w[i] if i == j else 0) - w[i] * w[j] * inverse(covariate[i], covariate[j]) for j in range(k)]
            for i in range(k)
        ]
        py = [sum(p[i][j] * y[j] for j in range(k)) for i in range(k)]
        columns = (np.repeat(np.array([float(n) for n in values])[:, None], 2, axis=1) for values in (y, v))
        x = np.column_stack([np.ones(k), covariate])
        sums = evaluate(*columns, np.zeros(2), design_of(x))
        assert close(sums.trace[0], float(sum(p[i][i] for i in range(k))), 1e-9)
        assert close(sums.spread[0], float(sum(value**2 for value in py)), 1e-9)
        assert close(sums.q[0], float(sum(a * b for a, b in zip(y, py, strict=True))), 1e-9)


def test_a_saturated_trial_changes_nothing():
    y, v, x = random_problem(4)
    alone = np.column_stack([np.vstack([x, [1, 0, 0]]), np.r_[np.zeros(12), 1.0]])
    for name in ("REML", "DL", "PM"):
        assert close(tau2(name, np.r_[y, 40.0], np.r_[v, 1e-9], alone), tau2(name, y, v, x))
