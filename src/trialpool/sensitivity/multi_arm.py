"""Multi-arm handling side by side: combine, split, shared."""

from __future__ import annotations

from collections.abc import Sequence

from trialpool.harmonise import compare
from trialpool.pool import Pooled
from trialpool.sensitivity.alternatives import SensitivityTable, alternative, not_applicable, sensitivity_table
from trialpool.trials import MULTI_ARM, MultiArm, Trial

__all__ = ["multi_arm_handling"]

_NAME = "Multi-arm handling"
_LABELS: dict[MultiArm, str] = {
    "combine": "active arms combined",
    "split": "control split among arms",
    "shared": "shared control with covariance",
}


def multi_arm_handling(trials: Sequence[Trial], pooled: Pooled) -> SensitivityTable:
    """Pool the same question with each way to handle trials of more than two arms.

    Parameters
    ----------
    trials : sequence of Trial
        Those the comparison was made from.
    pooled : Pooled

    Returns
    -------
    SensitivityTable
    """
    comparison = pooled.comparison
    if not comparison.multi_arm_trials:
        return not_applicable(_NAME, "No trial has several active arms on this outcome, so the choice does not arise.")
    others = []
    for multi_arm in MULTI_ARM:
        if multi_arm == comparison.multi_arm:
            continue
        made = compare(
            trials,
            outcome=comparison.outcome,
            treatment=comparison.treatments,
            control=comparison.controls,
            multi_arm=multi_arm,
        )
        others.append(alternative(_LABELS[multi_arm], made, pooled.request))
    # a trial that is split counts as several studies: their number is part of the choice
    return sensitivity_table(_NAME, pooled, _LABELS[comparison.multi_arm], others, varies_studies=True)
