"""Small records: arms as planned, event groups as reported."""

from __future__ import annotations

from trialpool.registry.groups import GroupMatch, RecordGroups, match_groups
from trialpool.registry.model import (
    Achievement,
    AdverseEvents,
    Design,
    EventGroup,
    Group,
    Intervention,
    Milestone,
    Origin,
    ParticipantFlow,
    Period,
    ProtocolArm,
    Record,
    Total,
)

NCT_ID = "NCT00000001"
PLACEBO, ACTIVE, EXPERIMENTAL = "PLACEBO_COMPARATOR", "ACTIVE_COMPARATOR", "EXPERIMENTAL"


def arm(label, kind=EXPERIMENTAL, *interventions, description=""):
    return ProtocolArm(label, kind, description, tuple(f"Drug: {name}" for name in interventions))


def group(title, at_risk=100, description="", key=""):
    return EventGroup(key, title, description, serious=Total(1, at_risk), other=Total(2, at_risk))


def record(arms, groups, *, design=("RANDOMIZED", "PARALLEL"), enrollment=200, flow=None, other_names=None, title=""):
    """A record; interventions are those that arms list, event groups get keys in order."""
    named = list(dict.fromkeys(name.removeprefix("Drug: ") for a in arms for name in a.interventions))
    others = other_names or {}
    numbered = tuple(
        EventGroup(g.id or f"EG{i:03}", g.title, g.description, g.deaths, g.serious, g.other)
        for i, g in enumerate(groups)
    )
    return Record(
        NCT_ID,
        Origin("ClinicalTrials.gov", "made"),
        title=title,
        design=Design("INTERVENTIONAL", allocation=design[0], model=design[1], enrollment=enrollment),
        arms=tuple(arms),
        interventions=tuple(Intervention(name, "DRUG", other_names=tuple(others.get(name, ()))) for name in named),
        adverse_events=AdverseEvents(numbered),
        flow=flow,
    )


def flow(*periods, titles, descriptions=()):
    """A participant flow: the numbers that started each period, by group; a period is ``(title, numbers)``."""
    told = descriptions or [""] * len(titles)
    groups = tuple(Group(f"FG{i:03}", *texts) for i, texts in enumerate(zip(titles, told, strict=True)))
    return ParticipantFlow(
        groups,
        tuple(
            Period(
                name,
                (Milestone("STARTED", tuple(Achievement(g.id, n) for g, n in zip(groups, numbers, strict=True))),),
            )
            for name, numbers in periods
        ),
    )


def found(*args, **kwargs) -> RecordGroups:
    return match_groups(record(*args, **kwargs))


def by_title(groups: RecordGroups) -> dict[str, GroupMatch]:
    return {match.title: match for match in groups.matches}


TWO_ARMS = (arm("Drug X 10 mg", EXPERIMENTAL, "Drug X"), arm("Placebo", PLACEBO, "Placebo"))
