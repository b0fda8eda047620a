"""Why effects differ: the design matrix of covariates, meta-regression, permutation tests."""

from trialpool.regress.door import meta_regression, regression_request
from trialpool.regress.mixed_effects import MixedEffects, mixed_effects
from trialpool.regress.permutation import Permutations, PermutationTest
from trialpool.regress.prediction import RegressionPrediction, predict
from trialpool.regress.result import Coefficient, MetaRegression, OmnibusTest, ResidualHeterogeneity
from trialpool.regress.tau2 import RESIDUAL_TAU2_ESTIMATORS, ResidualTau2Estimator

__all__ = [
    "RESIDUAL_TAU2_ESTIMATORS",
    "Coefficient",
    "MetaRegression",
    "MixedEffects",
    "OmnibusTest",
    "PermutationTest",
    "Permutations",
    "RegressionPrediction",
    "ResidualHeterogeneity",
    "ResidualTau2Estimator",
    "meta_regression",
    "mixed_effects",
    "predict",
    "regression_request",
]
