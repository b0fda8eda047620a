"""Quantiles and tails of the four reference distributions; tails are computed as tails, never as 1 - cdf."""

from __future__ import annotations

from scipy.special import chdtrc, chdtri, fdtrc, ndtr, ndtri, stdtr, stdtrit

__all__ = ["chi2_quantile", "chi2_tail", "f_tail", "quantile", "two_sided_p_value"]


def quantile(conf_level: float, df: float | None) -> float:
    """Two-sided critical value of t with ``df`` degrees of freedom, or of the normal if ``df`` is None.

    >>> round(quantile(0.95, None), 6)
    1.959964
    >>> round(quantile(0.95, 12), 6)
    2.178813
    """
    upper = 0.5 * (1.0 - conf_level)
    return float(-ndtri(upper)) if df is None else float(-stdtrit(df, upper))


def two_sided_p_value(statistic: float, df: float | None) -> float:
    """Probability of a value at least as far from zero.

    >>> round(two_sided_p_value(1.959964, None), 6)
    0.05
    """
    lower = -abs(statistic)
    return float(2.0 * (ndtr(lower) if df is None else stdtr(df, lower)))


def chi2_tail(value: float, df: float) -> float:
    """Upper tail of chi-square."""
    return float(chdtrc(df, value))


def chi2_quantile(upper_tail: float, df: float) -> float:
    """Value whose upper tail is ``upper_tail``.

    >>> round(chi2_quantile(0.05, 1), 6)
    3.841459
    """
    return float(chdtri(df, upper_tail))


def f_tail(value: float, df_numerator: float, df_denominator: float) -> float:
    """Upper tail of F."""
    return float(fdtrc(df_numerator, df_denominator, value))
