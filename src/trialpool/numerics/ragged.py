"""Runs of unequal length, one behind the other in a flat array: no padding, and sums that never depend on the neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Index", "positions", "starts"]

Index = NDArray[np.intp]


def starts(size: Index) -> Index:
    """Where each run begins when runs of these sizes stand one behind the other.

    >>> starts(np.array([2, 1, 3])).tolist()
    [0, 2, 3]
    """
    return np.asarray(np.cumsum(size) - size, dtype=np.intp)


def positions(first: Index, size: Index) -> Index:
    """Every position of the runs that begin at ``first``, run after run.

    >>> positions(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    return np.asarray(np.arange(int(size.sum())) + np.repeat(first - starts(size), size), dtype=np.intp)
