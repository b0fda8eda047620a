"""Likelihood of binomial arms whose logit rises with the dose by a slope of each trial's own.

Arm j of trial i has ``logit p_ij = a_i + (E + sigma z_i) f(d_ij; lambda)``, with an intercept of each trial, ``z_i`` standard
normal, and a curve f that may have a parameter. The integral over ``z_i`` is by adaptive Gauss-Hermite quadrature (Pinheiro &
Bates 1995, Journal of Computational and Graphical Statistics 4:12), its derivatives by the identities of Fisher and Louis
(1982, Journal of the Royal Statistical Society B 44:226). In sigma the likelihood is smooth through 0. The intercepts are
profiled out trial by trial: given the rest, each trial's likelihood is log-concave in its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

__all__ = ["Curve", "DoseCounts", "Profile", "dose_counts", "profile_intercepts"]

Array = NDArray[np.float64]

_NODES = 21
_NODES_AT_ZERO = 3  # exact where the slopes do not vary: the derivatives are then polynomials of z
_MOST_STEPS = 100
_MOST_HALVINGS = 40
_SETTLED = 1e-18  # rise of a log likelihood, twice, that a further step promises
_NOISE = 1e-9  # a smaller promise is not held against the rounding of a log likelihood


@dataclass(frozen=True, slots=True)
class DoseCounts:
    """Events and participants of N trials, filled up to J arms with arms of nobody; both of shape (N, J).

    ``constant`` is the part of the log likelihood that no parameter changes.
    """

    events: Array
    n: Array
    constant: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The curve f at the dose of each arm, and its first two derivatives in lambda; each of shape (N, J)."""

    value: Array
    first: Array
    second: Array


@dataclass(frozen=True, slots=True)
class Profile:
    """Log likelihood at its maximum over the intercepts; gradient (3,) and Hessian (3, 3) in E, lambda and sigma."""

    log_likelihood: float
    gradient: Array
    hessian: Array
    intercepts: Array


def dose_counts(events: Array, n: Array) -> DoseCounts:
    """Counts with their constant, the log binomial coefficients."""
    ways = gammaln(n + 1) - gammaln(events + 1) - gammaln(n - events + 1)
    return DoseCounts(events, n, float(ways.sum()))


def profile_intercepts(
    counts: DoseCounts, curve: Curve, effect: float, sigma: float, start: Array | None = None
) -> Profile:
    """The log likelihood at given E, lambda and sigma, each trial's intercept at its best.

    Parameters
    ----------
    counts : DoseCounts
        Of N trials, each with an event and a participant without one.
    curve : Curve
        At the lambda wanted; its derivatives are 0 where there is no lambda.
    effect, sigma : float
        Mean and standard deviation of the slopes.
    start : array of shape (N,), optional
        Where to look for the intercepts first.

    Returns
    -------
    Profile

    Examples
    --------
    >>> counts = dose_counts(np.array([[6.0, 24.0]]), np.array([[70.0, 69.0]]))
    >>> line = Curve(np.array([[0.0, 1.0]]), np.zeros((1, 2)), np.zeros((1, 2)))
    >>> at = profile_intercepts(counts, line, np.log(24 / 45) - np.log(6 / 64), 0.0)
    >>> round(at.log_likelihood, 6), at.intercepts.round(6).tolist(), bool(abs(at.gradient[0]) < 1e-9)
    (-4.082359, [-2.367124], True)
    """
    a = np.log((counts.events.sum(axis=1) + 0.5) / ((counts.n - counts.events).sum(axis=1) + 0.5))
    a = a if start is None else start
    here = _integrated(counts, curve, a, effect, sigma)
    for _ in range(_MOST_STEPS):
        gradient, hessian = here.in_intercept()
        # log-concave, but near flat where the intercept is far off: no step beyond two logits
        step = np.clip(-gradient / np.minimum(hessian, -1e-12), -2.0, 2.0)
        promise = step * gradient
        if promise.max() < _SETTLED:
            break
        for _ in range(_MOST_HALVINGS):
            new = _integrated(counts, curve, a + step, effect, sigma)
            falls = (new.log_likelihood < here.log_likelihood) & (promise > _NOISE)
            if not falls.any():
                break
            step = np.where(falls, 0.5 * step, step)
        a, here = a + step, new
    gradients, hessians = here.in_all(curve)
    cross, own = hessians[:, 1:, 0], hessians[:, 0, 0]
    profiled = hessians[:, 1:, 1:].sum(axis=0) - np.einsum("ij,ik->jk", cross / own[:, None], cross)
    return Profile(float(here.log_likelihood.sum()) + counts.constant, gradients[:, 1:].sum(axis=0), profiled, a)


@dataclass(frozen=True, slots=True)
class _Integrated:
    """The integral of each trial (N,) and what its derivatives need at the Q nodes.

    ``weight``, ``z`` and ``slope`` (E + sigma z) have shape (N, Q); ``residual`` and ``variance`` of the arms (N, J, Q).
    """

    log_likelihood: Array
    weight: Array
    z: Array
    slope: Array
    residual: Array
    variance: Array

    def in_intercept(self) -> tuple[Array, Array]:
        """First and second derivative of each trial in its intercept."""
        score = self.residual.sum(axis=1)
        gradient = (self.weight * score).sum(axis=1)
        second = (self.weight * (score * score - self.variance.sum(axis=1))).sum(axis=1)
        return gradient, second - gradient * gradient

    def in_all(self, curve: Curve) -> tuple[Array, Array]:
        """Gradient (N, 4) and Hessian (N, 4, 4) of each trial in its intercept, E, lambda and sigma."""
        f, f1, f2 = curve.value, curve.first, curve.second
        r, r0, r1, r2 = (_over_arms(self.residual, x) for x in (np.ones_like(f), f, f1, f2))
        v, v0, v1 = (_over_arms(self.variance, x) for x in (np.ones_like(f), f, f1))
        v00, v01, v11 = (_over_arms(self.variance, x) for x in (f * f, f * f1, f1 * f1))
        z, slope = self.z, self.slope
        score = np.stack([r, r0, slope * r1, z * r0])  # (4, N, Q)
        second = np.empty((4, *score.shape))
        second[0] = -np.stack([v, v0, slope * v1, z * v0])
        second[1, 1:] = -v00, r1 - slope * v01, -z * v00
        second[2, 2:] = slope * (r2 - slope * v11), z * (r1 - slope * v01)
        second[3, 3] = -z * z * v00
        rows, columns = np.tril_indices(4, -1)
        second[rows, columns] = second[columns, rows]
        gradient = (self.weight * score).sum(axis=2)
        hessian = (self.weight * (second + score[:, None] * score)).sum(axis=3) - gradient[:, None] * gradient
        return gradient.T, np.moveaxis(hessian, 2, 0)


def _over_arms(values: Array, factor: Array) -> Array:
    """Sum over the arms of (N, J, Q) with a factor for each arm (N, J)."""
    return np.asarray(np.einsum("ijq,ij->iq", values, factor))


@cache
def _rule(nodes: int) -> tuple[Array, Array]:
    """Points of Gauss and Hermite, and the logs of their weights over the kernel."""
    points, weights = np.polynomial.hermite.hermgauss(nodes)
    return points, np.log(weights) + points**2


def _integrated(counts: DoseCounts, curve: Curve, a: Array, effect: float, sigma: float) -> _Integrated:
    mode, spread = _modes(counts, curve, a, effect, sigma)
    points, log_weights = _rule(_NODES if sigma else _NODES_AT_ZERO)
    z = mode[:, None] + np.sqrt(2.0) * spread[:, None] * points
    y, n = counts.events[:, :, None], counts.n[:, :, None]
    slope = effect + sigma * z
    eta = a[:, None, None] + slope[:, None, :] * curve.value[:, :, None]
    cumulant, p, v = _logistic(eta)
    exponent = (y * eta - n * cumulant).sum(axis=1) - 0.5 * z * z + log_weights
    top = exponent.max(axis=1)
    weight = np.exp(exponent - top[:, None])
    total = weight.sum(axis=1)
    log_likelihood = top + np.log(total) + np.log(spread) - 0.5 * np.log(np.pi)
    return _Integrated(log_likelihood, weight / total[:, None], z, slope, y - n * p, n * v)


def _modes(counts: DoseCounts, curve: Curve, a: Array, effect: float, sigma: float) -> tuple[Array, Array]:
    """Mode and standard deviation of each trial's integrand in z, by Newton's method between bounds that close in.

    The integrand is log-concave; its slope falls from a positive value at the lower bound to a negative one at the upper.
    """
    z, f = np.zeros(a.size), curve.value
    curvature = np.ones(a.size)
    if sigma == 0.0:
        return z, curvature
    high = 1.0 + abs(sigma) * (np.abs(f) * np.maximum(counts.events, counts.n - counts.events)).sum(axis=1)
    low = -high
    for _ in range(_MOST_STEPS):
        _, p, v = _logistic(a[:, None] + (effect + sigma * z[:, None]) * f)
        curvature = 1.0 + sigma * sigma * (f * f * counts.n * v).sum(axis=1)
        slope = sigma * (f * (counts.events - counts.n * p)).sum(axis=1) - z
        low, high = np.where(slope > 0, z, low), np.where(slope > 0, high, z)
        step = slope / curvature
        if np.max(step * step * curvature) < 1e-20:
            break
        proposal = z + step
        z = np.where((proposal >= low) & (proposal <= high), proposal, 0.5 * (low + high))
    return z, 1.0 / np.sqrt(curvature)


def _logistic(eta: Array) -> tuple[Array, Array, Array]:
    """``log(1 + exp(eta))`` with its first two derivatives."""
    small = np.exp(-np.abs(eta))
    p = np.where(eta >= 0, 1.0, small) / (1.0 + small)
    return np.maximum(eta, 0.0) + np.log1p(small), p, small / (1.0 + small) ** 2
