"""Estimators of tau2 in closed form, from the moments of a weighted sum of squares; one problem (K,) or a batch (B, K).

For any fixed weights ``Q = sum w (y - m)^2`` has expectation ``sum w v - sum w^2 v / sum w + tau2 (sum w - sum w^2 / sum w)``
(DerSimonian & Kacker 2007, Contemporary Clinical Trials 28:105); DerSimonian-Laird, its second step, and Hedges differ in the
weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trialpool.heterogeneity.statistics import dispersion, pairwise_products
from trialpool.numerics.columns import Array, FloatOrArray, effect_columns, solve

__all__ = [
    "dersimonian_laird",
    "dersimonian_laird_kernel",
    "dersimonian_laird_two_step",
    "dersimonian_laird_two_step_kernel",
    "hedges",
    "hedges_kernel",
    "hunter_schmidt",
    "hunter_schmidt_kernel",
    "sidik_jonkman",
    "sidik_jonkman_kernel",
]


def dersimonian_laird(y: ArrayLike, v: ArrayLike) -> FloatOrArray:
    """Moment estimator of DerSimonian & Laird (1986, Controlled Clinical Trials 7:177).

    ``tau2 = max(0, (Q - (k - 1)) / (sum w - sum w^2 / sum w))`` with ``w = 1 / v``.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)
        Effects and variances; ``v = inf`` marks an empty slot.

    Returns
    -------
    float or array of shape (B,)

    Examples
    --------
    >>> round(dersimonian_laird([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]), 6)
    1.139167
    """
    return solve(dersimonian_laird_kernel, effect_columns(y, v))


def dersimonian_laird_two_step(y: ArrayLike, v: ArrayLike) -> FloatOrArray:
    """Two-step estimator of DerSimonian & Kacker (2007, Contemporary Clinical Trials 28:105).

    The moment estimator with weights ``1 / (v + tau2)``, tau2 that of DerSimonian & Laird.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)

    Returns
    -------
    float or array of shape (B,)

    Examples
    --------
    >>> round(dersimonian_laird_two_step([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]), 6)
    0.876173
    """
    return solve(dersimonian_laird_two_step_kernel, effect_columns(y, v))


def hedges(y: ArrayLike, v: ArrayLike) -> FloatOrArray:
    """Variance-component estimator of Hedges & Olkin (1985, Statistical Methods for Meta-Analysis, ch. 9).

    The moment estimator with equal weights: the sample variance of the effects less the mean of their variances, or 0.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)

    Returns
    -------
    float or array of shape (B,)

    Examples
    --------
    >>> round(hedges([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]), 6)
    0.83
    """
    return solve(hedges_kernel, effect_columns(y, v))


def hunter_schmidt(y: ArrayLike, v: ArrayLike) -> FloatOrArray:
    """Estimator of Schmidt & Hunter (Viechtbauer 2005, Journal of Educational and Behavioral Statistics 30:261).

    ``tau2 = max(0, (Q - k) / sum w)`` with ``w = 1 / v``; too small on average, the more so the fewer the studies.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)

    Returns
    -------
    float or array of shape (B,)

    Examples
    --------
    >>> round(hunter_schmidt([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]), 6)
    0.623306
    """
    return solve(hunter_schmidt_kernel, effect_columns(y, v))


def sidik_jonkman(y: ArrayLike, v: ArrayLike) -> FloatOrArray:
    """Model-error estimator of Sidik & Jonkman (2005, Applied Statistics 54:367).

    ``tau2 = t0 * sum w (y - m)^2 / (k - 1)`` with ``w = 1 / (v / t0 + 1)``, started from ``t0 = sum (y - mean y)^2 / k``. It is
    never 0 unless all effects are equal, and too large where there is little heterogeneity.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)

    Returns
    -------
    float or array of shape (B,)

    Examples
    --------
    >>> round(sidik_jonkman([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]), 6)
    0.852379
    """
    return solve(sidik_jonkman_kernel, effect_columns(y, v))


def dersimonian_laird_kernel(y: Array, v: Array) -> Array:
    """DerSimonian & Laird's tau2 of each column of y and v, (K, b)."""
    return _moment_estimate(y, 1.0 / v, _count(v) - 1.0)


def dersimonian_laird_two_step_kernel(y: Array, v: Array) -> Array:
    """DerSimonian & Kacker's two-step tau2 of each column."""
    w = 1.0 / (v + dersimonian_laird_kernel(y, v))
    return _moment_estimate(y, w, _expected_dispersion(w, v))


def hedges_kernel(y: Array, v: Array) -> Array:
    """Hedges' tau2 of each column."""
    w = np.isfinite(v).astype(np.float64)
    return _moment_estimate(y, w, _expected_dispersion(w, v))


def hunter_schmidt_kernel(y: Array, v: Array) -> Array:
    """Hunter & Schmidt's tau2 of each column."""
    w = 1.0 / v
    return np.asarray(np.maximum(0.0, (dispersion(y, w) - _count(v)) / w.sum(axis=0)))


def sidik_jonkman_kernel(y: Array, v: Array) -> Array:
    """Sidik & Jonkman's tau2 of each column."""
    k = _count(v)
    start = dispersion(y, np.isfinite(v).astype(np.float64)) / k
    return np.asarray(start * dispersion(y, 1.0 / (v + start)) / np.maximum(k - 1.0, 1.0))


def _moment_estimate(y: Array, w: Array, expected: Array) -> Array:
    """tau2 from the dispersion with weights w, and its expectation at tau2 = 0."""
    total = w.sum(axis=0)
    scale = pairwise_products(w) / total
    # one study: no variation to speak of, and 0 / 0 must not arise
    some = scale > 0
    return np.asarray(np.where(some, np.maximum(0.0, dispersion(y, w) - expected) / np.where(some, scale, 1.0), 0.0))


def _expected_dispersion(w: Array, v: Array) -> Array:
    """``sum w v - sum w^2 v / sum w`` as a sum over pairs, ``sum_(i<j) w_i w_j (v_i + v_j) / sum w``: nothing cancels."""
    wv = w * np.where(np.isfinite(v), v, 0.0)
    before, before_v = np.cumsum(w, axis=0)[:-1], np.cumsum(wv, axis=0)[:-1]
    return np.asarray((wv[1:] * before + w[1:] * before_v).sum(axis=0) / w.sum(axis=0))


def _count(v: Array) -> Array:
    return np.asarray(np.isfinite(v).sum(axis=0, dtype=np.float64))
