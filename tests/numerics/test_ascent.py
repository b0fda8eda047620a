"""Newton's steps, maxima and profile limits of functions whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom, chi2

from trialpool.errors import NotEstimableError
from trialpool.numerics.ascent import ascend, newton_step, profile_interval, shortened


def test_newton_step_of_a_parabola_leads_to_its_top() -> None:
    curvature = np.array([[3.0, 1.0], [1.0, 2.0]])
    top, here = np.array([1.0, -2.0]), np.array([4.0, 4.0])
    step = newton_step(-curvature @ (here - top), -curvature)
    np.testing.assert_allclose(here + step, top, rtol=1e-12)


def test_newton_step_rises_where_the_function_is_convex() -> None:
    gradient, hessian = np.array([1.0, 0.5]), np.array([[2.0, 0.0], [0.0, -1.0]])
    assert gradient @ newton_step(gradient, hessian) > 0


def test_shortened_keeps_the_direction() -> None:
    step = np.array([3.0, -6.0])
    np.testing.assert_allclose(shortened(step, 2.0), [1.0, -2.0])
    np.testing.assert_allclose(shortened(step, 7.0), step)


def test_ascend_from_far() -> None:
    def function(x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        # log likelihood of 3 of 10, in the logit
        p = 1 / (1 + np.exp(-x))
        return float(3 * np.log(p[0]) + 7 * np.log(1 - p[0])), 3 - 10 * p, np.diag(-10 * p * (1 - p))

    assert math.isclose(ascend(function, np.array([9.0]))[0], math.log(3 / 7), rel_tol=1e-12)


def test_ascend_says_when_there_is_no_top() -> None:
    with pytest.raises(NotEstimableError, match="not maximised"):
        ascend(lambda x: (float(x[0]), np.ones(1), np.full((1, 1), -1e-3)), np.zeros(1))


def test_ascend_stops_below_the_lowest() -> None:
    point = ascend(lambda x: (float(-x[0]), -np.ones(1), np.full((1, 1), -1e-3)), np.zeros(1), lowest=-5.0)
    assert -8.0 < point[0] < -5.0


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_profile_limits_of_a_binomial(level: float) -> None:
    events, n = 3, 10
    estimate = math.log(events / (n - events))

    def deviance(logit: float) -> tuple[float, float]:
        p = 1 / (1 + math.exp(-logit))
        return 2 * (binom.logpmf(events, n, events / n) - binom.logpmf(events, n, p)), -2 * (events - n * p)

    low, high, p_value = profile_interval(deviance, estimate, 0.69, level)
    for limit in (low, high):
        assert math.isclose(deviance(limit)[0], chi2.ppf(level, 1), rel_tol=1e-9)
    assert low < estimate < high
    assert math.isclose(p_value, chi2.sf(deviance(0.0)[0], 1), rel_tol=1e-9)


def test_a_likelihood_that_levels_off_has_no_limit() -> None:
    def deviance(x: float) -> tuple[float, float]:
        return (x * x if x > 0 else 1 - math.exp(-x * x)), (2 * x if x > 0 else 2 * x * math.exp(-x * x))

    with pytest.raises(NotEstimableError, match="below the estimate"):
        profile_interval(deviance, 0.0, 0.7, 0.95)
