"""Adverse events of a record: groups with their totals, terms with a cell for each group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["AdverseEvents", "EventCell", "EventGroup", "EventTerm", "Section", "Total"]

Section = Literal["serious", "other"]


@dataclass(frozen=True, slots=True)
class Total:
    """Participants of a group with any such event, of those at risk; None where the record does not say."""

    affected: int | None
    at_risk: int | None
    path: str = ""


@dataclass(frozen=True, slots=True)
class EventGroup:
    """A group in which adverse events were counted (``EG000``).

    ``other`` counts participants with any *listed* other event: not with any event at all. Each total is None where the
    record gives neither of its numbers.
    """

    id: str
    title: str
    description: str = ""
    deaths: Total | None = None
    serious: Total | None = None
    other: Total | None = None


@dataclass(frozen=True, slots=True)
class EventCell:
    """One term in one group: participants affected, of those at risk, and events where given.

    ``at_risk`` 0 means not assessed; ``affected`` None means not stated.
    """

    group: str
    affected: int | None
    at_risk: int | None
    events: int | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class EventTerm:
    """A row of the serious or other events. The same term may stand in a section several times."""

    section: Section
    term: str
    organ_system: str = ""
    vocabulary: str = ""
    assessment: str = ""
    notes: str = ""
    cells: tuple[EventCell, ...] = ()
    path: str = ""

    def cell(self, group: str) -> EventCell | None:
        """The cell of a group, or None if the row has none."""
        return next((cell for cell in self.cells if cell.group == group), None)


@dataclass(frozen=True, slots=True)
class AdverseEvents:
    """The adverse-event part of a record.

    Attributes
    ----------
    groups : tuple of EventGroup
    terms : tuple of EventTerm
        Serious ones first, in the record's order.
    threshold : float or None
        Other events are listed if at least this share of some group had them: 0.05 for "5". None where the record does not say.
    threshold_text : str
        As given.
    time_frame, description, deaths_comment : str
    path : str
    """

    groups: tuple[EventGroup, ...] = ()
    terms: tuple[EventTerm, ...] = ()
    threshold: float | None = None
    threshold_text: str = ""
    time_frame: str = ""
    description: str = ""
    deaths_comment: str = ""
    path: str = "resultsSection.adverseEventsModule"

    def of(self, section: Section) -> tuple[EventTerm, ...]:
        """The rows of a section."""
        return tuple(term for term in self.terms if term.section == section)
