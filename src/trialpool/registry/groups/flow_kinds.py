"""What the participant flow says of the kind of a group: a run-in for all, or treatments of people who had several."""

from __future__ import annotations

import re

from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.sequences import is_sequence, is_switch
from trialpool.registry.groups.words import plain, title_key, words
from trialpool.registry.model import Group, ParticipantFlow, Period

__all__ = ["kind_by_first_period", "kind_by_sequences"]

_NOT_RANDOMISED = re.compile(r"\bopen-label\b|\b(?:not|non|never|un)[- ]?randomized\b|\b(?:non-?)?responders?\b")
_MORE, _CLEARLY_MORE = 1.05, 1.2


def kind_by_first_period(evidence: Evidence, place: int) -> KindOf | None:
    """A run-in, or an arm that starts after it, where all participants were in one group at first."""
    flow = evidence.record.flow
    if flow is None or evidence.crossover or evidence.record.design.allocation != "RANDOMIZED":
        return None
    key = title_key(evidence.groups[place].title)
    twins = {group.id for group in flow.groups if title_key(group.title) == key}
    first, *later = (_starters(period) for period in flow.periods) if flow.periods else ({},)
    split = next((started for started in later if len(started) > 1), {})
    if len(first) != 1 or not split or first.keys() & split.keys() or sum(split.values()) > _MORE * sum(first.values()):
        return None
    if twins & first.keys():
        return KindOf("run-in", 0.93, "all start in this group, and go on in several others")
    if twins & split.keys() and not is_switch(evidence.texts[place].base, evidence.substances):
        text = plain(f"{evidence.groups[place].title} {evidence.groups[place].description}")
        certainty = 0.7 if _NOT_RANDOMISED.search(text) else 0.93
        return KindOf("arm", certainty, "all start in one group, and are then divided into this and others")
    return None


def kind_by_sequences(evidence: Evidence, place: int) -> KindOf | None:
    """A treatment of people who had several in an order, in a trial that is no crossover as a whole."""
    flow = evidence.record.flow
    if flow is None or evidence.crossover or evidence.in_flow[place] or not evidence.texts[place].title_tells:
        return None
    own = set(words(evidence.texts[place].base))
    orders = [
        group
        for group in flow.groups
        if own <= set(words(group.title)) and is_sequence(group.title, evidence.substances, crossover=False)
    ]
    most = max((_most(flow, group) for group in orders), default=0)
    if len(orders) > 1 and (evidence.at_risk[place] or 0) > _CLEARLY_MORE * most > 0:
        return KindOf("crossover", 0.75, "its participants are those of several orders of treatments")
    return None


def _most(flow: ParticipantFlow, group: Group) -> int:
    return max((_starters(period).get(group.id, 0) for period in flow.periods), default=0)


def _starters(period: Period) -> dict[str, int]:
    """How many people of each group, if any, reach the first milestone of a period."""
    counts = [achieved for milestone in period.milestones[:1] for achieved in milestone.achievements]
    return {achieved.group: achieved.participants for achieved in counts if achieved.participants}
