"""A row per trial: the events and participants of two arms side by side."""

from __future__ import annotations

from collections.abc import Mapping

from trialpool.read.cells import count, participants
from trialpool.read.rows import ArmRow, RowReader
from trialpool.trials import Counts, Covariate, Outcome

__all__ = ["read_trial_row"]


def read_trial_row(
    cells: RowReader, covariates: Mapping[str, Covariate], treatment: str, control: str, outcome: str
) -> list[ArmRow]:
    """The two arms that the row holds, named after their treatments; nothing where its names have problems.

    ``outcome`` names the outcome where the table has no column for it.
    """
    trial = cells.name("trial")
    name = cells.name("outcome") if cells.has("outcome") else outcome
    sides = {treatment: _counts(cells, "treatment"), control: _counts(cells, "control")}
    source = cells.source()
    if trial is None or name is None:
        return []
    return [
        ArmRow(trial, arm, arm, Outcome(name, source, counts, None, covariates), cells.row.number)
        for arm, counts in sides.items()
    ]


def _counts(cells: RowReader, side: str) -> Counts | None:
    """Counts of one arm, from its participants, its participants without the event, or both if they agree."""
    events = cells.required(f"events_{side}", count)
    stated = cells.required(f"n_{side}", participants) if cells.has(f"n_{side}") else None
    n = _total(cells, side, events, stated) if cells.has(f"non_events_{side}") else stated
    return cells.counts(f"events_{side}", events, n)


def _total(cells: RowReader, side: str, events: int | None, stated: int | None) -> int | None:
    """Participants with and without the event together."""
    non_events = cells.required(f"non_events_{side}", count)
    if events is None or non_events is None:
        return None
    n = cells.parsed(f"non_events_{side}", participants, events + non_events)
    if stated is not None and stated != n:
        cells.report(f"n_{side}", f"{stated} participants, but {events} with and {non_events} without the event")
    return n
