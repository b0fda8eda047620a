"""Counts that are known within bounds alone, and the number of events from which a registry lists an event."""

from __future__ import annotations

from trialpool.read.cells import count, participants
from trialpool.read.columns import BOUNDED
from trialpool.read.rows import RowReader
from trialpool.trials import Piece

__all__ = ["bounded_only", "listed_from", "read_bounds"]

_LIMITS = BOUNDED[:2]


def bounded_only(cells: RowReader) -> bool:
    """Whether the row gives bounds of its events in the place of a number; both at once are a problem."""
    given = [name for name in _LIMITS if cells.filled(name)]
    if given and cells.filled("events"):
        cells.report(given[0], "bounds beside a number of events; give either events, or events_low and events_high")
        return False
    return bool(given)


def read_bounds(cells: RowReader, n: int | None) -> Piece | None:
    """The bounds of a row; None where they have problems, which the reader keeps."""
    low, high = (cells.required(name, count) for name in _LIMITS)
    smallest = listed_from(cells, n)
    for name in ("person_years", "follow_up_years"):
        if cells.filled(name):
            cells.report(name, "time at risk beside events that are known within bounds alone; leave it empty")
    if low is None or high is None or n is None:
        return None
    if low > high:
        cells.report("events_low", f"{low} is above the events_high of {high}; check that they are not swapped")
    elif high > n:
        cells.report("events_high", f"{high} events in {n} participants; no more than {n} can have one")
    else:
        return Piece(low, high, n, smallest)
    return None


def listed_from(cells: RowReader, n: int | None) -> int | None:
    """The number of events from which the event is listed; None where the cell is empty, or has a problem."""
    found = cells.optional("listed_from", participants)
    if found is not None and n is not None and found > n:
        cells.report("listed_from", f"{found} events in {n} participants; the threshold is at most {n}")
        return None
    return found
