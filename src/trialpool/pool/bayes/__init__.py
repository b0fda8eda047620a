"""Bayesian random-effects meta-analysis by quadrature, without sampling."""

from trialpool.pool.bayes.effect_priors import EffectPrior, Flat, Normal
from trialpool.pool.bayes.empirical_priors import (
    MEDICAL_AREAS,
    RHODES_COMPARISONS,
    RHODES_OUTCOMES,
    TURNER_COMPARISONS,
    TURNER_OUTCOMES,
    rhodes_prior,
    turner_prior,
)
from trialpool.pool.bayes.gridded import GriddedPosterior
from trialpool.pool.bayes.hypergeometric import HypergeometricFit, bayes_hypergeometric
from trialpool.pool.bayes.log_tau2_priors import LogNormalTau2, LogStudentTTau2
from trialpool.pool.bayes.mixture import NormalMixture
from trialpool.pool.bayes.normal_normal import NormalNormalFit, bayes_normal_normal
from trialpool.pool.bayes.posterior import INTERVAL_KINDS, IntervalKind, Posterior
from trialpool.pool.bayes.prior_text import as_effect_prior, as_tau_prior, prior_from_text
from trialpool.pool.bayes.priors import HalfCauchy, HalfNormal, HalfStudentT, TauPrior, Uniform
from trialpool.pool.bayes.sensitivity import (
    SENSITIVITY_PRIORS,
    PriorRow,
    prior_sensitivity,
    prior_sensitivity_of_counts,
)

__all__ = [
    "INTERVAL_KINDS",
    "MEDICAL_AREAS",
    "RHODES_COMPARISONS",
    "RHODES_OUTCOMES",
    "SENSITIVITY_PRIORS",
    "TURNER_COMPARISONS",
    "TURNER_OUTCOMES",
    "EffectPrior",
    "Flat",
    "GriddedPosterior",
    "HalfCauchy",
    "HalfNormal",
    "HalfStudentT",
    "HypergeometricFit",
    "IntervalKind",
    "LogNormalTau2",
    "LogStudentTTau2",
    "Normal",
    "NormalMixture",
    "NormalNormalFit",
    "Posterior",
    "PriorRow",
    "TauPrior",
    "Uniform",
    "as_effect_prior",
    "as_tau_prior",
    "bayes_hypergeometric",
    "bayes_normal_normal",
    "prior_from_text",
    "prior_sensitivity",
    "prior_sensitivity_of_counts",
    "rhodes_prior",
    "turner_prior",
]
