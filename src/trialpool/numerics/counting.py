"""Ways to choose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

__all__ = ["log_choose"]

Array = NDArray[np.float64]


def log_choose(n: Array, k: Array) -> Array:
    """Log of the number of ways to choose k of n.

    >>> np.round(np.exp(log_choose(np.array([5.0, 4.0]), np.array([2.0, 0.0]))), 9).tolist()
    [10.0, 1.0]
    """
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
