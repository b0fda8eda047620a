"""What one section of a record, serious or other events, says of the event in one group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from trialpool.registry.events.collected import not_collected
from trialpool.registry.events.definition import EventDefinition
from trialpool.registry.events.matching import TermMatch
from trialpool.registry.events.near import NearMiss
from trialpool.registry.events.pieces import Piece
from trialpool.registry.events.threshold import listed_from, threshold_of
from trialpool.registry.model import AdverseEvents, EventCell, EventGroup, Section
from trialpool.registry.model import Total as GroupTotal

_LOW_THRESHOLD = Fraction(1, 100)

__all__ = ["NOTHING_LISTED", "SectionFinding", "find_in_section"]

NOTHING_LISTED = "no other event is listed at all, so they may not have been collected"
_THRESHOLD_ZERO = "the reporting threshold is 0, so every other event is listed, though it can hide a selection"
_LOW_AND_EMPTY = (
    "the reporting threshold is below 1% and no other event is listed at all: they were not collected, or the threshold is meant "
    "as a share"
)


@dataclass(frozen=True, slots=True)
class SectionFinding:
    """The pieces of a section in one group.

    Attributes
    ----------
    section : {"serious", "other"}
    state : {"known", "not assessed", "unknown"}
    reason : str
        Why it is not known, or what was concluded from rows that are not there.
    pieces : tuple of Piece
        Listed rows, then one for what is not listed, if that can be anybody.
    n : int or None
        Participants at risk in the section.
    cap : int or None
        Participants with any listed event of the section: more cannot have a listed row.
    path : str
    notes : tuple of str
        What else was found, in words.
    """

    section: Section
    state: Literal["known", "not assessed", "unknown"]
    reason: str
    pieces: tuple[Piece, ...] = ()
    n: int | None = None
    cap: int | None = None
    path: str = ""
    notes: tuple[str, ...] = ()

    @property
    def listed(self) -> tuple[Piece, ...]:
        """The pieces that are rows of the record."""
        return tuple(piece for piece in self.pieces if piece.listed)

    @property
    def joined(self) -> tuple[Piece, ...]:
        """The pieces, the listed rows together where the group's total limits them more than their sum."""
        rows = self.listed
        highs = [piece.high for piece in rows]
        if self.cap is None or None in highs or sum(high or 0 for high in highs) <= self.cap:
            return self.pieces
        low = max(piece.low for piece in rows)
        together = replace(rows[0], low=low, high=self.cap, what=f"any of {len(rows)} {self.section} rows")
        return (together, *(piece for piece in self.pieces if not piece.listed))


def find_in_section(
    definition: EventDefinition,
    events: AdverseEvents,
    matches: Sequence[TermMatch],
    section: Section,
    group: EventGroup,
    *,
    near: Sequence[NearMiss] = (),
) -> SectionFinding:
    """What a section says of the event in a group.

    Parameters
    ----------
    definition : EventDefinition
    events : AdverseEvents
    matches : sequence of TermMatch
        All rows that are the event.
    section : {"serious", "other"}
    group : EventGroup
    near : sequence of NearMiss
        Rows that may hold the event; the counts of those of the section are added to what is not listed.
    """
    total = group.serious if section == "serious" else group.other
    here = [match for match in matches if match.row.section == section]
    rows = [row for match in here for row in _row(match, group)]
    n = _at_risk(events, section, group, total)
    path = total.path if total is not None and total.path else events.path
    if n == 0 and not any(row.at_risk for row in rows):
        return SectionFinding(section, "not assessed", f"nobody is at risk of {section} events", n=0, path=path)
    assessed = [row for row in rows if row.at_risk != 0]
    notes = [f"not assessed in this group, and left out: {row.what}" for row in rows if row.at_risk == 0]
    beyond = [row for row in assessed if total and total.affected is not None and row.low > total.affected]
    notes += [
        f"more participants than with any {section} event, whose number is not used: {row.what}" for row in beyond
    ]
    cap = total.affected if total is not None and not beyond else None
    known = _unlisted(definition, events, here, section, group)
    if isinstance(known, str):
        return SectionFinding(section, "unknown", known, tuple(assessed), n, cap, path, tuple(notes))
    unlisted, reason = known
    maybe = [piece for one in near if one.counted and one.row.section == section for piece in _maybe(one, group, n)]
    if rows and not assessed and not unlisted and not maybe:
        reason = f"the row has nobody at risk in this group: {rows[0].what}"
        return SectionFinding(section, "not assessed", reason, n=n, path=rows[0].path)
    extra = [Piece(0, most, n, f"not listed: {reason}", path, listed=False) for most in unlisted if most != 0]
    reason = "; ".join(filter(None, (reason, ", ".join(piece.what for piece in maybe))))
    return SectionFinding(section, "known", reason, (*assessed, *extra, *maybe), n, cap, path, tuple(notes))


def _row(match: TermMatch, group: EventGroup) -> list[Piece]:
    """The group's cell of a row; what has no usable number can be anybody's."""
    row = match.row
    cell = row.cell(group.id)
    what = f"{row.section} {row.term!r}"
    if cell is None:
        return [Piece(0, None, None, f"{what}, no number for this group", row.path)]
    path = f"{cell.path}.numAffected" if cell.path else row.path
    if cell.at_risk == 0:
        return [Piece(0, 0, 0, what, path)]
    problem = _cell_problem(cell)
    if problem or cell.affected is None:
        return [Piece(0, None, cell.at_risk, f"{what}, {problem}", path)]
    return [Piece(cell.affected, cell.affected, cell.at_risk, what, path)]


def _maybe(near: NearMiss, group: EventGroup, n: int | None) -> list[Piece]:
    """Nobody to all of the participants of a row that may hold the event."""
    match = TermMatch(near.row, "term", near.row.term)
    what = f"{near.row.term!r} may hold the event"
    return [
        Piece(
            0, high, row.at_risk, f"{what} ({'number missing' if row.high is None else high})", row.path, listed=False
        )
        for row in _row(match, group)
        if (high := row.at_risk or n if row.high is None else row.high) != 0
    ]


def _cell_problem(cell: EventCell) -> str:
    if cell.affected is None:
        return "the number affected is missing"
    if cell.at_risk is None:
        return "the number at risk is missing"
    return "" if 0 <= cell.affected <= cell.at_risk else f"{cell.affected} affected of {cell.at_risk} at risk"


def _at_risk(events: AdverseEvents, section: Section, group: EventGroup, total: GroupTotal | None) -> int | None:
    """Participants at risk in a section: the group's total, else the largest of its rows."""
    if total is not None and total.at_risk is not None:
        return total.at_risk
    cells = (row.cell(group.id) for row in events.of(section))
    return max((cell.at_risk for cell in cells if cell is not None and cell.at_risk is not None), default=None)


def _unlisted(
    definition: EventDefinition, events: AdverseEvents, here: Sequence[TermMatch], section: Section, group: EventGroup
) -> tuple[list[int | None], str] | str:
    """The most participants that each term which is not listed can have (None: anybody), and why; or why it is unknown."""
    missing = _missing(definition, here)
    if missing == 0:
        return [], ""
    said = not_collected(events, section)
    if said:
        return f"the record says: {said!r}"
    total = group.serious if section == "serious" else group.other
    if section == "serious":
        return _unlisted_zero(events, section, group, total, "serious events are reported, and every one is listed")
    threshold = threshold_of(events)
    n = _at_risk(events, section, group, total)
    if n is None:
        return "the record reports no other events"
    if threshold is None:
        return "the record states no threshold, so a term that is not listed can be of any size"
    if threshold < _LOW_THRESHOLD and not events.of(section) and (total is None or total.affected is not None):
        return _LOW_AND_EMPTY
    if threshold == 0:
        return _unlisted_zero(events, section, group, total, _THRESHOLD_ZERO)
    most, reason = _below(definition, missing, threshold, n)
    return most, reason if events.of(section) else f"{reason}; {NOTHING_LISTED}"


def _missing(definition: EventDefinition, here: Sequence[TermMatch]) -> int:
    """How many of the definition's events no row of the section is; 1 for what an organ system may hold beside its rows."""
    if definition.of_organ_systems:
        return 1
    # Special forms of a term that are not listed leave nothing open, and one that is listed is not the term.
    terms = [match for match in here if match.concept is not None and match.concept < len(definition.concepts)]
    concepts = {match.concept for match in terms if not match.one_way or _ways(match, here) > 1}
    patterns = {number for match in here for number in match.patterns}
    return len(definition.concepts) - len(concepts) + len(definition.patterns) - len(patterns)


def _ways(match: TermMatch, here: Sequence[TermMatch]) -> int:
    """In how many ways the rows of an event say that it was collected."""
    return len({one.qualifier.casefold() for one in here if one.concept == match.concept})


def _unlisted_zero(
    events: AdverseEvents, section: Section, group: EventGroup, total: GroupTotal | None, reason: str
) -> tuple[list[int | None], str] | str:
    """Nobody, where every event of the section is listed; what rows lack of the group's total may be the event."""
    rows = events.of(section)
    affected = total.affected if total is not None else None
    if not rows and affected is None:
        return f"the record does not say whether there were {section} events"
    if affected is None:
        return [0], reason
    cells = (row.cell(group.id) for row in rows)
    listed = sum(cell.affected for cell in cells if cell is not None and cell.affected is not None)
    if listed < affected:
        return [affected], f"{affected} participants had {section} events, but the rows account for {listed} at most"
    return [0], reason


def _below(definition: EventDefinition, missing: int, threshold: Fraction, n: int) -> tuple[list[int | None], str]:
    most = min(n, listed_from(threshold, n) - 1)
    share = f"below the reporting threshold of {float(threshold * 100):g}% of {n}"
    if definition.unlisted == "together":
        assumed = " together (an assumption of the definition)" if missing > 1 or definition.of_organ_systems else ""
        return [most], f"{share}{assumed}"
    if definition.of_organ_systems:
        return [None], f"each term of the organ system that is not listed is {share}; how many there are is not known"
    return [most] * missing, f"{share}{f', each of {missing} terms' if missing > 1 else ''}"
