"""Profile-likelihood interval for tau2 (Hardy & Thompson 1996, Statistics in Medicine 15:619)."""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from trialpool.checks import choice, probability
from trialpool.heterogeneity.likelihood import (
    equal_ratio_grid,
    log_likelihood,
    ml_kernel,
    reml_kernel,
    score,
    score_bound,
)
from trialpool.heterogeneity.statistics import require_two_studies
from trialpool.numerics.bracketed_newton import bracketed_newton
from trialpool.numerics.columns import Array, FloatOrArray, Mask, columns_to_keep, effect_columns, solve
from trialpool.numerics.distributions import chi2_quantile

__all__ = ["profile_likelihood_interval"]

_KERNELS = {"REML": reml_kernel, "ML": ml_kernel}


def profile_likelihood_interval(
    y: ArrayLike, v: ArrayLike, conf_level: float = 0.95, *, likelihood: Literal["REML", "ML"] = "REML"
) -> tuple[FloatOrArray, FloatOrArray]:
    """Lower and upper limit of tau2: where twice the log likelihood has fallen by the chi-square quantile on 1 df.

    The lower limit is 0 where the likelihood there is within that distance of the maximum. Both limits always exist: with two
    studies or more either likelihood falls without end as tau2 grows. Where a likelihood has several maxima the limits are the
    outermost.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)
    conf_level : float
    likelihood : {"REML", "ML"}
        Restricted or full.

    Returns
    -------
    tuple of float, or of arrays of shape (B,)

    Raises
    ------
    NotEstimableError
        A problem has fewer than two studies.

    Examples
    --------
    >>> low, high = profile_likelihood_interval([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1])
    >>> round(low, 4), round(high, 2)
    (0.1012, 18.85)
    """
    choice("likelihood", likelihood, tuple(_KERNELS))
    cut = 0.5 * chi2_quantile(1.0 - probability("conf_level", conf_level), 1)
    columns = effect_columns(y, v)
    require_two_studies(columns)
    lower, upper = (partial(limit, likelihood=likelihood, cut=cut) for limit in (_lower_limit, _upper_limit))
    return solve(lower, columns), solve(upper, columns)


def _lower_limit(y: Array, v: Array, *, likelihood: str, cut: float) -> Array:
    tau2, level, grid, outside = _outline(y, v, likelihood, cut)
    limit = np.zeros(tau2.size)
    some = columns_to_keep(outside[0])
    if some.size:
        high = np.minimum(tau2, np.where(outside, np.inf, grid).min(axis=0))
        low = np.where(outside & (grid < high), grid, 0.0).max(axis=0)
        columns = np.ascontiguousarray(y[:, some]), np.ascontiguousarray(v[:, some]), level[some]
        limit[some] = _crossing(columns, low[some], high[some], likelihood, sign=-1.0)
    return limit


def _upper_limit(y: Array, v: Array, *, likelihood: str, cut: float) -> Array:
    tau2, level, grid, outside = _outline(y, v, likelihood, cut)
    low = np.maximum(tau2, np.where(outside, 0.0, grid).max(axis=0))
    high = np.where(outside & (grid > low), grid, np.inf).min(axis=0)
    return _crossing((y, v, level), low, high, likelihood, sign=1.0)


def _outline(y: Array, v: Array, likelihood: str, cut: float) -> tuple[Array, Array, Array, Mask]:
    """The estimate; the log likelihood at the limits; a grid of tau2 to beyond them; which of its points lie outside.

    Beyond the bound on the score's roots the likelihood only falls, so doubling finds a point outside.
    """
    restricted = likelihood == "REML"
    tau2 = _KERNELS[likelihood](y, v)
    level = log_likelihood(y, v, tau2, restricted=restricted) - cut
    top = np.maximum(score_bound(y, v)[0], np.minimum.reduce(v))
    inside = np.ones(top.size, dtype=np.bool_)
    while inside.any():
        inside = log_likelihood(y, v, top, restricted=restricted) >= level
        top = np.where(inside, 2.0 * top, top)
    grid = equal_ratio_grid(v, top)
    outside = np.array([log_likelihood(y, v, at, restricted=restricted) < level for at in grid])
    return tau2, level, grid, outside


def _crossing(columns: tuple[Array, Array, Array], low: Array, high: Array, likelihood: str, *, sign: float) -> Array:
    """Where ``sign`` times the log likelihood falls to ``sign`` times its level, which it does between low and high."""
    restricted = likelihood == "REML"

    def evaluate(tau2: Array, y: Array, v: Array, level: Array) -> tuple[Array, Array]:
        above = log_likelihood(y, v, tau2, restricted=restricted) - level
        slope = score(y, v, tau2, restricted=restricted)
        falling = sign * slope < 0
        return sign * above, np.where(falling, -above / np.where(falling, slope, 1.0), np.nan)

    resolution = 1e-7 * np.minimum.reduce(columns[1])
    return bracketed_newton(evaluate, columns, low, high, start=0.5 * (low + high), resolution=resolution)
