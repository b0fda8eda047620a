"""Groups whose titles name a part of the trial: what kind they are depends on which parts the others name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.numbered import numbers_of
from trialpool.registry.groups.phases import part_of, phase_of
from trialpool.registry.groups.sequences import is_switch
from trialpool.registry.groups.words import plain, title_key

__all__ = ["TOGETHER", "is_label_pooled", "kind_by_phase", "label_says", "more_than_started"]

_EXCESS, _CLEARLY_MORE = 1.05, 1.1
_AMOUNT_OF_TIME = re.compile(r"(?:\b(day|week|month|year|wk|mo|yr)s? ?)?(\d+)(?: ?(day|week|month|year|wk|mo|yr)s?\b)?")
_FOLLOWS_ON = re.compile(r"ext|ole|continu|roll|follow")
_DAYS = {"da": 1.0, "we": 7.0, "wk": 7.0, "mo": 30.4, "ye": 365.0, "yr": 365.0}
TOGETHER = re.compile(r"\b(?:all|any|combined|comb|pooled|total|either|both)\b|^overall\b|\boverall *:|\boverall$")
"""Words for several groups together."""


def kind_by_phase(evidence: Evidence, place: int) -> KindOf | None:
    """The kind of a group whose title names a part of the trial."""
    phase = evidence.phases[place]
    if not phase.kind:
        return None
    if all(other.words == phase.words for other in evidence.phases):
        certain = phase.kind in {"main", "part", "extension", "period"}
        found = KindOf("arm", 0.93 if certain else 0.8, f"every group is of the {phase.words}")
        return None if evidence.crossover else found
    rules = {
        "run-in": _beside,
        "sub-study": _beside,
        "crossover": _crossover_phase,
        "main": _main,
        "extension": _extension,
        "part": _part,
        "period": _period,
    }
    return rules[phase.kind](evidence, place, f"the title says {phase.words!r}")


def _beside(evidence: Evidence, place: int, quoted: str) -> KindOf | None:
    """Run-ins and sub-studies."""
    if evidence.phases[place].kind == "sub-study":
        return KindOf("sub-study", 0.92, quoted)
    labels = {title_key(content.arm.label) for content in evidence.contents}
    named = {title_key(text) for text in (evidence.texts[place].base, evidence.groups[place].title)} & labels
    if named and sum(other.kind == "run-in" for other in evidence.phases) > 1:
        return KindOf("run-in", 0.75, f"{quoted}, as do other titles: they may be of arms already")
    return KindOf("run-in", 0.6 if evidence.phases[place].words == "baseline" else 0.92, quoted)


def _crossover_phase(evidence: Evidence, place: int, quoted: str) -> KindOf | None:
    if evidence.crossover:
        return None
    certainty = 0.85 if evidence.late[place] else 0.65
    return KindOf("extension", certainty, f"{quoted}, in a trial that is no crossover")


def _main(evidence: Evidence, _place: int, quoted: str) -> KindOf | None:
    return None if evidence.crossover else KindOf("arm", 0.95, quoted)


def _extension(evidence: Evidence, place: int, quoted: str) -> KindOf | None:
    blinded = any(other.kind == "main" for other in evidence.phases)
    words = evidence.phases[place].words
    if "open-label" in words and _before_blinded(evidence, place):
        return KindOf("period", 0.75, f"{quoted}, and its participants start before those of the blinded part")
    if "open-label" in words and not _FOLLOWS_ON.search(words) and _larger_than_blinded(evidence, place):
        return KindOf("run-in", 0.85, f"{quoted}, and it holds more people than the blinded part")
    if "blinded and open" in plain(evidence.groups[place].title):
        return KindOf("arm", 0.6, "the title names two parts of the trial")
    if _FOLLOWS_ON.search(words) or blinded or evidence.late[place]:
        return KindOf("extension", 0.95 if blinded or evidence.late[place] else 0.9, quoted)
    planned = label_says(evidence, place) and evidence.started[place] > 0
    return KindOf("arm", 0.9 if planned else 0.6, f"{quoted}, but no other group is of a blinded part")


def _larger_than_blinded(evidence: Evidence, place: int) -> bool:
    """One group with more people than several blinded ones together: an extension cannot gain people."""
    main = [evidence.at_risk[p] or 0 for p, phase in enumerate(evidence.phases) if phase.kind == "main"]
    alone = sum(phase == evidence.phases[place] for phase in evidence.phases) == 1
    return alone and len(main) > 1 and (evidence.at_risk[place] or 0) > _EXCESS * sum(main)


def _before_blinded(evidence: Evidence, place: int) -> bool:
    """Participants start in the first period, and those of the blinded part do later."""
    blinded = [late for late, phase in zip(evidence.late, evidence.phases, strict=True) if phase.kind == "main"]
    return bool(blinded) and all(blinded) and evidence.started[place] > 0 and not evidence.late[place]


def _part(evidence: Evidence, place: int, quoted: str) -> KindOf | None:
    """Parts with their own arms are compared within themselves; the same title in two parts may be the same people."""
    if evidence.crossover:
        return None
    base = title_key(evidence.texts[place].base)
    repeated = sum(title_key(text.base) == base for text in evidence.texts) > 1
    parts = {phase_of(content.arm.label).words for content in evidence.contents}
    planned = label_says(evidence, place) or evidence.phases[place].words in parts
    later = any(
        late and phase == evidence.phases[place] for late, phase in zip(evidence.late, evidence.phases, strict=True)
    )
    people = sum(number or 0 for number in evidence.at_risk)
    if _alone_beside_a_comparison(evidence, place):
        others = people <= _EXCESS * (evidence.enrollment or 0) and not evidence.late[place]
        return KindOf(
            "sub-study", 0.85 if others else 0.6, f"{quoted}, which has no other group, and others have several"
        )
    if later and (not planned or _has_twin(evidence, place)):
        return KindOf("period", 0.6, f"{quoted}, and its participants start in a later period")
    certainty = 0.94 if planned else 0.9 if evidence.in_flow[place] else 0.8
    again = repeated and not planned and people > (evidence.enrollment or 0)
    return KindOf("arm", certainty - 0.2 * again, quoted)


def _alone_beside_a_comparison(evidence: Evidence, place: int) -> bool:
    """The only group of its part, in a randomised trial of which another part has several groups."""
    counts = Counter(phase.words for phase in evidence.phases if phase.kind == "part")
    randomised = evidence.record.design.allocation == "RANDOMIZED"
    return randomised and counts[evidence.phases[place].words] == 1 and max(counts.values()) > 1


def _has_twin(evidence: Evidence, place: int) -> bool:
    """Another group has the same part and cohort numbers, and received the same treatments."""
    groups, texts = evidence.groups, evidence.texts
    return any(
        other != place
        and numbers_of(groups[other].title) == numbers_of(groups[place].title)
        and texts[other].received == texts[place].received
        for other in range(len(groups))
    )


def _start_and_length(phase_words: str) -> tuple[float, float]:
    """First day and length in days that a window such as ``week 0 to 26`` names; a number without a unit has the last one."""
    found = [
        (float(number), _DAYS.get((after or before or "")[:2], 0.0))
        for before, number, after in _AMOUNT_OF_TIME.findall(phase_words)
    ]
    units = [unit for _, unit in found if unit]
    days = [number * (unit or (units[-1] if units else 1.0)) for number, unit in found]
    from_start = "baseline" in phase_words or "randomi" in phase_words
    start = 0.0 if from_start else days[0] if days else 0.0
    return start, (days[-1] if days else 1e9) - start


def _windows(evidence: Evidence, part: str) -> dict[str, set[str]]:
    """The windows of time that titles of a part of the trial name, by the rest of the title."""
    of_title: dict[str, set[str]] = {}
    for phase, text in zip(evidence.phases, evidence.texts, strict=True):
        if phase.kind == "period" and "follow" not in phase.words and part_of(text.title) == part:
            of_title.setdefault(title_key(text.base), set()).add(phase.words)
    return of_title


def _first_window(of_title: Mapping[str, set[str]]) -> tuple[str, bool]:
    """The first window of time, and whether it is the first of every group that has several."""
    own = [min(map(_start_and_length, windows)) for windows in of_title.values()]
    first = min((window for windows in of_title.values() for window in windows), key=_start_and_length, default="")
    start, length = _start_and_length(first)
    return first, all(window == (start, length) or window[0] > start for window in own)


def _period(evidence: Evidence, place: int, quoted: str) -> KindOf:
    """The first window is the main comparison; later or longer ones are other periods."""
    phase = evidence.phases[place]
    unmarked = any(not other.kind for other in evidence.phases)
    if "follow" in phase.words or unmarked:
        from_start = "follow" not in phase.words and _start_and_length(phase.words)[0] == 0
        return KindOf("period", 0.7 if from_start else 0.9, quoted)
    if not re.search(r"\d|\b(?:first|second|third|one|two|three|[a-d])\b", phase.words):
        return _unnumbered(evidence, place, quoted)
    windows = _windows(evidence, part_of(evidence.groups[place].title))
    first, agreed = _first_window(windows)
    if any(other.kind == "main" for other in evidence.phases):
        return KindOf("period", 0.9, quoted)
    partly = evidence.fewest[place] != (evidence.at_risk[place] or 0) or _one_section(evidence, place)
    if partly:
        return KindOf("period", 0.7, f"{quoted}, and not all kinds of events were counted")
    if not agreed:
        return KindOf("period", 0.7, f"{quoted}, and groups differ in their first one")
    if _start_and_length(phase.words) == _start_and_length(first):
        if evidence.crossover:
            return KindOf("crossover", 0.7, f"{quoted}, the first of several, in a crossover trial")
        shared = len(windows) == 1 or sum(first in own for own in windows.values()) > 1
        return KindOf("arm", 0.91 if shared else 0.7, f"{quoted}, the first of several")
    doubtful = _may_be_mixed(evidence, place, windows, first)
    return KindOf("period", 0.7 if doubtful else 0.91, f"{quoted}, not the first of several")


def _may_be_mixed(evidence: Evidence, place: int, windows: Mapping[str, set[str]], first: str) -> bool:
    """A later window that may hold people of other arms: a switch, a group that is new or larger than in the first window."""
    if is_switch(evidence.texts[place].base, evidence.substances):
        return True
    known = {title_key(t.base) for t in evidence.texts if is_switch(t.base, evidence.substances)}
    key = title_key(evidence.texts[place].base)
    before = [
        evidence.at_risk[p] or 0
        for p, (text, phase) in enumerate(zip(evidence.texts, evidence.phases, strict=True))
        if title_key(text.base) == key and phase.words == first
    ]
    larger = bool(before) and (evidence.at_risk[place] or 0) > _EXCESS * max(before)
    return larger or any(first not in own for title, own in windows.items() if title not in known)


def _unnumbered(evidence: Evidence, place: int, quoted: str) -> KindOf:
    """A titration, a maintenance or the like: maintenance after a titration is the main comparison."""
    if "maintenance" in evidence.phases[place].words and _after_titration(evidence, place):
        return KindOf("arm", 0.93, f"{quoted}, after a titration of the same treatments")
    if "induction" in evidence.phases[place].words and any("maintenance" in other.words for other in evidence.phases):
        return KindOf("arm", 0.85, f"{quoted}, before a maintenance")
    return KindOf("period", 0.75, f"{quoted}, and others name other parts")


def _after_titration(evidence: Evidence, place: int) -> bool:
    """Every other part that titles name is a titration, and one of them is of the same treatment."""
    own = evidence.phases[place]
    others = [(phase, text) for phase, text in zip(evidence.phases, evidence.texts, strict=True) if phase != own]
    same = any(title_key(text.base) == title_key(evidence.texts[place].base) for _, text in others)
    return same and all("titration" in phase.words for phase, _ in others)


def _one_section(evidence: Evidence, place: int) -> bool:
    """Nobody is at risk of serious events, or nobody of others: the rest is in a group of another period."""
    group = evidence.groups[place]
    numbers = [total.at_risk for total in (group.serious, group.other) if total]
    return 0 in numbers and any(numbers)


def more_than_started(evidence: Evidence, place: int, key: str) -> bool:
    """Clearly more people than started in the flow group of this title: others are in it, too."""
    flow = evidence.record.flow
    twins = {group.id for group in flow.groups if title_key(group.title) == key} if flow else set()
    periods = flow.periods if flow else ()
    counts = [a.participants or 0 for p in periods for m in p.milestones for a in m.achievements if a.group in twins]
    return bool(counts) and (evidence.at_risk[place] or 0) > _CLEARLY_MORE * max(counts)


def is_label_pooled(evidence: Evidence, place: int) -> bool:
    """The title without the word for several together is the label of an arm, and no other group has that title."""
    key = title_key(TOGETHER.sub(" ", plain(evidence.groups[place].title)))
    if more_than_started(evidence, place, key):
        return False
    others = {title_key(group.title) for other, group in enumerate(evidence.groups) if other != place}
    return key not in others and any(title_key(content.arm.label) == key for content in evidence.contents)


def label_says(evidence: Evidence, place: int) -> bool:
    """Whether the title of a group is the label of a protocol arm."""
    key = title_key(evidence.groups[place].title)
    return any(title_key(content.arm.label) == key for content in evidence.contents)
