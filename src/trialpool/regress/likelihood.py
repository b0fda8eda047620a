"""ML and REML of tau2 with moderators: every maximum that a grid shows is solved for, and the highest wins.

Twice the score is ``y'PPy - tr P`` for REML and ``y'PPy - sum w`` for ML. Where variances differ much the likelihood can have
several maxima; 0 is one where the score is not positive there.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.columns import Array
from trialpool.numerics.falling_roots import falling_roots
from trialpool.numerics.highest_maximum import Columns, highest_maximum
from trialpool.regress.least_squares import Design, evaluate, project

__all__ = ["ml", "reml", "spread_around_fit"]

_RATIO = 3.0
"""Of neighbouring grid points: maxima of the likelihood lie apart by the ratios of the variances that make them."""

_LOWEST = 0.02  # of the smallest variance: below it the score is as good as at 0


def reml(y: Array, v: Array, design: Design) -> Array:
    """Restricted maximum likelihood (Viechtbauer 2005, Journal of Educational and Behavioral Statistics 30:261).

    Parameters
    ----------
    y, v : arrays of shape (K, b)
    design : Design

    Returns
    -------
    array of shape (b,)
    """
    return _highest_maximum(y, v, design, restricted=True)


def ml(y: Array, v: Array, design: Design) -> Array:
    """Maximum likelihood (Hardy & Thompson 1996, Statistics in Medicine 15:619), with moderators."""
    return _highest_maximum(y, v, design, restricted=False)


def spread_around_fit(y: Array, design: Design) -> Array:
    """Residual sum of squares of the unweighted fit, of shape (b,)."""
    residual = project(y, np.ones_like(y), design.x).residual
    return np.asarray(np.add.reduce(residual * residual))


def _highest_maximum(y: Array, v: Array, design: Design, *, restricted: bool) -> Array:
    grid = _grid(y, v, design)
    rising = np.empty(grid.shape, dtype=np.bool_)
    for i, at in enumerate(grid):
        rising[i] = _slope(y, v, at, design, restricted) > 0
    rising &= grid < grid[-1]

    def solve(keep: Columns, low: Array, high: Array) -> Array:
        return _root(_some(y, keep), _some(v, keep), design, (low, high), restricted)

    def likelihood(keep: Columns, at: Array) -> Array:
        return _log_likelihood(_some(y, keep), _some(v, keep), at, design, restricted)

    return highest_maximum(grid, rising, solve=solve, likelihood=likelihood)


def _some(values: Array, keep: Columns) -> Array:
    """These columns; their rows stay contiguous, and sums over them keep their order."""
    return np.ascontiguousarray(values[:, keep])


def _grid(y: Array, v: Array, design: Design) -> Array:
    """0, then points in equal ratios up to a bound above every root, and there they stay, by column; shape (points, b).

    ``y'PPy <= RSS / tau2^2`` and ``tr P >= df / (max v + tau2)``, so the score is negative beyond the positive root of
    ``df t^2 = RSS (max v + t)``.
    """
    squares, df, largest = spread_around_fit(y, design), float(design.df), v.max(axis=0)
    upper = (squares + np.sqrt(squares * (squares + 4.0 * df * largest))) / (2.0 * df)
    lowest = np.minimum(_LOWEST * v.min(axis=0), 0.01 * upper)
    longest = float(np.log(np.where(lowest > 0, upper / np.where(lowest > 0, lowest, 1.0), 1.0)).max())
    count = math.ceil(longest / math.log(_RATIO)) + 1
    points = np.zeros((count + 1, upper.size))
    points[1:] = np.minimum(lowest * _RATIO ** np.arange(count)[:, None], upper)
    points[-1] = upper
    return points


def _slope(y: Array, v: Array, tau2: Array, design: Design, restricted: bool) -> Array:
    """1 minus the expected over the found spread: the score's sign, and a straight line where all variances are equal."""
    sums = evaluate(y, v, tau2, design)
    expected = sums.trace if restricted else sums.total
    return np.asarray(1.0 - expected / np.where(sums.spread > 0, sums.spread, 1e-300 * expected))


def _root(y: Array, v: Array, design: Design, bracket: tuple[Array, Array], restricted: bool) -> Array:
    def function(t: Array, active: NDArray[np.intp]) -> Array:
        return _slope(np.take(y, active, axis=1), np.take(v, active, axis=1), t, design, restricted)

    return falling_roots(function, *bracket, 1e-7 * v.min(axis=0))


def _log_likelihood(y: Array, v: Array, tau2: Array, design: Design, restricted: bool) -> Array:
    """Up to a constant."""
    sums = evaluate(y, v, tau2, design)
    value = -np.add.reduce(np.log(v + tau2)) - sums.q
    if restricted:
        value = value - sum(np.log(d) for d in sums.lengths)
    return np.asarray(0.5 * value)
