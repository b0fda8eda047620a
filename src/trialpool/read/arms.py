"""A row per trial, arm and outcome."""

from __future__ import annotations

from collections.abc import Mapping

from trialpool.read.cells import above_zero, count, label, number, participants
from trialpool.read.rows import ArmRow, RowReader
from trialpool.trials import Counts, Covariate, Means, Outcome

__all__ = ["read_arm_row"]


def read_arm_row(cells: RowReader, covariates: Mapping[str, Covariate]) -> list[ArmRow]:
    """The arm's outcome that the row holds; nothing where its names have problems, which the reader keeps."""
    trial, treatment, name = cells.name("trial"), cells.name("treatment"), cells.name("outcome")
    arm = cells.optional("arm", label)
    n = cells.required("n", participants)
    counts, means = _counts(cells, n), _means(cells, n)
    source = cells.source()
    if trial is None or treatment is None or name is None:
        return []
    outcome = Outcome(name, source, counts, means, covariates)
    return [ArmRow(trial, arm or treatment, treatment, outcome, cells.row.number)]


def _holds_means(cells: RowReader) -> bool:
    return not cells.has("events") or cells.filled("mean") or cells.filled("sd")


def _counts(cells: RowReader, n: int | None) -> Counts | None:
    if _holds_means(cells) and not cells.filled("events"):
        if cells.filled("person_years"):
            cells.report("person_years", "a time at risk without events; give the events")
        return None
    events = cells.required("events", count)
    person_years = cells.optional("person_years", above_zero)
    return cells.counts("events", events, n, person_years)


def _means(cells: RowReader, n: int | None) -> Means | None:
    if not _holds_means(cells):
        return None
    mean, sd = cells.required("mean", number), cells.required("sd", above_zero)
    return None if mean is None or sd is None or n is None else Means(mean, sd, n)
