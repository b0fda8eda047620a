"""Counts that are known within bounds: what a registry says of an event that it does not list, or lists in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from trialpool.checks import choice
from trialpool.errors import OptionError

__all__ = ["COMPLETIONS", "Bounds", "Completion", "Piece", "complete"]

Completion = Literal["favours treatment", "favours control", "low", "high"]
COMPLETIONS: tuple[Completion, ...] = get_args(Completion)


@dataclass(frozen=True, slots=True)
class Piece:
    """Participants with the event in one arm, from ``low`` to ``high`` of ``n``; exact where the two are the same.

    ``listed_from`` is the least number of events in this arm that makes the registry list the event for the whole trial,
    ``max(1, ceil(threshold * n))``; None where no threshold decides.

    Raises
    ------
    OptionError
        Not ``0 <= low <= high <= n``, nobody in the arm, or a listing from less than one event.

    Examples
    --------
    >>> Piece(0, 4, 90, listed_from=5).exact, Piece(7, 7, 90).exact
    (False, True)
    """

    low: int
    high: int
    n: int
    listed_from: int | None = None

    def __post_init__(self) -> None:
        given = [self.low, self.high, self.n] + ([] if self.listed_from is None else [self.listed_from])
        if any(type(number) is not int for number in given):
            raise OptionError(f"{self} holds something else than whole numbers; give counts as int")
        if not 0 <= self.low <= self.high <= self.n or self.n == 0:
            raise OptionError(f"{self} is no range of events; give 0 <= low <= high <= n with n of 1 or more")
        if self.listed_from is not None and self.listed_from < 1:
            raise OptionError(f"{self} would be listed without an event; give listed_from of 1 or more, or None")

    @property
    def exact(self) -> bool:
        """Whether the count is known."""
        return self.low == self.high


Bounds = tuple[Piece, ...]
"""One side of a contrast: its arms. Several, such as doses, have a common probability of the event."""


def complete(treatment: Bounds, control: Bounds, completion: Completion) -> tuple[int, int, int, int]:
    """Treatment events, n, control events and n, with every count at one end of its bounds.

    Parameters
    ----------
    treatment, control : tuple of Piece
    completion : {"favours treatment", "favours control", "low", "high"}
        The event is a harm: fewest in the treatment arms and most in the control arms favours treatment. "low" and "high"
        take the same end on both sides.

    Raises
    ------
    OptionError
        Another completion, or a side without arms.

    Examples
    --------
    >>> unlisted = (Piece(0, 4, 90),), (Piece(0, 2, 45),)
    >>> complete(*unlisted, "favours treatment"), complete(*unlisted, "favours control")
    ((0, 90, 2, 45), (4, 90, 0, 45))
    """
    choice("completion", completion, COMPLETIONS)
    if not treatment or not control:
        raise OptionError("a side of the contrast has no arms; give one Piece or more to each")
    most = {
        "favours treatment": (False, True),
        "favours control": (True, False),
        "low": (False, False),
        "high": (True, True),
    }[completion]
    events = [
        sum(p.high if high else p.low for p in side) for side, high in zip((treatment, control), most, strict=True)
    ]
    return events[0], sum(p.n for p in treatment), events[1], sum(p.n for p in control)
