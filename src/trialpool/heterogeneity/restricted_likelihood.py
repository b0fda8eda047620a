"""Maximum of the restricted likelihood over tau2 >= 0: every maximum that a grid shows is solved for, the highest wins.

With ``w = 1 / (v + tau2)``, ``m`` the weighted mean and ``r = y - m``, twice the score is ``B - A`` where
``B = sum w^2 r^2`` and ``A = sum w - sum w^2 / sum w``. Newton's method runs on ``A / B - 1``, which has the same roots and
is a straight line in tau2 when all variances are equal. Where variances differ much the likelihood can have several maxima:
the score's sign is taken at 0 and on a grid up to a bound above every root, each fall through zero is solved for, and where
there are several maxima (0 is one if the score is not positive there) their likelihoods are compared.
"""

from __future__ import annotations

import numpy as np

from trialpool.numerics.columns import Array, Mask, columns_to_keep

__all__ = ["reml_kernel"]

_MOST_STEPS = 200
_PATIENCE = 30  # steps after which only bisection is trusted
_ENOUGH = 1e-6  # relative Newton step whose square, the next error, is below 1e-12
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
    w = 1.0 / v
    y = y - _rows_sum(w * y) / _rows_sum(w)  # centred, so that no digits are lost to a large common effect
    upper, start = _upper_bound_and_start(y, v)
    grid = _grid(v, upper)
    rising = _rising(y, v, grid)
    falls = rising[:-1] & ~rising[1:]
    ordinal = np.cumsum(falls, axis=0)
    several = bool((ordinal[-1] + ~rising[0] > 1).any())
    best = np.zeros(upper.size)
    if several:
        best_likelihood = np.where(rising[0], -np.inf, _log_likelihood(y, v, best))
    for m in range(1, int(ordinal[-1].max()) + 1):
        keep = columns_to_keep(ordinal[-1] >= m)
        at = np.argmax(ordinal[:, keep] == m, axis=0)
        some_y, some_v = np.ascontiguousarray(y[:, keep]), np.ascontiguousarray(v[:, keep])
        found = _newton(some_y, some_v, grid[at, keep], grid[at + 1, keep], start[keep])
        if not several:
            best[keep] = found
            return best
        likelihood = _log_likelihood(some_y, some_v, found)
        better = likelihood > best_likelihood[keep]
        best[keep] = np.where(better, found, best[keep])
        best_likelihood[keep] = np.where(better, likelihood, best_likelihood[keep])
    return best


def _grid(v: Array, upper: Array) -> Array:
    """0, then points in equal ratios up to the bound, by column; shape (points, b)."""
    lowest = np.minimum(_LOWEST * np.minimum.reduce(v), 0.01 * upper)
    ratio = np.log(np.where(upper > 0, upper / np.where(lowest > 0, lowest, 1.0), 1.0))
    points = np.zeros((_GRID + 1, upper.size))
    points[1:] = lowest * np.exp(_STEPS * ratio)
    points[-1] = upper
    return points


def _rising(y: Array, v: Array, grid: Array) -> Mask:
    """Whether the score is positive at each grid point; at the bound it is not."""
    points, b = grid.shape
    if y.size * points <= _TOGETHER:
        spread, expected = _spreads(y[:, None, :], v[:, None, :], grid)
        rising = spread > expected
    else:
        rising = np.empty((points, b), dtype=np.bool_)
        for i, at in enumerate(grid):
            spread, expected = _spreads(y, v, at)
            rising[i] = spread > expected
    rising[-1] = False
    rising[:, grid[-1] == 0] = False
    return rising


def _spreads(y: Array, v: Array, tau2: Array) -> tuple[Array, Array]:
    """B and A of the module's docstring; the score is positive where B exceeds A."""
    w = 1.0 / (v + tau2)
    s1 = _rows_sum(w)
    wr = w * (y - _rows_sum(w * y) / s1)
    return _rows_sum(wr * wr), s1 - _rows_sum(w * w) / s1


def _upper_bound_and_start(y: Array, v: Array) -> tuple[Array, Array]:
    """A tau2 above every root of the score, and the Hedges estimate to start from.

    ``B <= S / tau2^2`` and ``A >= (k - 1) / (max v + tau2)`` with S the sum of squares, so the score is negative beyond the
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


def _newton(y: Array, v: Array, lower: Array, upper: Array, start: Array) -> Array:
    """The root of the score in each bracket, by Newton's method; by bisection where that leaves the bracket or is slow."""
    tau2 = np.empty(upper.size)
    active = np.arange(upper.size)
    t = np.where((start > lower) & (start < upper), start, 0.5 * (lower + upper))
    smallest = 1e-7 * np.minimum.reduce(v)
    for steps in range(_MOST_STEPS):
        score, step = _score_and_step(y, v, t)
        positive = score > 0
        np.putmask(lower, positive, t)
        np.putmask(upper, ~positive, t)
        proposal = t + step
        inside = (proposal >= lower) & (proposal <= upper)
        scale = t + smallest
        settled = np.abs(proposal - t) <= _ENOUGH * scale
        if steps > _PATIENCE or not inside.all():
            inside &= steps <= _PATIENCE
            proposal = np.where(inside, proposal, 0.5 * (lower + upper))
            settled = settled & inside | (upper - lower <= 1e-14 * scale)
        t = proposal
        if not settled.any():
            continue
        tau2[active] = t
        if settled.all():
            return tau2
        keep = columns_to_keep(~settled)
        active, t, lower, upper, smallest = active[keep], t[keep], lower[keep], upper[keep], smallest[keep]
        y, v = np.ascontiguousarray(y[:, keep]), np.ascontiguousarray(v[:, keep])
    raise ArithmeticError("bisection on the restricted likelihood did not settle")  # pragma: no cover


def _score_and_step(y: Array, v: Array, tau2: Array) -> tuple[Array, Array]:
    """Twice the score, and Newton's step on A / B - 1 (NaN where that has the wrong slope).

    The derivative of A is minus twice the expected information.
    """
    w = 1.0 / (v + tau2)
    s1 = _rows_sum(w)
    wr = w * (y - _rows_sum(w * y) / s1)
    w2 = w * w
    w2r = w * wr
    s2 = _rows_sum(w2)
    ratio = s2 / s1
    spread = _rows_sum(wr * wr)
    expected_spread = s1 - ratio
    score = spread - expected_spread
    expected = s2 - 2.0 * _rows_sum(w2 * w) / s1 + ratio * ratio
    w2r_sum = _rows_sum(w2r)
    fall = 2.0 * (_rows_sum(w2r * wr) - w2r_sum * w2r_sum / s1)
    slope = expected_spread * fall - expected * spread
    usable = slope > 0
    if usable.all():
        return score, spread * score / slope
    return score, np.where(usable, spread * score / np.where(usable, slope, 1.0), np.nan)


def _log_likelihood(y: Array, v: Array, tau2: Array) -> Array:
    """Restricted log likelihood up to a constant; empty slots add the same to every tau2."""
    full = np.isfinite(v)
    w = np.where(full, 1.0 / (v + tau2), 0.0)
    s1 = _rows_sum(w)
    r = y - _rows_sum(w * y) / s1
    return np.asarray(0.5 * (_rows_sum(np.log(np.where(full, w, 1.0))) - np.log(s1) - _rows_sum(w * r * r)))
