"""Tables of counts as the conditional models take them: one problem (4, K) or many (B, 4, K), empty slots allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialpool.checks import finite_array
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.columns import FloatOrArray
from trialpool.numerics.ragged import Index, positions, starts

__all__ = ["CountTables", "Exposure", "count_tables"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Exposure = Literal["participants", "time"]


@dataclass(frozen=True, slots=True)
class CountTables:
    """The informative tables of B problems, problem after problem.

    Attributes
    ----------
    tables : array of shape (4, M)
        Events and exposure of arm one, events and exposure of arm two.
    size : array of shape (B,)
        How many tables each problem has.
    slot : array of shape (M,)
        Where each table stood in the flattened (B, K) layout.
    slots : int
        K.
    batch : bool
        Whether many problems were given.
    """

    tables: Array
    size: Index
    slot: Index
    slots: int
    batch: bool

    def rows(self, problems: Index) -> Index:
        """The tables of these problems."""
        return positions(starts(self.size)[problems], self.size[problems])

    def blocks(self, problems: Index, most_tables: int) -> list[Index]:
        """These problems in blocks of about that many tables, so that work arrays stay in the cache."""
        if problems.size == 0:
            return []
        block = np.cumsum(self.size[problems]) // most_tables
        return np.split(problems, np.flatnonzero(np.diff(block)) + 1)

    def by_slot(self, values: Array, rows: Index) -> FloatOrArray:
        """Numbers of the tables ``rows`` in the layout given, (K,) or (B, K); 0 elsewhere."""
        spread = np.zeros(self.size.size * self.slots)
        spread[self.slot[rows]] = values
        return spread.reshape(-1, self.slots) if self.batch else spread

    def restore(self, values: Array) -> FloatOrArray:
        """A float for one problem, else the array."""
        return values if self.batch else float(values[0])

    def reason(self, reasons: list[str]) -> str | tuple[str, ...]:
        """The reasons of a batch; for one problem nothing, or NotEstimableError with its reason."""
        if self.batch:
            return tuple(reasons)
        if reasons[0]:
            raise NotEstimableError(reasons[0])
        return ""


def count_tables(tables: ArrayLike, exposure: Exposure) -> CountTables:
    """Check tables and keep those that carry information on the ratio of two arms.

    Parameters
    ----------
    tables : array of shape (4, K) or (B, 4, K)
        Events and exposure of arm one, events and exposure of arm two. With ``exposure="participants"`` a table of no
        events, or of nothing but events, carries none; with ``"time"`` one of no events. Zeros throughout mark an empty slot.
    exposure : {"participants", "time"}

    Raises
    ------
    OptionError
        Not such an array, or an impossible count.
    """
    given = finite_array("tables", tables)
    if given.ndim not in (2, 3) or given.shape[-2] != 4 or given.size == 0:
        raise OptionError(
            f"tables of shape {given.shape}: give (4, K) for one problem or (B, 4, K) for many, with K >= 1"
        )
    flat = np.moveaxis(given.reshape(-1, 4, given.shape[-1]), 1, 0).reshape(4, -1)
    _refuse_impossible(flat, exposure)
    events, exposures = flat[0] + flat[2], flat[1] + flat[3]
    informative = (events > 0) & (flat[1] > 0) & (flat[3] > 0)
    if exposure == "participants":
        informative &= events < exposures
    slot = np.flatnonzero(informative)
    size = informative.reshape(-1, given.shape[-1]).sum(axis=1).astype(np.intp)
    return CountTables(np.ascontiguousarray(flat[:, slot]), size, slot, given.shape[-1], given.ndim == 3)


def _refuse_impossible(flat: Array, exposure: Exposure) -> None:
    a, n1, c, n2 = flat
    counts = flat if exposure == "participants" else flat[[0, 2]]
    if (flat < 0).any() or (counts != np.floor(counts)).any():
        raise OptionError("tables holds a negative or broken count; give whole numbers of events, 0 or more")
    wrong = (a > n1) | (c > n2) if exposure == "participants" else ((a > 0) & (n1 == 0)) | ((c > 0) & (n2 == 0))
    if wrong.any():
        j = int(np.flatnonzero(wrong)[0])
        way_out = (
            "give events no more than participants"
            if exposure == "participants"
            else "give the time at risk of every arm"
        )
        raise OptionError(f"tables holds {a[j]:g} events in {n1[j]:g} against {c[j]:g} in {n2[j]:g}; {way_out}")
