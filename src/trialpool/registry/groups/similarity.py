"""How well an event group fits a protocol arm: titles, what was received, doses, descriptions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.registry.groups.contents import ArmContent, named_interventions, without
from trialpool.registry.groups.dose_order import dose_order
from trialpool.registry.groups.numbered import number_fits, numbers_of
from trialpool.registry.groups.substances import Received, Substances
from trialpool.registry.groups.words import amounts_differ, doses, title_key, tokens, words
from trialpool.registry.model import Record

__all__ = ["GroupText", "Likeness", "likeness"]

_WEIGHTS = {"title": 0.40, "received": 0.30, "dose": 0.15, "description": 0.15, "numbered": 0.5}
_SAME_TITLE, _SAME_NAME, _SAME_DESCRIPTION, _SAME_DOSE = 0.97, 0.9, 0.8, 0.7
_SHORTEST_DESCRIPTION = 25


@dataclass(frozen=True, slots=True)
class GroupText:
    """An event group as it is compared: its title without the words for a period, and what it tells.

    ``description`` is its own and that of the flow or baseline group of the same title; ``received`` and ``doses`` are
    those of the title, or of the description where the title is silent. ``joins_unknown``: the title joins a control and a
    name that is not known.
    """

    title: str
    base: str
    description: str
    received: Received
    doses: frozenset[str]
    title_tells: bool
    joins_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Likeness:
    """Scores of groups (rows) and arms (columns), 0 to 1; ``same`` where title and label say the same.

    ``numbered`` is the share of a group's cohort or part numbers that an arm has, NaN where they have none in common.
    """

    scores: NDArray[np.float64]
    same: NDArray[np.bool_]
    clash: NDArray[np.bool_]
    numbered: NDArray[np.float64]


def likeness(
    groups: Sequence[GroupText],
    contents: Sequence[ArmContent],
    record: Record,
    substances: Substances,
    background: frozenset[int],
) -> Likeness:
    """Compare every group with every arm."""
    titles = [_bag(group.base, substances) for group in groups]
    labels = [_bag(content.arm.label, substances) for content in contents]
    rarity = _rarity([*titles, *labels])
    told = [Counter(words(group.description)) for group in groups]
    planned = [Counter(words(_arm_text(content, record))) for content in contents]
    word_rarity = _rarity([*told, *planned])
    order = dose_order([group.doses for group in groups], [content.arm.label for content in contents])
    numbered = number_fits([numbers_of(g.title) for g in groups], [numbers_of(c.arm.label) for c in contents])
    label_doses = [doses(content.arm.label) for content in contents]
    shape = (len(groups), len(contents))
    scores, same, clash = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for i, group in enumerate(groups):
        for j, content in enumerate(contents):
            label = content.arm.label
            received = _received_fit(without(group.received, background), without(content.received, background))
            parts = {
                "title": _overlap(titles[i], labels[j], rarity),
                "received": received,
                "dose": order.get(
                    (i, j), None if amounts_differ(group.base, label) else _dose_fit(group.doses, content.doses)
                ),
                "description": _cosine(told[i], planned[j], word_rarity) if told[i] else None,
                "numbered": numbered[i][j],
            }
            known = {name: value for name, value in parts.items() if value is not None}
            weights = {
                name: _WEIGHTS[name] * (0.4 if name == "received" and not group.title_tells else 1) for name in known
            }
            scores[i, j] = sum(weights[n] * v for n, v in known.items()) / sum(weights.values())
            same[i, j] = title_key(content.arm.label) in {title_key(group.title), title_key(group.base)}
            alone = _only_dose(group.doses, j, label_doses) and not _said_of_another(titles[i], j, labels)
            if received != 0.0 and alone and not amounts_differ(group.base, label):
                scores[i, j] = max(scores[i, j], _SAME_DOSE)
            clash[i, j] = (
                (received == 0.0 and group.title_tells)
                or (parts["dose"] == 0.0 and bool(doses(group.base)) and bool(doses(content.arm.label)))
                or (group.joins_unknown and not content.received.actives)
            )
    scores[same] = np.maximum(scores[same], _SAME_TITLE)
    named, told_alike = _said_of_one_arm(groups, contents, record)
    scores[named] = np.maximum(scores[named], _SAME_NAME)
    scores[told_alike] = np.maximum(scores[told_alike], _SAME_DESCRIPTION)
    clash &= ~named
    return Likeness(scores, same, clash, np.array(numbered, dtype=float).reshape(shape))


def _said_of_one_arm(
    groups: Sequence[GroupText], contents: Sequence[ArmContent], record: Record
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where a title is an intervention of one arm alone, and where a description is that of one group and one arm alone."""
    names = [{title_key(item.name) for item in named_interventions(c.arm, record)} for c in contents]
    texts = [title_key(content.arm.description) for content in contents]
    named = np.array([[title_key(group.title) in own for own in names] for group in groups])
    described = [title_key(group.description) for group in groups]
    told = np.array([[len(own) >= _SHORTEST_DESCRIPTION and own == text for text in texts] for own in described])
    alone = (told.sum(axis=1) == 1)[:, None] & (told.sum(axis=0) == 1)
    return named & (named.sum(axis=1) == 1)[:, None], told & alone


def _arm_text(content: ArmContent, record: Record) -> str:
    described = [item.description for item in named_interventions(content.arm, record)]
    return " ".join([content.arm.label, content.arm.description, *described])


def _bag(text: str, substances: Substances) -> Counter[str]:
    """Words of a title; a treatment is one word, whichever of its names is used."""
    stream = tokens(text)
    bag: Counter[str] = Counter()
    covered: set[int] = set()
    for start, end, found in substances.mentions(stream):
        bag[f"substance {found}"] += 1
        covered.update(range(start, end))
    rest = " ".join(token for place, token in enumerate(stream) if place not in covered)
    bag.update(words(rest))
    return bag


def _rarity(bags: Sequence[Counter[str]]) -> Mapping[str, float]:
    counts = Counter(word for bag in bags for word in bag)
    return {word: math.log(1 + len(bags) / count) for word, count in counts.items()}


def _overlap(a: Counter[str], b: Counter[str], rarity: Mapping[str, float]) -> float:
    """Weight of the words in both over that of the words in either; a label within a longer title counts for more."""
    shared = sum(rarity[word] for word in a.keys() & b.keys())
    either = sum(rarity[word] for word in a.keys() | b.keys())
    smaller = min(sum(rarity[word] for word in a), sum(rarity[word] for word in b))
    return 0.0 if not shared else 0.6 * shared / either + 0.4 * shared / smaller


def _cosine(a: Counter[str], b: Counter[str], rarity: Mapping[str, float]) -> float:
    def length(bag: Counter[str]) -> float:
        return math.sqrt(sum((rarity[word] * math.log1p(count)) ** 2 for word, count in bag.items()))

    product = sum(rarity[w] ** 2 * math.log1p(a[w]) * math.log1p(b[w]) for w in a.keys() & b.keys())
    scale = length(a) * length(b)
    return product / scale if scale else 0.0


def _received_fit(group: Received, arm: Received) -> float | None:
    """1 if the same treatments were received, 0 if quite others, None if the group does not tell."""
    if not group.anything:
        return None
    if group.placebo and not group.actives and arm.placebo:
        return 1.0 if not arm.actives else 0.4
    if group.actives or arm.actives:
        either = group.actives | arm.actives
        return len(group.actives & arm.actives) / len(either)
    kinds = [(group.placebo, arm.placebo), (group.sham, arm.sham), (group.untreated, arm.untreated)]
    return 1.0 if any(a and b for a, b in kinds) else 0.2


def _only_dose(group: frozenset[str], arm: int, labels: Sequence[frozenset[str]]) -> bool:
    """Whether labels tell arms from each other by dose, and the group has one dose, which is that of this arm alone."""
    several = len({dose for dose in labels if dose}) > 1
    return several and len(group) == 1 and group == labels[arm] and labels.count(group) == 1


def _said_of_another(title: Counter[str], arm: int, labels: Sequence[Counter[str]]) -> bool:
    """Whether the title has a word, no dose, of another label that this one lacks."""
    return any(
        word in other and word not in labels[arm] and not word[0].isdigit() for other in labels for word in title
    )


def _dose_fit(group: frozenset[str], arm: frozenset[str]) -> float | None:
    if not group or not arm:
        return None
    group, arm = (frozenset(dose.partition("/")[0] for dose in found) for found in (group, arm))
    return len(group & arm) / min(len(group), len(arm))
