"""Q-profile interval for tau2 (Viechtbauer 2007, Statistics in Medicine 26:37)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trialpool.checks import probability
from trialpool.heterogeneity.generalised_q import generalised_q_root
from trialpool.numerics.columns import Array, FloatOrArray, effect_columns, solve
from trialpool.numerics.distributions import chi2_quantile

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

    Examples
    --------
    >>> low, high = q_profile([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1])
    >>> round(low, 4), round(high, 3)
    (0.1363, 40.54)
    """
    probability("conf_level", conf_level)
    columns = effect_columns(y, v)
    tail = 0.5 * (1.0 - conf_level)

    def root_at(upper_tail: float) -> FloatOrArray:
        def kernel(some_y: Array, some_v: Array) -> Array:
            dfs = np.isfinite(some_v).sum(axis=0) - 1
            target = {int(df): chi2_quantile(upper_tail, int(df)) if df > 0 else 0.0 for df in np.unique(dfs)}
            return generalised_q_root(some_y, some_v, np.array([target[int(df)] for df in dfs]))

        return solve(kernel, columns)

    return root_at(tail), root_at(1.0 - tail)
