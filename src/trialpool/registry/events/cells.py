"""The door: an event definition and a record to one cell for each group."""

from __future__ import annotations

from collections.abc import Sequence

from trialpool.registry.events.at_risk import at_risk_together
from trialpool.registry.events.cell import Cell, CellStatus, EventCells
from trialpool.registry.events.decision import Decision
from trialpool.registry.events.definition import EventDefinition
from trialpool.registry.events.matching import TermMatch, match_terms
from trialpool.registry.events.near import NearMiss, near_misses
from trialpool.registry.events.pieces import union_bounds
from trialpool.registry.events.reported import cell_from_total, cells_from_outcome
from trialpool.registry.events.sections import NOTHING_LISTED, SectionFinding, find_in_section
from trialpool.registry.events.spelling import term_keys
from trialpool.registry.model import AdverseEvents, EventGroup, Record

__all__ = ["event_cells"]


def event_cells(record: Record, definition: EventDefinition, groups: Sequence[str]) -> EventCells:
    """What a record says of an event in some of its groups.

    Parameters
    ----------
    record : Record
    definition : EventDefinition
    groups : sequence of str
        Keys of event groups; others do not enter.

    Returns
    -------
    EventCells
        A cell for each group: an exact count, bounds that hold the count for certain, or why there is none; with the rows that were
        used and a decision for each conclusion that is not the mere reading of a number.

    Notes
    -----
    Rows are never added up: a participant may have several terms, or one as serious and another time not. The bounds are the largest
    row, and the sum (at most the group's total of the section, and the number at risk). A term that is not listed counts 0 among
    serious events if the record reports these, and 0 to ceil(t n) - 1 among other events with a reporting threshold t. A row that
    may hold the event raises the upper bound by its count.
    """
    events = record.adverse_events
    if events is None:
        nothing = [Cell(group, "unknown", None, None, None, "the record has no adverse events") for group in groups]
        return EventCells(record.nct_id, definition.name, tuple(nothing))
    chosen = [group for group in events.groups if group.id in groups]
    if definition.total:
        totals = tuple(cell_from_total(definition, group) for group in chosen)
        return EventCells(record.nct_id, definition.name, totals)
    reported, outcome, why_not = cells_from_outcome(definition, record, chosen)
    if outcome is not None:
        decision = Decision(
            record.nct_id,
            "cells",
            "the record reports the composite itself",
            "terms",
            outcome.title,
            0.95,
            outcome.path,
        )
        cells = tuple(reported[group.id] for group in chosen)
        return EventCells(record.nct_id, definition.name, cells, (), (decision,), outcome.time_frame)
    matches = match_terms(definition, events)
    near = near_misses(definition, events, matches)
    decisions = [*_about_terms(record.nct_id, definition, matches), *(one.decision(record.nct_id) for one in near)]
    if why_not:
        decisions.append(Decision(record.nct_id, "cells", why_not, "a reported composite", "its terms"))
    found = [_cell(record.nct_id, definition, events, (matches, near), group) for group in chosen]
    decisions += [decision for _, taken in found for decision in taken]
    return EventCells(record.nct_id, definition.name, tuple(cell for cell, _ in found), matches, tuple(decisions))


def _about_terms(trial: str, definition: EventDefinition, matches: Sequence[TermMatch]) -> list[Decision]:
    """How each row came to be the event; repeated rows; several dictionaries."""
    rules = {"term": 1.0, "synonym": 0.98, "form": 0.95, "pattern": 0.9, "organ system": 0.9}
    decisions = [
        Decision(
            trial,
            "terms",
            _how(match),
            f"{match.row.section} {match.row.term!r} ({match.row.vocabulary.strip() or 'dictionary not stated'})",
            definition.name,
            rules[match.rule],
            match.row.path,
        )
        for match in matches
    ]
    seen: dict[tuple[str, str], list[TermMatch]] = {}
    for match in matches:
        seen.setdefault((match.row.section, min(term_keys(match.row.term))), []).append(match)
    for (section, _), same in seen.items():
        if len(same) > 1:
            systems = ", ".join(sorted({match.row.organ_system for match in same}))
            rule = "one term in several rows is not added up: a participant may be in more than one"
            rows = f"{section} {same[0].row.term!r} in {len(same)} rows ({systems})"
            decisions.append(Decision(trial, "cells", rule, rows, "bounds", 1.0, same[1].row.path))
    listed = {match.name for match in matches if match.rule == "form"}
    if len(listed) < len(definition.forms):
        rule = "special forms that the record does not list are taken to be nobody's, as the definition says"
        missing = f"{len(definition.forms) - len(listed)} of {len(definition.forms)} special forms"
        decisions.append(Decision(trial, "cells", rule, missing, "0", 0.9))
    dictionaries = sorted({match.row.vocabulary.strip() for match in matches} - {""})
    if len(dictionaries) > 1:
        rule = "the rows come from several dictionaries or versions"
        decisions.append(Decision(trial, "terms", rule, "; ".join(dictionaries), "all used", 0.9))
    return decisions


def _how(match: TermMatch) -> str:
    if match.qualifier:
        what = (
            "how it was collected, or all of it"
            if not term_keys(match.qualifier) & term_keys(match.name)
            else "it once more"
        )
        return f"{match.rule} {match.name!r}; the bracket {match.qualifier!r} says {what}"
    if match.rule == "form":
        return f"special form {match.name!r}"
    return "term" if match.exact else f"{match.rule} {match.name!r}"


def _cell(
    trial: str,
    definition: EventDefinition,
    events: AdverseEvents,
    rows: tuple[Sequence[TermMatch], Sequence[NearMiss]],
    group: EventGroup,
) -> tuple[Cell, list[Decision]]:
    matches, near = rows
    found = [find_in_section(definition, events, matches, section, group, near=near) for section in definition.sections]
    cell = _combined(group, found)
    where = f"group {group.id} {group.title!r}"
    path = cell.paths[0] if cell.paths else events.path
    decisions = [Decision(trial, "cells", note, where, str(cell), 1.0, path) for one in found for note in one.notes]
    _, _, rule = at_risk_together(found)
    if rule and cell.usable:
        numbers = {piece.at_risk for one in found for piece in one.listed} | {one.n for one in found if not one.listed}
        shown = f"{where}: {', '.join(map(str, sorted(number for number in numbers if number)))}"
        decisions.append(Decision(trial, "cells", rule, shown, str(cell.n), 0.8, path))
    listed = [piece for one in found for piece in one.listed]
    if len(listed) > 1 or any(not one.listed for one in found) or not cell.usable:
        confidence = 0.6 if NOTHING_LISTED in cell.reason else 1.0
        decisions.append(
            Decision(trial, "cells", cell.reason, f"{where}: {_shown(found)}", str(cell), confidence, path)
        )
    return cell, decisions


def _combined(group: EventGroup, found: Sequence[SectionFinding]) -> Cell:
    """The cell of a group from its sections."""
    states: tuple[CellStatus, ...] = ("unknown", "not assessed")
    for state in states:
        of_state = [one for one in found if one.state == state]
        if of_state:
            reason = "; ".join(f"{one.section} events: {one.reason}" for one in of_state)
            return Cell(group.id, state, None, None, None, reason, tuple(one.path for one in of_state if one.path))
    n, pieces, _ = at_risk_together(found)
    listed = [piece for one in found for piece in one.listed]
    paths = tuple(piece.path for piece in listed) or tuple(one.path for one in found)
    loose = next((piece for piece in pieces if piece.high is None), None)
    if loose is not None or n is None:
        reason = loose.what if loose is not None else "the record gives no number at risk"
        return Cell(group.id, "unknown", None, None, None, reason, paths)
    low, high = union_bounds(pieces, n)
    paths += tuple(piece.path for piece in pieces if not piece.listed and piece.path not in paths)
    status: CellStatus = "exact" if low == high else "bounds"
    return Cell(group.id, status, n, low, high, _reason(found, low, high), tuple(dict.fromkeys(paths)))


def _reason(found: Sequence[SectionFinding], low: int, high: int) -> str:
    listed = [piece for one in found for piece in one.listed]
    unlisted = [f"{one.section}: {one.reason}" for one in found if one.reason]
    if low == high:
        return "; ".join([*(["read"] if listed else ["not listed"]), *unlisted])
    several = ["a participant may be in several rows"] if sum((piece.high or 0) > 0 for piece in listed) > 1 else []
    return "; ".join([*several, *unlisted])


def _shown(found: Sequence[SectionFinding]) -> str:
    """The numbers of the sections in words."""
    parts = []
    for one in found:
        rows = ", ".join(
            f"{piece.what} {'?' if piece.high is None else piece.high} of {piece.at_risk}" for piece in one.listed
        )
        parts.append(rows or f"not listed under {one.section}")
    return "; ".join(parts)
