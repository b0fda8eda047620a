"""Marginal likelihood of two-armed trials: a generalised linear model whose trials have their own intercept and effect.

With events ``y`` of the binomial or Poisson family, the linear predictor of a trial is ``intercept + effect / 2`` in the
treatment arm and ``intercept - effect / 2`` in the control arm, so that nothing depends on which arm is called treatment
(Turner et al. 2000, Statistics in Medicine 19:3417). Intercept and effect are each one number or normal over trials. The
nodes sit around each trial's mode (adaptive Gauss-Hermite quadrature, Pinheiro & Bates 1995, Journal of Computational and
Graphical Statistics 4:12); derivatives follow by the identities of Fisher and Louis (1982, Journal of the Royal Statistical
Society B 44:226).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "NODES",
    "Arms",
    "Evaluation",
    "Family",
    "Terms",
    "TwoArms",
    "binomial_cumulant",
    "derivatives",
    "evaluate",
    "find_modes",
]

Array = NDArray[np.float64]
Family = Literal["binomial", "poisson"]

NODES = (25, 15)
"""Of intercepts and of effects. Intercepts vary more, and a trial without events bounds its own from one side alone."""

_MOST_STEPS = 100
_MOST_HALVINGS = 30
_BLOCK_DOUBLES = 60_000
_LARGEST_EXPONENT = 600.0


@dataclass(frozen=True, slots=True)
class TwoArms:
    """Events and sizes of K trials: treatment events, size, control events, size, shape (4, K).

    A size is a number of participants (binomial) or a person-time (Poisson).
    """

    family: Family
    tables: Array

    def __len__(self) -> int:
        return int(self.tables.shape[1])

    def terms(self, intercept: Array, effect: Array) -> Terms:
        """Log likelihood at intercepts and effects of shape (K, Q), with its derivatives."""
        a, n1, c, n2 = (row[:, None] for row in self.tables)
        eta1, eta2 = intercept + 0.5 * effect, intercept - 0.5 * effect
        b1, mean1, variance1 = _cumulant(self.family, n1, eta1)
        b2, mean2, variance2 = _cumulant(self.family, n2, eta2)
        r1, r2 = a - mean1, c - mean2
        both, difference = variance1 + variance2, variance1 - variance2
        return Terms(a * eta1 + c * eta2 - b1 - b2, (r1 + r2, 0.5 * (r1 - r2)), -both, -0.5 * difference, -0.25 * both)


class Arms(Protocol):
    """K trials whose log likelihood is concave in intercept and effect."""

    def __len__(self) -> int: ...

    def terms(self, intercept: Array, effect: Array) -> Terms:
        """Log likelihood at intercepts and effects of shape (K, Q), with its derivatives."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Log likelihood of each trial, without its constant, and the derivatives.

    Attributes
    ----------
    log_likelihood : array of shape (K,)
    gradient : array of shape (K, 4)
        In the mean and log variance of the intercept, then of the effect. Where a variance is 0 its entry is the slope
        in the variance itself, from above.
    hessian : array of shape (K, 4, 4)
        In the same four; rows of variances that are 0 hold nothing of use.
    modes : array of shape (2, K)
        Of intercept and effect; they start the next evaluation.
    """

    log_likelihood: Array
    gradient: Array
    hessian: Array
    modes: Array


@dataclass(frozen=True, slots=True)
class Terms:
    """Log likelihood at nodes, and its derivatives in intercept (a) and effect (p); each of shape (K, Q)."""

    value: Array
    score: tuple[Array, Array]
    aa: Array
    ap: Array
    pp: Array


def evaluate(
    arms: TwoArms, mean: Array, variance: Array, start: Array, *, nodes: tuple[int, int] = NODES
) -> Evaluation:
    """Log likelihood of each trial at given means and variances of intercept and effect.

    Parameters
    ----------
    arms : TwoArms
    mean : array of shape (2, K)
        Of intercept and effect.
    variance : array of shape (2,)
        Of intercept and effect; 0 where all trials are at their mean.
    start : array of shape (2, K)
        Where to look for the modes first.
    nodes : tuple of int
        Quadrature nodes for the intercept and for the effect, where they are normal.

    Returns
    -------
    Evaluation

    Examples
    --------
    >>> arms = TwoArms("binomial", np.array([[3.0], [10.0], [5.0], [10.0]]))
    >>> at = evaluate(arms, np.zeros((2, 1)), np.array([0.0, 0.5]), np.zeros((2, 1)))
    >>> round(float(at.log_likelihood[0]), 4)
    -13.9489
    """
    used = (nodes[0] if variance[0] > 0 else 1, nodes[1] if variance[1] > 0 else 1)
    per_trial = used[0] * used[1]
    width = max(1, _BLOCK_DOUBLES // per_trial)
    parts = [
        _evaluate(
            TwoArms(arms.family, arms.tables[:, at : at + width]),
            mean[:, at : at + width],
            variance,
            start[:, at : at + width],
            used,
        )
        for at in range(0, len(arms), width)
    ]
    if len(parts) == 1:
        return parts[0]
    return Evaluation(
        np.concatenate([part.log_likelihood for part in parts]),
        np.concatenate([part.gradient for part in parts]),
        np.concatenate([part.hessian for part in parts]),
        np.concatenate([part.modes for part in parts], axis=1),
    )


def _evaluate(arms: TwoArms, mean: Array, variance: Array, start: Array, nodes: tuple[int, int]) -> Evaluation:
    """One block of trials."""
    random = variance > 0
    modes, factor, log_size = find_modes(arms, mean, variance, start)
    points, log_weight = _grid(*nodes)
    at = np.stack(
        [
            modes[0][:, None] + factor[0][:, None] * points[0],
            modes[1][:, None] + factor[1][:, None] * points[0] + factor[2][:, None] * points[1],
        ]
    )
    terms = arms.terms(at[0], at[1])
    departure = at - mean[:, :, None]
    exponent = terms.value + log_weight
    for j in np.flatnonzero(random):
        exponent = exponent - 0.5 * departure[j] ** 2 / variance[j]
    top = exponent.max(axis=1)
    weight = np.exp(exponent - top[:, None])
    total = weight.sum(axis=1)
    log_likelihood = top + np.log(total) + log_size - 0.5 * np.log(variance[random]).sum()
    weight /= total[:, None]
    return Evaluation(log_likelihood, *derivatives(terms, departure, variance, weight), modes)


@cache
def _grid(first: int, second: int) -> tuple[Array, Array]:
    """Points of shape (2, Q), for standard normals, and the logs of their weights; a lone point stands still."""
    (x, u), (y, v) = _rule(first), _rule(second)
    return np.stack([np.repeat(x, y.size), np.tile(y, x.size)]), np.repeat(u, v.size) + np.tile(v, u.size)


def _rule(nodes: int) -> tuple[Array, Array]:
    if nodes == 1:
        return np.zeros(1), np.zeros(1)
    points, weights = np.polynomial.hermite.hermgauss(nodes)
    # for the integral of f(z) / sqrt(2 pi), z = sqrt(2) x, the weight function taken out
    return np.sqrt(2.0) * points, np.log(weights) + points**2 - 0.5 * np.log(np.pi)


def _cumulant(family: Family, size: Array, eta: Array) -> tuple[Array, Array, Array]:
    """Cumulant function of the family with its first two derivatives."""
    if family == "poisson":
        expected = size * np.exp(np.minimum(eta, _LARGEST_EXPONENT))
        return expected, expected, expected
    return binomial_cumulant(size, eta)


def binomial_cumulant(size: Array, eta: Array) -> tuple[Array, Array, Array]:
    """Log of ``(1 + exp(eta))^size`` with its first two derivatives: mean and variance of the count."""
    small = np.exp(-np.abs(eta))
    probability = np.where(eta >= 0, 1.0, small) / (1.0 + small)
    value = size * (np.maximum(eta, 0.0) + np.log1p(small))
    return value, size * probability, size * small / (1.0 + small) ** 2


def find_modes(
    arms: Arms, mean: Array, variance: Array, start: Array, *, tolerance: float = 1e-16
) -> tuple[Array, tuple[Array, Array, Array], Array]:
    """Modes of each trial's integrand, the Cholesky factor of its inverse curvature, and the log of its determinant.

    ``tolerance`` is what a further step may still gain in the log integrand.
    """
    random = variance > 0
    precision = np.where(random, 1.0 / np.where(random, variance, 1.0), 0.0)[:, None]
    modes = np.where(random[:, None], start, mean)
    value, gradient, curvature = _integrand(arms, modes, mean, precision, random)
    for _ in range(_MOST_STEPS if random.any() else 0):
        a, b, d = curvature
        determinant = a * d - b * b
        step = np.stack([d * gradient[0] - b * gradient[1], a * gradient[1] - b * gradient[0]]) / determinant
        if np.max((step * gradient).sum(axis=0)) < tolerance:
            break
        for _ in range(_MOST_HALVINGS):
            new_value, new_gradient, new_curvature = _integrand(arms, modes + step, mean, precision, random)
            falls = new_value < value - 1e-12 * np.abs(value)
            if not falls.any():
                break
            step = np.where(falls, 0.5 * step, step)
        modes, value, gradient, curvature = modes + step, new_value, new_gradient, new_curvature
    a, b, d = curvature
    determinant = a * d - b * b
    factor = (
        np.where(random[0], np.sqrt(d / determinant), 0.0),
        np.where(random.all(), -b / np.sqrt(d * determinant), 0.0),
        np.where(random[1], 1.0 / np.sqrt(d), 0.0),
    )
    return modes, factor, -0.5 * np.log(determinant)


def _integrand(
    arms: Arms, at: Array, mean: Array, precision: Array, random: NDArray[np.bool_]
) -> tuple[Array, Array, tuple[Array, Array, Array]]:
    """Log integrand, gradient (2, K) and negative Hessian (aa, ap, pp); a dimension that is not random stands still."""
    terms = arms.terms(at[0][:, None], at[1][:, None])
    d = at - mean
    value = terms.value[:, 0] - 0.5 * (precision * d * d).sum(axis=0)
    score = np.stack([terms.score[0][:, 0], terms.score[1][:, 0]])
    gradient = np.where(random[:, None], score - precision * d, 0.0)
    curvature = (
        precision[0] - terms.aa[:, 0] if random[0] else np.ones(len(arms)),
        -terms.ap[:, 0] if random.all() else np.zeros(len(arms)),
        precision[1] - terms.pp[:, 0] if random[1] else np.ones(len(arms)),
    )
    return value, gradient, curvature


def derivatives(terms: Terms, departure: Array, variance: Array, weight: Array) -> tuple[Array, Array]:
    """Gradient (K, 4) and Hessian (K, 4, 4): of Fisher, and of Louis: mean Hessian plus covariance of the scores."""
    k = weight.shape[0]
    scores = np.empty((k, 4, weight.shape[1]))
    hessian = np.zeros((k, 4, 4))
    for j, second in enumerate((terms.aa, terms.pp)):
        m, v = 2 * j, 2 * j + 1
        if variance[j] > 0:
            standard = departure[j] / variance[j]
            square = departure[j] * standard
            scores[:, m], scores[:, v] = standard, 0.5 * (square - 1.0)
            hessian[:, m, m] = -1.0 / variance[j]
            hessian[:, m, v] = hessian[:, v, m] = -(weight * standard).sum(axis=1)
            hessian[:, v, v] = -0.5 * (weight * square).sum(axis=1)
        else:
            score = terms.score[j]
            scores[:, m], scores[:, v] = score, 0.5 * (score * score + second)
            hessian[:, m, m] = (weight * second).sum(axis=1)
    if not (variance > 0).any():
        hessian[:, 0, 2] = hessian[:, 2, 0] = (weight * terms.ap).sum(axis=1)
    gradient = (scores * weight[:, None, :]).sum(axis=2)
    centred = scores - gradient[:, :, None]
    hessian += (centred * weight[:, None, :]) @ centred.transpose(0, 2, 1)
    return gradient, hessian
