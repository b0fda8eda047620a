"""From how many participants a row would have been listed: for a likelihood that models the listing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from trialpool.registry.events import Cell, Decision, EventCells
from trialpool.registry.events.threshold import listed_from, threshold_of
from trialpool.registry.model import AdverseEvents, EventTerm, Record

__all__ = ["with_listing"]


def with_listing(record: Record, found: EventCells) -> EventCells:
    """The cells with the number of participants from which their row is listed, where that can be modelled.

    It can where the count of every cell is that of one row of the other events, and it is these groups that made the record list
    it: one of them reaches the threshold, and no group beside them does.
    """
    events = record.adverse_events
    threshold = threshold_of(events) if events is not None else None
    if events is None or not threshold or not all(cell.status == "exact" for cell in found.cells):
        return found
    rows = [match.row for match in found.matches if match.row.section == "other"]
    if len(rows) != 1 or not all(_is_the_row(rows[0], cell) for cell in found.cells):
        return found
    smallest = {cell.group: listed_from(threshold, cell.n) for cell in found.cells if cell.n}
    if len(smallest) < len(found.cells):
        return found
    elsewhere = _listed_elsewhere(rows[0], events, found)
    reaching = [cell for cell in found.cells if (cell.low or 0) >= smallest[cell.group]]
    if elsewhere or not reaching:
        rule = f"group {elsewhere} made the record list it" if elsewhere else "it is listed though below the threshold"
        decision = Decision(record.nct_id, "cells", rule, rows[0].term, "no listing modelled", 1.0, rows[0].path)
        return replace(found, decisions=(*found.decisions, decision))
    return replace(found, cells=_filled(found.cells, smallest))


def _filled(cells: Sequence[Cell], smallest: Mapping[str, int]) -> tuple[Cell, ...]:
    return tuple(replace(cell, listed_from=smallest[cell.group]) for cell in cells)


def _is_the_row(row: EventTerm, cell: Cell) -> bool:
    here = row.cell(cell.group)
    return here is not None and here.affected == cell.low and here.at_risk == cell.n


def _listed_elsewhere(row: EventTerm, events: AdverseEvents, found: EventCells) -> str:
    """A group beside these that reaches the threshold.

    Also one of the same people: their longer follow-up holds these weeks, and more events, for which the row may be listed.
    """
    threshold = threshold_of(events)
    used = {cell.group for cell in found.cells}
    for cell in row.cells:
        if cell.group in used or not cell.at_risk or threshold is None:
            continue
        if (cell.affected or 0) >= listed_from(threshold, cell.at_risk):
            return cell.group
    return ""
