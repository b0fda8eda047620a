"""The method for events that a registry did not list: counts within bounds, or the selection of what was listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialpool.checks import choice
from trialpool.choices import (
    CENSORED_LIKELIHOODS,
    MODELS,
    REGRESSION_INTERVALS,
    CensoredLikelihood,
    Model,
    RegressionInterval,
)

__all__ = ["CENSORED_LIKELIHOODS", "CensoredLikelihood", "IntervalCensored"]

_LIKELIHOOD_WORDS = {
    "binomial": "binomial model of counts within bounds, random trial intercepts",
    "hypergeometric": "conditional (hypergeometric) model of the listed trials given that they were listed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalCensored:
    """Likelihoods of odds ratios where counts are known within bounds, or listed only from a threshold on.

    Attributes
    ----------
    model : {"random", "common"}
    likelihood : {"binomial", "hypergeometric"}, default "binomial"
        Of all trials, with normal trial intercepts; or of the listed ones given their totals and that they were listed, which
        asks nothing of the risks of the control arms and learns nothing from trials that are not listed.
    interval : {"profile-likelihood", "wald"}, default "profile-likelihood"
    """

    name: ClassVar[str] = "interval-censored"
    measures: ClassVar[tuple[str, ...]] = ("odds ratio",)

    model: Model = "random"
    likelihood: CensoredLikelihood = "binomial"
    interval: RegressionInterval = "profile-likelihood"

    def __post_init__(self) -> None:
        choice("model", self.model, MODELS)
        choice("likelihood", self.likelihood, CENSORED_LIKELIHOODS)
        choice("interval", self.interval, REGRESSION_INTERVALS)

    def __str__(self) -> str:
        effects = "random effects" if self.model == "random" else "common effect"
        tau2 = "; tau2 by maximum likelihood, adaptive quadrature" if self.model == "random" else ""
        interval = {"profile-likelihood": "profile-likelihood interval", "wald": "Wald interval"}[self.interval]
        words = _LIKELIHOOD_WORDS[self.likelihood]
        return f"interval-censored {words}, {effects}{tau2}; {interval}; I2 from Q; no zero-cell correction"
