"""Q-profile interval for tau2 (Viechtbauer 2007, Statistics in Medicine 26:37)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri

from trialpool.checks import probability
from trialpool.heterogeneity.generalised_q import generalised_q_root
from trialpool.heterogeneity.statistics import require_two_studies
from trialpool.numerics.columns import Array, FloatOrArray, effect_columns, solve

__all__ = ["q_profile"]


def q_profile(y: ArrayLike, v: ArrayLike, conf_level: float = 0.95) -> tuple[FloatOrArray, FloatOrArray]:
    """Lower and upper limit of tau2: where Q(tau2) meets the chi-square quantiles with k - 1 degrees of freedom.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)
    conf_level : float

    Returns
    -------
    tuple of float, or of arrays of shape (B,)
        (0, 0) where Q at tau2 = 0 is below its lower quantile: the data vary less than chance would have them.

    Raises
    ------
    NotEstimableError
        A problem has fewer than two studies.

    Examples
    --------
    >>> low, high = q_profile([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1])
    >>> round(low, 4), round(high, 3)
    (0.1363, 40.54)
    """
    tail = 0.5 * (1.0 - probability("conf_level", conf_level))
    columns = effect_columns(y, v)
    require_two_studies(columns)

    def root_at(upper_tail: float) -> FloatOrArray:
        def kernel(some_y: Array, some_v: Array) -> Array:
            return generalised_q_root(some_y, some_v, chdtri(np.isfinite(some_v).sum(axis=0) - 1.0, upper_tail))

        return solve(kernel, columns)

    return root_at(tail), root_at(1.0 - tail)
