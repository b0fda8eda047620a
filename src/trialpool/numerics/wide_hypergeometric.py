"""Sums over a noncentral hypergeometric distribution with many thousands of events, in bounded time and memory.

The weights vanish beyond a dozen standard deviations, and between neighbours they hardly differ: within a window around the
mode every s-th of them, times s, sums to the same as all. The error of that is ``exp(-2 pi^2 (sd / s)^2)`` (Poisson's
summation formula); at the number of points taken here s is a tenth of the standard deviation, or 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

__all__ = ["mode_and_spread", "wide_distribution", "wide_sums"]

Array = NDArray[np.float64]

_POINTS = np.arange(256.0)
_DEVIATIONS, _MARGIN = 12.0, 30.0


def mode_and_spread(table: Array, psi: Array) -> tuple[Array, Array]:
    """Mode of the treatment events and their standard deviation, both approximate, at ``psi`` of shape (Q,).

    The mode solves ``(m - t) (n1 - t) exp(psi) = t (n2 - m + t)`` (Liao & Rosen 2001, The American Statistician 55:366).
    """
    a, n1, c, n2 = table
    m = a + c
    up, down = np.exp(np.minimum(psi, 0.0)), np.exp(-np.maximum(psi, 0.0))
    square, linear, constant = up - down, up * (m + n1) + down * (n2 - m), up * m * n1
    root = np.sqrt(np.maximum(linear * linear - 4.0 * square * constant, 0.0))
    regular = linear > 0
    t = np.where(
        regular,
        2.0 * constant / np.where(regular, linear + root, 1.0),
        (linear - root) / np.where(regular, 1.0, 2.0 * square),
    )
    t = np.clip(t, max(0.0, m - n2), min(n1, m))
    cells = np.stack([t, n1 - t, m - t, n2 - m + t]) + 0.5
    return t, 1.0 / np.sqrt((1.0 / cells).sum(axis=0))


def wide_sums(table: Array, psi: Array) -> Array:
    """Log of the sum of weights, mean and variance of the departure from the observed count, of shape (3, Q)."""
    low, high = _window(table, psi)
    stride = np.maximum(1.0, np.ceil((high - low) / (_POINTS.size - 1)))
    t = low[:, None] + stride[:, None] * _POINTS
    inside = t <= high[:, None]
    t = np.where(inside, t, table[0])
    departure = t - table[0]
    exponent = np.where(inside, _log_weight(table, t) + psi[:, None] * departure, -np.inf)
    top = exponent.max(axis=1)
    weight = np.exp(exponent - top[:, None])
    total = weight.sum(axis=1)
    mean = (weight * departure).sum(axis=1) / total
    variance = (weight * (departure - mean[:, None]) ** 2).sum(axis=1) / total
    return np.stack([top + np.log(total * stride), mean, variance])


def wide_distribution(table: Array, psi: float) -> tuple[float, Array]:
    """Lowest departure within the window at ``psi``, and the probabilities from there on."""
    low, high = _window(table, np.array([psi]))
    t = np.arange(low[0], high[0] + 1)
    exponent = _log_weight(table, t) + psi * (t - table[0])
    weight = np.exp(exponent - exponent.max())
    return float(t[0] - table[0]), weight / weight.sum()


def _window(table: Array, psi: Array) -> tuple[Array, Array]:
    """The counts outside of which the weights vanish."""
    a, n1, c, n2 = table
    mode, spread = mode_and_spread(table, psi)
    reach = _DEVIATIONS * spread + _MARGIN
    return np.maximum(np.floor(mode - reach), max(0.0, a + c - n2)), np.minimum(np.ceil(mode + reach), min(n1, a + c))


def _log_weight(table: Array, t: Array) -> Array:
    """Log weight relative to the observed count."""
    a, n1, c, n2 = table
    m = a + c
    observed = gammaln(a + 1) + gammaln(n1 - a + 1) + gammaln(c + 1) + gammaln(n2 - c + 1)
    return np.asarray(observed - gammaln(t + 1) - gammaln(n1 - t + 1) - gammaln(m - t + 1) - gammaln(n2 - m + t + 1))
