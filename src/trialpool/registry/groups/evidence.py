"""All that is known of a record's event groups before anything is decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from trialpool.registry.groups.contents import ArmContent, arm_contents
from trialpool.registry.groups.naming import substances_of
from trialpool.registry.groups.phases import Phase, phase_of, without_phase
from trialpool.registry.groups.sequences import is_sequence
from trialpool.registry.groups.similarity import GroupText
from trialpool.registry.groups.substances import Substances
from trialpool.registry.groups.words import doses, title_key
from trialpool.registry.model import EventGroup, Group, Milestone, Record

__all__ = ["Evidence", "evidence_of"]

_BEFORE = re.compile(r"screen|baseline|wash-?out|pre-?treat|pre-?assign|enrol", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record's event groups with what belongs to each of them, in the same order.

    Attributes
    ----------
    at_risk : tuple of int or None
    fewest : tuple of int
        The least of the numbers at risk that a group has: a misprint is mostly too large.
    late : tuple of bool
        The flow group of the same title has nobody in the first period, but people in a later one.
    started : tuple of int
        The most people of the flow group of the same title who started a period; 0 where there is none.
    in_flow : tuple of bool
        A flow or baseline group has the same title.
    crossover : bool
        The design says so, or all groups of the participant flow are sequences.
    """

    record: Record
    substances: Substances
    contents: tuple[ArmContent, ...]
    groups: tuple[EventGroup, ...]
    texts: tuple[GroupText, ...]
    phases: tuple[Phase, ...]
    at_risk: tuple[int | None, ...]
    fewest: tuple[int, ...]
    late: tuple[bool, ...]
    started: tuple[int, ...]
    in_flow: tuple[bool, ...]
    crossover: bool

    @property
    def enrollment(self) -> int | None:
        """Participants of the trial, as far as the record says."""
        started = self.record.flow.periods[:1] if self.record.flow else ()
        counts = [a.participants or 0 for period in started for m in period.milestones[:1] for a in m.achievements]
        return self.record.design.enrollment or sum(counts) or None


def evidence_of(record: Record) -> Evidence:
    """Gather the evidence of a record that has event groups."""
    events = record.adverse_events
    groups = events.groups if events else ()
    substances = substances_of(record)
    elsewhere = _other_groups(record)
    return Evidence(
        record,
        substances,
        arm_contents(record, substances),
        groups,
        tuple(_text(group, elsewhere, substances) for group in groups),
        tuple(phase_of(group.title) for group in groups),
        tuple(_at_risk(group) for group in groups),
        tuple(_fewest(group) for group in groups),
        tuple(_starts_late(group, record) for group in groups),
        tuple(_most_started(group, record) for group in groups),
        tuple(any(title_key(other.title) == title_key(group.title) for other in elsewhere) for group in groups),
        _is_crossover(record, substances),
    )


def _other_groups(record: Record) -> tuple[Group, ...]:
    flow = record.flow.groups if record.flow else ()
    return (*flow, *(record.baseline.groups if record.baseline else ()))


def _text(group: EventGroup, elsewhere: Sequence[Group], substances: Substances) -> GroupText:
    base = without_phase(group.title)
    twins = [other.description for other in elsewhere if title_key(other.title) == title_key(group.title)]
    description = " ".join(dict.fromkeys([group.description, *twins]))
    received = substances.told(base)
    return GroupText(
        group.title,
        base,
        description,
        received if received.anything else substances.received(description),
        doses(base) or doses(description),
        received.anything,
        substances.received(base).anything and not received.anything,
    )


def _at_risk(group: EventGroup) -> int | None:
    numbers = [total.at_risk for total in (group.serious, group.other, group.deaths) if total and total.at_risk]
    return numbers[0] if numbers else None


def _fewest(group: EventGroup) -> int:
    numbers = [total.at_risk for total in (group.serious, group.other, group.deaths) if total and total.at_risk]
    return min(numbers, default=0)


def _started(milestones: Sequence[Milestone], group: str) -> int:
    return max(
        (a.participants or 0 for milestone in milestones for a in milestone.achievements if a.group == group), default=0
    )


def _most_started(group: EventGroup, record: Record) -> int:
    flow = record.flow
    if flow is None:
        return 0
    twins = [other.id for other in flow.groups if title_key(other.title) == title_key(group.title)]
    return max((_started(period.milestones, twin) for period in flow.periods for twin in twins), default=0)


def _starts_late(group: EventGroup, record: Record) -> bool:
    flow = record.flow
    if flow is None or len(flow.periods) < 2:
        return False
    twins = [other.id for other in flow.groups if title_key(other.title) == title_key(group.title)]
    compared = [
        p.milestones for p in flow.periods if phase_of(p.title).kind != "run-in" and not _BEFORE.search(p.title)
    ]
    if not twins or len(compared) < 2:
        return False
    first, *later = compared
    if not any(
        _started(first, twin) == 0 and any(_started(milestones, twin) > 0 for milestones in later) for twin in twins
    ):
        return False
    most = [max(_started(period.milestones, other.id) for period in flow.periods) for other in flow.groups]
    enrolled = record.design.enrollment
    return not (enrolled and sum(most) <= 1.1 * enrolled)  # else other people, who were enrolled for that part


def _is_crossover(record: Record, substances: Substances) -> bool:
    if record.design.model == "CROSSOVER":
        return True
    flow = record.flow.groups if record.flow else ()
    ordered = [is_sequence(group.title, substances, crossover=False) for group in flow]
    return len(ordered) > 1 and all(ordered)
