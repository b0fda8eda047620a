"""Climb to a maximum of a smooth function of several variables, by Newton's method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.ascent import newton_step

__all__ = ["Height", "Peak", "climb"]

Array = NDArray[np.float64]
Height = tuple[float, Array, Array]
"""Value, gradient (m,) and Hessian (m, m) of a function at a point; the value is ``-inf`` where there is none."""

_MOST_STEPS = 300
_MOST_HALVINGS = 40
_SETTLED = 1e-13  # a step this small against the point is rounding
_NOISE = 1e-13  # rounding of a value


@dataclass(frozen=True, slots=True)
class Peak:
    """Where the climb ended; ``settled`` is False where it ran out of steps."""

    point: Array
    value: float
    gradient: Array
    hessian: Array
    settled: bool


def climb(function: Callable[[Array], Height], start: Array, longest: float = 2.0) -> Peak:
    """Climb from ``start`` to a maximum.

    Newton's step, its curvature mended where the function is not concave (Nocedal & Wright 2006, Numerical Optimization,
    section 3.4), is halved until the function does not fall.

    Parameters
    ----------
    function : callable
        From a point of shape (m,) to value, gradient and Hessian.
    start : array of shape (m,)
        In units that make one a sensible step.
    longest : float
        A step is no longer than this plus this many times the point's own length.

    Returns
    -------
    Peak

    Examples
    --------
    >>> def hill(x):
    ...     return float(-np.cosh(x - 3.0).sum()), -np.sinh(x - 3.0), -np.diag(np.cosh(x - 3.0))
    >>> climb(hill, np.zeros(2)).point.round(10).tolist()
    [3.0, 3.0]
    """
    point = np.array(start, dtype=np.float64)
    here = function(point)
    for _ in range(_MOST_STEPS):
        step = _limited(newton_step(here[1], here[2]), longest * (1.0 + float(np.linalg.norm(point))))
        found = None
        if float(np.linalg.norm(step)) > _SETTLED * (_SETTLED + float(np.linalg.norm(point))):
            found = _not_lower(function, point, step, here)
        if found is None:
            return Peak(point, *here, settled=True)
        point, here = found
    return Peak(point, *here, settled=False)


def _limited(step: Array, longest: float) -> Array:
    size = float(np.linalg.norm(step))
    return step * (longest / size) if size > longest else step


def _not_lower(
    function: Callable[[Array], Height], point: Array, step: Array, here: Height
) -> tuple[Array, Height] | None:
    """The first of the halved steps that rises, or that stays level to rounding with less of a slope."""
    noise = _NOISE * abs(here[0])
    slope = _slope(here)
    for _ in range(_MOST_HALVINGS):
        new = function(point + step)
        if new[0] > here[0] + noise or (new[0] >= here[0] - noise and _slope(new) < 0.5 * slope):
            return point + step, new
        step = 0.5 * step
    return None


def _slope(height: Height) -> float:
    """What Newton's step promises to rise, twice."""
    return float(newton_step(height[1], height[2]) @ height[1])
