"""What makes a choice of arms less sure: several doses or parts in a title, arms planned for later, arms left over."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trialpool.registry.groups.arm_choice import ArmChoice
from trialpool.registry.groups.contents import ArmContent
from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.phases import phase_of
from trialpool.registry.groups.similarity import Likeness
from trialpool.registry.groups.words import amounts_differ, dose_text, doses, words

__all__ = ["in_doubt_by_title", "not_planned_for_later", "perhaps_pooled"]

_ABOUT_AS_LIKE = 0.15
_PARTS_TOGETHER = re.compile(r"\b(?:phase|part|cohort|group|stage)s? \w{1,2} ?(?:and|&|/|,|\+|to) ?\w{1,2}\b")


def in_doubt_by_title(evidence: Evidence, place: int, choice: ArmChoice, fit: Likeness) -> ArmChoice:
    """Less sure where doses, parts or words of the title are not those of the label."""
    named = any(fit.numbered[place, arm] == 1 or fit.same[place, arm] for arm in choice.arms)
    if not named and _PARTS_TOGETHER.search(evidence.groups[place].title.casefold()):
        return choice.doubted(0.75, "but the title has several parts")
    label = evidence.contents[choice.arms[0]].arm.label if choice.arms else ""
    if amounts_differ(evidence.texts[place].base, label):
        return choice.doubted(0.75, "but a dose is of a day, another of an intake")
    if not named and _said_of_another(evidence, place, label):
        return choice.doubted(0.8, "but it has a word of another arm's label")
    labels = {arm: doses(content.arm.label) for arm, content in enumerate(evidence.contents)}
    own, said = (labels[choice.arms[0]] if choice.arms else frozenset[str]()), evidence.texts[place].doses
    more = [arm for arm, theirs in labels.items() if theirs and theirs <= said - own]
    crowded = len(evidence.groups) > len(evidence.contents)
    if own and own < said and more and crowded:
        return choice.doubted(0.75, "but it has doses of other arms")
    several = " + " in dose_text(evidence.texts[place].base)
    written = [dose_text(evidence.contents[arm].arm.label) for arm in choice.arms]
    if several and written and written[0] and " + " not in written[0]:
        return choice.doubted(0.8, "but the title has several doses")
    return choice


def _said_of_another(evidence: Evidence, place: int, label: str) -> bool:
    """Whether the title has a telling word, no dose, that is in another label and not in that of its arm."""
    own = {word for word in words(evidence.texts[place].base) if not word[0].isdigit()}
    others = [set(words(content.arm.label)) for content in evidence.contents if content.arm.label != label]
    return bool((own & set[str]().union(*others)) - set(words(label))) and not own & set(words(label))


def not_planned_for_later(evidence: Evidence, place: int, choice: ArmChoice) -> ArmChoice:
    """Less sure of an arm that is planned as an extension, where an arm of the main part has the same treatment."""
    if all(evidence.contents[arm].main for arm in choice.arms):
        return choice
    later = frozenset[int]().union(*(evidence.contents[arm].received.actives for arm in choice.arms))
    rivals = [content for content in evidence.contents if content.main and later <= content.received.actives]
    factor = 0.6 if rivals or evidence.phases[place].kind == "main" else 0.97
    return choice.doubted(factor, "that arm is planned for later")


def perhaps_pooled(
    evidence: Evidence, chosen: dict[int, ArmChoice], columns: list[int], fit: Likeness
) -> dict[int, ArmChoice]:
    """Less sure where an arm without a group may be of this one too: what it received and its dose agree with the title."""
    taken = {arm for choice in chosen.values() for arm in choice.arms}
    free = [arm for arm in columns if arm not in taken and evidence.contents[arm].main]
    parts = {phase_of(evidence.contents[arm].arm.label).words for arm in taken}
    free = [arm for arm in free if phase_of(evidence.contents[arm].arm.label).words in parts]
    return {place: _doubt_if_pooled(evidence, place, choice, free, fit) for place, choice in chosen.items()}


def _doubt_if_pooled(
    evidence: Evidence, place: int, choice: ArmChoice, free: Sequence[int], fit: Likeness
) -> ArmChoice:
    if len(choice.arms) != 1:
        return choice
    chosen = choice.arms[0]
    own, dose = evidence.contents[chosen], evidence.texts[place].doses
    if fit.same[place, chosen]:
        return choice
    alike = [
        arm
        for arm in free
        if _may_be_of(evidence, place, own, evidence.contents[arm])
        and not (dose & own.doses and not dose & evidence.contents[arm].doses)
        and fit.scores[place, arm] >= fit.scores[place, chosen] - _ABOUT_AS_LIKE
    ]
    if not alike:
        return choice
    label = evidence.contents[alike[0]].arm.label
    return choice.doubted(0.75, f"it may hold {label!r} too")


def _may_be_of(evidence: Evidence, place: int, own: ArmContent, other: ArmContent) -> bool:
    """Whether what another arm receives agrees with the title of a group as well as its own arm does."""
    if other.received == own.received or not evidence.texts[place].title_tells:
        return True
    said = evidence.texts[place].received
    return said.actives != own.received.actives and said.actives <= other.received.actives and bool(said.actives)
