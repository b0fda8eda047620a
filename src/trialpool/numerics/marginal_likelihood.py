"""Marginal likelihood of a normal mixture of log ratios, by adaptive quadrature.

Each table has its own log ratio psi, normal around ``theta`` with variance ``tau2``; its counts given their margins follow a
family whose log probability is concave in psi. Up to ``tau2 = 1`` the nodes are those of Gauss and Hermite around the mode
of each table's integrand (Pinheiro & Bates 1995, Journal of Computational and Graphical Statistics 4:12). Above, a table
without events in one arm has an integrand far from normal, and the nodes lie evenly between its tails: for functions as
smooth as these the error of that falls exponentially (Trefethen & Weideman 2014, SIAM Review 56:385). Derivatives follow from
the moments of the integrand by the identities of Fisher and Louis (1982, Journal of the Royal Statistical Society B 44:226).

A batch is a row of points, each with the tables of its problem; nothing is padded, and a point's numbers do not depend on
the other points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.conditional_family import Family
from trialpool.numerics.ragged import Index, positions, starts
from trialpool.numerics.roots import safeguarded

__all__ = ["EVEN_NODES", "NODES", "Evaluation", "Mixtures", "common_maximum", "evaluate", "quadrature_groups"]

Array = NDArray[np.float64]

NODES, EVEN_NODES = 15, 48
"""Gauss-Hermite nodes up to tau2 = 1, even nodes above: for 1e-8 of the log likelihood up to tau2 = 20, 1e-7 up to 49."""

_HERMITE_UP_TO = 1.0
_FALL = 20.0  # of the log integrand from mode to tail
_TAIL_STEPS = 4
_MOST_STEPS = 200
_NEAR_MODE = 1e-10  # squared step in standard deviations: the next one no longer moves the nodes

_ROOTS, _WEIGHTS = np.polynomial.hermite.hermgauss(NODES)
_POINTS, _LOG_WEIGHTS = math.sqrt(2.0) * _ROOTS, np.log(math.sqrt(2.0) * _WEIGHTS) + _ROOTS**2


@dataclass(frozen=True, slots=True)
class Mixtures:
    """P points, each with its tables: ``first`` and ``size`` of shape (P,), ``owner`` gives each table's point."""

    family: Family
    first: Index
    size: Index
    owner: Index

    @classmethod
    def of(cls, family: Family, size: Index) -> Mixtures:
        """From tables in the order of their points."""
        return cls(family, starts(size), size, np.repeat(np.arange(size.size), size))

    def __len__(self) -> int:
        return int(self.first.size)

    def rows(self, chosen: Index) -> Index:
        """The tables of the points ``chosen``."""
        return positions(self.first[chosen], self.size[chosen])

    def take(self, chosen: Index) -> Mixtures:
        """The points ``chosen``; one may come several times."""
        return Mixtures.of(self.family.take(self.rows(chosen)), self.size[chosen])

    def total(self, values: Array) -> Array:
        """Sums over the tables of each point."""
        return np.asarray(np.add.reduceat(values, self.first))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Log likelihood of each point with its derivatives in theta and tau2, all (P,).

    ``cross`` and ``tau2_tau2`` are NaN where tau2 is 0. ``modes`` (one a table) start the next evaluation.
    """

    log_likelihood: Array
    theta: Array
    tau2: Array
    theta_theta: Array
    cross: Array
    tau2_tau2: Array
    modes: Array


def evaluate(mixtures: Mixtures, theta: Array, tau2: Array, modes: Array) -> Evaluation:
    """Log likelihood and derivatives at (theta, tau2), a pair a point.

    Parameters
    ----------
    mixtures : Mixtures
        P points with M tables.
    theta, tau2 : arrays of shape (P,)
        ``tau2 >= 0``; at 0 its derivative is ``sum(score^2 - information) / 2``.
    modes : array of shape (M,)
        Where to look for the modes first.

    Returns
    -------
    Evaluation
    """
    groups = quadrature_groups(tau2)
    if len(groups) == 1:
        return _common(mixtures, theta) if tau2[0] == 0 else _mixed(mixtures, theta, tau2, modes)
    values = np.empty((6, tau2.size))
    whole = Evaluation(values[0], values[1], values[2], values[3], values[4], values[5], np.empty(modes.size))
    for chosen in groups:
        rows = mixtures.rows(chosen)
        part = evaluate(mixtures.take(chosen), theta[chosen], tau2[chosen], modes[rows])
        for field in fields(Evaluation):
            getattr(whole, field.name)[rows if field.name == "modes" else chosen] = getattr(part, field.name)
    return whole


def quadrature_groups(tau2: Array) -> list[Index]:
    """Points that are integrated alike: without heterogeneity, with Gauss-Hermite nodes, with even nodes."""
    kind = (tau2 > 0).astype(np.int8) + (tau2 > _HERMITE_UP_TO)
    return [np.flatnonzero(kind == k) for k in np.unique(kind)]


def common_maximum(mixtures: Mixtures) -> Array:
    """Theta that maximises the likelihood at tau2 = 0, by Newton's method within a bracket; it must be finite."""
    theta = np.zeros(len(mixtures))
    low, high = np.full(theta.size, -np.inf), np.full(theta.size, np.inf)
    last = np.full(theta.size, np.inf)
    going = np.ones(theta.size, dtype=np.bool_)
    for _ in range(_MOST_STEPS):
        _, score, information = (column[:, 0] for column in mixtures.family.moments(theta[mixtures.owner, None]))
        slope, curvature = mixtures.total(score), mixtures.total(information)
        low, high = np.where(slope > 0, theta, low), np.where(slope > 0, high, theta)
        # where the likelihood is nearly straight Newton's step is too long: no further than two units at a time
        step = np.clip(slope / np.maximum(curvature, 1e-300), -2.0, 2.0)
        moved = safeguarded(theta, step, low, high, last)
        settled = (step * step * curvature <= 1e-16) | (moved == theta)
        last = np.where(np.isfinite(high - low), np.abs(moved - theta), np.inf)
        theta = np.where(going, moved, theta)
        going &= ~settled
        if not going.any():
            break
    return theta


def _common(mixtures: Mixtures, theta: Array) -> Evaluation:
    psi = theta[mixtures.owner]
    log_probability, score, information = (column[:, 0] for column in mixtures.family.moments(psi[:, None]))
    unknown = np.full(theta.size, math.nan)
    return Evaluation(
        mixtures.total(log_probability),
        mixtures.total(score),
        0.5 * mixtures.total(score * score - information),
        -mixtures.total(information),
        unknown,
        unknown,
        psi,
    )


def _mixed(mixtures: Mixtures, theta: Array, tau2: Array, start: Array) -> Evaluation:
    centre, precision = theta[mixtures.owner], 1.0 / tau2[mixtures.owner]
    modes, spread = _modes(mixtures.family, centre, precision, start)
    if tau2[0] > _HERMITE_UP_TO:
        left, right = _tails(mixtures.family, centre, precision, modes)
        step = (right - left) / (EVEN_NODES - 1)
        psi, log_weights = left[:, None] + step[:, None] * np.arange(EVEN_NODES), np.log(step)[:, None]
    else:
        psi, log_weights = modes[:, None] + spread[:, None] * _POINTS, np.log(spread)[:, None] + _LOG_WEIGHTS
    d = psi - centre[:, None]
    squared = d * d
    exponent = mixtures.family.log_probability(psi) + log_weights - 0.5 * precision[:, None] * squared
    top = exponent.max(axis=1)
    weight = np.exp(exponent - top[:, None])
    total = weight.sum(axis=1)
    log_likelihood = mixtures.total(top + np.log(total) + 0.5 * np.log(precision / (2.0 * math.pi)))
    weight /= total[:, None]
    m1, m2 = (weight * d).sum(axis=1), (weight * squared).sum(axis=1)
    weight *= squared
    m3, m4 = (weight * d).sum(axis=1), (weight * squared).sum(axis=1)
    p = 1.0 / tau2
    return Evaluation(
        log_likelihood,
        p * mixtures.total(m1),
        0.5 * p * mixtures.total(precision * m2 - 1.0),
        p * mixtures.total(precision * (m2 - m1 * m1) - 1.0),
        0.5 * p * p * mixtures.total(precision * (m3 - m1 * m2) - 2.0 * m1),
        0.25 * p * p * mixtures.total(2.0 - 4.0 * precision * m2 + precision * precision * (m4 - m2 * m2)),
        modes,
    )


def _modes(family: Family, centre: Array, precision: Array, start: Array) -> tuple[Array, Array]:
    """Mode and standard deviation of each table's integrand: Newton's method on a concave function, within a bracket."""
    least, largest = family.score_range()
    low, high = centre + least / precision, centre + largest / precision
    modes, curvatures = np.clip(start, low, high), np.empty_like(precision)
    active, mode, last = np.arange(modes.size), modes, high - low
    for _ in range(_MOST_STEPS):
        _, score, information = (column[:, 0] for column in family.moments(mode[:, None]))
        slope, curvature = score - precision * (mode - centre), information + precision
        low, high = np.where(slope > 0, mode, low), np.where(slope > 0, high, mode)
        step = slope / curvature
        settled = (step * step * curvature < _NEAR_MODE) | (high <= low)
        moved = safeguarded(mode, step, low, high, last)
        last, mode = np.abs(moved - mode), moved
        # those that settled before keep what they had
        fresh = settled & (active >= 0)
        modes[active[fresh]], curvatures[active[fresh]] = mode[fresh], curvature[fresh]
        active = np.where(settled, -1, active)
        going = np.flatnonzero(active >= 0)
        if going.size == 0:
            break
        if 2 * going.size < active.size:
            family, active, last = family.take(going), active[going], last[going]
            mode, low, high, centre, precision = mode[going], low[going], high[going], centre[going], precision[going]
    return modes, 1.0 / np.sqrt(curvatures)


def _tails(family: Family, centre: Array, precision: Array, modes: Array) -> tuple[Array, Array]:
    """Where each table's integrand has all but vanished on either side, by Newton's method from outside."""
    level = family.log_probability(modes[:, None])[:, 0] - 0.5 * precision * (modes - centre) ** 2 - _FALL
    reach = np.sqrt(2.0 * _FALL / precision)  # the normal factor alone falls that far
    psi = np.stack([modes - reach, modes + reach], axis=1)
    for _ in range(_TAIL_STEPS):
        log_probability, score, _ = family.moments(psi)
        d = psi - centre[:, None]
        excess = log_probability - 0.5 * precision[:, None] * d * d - level[:, None]
        # outside of a concave function's level set Newton's steps stay outside
        psi = psi - np.minimum(excess, 0.0) / (score - precision[:, None] * d)
    return psi[:, 0], psi[:, 1]
