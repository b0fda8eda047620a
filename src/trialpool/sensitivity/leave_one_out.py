"""Leave one out: whether one trial carries the result."""

from __future__ import annotations

from trialpool.checks import instance
from trialpool.pool import POOL_FIRST, Pooled
from trialpool.sensitivity.alternatives import SensitivityTable, alternative, sensitivity_table

__all__ = ["leave_one_out"]


def leave_one_out(pooled: Pooled) -> SensitivityTable:
    """Pool again without each contributing trial in turn (all contrasts of a multi-arm trial go together).

    Parameters
    ----------
    pooled : Pooled

    Returns
    -------
    SensitivityTable

    Examples
    --------
    >>> import trialpool as tp
    >>> comparison = tp.compare(tp.load_dataset("bcg").trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")
    >>> table = leave_one_out(tp.pool(comparison))
    >>> len(table.rows), table.depends
    (14, False)
    """
    instance("pooled", pooled, Pooled, POOL_FIRST)
    contrasts = pooled.comparison.contrasts
    trials = dict.fromkeys(study.contrast.trial for study in pooled.studies if study.contributes)
    others = [
        alternative(
            f"without {trial}",
            pooled.comparison.keep(i for i, contrast in enumerate(contrasts) if contrast.trial != trial),
            pooled.request,
        )
        for trial in trials
    ]
    return sensitivity_table("Leave one out", pooled, "all trials", others, varies_studies=True)
