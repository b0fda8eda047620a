"""arms.toml: what is known of every event group, for a user to confirm or correct; what the user says always wins."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from trialpool.registry.groups.matches import GroupMatch, Kind, RecordGroups, Role

__all__ = ["STATUSES", "ArmEntry", "ArmsFile", "Status"]

Status = Literal["accepted", "ask", "confirmed", "corrected"]
STATUSES: tuple[Status, ...] = get_args(Status)

_BY_USER = frozenset({"confirmed", "corrected"})


@dataclass(frozen=True, slots=True)
class ArmEntry:
    """One group of one trial in the file.

    Attributes
    ----------
    nct_id, title : str
        The trial, and the title of the group: what an entry is known by, because keys such as ``EG000`` can shift between
        versions of a record. Several entries of the same title are those groups in the record's order.
    arms, kind, role, treatments
        As of :class:`GroupMatch`.
    confidence : float or None
    status : {"accepted", "ask", "confirmed", "corrected"}
        The first two are the program's, the others the user's.
    note : str
        The user's own words.
    line : int
        Where the entry stands in the file; 0 if it was not read.
    """

    nct_id: str
    title: str
    arms: tuple[str, ...] = ()
    kind: Kind = "unclear"
    role: Role = "unclear"
    treatments: tuple[str, ...] = ()
    confidence: float | None = None
    status: Status = "ask"
    note: str = ""
    line: int = 0

    @property
    def by_user(self) -> bool:
        """Whether the user decided it."""
        return self.status in _BY_USER

    @property
    def check(self) -> str:
        """Eight characters that change with what the entry says; shows whether values were edited."""
        said = json.dumps([self.nct_id, self.title, self.arms, self.kind, self.role, self.treatments])
        return hashlib.sha256(said.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class ArmsFile:
    """The entries of an arms file.

    >>> entry = ArmEntry("NCT00000000", "Placebo", ("Arm 1",), "arm", "placebo", status="corrected")
    >>> match = GroupMatch("NCT00000000", "EG000", "Placebo", ("Arm 2",), "arm", "active", ("X",), 0.5, False)
    >>> found = ArmsFile((entry,)).applied(RecordGroups("NCT00000000", (match,))).matches[0]
    >>> found.arms, found.role, found.accepted, found.decided_by
    (('Arm 1',), 'placebo', True, 'user')
    """

    entries: tuple[ArmEntry, ...] = ()
    name: str = "arms.toml"

    def applied(self, found: RecordGroups, labels: Sequence[str] | None = None) -> RecordGroups:
        """The matches of a record with what the user decided put in their place.

        Parameters
        ----------
        found : RecordGroups
        labels : sequence of str, optional
            Labels of the record's arms: an arm the record does not have is said in the reasons; the user's word stands.
        """
        decided = {id(match): entry for match, entry in self._pairs(found) if match is not None}
        matches = tuple(
            _decided(match, decided[id(match)], self.name, labels) if id(match) in decided else match
            for match in found.matches
        )
        return replace(found, matches=matches)

    def unused(self, found: RecordGroups) -> tuple[ArmEntry, ...]:
        """What the user decided about groups that the record does not have (any more)."""
        return tuple(entry for match, entry in self._pairs(found) if match is None)

    def _pairs(self, found: RecordGroups) -> Iterator[tuple[GroupMatch | None, ArmEntry]]:
        """The user's entries of a record, each with its group: by title, equal titles by their order."""
        places: dict[str, Iterator[GroupMatch]] = {
            match.title: iter([other for other in found.matches if other.title == match.title])
            for match in found.matches
        }
        for entry in self.entries:
            if entry.nct_id == found.nct_id:
                match = next(places.get(entry.title, iter(())), None)
                if entry.by_user:
                    yield match, entry


def _decided(match: GroupMatch, entry: ArmEntry, name: str, labels: Sequence[str] | None) -> GroupMatch:
    unknown = [arm for arm in entry.arms if labels is not None and arm not in labels]
    reasons = [f"{entry.status} by the user in {name}" + (f", line {entry.line}" if entry.line else "")]
    reasons += [f"note: {entry.note}"] if entry.note else []
    reasons += [f"the record has no arm {arm!r}" for arm in unknown]
    return replace(
        match,
        arms=entry.arms,
        kind=entry.kind,
        role=entry.role,
        treatments=entry.treatments,
        confidence=1.0,
        accepted=True,
        decided_by="user",
        reasons=tuple(reasons),
    )


def entry_of(match: GroupMatch) -> ArmEntry:
    """The program's own entry of a group."""
    return ArmEntry(
        match.nct_id,
        match.title,
        match.arms,
        match.kind,
        match.role,
        match.treatments,
        match.confidence,
        "accepted" if match.accepted else "ask",
    )


def merged(found: Iterable[RecordGroups], previous: ArmsFile | None) -> Iterator[tuple[ArmEntry, GroupMatch | None]]:
    """The entries of a new file in order, with the group each is about: the user's as they are, the others made anew."""
    before = previous or ArmsFile()
    seen: set[str] = set()
    for record in sorted(found, key=lambda record: record.nct_id):
        seen.add(record.nct_id)
        kept = {id(match): entry for match, entry in before._pairs(record) if match is not None}
        for match in record.matches:
            yield kept.get(id(match), entry_of(match)), match
        for entry in before.unused(record):
            yield entry, None
    for entry in before.entries:
        if entry.by_user and entry.nct_id not in seen:
            yield entry, None
