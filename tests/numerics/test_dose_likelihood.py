"""The integral against a plain sum, the derivatives against differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit, logsumexp
from scipy.stats import binom, norm

from trialpool.numerics.dose_likelihood import Curve, dose_counts, profile_intercepts

DOSES = np.array([[0.0, 20.0, 40.0], [0.0, 80.0, 0.0], [20.0, 40.0, 80.0], [0.0, 40.0, 80.0]])
EVENTS = np.array([[3.0, 9, 19], [2, 40, 0], [20, 25, 31], [0, 4, 3]])
N = np.array([[60.0, 61, 58], [45, 70, 0], [80, 82, 79], [30, 33, 31]])
COUNTS = dose_counts(EVENTS, N)
GRID = np.linspace(-9, 9, 6001)


def emax(log_ed50: float) -> Curve:
    f = DOSES / (DOSES + np.exp(log_ed50))
    return Curve(f, -f * (1 - f), f * (1 - f) * (1 - 2 * f))


def at(effect: float, log_ed50: float, sigma: float):
    return profile_intercepts(COUNTS, emax(log_ed50), effect, sigma)


def by_sum(i: int, intercept: float, effect: float, log_ed50: float, sigma: float) -> float:
    """The integral as a plain sum over a fine grid."""
    f = (DOSES[i] / (DOSES[i] + np.exp(log_ed50)))[:, None]
    p = expit(intercept + (effect + sigma * GRID) * f)
    log_density = binom.logpmf(EVENTS[i][:, None], N[i][:, None], p).sum(axis=0) + norm.logpdf(GRID)
    return float(logsumexp(log_density) + np.log(GRID[1] - GRID[0]))


@pytest.mark.parametrize("sigma", [0.0, 0.3, 1.5, 6.0])
def test_likelihood_is_the_integral_at_the_best_intercepts(sigma):
    found = at(2.0, 2.5, sigma)
    total = 0.0
    for i in range(len(DOSES)):
        here = found.intercepts[i]
        best = minimize_scalar(
            lambda a, i=i: -by_sum(i, a, 2.0, 2.5, sigma), bracket=(here - 0.01, here, here + 0.01), tol=1e-5
        )
        total -= best.fun
        assert abs(best.x - here) < 1e-3
    assert np.isclose(found.log_likelihood, total, rtol=1e-8)


@pytest.mark.parametrize("place", [(2.0, 2.5, 0.4), (1.0, 4.0, 1.2), (-0.5, 1.0, 0.05)])
def test_derivatives_are_those_of_the_profile(place):
    h, point = 1e-5, np.array(place)
    here = at(*point)
    up, down = ([at(*(point + side * h * e)) for e in np.eye(3)] for side in (1, -1))
    slope = [(a.log_likelihood - b.log_likelihood) / (2 * h) for a, b in zip(up, down, strict=True)]
    bend = [(a.gradient - b.gradient) / (2 * h) for a, b in zip(up, down, strict=True)]
    np.testing.assert_allclose(here.gradient, slope, atol=2e-7)
    np.testing.assert_allclose(here.hessian, bend, atol=2e-6)


def test_intercepts_of_arms_without_events_are_found_with_slopes_that_vary_widely():
    """Newton's method for the modes would swing to and fro here."""
    events = np.array([[0.0, 63.0], [0.0, 60.0], [0.0, 12.0]])
    n = np.array([[195.0, 197.0], [150.0, 149.0], [80.0, 82.0]])
    curve = Curve(np.array([[0.0, 1.6], [0.0, 2.2], [0.0, 1.1]]), np.zeros((3, 2)), np.zeros((3, 2)))
    for effect, sigma in ((2.0, 2.0), (2.0, 5.0), (8.0, 20.0), (16.0, 0.5)):
        found = profile_intercepts(dose_counts(events, n), curve, effect, sigma)
        h = 1e-5
        up, down = (profile_intercepts(dose_counts(events, n), curve, effect, sigma + s * h) for s in (1, -1))
        assert np.isclose(found.gradient[2], (up.log_likelihood - down.log_likelihood) / (2 * h), rtol=1e-5, atol=1e-6)


def test_sign_of_sigma_means_nothing_and_zero_is_smooth():
    assert np.isclose(at(2.0, 2.5, 0.3).log_likelihood, at(2.0, 2.5, -0.3).log_likelihood, rtol=1e-12)
    zero, near = at(2.0, 2.5, 0.0), at(2.0, 2.5, 1e-3)
    assert abs(zero.gradient[2]) < 1e-10
    rise = near.log_likelihood - zero.log_likelihood
    assert np.isclose(rise, 0.5 * zero.hessian[2, 2] * 1e-6, rtol=1e-3)


def test_arms_of_nobody_change_nothing():
    wider = dose_counts(np.pad(EVENTS, ((0, 0), (0, 2))), np.pad(N, ((0, 0), (0, 2))))
    c = emax(2.5)
    curve = Curve(*(np.pad(part, ((0, 0), (0, 2)), constant_values=0.7) for part in (c.value, c.first, c.second)))
    found = profile_intercepts(wider, curve, 2.0, 0.4)
    assert np.isclose(found.log_likelihood, at(2.0, 2.5, 0.4).log_likelihood, rtol=1e-12)
