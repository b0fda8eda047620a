"""The distribution of Cochran's Q with weights 1 / v when the between-study variance is tau2 (Jackson 2013).

It depends on the effects by nothing but Q, and falls in tau2: Q is chi-square on k - 1 degrees of freedom at tau2 = 0, and
between ``1 + tau2 w`` times that for the least and for the greatest weight elsewhere.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtri, gammaincinv

from trialpool.heterogeneity.statistics import dispersion
from trialpool.numerics.bracketed_newton import bracketed_newton
from trialpool.numerics.columns import Array, columns_to_keep
from trialpool.numerics.weighted_dispersion import dispersion_law

__all__ = ["q_law", "tau2_at_probability"]

_LONGEST = 50.0  # step in the logarithm of tau2


def q_law(q: Array, v: Array, tau2: Array) -> tuple[Array, Array]:
    """P(Q <= q) at the given tau2, and its derivative in tau2.

    Parameters
    ----------
    q, tau2 : arrays of shape (b,)
    v : array of shape (K, b)

    Returns
    -------
    tuple of arrays of shape (b,)
    """
    w = 1.0 / v
    return dispersion_law(q, w, np.isfinite(v) + tau2 * w)


def tau2_at_probability(y: Array, v: Array, probability: Array) -> Array:
    """The tau2 at which P(Q <= Q observed) has fallen to ``probability``, by column; 0 where it is no more at zero.

    Parameters
    ----------
    y, v : arrays of shape (K, b)
        At least two studies a column.
    probability : array of shape (b,)

    Returns
    -------
    array of shape (b,)
    """
    w = 1.0 / v
    q = dispersion(y, w)
    full = np.isfinite(v)
    excess = q / _chi2_quantile(probability, full.sum(axis=0) - 1.0) - 1.0
    tau2 = np.zeros(q.size)
    some = columns_to_keep(excess > 0)
    if some.size:
        lower = (excess / w.max(axis=0))[some]
        upper = (excess / np.where(full, w, np.inf).min(axis=0))[some]
        # rounding must not leave the root of equal weights outside
        tau2[some] = bracketed_newton(
            _fall,
            (q[some], np.ascontiguousarray(v[:, some]), probability[some]),
            lower * (1.0 - 1e-9),
            upper * (1.0 + 1e-9),
            start=np.sqrt(lower * upper),
            resolution=np.zeros(some.size),
        )
    return tau2


def _fall(tau2: Array, q: Array, v: Array, probability: Array) -> tuple[Array, Array]:
    """Positive before the root; Newton's step for the logarithm of the smaller tail in the logarithm of tau2."""
    below, slope = q_law(q, v, tau2)
    tail = np.where(probability < 0.5, below, 1.0 - below)
    target = np.where(probability < 0.5, probability, 1.0 - probability)
    slope = np.where(probability < 0.5, slope, -slope)
    ratio = np.log(np.where(tail > 0, tail, target) / target)
    gap, fall = ratio * tail, slope * tau2
    usable = (tail > 0) & (fall != 0) & (np.abs(gap) <= _LONGEST * np.abs(fall))
    step = tau2 * np.expm1(-np.where(usable, gap, 0.0) / np.where(usable, fall, 1.0))
    return below - probability, np.where(usable, step, np.nan)


def _chi2_quantile(probability: Array, df: Array) -> Array:
    """By the smaller tail, which has the more digits."""
    lower, upper = 2.0 * gammaincinv(0.5 * df, probability), chdtri(df, 1.0 - probability)
    return np.asarray(np.where(probability < 0.5, lower, upper))
