"""The one integral of the normal-normal model: nodes of tau with their posterior weights, and the mean given each.

Given tau, ``mu ~ N(m, 1 / P)`` with ``P = sum 1 / (v_i + tau2) + P0`` and ``m = (sum y_i / (v_i + tau2) + P0 m0) / P``, where
m0 and P0 are mean and precision of the prior (Roever 2020, Journal of Statistical Software 93(6), section 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.pool.bayes.effect_priors import EffectPrior, Normal
from trialpool.pool.bayes.priors import TauPrior
from trialpool.pool.bayes.tau_nodes import NODES, TauNodes, tau_nodes

__all__ = ["NormalIntegral", "normal_integral"]

Array = NDArray[np.float64]

_BLOCK_DOUBLES = 400_000  # of a work array
_BEYOND = 8.0  # how far beyond every scale of data and priors the mode of log tau is looked for


@dataclass(frozen=True, slots=True)
class NormalIntegral:
    """Nodes, and given each the mean of mu and its standard deviation, of shape (n, b)."""

    nodes: TauNodes
    centre: Array
    spread: Array


def normal_integral(y: Array, v: Array, tau_prior: TauPrior, effect_prior: EffectPrior) -> NormalIntegral:
    """Integrate columns of effects and variances, both of shape (K, b), with ``v = inf`` for empty slots."""
    width = max(2, _BLOCK_DOUBLES // (NODES * y.shape[0]))
    b = y.shape[1]
    log_tau, spacing, mass, centre, spread = (np.empty((NODES, b)) for _ in range(5))
    for start in range(0, b, width):
        # a last block of one column would be summed in another order: it borrows its neighbour
        block = slice(min(start, max(b - 2, 0)), min(start + width, b))
        model = _GivenTau.of(y[:, block], v[:, block], tau_prior, effect_prior)
        nodes = tau_nodes(model.log_density, *model.scales())
        log_tau[:, block], spacing[:, block], mass[:, block] = nodes.log_tau, nodes.spacing, nodes.mass
        centre[:, block], precision, _ = model.conditional(nodes.log_tau)
        spread[:, block] = 1.0 / np.sqrt(precision)
    return NormalIntegral(TauNodes(log_tau, spacing, mass), centre, spread)


@dataclass(frozen=True, slots=True)
class _GivenTau:
    """A block of problems; empty slots have variance 1 and ``filled`` 0."""

    y: Array
    v: Array
    filled: Array
    tau_prior: TauPrior
    effect_prior: EffectPrior

    @classmethod
    def of(cls, y: Array, v: Array, tau_prior: TauPrior, effect_prior: EffectPrior) -> _GivenTau:
        filled = np.isfinite(v)
        return cls(y, np.where(filled, v, 1.0), filled.astype(np.float64), tau_prior, effect_prior)

    def conditional(self, log_tau: Array) -> tuple[Array, Array, Array]:
        """Mean and precision of mu given log tau of shape (n, b), and the log likelihood of tau."""
        variance = self.v + np.exp(2.0 * log_tau)[:, None, :]
        w = self.filled / variance
        prior = self.effect_prior
        precision = np.add.reduce(w, axis=1) + prior.precision
        centre = (np.add.reduce(w * self.y, axis=1) + prior.precision * prior.mean) / precision
        residual = self.y - centre[:, None, :]
        squares = np.add.reduce(w * residual * residual, axis=1) + prior.precision * (centre - prior.mean) ** 2
        logs = np.add.reduce(self.filled * np.log(variance), axis=1) + np.log(precision)
        return centre, precision, -0.5 * (logs + squares)

    def log_density(self, log_tau: Array) -> Array:
        """Log of the posterior density of log tau, up to a constant."""
        log_likelihood = self.conditional(log_tau)[2]
        return np.asarray(log_likelihood + self.tau_prior.log_density(np.exp(log_tau)) + log_tau)

    def scales(self) -> tuple[Array, Array, Array]:
        """Log tau between which its mode lies, and the end of its support."""
        filled = self.filled > 0
        least = np.where(filled, self.v, np.inf).min(axis=0) ** 0.5
        most = np.where(filled, self.v, 0.0).max(axis=0) ** 0.5
        highest, lowest = np.where(filled, self.y, -np.inf).max(axis=0), np.where(filled, self.y, np.inf).min(axis=0)
        most = np.maximum(most, highest - lowest)
        if isinstance(self.effect_prior, Normal):
            most = np.maximum(most, np.maximum(highest - self.effect_prior.mean, self.effect_prior.mean - lowest))
        if self.tau_prior.proper:
            median = float(self.tau_prior.quantile(np.float64(0.5)))  # type: ignore[arg-type]
            least, most = np.minimum(least, median), np.maximum(most, median)
        with np.errstate(divide="ignore"):
            end = np.full(least.shape, np.log(self.tau_prior.upper_limit))
        return np.log(least) - _BEYOND, np.log(most) + _BEYOND, end
