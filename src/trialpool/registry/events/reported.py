"""A composite that the record reports itself: an outcome measure with counts of participants, or a total of the group."""

from __future__ import annotations

from collections.abc import Sequence

from trialpool.registry.events.cell import Cell
from trialpool.registry.events.definition import EventDefinition
from trialpool.registry.groups.words import title_key
from trialpool.registry.model import EventGroup, Measurement, OutcomeMeasure, Record
from trialpool.registry.model import Total as GroupTotal

__all__ = ["cell_from_total", "cells_from_outcome"]

_PEOPLE = frozenset({"participant", "patient", "subject", "people", "person"})
_MOST_DIFFERENT = 0.1


def cell_from_total(definition: EventDefinition, group: EventGroup) -> Cell:
    """The cell of a definition that asks for a total of the group."""
    total: GroupTotal | None = group.serious if definition.total == "serious" else group.deaths
    what = "participants with any serious event" if definition.total == "serious" else "deaths"
    if total is None or total.affected is None or total.at_risk is None:
        return Cell(group.id, "unknown", None, None, None, f"the record does not total {what}")
    if total.at_risk == 0:
        return Cell(group.id, "not assessed", 0, None, None, f"nobody is at risk in the total of {what}", (total.path,))
    if not 0 <= total.affected <= total.at_risk:
        reason = f"the total of {what} is {total.affected} of {total.at_risk}"
        return Cell(group.id, "unknown", None, None, None, reason, (total.path,))
    return Cell(group.id, "exact", total.at_risk, total.affected, total.affected, f"total of {what}", (total.path,))


def cells_from_outcome(
    definition: EventDefinition, record: Record, groups: Sequence[EventGroup]
) -> tuple[dict[str, Cell], OutcomeMeasure | None, str]:
    """The cells that one outcome measure reports for all of these groups.

    An outcome fits if a pattern of the definition is in its title, it is posted, counts participants in one number a
    group, and each group has one group of the outcome with the same title (else the same description) and nearly the same
    number of participants. Percentages are never turned into counts.

    Returns
    -------
    cells : dict
        By group; empty where no outcome fits.
    outcome : OutcomeMeasure or None
        The one used.
    reason : str
        Why an outcome whose title fits was not used; empty where there is none.
    """
    titled = [o for o in record.outcomes if any(p.fits(o.title) for p in definition.outcome_titles)]
    read = [(outcome, _cells(outcome, groups)) for outcome in titled]
    usable = [(outcome, cells) for outcome, cells in read if isinstance(cells, dict)]
    if len(usable) == 1:
        return usable[0][1], usable[0][0], ""
    if usable:
        return {}, None, f"{len(usable)} outcome measures fit; name the one that is meant in outcome_titles"
    reasons = [f"{outcome.title!r}: {cells}" for outcome, cells in read if isinstance(cells, str)]
    return {}, None, "; ".join(reasons)


def _cells(outcome: OutcomeMeasure, groups: Sequence[EventGroup]) -> dict[str, Cell] | str:
    numbers = [
        measurement for row in outcome.classes for category in row.categories for measurement in category.measurements
    ]
    if outcome.status not in ("", "POSTED"):
        return "it is not posted"
    if not _counts_people(outcome):
        return f"it is given as {outcome.param_type.lower() or 'numbers'} of {outcome.unit!r}, not as a count of participants"
    if sum(len(row.categories) for row in outcome.classes) != 1:
        return "it has several numbers a group"
    by_group = {measurement.group: measurement for measurement in numbers}
    cells: dict[str, Cell] = {}
    for group in groups:
        matched = _outcome_group(outcome, group)
        cell = _cell(outcome, group, matched, by_group.get(matched)) if matched else None
        if cell is None:
            return f"no group of it is surely {group.title!r} with a count"
        cells[group.id] = cell
    if len({cell.paths for cell in cells.values()}) < len(cells):
        return "two groups would get one number"
    return cells


def _counts_people(outcome: OutcomeMeasure) -> bool:
    if outcome.param_type == "COUNT_OF_PARTICIPANTS":
        return True
    words = {word.rstrip("s") for word in title_words(outcome.unit)}
    return (
        outcome.param_type == "NUMBER"
        and bool(words & _PEOPLE)
        and words <= _PEOPLE | {"number", "count", "of", "with", "event"}
    )


def title_words(text: str) -> list[str]:
    """The words of a text in lower case.

    >>> title_words("Number of Participants")
    ['number', 'of', 'participants']
    """
    return text.casefold().replace("/", " / ").split()


def _outcome_group(outcome: OutcomeMeasure, group: EventGroup) -> str:
    """The key of the outcome's group that is this one, or nothing."""
    for ours, theirs in (
        (title_key(group.title), [(title_key(g.title), g.id) for g in outcome.groups]),
        (title_key(group.description), [(title_key(g.description), g.id) for g in outcome.groups]),
    ):
        same = [key for text, key in theirs if text and text == ours]
        if len(same) == 1:
            return same[0]
    return ""


def _cell(outcome: OutcomeMeasure, group: EventGroup, matched: str, number: Measurement | None) -> Cell | None:
    denominators = (*outcome.classes[0].denominators, *outcome.denominators)
    people = [d.count(matched) for d in denominators if d.units.casefold().rstrip("s") == "participant"]
    n = next((count for count in people if count is not None), None)
    if number is None or number.value is None or not number.value.is_integer() or not n:
        return None
    at_risk = [total.at_risk for total in (group.serious, group.other) if total is not None and total.at_risk]
    if at_risk and abs(max(at_risk) - n) > _MOST_DIFFERENT * max(at_risk):
        return None
    events = int(number.value)
    if not 0 <= events <= n:
        return None
    return Cell(
        group.id, "exact", n, events, events, f"reported as the outcome {outcome.title!r}", (f"{number.path}.value",)
    )
