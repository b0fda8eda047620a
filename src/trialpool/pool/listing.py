"""The chance that a registry lists an event, given how many events the two sides of a contrast have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.counting import log_choose
from trialpool.trials.bounds import Bounds

__all__ = ["chance_of_listing"]

Array = NDArray[np.float64]


def chance_of_listing(treatment: Bounds, control: Bounds, events: int) -> Array | None:
    """Chance to be listed for each number of treatment events that a total allows; None where the listing is certain.

    The event is listed where an arm reaches its ``listed_from``. The events of a side that has several arms fall on them as
    participants do, because the arms have a common probability. An arm without ``listed_from`` is shown in any case.

    Parameters
    ----------
    treatment, control : tuple of Piece
    events : int
        Of both sides together.

    Returns
    -------
    array of shape (S,) or None
        From the lowest treatment count that the margins allow to the highest.

    Examples
    --------
    >>> from trialpool.trials.bounds import Piece
    >>> chance_of_listing((Piece(4, 4, 60, 3),), (Piece(0, 0, 50, 3),), 4).tolist()
    [1.0, 1.0, 0.0, 1.0, 1.0]
    >>> chance_of_listing((Piece(4, 4, 60, 3),), (Piece(2, 2, 50, 3),), 6) is None
    True
    """
    sides = (treatment, control)
    if any(piece.listed_from is None for side in sides for piece in side):
        return None
    n1, n2 = (sum(piece.n for piece in side) for side in sides)
    t = np.arange(max(0, events - n2), min(n1, events) + 1)
    below = _all_below(treatment, t) * _all_below(control, events - t)
    return 1.0 - below if below.any() else None


def _all_below(side: Bounds, events: NDArray[np.intp]) -> Array:
    """Chance that no arm of a side reaches its number, given the events of the side."""
    ways = np.zeros(1)
    for piece in side:
        count = np.arange(float(min(piece.listed_from or 1, piece.n + 1)))
        ways = _log_convolved(ways, log_choose(np.full(count.size, float(piece.n)), count))
    known = events < ways.size
    total = log_choose(np.full(events.size, float(sum(piece.n for piece in side))), events.astype(np.float64))
    if len(side) == 1:
        return known.astype(np.float64)
    return np.where(known, np.exp(np.minimum(0.0, ways[np.minimum(events, ways.size - 1)] - total)), 0.0)


def _log_convolved(one: Array, two: Array) -> Array:
    """Log of the convolution of two sequences that are given by their logs."""
    position = np.arange(one.size + two.size - 1)[:, None] - np.arange(one.size)
    inside = (position >= 0) & (position < two.size)
    exponent = np.where(inside, one + two[np.clip(position, 0, two.size - 1)], -np.inf)
    top = exponent.max(axis=1)
    return np.asarray(top + np.log(np.exp(exponent - top[:, None]).sum(axis=1)))
