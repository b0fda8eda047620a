"""The queries, written once: each runs unchanged on a store (DuckDB over Parquet) and on AACT (PostgreSQL).

They name only columns that AACT has, send no tables of their own, and so need no more than the right to read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from trialpool import checks
from trialpool.errors import OptionError
from trialpool.registry.store.database import Database

__all__ = ["GroupSide", "candidates", "event_rows", "overview", "two_by_two"]

_MENTIONS = (
    ("interventions", ("name",)),
    ("intervention_other_names", ("name",)),
    ("design_groups", ("title",)),
    ("result_groups", ("title", "description")),
)
_EVENT = ("nct_id", "event_type", "organ_system", "adverse_event_term")
_SIDES: tuple[Literal["treatment", "control"], ...] = ("treatment", "control")
_BETWEEN_FIELDS, _BETWEEN_ROWS = "\x1f", "\x1e"
_MOST_GROUPS = 62
"""Of one trial: each is a bit of a number that has 63."""


@dataclass(frozen=True, slots=True)
class GroupSide:
    """An event group and the side of the comparison that it stands on. Several groups of one side are added up."""

    nct_id: str
    group: str
    side: Literal["treatment", "control"]


def candidates(database: Database, names: Sequence[str]) -> Any:
    """Trials that mention one of the names, with results or without: an expression with the column ``nct_id``.

    Parameters
    ----------
    database : Database
    names : sequence of str
        Looked for without regard to case, anywhere in names and other names of interventions, labels of protocol arms, titles
        and descriptions of the groups of adverse events.

    Raises
    ------
    OptionError
        If no names are given, or an empty one.
    """
    wanted = [name.strip().lower() for name in names]
    if not wanted or "" in wanted:
        raise OptionError(f"names={list(names)!r} holds no name to look for; give the names of a treatment")
    found = []
    for table_name, columns in _MENTIONS:
        table = database.table(table_name)
        if table_name == "result_groups":
            table = table.filter(table.result_type == "Reported Event")
        texts = [table[column].lower() for column in columns]
        found.append(table.filter(_any([text.contains(name) for text in texts for name in wanted])).select("nct_id"))
    return found[0].union(*found[1:], distinct=True).order_by("nct_id")


def _any(conditions: Sequence[Any]) -> Any:
    """Either half: a chain of some hundred alternatives is nested too deeply for Ibis."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    return _any(conditions[:middle]) | _any(conditions[middle:])


def event_rows(database: Database, *, nct_ids: Sequence[str] | None = None, terms: Sequence[str] | None = None) -> Any:
    """The rows of ``reported_events`` of some trials and terms, or of all, in the order of the records.

    Parameters
    ----------
    database : Database
    nct_ids, terms : sequence of str, optional
        Terms are compared whole, without regard to case.
    """
    events = _of_terms(database.table("reported_events"), terms)
    if nct_ids is not None:
        events = events.filter(events.nct_id.isin(list(nct_ids)))
    columns = (
        "id", "nct_id", "event_type", "organ_system", "adverse_event_term", "ctgov_group_code", "subjects_affected",
        "subjects_at_risk", "event_count", "vocab", "assessment",
    )  # fmt: skip
    return events.select(*columns).order_by("nct_id", "id")


def two_by_two(database: Database, sides: Iterable[GroupSide], *, terms: Sequence[str] | None = None) -> Any:
    """A row for each trial and term with participants affected and at risk on both sides.

    Parameters
    ----------
    database : Database
    sides : iterable of GroupSide
        Groups that take part; one that stands on no side is left out.
    terms : sequence of str, optional
        Terms, compared whole and without regard to case; all where none are given.

    Returns
    -------
    ibis.Table
        ``nct_id, event_type, organ_system, adverse_event_term`` (texts empty where the record states none), ``occurrence``, and
        for each side ``groups`` (how many assessed the event), ``events`` and ``n``: ``treatment_events``, ... Serious and other
        events are never added, nor rows that repeat a term: those are told apart by ``occurrence``, their number in the order of
        the record. Groups with 0 at risk did not assess the event and count for nothing; a number that one group does not state
        is missing for its side.

    Raises
    ------
    OptionError
        If no group is named, one is named twice, or more than 62 of one trial.
    """
    ibis = _ibis()
    events = _of_terms(database.table("reported_events"), terms)
    events = events.filter(events.subjects_at_risk.isnull() | (events.subjects_at_risk > 0))
    # Rows without an organ system are to be compared as well: null is equal to nothing.
    events = events.mutate(**{name: events[name].fill_null("") for name in ("organ_system", "adverse_event_term")})
    rows = events.inner_join(_relation(sides), ["nct_id", "ctgov_group_code"])
    # To number all rows costs more than all the rest, and few terms are repeated: then the bit of a group is there twice.
    counted = rows.group_by(_EVENT).aggregate(
        **_totals(rows), there=rows.bit.bit_or(), added=rows.bit.sum().cast("int64")
    )
    repeated = rows.semi_join(counted.filter(counted.there != counted.added).select(*_EVENT), _EVENT)
    place = ibis.window(group_by=[*_EVENT, "ctgov_group_code"], order_by="id")
    numbered = repeated.mutate(occurrence=ibis.row_number().over(place) + 1)
    told_apart = numbered.group_by([*_EVENT, "occurrence"]).aggregate(**_totals(numbered))
    once = counted.filter(counted.there == counted.added).mutate(occurrence=ibis.literal(1, "int64"))
    columns = [*_EVENT, "occurrence", *_totals(rows)]
    return once.select(*columns).union(told_apart.select(*columns))


def _totals(rows: Any) -> dict[str, Any]:
    totals = {}
    for side in _SIDES:
        here = rows.side == side
        totals[f"{side}_groups"] = groups = rows.count(where=here)
        for name, column in (("events", rows.subjects_affected), ("n", rows.subjects_at_risk)):
            stated = column.count(where=here)
            totals[f"{side}_{name}"] = _ibis().ifelse(stated == groups, column.sum(where=here).cast("int64"), None)
    return totals


def _of_terms(events: Any, terms: Sequence[str] | None) -> Any:
    if terms is None:
        return events
    return events.filter(events.adverse_event_term.lower().isin([term.lower() for term in terms]))


def _relation(sides: Iterable[GroupSide]) -> Any:
    """The sides as a relation inside the query: one text, split where it is needed, so that no table need be made."""
    rows: dict[tuple[str, str], str] = {}
    bits: Counter[str] = Counter()
    for side in sides:
        checks.choice("side", side.side, _SIDES)
        if any(mark in text for text in (side.nct_id, side.group) for mark in (_BETWEEN_FIELDS, _BETWEEN_ROWS)):
            raise OptionError(f"group {side.group!r} of {side.nct_id!r} holds a control character; leave it out")
        if (side.nct_id, side.group) in rows:
            raise OptionError(f"sides name group {side.group!r} of {side.nct_id} twice; it stands on one side, once")
        if bits[side.nct_id] == _MOST_GROUPS:
            raise OptionError(f"sides name more than {_MOST_GROUPS} groups of {side.nct_id}; give fewer")
        fields = (side.nct_id, side.group, side.side, str(1 << bits[side.nct_id]))
        rows[side.nct_id, side.group] = _BETWEEN_FIELDS.join(fields)
        bits[side.nct_id] += 1
    if not rows:
        raise OptionError("sides name no event groups; give those of the treatment and those of the control")
    text = _ibis().literal(_BETWEEN_ROWS.join(rows.values()))
    lines = text.split(_BETWEEN_ROWS).unnest().name("line").as_table()
    nct_id, group, side_of, bit = (lines.line.split(_BETWEEN_FIELDS)[i] for i in range(4))
    return lines.select(nct_id=nct_id, ctgov_group_code=group, side=side_of, bit=bit.cast("int64"))


def overview(database: Database) -> Any:
    """One row: ``trials``, those ``with_results``, and ``event_rows``."""
    studies, events = database.table("studies"), database.table("reported_events")
    counted = studies.aggregate(trials=studies.count(), with_results=studies.results_first_posted_date.count())
    return counted.cross_join(events.aggregate(event_rows=events.count()))


def _ibis() -> Any:
    return checks.require_extra("ibis", "registry", "a query on registry records")
