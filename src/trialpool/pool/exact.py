"""Exact conditional inference on a common odds ratio, or on a common rate ratio.

Given the margins of every table, the sum of the treatment events is sufficient for the common ratio. Its distribution is the
convolution of the tables' noncentral hypergeometric (or binomial) distributions (Mehta, Patel & Gray 1985, Journal of the
American Statistical Association 80:969); no correction and no large numbers are needed. The convolution is done once, at
the estimate; every tail follows by tilting it: ``P(d; psi) = P(d; psi0) exp((psi - psi0) d + l(psi) - l(psi0))`` for a
departure d from the observed sum and the log likelihood l.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialpool.checks import probability
from trialpool.numerics.columns import FloatOrArray
from trialpool.numerics.conditional_binomial import binomial_splits
from trialpool.numerics.marginal_likelihood import Family, Mixtures, common_maximum
from trialpool.numerics.noncentral_hypergeometric import conditionals
from trialpool.numerics.ragged import Index, starts
from trialpool.numerics.roots import increasing_root
from trialpool.numerics.sum_distribution import sum_distribution
from trialpool.pool.count_tables import CountTables, count_tables

__all__ = [
    "ExactFamily",
    "ExactFit",
    "exact_common_odds_ratio",
    "exact_common_rate_ratio",
    "infinite_reasons",
    "minimum_likelihood_p_value",
]

Array = NDArray[np.float64]

_BLOCK = 4000  # tables whose distributions are held at a time
_MOST_STEPS = 200


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


MakeFamily = Callable[[Array], ExactFamily]


@dataclass(frozen=True, slots=True)
class ExactFit:
    """Conditional maximum likelihood estimate with its exact interval, as log ratios; arrays (B,) for a batch.

    ``std_error`` is from the conditional information, ``information`` (K,) or (B, K) that of each table; ``reasons`` says
    why a problem of a batch has no estimate (its numbers are NaN), and is empty where it has one.
    """

    estimate: FloatOrArray
    std_error: FloatOrArray
    conf_low: FloatOrArray
    conf_high: FloatOrArray
    p_value: FloatOrArray
    information: Array
    reasons: str | tuple[str, ...]


def exact_common_odds_ratio(tables: ArrayLike, *, mid_p: bool = True, conf_level: float = 0.95) -> ExactFit:
    """Conditional maximum likelihood estimate of a common odds ratio, with exact or mid-P interval.

    Parameters
    ----------
    tables : array of shape (4, K) or (B, 4, K)
        Treatment events, treatment n, control events, control n; whole numbers. Tables without events, or without
        non-events, in both arms carry no information and change nothing; zeros throughout mark an empty slot.
    mid_p : bool
        Count half of the probability of the observed sum (Lancaster 1961); exact limits are conservative.
    conf_level : float

    Returns
    -------
    ExactFit
        The p-value is twice the smaller tail, so that it agrees with the interval.

    Raises
    ------
    NotEstimableError
        The sum of treatment events is at an end of its range, so that the estimate is infinite; the message gives the
        one-sided limit. In a batch that is the problem's reason.

    Examples
    --------
    >>> fit = exact_common_odds_ratio([[2, 5], [50, 60], [8, 9], [50, 62]])
    >>> round(math.exp(fit.estimate), 3)
    0.383
    """
    return _exact(count_tables(tables, "participants"), conditionals, mid_p, conf_level)


def exact_common_rate_ratio(tables: ArrayLike, *, mid_p: bool = True, conf_level: float = 0.95) -> ExactFit:
    """The same for a common ratio of two Poisson rates: given the events of both arms, those of one are binomial.

    Parameters
    ----------
    tables : array of shape (4, K) or (B, 4, K)
        Treatment events, treatment person-time, control events, control person-time.
    mid_p, conf_level
        As in :func:`exact_common_odds_ratio`.

    Returns
    -------
    ExactFit

    Raises
    ------
    NotEstimableError
        No events in any treatment arm, or in any control arm.

    Examples
    --------
    >>> fit = exact_common_rate_ratio([[7, 8], [1344, 1600], [11, 8], [1988, 1461]])
    >>> round(math.exp(fit.estimate), 4)
    0.9274
    """
    return _exact(count_tables(tables, "time"), binomial_splits, mid_p, conf_level)


def minimum_likelihood_p_value(tables: ArrayLike) -> float:
    """Two-sided exact p-value of a common odds ratio of 1: all sums that are no more probable than the observed one.

    The p-value of Fisher's test and of R's ``mantelhaen.test(exact=TRUE)``; it may disagree with the exact interval. Right
    to 1e-15, absolute.

    Parameters
    ----------
    tables : array of shape (4, K)

    Examples
    --------
    >>> round(minimum_likelihood_p_value([[2, 5], [50, 60], [8, 9], [50, 62]]), 4)
    0.0514
    """
    family = conditionals(count_tables(tables, "participants").tables)
    low, probabilities = sum_distribution(family.distributions(np.zeros(len(family)))) if len(family) else (0.0, np.ones(1))
    observed = probabilities[round(-low)] if 0 <= -low < probabilities.size else 0.0
    return min(1.0, float(probabilities[probabilities <= observed * (1 + 1e-7)].sum()))


def infinite_reasons(counts: CountTables, make: MakeFamily, conf_level: float) -> list[str]:
    """Why each problem has no finite common ratio, with the one-sided limit; empty where it has one."""
    family = make(counts.tables)
    reasons = []
    for k, first in zip(counts.size.tolist(), starts(counts.size).tolist(), strict=True):
        here = slice(first, first + k)
        at_bottom, at_top = family.lowest[here].sum() == 0, family.highest[here].sum() == 0
        if k == 0:
            reasons.append("no study has events in an arm and non-events in another, so they say nothing of the ratio")
        elif at_bottom or at_top:
            reasons.append(_one_sided(family.take(np.arange(first, first + k)), bool(at_bottom), conf_level))
        else:
            reasons.append("")
    return reasons


def _one_sided(family: ExactFamily, at_bottom: bool, conf_level: float) -> str:
    """The whole error probability is on the side that is bounded."""
    tail = math.log(1 - conf_level)
    ones = np.ones((len(family), 1))

    def excess(psi: float) -> float:
        return float(family.log_probability(psi * ones).sum()) - tail

    bound = math.exp(increasing_root(lambda psi: -excess(psi) if at_bottom else excess(psi)))
    limit, arm = ("below", "treatment") if at_bottom else ("above", "control")
    return (
        f"the conditional ratio is {'zero' if at_bottom else 'infinite'}: no events in any {arm} arm (or no non-events in the "
        f"other); with {100 * conf_level:g} % confidence it lies {limit} {bound:.3g}"
    )


def _exact(counts: CountTables, make: MakeFamily, mid_p: bool, conf_level: float) -> ExactFit:
    level = probability("conf_level", conf_level)
    reasons = infinite_reasons(counts, make, level)
    out = np.full((5, counts.size.size), np.nan)
    every_row, information = [np.empty(0, dtype=np.intp)], [np.empty(0)]
    for problems in counts.blocks(np.flatnonzero([not reason for reason in reasons]), _BLOCK):
        rows = counts.rows(problems)
        mixtures = Mixtures.of(make(counts.tables[:, rows]), counts.size[problems])
        out[:, problems], by_table = _block(mixtures, 0.5 if mid_p else 1.0, level)
        every_row.append(rows)
        information.append(by_table)
    why = counts.reason(reasons)
    by_slot = counts.by_slot(np.concatenate(information), np.concatenate(every_row))
    return ExactFit(*(counts.restore(x) for x in out), by_slot, why)


def _block(mixtures: Mixtures, half: float, level: float) -> tuple[Array, Array]:
    """Estimate, standard error, limits and p-value of each problem, and the information of each table."""
    estimate = common_maximum(mixtures)
    _, _, information = mixtures.family.moments(estimate[mixtures.owner, None])
    std_error = 1.0 / np.sqrt(mixtures.total(information[:, 0]))
    family: ExactFamily = mixtures.family  # type: ignore[assignment]
    parts = family.distributions(estimate[mixtures.owner])
    above, below = [], []
    for first, k in zip(mixtures.first.tolist(), mixtures.size.tolist(), strict=True):
        low, probabilities = sum_distribution(parts[first : first + k])
        at = round(-low)
        above.append(probabilities[at:])
        below.append(probabilities[at::-1])
    up, down = _Tails.of(mixtures, estimate, above, 1.0, half), _Tails.of(mixtures, estimate, below, -1.0, half)
    error = math.log(0.5 * (1 - level))
    low, high = up.solve(error, estimate - 2 * std_error), down.solve(error, estimate + 2 * std_error)
    return np.stack([estimate, std_error, low, high, _p_value(up, down, estimate)]), information[:, 0]


def _p_value(up: _Tails, down: _Tails, estimate: Array) -> Array:
    """Twice the smaller tail at a ratio of 1; the larger one is seen from the smaller."""
    zero = np.zeros_like(estimate)
    smaller = np.exp(np.where(estimate >= 0, up.log_tail(zero)[0], down.log_tail(zero)[0]))
    at = np.exp(up.log_observed(zero))
    return np.asarray(np.minimum(1.0, 2.0 * np.minimum(smaller, 1.0 - smaller + (2.0 * up.half - 1.0) * at)))


@dataclass(frozen=True, slots=True)
class _Tails:
    """The probabilities at the estimate from the observed sum outwards, problem after problem, on one side."""

    mixtures: Mixtures
    estimate: Array
    log_likelihood: Array
    first: Index
    owner: Index
    distance: Array
    weight: Array
    observed: Array
    side: float
    half: float

    @classmethod
    def of(cls, mixtures: Mixtures, estimate: Array, outwards: list[Array], side: float, half: float) -> _Tails:
        size = np.array([part.size for part in outwards], dtype=np.intp)
        first, owner = starts(size), np.repeat(np.arange(size.size), size)
        weight = np.concatenate(outwards)
        observed = weight[first]
        weight[first] *= half
        log_likelihood = mixtures.total(mixtures.family.log_probability(estimate[mixtures.owner, None])[:, 0])
        distance = np.arange(owner.size) - first[owner].astype(np.float64)
        return cls(mixtures, estimate, log_likelihood, first, owner, distance, weight, observed, side, half)

    def log_observed(self, psi: Array) -> Array:
        """Log probability of the observed sum."""
        value = self.mixtures.total(self.mixtures.family.log_probability(psi[self.mixtures.owner, None])[:, 0])
        return np.asarray(value - self.log_likelihood + np.log(self.observed))

    def log_tail(self, psi: Array) -> tuple[Array, Array]:
        """Log of the tail, and its derivative in psi."""
        log_probability, score, _ = self.mixtures.family.moments(psi[self.mixtures.owner, None])
        shift = self.side * (psi - self.estimate)
        tilted = self.weight * np.exp(np.minimum(shift[self.owner] * self.distance, 600.0))
        total = np.add.reduceat(tilted, self.first)
        mean = np.add.reduceat(tilted * self.distance, self.first) / total
        log_likelihood = self.mixtures.total(log_probability[:, 0])
        log_tail = log_likelihood - self.log_likelihood + np.log(total)
        return log_tail, self.side * mean + self.mixtures.total(score[:, 0])

    def solve(self, error: float, start: Array) -> Array:
        """Psi at which the log tail is ``error``: Newton's method on a concave function, within a bracket."""
        psi, going = start, np.ones(start.size, dtype=np.bool_)
        low, high = np.full(start.size, -np.inf), np.full(start.size, np.inf)
        for _ in range(_MOST_STEPS):
            log_tail, slope = self.log_tail(psi)
            excess = self.side * (log_tail - error)
            low, high = np.where(excess < 0, psi, low), np.where(excess < 0, high, psi)
            step = np.where(slope == 0, 0.0, (error - log_tail) / np.where(slope == 0, 1.0, slope))
            proposal = psi + np.clip(step, -4.0, 4.0)
            beyond = (proposal <= low) | (proposal >= high)
            moved = np.where(beyond & np.isfinite(high - low), 0.5 * (low + high), proposal)
            settled = (np.abs(step) <= 1e-8 * np.abs(psi - self.estimate)) | (moved == psi)
            psi = np.where(going, moved, psi)
            going &= ~settled
            if not going.any():
                break
        return psi
