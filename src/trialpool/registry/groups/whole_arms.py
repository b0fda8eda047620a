"""The arms of groups that hold people of several: totals, combined groups, run-ins, and one extension for all."""

from __future__ import annotations

import re
from collections.abc import Mapping

from trialpool.registry.groups.arm_choice import ArmChoice
from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.phases import FOLLOW_ON
from trialpool.registry.groups.similarity import Likeness
from trialpool.registry.groups.words import plain, title_key

__all__ = ["arms_of_whole", "main_arms", "one_extension", "one_run_in"]

_RUN_IN = re.compile(r"\brun-?in\b|\blead-?in\b|\bbefore\b|\bpre-?random")
_FROM_AN_ARM = re.compile(
    r"\bfrom\b(?! (?:day|week|month|year|baseline|\d))|\bwho (?:switched|crossed)\b|\b(?:original|former|previous|prior)(?:ly)?\b"
)


def main_arms(evidence: Evidence) -> tuple[int, ...]:
    """The arms that are compared; all where none is said to be."""
    return tuple(c for c, content in enumerate(evidence.contents) if content.main) or tuple(
        range(len(evidence.contents))
    )


def one_run_in(evidence: Evidence, place: int, planned: tuple[int, ...]) -> ArmChoice:
    """Arms of the same label; where that label says nothing of a run-in, the group may as well be everybody."""
    if _holds_everybody(evidence, place):
        return ArmChoice(main_arms(evidence), 0.97, "everybody, before being assigned")
    named = all(_RUN_IN.search(plain(evidence.contents[arm].arm.label)) for arm in planned)
    return ArmChoice(planned, 0.9 if named else 0.6, "its own arm" if named else "the arm of its name, or everybody")


def _holds_everybody(evidence: Evidence, place: int) -> bool:
    """As many people as in all groups of the main part together."""
    rest = [n or 0 for p, n in enumerate(evidence.at_risk) if p != place and evidence.phases[p].kind not in FOLLOW_ON]
    return (evidence.at_risk[place] or 0) >= sum(rest) > 0


def one_extension(evidence: Evidence, place: int, columns: list[int], fit: Likeness) -> ArmChoice | None:
    """One group for the whole extension: the arm planned for it, else those of the main part."""
    planned = [c for c in columns if not evidence.contents[c].main]
    if not planned and bool(fit.same[place].any()) and not _more_than_the_arm(evidence, place):
        return ArmChoice(tuple(sorted(columns)), 0.75, "one group for all who went on, if it is not that arm alone")
    if len(planned) == 1:
        return ArmChoice((planned[0],), 0.85, "the only arm that is planned as an extension")
    if planned:
        return None
    people = [n or 0 for p, n in enumerate(evidence.at_risk) if p != place and evidence.phases[p].kind not in FOLLOW_ON]
    history = _FROM_AN_ARM.search(plain(evidence.groups[place].title))
    of_all = not history and len(people) > 1 and max(people) < (evidence.at_risk[place] or 0) <= sum(people)
    certainty = 0.97 if of_all else 0.7 if history else 0.9
    return ArmChoice(tuple(sorted(columns)), certainty, "one group for all who went on")


def _more_than_the_arm(evidence: Evidence, place: int) -> bool:
    """More people than the other group of the same title has, so that they must come from other arms too."""
    key = title_key(evidence.texts[place].base)
    twins = [p for p, text in enumerate(evidence.texts) if p != place and title_key(text.base) == key]
    return bool(twins) and (evidence.at_risk[place] or 0) > max(evidence.at_risk[p] or 0 for p in twins)


def arms_of_whole(evidence: Evidence, place: int, kind: KindOf, chosen: Mapping[int, ArmChoice]) -> ArmChoice:
    """Totals, combined groups and run-ins: the arms of their members, or all that are compared."""
    main = main_arms(evidence)
    if kind.kind == "combined":
        found = [chosen[m] for m in kind.members if m in chosen]
        arms = tuple(sorted({arm for choice in found for arm in choice.arms}))
        return ArmChoice(
            arms or main, min((c.certainty for c in found), default=0.5), "the arms of the groups it joins"
        )
    if kind.kind == "total":
        return ArmChoice(main, 0.96, "everybody")
    if kind.kind == "run-in":
        return ArmChoice(main, 0.97 if _holds_everybody(evidence, place) else 0.9, "everybody, before being assigned")
    return ArmChoice((), 0.97, "no arm")
