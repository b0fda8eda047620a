"""Effects to one answer: pool(comparison, method) -> Pooled."""

from trialpool.pool.absolute import AbsoluteEffect, absolute_effect, observed_control_risk
from trialpool.pool.door import make_request, pool, pool_request, study_results, unpooled_studies
from trialpool.pool.methods import InverseVariance, MantelHaenszel, Method, Peto, Request
from trialpool.pool.pooled import POOL_FIRST, Heterogeneity, Pooled, PredictionInterval, StudyResult
from trialpool.pool.profiles import PROFILES, Profile, profile
from trialpool.pool.subgroups import Subgroup, SubgroupResult, pool_subgroups, subgroup_request
from trialpool.pool.words import WORDS, RequestWords, request_from_words

__all__ = [
    "POOL_FIRST",
    "PROFILES",
    "WORDS",
    "AbsoluteEffect",
    "Heterogeneity",
    "InverseVariance",
    "MantelHaenszel",
    "Method",
    "Peto",
    "Pooled",
    "PredictionInterval",
    "Profile",
    "Request",
    "RequestWords",
    "StudyResult",
    "Subgroup",
    "SubgroupResult",
    "absolute_effect",
    "make_request",
    "observed_control_risk",
    "pool",
    "pool_request",
    "pool_subgroups",
    "profile",
    "request_from_words",
    "study_results",
    "subgroup_request",
    "unpooled_studies",
]
