"""Exact inference on the common log ratio of tables, from the distribution of the sum of their counts.

The convolution is done once, at the estimate; every tail follows by tilting it: for a departure d from the observed sum and
the log likelihood l, ``P(d; psi) = P(d; psi0) exp((psi - psi0) d + l(psi) - l(psi0))``. A tail is needed only at a psi that
makes it small, where it hangs on the probabilities next to the observed sum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.conditional_family import ExactFamily
from trialpool.numerics.marginal_likelihood import Mixtures, common_maximum
from trialpool.numerics.ragged import Index, starts
from trialpool.numerics.roots import safeguarded
from trialpool.numerics.sum_distribution import sum_distribution

__all__ = ["exact_inference"]

Array = NDArray[np.float64]

_MOST_STEPS = 200
_LONGEST = 4.0  # log units that a limit moves at a time
_ENOUGH = 1e-8  # Newton step, relative to the distance from the estimate, whose square no longer matters


def exact_inference(mixtures: Mixtures, half: float, level: float) -> tuple[Array, Array]:
    """Estimate, standard error, limits and p-value of each problem, and the information of each table."""
    estimate = common_maximum(mixtures)
    _, _, information = mixtures.family.moments(estimate[mixtures.owner, None])
    std_error = 1.0 / np.sqrt(mixtures.total(information[:, 0]))
    family: ExactFamily = mixtures.family  # type: ignore[assignment]
    parts = family.distributions(estimate[mixtures.owner])
    above, below = [], []
    for first, k in zip(mixtures.first.tolist(), mixtures.size.tolist(), strict=True):
        lowest, probabilities = sum_distribution(parts[first : first + k])
        at = round(-lowest)
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
        distance = np.arange(float(owner.size)) - first[owner]
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
        low, high, last = np.full(start.size, -np.inf), np.full(start.size, np.inf), np.full(start.size, np.inf)
        for _ in range(_MOST_STEPS):
            log_tail, slope = self.log_tail(psi)
            excess = self.side * (log_tail - error)
            low, high = np.where(excess < 0, psi, low), np.where(excess < 0, high, psi)
            step = np.clip((error - log_tail) / np.where(slope == 0, np.inf, slope), -_LONGEST, _LONGEST)
            moved = safeguarded(psi, step, low, high, last)
            settled = (np.abs(step) <= _ENOUGH * np.abs(psi - self.estimate)) | (moved == psi)
            last = np.where(np.isfinite(high - low), np.abs(moved - psi), np.inf)
            psi = np.where(going, moved, psi)
            going &= ~settled
            if not going.any():
                break
        return psi
