"""Steps of Newton's method towards a maximum, and the interval around it by profile likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import NotEstimableError
from trialpool.numerics.distributions import chi2_quantile, chi2_tail

__all__ = ["NEAR", "THERE", "Deviance", "Smooth", "ascend", "newton_step", "profile_interval", "shortened"]

Array = NDArray[np.float64]
Deviance = Callable[[float], tuple[float, float]]
"""From an effect to twice the fall of the profile log likelihood from its maximum, and the slope of that."""

Smooth = Callable[[Array], tuple[float, Array, Array]]
"""From a point of shape (P,) to a value, its gradient and its Hessian."""

NEAR, THERE = 1e-6, 1e-15
"""Newton's decrement, the square of the distance in standard errors, near a maximum and at it."""

_FARTHEST = 64.0  # Wald half-widths
_MOST_HALVINGS = 40
_MOST_STEPS = 100


def newton_step(gradient: Array, hessian: Array) -> Array:
    """Newton's step, with the curvature mended where the function is not concave.

    Parameters
    ----------
    gradient : array of shape (P,)
    hessian : array of shape (P, P)

    Examples
    --------
    >>> newton_step(np.array([2.0, 0.0]), np.array([[-4.0, 0.0], [0.0, -1.0]])).tolist()
    [0.5, 0.0]
    """
    if gradient.size == 0:
        return gradient
    values, vectors = np.linalg.eigh(-hessian)
    curvature = np.maximum(np.abs(values), 1e-13 * np.abs(values).max() + 1e-30)
    return np.asarray(vectors @ ((vectors.T @ gradient) / curvature))


def shortened(step: Array, longest: float) -> Array:
    """The step in its direction, with no coordinate longer than that.

    >>> shortened(np.array([4.0, -1.0]), 2.0).tolist()
    [2.0, -0.5]
    """
    return step * min(1.0, longest / max(longest, float(np.abs(step).max(initial=0.0))))


def ascend(function: Smooth, start: Array, *, lowest: float = -np.inf, longest: float = 2.0) -> Array:
    """A maximum, by Newton's method with steps that are halved until the function does not fall.

    Parameters
    ----------
    function : callable
    start : array of shape (P,)
    lowest : float
        A last coordinate below it has left: the point is returned as it is.
    longest : float
        No coordinate moves further in one step.

    Raises
    ------
    NotEstimableError
        No maximum was reached in 200 steps.

    Examples
    --------
    >>> def hill(x):
    ...     return float(-np.cosh(x).sum()), -np.sinh(x), -np.diag(np.cosh(x))
    >>> np.round(ascend(hill, np.array([3.0, -1.0])), 9).tolist()
    [0.0, 0.0]
    """
    point = start
    value, gradient, hessian = function(point)
    for _ in range(2 * _MOST_STEPS):
        step = shortened(newton_step(gradient, hessian), longest)
        decrement = float(gradient @ step)
        new = function(point + step)
        for _ in range(_MOST_HALVINGS):
            # near the maximum the gradient decides: the value has but half of its digits there
            if new[0] >= value or decrement < NEAR:
                break
            step = 0.5 * step
            new = function(point + step)
        point = point + step
        value, gradient, hessian = new
        if point[-1] < lowest or decrement < THERE:
            return point
    raise NotEstimableError(f"the likelihood was not maximised within {2 * _MOST_STEPS} steps of Newton's method")


def profile_interval(
    deviance: Deviance, estimate: float, std_error: float, conf_level: float
) -> tuple[float, float, float]:
    """Where a deviance reaches the chi-square quantile on either side of the estimate, and its test of zero.

    Parameters
    ----------
    deviance : callable
        Of an effect, with its slope (that of the log likelihood, by the envelope theorem, times -2).
    estimate, std_error : float
        The maximum, and the scale of the search.
    conf_level : float

    Returns
    -------
    tuple of float
        Lower limit, upper limit, p-value of the likelihood-ratio test that the effect is zero.

    Raises
    ------
    NotEstimableError
        The likelihood does not fall so far: the interval has no end.

    Examples
    --------
    >>> low, high, p = profile_interval(lambda x: (4 * (x - 1) ** 2, 8 * (x - 1)), 1.0, 0.5, 0.95)
    >>> round(low, 6), round(high, 6), round(p, 6)
    (0.020018, 1.979982, 0.0455)
    """
    root = math.sqrt(chi2_quantile(1.0 - conf_level, 1))
    low = estimate - _distance(deviance, estimate, -1.0, std_error, root)
    high = estimate + _distance(deviance, estimate, 1.0, std_error, root)
    return low, high, chi2_tail(max(0.0, deviance(0.0)[0]), 1)


def _distance(deviance: Deviance, estimate: float, direction: float, std_error: float, root: float) -> float:
    """Newton's method on the signed root of the deviance, which is nearly a straight line; inside a bracket."""
    inside, outside = 0.0, math.inf
    x = std_error * root
    for _ in range(_MOST_STEPS):
        if x > _FARTHEST * std_error * root:
            raise NotEstimableError(
                f"the profile likelihood does not fall far enough {'above' if direction > 0 else 'below'} the estimate, "
                "so that its interval has no end; ask for a Wald interval (profile=False)"
            )
        value, slope = deviance(estimate + direction * x)
        height = math.sqrt(max(0.0, value))
        inside, outside = (x, outside) if height < root else (inside, x)
        rise = direction * slope / (2.0 * height) if height > 0 else 0.0
        new = x + (root - height) / rise if rise > 0 else math.inf
        if not inside < new < min(outside, 4.0 * x):
            new = 0.5 * (inside + outside) if math.isfinite(outside) else 2.0 * x
        if abs(new - x) <= 1e-7 * x:  # Newton: the step that is taken squares it
            return new
        x = new
    return x
