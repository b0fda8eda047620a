"""The highest of the maxima that a likelihood has on an interval, for many problems at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.columns import Array, Mask, columns_to_keep

__all__ = ["Columns", "highest_maximum"]

Columns = NDArray[np.intp] | slice
"""Of problems, as ``columns_to_keep`` gives them."""


def highest_maximum(
    grid: Array,
    rising: Mask,
    *,
    solve: Callable[[Columns, Array, Array], Array],
    likelihood: Callable[[Columns, Array], Array],
) -> Array:
    """Where the likelihood of each problem is highest: at the first point of the grid, or at one of its maxima.

    Parameters
    ----------
    grid : array of shape (points, b)
        Growing points; the first is the lower end of what is allowed.
    rising : array of bool of shape (points, b)
        Whether the likelihood grows there; at the last point it does not. Each change from rising to falling is solved for.
    solve : callable
        From problems and the ends of a bracket each, to the maximum within it.
    likelihood : callable
        From problems and a point each, to the value there; used only where some problem has several maxima.

    Returns
    -------
    array of shape (b,)

    Examples
    --------
    Two peaks, at 1 and at 5, of which the second is higher:

    >>> grid = np.array([[0.0], [3.0], [4.0], [6.0]])
    >>> rising = np.array([[True], [False], [True], [False]])
    >>> peaks = {0.0: 1.0, 4.0: 5.0}
    >>> def solve(keep, low, high):
    ...     return np.array([peaks[float(low[0])]])
    >>> highest_maximum(grid, rising, solve=solve, likelihood=lambda keep, at: at).tolist()
    [5.0]
    """
    falls = rising[:-1] & ~rising[1:]
    ordinal = np.cumsum(falls, axis=0)
    several = bool((ordinal[-1] + ~rising[0] > 1).any())
    best: Array = grid[0].copy()
    if several:
        highest = np.where(rising[0], -np.inf, likelihood(slice(None), best))
    for m in range(1, int(ordinal[-1].max()) + 1):
        keep = columns_to_keep(ordinal[-1] >= m)
        at = np.argmax(ordinal[:, keep] == m, axis=0)
        found = solve(keep, grid[at, keep], grid[at + 1, keep])
        if not several:
            best[keep] = found
            return best
        there = likelihood(keep, found)
        better = there > highest[keep]
        best[keep] = np.where(better, found, best[keep])
        highest[keep] = np.where(better, there, highest[keep])
    return best
