"""The marginal likelihood against sums over a fine grid, and its derivatives against differences."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.special import log_expit
from scipy.stats import norm

from trialpool.numerics.mixed_likelihood import TwoArms, evaluate

TABLES = np.array([[3.0, 0, 1, 0, 12], [10, 50, 30, 40, 12], [5, 2, 0, 0, 3], [10, 40, 33, 45, 9]])
MEAN = np.array([[-1.0] * 5, [0.3] * 5])
VARIANCES = [np.array(pair) for pair in itertools.product((0.0, 0.7), (0.0, 0.5))]


def kernel(family: str, row: np.ndarray, alpha: np.ndarray, psi: np.ndarray) -> np.ndarray:
    """Likelihood without its constants."""
    value = np.zeros_like(alpha + psi)
    for events, size, eta in ((row[0], row[1], alpha + psi / 2), (row[2], row[3], alpha - psi / 2)):
        if family == "binomial":
            value = value + events * log_expit(eta) + (size - events) * log_expit(-eta)
        else:
            value = value + events * eta - size * np.exp(eta)
    return np.exp(value)


def by_sums(family: str, row: np.ndarray, variance: np.ndarray) -> float:
    """Sums over an equally spaced grid, which converge like exp(-c / h^2); a variance of zero is one point."""
    z, u = (np.linspace(-9, 9, 721) if v > 0 else np.zeros(1) for v in variance)
    weight_z, weight_u = (norm.pdf(x) * (x[1] - x[0]) if x.size > 1 else np.ones(1) for x in (z, u))
    alpha, psi = -1.0 + math.sqrt(variance[0]) * z[:, None], 0.3 + math.sqrt(variance[1]) * u
    return float((kernel(family, row, alpha, psi) * weight_z[:, None] * weight_u).sum())


@pytest.mark.parametrize("family", ["binomial", "poisson"])
@pytest.mark.parametrize("variance", VARIANCES, ids=str)
def test_likelihood(family: str, variance: np.ndarray) -> None:
    at = evaluate(TwoArms(family, TABLES), MEAN, variance, MEAN)
    expected = [math.log(by_sums(family, row, variance)) for row in TABLES.T]
    np.testing.assert_allclose(at.log_likelihood, expected, rtol=1e-8)


@pytest.mark.parametrize("family", ["binomial", "poisson"])
@pytest.mark.parametrize("variance", VARIANCES, ids=str)
def test_derivatives(family: str, variance: np.ndarray) -> None:
    arms, h = TwoArms(family, TABLES), 1e-5
    free = [j for j in range(4) if j in (0, 2) or variance[j // 2] > 0]

    def moved(j: int, by: float) -> tuple[np.ndarray, np.ndarray]:
        mean, scaled = MEAN.copy(), variance.copy()
        if j % 2 == 0:
            mean[j // 2] += by
        else:
            scaled[j // 2] *= math.exp(by)
        at = evaluate(arms, mean, scaled, MEAN, nodes=(41, 41))
        return at.log_likelihood, at.gradient

    here = evaluate(arms, MEAN, variance, MEAN, nodes=(41, 41))
    for j in free:
        (up, slope_up), (down, slope_down) = moved(j, h), moved(j, -h)
        np.testing.assert_allclose(here.gradient[:, j], (up - down) / (2 * h), rtol=1e-5, atol=1e-7)
        differences = (slope_up - slope_down) / (2 * h)
        np.testing.assert_allclose(here.hessian[:, j][:, free], differences[:, free], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("j", [0, 1])
def test_the_slope_at_a_variance_of_zero_is_the_limit_from_above(j: int) -> None:
    arms, tiny = TwoArms("binomial", TABLES), 1e-5
    zero = evaluate(arms, MEAN, np.zeros(2), MEAN)
    variance = np.zeros(2)
    variance[j] = tiny
    above = evaluate(arms, MEAN, variance, MEAN)
    rise = (above.log_likelihood - zero.log_likelihood) / tiny
    np.testing.assert_allclose(zero.gradient[:, 2 * j + 1], rise, rtol=1e-3, atol=1e-4)


def test_blocks_give_what_the_whole_gives() -> None:
    many = np.tile(TABLES, (1, 60))
    mean = np.tile(MEAN, (1, 60))
    whole = evaluate(TwoArms("binomial", many), mean, VARIANCES[3], mean)
    part = evaluate(TwoArms("binomial", TABLES), MEAN, VARIANCES[3], MEAN)
    np.testing.assert_allclose(whole.log_likelihood, np.tile(part.log_likelihood, 60), rtol=1e-13)
    np.testing.assert_allclose(whole.hessian, np.tile(part.hessian, (60, 1, 1)), rtol=1e-10, atol=1e-12)


def test_modes_are_found_from_far_starts() -> None:
    arms = TwoArms("poisson", TABLES)
    near = evaluate(arms, MEAN, VARIANCES[3], MEAN)
    far = evaluate(arms, MEAN, VARIANCES[3], MEAN + 8.0)
    np.testing.assert_allclose(near.log_likelihood, far.log_likelihood, rtol=1e-10)


def test_nothing_overflows() -> None:
    arms = TwoArms("poisson", TABLES)
    at = evaluate(arms, MEAN, np.array([0.0, 100.0]), MEAN)
    assert np.isfinite(at.log_likelihood).all()
    assert np.isfinite(at.hessian).all()
