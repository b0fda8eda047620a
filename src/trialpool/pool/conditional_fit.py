"""Random effects on the log ratios of tables given their margins: from counts to estimate, interval and test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from trialpool.checks import choice, probability
from trialpool.errors import OptionError
from trialpool.numerics.columns import FloatOrArray
from trialpool.numerics.distributions import chi2_quantile
from trialpool.numerics.marginal_likelihood import Mixtures
from trialpool.numerics.ragged import Index
from trialpool.pool.count_tables import CountTables
from trialpool.pool.infinite_ratio import MakeFamily, infinite_reasons
from trialpool.pool.normal_mixture import Maxima, maximise, profile_limits, tau2_interval, why_not

__all__ = ["INTERVALS", "ConditionalFit", "ConditionalInterval", "fit_conditional", "tau2_limits"]

Array = NDArray[np.float64]
ConditionalInterval = Literal["profile-likelihood", "wald", "t"]
INTERVALS: tuple[ConditionalInterval, ...] = get_args(ConditionalInterval)

_BLOCK = 800  # tables of a block, for work arrays that stay in the cache
_ONE_TABLE = "one study alone has events and non-events: it says nothing of the between-study variance; use an exact common effect"
_OPEN = "the profile likelihood does not fall far enough: the interval has no {end} limit"
_UNSETTLED = "the search for the limits of the profile likelihood did not settle"


@dataclass(frozen=True, slots=True)
class ConditionalFit:
    """Maximum likelihood fit on the log scale: floats for one problem, arrays of shape (B,) for a batch.

    Attributes
    ----------
    estimate, std_error, tau2, log_likelihood
        At the maximum; the standard error is from the observed information.
    conf_low, conf_high, p_value
        Of the interval asked for. Where the profile likelihood never falls far enough a limit is None (NaN in a batch).
    df
        Degrees of freedom of ``interval="t"``; infinite otherwise.
    tau2_statistic, tau2_p_value
        Likelihood ratio test of tau2 = 0, its p-value from half chi-square, half 0 (Self & Liang 1987, Journal of the
        American Statistical Association 82:605).
    k_informative
        Tables that carry information.
    information : array of shape (K,) or (B, K)
        Fisher information of each table on its own log ratio, at the estimate; 0 where a table carries none.
    weights : array of shape (K,) or (B, K)
        Share of ``1 / (1 / information + tau2)``: what inverse-variance weights would be with the same information.
    open_interval : str or tuple of str
        Why a limit is missing; empty where both are there.
    reasons : str or tuple of str
        Why a problem of a batch has no estimate; its numbers are NaN. Empty where it has one.
    """

    estimate: FloatOrArray
    std_error: FloatOrArray
    tau2: FloatOrArray
    conf_low: FloatOrArray
    conf_high: FloatOrArray
    p_value: FloatOrArray
    df: FloatOrArray
    log_likelihood: FloatOrArray
    tau2_statistic: FloatOrArray
    tau2_p_value: FloatOrArray
    k_informative: FloatOrArray
    information: Array
    weights: Array
    open_interval: str | tuple[str, ...]
    reasons: str | tuple[str, ...]


def fit_conditional(
    counts: CountTables, family: MakeFamily, interval: ConditionalInterval, conf_level: float
) -> ConditionalFit:
    """Fit every problem that can be fitted."""
    choice("interval", interval, INTERVALS)
    level = probability("conf_level", conf_level)
    reasons = _reasons(counts, family, level)
    out = np.full((10, counts.size.size), np.nan)
    rows_used, information, weights = [], [], []
    for block in counts.blocks(np.flatnonzero([not reason for reason in reasons]), _BLOCK):
        problems, rows = block, counts.rows(block)
        mixtures = Mixtures.of(family(counts.tables[:, rows]), counts.size[problems])
        maxima = maximise(mixtures)
        for problem, reason in zip(problems, why_not(maxima), strict=True):
            reasons[problem] = reason
        good = np.flatnonzero([not reasons[problem] for problem in problems])
        if good.size < problems.size:
            rows, problems = rows[mixtures.rows(good)], problems[good]
            mixtures, maxima = mixtures.take(good), maxima.take(good)
        if good.size == 0:
            continue
        out[:, problems] = _numbers(mixtures, maxima, interval, level)
        by_table = mixtures.family.moments(maxima.theta[mixtures.owner, None])[2][:, 0]
        spread = 1.0 / (1.0 / np.maximum(by_table, 1e-300) + maxima.tau2[mixtures.owner])
        rows_used.append(rows)
        information.append(by_table)
        weights.append(spread / mixtures.total(spread)[mixtures.owner])
    why = counts.reason(reasons)
    return _fit(counts, out, (rows_used, information, weights), why)


def _reasons(counts: CountTables, family: MakeFamily, conf_level: float) -> list[str]:
    reasons = infinite_reasons(counts, family, conf_level)
    return [reason or (_ONE_TABLE if k == 1 else "") for reason, k in zip(reasons, counts.size, strict=True)]


def _numbers(mixtures: Mixtures, maxima: Maxima, interval: ConditionalInterval, level: float) -> Array:
    """Estimate, standard error, tau2, limits, p-value, df, log likelihood and the test of tau2, by row."""
    df = np.full(len(mixtures), np.inf)
    if interval == "profile-likelihood":
        limits = profile_limits(mixtures, maxima, chi2_quantile(1.0 - level, 1))
        low, high = (np.where(limits.settled, limit, np.nan) for limit in (limits.low, limits.high))
        p_value = chdtrc(1.0, np.maximum(0.0, 2.0 * (maxima.log_likelihood - limits.null)))
    else:
        statistic = -np.abs(maxima.theta / maxima.std_error)
        if interval == "t":
            df = mixtures.size - 1.0
            critical, p_value = -stdtrit(df, 0.5 * (1.0 - level)), 2.0 * stdtr(df, statistic)
        else:
            critical, p_value = -ndtri(0.5 * (1.0 - level)), 2.0 * ndtr(statistic)
        low, high = maxima.theta - critical * maxima.std_error, maxima.theta + critical * maxima.std_error
    ratio = np.where(maxima.tau2 > 0, np.maximum(0.0, 2.0 * (maxima.log_likelihood - maxima.common)), 0.0)
    tau2_p_value = np.where(ratio > 0, 0.5 * chdtrc(1.0, ratio), 1.0)
    head = (maxima.theta, maxima.std_error, maxima.tau2, low, high, p_value)
    return np.stack([*head, df, maxima.log_likelihood, ratio, tau2_p_value])


def _fit(
    counts: CountTables, out: Array, by_table: tuple[list[Index], list[Array], list[Array]], why: str | tuple[str, ...]
) -> ConditionalFit:
    rows = np.concatenate(by_table[0]) if by_table[0] else np.empty(0, dtype=np.intp)
    information, weights = (np.concatenate(x) if x else np.empty(0) for x in by_table[1:])
    ends = ["" if np.isnan(estimate) else _open_end(low, high) for estimate, low, high in out[[0, 3, 4]].T]
    out[3:5] = np.where(np.isinf(out[3:5]), np.nan, out[3:5])
    estimate, std_error, tau2, low, high, p_value, df, log_likelihood, ratio, tau2_p = (counts.restore(x) for x in out)
    if not counts.batch:
        low, high = (None if np.isnan(x) else x for x in (low, high))
    return ConditionalFit(
        estimate,
        std_error,
        tau2,
        low,
        high,
        p_value,
        df,
        log_likelihood,
        ratio,
        tau2_p,
        counts.size if counts.batch else int(counts.size[0]),
        counts.by_slot(information, rows),
        counts.by_slot(weights, rows),
        tuple(ends) if counts.batch else ends[0],
        why,
    )


def _open_end(low: float, high: float) -> str:
    if np.isnan(low):
        return _UNSETTLED
    ends = [end for end, value in (("lower", low), ("upper", high)) if np.isinf(value)]
    return _OPEN.format(end=" and no ".join(ends)) if ends else ""


def tau2_limits(counts: CountTables, family: MakeFamily, conf_level: float) -> tuple[float, float | None]:
    """Profile-likelihood interval of tau2 of one problem; None where it has no upper end."""
    level = probability("conf_level", conf_level)
    if counts.batch:
        raise OptionError("the interval of tau2 is for one problem: give tables of shape (4, K)")
    counts.reason(_reasons(counts, family, level))
    mixtures = Mixtures.of(family(counts.tables), counts.size)
    maxima = maximise(mixtures)
    counts.reason(why_not(maxima))
    low, high = tau2_interval(mixtures, maxima, chi2_quantile(1.0 - level, 1))
    return low, None if np.isinf(high) else high
