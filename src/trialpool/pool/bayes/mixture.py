"""A posterior that is a mixture of normal distributions: normal given tau, mixed over tau."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from trialpool.pool.bayes.gridded import GriddedPosterior, cumulative
from trialpool.pool.bayes.posterior import Posterior, shortest_by_density

__all__ = ["NormalMixture"]

Array = NDArray[np.float64]

_MOST_STEPS = 200
_GRID = 401
_ROOT_2_PI = float(np.sqrt(2.0 * np.pi))
_FAR = 1e-9  # tail probability at the ends of the grid on which the shortest interval is looked for


@dataclass(frozen=True, slots=True, eq=False)
class NormalMixture(Posterior):
    """One mixture a column.

    Attributes
    ----------
    weight, centre, spread : array of shape (n, b)
        Weights that sum to 1, means, and standard deviations.
    """

    weight: Array
    centre: Array
    spread: Array
    batch: int | None
    moments: NDArray[np.int64]

    @classmethod
    def side_by_side(cls, parts: Sequence[NormalMixture], batch: int | None) -> NormalMixture:
        """Mixtures as the columns of one batch; shorter ones are filled up with components of no weight."""
        most = max(part.weight.shape[0] for part in parts)
        weight, centre, spread = (
            np.concatenate([_filled(getattr(part, name), most, fill) for part in parts], axis=1)
            for name, fill in (("weight", 0.0), ("centre", 0.0), ("spread", 1.0))
        )
        return cls(weight, centre, spread, batch, np.concatenate([part.moments for part in parts]))

    def columns_cdf(self, x: Array) -> Array:
        """Probability below ``x`` of shape (m, b)."""
        return self._mixed(x, _lower)

    def columns_upper_tail(self, x: Array) -> Array:
        """Probability above ``x`` of shape (m, b)."""
        return self._mixed(x, _upper)

    def columns_density(self, x: Array) -> Array:
        """Density at ``x`` of shape (m, b)."""
        return self._mixed(x, _density)

    def columns_quantile(self, p: Array) -> Array:
        """Quantiles at probabilities of shape (m, b)."""
        return np.stack([self._quantile(row) for row in p])

    def columns_shortest(self, level: float) -> Array:
        """Limits of the shortest interval, of shape (2, b)."""
        return shortest_by_density(self._on_grid(), level)

    def columns_moments(self) -> tuple[Array, Array]:
        """Mean and standard deviation, each of shape (b,)."""
        mean = np.add.reduce(self.weight * self.centre)
        variance = np.add.reduce(self.weight * (self.spread**2 + (self.centre - mean) ** 2))
        return mean, np.sqrt(variance)

    def _mixed(self, x: Array, part: Callable[[Array, Array], Array]) -> Array:
        """A mean over the components at x of shape (m, b)."""
        rows = [np.add.reduce(self.weight * part((row - self.centre) / self.spread, self.spread)) for row in x]
        return np.stack(rows)

    def _quantile(self, p: Array) -> Array:
        """Quantiles at one probability a column: Newton's method within a bracket, on the smaller tail."""
        lower_side = p <= 0.5
        tail = np.where(lower_side, p, 1.0 - p)
        side = np.where(lower_side, 1.0, -1.0)
        candidates = self.centre + side * self.spread * ndtri(tail)
        used = self.weight > 0
        low = np.where(used, candidates, np.inf).min(axis=0)
        high = np.where(used, candidates, -np.inf).max(axis=0)
        x = candidates[np.argmax(self.weight, axis=0), np.arange(p.size)]
        active = high > low
        for _ in range(_MOST_STEPS):
            z = (x - self.centre) / self.spread
            miss = side * (np.add.reduce(self.weight * ndtr(side * z)) - tail)
            slope = np.add.reduce(self.weight * np.exp(-0.5 * z * z) / self.spread) / _ROOT_2_PI
            active = active & (np.abs(miss) > 1e-14 * tail)
            if not active.any():
                break
            low, high = np.where(active & (miss < 0), x, low), np.where(active & (miss > 0), x, high)
            new = x - miss / np.where(slope > 0, slope, 1.0)
            new = np.where((slope > 0) & (new > low) & (new < high), new, 0.5 * (low + high))
            active = active & (new != x)
            x = np.where(active, new, x)
        return np.asarray(x)

    def _on_grid(self) -> GriddedPosterior:
        """The mixture at the nodes of a grid, dense around the median and reaching far into the tails."""
        b = self.moments.size
        levels = np.array([_FAR, 0.25, 0.5, 0.75, 1.0 - _FAR])
        first, left, median, right, last = self.columns_quantile(np.repeat(levels[:, None], b, axis=1))
        scale = 0.5 * (right - left)
        start, stop = np.arcsinh((first - median) / scale), np.arcsinh((last - median) / scale)
        u = start + (stop - start) * np.linspace(0.0, 1.0, _GRID)[:, None]
        at = median + scale * np.sinh(u)
        spacing = scale * np.cosh(u) * (stop - start) / (_GRID - 1.0)
        mass = np.stack([self._column_density(column, at[:, column]) for column in range(b)], axis=1) * spacing
        below = cumulative(mass)
        total = below[-1]
        return GriddedPosterior(at, spacing, mass / total, below / total, self.batch, self.moments)

    def _column_density(self, column: int, x: Array) -> Array:
        spread = self.spread[:, column]
        z = (x[:, None] - self.centre[:, column]) / spread
        return np.asarray(_density(z, spread) @ self.weight[:, column])


def _filled(values: Array, count: int, fill: float) -> Array:
    rest = np.full((count - values.shape[0], values.shape[1]), fill)
    return np.concatenate([values, rest])


def _lower(z: Array, _: Array) -> Array:
    return np.asarray(ndtr(z))


def _upper(z: Array, _: Array) -> Array:
    return np.asarray(ndtr(-z))


def _density(z: Array, spread: Array) -> Array:
    return np.asarray(np.exp(-0.5 * z * z) / (_ROOT_2_PI * spread))
