"""Between-study variation: tau2, Q, H2, I2, their intervals, and prediction intervals."""

from trialpool.heterogeneity.confidence_distribution import confidence_distribution_interval
from trialpool.heterogeneity.generalised_q_interval import generalised_q_interval
from trialpool.heterogeneity.moment_estimators import (
    dersimonian_laird,
    dersimonian_laird_two_step,
    hedges,
    hunter_schmidt,
    sidik_jonkman,
)
from trialpool.heterogeneity.prediction import prediction_interval
from trialpool.heterogeneity.profile_likelihood import profile_likelihood_interval
from trialpool.heterogeneity.q_profile import q_profile
from trialpool.heterogeneity.statistics import cochran_q, i2_from_q, i2_from_tau2, typical_variance
from trialpool.heterogeneity.tau2 import empirical_bayes, ml, paule_mandel, reml

__all__ = [
    "cochran_q",
    "confidence_distribution_interval",
    "dersimonian_laird",
    "dersimonian_laird_two_step",
    "empirical_bayes",
    "generalised_q_interval",
    "hedges",
    "hunter_schmidt",
    "i2_from_q",
    "i2_from_tau2",
    "ml",
    "paule_mandel",
    "prediction_interval",
    "profile_likelihood_interval",
    "q_profile",
    "reml",
    "sidik_jonkman",
    "typical_variance",
]
