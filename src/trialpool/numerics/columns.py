"""The layout of a batch: one problem a column, one study a row.

Doors take ``(K,)`` for one problem or ``(B, K)`` for many; a slot without a study holds variance infinity, so that its
weight is exactly zero and no mask is needed inside a kernel. Sums run over rows, one after another, whatever the number of
columns, so that a batch gives bit for bit what its problems give alone; a lone column is doubled, because NumPy would sum
it in another order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialpool.errors import OptionError

__all__ = ["Array", "Columns", "FloatOrArray", "Kernel", "Mask", "columns_to_keep", "effect_columns", "solve"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
FloatOrArray = Any
"""A float for one problem given as (K,), an array of shape (B,) for a batch: no type can say which."""
Kernel = Callable[[Array, Array], Array]
"""From y and v, both (K, b), to one number a column, (b,)."""

_BLOCK_DOUBLES = 24_000  # a work array of this size stays in the second-level cache


@dataclass(frozen=True, slots=True)
class Columns:
    """Effects and variances of shape (K, b); ``batch`` is B, or None where one problem was given as (K,)."""

    y: Array
    v: Array
    batch: int | None

    def restore(self, values: Array) -> FloatOrArray:
        """A float for one problem, else an array of shape (B,)."""
        return float(values[0]) if self.batch is None else values[: self.batch]


def effect_columns(y: ArrayLike, v: ArrayLike) -> Columns:
    """Check effects and variances and lay them out as columns.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)
        Effects and their variances (> 0); ``v = inf`` marks an empty slot.

    Raises
    ------
    OptionError
        Shapes differ, a variance is not positive, or a value is missing.
    """
    effects = np.asarray(y, dtype=np.float64)
    variances = np.asarray(v, dtype=np.float64)
    if effects.shape != variances.shape or effects.ndim not in (1, 2) or effects.size == 0:
        raise OptionError(
            f"effects of shape {effects.shape} and variances of shape {variances.shape}: "
            "give both the same shape, (K,) or (B, K), with at least one study"
        )
    if not variances.min() > 0:
        raise OptionError(
            "a variance is zero, negative or missing; leave that study out, or give inf for an empty slot"
        )
    if not np.isfinite(effects).all():
        empty = np.isinf(variances)
        if not np.isfinite(effects[~empty]).all():
            raise OptionError("an effect is missing or infinite; leave that study out, or give its variance as inf")
        effects = np.where(empty, 0.0, effects)
    if effects.ndim == 1:
        return Columns(np.repeat(effects[:, None], 2, axis=1), np.repeat(variances[:, None], 2, axis=1), None)
    batch = effects.shape[0]
    if batch == 1:
        return Columns(np.repeat(effects.T, 2, axis=1), np.repeat(variances.T, 2, axis=1), 1)
    return Columns(np.ascontiguousarray(effects.T), np.ascontiguousarray(variances.T), batch)


def solve(kernel: Kernel, columns: Columns) -> FloatOrArray:
    """Run a kernel over all columns, block by block."""
    y, v = columns.y, columns.v
    width = max(2, _BLOCK_DOUBLES // y.shape[0])
    b = y.shape[1]
    if b <= width:
        return columns.restore(kernel(y, v))
    # a last block of one column would be summed in another order: it borrows its neighbour
    starts = range(0, b, width)
    values = np.empty(b)
    for start in starts:
        first = min(start, b - 2)
        last = min(start + width, b)
        values[first:last] = kernel(np.ascontiguousarray(y[:, first:last]), np.ascontiguousarray(v[:, first:last]))
    return columns.restore(values)


def columns_to_keep(going: Mask) -> NDArray[np.intp]:
    """Positions of the columns that go on; a lone one is doubled, like a lone problem."""
    keep = np.flatnonzero(going)
    return np.repeat(keep, 2) if keep.size == 1 else keep
