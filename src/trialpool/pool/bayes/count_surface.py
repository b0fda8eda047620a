"""The joint posterior of mean and heterogeneity of log odds ratios, on a grid.

The log likelihood is smooth in both, so that it is evaluated at few Chebyshev nodes and interpolated to a fine grid; the
priors are exact there. In place of tau stands z (:class:`~trialpool.pool.bayes.tau_map.TauMap`), in place of theta its part u
of the way between the ends that it has given tau.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import OptionError
from trialpool.pool.bayes.chebyshev import chebyshev_nodes, interpolation_matrix, interpolation_to
from trialpool.pool.bayes.count_likelihood import CountLikelihood
from trialpool.pool.bayes.count_ridge import DROP, RIDGE_NODES, Ridge, ridge
from trialpool.pool.bayes.effect_priors import Normal
from trialpool.pool.bayes.priors import TauPrior

__all__ = ["Surface", "joint_posterior"]

Array = NDArray[np.float64]

THETA_POINTS = 601
Z_POINTS = 97
_PART_POINTS = 161
_Z_NODES = 32
_NODES = 11
_POLE = math.pi  # the nearest singularity of log L, from the real line
_FEWEST_THETA_NODES = 12
_MOST_THETA_NODES = 150


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


def joint_posterior(likelihood: CountLikelihood, tau_prior: TauPrior, effect_prior: Normal) -> Surface:
    """The joint posterior of theta and tau on a grid that leaves out less than 1e-10."""
    found = ridge(likelihood, tau_prior, effect_prior)
    width = found.z_high - found.z_low
    z = found.z_low + width * np.linspace(0.0, 1.0, Z_POINTS)
    tau, slope = found.map.tau(z), found.map.slope(z) * (width / (Z_POINTS - 1.0))
    inside = slope > 0  # at tau = 0 there is no density in z
    tau_inside = np.where(inside, tau, tau[1])
    of_tau = tau_prior.log_density(tau_inside) + np.log(np.where(inside, slope, 1.0))
    along = interpolation_matrix(RIDGE_NODES, Z_POINTS)
    theta = np.linspace(*_theta_range(found, along, of_tau), THETA_POINTS)[:, None]
    low, high = along @ found.low, along @ found.high
    part = (theta - low) / (high - low)
    log_mass = _cubic(_log_likelihood(likelihood, found, tau_inside), part) + of_tau
    log_mass -= 0.5 * effect_prior.precision * (theta - effect_prior.mean) ** 2
    log_mass[~(inside & (part >= 0) & (part <= 1))] = -np.inf
    return Surface(theta[:, 0], tau, slope, np.exp(log_mass - log_mass.max()))


def _log_likelihood(likelihood: CountLikelihood, found: Ridge, tau: Array) -> Array:
    """Log likelihood at equally spaced parts and at each fine tau, of shape (parts, T)."""
    nodes = chebyshev_nodes(_Z_NODES)
    coarse_tau = found.map.tau(found.z_low + (found.z_high - found.z_low) * nodes)
    along = interpolation_to(RIDGE_NODES, nodes)
    low, high = along @ found.low, along @ found.high
    theta = low + (high - low) * chebyshev_nodes(_theta_count(float((high - low).max())))[:, None]
    mixed = likelihood.mixed(theta.ravel(), np.broadcast_to(coarse_tau, theta.shape).ravel(), _NODES)
    # for large tau the likelihood falls like a power of it: without that power it is smooth up to the end
    power = 0.5 * likelihood.two_sided_count
    smooth = mixed.log_likelihood.reshape(theta.shape) + power * np.log1p((coarse_tau / found.map.scale) ** 2)
    fine = interpolation_matrix(theta.shape[0], _PART_POINTS) @ smooth @ interpolation_matrix(_Z_NODES, Z_POINTS).T
    return np.asarray(fine - power * np.log1p((tau / found.map.scale) ** 2))


def _theta_count(width: float) -> int:
    """Nodes enough for six digits of the likelihood: log L has its nearest singularities at a distance of pi."""
    ratio = _POLE / (0.5 * width)
    count = math.ceil(12.0 / math.log(ratio + math.sqrt(1.0 + ratio * ratio)))
    if count > _MOST_THETA_NODES:
        raise OptionError(
            f"with so little information in the counts the log odds ratio may lie anywhere within {width:.3g}; "
            "give a narrower prior of the effect, such as 'normal(0, 2.82)'"
        )
    return max(_FEWEST_THETA_NODES, count)


def _theta_range(found: Ridge, along: Array, of_tau: Array) -> tuple[float, float]:
    """The least and the largest theta that weigh anything at any tau."""
    log_mass = along @ found.log_mass + of_tau
    kept = np.maximum(DROP - (log_mass.max() - log_mass), 0.0) / DROP
    used = kept > 0
    # a quadratic falls by the share ``kept`` at its square root of the way, a steeper function somewhat farther out
    share = np.cbrt(kept[used])
    mode = (along @ found.mode)[used]
    low = mode - share * (mode - (along @ found.low)[used])
    high = mode + share * ((along @ found.high)[used] - mode)
    return float(low.min()), float(high.max())


def _cubic(values: Array, part: Array) -> Array:
    """Columns of values at equally spaced points of [0, 1], interpolated at ``part`` by cubics through four neighbours."""
    last, columns = values.shape[0] - 1, values.shape[1]
    place = np.clip(part, 0.0, 1.0) * last
    cell = np.clip(place, 1.0, last - 2.0).astype(np.intp)
    t = place - cell
    index = cell * columns + np.arange(columns)
    flat = values.ravel()
    before, at, after, second = (flat.take(index + shift * columns) for shift in (-1, 0, 1, 2))
    bend = 0.5 * (before + after) - at
    twist = (second - before) / 6.0 + 0.5 * (at - after)
    return np.asarray(at + t * (after - 0.5 * at - before / 3.0 - second / 6.0 + t * (bend + t * twist)))
