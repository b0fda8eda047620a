"""A coordinate in which any posterior of tau is smooth on a finite interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.roots import rising_root

__all__ = ["TauMap"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TauMap:
    """From z in [0, 1) to ``tau = scale z^2 exp(z / (1 - z))``: dense near zero, and reaching the end of a log-t prior.

    >>> round(TauMap(0.5).z(float(TauMap(0.5).tau(0.3))), 12)
    0.3
    """

    scale: float

    def tau(self, z: Array) -> Array:
        """The tau at z."""
        return np.asarray(self.scale * z * z * np.exp(z / (1.0 - z)))

    def slope(self, z: Array) -> Array:
        """Derivative of tau in z."""
        rest = 1.0 - z
        return np.asarray(self.scale * z * (2.0 + z / (rest * rest)) * np.exp(z / rest))

    def z(self, tau: float) -> float:
        """The z of tau, solved in r = z / (1 - z)."""
        root = math.sqrt(tau / self.scale)
        r = rising_root(lambda r: r / (1.0 + r) * math.exp(0.5 * min(r, 600.0)) - root, start=1.0)
        return r / (1.0 + r)
