"""Effect and variance of single pairs of rates; arrays in, arrays out, nothing decided.

Each function takes events and person-time of the treatment arm, then of the control arm (Rothman, Greenland & Lash 2008, Modern
Epidemiology, third edition, chapter 14; Hasselblad & McCrory 1995, Medical Decision Making 15:81).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["log_rate_ratio", "rate_difference"]

Array = NDArray[np.float64]


def log_rate_ratio(x1: Array, t1: Array, x2: Array, t2: Array) -> tuple[Array, Array]:
    """Log rate ratio and its variance 1/x1 + 1/x2.

    >>> import numpy as np
    >>> y, v = log_rate_ratio(*np.array([[7.0], [1344.0], [11.0], [1988.0]]))
    >>> round(float(y[0]), 6), round(float(v[0]), 6)
    (-0.060506, 0.233766)
    """
    return np.log((x1 / t1) / (x2 / t2)), 1 / x1 + 1 / x2


def rate_difference(x1: Array, t1: Array, x2: Array, t2: Array) -> tuple[Array, Array]:
    """Rate difference and its variance x1/t1^2 + x2/t2^2."""
    return x1 / t1 - x2 / t2, x1 / t1 / t1 + x2 / t2 / t2
