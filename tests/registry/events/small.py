"""Records with no more than a test needs."""

from __future__ import annotations

from collections.abc import Sequence

from trialpool.registry.events import EventDefinition, definition_from_text
from trialpool.registry.model import AdverseEvents, EventCell, EventGroup, EventTerm, Origin, Record, Total


def row(section, term, counts, *, at_risk=100, system="", vocabulary="MedDRA 20.0", place=0):
    """A row of several groups; ``at_risk`` is one number, or one a group."""
    sizes = at_risk if isinstance(at_risk, Sequence) else [at_risk] * len(counts)
    path = f"{section}Events[{place}]"
    cells = [
        EventCell(f"EG{i:03}", affected, n, path=f"{path}.stats[{i}]")
        for i, (affected, n) in enumerate(zip(counts, sizes, strict=True))
    ]
    return EventTerm(section, term, system, vocabulary, "SYSTEMATIC_ASSESSMENT", "", tuple(cells), path)


def group(place, *, serious=(0, 100), other=(0, 100), deaths=None, title="", description=""):
    totals = [Total(*pair, f"eventGroups[{place}]") if pair else None for pair in (deaths, serious, other)]
    return EventGroup(f"EG{place:03}", title or f"Group {place}", description, *totals)


def record(rows=(), *, threshold="5", groups=None, outcomes=(), **named):
    """Two groups of 100 unless told otherwise, their totals the most that the rows allow."""
    if groups is None:
        groups = [group(i, serious=_total(rows, "serious", i), other=_total(rows, "other", i)) for i in (0, 1)]
    events = AdverseEvents(
        groups=tuple(groups),
        terms=tuple(rows),
        threshold=None if threshold is None else float(threshold) / 100,
        threshold_text=threshold or "",
        time_frame="12 weeks",
    )
    return Record(
        "NCT00000001", Origin("ClinicalTrials.gov", "x"), adverse_events=events, outcomes=tuple(outcomes), **named
    )


def _total(rows, section, place):
    cells = [one.cells[place] for one in rows if one.section == section and place < len(one.cells)]
    return min(100, sum(cell.affected or 0 for cell in cells)), 100


def event(text: str = "", *, terms: Sequence[str] = ()) -> EventDefinition:
    """A definition of terms, or of a TOML text."""
    if terms:
        text = f"terms = {list(terms)!r}\n{text}"
    return definition_from_text(f'name = "event"\n{text}')
