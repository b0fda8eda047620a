"""Exact conditional inference on a common odds ratio, or on a common rate ratio.

Given the margins of every table, the sum of the treatment events is sufficient for the common ratio. Its distribution is the
convolution of the tables' noncentral hypergeometric (or binomial) distributions (Mehta, Patel & Gray 1985, Journal of the
American Statistical Association 80:969); no correction and no large numbers are needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialpool.checks import probability
from trialpool.numerics.columns import FloatOrArray
from trialpool.numerics.conditional_binomial import binomial_splits
from trialpool.numerics.marginal_likelihood import Mixtures
from trialpool.numerics.noncentral_hypergeometric import conditionals
from trialpool.numerics.sum_distribution import sum_distribution
from trialpool.numerics.tilted_tails import exact_inference
from trialpool.pool.count_tables import CountTables, count_tables
from trialpool.pool.infinite_ratio import MakeFamily, infinite_reasons

__all__ = [
    "ExactFit",
    "exact_common_odds_ratio",
    "exact_common_rate_ratio",
    "minimum_likelihood_p_value",
]

Array = NDArray[np.float64]

_BLOCK = 4000  # tables whose distributions are held at a time


@dataclass(frozen=True, slots=True)
class ExactFit:
    """Conditional maximum likelihood estimate with its exact interval, as log ratios; arrays (B,) for a batch.

    ``std_error`` is from the conditional information, ``information`` (K,) or (B, K) that of each table; ``reasons`` says
    why a problem of a batch has no estimate (its numbers are NaN), and is empty where it has one.
    """

    estimate: FloatOrArray
    std_error: FloatOrArray
    conf_low: FloatOrArray
    conf_high: FloatOrArray
    p_value: FloatOrArray
    information: Array
    reasons: str | tuple[str, ...]


def exact_common_odds_ratio(tables: ArrayLike, *, mid_p: bool = True, conf_level: float = 0.95) -> ExactFit:
    """Conditional maximum likelihood estimate of a common odds ratio, with exact or mid-P interval.

    Parameters
    ----------
    tables : array of shape (4, K) or (B, 4, K)
        Treatment events, treatment n, control events, control n; whole numbers. Tables without events, or without
        non-events, in both arms carry no information and change nothing; zeros throughout mark an empty slot.
    mid_p : bool
        Count half of the probability of the observed sum (Lancaster 1961); exact limits are conservative.
    conf_level : float

    Returns
    -------
    ExactFit
        The p-value is twice the smaller tail, so that it agrees with the interval.

    Raises
    ------
    NotEstimableError
        The sum of treatment events is at an end of its range, so that the estimate is infinite; the message gives the
        one-sided limit. In a batch that is the problem's reason.

    Examples
    --------
    >>> import math
    >>> fit = exact_common_odds_ratio([[2, 5], [50, 60], [8, 9], [50, 62]])
    >>> round(math.exp(fit.estimate), 3)
    0.383
    """
    return _exact(count_tables(tables, "participants"), conditionals, mid_p, conf_level)


def exact_common_rate_ratio(tables: ArrayLike, *, mid_p: bool = True, conf_level: float = 0.95) -> ExactFit:
    """The same for a common ratio of two Poisson rates: given the events of both arms, those of one are binomial.

    Parameters
    ----------
    tables : array of shape (4, K) or (B, 4, K)
        Treatment events, treatment person-time, control events, control person-time.
    mid_p, conf_level
        As in :func:`exact_common_odds_ratio`.

    Returns
    -------
    ExactFit

    Raises
    ------
    NotEstimableError
        No events in any treatment arm, or in any control arm.

    Examples
    --------
    >>> import math
    >>> fit = exact_common_rate_ratio([[7, 8], [1344, 1600], [11, 8], [1988, 1461]])
    >>> round(math.exp(fit.estimate), 4)
    0.9276
    """
    return _exact(count_tables(tables, "time"), binomial_splits, mid_p, conf_level)


def minimum_likelihood_p_value(tables: ArrayLike) -> float:
    """Two-sided exact p-value of a common odds ratio of 1: all sums that are no more probable than the observed one.

    The p-value of Fisher's test and of R's ``mantelhaen.test(exact=TRUE)``; it may disagree with the exact interval. Right
    to 1e-15, absolute.

    Parameters
    ----------
    tables : array of shape (4, K)

    Examples
    --------
    >>> round(minimum_likelihood_p_value([[2, 5], [50, 60], [8, 9], [50, 62]]), 4)
    0.0506
    """
    family = conditionals(count_tables(tables, "participants").tables)
    low, probabilities = (
        sum_distribution(family.distributions(np.zeros(len(family)))) if len(family) else (0.0, np.ones(1))
    )
    observed = probabilities[round(-low)] if 0 <= -low < probabilities.size else 0.0
    return min(1.0, float(probabilities[probabilities <= observed * (1 + 1e-7)].sum()))


def _exact(counts: CountTables, make: MakeFamily, mid_p: bool, conf_level: float) -> ExactFit:
    level = probability("conf_level", conf_level)
    reasons = infinite_reasons(counts, make, level)
    out = np.full((5, counts.size.size), np.nan)
    every_row, information = [np.empty(0, dtype=np.intp)], [np.empty(0)]
    for problems in counts.blocks(np.flatnonzero([not reason for reason in reasons]), _BLOCK):
        rows = counts.rows(problems)
        mixtures = Mixtures.of(make(counts.tables[:, rows]), counts.size[problems])
        out[:, problems], by_table = exact_inference(mixtures, 0.5 if mid_p else 1.0, level)
        every_row.append(rows)
        information.append(by_table)
    why = counts.reason(reasons)
    by_slot = counts.by_slot(np.concatenate(information), np.concatenate(every_row))
    estimate, std_error, low, high, p_value = (counts.restore(x) for x in out)
    return ExactFit(estimate, std_error, low, high, p_value, by_slot, why)
