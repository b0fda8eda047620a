"""What every posterior distribution can tell: quantiles, intervals, probabilities, for one problem or a batch.

A posterior holds one distribution a column; a problem given alone gives floats, a batch of B problems arrays of shape (B,).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import choice, probability
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.columns import FloatOrArray

__all__ = ["INTERVAL_KINDS", "IntervalKind", "Posterior"]

Array = NDArray[np.float64]
IntervalKind = Literal["central", "shortest"]
INTERVAL_KINDS: tuple[IntervalKind, ...] = get_args(IntervalKind)

_SCAN = 65
_ZOOM = 17
_ZOOMS = 12
_AT_THE_END = 1e-9  # a lower tail of less is none


class Posterior(ABC):
    """One posterior distribution, or a batch of them.

    Attributes
    ----------
    batch : int or None
        How many; None for one problem given alone.
    moments : array of shape (b,)
        How many moments exist, 0 to 2: with very few trials and a heavy-tailed prior there is no mean.
    """

    __slots__ = ()
    batch: int | None
    moments: NDArray[np.int64]

    @abstractmethod
    def columns_cdf(self, x: Array) -> Array:
        """Probability below ``x`` of shape (m, b), column by column."""

    @abstractmethod
    def columns_upper_tail(self, x: Array) -> Array:
        """Probability above ``x`` of shape (m, b), column by column."""

    @abstractmethod
    def columns_density(self, x: Array) -> Array:
        """Density at ``x`` of shape (m, b), column by column."""

    @abstractmethod
    def columns_quantile(self, p: Array) -> Array:
        """Quantiles at probabilities of shape (m, b), column by column."""

    @abstractmethod
    def columns_shortest(self, level: float) -> Array:
        """Limits of the shortest interval, of shape (2, b)."""

    @abstractmethod
    def columns_moments(self) -> tuple[Array, Array]:
        """Mean and standard deviation, each of shape (b,), whether or not they exist."""

    @property
    def median(self) -> FloatOrArray:
        """The value that is as likely exceeded as not."""
        return self.quantile(0.5)

    @property
    def mean(self) -> FloatOrArray:
        """The posterior mean.

        Raises
        ------
        NotEstimableError
            The mean does not exist.
        """
        return self._moment(1)

    @property
    def std_dev(self) -> FloatOrArray:
        """The posterior standard deviation.

        Raises
        ------
        NotEstimableError
            The variance does not exist.
        """
        return self._moment(2)

    def quantile(self, p: float) -> FloatOrArray:
        """The value below which the probability ``p`` lies, 0 < p < 1."""
        level = probability("p", p, example=0.5)
        return self._restore(self.columns_quantile(np.full((1, self.moments.size), level))[0])

    def cdf(self, x: float | Array) -> FloatOrArray:
        """Probability of a value below ``x``: one number, or one a problem of the batch."""
        return self._restore(self.columns_cdf(self._points(x))[0])

    def probability_below(self, x: float | Array) -> FloatOrArray:
        """Probability of a value below ``x``, such as of any benefit (0) or of a relevant one."""
        return self.cdf(x)

    def probability_above(self, x: float | Array) -> FloatOrArray:
        """Probability of a value above ``x``, computed as a tail."""
        return self._restore(self.columns_upper_tail(self._points(x))[0])

    def density(self, x: float | Array) -> FloatOrArray:
        """Density at ``x``."""
        return self._restore(self.columns_density(self._points(x))[0])

    def interval(self, level: float = 0.95, kind: IntervalKind = "central") -> tuple[FloatOrArray, FloatOrArray]:
        """Limits of the credible interval.

        Parameters
        ----------
        level : float
        kind : {"central", "shortest"}
            Central: as much probability below as above. Shortest: no other interval with that probability is narrower.
        """
        level = probability("level", level)
        if choice("kind", kind, INTERVAL_KINDS) == "shortest":
            limits = self.columns_shortest(level)
        else:
            tail = 0.5 * (1.0 - level)
            limits = self.columns_quantile(np.repeat([[tail], [1.0 - tail]], self.moments.size, axis=1))
        return self._restore(limits[0]), self._restore(limits[1])

    def _restore(self, values: Array) -> FloatOrArray:
        return float(values[0]) if self.batch is None else values[: self.batch]

    def _points(self, x: float | Array) -> Array:
        points = np.atleast_1d(np.asarray(x, dtype=np.float64))
        if points.ndim != 1 or points.size not in (1, self.batch) or not np.isfinite(points).all():
            raise OptionError(f"x={x!r} is not a finite number, or one for each problem of the batch")
        return np.broadcast_to(points[:1] if points.size == 1 else points, (1, self.moments.size))

    def _moment(self, order: int) -> FloatOrArray:
        lacking = np.flatnonzero(self.moments[: self.batch or 1] < order)
        if lacking.size:
            what = ("mean", "standard deviation")[order - 1]
            rows = "" if self.batch is None else f" in problem {int(lacking[0])} of the batch"
            raise NotEstimableError(
                f"the posterior has no {what}{rows}: its tails are too heavy with so few studies; "
                "use the median and the interval, or a prior of tau with lighter tails"
            )
        return self._restore(self.columns_moments()[order - 1])

    def __str__(self) -> str:
        if self.batch is not None:
            return f"{self.batch} posterior distributions"
        low, high = self.interval()
        return f"median {self.median:.4g}, 95 % central credible interval {low:.4g} to {high:.4g}"


def shortest_by_density(posterior: Posterior, level: float) -> Array:
    """Limits between which the density is higher than outside, of shape (2, b), for a distribution with one mode.

    The lower tail probability is moved until the density is the same at both limits; at a hard lower end with its mode
    there, it is zero.
    """
    b = posterior.moments.size
    low, high = np.zeros(b), np.full(b, 1.0 - level)
    points = _SCAN
    for step in range(_ZOOMS):
        p = low + (high - low) * np.linspace(0.0, 1.0, points)[:, None]
        lower, upper = posterior.columns_quantile(p), posterior.columns_quantile(np.minimum(p + level, 1.0))
        if step == 0:
            best = np.argmin(upper - lower, axis=0)
        else:
            # length falls while the density is lower at the lower limit
            falling = posterior.columns_density(lower) < posterior.columns_density(upper)
            best = np.argmin(falling, axis=0)
            best = np.where(falling.all(axis=0), points - 1, best)
        column = np.arange(b)
        first = np.maximum(best - 1, 0)
        last = np.minimum(best + 1 if step == 0 else best, points - 1)
        low, high = p[first, column], p[last, column]
        points = _ZOOM
    middle = 0.5 * (low + high)
    p = np.where(middle < _AT_THE_END, 0.0, middle)[None, :]
    return np.concatenate([posterior.columns_quantile(p), posterior.columns_quantile(np.minimum(p + level, 1.0))])
