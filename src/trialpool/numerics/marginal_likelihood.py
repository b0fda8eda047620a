"""Marginal likelihood of a normal mixture of log ratios, by adaptive Gauss-Hermite quadrature.

Each table has its own log ratio psi, normal around ``theta`` with variance ``tau2``; its counts given their margins follow a
family whose log probability is concave in psi. The nodes sit around the mode of each table's integrand (Pinheiro & Bates
1995, Journal of Computational and Graphical Statistics 4:12); derivatives follow from the moments of that integrand by the
identities of Fisher and Louis (1982, Journal of the Royal Statistical Society B 44:226).

A batch is a row of points, each with the tables of its problem; nothing is padded, and a point's numbers do not depend on
the other points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.ragged import Index, positions, starts
from trialpool.numerics.roots import safeguarded

__all__ = ["MANY_NODES", "NODES", "Evaluation", "Family", "Mixtures", "common_maximum", "evaluate"]

Array = NDArray[np.float64]

NODES, MANY_NODES = 15, 41
"""Nodes where tau2 is at most 1, and above: there a table without events in one arm has an integrand far from normal."""

_FEW_UP_TO = 1.0
_MOST_STEPS = 200
_NEAR_MODE = 1e-14  # squared step in standard deviations: where the nodes lie must not depend on where the search began


def _rule(nodes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Hermite points times sqrt(2), and log weights with the normal factor taken out."""
    points, weights = np.polynomial.hermite.hermgauss(nodes)
    return math.sqrt(2.0) * points, np.log(weights) + points**2


_FEW, _MANY = _rule(NODES), _rule(MANY_NODES)


class Family(Protocol):
    """Distributions of one count a table given its margins, log concave in the log ratio psi."""

    def __len__(self) -> int: ...

    def take(self, rows: Index) -> Self:
        """The tables ``rows``."""

    def score_range(self) -> tuple[Array, Array]:
        """Least and largest score of each table."""

    def log_probability(self, psi: Array) -> Array:
        """Log probability of the observed counts, (K, Q)."""

    def moments(self, psi: Array) -> tuple[Array, Array, Array]:
        """Log probability, score and information, each (K, Q)."""


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
    zero, many = tau2 == 0, tau2 > _FEW_UP_TO
    if zero.all():
        return _common(mixtures, theta)
    if not zero.any() and (many.all() or not many.any()):
        return _mixed(mixtures, theta, tau2, modes)
    values, all_modes = np.empty((6, len(mixtures))), np.empty_like(modes)
    for part_of in (zero, many, ~zero & ~many):
        chosen = np.flatnonzero(part_of)
        if chosen.size == 0:
            continue
        rows = mixtures.rows(chosen)
        part = evaluate(mixtures.take(chosen), theta[chosen], tau2[chosen], modes[rows])
        values[:, chosen] = (
            part.log_likelihood,
            part.theta,
            part.tau2,
            part.theta_theta,
            part.cross,
            part.tau2_tau2,
        )
        all_modes[rows] = part.modes
    return Evaluation(*values, all_modes)


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
    points, log_weights = _MANY if tau2[0] > _FEW_UP_TO else _FEW
    centre, precision = theta[mixtures.owner], 1.0 / tau2[mixtures.owner]
    modes, spread = _modes(mixtures.family, centre, precision, start)
    psi = modes[:, None] + spread[:, None] * points
    d = psi - centre[:, None]
    squared = d * d
    exponent = mixtures.family.log_probability(psi) + log_weights - 0.5 * precision[:, None] * squared
    top = exponent.max(axis=1)
    weight = np.exp(exponent - top[:, None])
    total = weight.sum(axis=1)
    log_likelihood = mixtures.total(top + np.log(total * spread) + 0.5 * np.log(precision / math.pi))
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
        done = active[settled]
        modes[done], curvatures[done] = mode[settled], curvature[settled]
        if settled.all():
            break
        if settled.any():
            keep = np.flatnonzero(~settled)
            family, active, last = family.take(keep), active[keep], last[keep]
            mode, low, high, centre, precision = mode[keep], low[keep], high[keep], centre[keep], precision[keep]
    return modes, 1.0 / np.sqrt(curvatures)
