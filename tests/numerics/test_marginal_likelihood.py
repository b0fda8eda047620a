"""The marginal likelihood against brute-force integration, and its derivatives against differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, nchypergeom_fisher

from trialpool.numerics import marginal_likelihood
from trialpool.numerics.conditional_binomial import binomial_splits
from trialpool.numerics.marginal_likelihood import Evaluation, Mixtures, common_maximum, evaluate
from trialpool.numerics.noncentral_hypergeometric import conditionals

# zero cells on either side, rare and common events
TABLES = np.array([[0.0, 3, 5, 1, 12, 2], [50, 60, 40, 90, 30, 30], [2, 9, 6, 0, 20, 30], [48, 62, 41, 85, 33, 31]])
POINTS = [(-1.35, 0.69), (0.3, 0.05), (0.0, 1.0), (0.0, 3.0), (-4.0, 20.0), (2.0, 45.0)]


def mixtures(tables: np.ndarray = TABLES, points: int = 1) -> Mixtures:
    one = Mixtures.of(conditionals(tables), np.array([tables.shape[1]]))
    return one.take(np.zeros(points, dtype=np.intp))


def at(theta: float, tau2: float, **changes: np.ndarray) -> Evaluation:
    one = mixtures(**changes)
    return evaluate(one, np.array([theta]), np.array([tau2]), np.full(len(one.family), theta))


def integrated(log_probability: object, theta: float, tau: float) -> float:
    def integrand(z: float) -> float:
        return log_probability(theta + tau * z) * math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)

    parts = [quad(integrand, low, low + 1, epsabs=1e-15, epsrel=1e-12)[0] for low in range(-10, 10)]
    return math.log(math.fsum(parts))


@pytest.mark.parametrize(("theta", "tau2"), POINTS)
def test_hypergeometric_likelihood_by_brute_force(theta: float, tau2: float) -> None:
    expected = sum(
        integrated(lambda psi: nchypergeom_fisher.pmf(a, n1 + n2, n1, a + c, math.exp(psi)), theta, math.sqrt(tau2))  # noqa: B023
        for a, n1, c, n2 in TABLES.T
    )
    assert math.isclose(at(theta, tau2).log_likelihood[0], expected, rel_tol=1e-8 if tau2 < 20 else 1e-7)


@pytest.mark.parametrize(("theta", "tau2"), POINTS)
def test_binomial_likelihood_by_brute_force(theta: float, tau2: float) -> None:
    tables = np.array([[7.0, 0, 3], [1344, 600, 12012], [11, 4, 14], [1988, 700, 10962]])
    one = Mixtures.of(binomial_splits(tables), np.array([3]))
    ours = evaluate(one, np.array([theta]), np.array([tau2]), np.full(3, theta)).log_likelihood[0]
    expected = sum(
        integrated(lambda psi: binom.pmf(a, a + c, 1 / (1 + t2 / t1 * math.exp(-psi))), theta, math.sqrt(tau2))  # noqa: B023
        for a, t1, c, t2 in tables.T
    )
    assert math.isclose(ours, expected, rel_tol=1e-7)


@pytest.mark.parametrize(("theta", "tau2"), POINTS[:2] + POINTS[3:])
def test_derivatives_are_those_of_the_likelihood(theta: float, tau2: float) -> None:
    h, k = 1e-4, 1e-4 * tau2
    here = at(theta, tau2)
    right, left, up, down = at(theta + h, tau2), at(theta - h, tau2), at(theta, tau2 + k), at(theta, tau2 - k)
    assert math.isclose(here.theta[0], (right.log_likelihood - left.log_likelihood)[0] / (2 * h), rel_tol=1e-5)
    assert math.isclose(here.tau2[0], (up.log_likelihood - down.log_likelihood)[0] / (2 * k), rel_tol=1e-5)
    assert math.isclose(here.theta_theta[0], (right.theta - left.theta)[0] / (2 * h), rel_tol=1e-5)
    assert math.isclose(here.cross[0], (right.tau2 - left.tau2)[0] / (2 * h), rel_tol=1e-4)
    assert math.isclose(here.tau2_tau2[0], (up.tau2 - down.tau2)[0] / (2 * k), rel_tol=1e-4)


def test_the_derivative_without_heterogeneity_is_the_limit_from_above() -> None:
    zero, above = at(-1.2, 0.0), at(-1.2, 1e-6)
    assert math.isclose(zero.tau2[0], above.tau2[0], rel_tol=1e-4)
    assert math.isclose(above.log_likelihood[0] - zero.log_likelihood[0], 1e-6 * zero.tau2[0], rel_tol=1e-4)
    assert math.isclose(zero.theta_theta[0], above.theta_theta[0], rel_tol=1e-4)
    assert np.isnan(zero.cross[0])


def test_more_nodes_change_nothing_that_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [at(theta, tau2) for theta, tau2 in POINTS]
    roots, weights = np.polynomial.hermite.hermgauss(51)
    monkeypatch.setattr(marginal_likelihood, "_POINTS", math.sqrt(2) * roots)
    monkeypatch.setattr(marginal_likelihood, "_LOG_WEIGHTS", np.log(math.sqrt(2) * weights) + roots**2)
    monkeypatch.setattr(marginal_likelihood, "EVEN_NODES", 400)
    for (theta, tau2), few in zip(POINTS, before, strict=True):
        many = at(theta, tau2)
        assert math.isclose(few.log_likelihood[0], many.log_likelihood[0], rel_tol=2e-8)
        assert math.isclose(few.theta[0], many.theta[0], rel_tol=1e-6)


def test_where_the_search_for_the_modes_begins_does_not_matter() -> None:
    one = mixtures()
    for theta, tau2 in POINTS:
        found = [
            evaluate(one, np.array([theta]), np.array([tau2]), np.full(6, start)).log_likelihood[0]
            for start in (-300.0, theta, 40.0)
        ]
        np.testing.assert_allclose(found, found[0], rtol=1e-10)


def test_points_do_not_feel_each_other() -> None:
    theta, tau2 = np.array([-1.0, 0.2, 0.2, 3.0]), np.array([0.0, 0.4, 7.0, 0.4])
    together = evaluate(mixtures(points=4), theta, tau2, np.repeat(theta, 6))
    for i in range(4):
        alone = at(float(theta[i]), float(tau2[i]))
        for name in ("log_likelihood", "theta", "tau2", "theta_theta", "cross", "tau2_tau2"):
            np.testing.assert_array_equal(getattr(together, name)[i], getattr(alone, name)[0])


@pytest.mark.parametrize("sign", [1, -1])
def test_the_common_maximum_is_where_observed_is_expected(sign: int) -> None:
    tables = TABLES if sign > 0 else TABLES[[2, 3, 0, 1]]
    theta = common_maximum(mixtures(tables))[0]
    expected = sum(nchypergeom_fisher.mean(n1 + n2, n1, a + c, math.exp(theta)) for a, n1, c, n2 in tables.T)
    assert math.isclose(expected, tables[0].sum(), rel_tol=1e-9)


def test_a_common_maximum_far_out_is_reached() -> None:
    tables = np.array([[999.0], [1000], [1], [1000]])
    theta = common_maximum(mixtures(tables))[0]
    assert 13 < theta < 14
    assert abs(at(theta, 0.0, tables=tables).theta[0]) < 1e-9
