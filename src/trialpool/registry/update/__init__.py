"""What a new version of the records changes: in the cells of a review, in its trials, and in its results."""

from trialpool.registry.update.cells import CellChange, cell_changes
from trialpool.registry.update.results import ResultChange, result_changes
from trialpool.registry.update.trials import ExtractedTrials, TrialChange, extracted_trials, trial_changes

__all__ = [
    "CellChange",
    "ExtractedTrials",
    "ResultChange",
    "TrialChange",
    "cell_changes",
    "extracted_trials",
    "result_changes",
    "trial_changes",
]
