"""The door: a question, events and records to the table of trial arms, with every choice and every trial left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from trialpool.registry.events import Decision, EventCells, EventDefinition, FollowUp, event_cells, follow_up
from trialpool.registry.extract.listing import with_listing
from trialpool.registry.extract.question import Question
from trialpool.registry.extract.rows import Row, trial_label, trial_rows
from trialpool.registry.extract.selection import Selection, Stratum, select
from trialpool.registry.groups import RecordGroups
from trialpool.registry.model import Record
from trialpool.registry.source import RecordSource

__all__ = ["Excluded", "Extraction", "extract"]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A trial that is left out, wholly (``outcome`` empty) or for one event, and why."""

    registry_id: str
    title: str
    reason: str
    outcome: str = ""
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Extraction:
    """What came out of the records for a question.

    Attributes
    ----------
    question : Question
    events : tuple of EventDefinition
    source : str
        The place of the records.
    rows : tuple of mapping
        Of arms.csv, by trial, group and event; keys are ``rows.COLUMNS``.
    decisions : tuple of Decision
    excluded : tuple of Excluded
    considered : int
        Trials that mention the treatment, with results or without.
    groups : tuple of RecordGroups
        Matches of the groups of these trials.
    versions : mapping of str to str
        Version of the record of each of these trials, used or left out.
    """

    question: Question
    events: tuple[EventDefinition, ...]
    source: str
    rows: tuple[Row, ...]
    decisions: tuple[Decision, ...]
    excluded: tuple[Excluded, ...]
    considered: int
    groups: tuple[RecordGroups, ...]
    versions: dict[str, str]

    @property
    def trials(self) -> tuple[str, ...]:
        """Identifiers of the trials with rows, sorted."""
        return tuple(sorted({row["registry_id"] for row in self.rows}))


@dataclass(frozen=True, slots=True)
class _Found:
    rows: tuple[Row, ...] = ()
    decisions: tuple[Decision, ...] = ()
    excluded: tuple[Excluded, ...] = ()


def extract(
    source: RecordSource,
    question: Question,
    events: Sequence[EventDefinition],
    *,
    match: Callable[[Record], RecordGroups],
    progress: Callable[[int, int, str], object] | None = None,
) -> Extraction:
    """Extract a table of trial arms from records.

    Parameters
    ----------
    source : RecordSource
    question : Question
    events : sequence of EventDefinition
        Each becomes an outcome of the table.
    match : callable
        Gives the groups of a record their arms, roles and treatments, with the corrections of the user.
    progress : callable, optional
        Called with trials done, trials in all, and the identifier of the next.

    Returns
    -------
    Extraction

    Examples
    --------
    >>> from trialpool.registry.extract import ListSource, make_question
    >>> from trialpool.registry.events import read_definition
    >>> question = make_question(["dapagliflozin"], ["placebo"])
    >>> extract(ListSource(()), question, [read_definition("nausea")], match=lambda record: RecordGroups(record.nct_id, ())).considered
    0
    """
    names = source.candidates(question.names)
    found: list[_Found] = []
    groups: list[RecordGroups] = []
    versions: dict[str, str] = {}
    for i, record in enumerate(source.records(names) if names else ()):
        if progress is not None:
            progress(i, len(names), record.nct_id)
        one, matched = _from_record(question, events, record, match)
        found.append(one)
        groups += [matched] if matched is not None else []
        versions[record.nct_id] = record.registry_date
    return Extraction(
        question=question,
        events=tuple(events),
        source=source.name,
        rows=tuple(row for one in found for row in one.rows),
        decisions=tuple(decision for one in found for decision in one.decisions),
        excluded=tuple(excluded for one in found for excluded in one.excluded),
        considered=len(names),
        groups=tuple(groups),
        versions=versions,
    )


def _from_record(
    question: Question, events: Sequence[EventDefinition], record: Record, match: Callable[[Record], RecordGroups]
) -> tuple[_Found, RecordGroups | None]:
    refusal = question.refusal(record)
    if refusal:
        return _Found(excluded=(Excluded(record.nct_id, record.title, refusal),)), None
    groups = match(record)
    selection = select(question, record, groups)
    if not selection.strata:
        out = Excluded(record.nct_id, record.title, selection.reason, in_doubt=selection.in_doubt)
        return _Found((), selection.decisions, (out,)), groups
    return _counted(question, events, record, selection), groups


def _counted(question: Question, events: Sequence[EventDefinition], record: Record, selection: Selection) -> _Found:
    rows: list[Row] = []
    decisions = list(selection.decisions)
    excluded: list[Excluded] = []
    several = len(selection.strata) > 1
    for definition in events:
        here: list[Row] = []
        reasons: list[str] = []
        cells = with_listing(record, event_cells(record, definition, _all_groups(selection)))
        time = follow_up(cells.outcome_time_frame or _time_frame(record))
        if question.min_weeks is not None and (time.weeks is None or time.weeks < question.min_weeks):
            weeks = "not stated" if time.weeks is None else f"{time.weeks:g} weeks"
            excluded.append(
                _out(record, definition, f"follow-up {weeks}, shorter than {question.min_weeks:g} weeks asked for")
            )
            continue
        decisions += (*cells.decisions, *_about_time(record, time))
        for stratum in selection.strata:
            label = trial_label(record, stratum, named=several)
            found = trial_rows(question, record, stratum, definition, cells, label=label, time=time)
            complete = {row["treatment"] for row in found} == {question.treatment.name, question.control_name}
            here += found if complete else []
            reasons += [] if complete else _why_empty(stratum, cells)
        rows += here
        if not here:
            excluded.append(_out(record, definition, "; ".join(dict.fromkeys(reasons))))
    return _Found(tuple(rows), _once(decisions), tuple(excluded))


def _all_groups(selection: Selection) -> tuple[str, ...]:
    return tuple(group for stratum in selection.strata for group in stratum.groups)


def _out(record: Record, definition: EventDefinition, reason: str) -> Excluded:
    return Excluded(record.nct_id, record.title, reason, definition.name)


def _time_frame(record: Record) -> str:
    return record.adverse_events.time_frame if record.adverse_events is not None else ""


def _about_time(record: Record, time: FollowUp) -> list[Decision]:
    if not time.rule:
        return []
    after = "not known" if time.weeks is None else f"{time.weeks:g} weeks"
    confidence = 0.8 if time.weeks is not None else 1.0
    path = "resultsSection.adverseEventsModule.timeFrame"
    return [Decision(record.nct_id, "follow-up", time.rule, time.text, after, confidence, path)]


def _why_empty(stratum: Stratum, cells: EventCells) -> list[str]:
    """Why the groups of a comparison have no count."""
    reasons = (cells.of(group) for group in stratum.groups)
    return [f"no count: {cell.reason}" for cell in reasons if not cell.usable] or ["no count"]


def _once(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Each decision once: what concerns the trial recurs with every event."""
    return tuple(dict.fromkeys(replace(decision) for decision in decisions))
