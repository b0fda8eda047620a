"""Between-study variance: one function an estimator, each for one problem (K,) or a batch (B, K).

Every solver works to a relative precision and has no absolute step, so results scale exactly with the data.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trialpool.heterogeneity.generalised_q import generalised_q_root
from trialpool.heterogeneity.restricted_likelihood import reml_kernel
from trialpool.heterogeneity.statistics import pairwise_products
from trialpool.numerics.columns import Array, FloatOrArray, Kernel, effect_columns, solve

__all__ = ["TAU2_KERNELS", "dersimonian_laird", "paule_mandel", "reml"]


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
    return solve(_dersimonian_laird, effect_columns(y, v))


def paule_mandel(y: ArrayLike, v: ArrayLike) -> FloatOrArray:
    """Estimator of Paule & Mandel (1982, Journal of Research of the National Bureau of Standards 87:377).

    The tau2 at which the generalised Q statistic equals its expectation, k - 1; zero if Q is below it at zero.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)

    Returns
    -------
    float or array of shape (B,)

    Examples
    --------
    >>> round(paule_mandel([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]), 6)
    0.88689
    """
    return solve(_paule_mandel, effect_columns(y, v))


def reml(y: ArrayLike, v: ArrayLike) -> FloatOrArray:
    """Restricted maximum likelihood (Viechtbauer 2005, Journal of Educational and Behavioral Statistics 30:261).

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)

    Returns
    -------
    float or array of shape (B,)

    Examples
    --------
    >>> round(reml([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]), 6)
    0.938357
    """
    return solve(reml_kernel, effect_columns(y, v))


def _dersimonian_laird(y: Array, v: Array) -> Array:
    w = 1.0 / v
    total = w.sum(axis=0)
    residual = y - (w * y).sum(axis=0) / total
    q = (w * residual * residual).sum(axis=0)
    df = np.isfinite(v).sum(axis=0) - 1.0
    scale = pairwise_products(w) / total
    # one study: no variation to speak of, and 0 / 0 must not arise
    return np.asarray(np.where(df > 0, np.maximum(0.0, q - df) / np.where(df > 0, scale, 1.0), 0.0))


def _paule_mandel(y: Array, v: Array) -> Array:
    return generalised_q_root(y, v, np.isfinite(v).sum(axis=0) - 1.0)


TAU2_KERNELS: dict[str, Kernel] = {"REML": reml_kernel, "DL": _dersimonian_laird, "PM": _paule_mandel}
"""The kernel of each estimator, on (K, b) columns."""
