"""A row per trial, arm and outcome."""

from __future__ import annotations

from collections.abc import Mapping

from trialpool.read.bounded import bounded_only, listed_from, read_bounds
from trialpool.read.cells import above_zero, count, label, participants
from trialpool.read.columns import CONTINUOUS
from trialpool.read.continuous import read_continuous
from trialpool.read.rows import ArmRow, RowReader
from trialpool.trials import Counts, Covariate, Outcome, Rates

__all__ = ["read_arm_row"]


def read_arm_row(cells: RowReader, covariates: Mapping[str, Covariate]) -> list[ArmRow]:
    """The arm's outcome that the row holds; nothing where its names have problems, which the reader keeps."""
    trial, treatment, name = cells.name("trial"), cells.name("treatment"), cells.name("outcome")
    arm = cells.optional("arm", label)
    alone = not cells.filled("n") and cells.filled("events") and cells.filled("person_years")
    rates = _rates_alone(cells) if alone else None
    n = None if alone else cells.required("n", participants)
    bounded = bounded_only(cells)
    bounds = read_bounds(cells, n) if bounded else None
    counts = None if alone or bounded else _counts(cells, n)
    if bounds is not None and bounds.exact:  # both ends of a bound that are the same are a number
        counts, bounds = Counts(bounds.low, bounds.n, listed_from=bounds.listed_from), None
    means, summary = read_continuous(cells, n) if _holds_means(cells) else (None, None)
    source = cells.source()
    if trial is None or treatment is None or name is None:
        return []
    outcome = Outcome(name, source, counts, means, covariates, rates, summary, bounds)
    return [ArmRow(trial, arm or treatment, treatment, outcome, cells.row.number)]


def _holds_means(cells: RowReader) -> bool:
    return not cells.has("events") or any(cells.filled(name) for name in CONTINUOUS)


def _rates_alone(cells: RowReader) -> Rates | None:
    """Events over person-years where no participants are given; a participant may have had several events."""
    events, years = cells.required("events", count), cells.required("person_years", above_zero)
    if cells.filled("follow_up_years"):
        cells.report("follow_up_years", "mean follow-up without participants; give n, or leave the follow-up empty")
    return None if events is None or years is None else Rates(events, years)


def _counts(cells: RowReader, n: int | None) -> Counts | None:
    if _holds_means(cells) and not cells.filled("events"):
        if cells.filled("person_years"):
            cells.report("person_years", "a time at risk without events; give the events")
        return None
    events = cells.required("events", count)
    person_years = cells.optional("person_years", above_zero)
    follow_up = cells.optional("follow_up_years", above_zero)
    return cells.counts("events", events, n, person_years, follow_up, listed_from(cells, n))
