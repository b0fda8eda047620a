"""Cochran's Q, H2 and I2, for one problem (K,) or a batch (B, K)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trialpool.errors import NotEstimableError
from trialpool.numerics.columns import Array, Columns, FloatOrArray, effect_columns, solve

__all__ = [
    "ROUNDING",
    "cochran_q",
    "dispersion",
    "i2_from_q",
    "i2_from_tau2",
    "pairwise_products",
    "require_two_studies",
    "typical_variance",
]

ROUNDING = 1e-24
"""Share of the sum of squares below which Q is nothing but rounding, and all effects are equal."""


def cochran_q(y: ArrayLike, v: ArrayLike) -> FloatOrArray:
    """Weighted sum of squared deviations from the common-effect mean (Cochran 1954, Biometrics 10:101).

    >>> round(cochran_q([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]), 6)
    14.427273
    """
    return solve(lambda some_y, some_v: dispersion(some_y, 1.0 / some_v), effect_columns(y, v))


def typical_variance(v: ArrayLike) -> float:
    """Typical within-study variance of Higgins & Thompson (2002, Statistics in Medicine 21:1539); at least two studies.

    >>> round(typical_variance([0.3, 0.2, 0.1]), 6)
    0.183333
    """
    w = 1.0 / np.asarray(v, dtype=np.float64)
    return float((w.size - 1) * w.sum() / pairwise_products(w))


def i2_from_tau2(tau2: float, typical: float) -> float:
    """Share of the variation that lies between studies, from the estimate of tau2 (Higgins & Thompson 2002).

    >>> i2_from_tau2(0.5, 0.5)
    0.5
    """
    return tau2 / (tau2 + typical)


def i2_from_q(q: float, df: int) -> float:
    """Share of the variation that lies between studies, from Q: ``max(0, (Q - df) / Q)``.

    >>> i2_from_q(20.0, 5)
    0.75
    """
    return max(0.0, (q - df) / q) if q > 0 else 0.0


def pairwise_products(w: Array) -> Array:
    """``(sum w)^2 - sum w^2`` over rows, as twice the products of pairs: the difference would cancel.

    >>> float(pairwise_products(np.array([1.0, 2.0, 3.0])))
    22.0
    """
    return np.asarray(2.0 * (w[1:] * np.cumsum(w, axis=0)[:-1]).sum(axis=0))


def dispersion(y: Array, w: Array) -> Array:
    """Weighted sum of squares about the weighted mean, over rows.

    >>> float(dispersion(np.array([1.0, 3.0]), np.array([1.0, 1.0])))
    2.0
    """
    residual = y - (w * y).sum(axis=0) / w.sum(axis=0)
    return np.asarray((w * residual * residual).sum(axis=0))


def require_two_studies(columns: Columns) -> None:
    """Refuse problems of one study, which say nothing of the variation between studies."""
    if (np.isfinite(columns.v).sum(axis=0) < 2).any():
        raise NotEstimableError("the variation between studies needs at least two studies; a problem has fewer")
