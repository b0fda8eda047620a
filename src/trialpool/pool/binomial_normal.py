"""The binomial-normal model of two counts: random effects on a rate ratio given the events of both arms.

With person-time it is the exact conditional model of the incidence rate ratio. With numbers of participants it is the
approximate conditional model of Stijnen, Hamza & Özdemir (2010, Statistics in Medicine 29:3046): events are taken for
Poisson counts, so that it estimates the log risk ratio, and where events are rare also the log odds ratio.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from trialpool.numerics.conditional_binomial import binomial_splits
from trialpool.pool.conditional_fit import ConditionalFit, ConditionalInterval, fit_conditional, tau2_limits
from trialpool.pool.count_tables import count_tables

__all__ = ["binomial_normal", "binomial_normal_tau2_interval"]


def binomial_normal(
    tables: ArrayLike, *, interval: ConditionalInterval = "profile-likelihood", conf_level: float = 0.95
) -> ConditionalFit:
    """Fit the model to pairs of counts.

    Parameters
    ----------
    tables : array of shape (4, K) or (B, 4, K)
        Treatment events and exposure, control events and exposure; exposure is person-time, or a number of participants.
        Tables without events carry no information and change nothing; zeros throughout mark an empty slot.
    interval : {"profile-likelihood", "wald", "t"}
        The p-value belongs to it: likelihood ratio, z, or t with one degree of freedom less than informative tables.
    conf_level : float

    Returns
    -------
    ConditionalFit
        Of log rate ratios (log risk ratios where exposure is a number of participants).

    Raises
    ------
    NotEstimableError
        One problem that cannot be estimated; in a batch the reason is in the fit.

    Examples
    --------
    >>> fit = binomial_normal([[7, 8, 3], [1344, 1600, 12012], [11, 8, 14], [1988, 1461, 10962]])
    >>> round(fit.estimate, 3), round(fit.tau2, 3)
    (-0.553, 0.207)
    """
    return fit_conditional(count_tables(tables, "time"), binomial_splits, interval, conf_level)


def binomial_normal_tau2_interval(tables: ArrayLike, *, conf_level: float = 0.95) -> tuple[float, float | None]:
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
    >>> low, high = binomial_normal_tau2_interval([[7, 8, 3], [1344, 1600, 12012], [11, 8, 14], [1988, 1461, 10962]])
    >>> low, round(high, 3)
    (0.0, 4.376)
    """
    return tau2_limits(count_tables(tables, "time"), binomial_splits, conf_level)
