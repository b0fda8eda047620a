"""Two-armed trials whose counts are known within bounds: the log likelihood of an intercept and an effect.

The probability that a binomial count lies from ``low`` to ``high`` is ``sum of C(n, x) exp(x eta) / (1 + exp(eta))^n`` over
these x: an exponential family over the cumulant of another, so that its logarithm has the derivatives ``E[X | within] - E[X]``
and ``Var[X | within] - Var[X]`` in the log odds. It is concave (a log-concave distribution varies less within an interval),
and no tail is lost to a difference of distribution functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.counting import log_choose
from trialpool.numerics.mixed_likelihood import Terms, binomial_cumulant
from trialpool.numerics.noncentral_hypergeometric import Conditionals
from trialpool.numerics.ragged import Index, starts

__all__ = ["IntervalArms", "interval_arms"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IntervalArms:
    """K trials; a side is what is exact, in one binomial, and pieces that are within bounds.

    Attributes
    ----------
    events : array of shape (2, K)
        Least events of both sides, of all their pieces.
    size : array of shape (2, K)
        Participants of both sides, of all their pieces.
    side, trial : arrays of shape (P,)
        Of each piece that is within bounds.
    within : Conditionals
        What the counts of those pieces are above their least, with the logs of their numbers of ways.
    sharpness : array of shape (2, K)
        How much the log likelihood of a side may curve where it weighs anything: for the distance of quadrature nodes.
    """

    events: Array
    size: Array
    side: Index
    trial: Index
    within: Conditionals
    sharpness: Array

    def __len__(self) -> int:
        return int(self.events.shape[1])

    def take(self, rows: Index) -> IntervalArms:
        """The trials ``rows``, in that order."""
        position = np.full(len(self), -1)
        position[rows] = np.arange(rows.size)
        kept = np.flatnonzero(position[self.trial] >= 0)
        pieces = self.side[kept], position[self.trial[kept]], self.within.take(kept)
        return IntervalArms(self.events[:, rows], self.size[:, rows], *pieces, self.sharpness[:, rows])

    def terms(self, intercept: Array, effect: Array) -> Terms:
        """Log likelihood at intercepts and effects of shape (K, Q), with its derivatives."""
        eta = np.stack([intercept + 0.5 * effect, intercept - 0.5 * effect])
        cumulant, mean, variance = binomial_cumulant(self.size[:, :, None], eta)
        value, score, second = self.events[:, :, None] * eta - cumulant, self.events[:, :, None] - mean, -variance
        if self.trial.size:
            where = self.side, self.trial
            log_share, less, spread = self.within.moments(eta[where])
            np.subtract.at(value, where, log_share)
            np.subtract.at(score, where, less)
            np.add.at(second, where, spread)
        both, difference = second[0] + second[1], second[0] - second[1]
        sums = score[0] + score[1], 0.5 * (score[0] - score[1])
        return Terms(value[0] + value[1], sums, both, 0.5 * difference, 0.25 * both)

    def values(self, eta: Array) -> Array:
        """Log likelihood of each side at its log odds, of shape (2, K, Q)."""
        value = self.events[:, :, None] * eta - self.size[:, :, None] * np.logaddexp(0.0, eta)
        if self.trial.size:
            where = self.side, self.trial
            np.subtract.at(value, where, self.within.log_probability(eta[where]))
        return np.asarray(value)


def interval_arms(low: Array, high: Array, n: Array, *, trial: Index, side: Index) -> tuple[IntervalArms, float]:
    """Trials from their arms, one entry an arm, and the constant that their log likelihood lacks.

    Parameters
    ----------
    low, high, n : arrays of shape (A,)
        Whole numbers, ``0 <= low <= high <= n``.
    trial : array of shape (A,)
        Position of the arm's trial, from 0 on, in any order.
    side : array of shape (A,)
        0 for treatment, 1 for control; several arms of a side have a common probability.

    Examples
    --------
    >>> two = np.array([0, 0]), np.array([0, 1])
    >>> arms, _ = interval_arms(
    ...     np.array([0.0, 0.0]), np.array([1.0, 0.0]), np.array([2.0, 3.0]), trial=two[0], side=two[1]
    ... )
    >>> np.exp(arms.terms(np.zeros((1, 1)), np.zeros((1, 1))).value).round(5).tolist()
    [[0.09375]]
    """
    exact, k = low == high, int(trial.max()) + 1
    silent = (low == 0) & (high == n)  # says nothing, whatever the odds
    events, size, sharpness = np.zeros((2, k)), np.zeros((2, k)), np.zeros((2, k))
    np.add.at(events, (side[~silent], trial[~silent]), low[~silent])
    np.add.at(size, (side[~silent], trial[~silent]), n[~silent])
    middle = np.clip(0.5 * n, low, high)
    np.add.at(sharpness, (side[~silent], trial[~silent]), (middle * (1.0 - middle / n))[~silent])
    kept = np.flatnonzero(~exact & ~silent)
    constant = float(log_choose(n[exact], low[exact]).sum())
    within = _within(low[kept], high[kept], n[kept])
    return IntervalArms(events, size, side[kept], trial[kept], within, sharpness), constant


def _within(low: Array, high: Array, n: Array) -> Conditionals:
    """The counts from ``low`` to ``high``, as departures from ``low``, so that no sum of weights vanishes."""
    width = (high - low + 1).astype(np.intp)
    first = starts(width)
    owner = np.repeat(np.arange(low.size), width)
    departure = np.arange(float(owner.size)) - first[owner]
    log_weight = log_choose(n[owner], low[owner] + departure)
    top = np.maximum.reduceat(log_weight, first) if low.size else log_weight
    none = np.empty(0, dtype=np.intp)
    return Conditionals(np.zeros((4, low.size)), 0.0 * low, high - low, first, width, departure, log_weight, top, none)
