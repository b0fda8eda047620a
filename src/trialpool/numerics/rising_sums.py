"""Sums of ``log(x + r phi)`` over whole numbers r: the log of a product that rises in steps, and its derivatives.

``Gamma(x / phi + m) / Gamma(x / phi)`` is such a product; written as a sum of logs it loses no digits as phi falls to zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["RisingSum", "rising_sum"]

Array = NDArray[np.float64]

_FIRST = 32  # below it every step is summed
_NODES = 12  # enough for 16 digits on a stretch that starts beyond _FIRST and is no longer than its start


@dataclass(frozen=True, slots=True)
class RisingSum:
    """Steps r, shape (Q,), with how often each occurs."""

    step: Array
    weight: Array

    def at(self, x: float, phi: float) -> tuple[float, Array, Array]:
        """Sum of ``weight * log(x + step * phi)``; gradient (2,) and Hessian (2, 2) in (x, phi)."""
        base = x + self.step * phi
        inverse = self.weight / base
        second = inverse / base
        by_step = self.step * second
        cross = -float(by_step.sum())
        gradient = np.array([inverse.sum(), (self.step * inverse).sum()])
        hessian = np.array([[-second.sum(), cross], [cross, -(self.step * by_step).sum()]])
        return float((self.weight * np.log(base)).sum()), gradient, hessian


def rising_sum(lengths: Array) -> RisingSum:
    """The sum over ``r = 0 .. m - 1``, for each length m together.

    Parameters
    ----------
    lengths : array of shape (K,)
        Whole numbers; a length of 0 adds nothing.

    Examples
    --------
    >>> value, _, _ = rising_sum(np.array([3.0, 1.0])).at(0.5, 0.1)
    >>> round(value, 6) == round(float(np.log([0.5, 0.6, 0.7, 0.5]).sum()), 6)
    True
    """
    ordered = np.sort(lengths[lengths > 0])
    if ordered.size == 0:
        return RisingSum(np.zeros(0), np.zeros(0))
    doubled = _FIRST * 2.0 ** np.arange(64)
    edges = np.unique(np.concatenate([[0.0], doubled[doubled < ordered[-1]], ordered]))
    start, size = edges[:-1], np.diff(edges)
    count = ordered.size - np.searchsorted(ordered, edges[1:]).astype(np.float64)
    long = (start >= _FIRST) & (size > _NODES)
    points, weights = _gauss(size[long])
    each = size[~long].astype(np.intp)
    within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    return RisingSum(
        np.concatenate([np.repeat(start[~long], each) + within, (start[long, None] + points).ravel()]),
        np.concatenate([np.repeat(count[~long], each), (count[long, None] * weights).ravel()]),
    )


def _gauss(size: Array) -> tuple[Array, Array]:
    """Points and weights, (S, 12), that sum polynomials up to degree 23 over ``0 .. size - 1`` exactly.

    The points are the roots of Chebyshev's polynomials of a discrete variable, by the eigenvalues of their recurrence
    (Golub & Welsch 1969, Mathematics of Computation 23:221).
    """
    k = np.arange(1.0, _NODES)
    recurrence = np.zeros((size.size, _NODES, _NODES))
    beside = 0.5 * k * np.sqrt((size[:, None] ** 2 - k**2) / (4.0 * k**2 - 1.0))
    i = np.arange(_NODES - 1)
    recurrence[:, i, i + 1] = recurrence[:, i + 1, i] = beside
    points, vectors = np.linalg.eigh(recurrence)
    return points + 0.5 * (size[:, None] - 1.0), size[:, None] * vectors[:, 0, :] ** 2
