"""Matches of a whole record held against each other: what does not fit together is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from trialpool.registry.groups.arm_choice import ArmChoice
from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.numbered import number_fits, numbers_of
from trialpool.registry.groups.substances import Received
from trialpool.registry.groups.words import title_key

__all__ = ["checked_choices"]

_SHARED, _NEARLY_ALL, _CONTRADICTED = 0.75, 0.99, 0.6


def checked_choices(evidence: Evidence, kinds: Sequence[KindOf], choices: Sequence[ArmChoice]) -> tuple[ArmChoice, ...]:
    """Less sure of groups that share an arm, where another arm that is compared has no group.

    One of them may be of that other arm. A group whose title is the label of its arm, or has its numbers, is not in doubt.
    """
    choices = [
        _against_description(evidence, place, choice) if kind.kind == "arm" else choice
        for place, (kind, choice) in enumerate(zip(kinds, choices, strict=True))
    ]
    arms = [place for place, kind in enumerate(kinds) if kind.kind == "arm"]
    if evidence.record.design.model == "FACTORIAL" and len(arms) < sum(content.main for content in evidence.contents):
        choices = [
            _margin(evidence, place, choice) if place in arms else choice for place, choice in enumerate(choices)
        ]
    used = Counter(arm for place in arms for arm in choices[place].arms)
    free = [content.arm.label for arm, content in enumerate(evidence.contents) if content.main and not used[arm]]
    if not free or evidence.crossover:
        return tuple(choices)
    fits = number_fits(
        [numbers_of(group.title) for group in evidence.groups],
        [numbers_of(content.arm.label) for content in evidence.contents],
    )
    numbered = [sum(fits[p][arm] or 0 for arm in choice.arms) > _NEARLY_ALL for p, choice in enumerate(choices)]
    return tuple(
        _doubted(evidence, place, choice, used, free[0]) if place in arms and not numbered[place] else choice
        for place, choice in enumerate(choices)
    )


def _doubted(evidence: Evidence, place: int, choice: ArmChoice, used: Counter[int], free: str) -> ArmChoice:
    if _is_label(evidence, place, choice) or all(used[arm] == 1 for arm in choice.arms):
        return choice
    return choice.doubted(_SHARED, f"another group has that arm too, and none has {free!r}")


def _margin(evidence: Evidence, place: int, choice: ArmChoice) -> ArmChoice:
    """Less sure of a group of a factorial trial with fewer groups than arms: it may hold both arms of one factor."""
    if _is_label(evidence, place, choice):
        return choice
    return choice.doubted(_SHARED, "a factorial trial with fewer groups than arms: it may hold several of them")


def _is_label(evidence: Evidence, place: int, choice: ArmChoice) -> bool:
    labels = {title_key(evidence.contents[arm].arm.label) for arm in choice.arms}
    return bool(labels & {title_key(evidence.groups[place].title), title_key(evidence.texts[place].base)})


def _against_description(evidence: Evidence, place: int, choice: ArmChoice) -> ArmChoice:
    """Less sure of an arm of the same number or name, where the group is described as having got something else."""
    if not choice.arms or evidence.texts[place].title_tells:
        return choice
    told = evidence.substances.received(evidence.groups[place].description)
    if not told.anything or not all(_contradicts(told, evidence.contents[arm].received) for arm in choice.arms):
        return choice
    reason = f"{choice.reason}; but its description says that it received something else"
    return replace(choice, certainty=min(choice.certainty, _CONTRADICTED), reason=reason)


def _contradicts(told: Received, planned: Received) -> bool:
    if told.actives:
        return not told.actives & planned.actives
    return bool(planned.actives) and not (planned.placebo or planned.sham or planned.untreated)
