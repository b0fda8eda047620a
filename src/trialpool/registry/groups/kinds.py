"""What kind of group each event group is: an arm, a total, a period, a treatment of a crossover trial ..."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.flow_kinds import kind_by_first_period, kind_by_sequences
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.periods import TOGETHER, is_label_pooled, kind_by_phase, label_says, more_than_started
from trialpool.registry.groups.sequences import is_sequence, is_switch
from trialpool.registry.groups.whole import aside, only_group, total
from trialpool.registry.groups.words import plain, title_key, words

__all__ = ["kinds_of"]

_WHOLE_STUDY = re.compile(
    r"\b(?:all|total|entire|overall|whole|both|combined) (?:study |treatment )*"
    r"(?:period|phase|part|stage|week|visit|trial|study|duration)s?\b"
)
_FOLLOW_ON_TRIAL = re.compile(
    r"\bextension\b|\bextended access\b|\broll-?over\b|\blong-?term (?:safety|follow-up|treatment)\b|\bfollow-?on\b"
)
_ADULT = r"\b(?:maternal|mothers?|wom[ae]n|parent(?:al|s)?|caregivers?|partners?)\b"
_CHILD = r"\b(?:f(?:o?et(?:al|us(?:es)?))|neonat(?:al|es?)|newborns?|infants?|bab(?:y|ies)|child(?:ren)?(?!-pugh)|offspring)\b"
_PERSON = re.compile(rf"{_ADULT}|{_CHILD}")
_SAME_PERSON_LATER = re.compile(r"\b(?:dose|series|booster|visit|vaccination|toddler)s?\b")
_LATER_BY_CHOICE = re.compile(
    r"\bafter \d+ (?:week|month)s?\b[^.]*\b(?:optional|additional|consent\w*)\b|\boptional (?:additional|further|second|third)\b"
)
_MOST_GROUPS_TO_SUM = 10
_EXCESS = 1.15
_FEW, _JOINED = 3, 0.1


def kinds_of(evidence: Evidence) -> tuple[KindOf, ...]:
    """The kind of each group, in order."""
    found = [_by_rule(evidence, place) for place in range(len(evidence.groups))]
    people = sum(evidence.fewest[place] for place, kind in enumerate(found) if kind is None or kind.kind == "arm")
    several = sum(kind is None or kind.kind == "arm" for kind in found) > 1
    kinds = [kind or _arm(evidence, place, people if several else 0) for place, kind in enumerate(found)]
    return tuple(_unless_joined(evidence, place, kind) for place, kind in enumerate(kinds))


def _unless_joined(evidence: Evidence, place: int, kind: KindOf) -> KindOf:
    """Less sure of an arm with clearly more people at risk than started: others may have been switched to it."""
    started, people = evidence.started[place], evidence.at_risk[place] or 0
    if kind.kind != "arm" or not started or people <= started + max(_FEW, _JOINED * started):
        return kind
    reason = f"{people} are at risk, of whom {started} started: others may have joined"
    return replace(kind, certainty=min(kind.certainty, 0.7), reason=f"{kind.reason}; {reason}".removeprefix("; "))


def _by_rule(evidence: Evidence, place: int) -> KindOf | None:
    rules: tuple[Callable[[Evidence, int], KindOf | None], ...] = (
        only_group,
        total,
        _combined,
        aside,
        kind_by_first_period,
        kind_by_phase,
        kind_by_sequences,
        _crossover,
        _switch,
        _late,
    )
    return next((found for rule in rules if (found := rule(evidence, place)) is not None), None)


def _persons(evidence: Evidence, place: int) -> str:
    """The kind of person, such as mother or newborn, that every title names, if no kind alone exceeds the enrolment."""
    found = [_PERSON.search(plain(group.title)) for group in evidence.groups]
    named = [match.group() if match else "" for match in found]
    held = Counter[str]()
    for name, people in zip(named, evidence.fewest, strict=True):
        held[name] += people
    later = any(_SAME_PERSON_LATER.search(plain(group.title)) for group in evidence.groups)
    adults = any(re.search(_ADULT, name) for name in named)
    several = all(named) and len(held) > 1 and adults and not later
    return named[place] if several and max(held.values()) <= _EXCESS * (evidence.enrollment or 0) else ""


def _follows_a_trial(evidence: Evidence) -> bool:
    """The trial as a whole is the extension of another one."""
    return bool(_FOLLOW_ON_TRIAL.search(plain(f"{evidence.record.title} {evidence.record.official_title}")))


def _combined(evidence: Evidence, place: int) -> KindOf | None:
    """Several other groups together: the title says so, or its numbers do and its title joins theirs."""
    title = _WHOLE_STUDY.sub(" ", plain(evidence.groups[place].title))
    members = _summands(evidence, place)
    if evidence.crossover and TOGETHER.search(title) and not label_says(evidence, place):
        return KindOf("combined", 0.8, "the title says several together, in a crossover trial")
    if TOGETHER.search(title) and len(evidence.groups) > 2:
        if members:
            return KindOf(
                "combined", 0.95, "the title says several together, and their numbers add up to its own", members
            )
        if label_says(evidence, place) or _planned_word(evidence, title) or is_label_pooled(evidence, place):
            return None
        key = title_key(TOGETHER.sub(" ", title))
        if _may_hold_others(evidence, place) or more_than_started(evidence, place, key):
            return KindOf("combined", 0.7, "the title says several together, but no numbers add up to its own")
    if members and _joins(evidence, place, members):
        return KindOf("combined", 0.93, "its title and its number at risk join those of other groups", members)
    return None


def _planned_word(evidence: Evidence, title: str) -> bool:
    """The word for several together is part of the name of an arm or a treatment, such as ``combined exercise``."""
    names = [content.arm.label for content in evidence.contents] + [i.name for i in evidence.record.interventions]
    found = set(TOGETHER.findall(title))
    return any(found & set(TOGETHER.findall(plain(name))) for name in names)


def _known_elsewhere(evidence: Evidence, place: int) -> bool:
    """Whether flow or baseline groups have the title; or a label does, and the record has no such groups."""
    elsewhere = bool(evidence.record.flow and evidence.record.flow.groups)
    return evidence.in_flow[place] or (label_says(evidence, place) and not elsewhere)


def _may_hold_others(evidence: Evidence, place: int) -> bool:
    own = evidence.at_risk[place] or 0
    smaller = [n for n in evidence.at_risk if n and n < own]
    return len(smaller) >= 2


def _summands(evidence: Evidence, place: int) -> tuple[int, ...]:
    """Two or more other groups, alike in what they received, whose numbers at risk add up to that of this one."""
    number = evidence.at_risk[place]
    alike = [
        o for o in range(len(evidence.groups)) if o != place and evidence.at_risk[o] and _shares(evidence, place, o)
    ]
    if not number or len(alike) > _MOST_GROUPS_TO_SUM:
        return ()
    for size in range(len(alike), 1, -1):
        for chosen in combinations(alike, size):
            if sum(evidence.at_risk[o] or 0 for o in chosen) == number:
                return chosen
    return ()


def _shares(evidence: Evidence, place: int, other: int) -> bool:
    """Same part of the trial, and nothing received that the other did not."""
    if evidence.phases[place].words != evidence.phases[other].words:
        return False
    ours, theirs = evidence.texts[place].received, evidence.texts[other].received
    return (
        not ours.anything
        or not theirs.anything
        or bool(ours.actives & theirs.actives)
        or ours.placebo == theirs.placebo
    )


def _joins(evidence: Evidence, place: int, members: tuple[int, ...]) -> bool:
    """Whether the title has ``A + B`` or ``A and B``, of what tells the members from each other."""
    if not re.search(r"\+|&|/|,|\band\b|\bor\b|\bto\b|-", plain(evidence.groups[place].title)):
        return False
    own = set(words(evidence.groups[place].title)) | evidence.texts[place].doses
    titles = [set(words(evidence.groups[o].title)) for o in members]
    shared = set.intersection(*titles)
    return all(title - shared and (title - shared) <= own for title in titles)


def _crossover(evidence: Evidence, place: int) -> KindOf | None:
    if not evidence.crossover:
        return None
    title = evidence.texts[place].base
    if _counted_once(evidence):
        return KindOf("arm", 0.75, "declared a crossover, but arms and groups are parallel and nobody is counted twice")
    if evidence.phases[place].kind == "part" and _alone_in_its_part(evidence, place):
        part = evidence.phases[place].words
        certainty = 0.85 if label_says(evidence, place) else 0.75
        return KindOf("sub-study", certainty, f"the only group of {part}, in a trial that is a crossover elsewhere")
    if is_sequence(title, evidence.substances, crossover=True):
        return KindOf("sequence", 0.94, "a crossover trial, and the title names an order of treatments")
    main = [p for p in range(len(evidence.groups)) if evidence.phases[p].kind not in {"run-in", "extension", "period"}]
    people = sum(evidence.at_risk[p] or 0 for p in main)
    enrolled = evidence.enrollment or 0
    everybody = enrolled > 0 and people >= 1.4 * enrolled
    if everybody:
        return KindOf(
            "crossover", 0.96, f"a crossover trial, and {people} at risk in all exceed the {enrolled} enrolled"
        )
    flow = evidence.record.flow.groups if evidence.record.flow else ()
    ordered = bool(flow) and all(is_sequence(g.title, evidence.substances, crossover=True) for g in flow)
    counted_twice = ordered and (not enrolled or people > _EXCESS * enrolled)
    return KindOf("crossover", 0.93 if counted_twice else 0.7, "a crossover trial, and the title names a treatment")


def _counted_once(evidence: Evidence) -> bool:
    """Each arm has one group of its label, receives something else, and starts once; no title or label is an order."""
    labels = {title_key(content.arm.label) for content in evidence.contents}
    titles = [title_key(group.title) for group in evidence.groups]
    flow = evidence.record.flow
    if flow is None or len(flow.periods) != 1 or len(labels) < 2 or sorted(labels) != sorted(titles):
        return False
    started = {title_key(group.title) for group in flow.groups}
    names = [content.arm.label for content in evidence.contents]
    ordered = any(is_sequence(name, evidence.substances, crossover=True) for name in names)
    differ = len({content.received for content in evidence.contents}) == len(evidence.contents)
    people = sum(number or 0 for number in evidence.at_risk)
    return started == labels and differ and not ordered and 0 < people <= 1.05 * (evidence.enrollment or 0)


def _alone_in_its_part(evidence: Evidence, place: int) -> bool:
    part = evidence.phases[place].words
    return sum(phase.words == part for phase in evidence.phases) == 1


def _switch(evidence: Evidence, place: int) -> KindOf | None:
    if not is_switch(evidence.texts[place].base, evidence.substances):
        return None
    controlled = any(content.received.placebo or content.received.sham for content in evidence.contents)
    if _follows_a_trial(evidence) and not controlled:
        return None  # ``Placebo/X``: what they got in the trial before
    if evidence.late[place]:
        return KindOf("extension", 0.85, "the title names a switch, and its participants start in a later period")
    return KindOf("sequence", 0.7, "the title names a switch between placebo and an active treatment")


def _late(evidence: Evidence, place: int) -> KindOf | None:
    if not evidence.late[place]:
        return None
    certainty = 0.87 if label_says(evidence, place) else 0.75
    return KindOf("extension", certainty, "its participants start in a later period of the participant flow")


def _arm(evidence: Evidence, place: int, people: int) -> KindOf:
    """The rest: arms, unless titles repeat or there are too many people for that."""
    if _LATER_BY_CHOICE.search(plain(evidence.groups[place].description)):
        return KindOf(
            "arm", 0.7, "its description speaks of more treatment by choice: the same people may be counted again"
        )
    key = (title_key(evidence.texts[place].base), evidence.phases[place].words)
    keys = [(title_key(text.base), phase.words) for text, phase in zip(evidence.texts, evidence.phases, strict=True)]
    if keys.count(key) > 1:
        return KindOf("arm", 0.7, "another group has the same title")
    enrolled = evidence.enrollment
    persons = _persons(evidence, place)
    if enrolled and people > _EXCESS * enrolled and persons:
        return KindOf(
            "arm", 0.95, f"the {persons} participants of an arm, whose other participants have groups of their own"
        )
    if enrolled and people > _EXCESS * enrolled and len(evidence.contents) == 1 and len(evidence.groups) > 1:
        reason = f"{people} at risk in all exceed the {enrolled} enrolled in the one arm: groups may be periods"
        return KindOf("arm", 0.7, reason)
    if enrolled and people > _EXCESS * enrolled and not _known_elsewhere(evidence, place):
        return KindOf("arm", 0.8, f"{people} at risk in all exceed the {enrolled} enrolled: groups may overlap")
    crowded = len(evidence.groups) > len(evidence.contents) and not (enrolled and 0 < people <= enrolled)
    members = _summands(evidence, place) if crowded else ()
    if 2 <= len(members) <= 3 and not label_says(evidence, place):
        return KindOf("arm", 0.7, "as many are at risk as in some other groups together: it may be those")
    if _follows_a_trial(evidence) and len(evidence.contents) == 1:
        return KindOf("arm", 0.95, "the trial is the extension of another one, and has one arm")
    return KindOf("arm", 0.98, "")
