"""Maxima of the likelihoods over tau2 >= 0, full and restricted: every maximum that a grid shows is solved for.

With ``w = 1 / (v + tau2)``, ``m`` the weighted mean and ``r = y - m``, twice the score is ``B - A`` where
``B = sum w^2 r^2`` and A is ``sum w`` for the full likelihood (ML), ``sum w - sum w^2 / sum w`` for the restricted one (REML).
Newton's method runs on ``A / B - 1``, which has the same roots and is a straight line in tau2 when all variances are equal.
Where variances differ much a likelihood can have several maxima: the score's sign is taken at 0 and on a grid up to a bound
above every root, each fall through zero is solved for, and where there are several maxima (0 is one if the score is not
positive there) the highest wins.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from trialpool.numerics.bracketed_newton import bracketed_newton
from trialpool.numerics.columns import Array, Mask
from trialpool.numerics.highest_maximum import Columns, highest_maximum

__all__ = ["equal_ratio_grid", "log_likelihood", "ml_kernel", "reml_kernel", "score", "score_bound"]

_GRID = 20
_STEPS = np.linspace(0.0, 1.0, _GRID)[:, None]
_LOWEST = 0.02  # of the smallest variance: below it the score is as good as at 0
_TOGETHER = 4096  # numbers up to which the whole grid is evaluated at once

_rows_sum = np.add.reduce  # over axis 0; half the overhead of ndarray.sum


def reml_kernel(y: Array, v: Array) -> Array:
    """REML tau2 of each column.

    Parameters
    ----------
    y, v : arrays of shape (K, b)

    Returns
    -------
    array of shape (b,)
    """
    return _highest_maximum(y, v, restricted=True)


def ml_kernel(y: Array, v: Array) -> Array:
    """ML tau2 of each column.

    Parameters
    ----------
    y, v : arrays of shape (K, b)

    Returns
    -------
    array of shape (b,)
    """
    return _highest_maximum(y, v, restricted=False)


def log_likelihood(y: Array, v: Array, tau2: Array, *, restricted: bool) -> Array:
    """Log likelihood at tau2 with the mean profiled out, up to a constant; empty slots add the same to every tau2."""
    full = np.isfinite(v)
    w = np.where(full, 1.0 / (v + tau2), 0.0)
    s1 = _rows_sum(w)
    r = y - _rows_sum(w * y) / s1
    twice = _rows_sum(np.log(np.where(full, w, 1.0))) - _rows_sum(w * r * r)
    return np.asarray(0.5 * (twice - np.log(s1) if restricted else twice))


def score(y: Array, v: Array, tau2: Array, *, restricted: bool) -> Array:
    """Derivative in tau2 of :func:`log_likelihood`."""
    spread, expected = _spreads(y, v, tau2, restricted)
    return 0.5 * (spread - expected)


def _highest_maximum(y: Array, v: Array, *, restricted: bool) -> Array:
    w = 1.0 / v
    y = y - _rows_sum(w * y) / _rows_sum(w)  # centred, so that no digits are lost to a large common effect
    upper, start = score_bound(y, v)
    grid = equal_ratio_grid(v, upper)

    def solve(keep: Columns, low: Array, high: Array) -> Array:
        some = np.ascontiguousarray(y[:, keep]), np.ascontiguousarray(v[:, keep])
        return bracketed_newton(
            partial(_score_and_step, restricted=restricted),
            some,
            low,
            high,
            start=start[keep],
            resolution=1e-7 * np.minimum.reduce(some[1]),
        )

    def likelihood(keep: Columns, at: Array) -> Array:
        some = np.ascontiguousarray(y[:, keep]), np.ascontiguousarray(v[:, keep])
        return log_likelihood(*some, at, restricted=restricted)

    return highest_maximum(grid, _rising(y, v, grid, restricted), solve=solve, likelihood=likelihood)


def equal_ratio_grid(v: Array, upper: Array) -> Array:
    """0, then points in equal ratios up to the bound, by column; shape (points, b)."""
    lowest = np.minimum(_LOWEST * np.minimum.reduce(v), 0.01 * upper)
    ratio = np.log(np.where(upper > 0, upper / np.where(lowest > 0, lowest, 1.0), 1.0))
    points = np.zeros((_GRID + 1, upper.size))
    points[1:] = lowest * np.exp(_STEPS * ratio)
    points[-1] = upper
    return points


def _rising(y: Array, v: Array, grid: Array, restricted: bool) -> Mask:
    """Whether the score is positive at each grid point; at the bound it is not."""
    points, b = grid.shape
    if y.size * points <= _TOGETHER:
        spread, expected = _spreads(y[:, None, :], v[:, None, :], grid, restricted)
        rising = spread > expected
    else:
        rising = np.empty((points, b), dtype=np.bool_)
        for i, at in enumerate(grid):
            spread, expected = _spreads(y, v, at, restricted)
            rising[i] = spread > expected
    rising[-1] = False
    rising[:, grid[-1] == 0] = False
    return rising


def _spreads(y: Array, v: Array, tau2: Array, restricted: bool) -> tuple[Array, Array]:
    """B and A of the module's docstring; the score is positive where B exceeds A."""
    w = 1.0 / (v + tau2)
    s1 = _rows_sum(w)
    wr = w * (y - _rows_sum(w * y) / s1)
    return _rows_sum(wr * wr), s1 - _rows_sum(w * w) / s1 if restricted else s1


def score_bound(y: Array, v: Array) -> tuple[Array, Array]:
    """A tau2 above every root of either score, and the Hedges estimate to start from.

    ``B <= S / tau2^2`` and ``A >= (k - 1) / (max v + tau2)`` with S the sum of squares, so the scores are negative beyond the
    positive root of ``(k - 1) t^2 = S (max v + t)``.
    """
    largest = np.maximum.reduce(v)
    if np.isfinite(largest).all():
        k: Array | float = float(v.shape[0])
        y = y - _rows_sum(y) / k
    else:
        full = np.isfinite(v)
        k = _rows_sum(full, dtype=np.float64)
        v = np.where(full, v, 0.0)
        y = np.where(full, y - _rows_sum(np.where(full, y, 0.0)) / k, 0.0)
        largest = np.maximum.reduce(v)
    squares = _rows_sum(y * y)
    df = np.maximum(k - 1.0, 1.0)
    upper = (squares + np.sqrt(squares * (squares + 4.0 * df * largest))) / (2.0 * df)
    start = squares / df - _rows_sum(v) / k
    return upper * (k > 1), start


def _score_and_step(tau2: Array, y: Array, v: Array, *, restricted: bool) -> tuple[Array, Array]:
    """Twice the score, and Newton's step on A / B - 1 (NaN where that has the wrong slope).

    The derivative of A is minus twice the expected information.
    """
    w = 1.0 / (v + tau2)
    s1 = _rows_sum(w)
    wr = w * (y - _rows_sum(w * y) / s1)
    w2 = w * w
    w2r = w * wr
    s2 = _rows_sum(w2)
    spread = _rows_sum(wr * wr)
    if restricted:
        ratio = s2 / s1
        expected_spread = s1 - ratio
        expected = s2 - 2.0 * _rows_sum(w2 * w) / s1 + ratio * ratio
    else:
        expected_spread, expected = s1, s2
    score = spread - expected_spread
    w2r_sum = _rows_sum(w2r)
    fall = 2.0 * (_rows_sum(w2r * wr) - w2r_sum * w2r_sum / s1)
    slope = expected_spread * fall - expected * spread
    usable = slope > 0
    if usable.all():
        return score, spread * score / slope
    return score, np.where(usable, spread * score / np.where(usable, slope, 1.0), np.nan)
