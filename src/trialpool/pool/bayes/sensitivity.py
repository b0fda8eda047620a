"""How the posterior changes with the prior of tau."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.bayes.hypergeometric import HypergeometricFit, bayes_hypergeometric
from trialpool.pool.bayes.normal_normal import NormalNormalFit, bayes_normal_normal
from trialpool.pool.bayes.posterior import IntervalKind
from trialpool.pool.bayes.prior_text import as_tau_prior
from trialpool.pool.bayes.priors import TauPrior

__all__ = ["SENSITIVITY_PRIORS", "PriorRow", "prior_sensitivity", "prior_sensitivity_of_counts"]

SENSITIVITY_PRIORS = ("half-normal(0.5)", "half-normal(1)", "half-cauchy(0.5)", "uniform(2)")
"""Priors of tau on a log ratio, from the one recommended (Roever et al. 2021, Research Synthesis Methods 12:448) to vague."""


@dataclass(frozen=True, slots=True)
class PriorRow:
    """The posterior under one prior of tau; numbers on the working scale, None with a ``reason`` where there is no posterior.

    ``below_zero`` is the probability of a mean effect below zero.
    """

    tau_prior: str
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    tau: float | None
    tau_high: float | None
    prediction_low: float | None
    prediction_high: float | None
    below_zero: float | None
    reason: str = ""


def prior_sensitivity(
    y: ArrayLike,
    v: ArrayLike,
    *,
    tau_priors: Sequence[TauPrior | str] = SENSITIVITY_PRIORS,
    effect_prior: str = "normal(0, 4)",
    conf_level: float = 0.95,
    interval: IntervalKind = "central",
) -> tuple[PriorRow, ...]:
    """The normal-normal model under several priors of tau.

    Parameters
    ----------
    y, v : array of shape (K,)
        Effects and variances of one problem.
    tau_priors : sequence of TauPrior or str
        To these may be added an empirical one, such as ``turner(pain, drug v placebo)``.
    effect_prior, conf_level, interval
        As in :func:`bayes_normal_normal`.

    Returns
    -------
    tuple of PriorRow
        One for each prior, in their order.

    Examples
    --------
    >>> rows = prior_sensitivity([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1])
    >>> [(row.tau_prior, round(row.conf_high, 2)) for row in rows]
    [('half-normal(0.5)', 0.36), ('half-normal(1)', 0.74), ('half-cauchy(0.5)', 0.85), ('uniform(2)', 0.87)]
    """
    if np.ndim(y) != 1:
        raise OptionError(f"effects of shape {np.shape(y)}: prior sensitivity takes one problem, of shape (K,)")

    def fit(prior: TauPrior) -> NormalNormalFit:
        return bayes_normal_normal(
            y, v, tau_prior=prior, effect_prior=effect_prior, conf_level=conf_level, interval=interval
        )

    return tuple(_row(prior, fit, conf_level, interval) for prior in _distinct(tau_priors))


def prior_sensitivity_of_counts(
    tables: ArrayLike,
    *,
    tau_priors: Sequence[TauPrior | str] = SENSITIVITY_PRIORS,
    effect_prior: str = "normal(0, 2.82)",
    conf_level: float = 0.95,
    interval: IntervalKind = "central",
) -> tuple[PriorRow, ...]:
    """The hypergeometric-normal model of tables of shape (4, K) under several priors of tau.

    See :func:`prior_sensitivity`.

    Examples
    --------
    >>> rows = prior_sensitivity_of_counts([[0, 1, 0], [50, 60, 40], [4, 5, 0], [50, 62, 41]])
    >>> [round(row.estimate, 1) for row in rows]
    [-2.2, -2.2, -2.2, -2.2]
    """
    if np.ndim(tables) != 2:
        raise OptionError(f"tables of shape {np.shape(tables)}: prior sensitivity takes one problem, of shape (4, K)")

    def fit(prior: TauPrior) -> HypergeometricFit:
        return bayes_hypergeometric(
            tables, tau_prior=prior, effect_prior=effect_prior, conf_level=conf_level, interval=interval
        )

    return tuple(_row(prior, fit, conf_level, interval) for prior in _distinct(tau_priors))


def _distinct(priors: Sequence[TauPrior | str]) -> tuple[TauPrior, ...]:
    if isinstance(priors, (str, TauPrior)) or not priors:
        raise OptionError(
            f"tau_priors={str(priors)!r} is not a list of priors; give several, such as {SENSITIVITY_PRIORS}"
        )
    return tuple(dict.fromkeys(as_tau_prior(prior) for prior in priors))


def _row(
    prior: TauPrior,
    fit: Callable[[TauPrior], NormalNormalFit | HypergeometricFit],
    conf_level: float,
    interval: IntervalKind,
) -> PriorRow:
    try:
        found = fit(prior)
    except NotEstimableError as error:
        return PriorRow(str(prior), *(None,) * 8, reason=str(error))
    low, high = found.prediction.interval(conf_level, interval)
    return PriorRow(
        tau_prior=str(prior),
        estimate=found.estimate,
        conf_low=found.conf_low,
        conf_high=found.conf_high,
        tau=found.tau.median,
        tau_high=found.tau.interval(conf_level, interval)[1],
        prediction_low=low,
        prediction_high=high,
        below_zero=found.effect.probability_below(0.0),
    )
