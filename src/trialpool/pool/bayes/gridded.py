"""A posterior that is known at the nodes of a grid.

The nodes are equally spaced in a coordinate of their own (their number); value and cumulative probability are functions of
that coordinate, known with their slopes, and cubic between the nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.pool.bayes.posterior import Posterior, shortest_by_density

__all__ = ["GriddedPosterior", "cumulative", "end_weights"]

Array = NDArray[np.float64]

_MOST_STEPS = 60
_NEAR = 1e-12  # of a cell


@dataclass(frozen=True, slots=True, eq=False)
class GriddedPosterior(Posterior):
    """One distribution a column on n nodes.

    Attributes
    ----------
    at : array of shape (n, b)
        Values at the nodes, ascending.
    spacing : array of shape (n, b)
        Derivative of the value in the number of the node.
    mass : array of shape (n, b)
        Derivative of the cumulative probability in the number of the node.
    below : array of shape (n, b)
        Cumulative probability, 0 at the first node and 1 at the last.
    """

    at: Array
    spacing: Array
    mass: Array
    below: Array
    batch: int | None
    moments: NDArray[np.int64]

    @classmethod
    def side_by_side(cls, parts: Sequence[GriddedPosterior], batch: int | None) -> GriddedPosterior:
        """Posteriors with as many nodes each, as the columns of one batch."""
        at, spacing, mass, below = (
            np.concatenate([getattr(part, name) for part in parts], axis=1)
            for name in ("at", "spacing", "mass", "below")
        )
        return cls(at, spacing, mass, below, batch, np.concatenate([part.moments for part in parts]))

    def columns_cdf(self, x: Array) -> Array:
        """Probability below ``x`` of shape (m, b)."""
        cell, part = self._place(x)
        value = _cubic(*self._corners(self.below, self.mass, cell), part)
        return np.where(x <= self.at[0], 0.0, np.where(x >= self.at[-1], 1.0, np.clip(value, 0.0, 1.0)))

    def columns_upper_tail(self, x: Array) -> Array:
        """Probability above ``x`` of shape (m, b)."""
        return np.asarray(1.0 - self.columns_cdf(x))

    def columns_density(self, x: Array) -> Array:
        """Density at ``x`` of shape (m, b)."""
        cell, part = self._place(x)
        mass = _cubic_slope(*self._corners(self.below, self.mass, cell), part)
        spacing = _cubic_slope(*self._corners(self.at, self.spacing, cell), part)
        inside = (x >= self.at[0]) & (x <= self.at[-1])
        return np.where(inside & (spacing > 0), np.maximum(mass, 0.0) / np.where(spacing > 0, spacing, 1.0), 0.0)

    def columns_quantile(self, p: Array) -> Array:
        """Quantiles at probabilities of shape (m, b)."""
        cell = self._cell(self.below, p)
        part = _invert(*self._corners(self.below, self.mass, cell), p)
        return _cubic(*self._corners(self.at, self.spacing, cell), part)

    def columns_shortest(self, level: float) -> Array:
        """Limits of the shortest interval, of shape (2, b)."""
        return shortest_by_density(self, level)

    def columns_moments(self) -> tuple[Array, Array]:
        """Mean and standard deviation by the rule of the grid, each of shape (b,)."""
        weight = self.mass * end_weights(self.mass.shape[0])[:, None]
        weight = weight / np.add.reduce(weight)
        mean = np.add.reduce(weight * self.at)
        return mean, np.sqrt(np.add.reduce(weight * (self.at - mean) ** 2))

    def _cell(self, nodes: Array, values: Array) -> NDArray[np.intp]:
        """The number of the node before each value, of shape (m, b)."""
        cell = np.empty(values.shape, dtype=np.intp)
        for column in range(values.shape[1]):
            cell[:, column] = np.searchsorted(nodes[:, column], values[:, column], side="right") - 1
        return np.clip(cell, 0, nodes.shape[0] - 2)

    def _corners(self, nodes: Array, slopes: Array, cell: NDArray[np.intp]) -> tuple[Array, Array, Array, Array]:
        column = np.arange(cell.shape[1])
        return nodes[cell, column], nodes[cell + 1, column], slopes[cell, column], slopes[cell + 1, column]

    def _place(self, x: Array) -> tuple[NDArray[np.intp], Array]:
        """Cell of each value, and which part of the cell lies before it."""
        cell = self._cell(self.at, x)
        return cell, _invert(*self._corners(self.at, self.spacing, cell), x)


def end_weights(n: int) -> Array:
    """Weights of the trapezoidal rule with Gregory's correction of fourth order, so that a hard end does no harm.

    >>> end_weights(8).round(4).tolist()
    [0.3486, 1.2458, 0.8792, 1.0264, 1.0264, 0.8792, 1.2458, 0.3486]
    """
    weights = np.ones(n)
    for end in (weights[:4], weights[::-1][:4]):
        end[:] = [251.0 / 720.0, 299.0 / 240.0, 211.0 / 240.0, 739.0 / 720.0]
    return weights


def cumulative(mass: Array) -> Array:
    """Integral of each column from the first node, by polynomials through the six nodes around each cell, of shape (n, b).

    The two cells at either end take the cubic through the four nodes next to them.
    """
    inner = 802.0 * (mass[2:-3] + mass[3:-2]) - 93.0 * (mass[1:-4] + mass[4:-1]) + 11.0 * (mass[:-5] + mass[5:])
    front, back = (_end_cells(end) for end in (mass[:4], mass[::-1][:4]))
    steps = np.concatenate([np.zeros_like(front[:1]), front, inner / 1440.0, back[::-1]])
    return np.asarray(np.add.accumulate(np.maximum(steps, 0.0), axis=0))


def _end_cells(mass: Array) -> Array:
    """Integrals over the first two cells, of shape (2, b)."""
    first = 9.0 * mass[0] + 19.0 * mass[1] - 5.0 * mass[2] + mass[3]
    second = 13.0 * (mass[1] + mass[2]) - mass[0] - mass[3]
    return np.stack([first, second]) / 24.0


def _cubic(left: Array, right: Array, left_slope: Array, right_slope: Array, part: Array) -> Array:
    """Hermite's cubic on the unit cell."""
    rest = 1.0 - part
    return np.asarray(
        rest * rest * ((1.0 + 2.0 * part) * left + part * left_slope)
        + part * part * ((1.0 + 2.0 * rest) * right - rest * right_slope)
    )


def _cubic_slope(left: Array, right: Array, left_slope: Array, right_slope: Array, part: Array) -> Array:
    rest = 1.0 - part
    return np.asarray(
        6.0 * part * rest * (right - left)
        + rest * (1.0 - 3.0 * part) * left_slope
        + part * (3.0 * part - 2.0) * right_slope
    )


def _invert(left: Array, right: Array, left_slope: Array, right_slope: Array, value: Array) -> Array:
    """The part of the cell at which a rising cubic takes the value: Newton's method within a bracket."""
    low, high = np.zeros(value.shape), np.ones(value.shape)
    gap = right - left
    part = np.clip(np.where(gap > 0, (value - left) / np.where(gap > 0, gap, 1.0), 0.5), 0.0, 1.0)
    for _ in range(_MOST_STEPS):
        miss = _cubic(left, right, left_slope, right_slope, part) - value
        low, high = np.where(miss < 0, part, low), np.where(miss < 0, high, part)
        slope = _cubic_slope(left, right, left_slope, right_slope, part)
        step = np.where(slope > 0, miss / np.where(slope > 0, slope, 1.0), np.inf)
        new = part - step
        new = np.where((new >= low) & (new <= high), new, 0.5 * (low + high))
        still = np.abs(new - part) > _NEAR
        if not still.any():
            break
        part = np.where(still, new, part)
    return part
