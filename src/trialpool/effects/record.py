"""Effects: one estimate and variance for each contrast that has one, a reason for each that has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trialpool.effects.measures import Measure
from trialpool.effects.zero_cells import ZeroCells
from trialpool.trials import Comparison

__all__ = ["Effects", "Poolable", "shared_control_covariance", "uncorrected_effects"]

Array = NDArray[np.float64]


class Poolable(Protocol):
    """What inverse-variance pooling works on: effects of a comparison, or values of single arms."""

    @property
    def measure(self) -> str:
        """What the values are."""
        ...

    @property
    def used(self) -> NDArray[np.intp]:
        """Positions of the studies that have a value."""
        ...

    @property
    def estimate(self) -> NDArray[np.float64]:
        """Their values on the working scale."""
        ...

    @property
    def variance(self) -> NDArray[np.float64]:
        """Their variances."""
        ...


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects on the working scale.

    Attributes
    ----------
    comparison : Comparison
        The K contrasts they were computed from.
    measure : str
    zero_cells : ZeroCells
    used : int array of shape (k,)
        Positions, among the K contrasts, of those with an estimate.
    estimate, variance : arrays of shape (k,)
    covariance : array of shape (k, k) or None
        Where contrasts share a control arm; its diagonal is ``variance``.
    increments : array of shape (2, K)
        What the zero-cell rule added to each cell (to the events of a rate) of the treatment and the control arm.
    reasons : mapping of int to str
        Why the other contrasts have no estimate, by position.
    """

    comparison: Comparison
    measure: Measure
    zero_cells: ZeroCells
    used: NDArray[np.intp]
    estimate: NDArray[np.float64]
    variance: NDArray[np.float64]
    covariance: NDArray[np.float64] | None
    increments: NDArray[np.float64]
    reasons: Mapping[int, str]


def uncorrected_effects(
    comparison: Comparison,
    measure: Measure,
    values: tuple[NDArray[np.intp], Array, Array],
    covariance: Array | None,
    reasons: Mapping[int, str],
) -> Effects:
    """Effects of a measure that knows no zero cells; ``values`` are the positions used, the estimates and the variances."""
    used, estimate, variance = values
    nothing = np.zeros((2, len(comparison)))
    return Effects(comparison, measure, ZeroCells(), used, estimate, variance, covariance, nothing, reasons)


def shared_control_covariance(control: Array, variance: Array, clusters: NDArray[np.intp]) -> Array:
    """Covariance matrix (k, k): contrasts of one trial share the variance ``control`` of their control arm.

    Gleser & Olkin (2009), in The Handbook of Research Synthesis and Meta-Analysis, chapter 19.
    """
    same = clusters[:, None] == clusters[None, :]
    covariance = np.where(same, control[:, None], 0.0)
    np.fill_diagonal(covariance, variance)
    return covariance
