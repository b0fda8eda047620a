"""What the conditional models ask of the distribution of one count a table, given its margins."""

from __future__ import annotations

from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.ragged import Index

__all__ = ["ExactFamily", "Family"]

Array = NDArray[np.float64]


class Family(Protocol):
    """Distributions of one count a table given its margins, log concave in the log ratio psi."""

    def __len__(self) -> int: ...

    def take(self, rows: Index) -> Self:
        """The tables ``rows``."""

    def score_range(self) -> tuple[Array, Array]:
        """Least and largest score of each table."""

    def log_probability(self, psi: Array) -> Array:
        """Log probability of the observed counts, (K, Q)."""

    def moments(self, psi: Array) -> tuple[Array, Array, Array]:
        """Log probability, score and information, each (K, Q)."""


class ExactFamily(Family, Protocol):
    """Distributions on whole numbers, tilted exponentially by psi."""

    @property
    def lowest(self) -> Array:
        """Lower end of each support, as departure from the observed count."""

    @property
    def highest(self) -> Array:
        """Upper end."""

    def distributions(self, psi: Array) -> list[tuple[float, Array]]:
        """Lowest departure that counts and the probabilities from there on, one psi a table."""
