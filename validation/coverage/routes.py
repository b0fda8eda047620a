"""From a block of data sets to answers, through the batch kernels of the package where there are such.

What a route adds to a kernel is the rule of the public door on how many informative trials there have to be; a test holds
every route against the public door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialpool.effects import compute_effects
from trialpool.effects.zero_cells import uninformative
from trialpool.errors import NotEstimableError
from trialpool.numerics.distributions import quantile
from trialpool.pool import (
    Bayes,
    BetaBinomial,
    Exact,
    HypergeometricNormal,
    InverseVariance,
    MantelHaenszel,
    Method,
    PenalisedLogistic,
    Peto,
    Request,
    pool_request,
)
from trialpool.pool.arrays import common_effect, random_effects
from trialpool.pool.bayes.hypergeometric import bayes_hypergeometric
from trialpool.pool.bayes.normal_normal import bayes_normal_normal
from trialpool.pool.beta_binomial import beta_binomial
from trialpool.pool.core import require_two
from trialpool.pool.exact import exact_common_odds_ratio
from trialpool.pool.firth import firth
from trialpool.pool.hypergeometric_normal import hypergeometric_normal
from trialpool.pool.mantel_haenszel import mantel_haenszel_odds_ratio
from trialpool.trials import Comparison, Contrast
from validation.coverage.answers import Answers, answers_at

__all__ = ["answer", "answer_at_the_door", "comparison_of"]

Array = NDArray[np.float64]
Route = Callable[[Array, Request], Answers]
Numbers = tuple[float, float, float, float]


def comparison_of(tables: Array) -> Comparison:
    """A data set (4, K) as the public door takes it."""
    contrasts = [
        Contrast(f"trial {i}", f"trial {i}", "treatment", "control", *numbers)
        for i, numbers in enumerate(zip(*tables.tolist(), strict=True), start=1)
    ]
    return Comparison("event", ("treatment",), ("control",), "combine", tuple(contrasts))


def answer_at_the_door(tables: Array, request: Request) -> Answers:
    """Answers to data sets (B, 4, K) by :func:`trialpool.pool.pool_request`, one after the other."""

    def numbers(one: Array) -> Numbers:
        pooled = pool_request(comparison_of(one), request)
        return pooled.estimate, pooled.std_error, pooled.conf_low, pooled.conf_high

    return _each(tables, numbers)


def answer(tables: Array, request: Request) -> Answers:
    """Answers to data sets (B, 4, K). A block that fails is halved, until the data set that fails stands alone."""
    try:
        return _ROUTES[type(request.method)](tables, request)
    except NotEstimableError as error:
        alone = Answers.nothing(reason=str(error))
    except Exception as error:  # noqa: BLE001 (whatever goes wrong is what the study counts)
        alone = Answers.nothing(crash=f"{type(error).__name__}: {error}")
    if len(tables) == 1:
        return alone
    half = len(tables) // 2
    return Answers.joined([answer(tables[:half], request), answer(tables[half:], request)])


def _each(tables: Array, fit: Callable[[Array], Numbers]) -> Answers:
    """One data set after the other; only a missing number with its reason is foreseen."""
    rows, reasons = np.full((4, len(tables)), np.nan), [""] * len(tables)
    for i, one in enumerate(tables):
        try:
            rows[:, i] = fit(one)
        except NotEstimableError as error:
            reasons[i] = str(error)
    return Answers.of(rows, reasons)


def _with_two(count: NDArray[np.intp], what: str, fit: Callable[[NDArray[np.intp]], Answers]) -> Answers:
    """Answers to those with two contributing trials, given their positions; the reason of the door for the others."""
    enough = np.flatnonzero(count >= 2)
    parts = [(enough, fit(enough))] if enough.size else []
    for i in np.flatnonzero(count < 2):
        try:
            require_two(int(count[i]), what)
        except NotEstimableError as error:
            parts.append((np.array([i]), Answers.nothing(reason=str(error))))
    return answers_at(count.size, parts)


def _informative(tables: Array) -> NDArray[np.bool_]:
    """Which trials hold information on an odds ratio, (B, K)."""
    return np.asarray(~uninformative(np.moveaxis(tables, 1, 0)))


def _of_counts(tables: Array, fit: Callable[[Array], Answers]) -> Answers:
    """By a model of counts that needs two informative trials."""
    count = _informative(tables).sum(axis=1)
    return _with_two(count, "has events and non-events", lambda enough: fit(tables[enough]))


def _mantel_haenszel(tables: Array, request: Request) -> Answers:
    critical = quantile(request.conf_level, None)

    def numbers(one: Array) -> Numbers:
        estimate, variance, _ = mantel_haenszel_odds_ratio(*one[:, ~uninformative(one)])
        half = critical * float(np.sqrt(variance))
        return estimate, half / critical, estimate - half, estimate + half

    return _of_counts(tables, lambda some: _each(some, numbers))


def _exact(tables: Array, request: Request) -> Answers:
    def fit(some: Array) -> Answers:
        found = exact_common_odds_ratio(some, mid_p=request.method == Exact(), conf_level=request.conf_level)
        return Answers.of([found.estimate, found.std_error, found.conf_low, found.conf_high], found.reasons)

    return _of_counts(tables, fit)


def _hypergeometric_normal(tables: Array, request: Request) -> Answers:
    method = request.method
    assert isinstance(method, HypergeometricNormal)

    def fit(some: Array) -> Answers:
        found = hypergeometric_normal(some, interval=method.interval, conf_level=request.conf_level)
        reasons = [reason or open_end for reason, open_end in zip(found.reasons, found.open_interval, strict=True)]
        return Answers.of([found.estimate, found.std_error, found.conf_low, found.conf_high], reasons)

    return _of_counts(tables, fit)


def _firth(tables: Array, request: Request) -> Answers:
    def numbers(one: Array) -> Numbers:
        found = firth(one[:, ~uninformative(one)], conf_level=request.conf_level)
        return found.estimate, found.std_error, found.conf_low, found.conf_high

    return _of_counts(tables, lambda some: _each(some, numbers))


def _beta_binomial(tables: Array, request: Request) -> Answers:
    def numbers(one: Array) -> Numbers:
        found = beta_binomial(one, conf_level=request.conf_level)
        return found.estimate, found.std_error, found.conf_low, found.conf_high

    return _each(tables, numbers)


def _effects(tables: Array, request: Request) -> tuple[Array, Array]:
    """Effects and variances (B, K) by the package's own rules for zero cells; infinite variance where there is none."""
    every = comparison_of(np.moveaxis(tables, 1, 0).reshape(4, -1))
    effects = compute_effects(every, request.measure, request.zero_cells)
    y, v = np.zeros(len(every)), np.full(len(every), np.inf)
    y[effects.used], v[effects.used] = effects.estimate, effects.variance
    return y.reshape(len(tables), -1), v.reshape(len(tables), -1)


def _of_effects(tables: Array, request: Request, fit: Callable[[Array, Array], Answers]) -> Answers:
    y, v = _effects(tables, request)
    count = np.isfinite(v).sum(axis=1)
    return _with_two(count, f"has an estimable {request.measure}", lambda enough: fit(y[enough], v[enough]))


def _inverse_variance(tables: Array, request: Request) -> Answers:
    method = request.method
    if isinstance(method, Peto) or method.model == "common":

        def fit(y: Array, v: Array) -> Answers:
            found = common_effect(y, v, conf_level=request.conf_level)
            return Answers.of([found.estimate, found.std_error, found.conf_low, found.conf_high])

    else:
        assert isinstance(method, InverseVariance)
        options: Any = {"tau2": method.tau2, "interval": method.interval, "conf_level": request.conf_level}

        def fit(y: Array, v: Array) -> Answers:
            found = random_effects(y, v, **options)
            return Answers.of([found.estimate, found.std_error, found.conf_low, found.conf_high])

    return _of_effects(tables, request, fit)


def _bayes(tables: Array, request: Request) -> Answers:
    method = request.method
    assert isinstance(method, Bayes)
    options: Any = {
        "tau_prior": method.tau_prior,
        "effect_prior": method.effect_prior,
        "interval": method.interval,
        "conf_level": request.conf_level,
    }

    def by_counts(some: Array) -> Answers:
        found = bayes_hypergeometric(some, **options)
        return Answers.of([found.estimate, found.effect.std_dev, found.conf_low, found.conf_high])

    def by_effects(y: Array, v: Array) -> Answers:
        found = bayes_normal_normal(y, v, **options)
        return Answers.of([found.estimate, found.effect.std_dev, found.conf_low, found.conf_high])

    if method.likelihood == "hypergeometric":
        return _of_counts(tables, by_counts)
    return _of_effects(tables, request, by_effects)


_ROUTES: Mapping[type[Method], Route] = {
    MantelHaenszel: _mantel_haenszel,
    Peto: _inverse_variance,
    Exact: _exact,
    HypergeometricNormal: _hypergeometric_normal,
    PenalisedLogistic: _firth,
    BetaBinomial: _beta_binomial,
    InverseVariance: _inverse_variance,
    Bayes: _bayes,
}
