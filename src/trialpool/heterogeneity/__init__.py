"""Between-study variation: tau2, Q, H2, I2, their intervals, and prediction intervals."""

from trialpool.heterogeneity.prediction import prediction_interval
from trialpool.heterogeneity.q_profile import q_profile
from trialpool.heterogeneity.statistics import cochran_q, i2_from_q, i2_from_tau2, typical_variance
from trialpool.heterogeneity.tau2 import dersimonian_laird, paule_mandel, reml

__all__ = [
    "cochran_q",
    "dersimonian_laird",
    "i2_from_q",
    "i2_from_tau2",
    "paule_mandel",
    "prediction_interval",
    "q_profile",
    "reml",
    "typical_variance",
]
