"""Noncentral hypergeometric distributions: treatment events of 2x2 tables given their margins.

Given ``m`` events among ``n1 + n2`` participants, the treatment arm has ``t`` of them with probability proportional to
``C(n1, t) C(n2, m - t) exp(psi t)``, psi being the log odds ratio (Fisher 1935, Journal of the Royal Statistical Society
98:39). Log weights are kept relative to the observed count, so that no psi overflows. The supports stand one behind the
other in flat arrays: a table's numbers are the same bits in whatever company it is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from trialpool.numerics.ragged import Index, positions, starts
from trialpool.numerics.sum_distribution import trimmed
from trialpool.numerics.wide_hypergeometric import wide_distribution, wide_sums

__all__ = ["Conditionals", "conditional_moments", "conditionals", "log_ways"]

Array = NDArray[np.float64]

_WIDEST = 2048  # supports up to this size are kept and summed in full; wider ones are summed within a window
_CHUNK = 30_000  # numbers of a work array, so that it stays in the cache
_SAFE = 600.0  # exponents up to this size need no shift: exp(600) squares of counts are far below overflow


@dataclass(frozen=True, slots=True)
class Conditionals:
    """The conditional distributions of K tables.

    Attributes
    ----------
    tables : array of shape (4, K)
        Treatment events, treatment n, control events, control n.
    lowest, highest : arrays of shape (K,)
        Ends of the support, as departures from the observed treatment events.
    first, size : arrays of shape (K,)
        Where each table's support stands in the flat arrays; a wide table holds a single slot there.
    departure, log_weight : arrays of shape (N,)
        Departure from the observed treatment events, and its log weight relative to the observed count.
    top : array of shape (K,)
        Largest log weight.
    wide : array of indices
        Tables whose support is summed within a window.
    """

    tables: Array
    lowest: Array
    highest: Array
    first: Index
    size: Index
    departure: Array
    log_weight: Array
    top: Array
    wide: Index

    def __len__(self) -> int:
        return int(self.first.size)

    def take(self, rows: Index) -> Conditionals:
        """The tables ``rows``, in that order; a table may come several times."""
        size = self.size[rows]
        flat = positions(self.first[rows], size)
        lowest, highest = self.lowest[rows], self.highest[rows]
        wide = np.flatnonzero(highest - lowest >= _WIDEST) if self.wide.size else self.wide
        weights = self.departure[flat], self.log_weight[flat]
        return Conditionals(self.tables[:, rows], lowest, highest, starts(size), size, *weights, self.top[rows], wide)

    def score_range(self) -> tuple[Array, Array]:
        """Least and largest score, of shape (K,): observed minus expected at an infinite psi."""
        return -self.highest, -self.lowest

    def log_probability(self, psi: Array) -> Array:
        """Log probability of the observed counts at ``psi`` of shape (K, Q)."""
        log_total, _, _ = self._sums(psi, with_moments=False)
        return -log_total

    def moments(self, psi: Array) -> tuple[Array, Array, Array]:
        """Log probability, score and information at ``psi``, each of shape (K, Q)."""
        log_total, mean, variance = self._sums(psi, with_moments=True)
        return -log_total, -mean, variance

    def distributions(self, psi: Array) -> list[tuple[float, Array]]:
        """Lowest departure that counts and the probabilities from there on, of each table at its ``psi`` (K,)."""
        exponent = self.log_weight + np.repeat(psi, self.size) * self.departure
        weight = np.exp(exponent - np.repeat(np.maximum.reduceat(exponent, self.first), self.size))
        weight /= np.repeat(np.add.reduceat(weight, self.first), self.size)
        runs = zip(self.lowest.tolist(), self.first.tolist(), self.size.tolist(), strict=True)
        parts = [trimmed(low, weight[first : first + size]) for low, first, size in runs]
        for i in self.wide:
            parts[i] = trimmed(*wide_distribution(self.tables[:, i], float(psi[i])))
        return parts

    def _sums(self, psi: Array, *, with_moments: bool) -> tuple[Array, Array, Array]:
        """Log of the sum of weights; mean and variance of the departure where asked for."""
        out = np.zeros((3, *psi.shape))
        for rows, flat in self._chunks(psi.shape[1]):
            out[0, rows], out[1, rows], out[2, rows] = self._narrow_sums(psi[rows], rows, flat, with_moments)
        for i in self.wide:
            out[:, i] = wide_sums(self.tables[:, i], psi[i])
        return out[0], out[1], out[2]

    def _chunks(self, q: int) -> Iterator[tuple[slice, slice]]:
        """Slices of the tables and of the flat arrays, each a bounded amount of work."""
        k, n = len(self), self.departure.size
        if n * q <= _CHUNK:
            yield slice(0, k), slice(0, n)
            return
        edges = np.unique(np.searchsorted(self.first, np.arange(0, n, max(1, _CHUNK // q))))
        bounds = [int(edge) for edge in edges if edge < k] + [k]
        ends = [*(int(self.first[b]) for b in bounds[:-1]), n]
        for i in range(len(bounds) - 1):
            yield slice(bounds[i], bounds[i + 1]), slice(ends[i], ends[i + 1])

    def _narrow_sums(
        self, psi: Array, rows: slice, flat: slice, with_moments: bool
    ) -> tuple[Array, Array | float, Array | float]:
        first, size = self.first[rows] - flat.start, self.size[rows]
        departure = self.departure[flat, None]
        exponent = np.repeat(psi, size, axis=0)
        exponent *= departure
        exponent += self.log_weight[flat, None]
        low, high, top = self.lowest[rows, None], self.highest[rows, None], self.top[rows, None]
        large = top + np.maximum(psi * low, psi * high) > _SAFE
        shift: Array | float = 0.0
        if large.any():
            shift = np.where(large, np.maximum.reduceat(exponent, first, axis=0), 0.0)
            exponent -= np.repeat(shift, size, axis=0)
        weight = np.exp(exponent, out=exponent)
        total = np.add.reduceat(weight, first, axis=0)
        log_total = shift + np.log(total)
        if not with_moments:
            return log_total, 0.0, 0.0
        mean = np.add.reduceat(weight * departure, first, axis=0) / total
        # around the mean: no digits are lost where it is far from the observed count
        weight *= np.square(departure - np.repeat(mean, size, axis=0))
        return log_total, mean, np.add.reduceat(weight, first, axis=0) / total


def conditionals(tables: Array, *, widest: float | None = None) -> Conditionals:
    """The distribution of each table's treatment events given its margins.

    Parameters
    ----------
    tables : array of shape (4, K)
        Treatment events, treatment n, control events, control n.
    widest : float or None
        Supports of this size and more are summed within a window, and not kept; None for 2048.

    Returns
    -------
    Conditionals

    Examples
    --------
    >>> one = conditionals(np.array([[2.0], [10.0], [1.0], [10.0]]))
    >>> one.departure.tolist()
    [-2.0, -1.0, 0.0, 1.0]
    """
    a, n1, c, n2 = tables
    events = a + c
    lowest, highest = np.maximum(0.0, events - n2) - a, np.minimum(n1, events) - a
    wide = highest - lowest >= (_WIDEST if widest is None else widest)
    size = np.where(wide, 1, highest - lowest + 1).astype(np.intp)
    first = starts(size)
    owner = np.repeat(np.arange(a.size), size)
    departure = np.arange(owner.size) - first[owner] + np.where(wide, 0.0, lowest)[owner]
    t = a[owner] + departure
    at_observed = log_ways(n1, a) + log_ways(n2, c)
    log_weight = log_ways(n1[owner], t) + log_ways(n2[owner], events[owner] - t) - at_observed[owner]
    top = np.maximum.reduceat(log_weight, first) if a.size else log_weight
    return Conditionals(tables, lowest, highest, first, size, departure, log_weight, top, np.flatnonzero(wide))


def conditional_moments(distributions: Conditionals, psi: Array) -> tuple[Array, Array, Array]:
    """Log probability of the observed count, and the first two derivatives of it.

    Parameters
    ----------
    distributions : Conditionals
        Of K tables.
    psi : array of shape (K, Q)
        Q log odds ratios for each table.

    Returns
    -------
    tuple of arrays of shape (K, Q)
        Log probability; score (observed minus expected); information (variance).
    """
    return distributions.moments(psi)


def log_ways(n: Array, k: Array) -> Array:
    """Log of the number of ways to choose k of n."""
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
