"""Roots of many functions at once: Newton's method inside brackets, by column."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from trialpool.numerics.columns import Array, columns_to_keep

__all__ = ["SETTLED", "bracketed_newton"]

_MOST_STEPS = 400
_PATIENCE = 30  # steps after which only bisection is trusted
SETTLED = 1e-6
"""Relative Newton step whose square, the next error, is below 1e-12."""


def bracketed_newton(
    evaluate: Callable[..., tuple[Array, Array]],
    columns: tuple[Array, ...],
    lower: Array,
    upper: Array,
    *,
    start: Array,
    resolution: Array,
) -> Array:
    """The point of each bracket at which a function turns from positive to not positive.

    Newton's method; bisection where that leaves the bracket, has no step, or is slow. Columns leave the work when they have
    settled to 1e-12 of ``root + resolution``.

    Parameters
    ----------
    evaluate : callable
        ``evaluate(x, *columns)`` gives the function and Newton's step (NaN where there is none), each of shape (b,).
    columns : tuple of arrays of shape (..., b)
        What the function needs, one problem a column.
    lower, upper : arrays of shape (b,)
        The function is positive behind ``lower`` and not positive at ``upper``.
    start : array of shape (b,)
        Where to begin; the middle of the bracket is taken for a start outside it.
    resolution : array of shape (b,)
        A length below which differences do not matter.

    Returns
    -------
    array of shape (b,)

    Examples
    --------
    >>> def cubic(x, c):
    ...     return c - x**3, (c - x**3) / (3 * x**2)
    >>> c = np.array([8.0, 27.0])
    >>> bracketed_newton(cubic, (c,), np.zeros(2), c, start=c, resolution=np.zeros(2)).round(9).tolist()
    [2.0, 3.0]
    """
    root = np.empty(upper.size)
    active = np.arange(upper.size)
    lower, upper = lower.copy(), upper.copy()
    x = np.where((start > lower) & (start < upper), start, 0.5 * (lower + upper))
    for steps in range(_MOST_STEPS):
        value, step = evaluate(x, *columns)
        positive = value > 0
        np.putmask(lower, positive, x)
        np.putmask(upper, ~positive, x)
        proposal = x + step
        inside = (proposal >= lower) & (proposal <= upper)
        scale = x + resolution
        settled = np.abs(proposal - x) <= SETTLED * scale
        if steps > _PATIENCE or not inside.all():
            inside &= steps <= _PATIENCE
            proposal = np.where(inside, proposal, 0.5 * (lower + upper))
            settled = settled & inside | (upper - lower <= 1e-14 * scale)
        x = proposal
        if not settled.any():
            continue
        root[active] = x
        if settled.all():
            return root
        keep = columns_to_keep(~settled)
        active, x, lower, upper, resolution = active[keep], x[keep], lower[keep], upper[keep], resolution[keep]
        columns = tuple(np.ascontiguousarray(column[..., keep]) for column in columns)
    raise ArithmeticError("bisection did not settle")  # pragma: no cover
