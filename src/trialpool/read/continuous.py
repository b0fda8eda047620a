"""The continuous outcome of an arm: mean and standard deviation, or what a publication gives in their place."""

from __future__ import annotations

from itertools import pairwise

from trialpool.read.cells import above_zero, number, share
from trialpool.read.rows import RowReader
from trialpool.trials import Means, Summary

__all__ = ["CONF_LEVEL", "read_continuous"]

CONF_LEVEL = 0.95
"""Level of an interval whose row states none."""


def read_continuous(cells: RowReader, n: int | None) -> tuple[Means | None, Summary | None]:
    """Mean and standard deviation where the row has both, else the summary that they can be computed from."""
    if cells.filled("sd") and cells.filled("mean"):
        mean, sd = cells.required("mean", number), cells.required("sd", above_zero)
        return (None if mean is None or sd is None or n is None else Means(mean, sd, n)), None
    found = _summary(cells, n)
    if found is None:
        return None, None
    if not _suffices(cells):
        cells.required("mean", number)
        if not cells.filled("sd"):
            cells.report("sd", _way_out(cells))
        return None, None
    return None, (found if _in_order(cells, found) else None)


def _way_out(cells: RowReader) -> str:
    empty = "the cell is empty; fill it in, or remove the row if the value is not known"
    others = [name for name in ("std_error", "conf_low", "median", "q1", "minimum") if cells.has(name)]
    return (
        f"{empty} (a standard error, an interval, or the median with quartiles or range serve too)" if others else empty
    )


def _suffices(cells: RowReader) -> bool:
    """Whether mean and standard deviation can be computed from what the row has."""
    interval = cells.filled("conf_low") and cells.filled("conf_high")
    spread = (cells.filled("q1") and cells.filled("q3")) or (cells.filled("minimum") and cells.filled("maximum"))
    by_mean = cells.filled("mean") and (cells.filled("std_error") or interval)
    return by_mean or (cells.filled("median") and spread)


def _summary(cells: RowReader, n: int | None) -> Summary | None:
    """Every statistic of the row; None where one of them is no number."""
    before = len(cells.problems)
    found = {
        name: cells.optional(name, number)
        for name in ("mean", "conf_low", "conf_high", "median", "q1", "q3", "minimum", "maximum")
    }
    sd, std_error = cells.optional("sd", above_zero), cells.optional("std_error", above_zero)
    level = cells.optional("conf_level", share)
    if n == 1:
        cells.report("n", "one participant has no standard deviation; remove the row")
    if n is None or len(cells.problems) > before:
        return None
    return Summary(n, sd=sd, std_error=std_error, conf_level=level or CONF_LEVEL, **found)


def _in_order(cells: RowReader, found: Summary) -> bool:
    """Report the first statistic that is out of order: limits around the mean, quartiles and range around the median."""
    orders = (("conf_low", "mean", "conf_high"), ("minimum", "q1", "median", "q3", "maximum"))
    for names in orders:
        given = [(name, value) for name in names if (value := getattr(found, name)) is not None]
        for (lower, low), (upper, high) in pairwise(given):
            if low > high:
                cells.report(
                    lower, f"{low:g} is above the {upper} of {high:g}; check that the two cells are not swapped"
                )
                return False
    for lower, upper in (("conf_low", "conf_high"), ("q1", "q3"), ("minimum", "maximum")):
        low, high = getattr(found, lower), getattr(found, upper)
        if low is not None and low == high:
            cells.report(lower, f"{lower} and {upper} are both {low:g}: they say nothing of the spread")
            return False
    return True
