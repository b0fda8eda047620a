"""Roots of many functions at once, each within its bracket."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.columns import Array, columns_to_keep

__all__ = ["falling_roots"]

_MOST_STEPS = 300
_RELATIVE = 1e-13

Function = Callable[[Array, NDArray[np.intp]], Array]
"""From points and the columns they belong to, to the values there."""


def falling_roots(function: Function, low: Array, high: Array, smallest: Array) -> Array:
    """The point in each bracket at which a function falls through zero.

    Inverse quadratic interpolation with bisection where that does not pay (Chandrupatla 1997, Advances in Engineering
    Software 28:145), to a relative 1e-13.

    Parameters
    ----------
    function : callable
        Positive at ``low``, not positive at ``high``.
    low, high : arrays of shape (b,)
    smallest : array of shape (b,)
        Size below which a root need not be told from zero.

    Returns
    -------
    array of shape (b,)

    Examples
    --------
    >>> bounds = np.array([0.0, 0.0]), np.array([9.0, 9.0])
    >>> falling_roots(lambda x, columns: np.array([2.0, 5.0])[columns] - x, *bounds, np.array([1e-9, 1e-9])).tolist()
    [2.0, 5.0]
    """
    roots = np.empty(low.size)
    active = np.arange(low.size)
    a, b = low, high
    at_a, at_b = function(a, active), function(b, active)
    share = np.full(low.size, 0.5)
    for _ in range(_MOST_STEPS):
        x = a + share * (b - a)
        at_x = function(x, active)
        same = (at_x > 0) == (at_a > 0)
        c, at_c = np.where(same, a, b), np.where(same, at_a, at_b)
        b, at_b = np.where(same, b, a), np.where(same, at_b, at_a)
        a, at_a = x, at_x
        best = np.where(np.abs(at_a) < np.abs(at_b), a, b)
        width = np.abs(b - a)
        enough = _RELATIVE * (best + smallest)
        done = (width <= enough) | (at_a == 0)
        if done.any():
            roots[active[done]] = np.where(at_a == 0, a, best)[done]
            if done.all():
                return roots
            keep = columns_to_keep(~done)
            active, smallest, width, enough = active[keep], smallest[keep], width[keep], enough[keep]
            a, b, c, at_a, at_b, at_c = (values[keep] for values in (a, b, c, at_a, at_b, at_c))
        share = _interpolated(a, b, c, at_a, at_b, at_c)
        least = 0.5 * enough / width
        share = np.minimum(np.maximum(share, least), 1.0 - least)
    raise ArithmeticError("a bracketed root did not settle")  # pragma: no cover


def _interpolated(a: Array, b: Array, c: Array, at_a: Array, at_b: Array, at_c: Array) -> Array:
    """Where between a and b to look next: by inverse quadratic interpolation where that is safe, else halfway."""
    position = (a - b) / (c - b)
    value = (at_a - at_b) / (at_c - at_b)
    safe = (value * value < position) & ((1.0 - value) ** 2 < 1.0 - position)
    some = np.flatnonzero(safe)
    share = np.full(a.size, 0.5)
    if some.size:
        a, b, c, fa, fb, fc = (values[some] for values in (a, b, c, at_a, at_b, at_c))
        share[some] = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return share
