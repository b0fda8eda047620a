"""The closed options of an analysis and their words.

Nothing is computed here and nothing heavy is imported, so that whoever only has to name the words (a parser, its help) pays nothing
for what they lead to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

__all__ = [
    "AUTOMATIC",
    "BAYES_INTERVALS",
    "CENSORED_LIKELIHOODS",
    "DOUBLE_ZERO",
    "EXACT_INTERVALS",
    "I2_DEFINITIONS",
    "INTERCEPTS",
    "INTERVALS",
    "LIKELIHOODS",
    "LIKELIHOOD_INTERVALS",
    "MEASURES",
    "METHOD_NAMES",
    "METHOD_WORDS",
    "MODELS",
    "MULTI_ARM",
    "PREDICTIONS",
    "PROFILE_NAMES",
    "RANDOM_EFFECTS_DEFAULTS",
    "REGRESSION_INTERVALS",
    "RISK_DIFFERENCE_VARIANCES",
    "STYLES",
    "TAU2_ESTIMATORS",
    "TAU2_INTERVALS",
    "WORDS",
    "ZERO_CELL_RULES",
    "BayesInterval",
    "CensoredLikelihood",
    "DoubleZero",
    "ExactInterval",
    "I2Definition",
    "Intercepts",
    "Interval",
    "Likelihood",
    "LikelihoodInterval",
    "Measure",
    "MethodName",
    "Model",
    "MultiArm",
    "Prediction",
    "ProfileName",
    "RegressionInterval",
    "RequestWords",
    "RiskDifferenceVariance",
    "StyleName",
    "Tau2Estimator",
    "Tau2Interval",
    "ZeroCellRule",
    "word_names",
]

MultiArm = Literal["combine", "split", "shared"]
Measure = Literal[
    "risk ratio",
    "odds ratio",
    "risk difference",
    "Peto odds ratio",
    "arcsine difference",
    "complementary log-log hazard ratio",
    "rate ratio",
    "rate difference",
    "mean difference",
    "standardised mean difference",
    "ratio of means",
    "hazard ratio",
    "generic ratio",
    "generic difference",
]
MULTI_ARM: tuple[MultiArm, ...] = get_args(MultiArm)
MEASURES: tuple[Measure, ...] = get_args(Measure)

ZeroCellRule = Literal["none", "constant", "treatment-arm", "empirical"]
DoubleZero = Literal["not estimable", "corrected"]
ZERO_CELL_RULES: tuple[ZeroCellRule, ...] = get_args(ZeroCellRule)
DOUBLE_ZERO: tuple[DoubleZero, ...] = get_args(DoubleZero)

MethodName = Literal[
    "inverse-variance",
    "mantel-haenszel",
    "peto",
    "exact",
    "hypergeometric-normal",
    "binomial-normal",
    "logistic",
    "penalised-logistic",
    "poisson",
    "beta-binomial",
    "bayes",
    "interval-censored",
]
METHOD_NAMES: tuple[MethodName, ...] = get_args(MethodName)

AUTOMATIC = "auto"
"""The word for an automatic choice, where a method or a profile is named."""

METHOD_WORDS = (*METHOD_NAMES, AUTOMATIC)

Model = Literal["common", "random"]
Tau2Estimator = Literal["REML", "ML", "DL", "DL2", "PM", "EB", "HE", "HS", "SJ"]
Tau2Interval = Literal["Q-profile", "generalised-Q", "profile-likelihood"]
Interval = Literal["wald", "hartung-knapp", "hartung-knapp-safe"]
Prediction = Literal["k-1", "k-2", "normal", "confidence-distribution"]
I2Definition = Literal["tau2", "Q"]
RiskDifferenceVariance = Literal["Sato", "Greenland-Robins"]
MODELS: tuple[Model, ...] = get_args(Model)
TAU2_ESTIMATORS: tuple[Tau2Estimator, ...] = get_args(Tau2Estimator)
TAU2_INTERVALS: tuple[Tau2Interval, ...] = get_args(Tau2Interval)
INTERVALS: tuple[Interval, ...] = get_args(Interval)
PREDICTIONS: tuple[Prediction, ...] = get_args(Prediction)
I2_DEFINITIONS: tuple[I2Definition, ...] = get_args(I2Definition)
RISK_DIFFERENCE_VARIANCES: tuple[RiskDifferenceVariance, ...] = get_args(RiskDifferenceVariance)

RANDOM_EFFECTS_DEFAULTS: Mapping[str, str] = {
    "tau2": "REML",
    "tau2_interval": "Q-profile",
    "interval": "hartung-knapp-safe",
    "prediction": "k-2",
    "i2": "tau2",
}
"""The choices of inverse-variance random effects unless told."""

ExactInterval = Literal["mid-p", "exact"]
LikelihoodInterval = Literal["profile-likelihood", "wald", "t"]
RegressionInterval = Literal["profile-likelihood", "wald"]
BayesInterval = Literal["central", "shortest"]
Intercepts = Literal["fixed", "random"]
Likelihood = Literal["normal", "hypergeometric"]
CensoredLikelihood = Literal["binomial", "hypergeometric"]
EXACT_INTERVALS: tuple[ExactInterval, ...] = get_args(ExactInterval)
LIKELIHOOD_INTERVALS: tuple[LikelihoodInterval, ...] = get_args(LikelihoodInterval)
REGRESSION_INTERVALS: tuple[RegressionInterval, ...] = get_args(RegressionInterval)
BAYES_INTERVALS: tuple[BayesInterval, ...] = get_args(BayesInterval)
INTERCEPTS: tuple[Intercepts, ...] = get_args(Intercepts)
LIKELIHOODS: tuple[Likelihood, ...] = get_args(Likelihood)
CENSORED_LIKELIHOODS: tuple[CensoredLikelihood, ...] = get_args(CensoredLikelihood)

ProfileName = Literal["trialpool", "cochrane-2025", "revman5", "metafor", "meta", "iqwig"]
StyleName = Literal["trialpool", "revman5", "jama", "bmj"]
PROFILE_NAMES: tuple[ProfileName, ...] = get_args(ProfileName)
STYLES: tuple[StyleName, ...] = get_args(StyleName)

WORDS: Mapping[str, tuple[str, ...]] = {
    "measure": MEASURES,
    "method": METHOD_WORDS,
    "model": MODELS,
    "tau2": TAU2_ESTIMATORS,
    "tau2_interval": TAU2_INTERVALS,
    "interval": tuple(dict.fromkeys((*INTERVALS, *LIKELIHOOD_INTERVALS, *EXACT_INTERVALS, *BAYES_INTERVALS))),
    "prediction": PREDICTIONS,
    "i2": I2_DEFINITIONS,
    "intercepts": INTERCEPTS,
    "likelihood": tuple(dict.fromkeys((*LIKELIHOODS, *CENSORED_LIKELIHOODS))),
    "zero_cells": ZERO_CELL_RULES,
    "double_zero": DOUBLE_ZERO,
    "risk_difference_variance": RISK_DIFFERENCE_VARIANCES,
    "profile": PROFILE_NAMES,
}
"""The closed options of a request and their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWords:
    """The options of one analysis as words; None means: as the profile has it.

    The words of each are in :data:`WORDS`; ``tau_prior`` and ``effect_prior`` are priors such as ``half-normal(0.5)``;
    ``increment``, ``relevant`` and ``conf_level`` are numbers.
    """

    measure: str | None = None
    method: str | None = None
    model: str | None = None
    tau2: str | None = None
    tau2_interval: str | None = None
    interval: str | None = None
    prediction: str | None = None
    i2: str | None = None
    intercepts: str | None = None
    likelihood: str | None = None
    tau_prior: str | None = None
    effect_prior: str | None = None
    relevant: float | None = None
    zero_cells: str | None = None
    increment: float | None = None
    double_zero: str | None = None
    risk_difference_variance: str | None = None
    profile: str | None = None
    conf_level: float = 0.95


def word_names() -> tuple[str, ...]:
    """Every option name."""
    return tuple(f.name for f in fields(RequestWords))
