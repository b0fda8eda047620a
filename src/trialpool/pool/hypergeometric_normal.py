"""The hypergeometric-normal model: random effects for rare events, without any correction.

Given its margins, each 2x2 table is noncentral hypergeometric; the tables' log odds ratios are normal (van Houwelingen,
Zwinderman & Stijnen 1993, Statistics in Medicine 12:2273; Stijnen, Hamza & Özdemir 2010, Statistics in Medicine 29:3046).
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from trialpool.numerics.noncentral_hypergeometric import conditionals
from trialpool.pool.conditional_fit import ConditionalFit, ConditionalInterval, fit_conditional, tau2_limits
from trialpool.pool.count_tables import count_tables

__all__ = ["hypergeometric_normal", "hypergeometric_normal_tau2_interval"]


def hypergeometric_normal(
    tables: ArrayLike, *, interval: ConditionalInterval = "profile-likelihood", conf_level: float = 0.95
) -> ConditionalFit:
    """Fit the model to 2x2 tables.

    Parameters
    ----------
    tables : array of shape (4, K) or (B, 4, K)
        Treatment events, treatment n, control events, control n; whole numbers. Tables without events, or without
        non-events, in both arms carry no information and change nothing; zeros throughout mark an empty slot.
    interval : {"profile-likelihood", "wald", "t"}
        The p-value belongs to it: likelihood ratio, z, or t with one degree of freedom less than informative tables.
    conf_level : float

    Returns
    -------
    ConditionalFit
        Of log odds ratios.

    Raises
    ------
    NotEstimableError
        One problem that cannot be estimated; in a batch the reason is in the fit.

    Examples
    --------
    >>> import numpy as np
    >>> fit = hypergeometric_normal([[2, 5, 1], [50, 60, 40], [8, 9, 6], [50, 62, 41]])
    >>> round(fit.estimate, 3), fit.tau2
    (-1.135, 0.0)
    """
    return fit_conditional(count_tables(tables, "participants"), conditionals, interval, conf_level)


def hypergeometric_normal_tau2_interval(tables: ArrayLike, *, conf_level: float = 0.95) -> tuple[float, float | None]:
    """Profile-likelihood interval of the between-study variance of one problem; None where it has no upper end.

    Parameters
    ----------
    tables : array of shape (4, K)
    conf_level : float

    Raises
    ------
    NotEstimableError
        The model cannot be fitted.

    Examples
    --------
    >>> low, high = hypergeometric_normal_tau2_interval([[2, 5, 1], [50, 60, 40], [8, 9, 6], [50, 62, 41]])
    >>> low, round(high, 3)
    (0.0, 2.904)
    """
    return tau2_limits(count_tables(tables, "participants"), conditionals, conf_level)
