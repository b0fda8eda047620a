"""Methods for rare events: models of the counts themselves, which need no zero-cell correction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialpool.checks import choice
from trialpool.choices import (
    EXACT_INTERVALS,
    INTERCEPTS,
    LIKELIHOOD_INTERVALS,
    MODELS,
    REGRESSION_INTERVALS,
    ExactInterval,
    Intercepts,
    LikelihoodInterval,
    Model,
    RegressionInterval,
)

__all__ = [
    "EXACT_INTERVALS",
    "INTERCEPTS",
    "LIKELIHOOD_INTERVALS",
    "BetaBinomial",
    "BinomialNormal",
    "Exact",
    "HypergeometricNormal",
    "LikelihoodInterval",
    "Logistic",
    "PenalisedLogistic",
    "Poisson",
]

_INTERVAL_WORDS = {
    "profile-likelihood": "profile-likelihood interval",
    "wald": "Wald interval",
    "t": "t interval with k - 1 df",
    "mid-p": "mid-P interval",
    "exact": "exact interval",
}
_NONE = "no zero-cell correction"
_MODEL_WORDS = {"common": "common effect", "random": "random effects"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """Conditional maximum likelihood estimate of a common odds ratio or rate ratio with its exact interval.

    Attributes
    ----------
    interval : {"mid-p", "exact"}, default "mid-p"
        The exact interval is never too narrow, and often too wide; the mid-P interval is right on average.
    """

    name: ClassVar[str] = "exact"
    measures: ClassVar[tuple[str, ...]] = ("odds ratio", "rate ratio")

    interval: ExactInterval = "mid-p"

    def __post_init__(self) -> None:
        choice("interval", self.interval, EXACT_INTERVALS)

    @property
    def model(self) -> Model:
        """Common effect."""
        return "common"

    def __str__(self) -> str:
        return f"exact conditional method, common effect; {_INTERVAL_WORDS[self.interval]}; I2 from Q; {_NONE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HypergeometricNormal:
    """The conditional (noncentral hypergeometric) model with normal random effects.

    Attributes
    ----------
    interval : {"profile-likelihood", "wald", "t"}, default "profile-likelihood"
    """

    name: ClassVar[str] = "hypergeometric-normal"
    measures: ClassVar[tuple[str, ...]] = ("odds ratio",)

    interval: LikelihoodInterval = "profile-likelihood"

    def __post_init__(self) -> None:
        choice("interval", self.interval, LIKELIHOOD_INTERVALS)

    @property
    def model(self) -> Model:
        """Random effects."""
        return "random"

    def __str__(self) -> str:
        return (
            "hypergeometric-normal model, random effects; tau2 by maximum likelihood, adaptive quadrature with 15 nodes; "
            f"{_INTERVAL_WORDS[self.interval]}; I2 from Q; {_NONE}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BinomialNormal:
    """The conditional binomial model with normal random effects: which of all events of a trial fell in the treatment arm.

    It is exact for rates, and an approximation for risks, which improves the rarer events are.

    Attributes
    ----------
    interval : {"profile-likelihood", "wald", "t"}, default "profile-likelihood"
    """

    name: ClassVar[str] = "binomial-normal"
    measures: ClassVar[tuple[str, ...]] = ("risk ratio", "rate ratio")

    interval: LikelihoodInterval = "profile-likelihood"

    def __post_init__(self) -> None:
        choice("interval", self.interval, LIKELIHOOD_INTERVALS)

    @property
    def model(self) -> Model:
        """Random effects."""
        return "random"

    def __str__(self) -> str:
        return (
            "binomial-normal model, random effects; tau2 by maximum likelihood, adaptive quadrature with 15 nodes; "
            f"{_INTERVAL_WORDS[self.interval]}; I2 from Q; {_NONE}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """Logistic regression with an intercept for each trial.

    Attributes
    ----------
    model : {"random", "common"}
    intercepts : {"fixed", "random"}, default "fixed"
        Random intercepts take information from differences between trials, so that randomisation no longer protects.
    interval : {"profile-likelihood", "wald"}, default "profile-likelihood"
    """

    name: ClassVar[str] = "logistic"
    measures: ClassVar[tuple[str, ...]] = ("odds ratio",)

    model: Model = "random"
    intercepts: Intercepts = "fixed"
    interval: RegressionInterval = "profile-likelihood"

    def __post_init__(self) -> None:
        choice("model", self.model, MODELS)
        choice("interval", self.interval, REGRESSION_INTERVALS)
        choice("intercepts", self.intercepts, INTERCEPTS)

    def __str__(self) -> str:
        return f"logistic regression, {_regression_words(self.model, self.intercepts, self.interval)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PenalisedLogistic:
    """Firth's penalised logistic regression with fixed trial intercepts, common effect: finite where one arm has no event."""

    name: ClassVar[str] = "penalised-logistic"
    measures: ClassVar[tuple[str, ...]] = ("odds ratio",)

    @property
    def model(self) -> Model:
        """Common effect."""
        return "common"

    def __str__(self) -> str:
        return (
            "penalised (Firth) logistic regression, common effect, fixed trial intercepts; "
            f"profile penalised-likelihood interval; I2 from Q; {_NONE}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Poisson:
    """Poisson regression with an intercept for each trial; of rates, or of risks with participants as exposure.

    Attributes
    ----------
    model : {"random", "common"}
    intercepts : {"fixed", "random"}, default "fixed"
    interval : {"profile-likelihood", "wald"}, default "profile-likelihood"
    """

    name: ClassVar[str] = "poisson"
    measures: ClassVar[tuple[str, ...]] = ("risk ratio", "rate ratio")

    model: Model = "random"
    intercepts: Intercepts = "fixed"
    interval: RegressionInterval = "profile-likelihood"

    def __post_init__(self) -> None:
        choice("model", self.model, MODELS)
        choice("interval", self.interval, REGRESSION_INTERVALS)
        choice("intercepts", self.intercepts, INTERCEPTS)

    def __str__(self) -> str:
        return f"Poisson regression, {_regression_words(self.model, self.intercepts, self.interval)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaBinomial:
    """Beta-binomial regression of all arms (Kuss 2015): double-zero trials count, but arms of a trial are not kept together."""

    name: ClassVar[str] = "beta-binomial"
    measures: ClassVar[tuple[str, ...]] = ("odds ratio", "risk ratio", "risk difference")

    @property
    def model(self) -> Model:
        """Random effects: risks vary between arms."""
        return "random"

    def __str__(self) -> str:
        return f"beta-binomial regression of the arms, common intraclass correlation; Wald interval; I2 from Q; {_NONE}"


def _regression_words(model: Model, intercepts: Intercepts, interval: RegressionInterval) -> str:
    tau2 = "; tau2 by maximum likelihood, adaptive quadrature with 15 nodes" if model == "random" else ""
    return (
        f"{_MODEL_WORDS[model]}, {intercepts} trial intercepts{tau2}; {_INTERVAL_WORDS[interval]}; I2 from Q; {_NONE}"
    )
