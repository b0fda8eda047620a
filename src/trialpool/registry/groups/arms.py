"""The protocol arms whose participants each event group holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trialpool.registry.groups.arm_choice import ArmChoice
from trialpool.registry.groups.arm_doubts import in_doubt_by_title, not_planned_for_later, perhaps_pooled
from trialpool.registry.groups.assignment import Floats, best_assignment, margins
from trialpool.registry.groups.contents import without
from trialpool.registry.groups.crossover_arms import are_orders, arms_with, beside_treatments, same_part
from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.phases import phase_of
from trialpool.registry.groups.similarity import Likeness, likeness
from trialpool.registry.groups.whole_arms import arms_of_whole, one_extension, one_run_in
from trialpool.registry.groups.words import title_key

__all__ = ["choose_arms"]

_MOST_MARGIN = 0.4
_CLEAR_MARGIN = 0.25
_ROUNDING = 1e-9
_UNLIKE = 0.3


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
            planned = tuple(int(arm) for arm in np.flatnonzero(fit.same[place])) if kind.kind == "run-in" else ()
            chosen[place] = (
                one_run_in(evidence, place, planned) if planned else arms_of_whole(evidence, place, kind, chosen)
            )
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
    kind = kinds[layer[0]].kind
    if evidence.crossover and kind in {"crossover", "period", "extension"} and are_orders(evidence, columns):
        found = {p: arms_with(evidence, p, same_part(evidence, p, columns)) for p in layer}
        of_some = (
            kind == "period" and len(columns) > 1
        )  # in one of the periods a treatment is that of some sequences only
        return {p: replace(c, certainty=min(c.certainty, 0.7)) if of_some else c for p, c in found.items()}
    every = list(range(len(evidence.contents)))
    if kind == "arm" and _are_cohorts(evidence, layer, every, fit):
        reason = "every arm has this treatment and its control: groups are by treatment, arms are not"
        return {p: ArmChoice(tuple(every), 0.93, reason) for p in layer}
    if kind == "extension" and len(layer) == 1 and len(columns) > 1:
        one = one_extension(evidence, layer[0], columns, fit)
        if one:
            return {layer[0]: one}
    several = _several_numbered(evidence, layer, columns, fit)
    chosen = {
        p: several.get(p) or in_doubt_by_title(evidence, p, c, fit)
        for p, c in _one_by_one(layer, columns, fit, crossover=evidence.crossover).items()
    }
    if kind == "arm" and any(content.main for content in evidence.contents):
        chosen = {p: not_planned_for_later(evidence, p, choice) for p, choice in chosen.items()}
    chosen = _with_pooled(evidence, chosen, columns, background)
    return perhaps_pooled(evidence, chosen, columns, fit) if kind == "arm" else chosen


def _are_cohorts(evidence: Evidence, layer: list[int], columns: list[int], fit: Likeness) -> bool:
    """Each arm is planned with a treatment and its placebo, and each group is one of the two, of no arm in particular."""
    contents = [evidence.contents[c] for c in columns]
    if evidence.crossover or len(contents) < 2 or len({(c.received, c.arm.type) for c in contents}) > 1:
        return False
    said = [evidence.substances.received(f"{c.arm.label} {c.arm.description}") for c in contents]
    both = all(text.placebo and text.actives for text in said)
    told = all(evidence.texts[p].title_tells for p in layer)
    controls = {evidence.texts[p].received.placebo for p in layer}
    labels = [beside_treatments(c.arm.label, evidence) for c in contents]
    telling = set[str]().union(*labels) - labels[0].intersection(*labels)
    numbered = not bool(np.isnan(fit.numbered[np.ix_(layer, columns)]).all())
    named = numbered or any(telling & beside_treatments(evidence.texts[p].base, evidence) for p in layer)
    return both and told and controls == {True, False} and not named


def _several_numbered(evidence: Evidence, layer: list[int], columns: list[int], fit: Likeness) -> dict[int, ArmChoice]:
    """Groups whose numbers are those of several arms together, such as ``Cohort 1 + Cohort 4``."""
    found = {}
    for place in layer:
        arms = tuple(sorted(c for c in columns if 0 < fit.numbered[place, c] < 1))
        if len(arms) > 1 and abs(sum(fit.numbered[place, c] for c in arms) - 1) < _ROUNDING:
            alike = len({evidence.contents[c].received for c in arms}) == 1
            found[place] = ArmChoice(arms, 0.88 if alike else 0.6, "its title has the numbers of these arms")
    return found


def _candidates(evidence: Evidence, kind: str, layer: list[int], fit: Likeness) -> list[int]:
    """Arms in question: those of the main part for arms; all for other kinds."""
    everything = sorted(range(len(evidence.contents)), key=lambda c: (title_key(evidence.contents[c].arm.label), c))
    main = [c for c in everything if evidence.contents[c].main or bool(fit.same[layer, c].any())]
    return main if kind in {"arm", "crossover", "sequence"} and main else everything


def _one_by_one(layer: list[int], columns: list[int], fit: Likeness, *, crossover: bool) -> dict[int, ArmChoice]:
    scores = fit.scores[np.ix_(layer, columns)]
    assigned, lead = _assigned(scores, fit.numbered[np.ix_(layer, columns)])
    chosen = {
        place: _choice(place, columns[assigned[i]], float(scores[i, assigned[i]]), lead[i], fit)
        for i, place in enumerate(layer)
    }
    clear = len(layer) == len(columns) and min(lead) >= _CLEAR_MARGIN
    vague = crossover and len(columns) > 1 and not clear
    return {
        place: _beside(place, choice, chosen, fit, arms_left=len(layer) < len(columns), vague=vague)
        for place, choice in chosen.items()
    }


def _assigned(scores: Floats, numbered: Floats) -> tuple[list[int], list[float]]:
    """The column of each row, and its lead: each column once, unless there are too few or numbers say otherwise."""
    if len(scores) <= scores.shape[1]:
        assigned = best_assignment(scores)
        if not _against_numbers(numbered, assigned):
            return assigned, margins(scores, assigned)
    return [int(np.argmax(row)) for row in scores], [_lead(row) for row in scores]


def _against_numbers(numbered: Floats, assigned: list[int]) -> bool:
    """Each group has the numbers of some arm, and yet one was given another arm: several groups are of one arm."""
    every = bool((numbered == 1).any(axis=1).all())
    return every and any(numbered[row, column] != 1 for row, column in enumerate(assigned))


def _beside(
    place: int, choice: ArmChoice, chosen: dict[int, ArmChoice], fit: Likeness, *, arms_left: bool, vague: bool
) -> ArmChoice:
    """Less sure where another group has the label of that arm as its title, or where arms have no group."""
    arm = choice.arms[0]
    if fit.same[place, arm]:
        return choice
    taken = any(
        fit.same[other, arm] for other, theirs in chosen.items() if other != place and theirs.arms == choice.arms
    )
    missing = bool(fit.clash[place, arm]) and fit.scores[place, arm] < _UNLIKE
    if missing:
        return ArmChoice((), 0.6, "no arm receives what the title says")
    if taken:
        return ArmChoice(
            choice.arms, choice.certainty * 0.7, f"{choice.reason}; but another group has that arm's label"
        )
    if vague and fit.scores[place, arm] < 0.6:
        return choice.doubted(0.8, "arms are not named by treatment")
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


def _is_plain_control(evidence: Evidence, arm: int, background: frozenset[int]) -> bool:
    received = without(evidence.contents[arm].received, background)
    return received.placebo and not received.actives
