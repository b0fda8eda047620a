"""The joint posterior of mean and heterogeneity of log odds ratios, on a grid.

The log likelihood is smooth in both, so that it is evaluated at few Chebyshev nodes and interpolated to a fine grid; the
priors are exact there. In place of tau stands z in [0, 1), with ``tau = c z^2 / (1 - z)``; the nodes of theta lie, for each
tau, where theta has any weight given that tau.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import OptionError
from trialpool.pool.bayes.chebyshev import chebyshev_nodes, coefficient_matrix, interpolation_matrix, polynomial
from trialpool.pool.bayes.count_likelihood import CountLikelihood
from trialpool.pool.bayes.effect_priors import Normal
from trialpool.pool.bayes.priors import TauPrior

__all__ = ["Surface", "joint_posterior"]

Array = NDArray[np.float64]

THETA_POINTS = 401
Z_POINTS = 97
_Z_NODES = 20
_SCAN = 24
_SCAN_NODES = 7
_NODES = 15
_DROP = 27.0  # exp(-27) is 2e-12
_LEFT_OUT = 1e-11  # of the prior of tau
_MOST_STEPS = 50
_POLE = math.pi  # the nearest singularity of log L, from the real line
_FEWEST_THETA_NODES = 16
_MOST_THETA_NODES = 200


@dataclass(frozen=True, slots=True)
class Surface:
    """Joint posterior on a grid.

    Attributes
    ----------
    theta : array of shape (A,)
        Equally spaced.
    tau : array of shape (T,)
        Equally spaced in z.
    tau_slope : array of shape (T,)
        Derivative of tau in the number of its node.
    mass : array of shape (A, T)
        Posterior density in the numbers of both nodes, up to a factor.
    """

    theta: Array
    tau: Array
    tau_slope: Array
    mass: Array


@dataclass(frozen=True, slots=True)
class _Map:
    """From z in [0, 1) to tau."""

    scale: float

    def tau(self, z: Array) -> Array:
        return np.asarray(self.scale * z * z / (1.0 - z))

    def slope(self, z: Array) -> Array:
        return np.asarray(self.scale * z * (2.0 - z) / (1.0 - z) ** 2)

    def z(self, tau: float) -> float:
        ratio = tau / self.scale
        return 2.0 * ratio / (ratio + math.sqrt(ratio * (ratio + 4.0)))


@dataclass(frozen=True, slots=True)
class _Ridge:
    """Given each of T values of tau: mode of theta, log posterior there, standard deviation, and where it has fallen away."""

    tau: Array
    mode: Array
    height: Array
    spread: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class _Posterior:
    """Log posterior of theta given tau; ``map`` leads from z to tau."""

    likelihood: CountLikelihood
    tau_prior: TauPrior
    effect_prior: Normal
    map: _Map

    def z_range(self) -> tuple[float, float]:
        """The range of z that leaves out nothing, by Laplace's approximation at a few values."""
        end = min(self.tau_prior.upper_limit, float(self.tau_prior.quantile(np.asarray(1.0 - _LEFT_OUT))))
        last = self.map.z(end)
        z = last * (np.arange(_SCAN) + 0.5) / _SCAN
        tau = self.map.tau(z)
        _, height, spread = self.modes(tau, np.full(_SCAN, self.effect_prior.mean))
        log_mass = height + np.log(spread) + self.tau_prior.log_density(tau) + np.log(self.map.slope(z))
        heavy = np.flatnonzero(log_mass > log_mass.max() - _DROP)
        step = z[1] - z[0]
        low = 0.0 if heavy[0] <= 1 else float(z[heavy[0]] - step)
        return low, min(float(z[heavy[-1]] + step), last)

    def given(self, theta: Array, tau: Array) -> tuple[Array, Array, Array]:
        """Log posterior of theta given tau, up to a constant, slope, and curvature (positive)."""
        at = self.likelihood.mixed(theta, tau, _SCAN_NODES)
        z, precision = theta - self.effect_prior.mean, self.effect_prior.precision
        curvature = np.maximum(-at.curvature, 0.0) + precision
        return at.log_likelihood - 0.5 * precision * z * z, at.score - precision * z, curvature

    def modes(self, tau: Array, start: Array) -> tuple[Array, Array, Array]:
        """Mode, log posterior there, and standard deviation: Newton's method on a concave function."""
        kept, best = start, np.full(tau.size, -np.inf)
        theta, spread, step = start, np.ones(tau.size), np.zeros(tau.size)
        for _ in range(_MOST_STEPS):
            value, slope, curvature = self.given(theta, tau)
            rose = value >= best
            kept, best = np.where(rose, theta, kept), np.where(rose, value, best)
            spread = np.where(rose, 1.0 / np.sqrt(curvature), spread)
            step = np.where(rose, slope / curvature, 0.25 * step)
            if not (np.abs(step) > 1e-5 * spread).any():
                break
            theta = kept + step
        return kept, best, spread

    def ridge(self, tau: Array) -> _Ridge:
        """Modes and ends at each tau."""
        mode, height, spread = self.modes(tau, np.full(tau.size, self.effect_prior.mean))
        ends = [self._end(tau, mode, height, spread, side) for side in (-1.0, 1.0)]
        return _Ridge(tau, mode, height, spread, *ends)

    def _end(self, tau: Array, mode: Array, height: Array, spread: Array, side: float) -> Array:
        """Where the log posterior has fallen by ``_DROP``: Newton's method, from outside on a concave function."""
        theta = mode + side * math.sqrt(2.0 * _DROP) * spread
        for _ in range(_MOST_STEPS):
            value, slope, _ = self.given(theta, tau)
            step = (height - _DROP - value) / slope
            # from inside a flat part the step would be long: the distance at most doubles
            reach = np.abs(theta - mode)
            step = np.clip(step, -0.9 * reach, reach)
            theta = theta + step
            if not (np.abs(step) > 1e-5 * reach).any():
                break
        return theta


def joint_posterior(likelihood: CountLikelihood, tau_prior: TauPrior, effect_prior: Normal) -> Surface:
    """The joint posterior of theta and tau on a grid that leaves out less than 1e-10."""
    scale = 3.0 * float(tau_prior.quantile(np.asarray(0.5)))
    posterior = _Posterior(likelihood, tau_prior, effect_prior, _Map(scale))
    z_low, z_high = posterior.z_range()
    ridge = posterior.ridge(posterior.map.tau(z_low + (z_high - z_low) * chebyshev_nodes(_Z_NODES)))
    # for large tau the likelihood falls like a power of it: without that power it is smooth up to the end
    power = 0.5 * likelihood.two_sided_count
    to_fine = interpolation_matrix(_Z_NODES, Z_POINTS)
    taming = power * np.log1p((ridge.tau / scale) ** 2)
    smooth = _at_nodes(likelihood, ridge) + taming
    coefficients = coefficient_matrix(smooth.shape[0]) @ smooth @ to_fine.T
    z = np.linspace(z_low, z_high, Z_POINTS)
    tau, slope = posterior.map.tau(z), posterior.map.slope(z) * (z_high - z_low) / (Z_POINTS - 1.0)
    inside = slope > 0  # at tau = 0 there is no density in z
    tau_inside = np.where(inside, tau, tau[1])
    of_tau = tau_prior.log_density(tau_inside) - power * np.log1p((tau_inside / scale) ** 2)
    of_tau += np.log(np.where(inside, slope, 1.0))
    low, high = to_fine @ ridge.low, to_fine @ ridge.high
    theta = np.linspace(*_theta_range(ridge, to_fine, of_tau, taming), THETA_POINTS)[:, None]
    part = (theta - low) / (high - low)
    log_mass = polynomial(coefficients, np.clip(part, 0.0, 1.0)) + of_tau
    log_mass -= 0.5 * effect_prior.precision * (theta - effect_prior.mean) ** 2
    log_mass[~(inside & (part >= 0) & (part <= 1))] = -np.inf
    return Surface(theta[:, 0], tau, slope, np.exp(log_mass - log_mass.max()))


def _at_nodes(likelihood: CountLikelihood, ridge: _Ridge) -> Array:
    """Log likelihood at Chebyshev nodes of theta between the ends, for each tau; of shape (A, T)."""
    nodes = chebyshev_nodes(_theta_count(float((ridge.high - ridge.low).max())))[:, None]
    theta = ridge.low + (ridge.high - ridge.low) * nodes
    tau = np.broadcast_to(ridge.tau, theta.shape)
    return likelihood.mixed(theta.ravel(), tau.ravel(), _NODES).log_likelihood.reshape(theta.shape)


def _theta_count(width: float) -> int:
    """Nodes that give the log likelihood to nine digits: its nearest singularities are at a distance of pi."""
    ratio = _POLE / (0.5 * width)
    count = math.ceil(20.0 / math.log(ratio + math.sqrt(1.0 + ratio * ratio)))
    if count > _MOST_THETA_NODES:
        raise OptionError(
            f"with so little information in the counts the log odds ratio may lie anywhere within {width:.3g}; "
            "give a narrower prior of the effect, such as 'normal(0, 2.82)'"
        )
    return max(_FEWEST_THETA_NODES, count)


def _theta_range(ridge: _Ridge, to_fine: Array, of_tau: Array, taming: Array) -> tuple[float, float]:
    """The least and the largest theta that weigh anything at any tau."""
    log_mass = to_fine @ (ridge.height + np.log(ridge.spread) + taming) + of_tau
    kept = np.maximum(_DROP - (log_mass.max() - log_mass), 0.0) / _DROP
    part = np.where(kept > 0, np.cbrt(kept), 0.0)
    mode = to_fine @ ridge.mode
    low, high = mode - part * (to_fine @ (ridge.mode - ridge.low)), mode + part * (to_fine @ (ridge.high - ridge.mode))
    return float(low[kept > 0].min()), float(high[kept > 0].max())
