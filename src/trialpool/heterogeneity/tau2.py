"""Between-study variance by iteration, and the kernel of every estimator; for one problem (K,) or a batch (B, K).

Every solver works to a relative precision and has no absolute step, so results scale exactly with the data.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from trialpool.heterogeneity.generalised_q import generalised_q_root
from trialpool.heterogeneity.likelihood import ml_kernel, reml_kernel
from trialpool.heterogeneity.moment_estimators import (
    dersimonian_laird,
    dersimonian_laird_kernel,
    dersimonian_laird_two_step_kernel,
    hedges_kernel,
    hunter_schmidt_kernel,
    sidik_jonkman_kernel,
)
from trialpool.numerics.columns import Array, FloatOrArray, Kernel, effect_columns, solve

__all__ = ["TAU2_KERNELS", "dersimonian_laird", "empirical_bayes", "ml", "paule_mandel", "reml"]


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
    return solve(paule_mandel_kernel, effect_columns(y, v))


def empirical_bayes(y: ArrayLike, v: ArrayLike) -> FloatOrArray:
    """Empirical Bayes estimator of Morris (1983, Journal of the American Statistical Association 78:47).

    It solves ``sum w ((y - m)^2 k / (k - 1) - (v + tau2)) = 0`` with ``w = 1 / (v + tau2)``. As ``sum w (v + tau2) = k``, that is
    Paule and Mandel's equation ``sum w (y - m)^2 = k - 1``: the two are one estimator under two names.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)

    Returns
    -------
    float or array of shape (B,)

    Examples
    --------
    >>> round(empirical_bayes([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]), 6)
    0.88689
    """
    return paule_mandel(y, v)


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


def ml(y: ArrayLike, v: ArrayLike) -> FloatOrArray:
    """Maximum likelihood (Hardy & Thompson 1996, Statistics in Medicine 15:619); too small on average with few studies.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)

    Returns
    -------
    float or array of shape (B,)

    Examples
    --------
    >>> round(ml([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]), 6)
    0.589118
    """
    return solve(ml_kernel, effect_columns(y, v))


def paule_mandel_kernel(y: Array, v: Array) -> Array:
    """Paule & Mandel's tau2 of each column of y and v, (K, b)."""
    return generalised_q_root(y, v, np.isfinite(v).sum(axis=0) - 1.0)


TAU2_KERNELS: Mapping[str, Kernel] = {
    "REML": reml_kernel,
    "ML": ml_kernel,
    "DL": dersimonian_laird_kernel,
    "DL2": dersimonian_laird_two_step_kernel,
    "PM": paule_mandel_kernel,
    "EB": paule_mandel_kernel,
    "HE": hedges_kernel,
    "HS": hunter_schmidt_kernel,
    "SJ": sidik_jonkman_kernel,
}
"""The kernel of each estimator, on (K, b) columns."""
