"""The nouns every other part speaks, all frozen."""

from trialpool.trials.bounded import Bounded
from trialpool.trials.bounds import COMPLETIONS, Bounds, Completion, Piece, complete
from trialpool.trials.comparison import MULTI_ARM, Comparison, Exclusion, MultiArm
from trialpool.trials.contrast import Contrast, Decision, GivenEffect, Numbers
from trialpool.trials.model import (
    ESTIMATE_SCALES,
    Arm,
    Counts,
    Covariate,
    Estimate,
    EstimateScale,
    Means,
    Outcome,
    Rates,
    Summary,
    Trial,
)
from trialpool.trials.show import shown_bounds
from trialpool.trials.source import VERIFICATIONS, Source, Verification

__all__ = [
    "COMPLETIONS",
    "ESTIMATE_SCALES",
    "MULTI_ARM",
    "VERIFICATIONS",
    "Arm",
    "Bounded",
    "Bounds",
    "Comparison",
    "Completion",
    "Contrast",
    "Counts",
    "Covariate",
    "Decision",
    "Estimate",
    "EstimateScale",
    "Exclusion",
    "GivenEffect",
    "Means",
    "MultiArm",
    "Numbers",
    "Outcome",
    "Piece",
    "Rates",
    "Source",
    "Summary",
    "Trial",
    "Verification",
    "complete",
    "shown_bounds",
]
