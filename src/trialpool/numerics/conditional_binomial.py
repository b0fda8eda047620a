"""Binomial split of the events of two arms: the events of arm one given the events of both.

Two Poisson counts with rates in the ratio ``exp(psi)``, observed over times t1 and t2: given their sum m, the first is
binomial with success probability ``expit(psi + log(t1 / t2))`` (Stijnen, Hamza & Özdemir 2010, Statistics in Medicine
29:3046).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from trialpool.numerics.noncentral_hypergeometric import log_ways
from trialpool.numerics.ragged import Index
from trialpool.numerics.sum_distribution import trimmed

__all__ = ["BinomialSplits", "binomial_splits"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BinomialSplits:
    """The conditional distributions of K pairs of arms.

    Attributes
    ----------
    events, other : arrays of shape (K,)
        Events of arm one and of arm two.
    offset : array of shape (K,)
        ``log(t1 / t2)``.
    log_ways : array of shape (K,)
        Log of the binomial coefficient.
    """

    events: Array
    other: Array
    offset: Array
    log_ways: Array

    def __len__(self) -> int:
        return int(self.events.size)

    @property
    def lowest(self) -> Array:
        """Lower end of the support, as departure from the observed events of arm one."""
        return -self.events

    @property
    def highest(self) -> Array:
        """Upper end of the support, as departure from the observed events of arm one."""
        return self.other

    def take(self, rows: Index) -> BinomialSplits:
        """The pairs ``rows``, in that order."""
        return BinomialSplits(self.events[rows], self.other[rows], self.offset[rows], self.log_ways[rows])

    def score_range(self) -> tuple[Array, Array]:
        """Least and largest score, of shape (K,)."""
        return -self.other, self.events

    def log_probability(self, psi: Array) -> Array:
        """Log probability of the observed events at ``psi`` of shape (K, Q)."""
        eta = psi + self.offset[:, None]
        log_one, log_two = log_expit(eta), log_expit(-eta)
        return np.asarray(self.log_ways[:, None] + self.events[:, None] * log_one + self.other[:, None] * log_two)

    def moments(self, psi: Array) -> tuple[Array, Array, Array]:
        """Log probability, score and information at ``psi``, each of shape (K, Q)."""
        eta = psi + self.offset[:, None]
        one, two = expit(eta), expit(-eta)
        score = self.events[:, None] * two - self.other[:, None] * one
        return self.log_probability(psi), score, (self.events + self.other)[:, None] * one * two

    def distributions(self, psi: Array) -> list[tuple[float, Array]]:
        """Lowest departure that counts and the probabilities from there on, of each pair at its ``psi`` (K,)."""
        return [self._distribution(i, float(psi[i])) for i in range(len(self))]

    def _distribution(self, i: int, psi: float) -> tuple[float, Array]:
        a, m, eta = self.events[i], self.events[i] + self.other[i], psi + self.offset[i]
        reach = 12.0 * np.sqrt(m * expit(eta) * expit(-eta)) + 30.0
        t = np.arange(max(0.0, np.floor(m * expit(eta) - reach)), min(m, np.ceil(m * expit(eta) + reach)) + 1)
        log_probability = log_ways(m, t) + t * log_expit(eta) + (m - t) * log_expit(-eta)
        return trimmed(float(t[0] - a), np.exp(log_probability))


def binomial_splits(tables: Array) -> BinomialSplits:
    """The distribution of the events of arm one given the events of both.

    Parameters
    ----------
    tables : array of shape (4, K)
        Events and time (or any other exposure) of arm one, events and time of arm two.

    Returns
    -------
    BinomialSplits

    Examples
    --------
    >>> split = binomial_splits(np.array([[3.0], [10.0], [1.0], [10.0]]))
    >>> split.log_probability(np.zeros((1, 1))).round(6).tolist()  # log(4 / 16)
    [[-1.386294]]
    """
    events, time, other, other_time = tables
    return BinomialSplits(events, other, np.log(time) - np.log(other_time), log_ways(events + other, events))
