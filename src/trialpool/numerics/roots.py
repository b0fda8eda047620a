"""Root of one function of one variable on [0, inf), and the safeguard of Newton's method on many functions at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["increasing_root", "rising_root", "safeguarded"]

_MOST_STEPS = 300
_SHORTER = 0.7  # of the last move: a Newton step longer than that is not closing in


def rising_root(function: Callable[[float], float], start: float) -> float:
    """The x >= 0 at which a function turns from negative to positive; 0 where it is not negative at 0.

    The bracket grows by doubling from ``start``; then regula falsi in its Illinois form, to a relative 1e-14.

    Parameters
    ----------
    function : callable
        Negative before the root, positive behind it.
    start : float
        A positive number of the size of the root, to size the bracket.

    Examples
    --------
    >>> round(rising_root(lambda x: x * x - 2, start=0.1), 12)
    1.414213562373
    >>> rising_root(lambda x: x + 1, start=0.1)
    0.0
    """
    low, at_low = 0.0, function(0.0)
    if at_low >= 0:
        return 0.0
    high = start
    at_high = function(high)
    while at_high < 0:
        low, at_low = high, at_high
        high *= 2
        at_high = function(high)
    kept_low = kept_high = False
    for _ in range(_MOST_STEPS):
        if at_high == 0 or high - low <= 1e-14 * high:
            return high
        x = high - at_high * (high - low) / (at_high - at_low)
        if not low < x < high:
            x = 0.5 * (low + high)
        at_x = function(x)
        if at_x < 0:
            low, at_low = x, at_x
            at_high = 0.5 * at_high if kept_high else at_high
            kept_low, kept_high = False, True
        else:
            high, at_high = x, at_x
            at_low = 0.5 * at_low if kept_low else at_low
            kept_low, kept_high = True, False
    return 0.5 * (low + high)


def increasing_root(function: Callable[[float], float]) -> float:
    """The real number at which an increasing function passes zero.

    Examples
    --------
    >>> round(increasing_root(lambda x: x + 3.5), 12)
    -3.5
    """
    if function(0.0) < 0:
        return rising_root(function, start=1.0)
    return -rising_root(lambda x: -function(-x), start=1.0)


def safeguarded(
    x: NDArray[np.float64],
    step: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    last: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Where Newton's method goes from ``x``: by ``step``, or to the middle of the bracket.

    The middle is taken where the step leaves the bracket, or is no shorter than the ``last`` move; with an end of the bracket
    still infinite there is none, and the step is taken.

    Examples
    --------
    >>> one = np.ones(1)
    >>> safeguarded(one, 0.5 * one, 0 * one, 4 * one, 9 * one), safeguarded(one, 5 * one, 0 * one, 4 * one, 9 * one)
    (array([1.5]), array([2.]))
    """
    proposal = x + step
    trusted = (proposal >= low) & (proposal <= high) & (np.abs(step) <= _SHORTER * last)
    bounded = np.isfinite(high - low)
    middle = 0.5 * (np.where(bounded, low, 0.0) + np.where(bounded, high, 0.0))
    return np.where(trusted | ~bounded, proposal, middle)
