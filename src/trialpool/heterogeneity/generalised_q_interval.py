"""Interval for tau2 from the exact distribution of Q (Jackson 2013, Research Synthesis Methods 4:220)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from trialpool.checks import probability
from trialpool.heterogeneity.dersimonian_laird_law import tau2_at_probability
from trialpool.heterogeneity.statistics import require_two_studies
from trialpool.numerics.columns import Array, FloatOrArray, effect_columns, solve

__all__ = ["generalised_q_interval"]


def generalised_q_interval(y: ArrayLike, v: ArrayLike, conf_level: float = 0.95) -> tuple[FloatOrArray, FloatOrArray]:
    """Lower and upper limit of tau2: where Q, with weights ``1 / v``, would be as great or as small with half the error.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)
    conf_level : float

    Returns
    -------
    tuple of float, or of arrays of shape (B,)
        (0, 0) where Q is so small that even tau2 = 0 is rejected: the data vary less than chance would have them.

    Raises
    ------
    NotEstimableError
        A problem has fewer than two studies.

    Examples
    --------
    >>> low, high = generalised_q_interval([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1])
    >>> round(low, 4), round(high, 2)
    (0.1722, 54.33)
    """
    tail = 0.5 * (1.0 - probability("conf_level", conf_level))
    columns = effect_columns(y, v)
    require_two_studies(columns)

    def root_at(below: float) -> FloatOrArray:
        def kernel(some_y: Array, some_v: Array) -> Array:
            return tau2_at_probability(some_y, some_v, np.full(some_y.shape[1], below))

        return solve(kernel, columns)

    return root_at(1.0 - tail), root_at(tail)
