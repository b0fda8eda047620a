"""Maximum of the restricted likelihood over tau2 >= 0: bracketed Newton on the score, all columns at once.

With ``w = 1 / (v + tau2)``, ``m`` the weighted mean and ``r = y - m``, twice the score is ``B - A`` where
``B = sum w^2 r^2`` and ``A = sum w - sum w^2 / sum w``. Newton's method runs on ``A / B - 1``, which has the same roots and is
a straight line in tau2 when all variances are equal. The likelihood can have a second maximum, so tau2 = 0 is accepted only
if the score is not positive there nor at probes across the bracket; where a probe is positive, the better maximum wins.
"""

from __future__ import annotations

import numpy as np

from trialpool.numerics.columns import Array, Mask, columns_to_keep

__all__ = ["reml_kernel"]

_MOST_STEPS = 200
_ENOUGH = 1e-6  # relative Newton step whose square, the next error, is below 1e-12
_PROBES = (
    1e-3,
    1e-2,
    1e-1,
)  # fractions of the upper bound at which the score is looked at when it is not positive at 0

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
    spread, expected_spread = _spreads(y, v, np.zeros(upper.size))
    rising = spread > expected_spread
    if rising.all():
        return _newton(y, v, np.zeros(upper.size), upper, start)
    return _with_maxima_at_zero(y, v, upper, start, rising)


def _with_maxima_at_zero(y: Array, v: Array, upper: Array, start: Array, rising: Mask) -> Array:
    """Some columns have a non-positive score at zero: only those with a positive probe are searched inside as well."""
    bottom = _probe(y, v, upper, rising)
    tau2 = np.zeros(upper.size)
    keep = columns_to_keep(rising | (bottom > 0))
    if keep.size == 0:
        return tau2
    y, v = np.ascontiguousarray(y[:, keep]), np.ascontiguousarray(v[:, keep])
    found = _newton(y, v, bottom[keep], upper[keep], start[keep])
    doubtful = ~rising[keep]
    if doubtful.any():
        better = _log_likelihood(y, v, found) > _log_likelihood(y, v, np.zeros(found.size))
        found = np.where(doubtful & ~better, 0.0, found)
    tau2[keep] = found
    return tau2


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


def _probe(y: Array, v: Array, upper: Array, rising: Mask) -> Array:
    """Where the score is not positive at 0: the largest probe with a positive score, or 0."""
    bottom = np.zeros(upper.size)
    keep = columns_to_keep(~rising & (upper > 0))
    if keep.size == 0:
        return bottom
    y, v, upper = np.ascontiguousarray(y[:, keep]), np.ascontiguousarray(v[:, keep]), upper[keep]
    for fraction in _PROBES:
        at = fraction * upper
        spread, expected_spread = _spreads(y, v, at)
        bottom[keep] = np.where(spread > expected_spread, at, bottom[keep])
    return bottom


def _newton(y: Array, v: Array, lower: Array, upper: Array, start: Array) -> Array:
    """A root of the score in each bracket: Newton, Fisher's step where that has the wrong sign, bisection when outside."""
    tau2 = np.empty(upper.size)
    active = np.arange(upper.size)
    lower, upper = lower.copy(), upper.copy()
    t = np.where((start > lower) & (start < upper), start, lower)
    smallest = 1e-7 * np.minimum.reduce(v)
    for _ in range(_MOST_STEPS):
        score, step = _score_and_step(y, v, t)
        positive = score > 0
        np.putmask(lower, positive, t)
        np.putmask(upper, ~positive, t)
        proposal = t + step
        outside = (proposal < lower) | (proposal > upper)
        if outside.any():
            proposal = np.where(outside, 0.5 * (lower + upper), proposal)
        scale = t + smallest
        settled = np.abs(proposal - t) <= _ENOUGH * scale
        if outside.any():
            settled = settled & ~outside | (upper - lower <= 1e-15 * scale)
        t = proposal
        if not settled.any():
            continue
        tau2[active] = t
        if settled.all():
            return tau2
        keep = columns_to_keep(~settled)
        active, t, lower, upper, smallest = active[keep], t[keep], lower[keep], upper[keep], smallest[keep]
        y, v = np.ascontiguousarray(y[:, keep]), np.ascontiguousarray(v[:, keep])
    raise ArithmeticError("Newton's method on the restricted likelihood did not settle")  # pragma: no cover


def _score_and_step(y: Array, v: Array, tau2: Array) -> tuple[Array, Array]:
    """Twice the score, and Newton's step on A / B - 1; the derivative of A is minus twice the expected information."""
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
    return score, np.where(
        usable, spread * score / np.where(usable, slope, 1.0), score / np.where(expected > 0, expected, 1.0)
    )


def _log_likelihood(y: Array, v: Array, tau2: Array) -> Array:
    """Restricted log likelihood up to a constant; empty slots add the same to every tau2."""
    full = np.isfinite(v)
    w = np.where(full, 1.0 / (v + tau2), 0.0)
    s1 = _rows_sum(w)
    r = y - _rows_sum(w * y) / s1
    return np.asarray(0.5 * (_rows_sum(np.log(np.where(full, w, 1.0))) - np.log(s1) - _rows_sum(w * r * r)))
