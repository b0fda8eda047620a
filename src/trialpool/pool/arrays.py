"""Pooling of plain arrays of effects and variances: one problem (K,) or a batch (B, K)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from trialpool.checks import choice, probability
from trialpool.errors import NotEstimableError
from trialpool.heterogeneity.statistics import ROUNDING
from trialpool.heterogeneity.tau2 import TAU2_KERNELS
from trialpool.numerics.columns import Array, Columns, FloatOrArray, effect_columns, solve
from trialpool.pool.methods import INTERVALS, TAU2_ESTIMATORS, Interval, Tau2Estimator

__all__ = ["EQUAL_EFFECTS", "ROUNDING", "ArrayFit", "common_effect", "random_effects"]

EQUAL_EFFECTS = "all effects are equal, so the Hartung-Knapp standard error is zero; use interval='hartung-knapp-safe'"


@dataclass(frozen=True, slots=True)
class ArrayFit:
    """A fit on the working scale; every field is a float, or an array of shape (B,) for a batch.

    ``df`` is infinite where the reference distribution is the normal; ``tau2`` is 0 for common effects.
    """

    estimate: FloatOrArray
    std_error: FloatOrArray
    statistic: FloatOrArray
    df: FloatOrArray
    p_value: FloatOrArray
    conf_low: FloatOrArray
    conf_high: FloatOrArray
    tau2: FloatOrArray


def common_effect(y: ArrayLike, v: ArrayLike, *, conf_level: float = 0.95) -> ArrayFit:
    """Inverse-variance mean with Wald interval.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)
        Effects and variances; ``v = inf`` marks an empty slot.
    conf_level : float

    Returns
    -------
    ArrayFit

    Examples
    --------
    >>> fit = common_effect([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1])
    >>> round(fit.estimate, 6), round(fit.std_error, 6)
    (-0.381818, 0.23355)
    """
    columns = effect_columns(y, v)
    estimate, variance, _ = _weighted_mean(columns, np.zeros(columns.y.shape[1]))
    return _fit(columns, estimate, np.sqrt(variance), None, np.zeros_like(estimate), conf_level)


def random_effects(
    y: ArrayLike,
    v: ArrayLike,
    *,
    tau2: Tau2Estimator = "REML",
    interval: Interval = "hartung-knapp-safe",
    conf_level: float = 0.95,
) -> ArrayFit:
    """Random-effects mean.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)
        Effects and variances; ``v = inf`` marks an empty slot. At least two studies a problem.
    tau2 : {"REML", "ML", "DL", "DL2", "PM", "EB", "HE", "HS", "SJ"}
        Estimator of the between-study variance; see :mod:`trialpool.heterogeneity`.
    interval : {"hartung-knapp-safe", "hartung-knapp", "wald"}
        Hartung & Knapp (2001, Statistics in Medicine 20:1771), with t on k - 1 degrees of freedom; ``safe`` never uses a
        standard error below Wald's (Roever, Knapp & Friede 2015, BMC Medical Research Methodology 15:99).
    conf_level : float

    Returns
    -------
    ArrayFit

    Raises
    ------
    NotEstimableError
        A problem has fewer than two studies, or all effects are equal and ``interval`` is ``hartung-knapp``.

    Examples
    --------
    >>> fit = random_effects([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1], interval="wald")
    >>> round(fit.estimate, 6), round(fit.std_error, 6), round(fit.tau2, 6)
    (-0.659514, 0.614406, 0.938357)
    """
    choice("tau2", tau2, TAU2_ESTIMATORS)
    choice("interval", interval, INTERVALS)
    columns = effect_columns(y, v)
    k = np.isfinite(columns.v).sum(axis=0)
    if (k < 2).any():
        raise NotEstimableError("random effects need at least two studies; a problem has fewer")
    found: Array = solve(TAU2_KERNELS[tau2], Columns(columns.y, columns.v, columns.y.shape[1]))
    estimate, variance, q = _weighted_mean(columns, found)
    if interval == "wald":
        return _fit(columns, estimate, np.sqrt(variance), None, found, conf_level)
    scale = q / (k - 1)
    if interval == "hartung-knapp-safe":
        scale = np.maximum(scale, 1.0)
    elif (q <= ROUNDING * np.add.reduce(columns.y**2 / (columns.v + found))).any():
        raise NotEstimableError(EQUAL_EFFECTS)
    return _fit(columns, estimate, np.sqrt(variance * scale), (k - 1).astype(np.float64), found, conf_level)


def _weighted_mean(columns: Columns, tau2: Array) -> tuple[Array, Array, Array]:
    """Mean, its variance, and Q at the given tau2."""
    w = 1.0 / (columns.v + tau2)
    total = np.add.reduce(w)
    estimate = np.add.reduce(w * columns.y) / total
    residual = columns.y - estimate
    return estimate, 1.0 / total, np.add.reduce(w * residual * residual)


def _fit(
    columns: Columns, estimate: Array, std_error: Array, df: Array | None, tau2: Array, conf_level: float
) -> ArrayFit:
    upper_tail = 0.5 * (1.0 - probability("conf_level", conf_level))
    statistic = estimate / std_error
    lower = -np.abs(statistic)
    critical = -ndtri(upper_tail) if df is None else -stdtrit(df, upper_tail)
    p_value = 2.0 * (ndtr(lower) if df is None else stdtr(df, lower))
    half = critical * std_error
    dfs = np.full(estimate.size, np.inf) if df is None else df
    values = (estimate, std_error, statistic, dfs, p_value, estimate - half, estimate + half, tau2)
    return ArrayFit(*(columns.restore(value) for value in values))
