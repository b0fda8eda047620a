"""Prediction interval by the confidence distribution of tau2 (Nagashima, Noma & Furukawa 2019).

The confidence distribution ``H(tau2) = P(Q >= Q observed; tau2)`` is exact: it starts with the mass H(0) at tau2 = 0. The effect
of a new trial is distributed as ``m(tau2) + Z tau - T s(tau2)``, with tau2 drawn from H, Z standard normal, T from t on k - 1
degrees of freedom, m the mean with weights ``1 / (v + tau2)``, and ``s^2 = sum w (y - m)^2 / ((k - 1) sum w)`` its variance
after Hartung (1999). The authors draw; here the distribution function is a mixture of normal ones, by trapezoidal rules in the
logarithms of tau2 and of the chi-square inside T, and its quantiles are solved for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtr, chdtrc, chdtri, gammaincinv, ndtr

from trialpool.checks import probability
from trialpool.errors import NotEstimableError, OptionError
from trialpool.heterogeneity.dersimonian_laird_law import q_law, tau2_at_probability
from trialpool.heterogeneity.statistics import ROUNDING, dispersion
from trialpool.numerics.columns import Array, effect_columns
from trialpool.numerics.roots import increasing_root

__all__ = ["confidence_distribution_interval"]

_NEGLIGIBLE = 1e-9
"""Probability cut off at either end of an integral."""

_LOG_STEP = 0.27  # between values of tau2, at most
_FEWEST_NODES = 48
_CHI2_NODES = 80


def confidence_distribution_interval(y: ArrayLike, v: ArrayLike, conf_level: float = 0.95) -> tuple[float, float]:
    """Prediction limits of Nagashima, Noma & Furukawa (2019, Statistical Methods in Medical Research 28:1689).

    Parameters
    ----------
    y, v : array of shape (K,)
        Effects and variances of at least three studies.
    conf_level : float

    Returns
    -------
    tuple of float

    Raises
    ------
    NotEstimableError
        Fewer than three studies, or all effects are equal.
    OptionError
        More than one problem.

    Examples
    --------
    >>> low, high = confidence_distribution_interval([-0.9, -1.6, 0.4, -0.2], [0.3, 0.2, 0.1, 0.2])
    >>> round(low, 3), round(high, 3)
    (-3.858, 2.738)
    """
    upper = 0.5 * (1.0 + probability("conf_level", conf_level))
    columns = effect_columns(y, v)
    if columns.batch is not None:
        raise OptionError(
            "the confidence-distribution prediction interval is of one problem: give arrays of shape (K,)"
        )
    full = np.isfinite(columns.v[:, 0])
    effects, variances = columns.y[full, 0], columns.v[full, 0]
    if effects.size < 3:
        raise NotEstimableError("the confidence-distribution prediction interval needs at least three studies")
    if dispersion(effects, 1 / variances) <= ROUNDING * (effects**2 / variances).sum():
        raise NotEstimableError(
            "all effects are equal, so the confidence-distribution prediction interval has no width"
        )
    return _mixture(effects, variances).quantiles(1.0 - upper, upper)


@dataclass(frozen=True, slots=True)
class _Mixture:
    """Of normal distributions: ``mean`` (N, 1), ``deviation`` and ``weight`` (N, M); the weights sum to 1."""

    mean: Array
    deviation: Array
    weight: Array

    def quantiles(self, low: float, high: float) -> tuple[float, float]:
        centre = float((self.mean * self.weight).sum())
        scale = math.exp(float((np.log(self.deviation) * self.weight).sum()))

        def quantile(probability: float) -> float:
            return centre + scale * increasing_root(lambda x: self._cdf(centre + scale * x) - probability)

        return quantile(low), quantile(high)

    def _cdf(self, x: float) -> float:
        return float((self.weight * ndtr((x - self.mean) / self.deviation)).sum())


def _mixture(y: Array, v: Array) -> _Mixture:
    """Of the effect of a new trial, over tau2 (rows) and the chi-square inside T (columns)."""
    df = y.size - 1.0
    tau2, tau2_weight = _tau2_nodes(y, v)
    chi2, chi2_weight = _chi2_nodes(df)
    w = 1.0 / (v[:, None] + tau2)
    total = w.sum(axis=0)
    mean = (w * y[:, None]).sum(axis=0) / total
    residual = y[:, None] - mean
    variance = (w * residual * residual).sum(axis=0) / (df * total)
    deviation = np.sqrt(tau2[:, None] + variance[:, None] * (df / chi2))
    return _Mixture(mean[:, None], deviation, tau2_weight[:, None] * chi2_weight)


def _tau2_nodes(y: Array, v: Array) -> tuple[Array, Array]:
    """Values of tau2, 0 first, and their weights in the confidence distribution."""
    df = y.size - 1.0
    q = float(dispersion(y, 1.0 / v))
    above_zero = float(chdtr(df, q))
    if above_zero <= 2.0 * _NEGLIGIBLE:
        return np.zeros(1), np.ones(1)
    ends = tau2_at_probability(
        np.repeat(y[:, None], 2, axis=1),
        np.repeat(v[:, None], 2, axis=1),
        np.array([above_zero - _NEGLIGIBLE, _NEGLIGIBLE]),
    )
    tau2 = np.geomspace(ends[0], ends[1], max(_FEWEST_NODES, math.ceil(np.log(ends[1] / ends[0]) / _LOG_STEP)))
    _, slope = q_law(np.full(tau2.size, q), np.repeat(v[:, None], tau2.size, axis=1), tau2)
    weight = np.maximum(-slope, 0.0) * tau2
    return np.append(0.0, tau2), np.append(float(chdtrc(df, q)), weight * (above_zero / weight.sum()))


def _chi2_nodes(df: float) -> tuple[Array, Array]:
    """Values of a chi-square, in equal ratios, and their weights."""
    lowest, highest = 2.0 * gammaincinv(0.5 * df, _NEGLIGIBLE), chdtri(df, _NEGLIGIBLE)
    chi2 = np.geomspace(lowest, highest, _CHI2_NODES)
    log_weight = 0.5 * (df * np.log(chi2) - chi2)
    weight = np.exp(log_weight - log_weight.max())
    return chi2, weight / weight.sum()
