"""Effects to one answer: pool(comparison, method) -> Pooled."""

from trialpool.pool.absolute import AbsoluteEffect, absolute_effect, has_absolute_effect, observed_control_risk
from trialpool.pool.automatic import AUTOMATIC, Automatic, Selection, Thresholds
from trialpool.pool.bayes_method import Bayes
from trialpool.pool.door import make_request, pool, pool_request, study_results, unpooled_studies
from trialpool.pool.interval_censored_method import IntervalCensored
from trialpool.pool.methods import InverseVariance, MantelHaenszel, Peto
from trialpool.pool.pooled import POOL_FIRST, Heterogeneity, Pooled, PosteriorSummary, PredictionInterval, StudyResult
from trialpool.pool.profiles import PROFILES, Profile, profile
from trialpool.pool.rare_event_methods import (
    BetaBinomial,
    BinomialNormal,
    Exact,
    HypergeometricNormal,
    Logistic,
    PenalisedLogistic,
    Poisson,
)
from trialpool.pool.request import Method, Request
from trialpool.pool.selector import select
from trialpool.pool.single_arm import pool_single_arm
from trialpool.pool.single_arm_result import PooledSingleArm
from trialpool.pool.subgroups import Subgroup, SubgroupResult, pool_subgroups, subgroup_request
from trialpool.pool.text import evidence_text, posterior_text
from trialpool.pool.words import WORDS, RequestWords, request_from_words

__all__ = [
    "AUTOMATIC",
    "POOL_FIRST",
    "PROFILES",
    "WORDS",
    "AbsoluteEffect",
    "Automatic",
    "Bayes",
    "BetaBinomial",
    "BinomialNormal",
    "Exact",
    "Heterogeneity",
    "HypergeometricNormal",
    "IntervalCensored",
    "InverseVariance",
    "Logistic",
    "MantelHaenszel",
    "Method",
    "PenalisedLogistic",
    "Peto",
    "Poisson",
    "Pooled",
    "PooledSingleArm",
    "PosteriorSummary",
    "PredictionInterval",
    "Profile",
    "Request",
    "RequestWords",
    "Selection",
    "StudyResult",
    "Subgroup",
    "SubgroupResult",
    "Thresholds",
    "absolute_effect",
    "evidence_text",
    "has_absolute_effect",
    "make_request",
    "observed_control_risk",
    "pool",
    "pool_request",
    "pool_single_arm",
    "pool_subgroups",
    "posterior_text",
    "profile",
    "request_from_words",
    "select",
    "study_results",
    "subgroup_request",
    "unpooled_studies",
]
