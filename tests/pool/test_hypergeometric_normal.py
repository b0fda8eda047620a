"""The hypergeometric-normal model against brute-force integration and its own relations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from reference.entries import comparison
from scipy.integrate import quad
from scipy.stats import nchypergeom_fisher

from trialpool.errors import NotEstimableError
from trialpool.numerics.marginal_likelihood import evaluate, evaluate_common
from trialpool.numerics.noncentral_hypergeometric import conditionals
from trialpool.pool.exact import exact_common_odds_ratio
from trialpool.pool.hypergeometric_normal import hypergeometric_normal

NIEL_WEISE = comparison("nielweise2007").tables()
ROSIGLITAZONE = comparison("rosiglitazone_mi").tables()


def log_likelihood_by_quad(tables: np.ndarray, theta: float, tau2: float) -> float:
    tau, total = math.sqrt(tau2), 0.0
    for a, n1, c, n2 in tables.T:

        def integrand(z: float, row: tuple[float, ...] = (a, n1, c, n2)) -> float:
            psi = theta + tau * z
            events, n = row[0] + row[2], row[1] + row[3]
            probability = nchypergeom_fisher.pmf(row[0], n, row[1], events, math.exp(psi))
            return probability * math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)

        total += math.log(quad(integrand, -8, 8, epsabs=1e-13, epsrel=1e-10, limit=200)[0])
    return total


@pytest.mark.parametrize(("theta", "tau2"), [(-1.35, 0.69), (0.3, 0.05), (0.0, 3.0)])
def test_likelihood_by_brute_force(theta: float, tau2: float) -> None:
    tables = NIEL_WEISE[:, :6]
    distributions = conditionals(tables)
    at = evaluate(distributions, theta, tau2, np.full(6, theta))
    assert math.isclose(at.log_likelihood, log_likelihood_by_quad(tables, theta, tau2), rel_tol=1e-6)


def test_derivatives_are_those_of_the_likelihood() -> None:
    distributions = conditionals(NIEL_WEISE)
    theta, tau2, h = -1.1, 0.5, 1e-4
    start = np.full(len(distributions), theta)

    def value(t: float, s: float) -> float:
        return evaluate(distributions, t, s, start).log_likelihood

    at = evaluate(distributions, theta, tau2, start)
    by_theta = (value(theta + h, tau2) - value(theta - h, tau2)) / (2 * h)
    by_tau2 = (value(theta, tau2 + h) - value(theta, tau2 - h)) / (2 * h)
    np.testing.assert_allclose(at.gradient, [by_theta, by_tau2], rtol=1e-4)
    second = (value(theta + h, tau2) - 2 * value(theta, tau2) + value(theta - h, tau2)) / h**2
    assert math.isclose(at.hessian[0, 0], second, rel_tol=1e-3)


def test_the_derivative_at_zero_is_the_limit_from_above() -> None:
    distributions = conditionals(NIEL_WEISE)
    common = evaluate_common(distributions, -1.2)
    above = evaluate(distributions, -1.2, 1e-6, np.full(len(distributions), -1.2))
    assert math.isclose(common.gradient[1], above.gradient[1], rel_tol=1e-3)
    assert math.isclose(common.log_likelihood, above.log_likelihood, rel_tol=1e-6)


def test_without_heterogeneity_it_is_the_conditional_estimate() -> None:
    fit = hypergeometric_normal(ROSIGLITAZONE)
    exact = exact_common_odds_ratio(ROSIGLITAZONE)
    assert fit.tau2 == 0.0
    assert math.isclose(fit.estimate, exact.estimate, rel_tol=1e-9)
    assert math.isclose(fit.std_error, exact.std_error, rel_tol=1e-9)


@pytest.mark.parametrize("dataset", ["rosiglitazone_mi", "rosiglitazone_cv_death", "yuan2018", "li2007", "zeros_mixed"])
def test_the_maximum_is_not_beaten_by_a_grid(dataset: str) -> None:
    tables = comparison(dataset).tables()
    distributions = conditionals(tables)
    fit = hypergeometric_normal(tables, profile=False)
    start = np.full(len(distributions), fit.estimate)
    grid = [
        evaluate(distributions, fit.estimate + shift, tau2, start).log_likelihood
        for shift in (-0.3, -0.1, 0.0, 0.1, 0.3)
        for tau2 in (0.003, 0.03, 0.1, 0.3, 1.0, 3.0)
    ]
    assert fit.log_likelihood >= max(grid) - 1e-9


def test_profile_limits_lie_where_the_likelihood_has_fallen_by_the_quantile() -> None:
    fit = hypergeometric_normal(NIEL_WEISE)
    distributions = conditionals(NIEL_WEISE)
    for limit in (fit.conf_low, fit.conf_high):
        start = np.full(len(distributions), limit)
        best = max(evaluate(distributions, limit, t, start).log_likelihood for t in np.geomspace(0.05, 20, 800))
        assert math.isclose(2 * (fit.log_likelihood - best), 3.841458820694124, rel_tol=1e-4)


def test_swapping_arms_turns_the_sign() -> None:
    one, other = hypergeometric_normal(NIEL_WEISE), hypergeometric_normal(NIEL_WEISE[[2, 3, 0, 1]])
    assert math.isclose(one.estimate, -other.estimate, rel_tol=1e-7)
    assert math.isclose(one.conf_low, -other.conf_high, rel_tol=1e-6)
    assert math.isclose(one.tau2, other.tau2, rel_tol=1e-6)
    assert math.isclose(one.p_value, other.p_value, rel_tol=1e-5)


def test_double_zero_tables_change_nothing() -> None:
    more = np.concatenate([NIEL_WEISE, [[0.0, 40], [50, 40], [0, 30], [30, 30]]], axis=1)
    one, other = hypergeometric_normal(NIEL_WEISE), hypergeometric_normal(more)
    assert math.isclose(one.estimate, other.estimate, rel_tol=1e-8)
    assert math.isclose(one.tau2, other.tau2, rel_tol=1e-7)


def test_one_arm_without_events_is_not_estimable() -> None:
    with pytest.raises(NotEstimableError, match="zero or infinite"):
        hypergeometric_normal(np.array([[0.0, 0], [50, 60], [4, 5], [50, 60]]))
