"""What each method says of a data set: estimate, standard error and 95 % limits of the log odds ratio, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from trialpool.choices import REGRESSION_INTERVALS
from trialpool.errors import NotEstimableError
from trialpool.numerics.distributions import quantile
from trialpool.pool.hypergeometric_normal import hypergeometric_normal
from trialpool.pool.interval_censored import interval_censored_binomial
from trialpool.pool.interval_censored_contrasts import BoundedContrast, pool_interval_censored
from trialpool.pool.interval_censored_method import CensoredLikelihood, IntervalCensored
from trialpool.trials.bounds import Completion, complete

__all__ = ["METHODS", "Numbers", "answers"]

Array = NDArray[np.float64]
Contrasts = Sequence[BoundedContrast]
Numbers = tuple[float, float, float, float]
"""Estimate, standard error, lower and upper limit; NaN where there is none."""

NOTHING: Numbers = (np.nan,) * 4
CONF_LEVEL = 0.95

METHODS = (
    "listed only",
    "not listed taken as zero",
    "best and worst case",
    "binomial, profile",
    "binomial, Wald",
    "binomial, t",
    "hypergeometric, profile",
    "hypergeometric, Wald",
    "hypergeometric, t",
)
"""Listed only: hypergeometric-normal model with its profile-likelihood interval. Zero: logistic model with random intercepts,
Wald. Best and worst case: from the lowest to the highest limit of the hypergeometric-normal model, every count within bounds
at one end of them; the estimate is midway. Then the two likelihoods, with k - 1 degrees of freedom for t, k being the trials
that the likelihood depends on."""


def answers(contrasts: Contrasts) -> Mapping[str, Numbers]:
    """What all methods say."""
    listed = [c for c in contrasts if all(piece.exact for piece in (*c[0], *c[1]))]
    found: dict[str, Numbers] = {
        "listed only": _or_nothing(lambda: _conditional(_tables(listed, "low"))),
        "not listed taken as zero": _or_nothing(lambda: _zero(contrasts)),
        "best and worst case": _or_nothing(lambda: _extremes(contrasts)),
    }
    for likelihood in ("binomial", "hypergeometric"):
        found |= _likelihood(contrasts, likelihood)
    return found


def _or_nothing(method: Callable[[], Numbers]) -> Numbers:
    try:
        return method()
    except NotEstimableError:
        return NOTHING


def _tables(contrasts: Contrasts, completion: Completion) -> Array:
    if not contrasts:
        raise NotEstimableError("no listed trial")
    return np.array([complete(treatment, control, completion) for treatment, control, _ in contrasts], dtype=float).T


def _conditional(tables: Array) -> Numbers:
    fit = hypergeometric_normal(tables)
    if fit.conf_low is None or fit.conf_high is None:
        raise NotEstimableError("an open interval")
    return float(fit.estimate), float(fit.std_error), float(fit.conf_low), float(fit.conf_high)


def _zero(contrasts: Contrasts) -> Numbers:
    a, n1, c, n2 = _tables(contrasts, "low")
    events, n = np.stack([a, c]).ravel(), np.stack([n1, n2]).ravel()
    trial, treated = np.tile(np.arange(a.size), 2), np.repeat([True, False], a.size)
    fit = interval_censored_binomial([events, events, n], trial=trial, treated=treated, profile=False)
    return fit.estimate, fit.std_error, fit.conf_low, fit.conf_high


def _extremes(contrasts: Contrasts) -> Numbers:
    cases = [_conditional(_tables(contrasts, end)) for end in ("favours treatment", "favours control")]
    low, high = min(case[2] for case in cases), max(case[3] for case in cases)
    return 0.5 * (cases[0][0] + cases[1][0]), np.nan, low, high


def _likelihood(contrasts: Contrasts, likelihood: CensoredLikelihood) -> dict[str, Numbers]:
    """With all three intervals; where the profile has no end the others may have."""
    names = [f"{likelihood}, {interval}" for interval in ("profile", "Wald", "t")]
    found = dict.fromkeys(names, NOTHING)
    for interval in REGRESSION_INTERVALS:
        try:
            pooled = pool_interval_censored(
                contrasts,
                IntervalCensored(likelihood=likelihood, interval=interval),
                CONF_LEVEL,
            )
        except NotEstimableError:
            continue
        fit = pooled.fit
        if interval == "profile-likelihood":
            found[names[0]] = (fit.estimate, fit.std_error, fit.conf_low, fit.conf_high)
        for name, critical in (
            (names[1], quantile(CONF_LEVEL, None)),
            (names[2], -float(stdtrit(len(pooled.used) - 1, 0.5 * (1.0 - CONF_LEVEL)))),
        ):
            half = critical * fit.std_error
            found[name] = (fit.estimate, fit.std_error, fit.estimate - half, fit.estimate + half)
        break
    return found
