"""The nouns every other part speaks, all frozen."""

from trialpool.trials.comparison import MULTI_ARM, Comparison, Contrast, Decision, Exclusion, MultiArm
from trialpool.trials.model import Arm, Counts, Covariate, Means, Outcome, Trial
from trialpool.trials.source import VERIFICATIONS, Source, Verification

__all__ = [
    "MULTI_ARM",
    "VERIFICATIONS",
    "Arm",
    "Comparison",
    "Contrast",
    "Counts",
    "Covariate",
    "Decision",
    "Exclusion",
    "Means",
    "MultiArm",
    "Outcome",
    "Source",
    "Trial",
    "Verification",
]
