"""The protocol arms whose participants each event group holds."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialpool.registry.groups.assignment import best_assignment, margins
from trialpool.registry.groups.contents import ArmContent, without
from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.phases import phase_of
from trialpool.registry.groups.sequences import is_sequence
from trialpool.registry.groups.similarity import Likeness, likeness
from trialpool.registry.groups.words import dose_text, doses, title_key, tokens, words

__all__ = ["ArmChoice", "choose_arms"]

_MOST_MARGIN = 0.4
_ABOUT_AS_LIKE = 0.15
_PARTS_TOGETHER = re.compile(r"\b(?:phase|part|cohort|group|stage)s? \w{1,2} ?(?:and|&|/|,|\+|to) ?\w{1,2}\b")


@dataclass(frozen=True, slots=True)
class ArmChoice:
    """Positions of arms, how sure that is, and why."""

    arms: tuple[int, ...] = ()
    certainty: float = 0.5
    reason: str = ""


def choose_arms(evidence: Evidence, kinds: Sequence[KindOf], background: frozenset[int]) -> tuple[ArmChoice, ...]:
    """The arms of each group, in order.

    Groups of one part of the trial are assigned together, so that each arm has one group if that is possible.
    """
    if not evidence.contents:
        return tuple(ArmChoice((), 0.3, "the record plans no arms") for _ in kinds)
    fit = likeness(evidence.texts, evidence.contents, evidence.record, evidence.substances, background)
    chosen: dict[int, ArmChoice] = {}
    for layer in _layers(evidence, kinds):
        chosen.update(_layer_arms(evidence, kinds, layer, fit, background))
    for place, kind in enumerate(kinds):
        if place not in chosen:
            chosen[place] = _whole(evidence, kind, chosen)
    return tuple(chosen[place] for place in range(len(kinds)))


def _layers(evidence: Evidence, kinds: Sequence[KindOf]) -> list[list[int]]:
    """Groups that stand side by side: the same kind, in the same part of the trial."""
    layers: dict[tuple[str, str], list[int]] = {}
    for place in sorted(
        range(len(kinds)), key=lambda p: (title_key(evidence.groups[p].title), evidence.groups[p].description)
    ):
        kind = kinds[place].kind
        if kind in {"arm", "crossover", "sequence", "extension", "period", "sub-study"}:
            side = "arm" if kind == "sequence" and not evidence.crossover else kind
            part = "" if evidence.phases[place].kind in {"", "main", "part"} else evidence.phases[place].words
            layers.setdefault((side, part if side not in {"arm", "crossover"} else ""), []).append(place)
    return list(layers.values())


def _layer_arms(
    evidence: Evidence, kinds: Sequence[KindOf], layer: list[int], fit: Likeness, background: frozenset[int]
) -> dict[int, ArmChoice]:
    columns = _candidates(evidence, kinds[layer[0]].kind, layer, fit)
    if len(layer) == len(kinds) == len(columns) == 1:
        return {layer[0]: ArmChoice((columns[0],), 0.97, "the only group, and the only arm")}
    ordered = sum(_is_order(evidence, evidence.contents[c]) for c in columns) >= max(2, len(columns) - 1)
    if evidence.crossover and ordered and kinds[layer[0]].kind in {"crossover", "period", "extension"}:
        return {p: _arms_with(evidence, p, _same_part(evidence, p, columns)) for p in layer}
    if kinds[layer[0]].kind == "extension" and len(layer) == 1 and len(columns) > 1:
        one = _one_extension(evidence, layer[0], columns, fit)
        if one:
            return {layer[0]: one}
    chosen = {
        p: _one_of_several_doses(evidence, p, c)
        for p, c in _one_by_one(layer, columns, fit, crossover=evidence.crossover).items()
    }
    if kinds[layer[0]].kind == "arm" and any(content.main for content in evidence.contents):
        chosen = {p: _not_planned_for_later(evidence, p, choice) for p, choice in chosen.items()}
    chosen = _with_pooled(evidence, chosen, columns, background)
    return _perhaps_pooled(evidence, chosen, columns, fit) if kinds[layer[0]].kind == "arm" else chosen


def _one_of_several_doses(evidence: Evidence, place: int, choice: ArmChoice) -> ArmChoice:
    """Less sure where the title adds doses up and the label gives one."""
    if _PARTS_TOGETHER.search(evidence.groups[place].title.casefold()):
        return replace(
            choice, certainty=choice.certainty * 0.75, reason=f"{choice.reason}; but the title has several parts"
        )
    labels = {arm: doses(content.arm.label) for arm, content in enumerate(evidence.contents)}
    own, said = (labels[choice.arms[0]] if choice.arms else frozenset[str]()), evidence.texts[place].doses
    more = [arm for arm, theirs in labels.items() if theirs and theirs <= said - own]
    crowded = len(evidence.groups) > len(evidence.contents)
    if own and own < said and more and crowded:
        return replace(
            choice, certainty=choice.certainty * 0.75, reason=f"{choice.reason}; but it has doses of other arms"
        )
    several = " + " in dose_text(evidence.texts[place].base)
    written = [dose_text(evidence.contents[arm].arm.label) for arm in choice.arms]
    if several and written and written[0] and " + " not in written[0]:
        return replace(
            choice, certainty=choice.certainty * 0.8, reason=f"{choice.reason}; but the title has several doses"
        )
    return choice


def _not_planned_for_later(evidence: Evidence, place: int, choice: ArmChoice) -> ArmChoice:
    """Less sure of an arm that is planned as an extension, where an arm of the main part has the same treatment."""
    if all(evidence.contents[arm].main for arm in choice.arms):
        return choice
    later = frozenset[int]().union(*(evidence.contents[arm].received.actives for arm in choice.arms))
    rivals = [content for content in evidence.contents if content.main and later <= content.received.actives]
    factor = 0.6 if rivals or evidence.phases[place].kind == "main" else 0.97
    return replace(
        choice, certainty=choice.certainty * factor, reason=f"{choice.reason}; that arm is planned for later"
    )


def _candidates(evidence: Evidence, kind: str, layer: list[int], fit: Likeness) -> list[int]:
    """Arms in question: those of the main part for arms; all for other kinds."""
    everything = sorted(range(len(evidence.contents)), key=lambda c: (title_key(evidence.contents[c].arm.label), c))
    main = [c for c in everything if evidence.contents[c].main or bool(fit.same[layer, c].any())]
    return main if kind in {"arm", "crossover", "sequence"} and main else everything


def _is_order(evidence: Evidence, content: ArmContent) -> bool:
    """An arm of a crossover trial that receives several things in an order."""
    if is_sequence(content.arm.label, evidence.substances, crossover=True):
        return True
    label = evidence.substances.received(content.arm.label)
    received = content.received
    alike = all(other.received.actives == received.actives for other in evidence.contents)
    if not label.actives and not label.placebo and alike and len(evidence.contents) > 1:
        return True
    return not label.anything and len(received.actives) + received.placebo + received.sham + received.untreated > 1


def _same_part(evidence: Evidence, place: int, columns: list[int]) -> list[int]:
    """The arms whose label names the same part of the trial as the group; all if there are none."""
    part = evidence.phases[place].words
    return [c for c in columns if part and phase_of(evidence.contents[c].arm.label).words == part] or columns


def _same_cohort(evidence: Evidence, place: int, columns: list[int]) -> tuple[list[int], float]:
    """Arms whose label has a word of the title that labels of other arms lack, treatments aside."""
    labels = [_beside_treatments(evidence.contents[c].arm.label, evidence) for c in columns]
    telling = {
        word
        for word in _beside_treatments(evidence.texts[place].base, evidence)
        if 0 < sum(word in label for label in labels) < len(labels)
    }
    chosen = [c for c, label in zip(columns, labels, strict=True) if telling & label]
    if (evidence.at_risk[place] or 0) > 0.6 * (evidence.enrollment or 1e9):
        return columns, 0.95  # too many for some of the sequences
    return (chosen, 0.9) if chosen else (columns, 0.95)


def _beside_treatments(text: str, evidence: Evidence) -> set[str]:
    stream = tokens(text)
    covered = {p for start, end, _ in evidence.substances.mentions(stream) for p in range(start, end)}
    controls = {"placebo", "sham", "first", "then", "active", "sequence"}
    return set(words(" ".join(token for p, token in enumerate(stream) if p not in covered))) - controls


def _arms_with(evidence: Evidence, place: int, columns: list[int]) -> ArmChoice:
    """All sequences in which the treatment of a crossover group is given."""
    columns, certainty = _same_cohort(evidence, place, columns)
    received = evidence.texts[place].received
    holds = tuple(c for c in columns if received.actives <= evidence.contents[c].received.actives)
    if holds == tuple(columns) or not holds:
        return ArmChoice(tuple(sorted(columns)), certainty, "every sequence of the crossover has this treatment")
    return ArmChoice(tuple(sorted(holds)), 0.75, "the sequences that have this treatment")


def _one_extension(evidence: Evidence, place: int, columns: list[int], fit: Likeness) -> ArmChoice | None:
    """One group for the whole extension: the arm planned for it, else those of the main part."""
    planned = [c for c in columns if not evidence.contents[c].main]
    if not planned and bool(fit.same[place].any()):
        return ArmChoice(tuple(sorted(columns)), 0.75, "one group for all who went on, if it is not that arm alone")
    if len(planned) == 1:
        return ArmChoice((planned[0],), 0.85, "the only arm that is planned as an extension")
    if planned:
        return None
    return ArmChoice(tuple(sorted(columns)), 0.9, "one group for all who went on")


def _one_by_one(layer: list[int], columns: list[int], fit: Likeness, *, crossover: bool) -> dict[int, ArmChoice]:
    scores = fit.scores[np.ix_(layer, columns)]
    if len(layer) <= len(columns):
        assigned = best_assignment(scores)
        lead = margins(scores, assigned)
    else:
        assigned = [int(np.argmax(row)) for row in scores]
        lead = [_lead(row) for row in scores]
    chosen = {
        place: _choice(place, columns[assigned[i]], float(scores[i, assigned[i]]), lead[i], fit)
        for i, place in enumerate(layer)
    }
    return {
        place: _beside(place, choice, chosen, fit, arms_left=len(layer) < len(columns), crossover=crossover)
        for place, choice in chosen.items()
    }


def _beside(
    place: int, choice: ArmChoice, chosen: dict[int, ArmChoice], fit: Likeness, *, arms_left: bool, crossover: bool
) -> ArmChoice:
    """Less sure where another group has the label of that arm as its title, or where arms have no group."""
    arm = choice.arms[0]
    if fit.same[place, arm]:
        return choice
    if any(fit.same[other, arm] for other, theirs in chosen.items() if other != place and theirs.arms == choice.arms):
        return ArmChoice(
            choice.arms, choice.certainty * 0.7, f"{choice.reason}; but another group has that arm's label"
        )
    if fit.clash[place, arm] and fit.scores[place, arm] < 0.3:
        return ArmChoice((), 0.6, "no arm receives what the title says")
    if crossover and fit.scores[place, arm] < 0.6:
        return replace(
            choice, certainty=choice.certainty * 0.8, reason=f"{choice.reason}; arms are not named by treatment"
        )
    if arms_left and fit.scores[place, arm] < 0.6:
        return ArmChoice(choice.arms, choice.certainty * 0.88, f"{choice.reason}; some arms have no group")
    return choice


def _lead(row: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    best = np.sort(row)[::-1]
    return float(best[0] - best[1]) if len(best) > 1 else 1.0


def _choice(place: int, arm: int, score: float, margin: float, fit: Likeness) -> ArmChoice:
    if fit.same[place, arm] and fit.same[place].sum() == 1:
        certainty, reason = 0.985, "the title is the label of the arm"
    else:
        certainty = 1 / (1 + math.exp(2.0 - 5 * score - 10 * min(max(margin, 0.0), _MOST_MARGIN)))
        reason = f"it is like the arm by {score:.2f} of 1, ahead of any other choice by {min(margin, 1.0):.2f}"
    if fit.clash[place, arm]:
        return ArmChoice((arm,), certainty * 0.4, reason + "; but what was received or its dose differs")
    return ArmChoice((arm,), certainty, reason)


def _with_pooled(
    evidence: Evidence, chosen: dict[int, ArmChoice], columns: list[int], background: frozenset[int]
) -> dict[int, ArmChoice]:
    """Placebo arms that no group took, with the only group of placebo: one control group for several arms."""
    taken = {arm for choice in chosen.values() for arm in choice.arms}
    controls = [
        place
        for place, choice in chosen.items()
        if choice.arms and _is_plain_control(evidence, choice.arms[0], background)
    ]
    if len(controls) != 1:
        return chosen
    place = controls[0]
    first = chosen[place].arms[0]
    label = phase_of(evidence.contents[first].arm.label).words
    more = [
        arm
        for arm in columns
        if arm not in taken
        and _is_plain_control(evidence, arm, background)
        and phase_of(evidence.contents[arm].arm.label).words == label
    ]
    if not more or title_key(evidence.groups[place].title) == title_key(evidence.contents[first].arm.label):
        return chosen
    joined = ArmChoice(tuple(sorted([first, *more])), 0.93, "the only placebo group, for all placebo arms")
    return {**chosen, place: joined}


def _perhaps_pooled(
    evidence: Evidence, chosen: dict[int, ArmChoice], columns: list[int], fit: Likeness
) -> dict[int, ArmChoice]:
    """Less sure where an arm without a group may be of this one too: what it received and its dose agree with the title."""
    taken = {arm for choice in chosen.values() for arm in choice.arms}
    free = [arm for arm in columns if arm not in taken and evidence.contents[arm].main]
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
    return replace(choice, certainty=choice.certainty * 0.75, reason=f"{choice.reason}; it may hold {label!r} too")


def _may_be_of(evidence: Evidence, place: int, own: ArmContent, other: ArmContent) -> bool:
    """Whether what another arm receives agrees with the title of a group as well as its own arm does."""
    if other.received == own.received or not evidence.texts[place].title_tells:
        return True
    said = evidence.texts[place].received
    return said.actives != own.received.actives and said.actives <= other.received.actives and bool(said.actives)


def _is_plain_control(evidence: Evidence, arm: int, background: frozenset[int]) -> bool:
    received = without(evidence.contents[arm].received, background)
    return received.placebo and not received.actives


def _whole(evidence: Evidence, kind: KindOf, chosen: dict[int, ArmChoice]) -> ArmChoice:
    """Totals, combined groups and run-ins: the arms of their members, or all that are compared."""
    main = tuple(c for c, content in enumerate(evidence.contents) if content.main) or tuple(
        range(len(evidence.contents))
    )
    if kind.kind == "combined":
        found = [chosen[m] for m in kind.members if m in chosen]
        arms = tuple(sorted({arm for choice in found for arm in choice.arms}))
        return ArmChoice(
            arms or main, min((c.certainty for c in found), default=0.5), "the arms of the groups it joins"
        )
    if kind.kind == "total":
        return ArmChoice(main, 0.96, "everybody")
    if kind.kind == "run-in":
        return ArmChoice(main, 0.9, "everybody, before being assigned")
    return ArmChoice((), 0.5, "no arm")
