"""Participants with any of several events: what is known of each, and the bounds of their union."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Piece", "union_bounds"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Participants of one group with one event of one section, known exactly or within bounds.

    Attributes
    ----------
    low, high : int or None
        ``high`` None: nothing limits it but the number of participants.
    at_risk : int or None
    what : str
        The row or section in words.
    path : str
    listed : bool
        Whether it is a row of the record, not what the record leaves open.
    """

    low: int
    high: int | None
    at_risk: int | None
    what: str
    path: str
    listed: bool = True


def union_bounds(pieces: Sequence[Piece], n: int) -> tuple[int, int]:
    """Bounds of the participants with any of the pieces: at least the largest, at most the sum and ``n``.

    >>> union_bounds([Piece(3, 3, 50, "a", ""), Piece(0, 2, 50, "b", "")], 50)
    (3, 5)
    """
    low = max((piece.low for piece in pieces), default=0)
    return low, max(low, min(n, sum(n if piece.high is None else piece.high for piece in pieces)))
