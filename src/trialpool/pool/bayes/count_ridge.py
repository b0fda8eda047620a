"""Where the joint posterior of mean and heterogeneity of log odds ratios weighs anything.

Given tau, the posterior of theta is log-concave: it has one mode and falls to both sides. Modes and ends along tau are found
at few values and are smooth between them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.pool.bayes.chebyshev import chebyshev_nodes
from trialpool.pool.bayes.count_likelihood import CountLikelihood
from trialpool.pool.bayes.effect_priors import Normal
from trialpool.pool.bayes.priors import TauPrior
from trialpool.pool.bayes.tau_map import TauMap

__all__ = ["DROP", "RIDGE_NODES", "Ridge", "ridge"]

Array = NDArray[np.float64]

DROP = 27.0
"""Fall of the log posterior beyond which nothing weighs: exp(-27) is 2e-12."""

RIDGE_NODES = 12
_SCAN = 24
_NODES = 7
_LEFT_OUT = 1e-11  # of the prior of tau
_FARTHEST = 1e40  # in units of the prior's median: the tail of a log-t prior hardly ends
_MOST_STEPS = 50


@dataclass(frozen=True, slots=True)
class Ridge:
    """Modes and ends of theta at Chebyshev nodes of z between ``z_low`` and ``z_high``, each array of shape (R,).

    Attributes
    ----------
    map : TauMap
        From z to tau.
    mode, low, high : arrays
        Of theta given tau; at the ends the log posterior has fallen by ``DROP``.
    log_mass : array
        Laplace's approximation of the log marginal likelihood of tau.
    """

    map: TauMap
    z_low: float
    z_high: float
    mode: Array
    low: Array
    high: Array
    log_mass: Array


def ridge(likelihood: CountLikelihood, tau_prior: TauPrior, effect_prior: Normal) -> Ridge:
    """Find the ridge of the joint posterior."""
    given = _GivenTau(likelihood, effect_prior)
    to_tau = TauMap(3.0 * float(tau_prior.quantile(np.asarray(0.5))))
    far = float(tau_prior.quantile(np.asarray(1.0 - _LEFT_OUT)))
    last = to_tau.z(min(tau_prior.upper_limit, far, _FARTHEST * to_tau.scale))
    z = last * (np.arange(_SCAN) + 0.5) / _SCAN
    tau = to_tau.tau(z)
    mode, log_mass, _ = given.modes(tau, np.full(_SCAN, effect_prior.mean))
    log_posterior = log_mass + tau_prior.log_density(tau) + np.log(to_tau.slope(z))
    heavy = np.flatnonzero(log_posterior > log_posterior.max() - DROP)
    step = z[1] - z[0]
    z_low = 0.0 if heavy[0] <= 1 else float(z[heavy[0]] - step)
    z_high = min(float(z[heavy[-1]] + step), last)
    nodes = z_low + (z_high - z_low) * chebyshev_nodes(RIDGE_NODES)
    tau = to_tau.tau(nodes)
    mode, log_mass, spread = given.modes(tau, np.interp(nodes, z, mode))
    side = np.repeat([-1.0, 1.0], RIDGE_NODES) * np.tile(spread, 2)
    ends = given.ends(np.tile(tau, 2), np.tile(mode, 2), side)
    return Ridge(to_tau, z_low, z_high, mode, ends[:RIDGE_NODES], ends[RIDGE_NODES:], log_mass)


@dataclass(frozen=True, slots=True)
class _GivenTau:
    """The posterior of theta given tau."""

    likelihood: CountLikelihood
    prior: Normal

    def at(self, theta: Array, tau: Array) -> tuple[Array, Array, Array]:
        """Log density up to a constant, slope, and curvature (positive)."""
        mixed = self.likelihood.mixed(theta, tau, _NODES)
        z, precision = theta - self.prior.mean, self.prior.precision
        curvature = np.maximum(-mixed.curvature, 0.0) + precision
        return mixed.log_likelihood - 0.5 * precision * z * z, mixed.score - precision * z, curvature

    def modes(self, tau: Array, start: Array) -> tuple[Array, Array, Array]:
        """Mode, Laplace's log mass, and standard deviation at each tau, by Newton's method to a tenth of the latter."""
        kept, best = start, np.full(tau.size, -np.inf)
        theta, spread, step = start, np.ones(tau.size), np.zeros(tau.size)
        for _ in range(_MOST_STEPS):
            value, slope, curvature = self.at(theta, tau)
            rose = value >= best
            kept, best = np.where(rose, theta, kept), np.where(rose, value, best)
            spread = np.where(rose, 1.0 / np.sqrt(curvature), spread)
            step = np.where(rose, slope / curvature, 0.25 * step)
            if not (np.abs(step) > 0.1 * spread).any():
                break
            theta = kept + step
        return kept, best + np.log(spread), spread

    def ends(self, tau: Array, mode: Array, spread: Array) -> Array:
        """Where the log density has fallen by ``DROP`` on the side of ``spread``: Newton's method on a concave function."""
        height, _, _ = self.at(mode, tau)
        theta = mode + math.sqrt(2.0 * DROP) * spread
        for _ in range(_MOST_STEPS):
            value, slope, _ = self.at(theta, tau)
            reach = np.abs(theta - mode)
            # from inside a flat part the step would be long: the distance at most doubles
            step = np.clip((height - DROP - value) / slope, -0.9 * reach, reach)
            theta = theta + step
            if not (np.abs(step) > 0.02 * reach).any():
                break
        return theta
