"""The arms of groups in a crossover trial whose arms are orders of treatments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from trialpool.registry.groups.arm_choice import ArmChoice
from trialpool.registry.groups.contents import ArmContent
from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.phases import phase_of
from trialpool.registry.groups.sequences import is_sequence
from trialpool.registry.groups.words import plain, tokens, words

__all__ = ["are_orders", "arms_with", "beside_treatments", "same_part"]

_ONE_OF_THEM = re.compile(r"^(?:treatment|condition|regimen|intervention) [a-z\d]$")
_WITHOUT_ORDER = frozenset({"then", "first", "followed", "by", "and", "to", "sequence"})


def are_orders(evidence: Evidence, columns: Sequence[int]) -> bool:
    """Whether the arms, but one at most, are orders of treatments; or two of them are the same words in another order."""
    if len(columns) > 1 and any(_turned_round(evidence, a, b) for a, b in combinations(columns, 2)):
        return True
    return sum(_is_order(evidence, evidence.contents[c]) for c in columns) >= max(2, len(columns) - 1)


def _turned_round(evidence: Evidence, a: int, b: int) -> bool:
    first, second = (
        [word for word in tokens(evidence.contents[arm].arm.label) if word.isalnum() and word not in _WITHOUT_ORDER]
        for arm in (a, b)
    )
    return first != second and sorted(first) == sorted(second)


def _is_order(evidence: Evidence, content: ArmContent) -> bool:
    """An arm of a crossover trial that receives several things in an order."""
    if is_sequence(content.arm.label, evidence.substances, crossover=True):
        return True
    label = evidence.substances.received(content.arm.label)
    received = content.received
    alike = all(other.received.actives == received.actives for other in evidence.contents)
    one = _ONE_OF_THEM.search(plain(content.arm.label))
    if not label.actives and not label.placebo and alike and len(evidence.contents) > 1 and not one:
        return True
    return not label.anything and len(received.actives) + received.placebo + received.sham + received.untreated > 1


def same_part(evidence: Evidence, place: int, columns: list[int]) -> list[int]:
    """The arms whose label names the same part of the trial as the group; all if there are none."""
    part = evidence.phases[place].words
    return [c for c in columns if part and phase_of(evidence.contents[c].arm.label).words == part] or columns


def _same_cohort(evidence: Evidence, place: int, columns: list[int]) -> tuple[list[int], float]:
    """Arms whose label has a word of the title that labels of other arms lack, treatments aside."""
    labels = [beside_treatments(evidence.contents[c].arm.label, evidence) for c in columns]
    telling = {
        word
        for word in beside_treatments(evidence.texts[place].base, evidence)
        if 0 < sum(word in label for label in labels) < len(labels)
    }
    chosen = [c for c, label in zip(columns, labels, strict=True) if telling & label]
    if (evidence.at_risk[place] or 0) > 0.6 * (evidence.enrollment or 1e9):
        return columns, 0.95  # too many for some of the sequences
    return (chosen, 0.9) if chosen else (columns, 0.95)


def beside_treatments(text: str, evidence: Evidence) -> set[str]:
    """The words of a text that name no treatment, no control and no order."""
    stream = tokens(text)
    covered = {p for start, end, _ in evidence.substances.mentions(stream) for p in range(start, end)}
    controls = {"placebo", "sham", "first", "then", "active", "sequence"}
    return set(words(" ".join(token for p, token in enumerate(stream) if p not in covered))) - controls


def _may_give(content: ArmContent, actives: frozenset[int]) -> bool:
    """Whether an order gives these treatments: if its label names several things, they must be among them."""
    named = content.named
    several = len(named.actives) + named.placebo + named.sham + named.untreated > 1
    return not several or actives <= named.actives | content.received.actives


def arms_with(evidence: Evidence, place: int, columns: list[int]) -> ArmChoice:
    """All sequences in which the treatment of a crossover group is given."""
    columns, certainty = _same_cohort(evidence, place, columns)
    received = evidence.texts[place].received
    holds = tuple(c for c in columns if _may_give(evidence.contents[c], received.actives))
    if holds == tuple(columns) or not holds:
        return ArmChoice(tuple(sorted(columns)), certainty, "every sequence of the crossover has this treatment")
    return ArmChoice(tuple(sorted(holds)), 0.75, "the sequences that have this treatment")
