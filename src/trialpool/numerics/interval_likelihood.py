"""Marginal likelihood of trials whose counts are known within bounds, with normal intercepts and effects.

A count that is known to be small bounds its odds from one side alone: on the other the integrand is the normal itself, and
between the two it falls within a fraction of a standard deviation. Gauss and Hermite's nodes miss such a step. Even nodes do
not (Trefethen & Weideman 2014, SIAM Review 56:385): the probability of an interval is analytic up to pi on either side of the
real line, and grows there no faster than ``exp(y^2 V / 2)``, V being the variance of the count, so that nodes some
``1 / sqrt(1 / variance + V)`` apart leave an error of 1e-8. They reach to where the integrand has all but vanished.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from trialpool.numerics.interval_arms import IntervalArms
from trialpool.numerics.interval_nodes import Nodes, windows
from trialpool.numerics.mixed_likelihood import Evaluation, derivatives, find_modes

__all__ = ["IntervalModel"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IntervalModel:
    """Normal intercepts, and effects that are normal or one number (``varying``)."""

    arms: IntervalArms
    varying: tuple[bool, bool]

    @property
    def own_intercepts(self) -> bool:
        """Never: the intercept of a trial without listed events would go to minus infinity."""
        return False

    def evaluate(self, mean: Array, variance: Array, start: Array) -> Evaluation:
        """Log likelihood of each trial at means (2, K) and variances (2,) of intercept and effect, searched from modes."""
        modes, _, _ = find_modes(self.arms, mean, variance, start, tolerance=1e-6)  # they place the nodes, and no more
        around, random = windows(self.arms, mean, variance, modes), variance > 0
        summed = _both if random.all() else _one
        k = len(self.arms)
        at = Evaluation(np.empty(k), np.empty((k, 4)), np.empty((k, 4, 4)), modes)
        for rows in around.blocks(random):
            nodes = around.nodes(rows, mean, random)
            found = summed(self.arms.take(rows), mean[:, rows], variance, nodes)
            at.log_likelihood[rows], at.gradient[rows], at.hessian[rows] = found
        return at


def _both(arms: IntervalArms, mean: Array, variance: Array, nodes: Nodes) -> tuple[Array, Array, Array]:
    """Log likelihood, gradient and Hessian of each trial where intercept and effect vary."""
    count = nodes.count
    at = [nodes.along(j) for j in (0, 1)]
    departure = [at[j] - mean[j][:, None] for j in (0, 1)]
    exponent = _on_line(arms, nodes) if nodes.line < count[0] * count[1] else _on_grid(arms, at)
    exponent -= (0.5 / variance[0]) * departure[0][:, :, None] ** 2
    exponent -= (0.5 / variance[1]) * departure[1][:, None, :] ** 2
    top = exponent.max(axis=(1, 2))
    exponent -= top[:, None, None]
    weight = np.exp(exponent, out=exponent)
    scores = [_scores(departure[j], float(variance[j])) for j in (0, 1)]
    by_effect = scores[0] @ weight
    total = by_effect[:, 0].sum(axis=1)
    moments = by_effect @ scores[1].transpose(0, 2, 1) / total[:, None, None]
    by_intercept = weight.sum(axis=2)[:, None] * scores[0]
    hessian = np.empty((len(arms), 4, 4))
    hessian[:, :2, :2] = (by_intercept @ scores[0].transpose(0, 2, 1))[:, 1:, 1:] / total[:, None, None]
    hessian[:, 2:, 2:] = ((by_effect[:, :1] * scores[1]) @ scores[1].transpose(0, 2, 1))[:, 1:, 1:] / total[
        :, None, None
    ]
    hessian[:, :2, 2:] = moments[:, 1:, 1:]
    hessian[:, 2:, :2] = hessian[:, :2, 2:].transpose(0, 2, 1)
    gradient = np.concatenate([moments[:, 1:, 0], moments[:, 0, 1:]], axis=1)
    hessian -= gradient[:, :, None] * gradient[:, None, :]
    for m in (0, 2):  # the mean Hessian of the normal factor, by its own scores
        hessian[:, m, m] -= 1.0 / variance[m // 2]
        hessian[:, m, m + 1] -= gradient[:, m]
        hessian[:, m + 1, m] -= gradient[:, m]
        hessian[:, m + 1, m + 1] -= gradient[:, m + 1] + 0.5
    log_size = np.log(nodes.step).sum(axis=0) - np.log(2.0 * np.pi) - 0.5 * np.log(variance).sum()
    return top + np.log(total) + log_size, gradient, hessian


def _scores(departure: Array, variance: float) -> Array:
    """One, and the scores of the normal factor in its mean and log variance, (K, 3, count)."""
    standard = departure / variance
    return np.stack([np.ones_like(departure), standard, 0.5 * (departure * standard - 1.0)], axis=1)


def _on_line(arms: IntervalArms, nodes: Nodes) -> Array:
    """Log likelihood at all nodes, (K, I, J), from the points on the lines of both sides."""
    (first, second), j = nodes.pace, nodes.count[1]
    point = nodes.step[0] / first
    back = second * (j - 1)
    lowest = np.stack([nodes.low[0] + 0.5 * nodes.low[1], nodes.low[0] - 0.5 * nodes.low[1] - back * point])
    sides = arms.values(lowest[:, :, None] + point[:, None] * np.arange(float(nodes.line)))
    treatment, control = (sliding_window_view(side, back + 1, axis=1)[:, ::first, ::second] for side in sides)
    return np.asarray(treatment + control[:, :, ::-1])


def _on_grid(arms: IntervalArms, at: list[Array]) -> Array:
    """The same, where the effect varies so little that the lines have more points than there are nodes."""
    intercept, half = at[0][:, :, None], 0.5 * at[1][:, None, :]
    eta = np.stack([intercept + half, intercept - half])
    return np.asarray(arms.values(eta.reshape(2, len(arms), -1)).sum(axis=0).reshape(eta.shape[1:]))


def _one(arms: IntervalArms, mean: Array, variance: Array, nodes: Nodes) -> tuple[Array, Array, Array]:
    """The same where one of them varies, or none."""
    at = np.stack(np.broadcast_arrays(nodes.along(0), nodes.along(1)))
    terms = arms.terms(at[0], at[1])
    departure = at - mean[:, :, None]
    exponent, log_size = terms.value.copy(), np.zeros(len(arms))
    for j in np.flatnonzero(variance > 0):
        exponent -= 0.5 * departure[j] ** 2 / variance[j]
        log_size += np.log(nodes.step[j]) - 0.5 * np.log(2.0 * np.pi * variance[j])
    top = exponent.max(axis=1)
    weight = np.exp(exponent - top[:, None])
    total = weight.sum(axis=1)
    weight /= total[:, None]
    return top + np.log(total) + log_size, *derivatives(terms, departure, variance, weight)
