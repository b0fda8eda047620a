"""Which part of a trial a title speaks of: the main comparison, a run-in, an extension, another period, a sub-study."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from trialpool.registry.groups.words import plain

__all__ = ["FOLLOW_ON", "Phase", "PhaseKind", "names_main_part", "part_of", "phase_of", "without_phase"]

PhaseKind = Literal["", "main", "extension", "run-in", "period", "sub-study", "part", "crossover"]

FOLLOW_ON: frozenset[PhaseKind] = frozenset({"extension", "run-in", "sub-study"})

_SPAN = r"(?:day|week|month|year|wk|mo|yr)s?"
_STAGE = r"(?:phase|period|study|epoch|part|treatment)"
_WINDOW_START = rf"(?:baseline|randomi[sz]ation|{_SPAN} \d+|\d+ {_SPAN})"
_WINDOW_END = rf" ?(?:through|to|until|up to|-) ?(?:{_SPAN} )?(?:\d+(?: ?{_SPAN})?|end of study)"
_NUMBERED = r"(?:\d+[a-z]?|[a-e]\d?|one|two|three|i{1,3}|iv)"
_PATTERNS: tuple[tuple[PhaseKind, str], ...] = (
    (
        "run-in",
        rf"(?:(?:single-blind|open-label|placebo|active) )?(?<!safety )(?:run-?\s?in|lead-?\s?in)(?! cohort)(?: {_STAGE})?",
    ),
    ("run-in", r"(?:pre|before|prior to)[- ]?randomi[sz]\w+(?: (?:phase|period))?"),
    ("run-in", r"dose[- ]optimi[sz]ation (?:phase|period)"),
    ("run-in", r"(?:open-label )?(?:screening|stabili[sz]ation) (?:phase|period)"),
    ("run-in", r"\bpre-?treatment(?: (?:phase|period))?|^baseline(?: (?:phase|period|measurements?|visit))?$"),
    ("sub-study", r"\bsub-?\s?stud(?:y|ies)\b|\bancillary study\b"),
    (
        "extension",
        rf"(?:open-label |long-?term |blinded |double-blind )?(?:treatment )?\bext(?:ension)?\b(?: {_STAGE})*",
    ),
    ("extension", rf"\b(?:ole|lte)\b(?: {_STAGE})?|\bopen-label(?: (?:follow-up|treatment))?(?: {_STAGE})?"),
    ("extension", rf"\bextended (?:treatment )?(?:dosing )?{_STAGE}"),
    ("extension", rf"(?:long-?term|treatment)? ?(?:continuation|continued access|roll-?over) {_STAGE}"),
    ("main", rf"\bdouble-blind(?: (?:placebo-controlled|treatment|randomized))*(?: {_STAGE})?|\bblinded {_STAGE}"),
    ("crossover", rf"\b(?:treatment )?cross-?over {_STAGE}"),
    ("main", rf"\bdb(?:pc)? {_STAGE}|\(blinded\)"),
    (
        "main",
        rf"\b(?:core|main|randomized|placebo-controlled|on-treatment)(?: treatment)? {_STAGE}|\(core\)",
    ),
    ("period", rf"\b(?:post-?(?:treatment|study|therapy)|safety|long-?term)?[- ]?follow-?up(?: {_STAGE})?"),
    (
        "period",
        r"\b(?:maintenance|induction|titration|withdrawal|taper|wash-?out|observation|re-?treatment|conversion) (?:phase|period)",
    ),
    ("period", rf"\bpost-?treatment {_STAGE}|(?<=[-:,(] )(?:maintenance|induction)\)?$|\((?:maintenance|induction)\)$"),
    ("period", rf"\b(?:{_WINDOW_START}{_WINDOW_END}(?: \([^)]*\))?|after \d+ {_SPAN})"),
    ("period", r"\b(?:treatment )?period (?:\d+|[a-d]|one|two|three|i{1,3}|iv)\b"),
    ("period", r"\b(?:first|second|third|1st|2nd|3rd) (?:treatment )?(?:period|intervention)"),
    ("part", rf"\b(?:part|stage|phase|step|segment) {_NUMBERED}\b(?:,? (?:\d[a-z]?,? ?)+)?"),
)
_RULES = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_PART = next(pattern for kind, pattern in _RULES if kind == "part")


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a trial: its kind, and the words that name it."""

    kind: PhaseKind
    words: str = ""


def phase_of(title: str) -> Phase:
    """The part of the trial that a title names, or an empty one.

    >>> phase_of("Drug X (Double-Blind Phase)"), phase_of("Placebo")
    (Phase(kind='main', words='double-blind phase'), Phase(kind='', words=''))
    """
    text = plain(title).replace("phases", "phase").replace("periods", "period")
    for kind, pattern in _RULES:
        match = pattern.search(text)
        if match:
            return Phase(kind, match.group().strip())
    return Phase("")


def part_of(title: str) -> str:
    """The numbered part that a title names, even where it names a period as well; empty if none.

    >>> part_of("Phases 1, 2: Drug X Day 1-92"), part_of("Placebo")
    ('phase 1, 2', '')
    """
    text = plain(title).replace("phases", "phase").replace("periods", "period")
    match = _PART.search(text)
    return match.group().strip(" ,") if match else ""


def names_main_part(text: str) -> bool:
    """Whether a text names the blinded, core or randomized part of a trial.

    >>> names_main_part("After the run-in, in the double-blind period"), names_main_part("Open-label")
    (True, False)
    """
    text = plain(text)
    return any(kind == "main" and pattern.search(text) for kind, pattern in _RULES)


def without_phase(title: str) -> str:
    """A title without the words that name a part of the trial.

    >>> without_phase("Open-label extension: Drug X")
    'drug x'
    """
    text = plain(title).replace("phases", "phase").replace("periods", "period")
    for _, pattern in _RULES:
        text = pattern.sub(" ", text)
    return re.sub(r"\(\s*\)|\[\s*\]", " ", text).strip(" -:,;/").replace("  ", " ").strip()
