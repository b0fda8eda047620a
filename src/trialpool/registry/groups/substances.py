"""Which of a record's treatments a text speaks of, and which controls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from trialpool.registry.groups.words import MARKS, plain, tokens, words

__all__ = ["Alias", "Received", "Substance", "Substances", "control_of"]

Control = Literal["", "placebo", "sham", "no treatment"]
Alias = tuple[str, ...]

_PLACEBO = re.compile(
    r"\bplacebo\b|\bsugar pill|\binert\b|\bvehicle\b|\binactive (?:drug|substance|pill|tablet|capsule)"
)
_SHAM = re.compile(r"\bsham\b|\bsimulated\b|\bmock\b")
_UNTREATED = re.compile(
    r"\b(?:usual|standard|routine|conventional|best supportive|supportive|normal|regular)(?: \w+)?"
    r" (?:care|management|treatment|therapy|follow-up)\b"
    r"|\bstandard[- ]of[- ]care\b|\bsoc\b|\b(?:no|without)[- ](?:\w+ )?(?:treatment|intervention|drug|therapy)\b"
    r"|\b(?:un|not |non-?)treated\b|\bobservation(?:al)?\b|\bwait(?:ing)?[- ]?list\b|\bdelayed (?:treatment|intervention)\b"
    r"|\bwatchful waiting\b|\bnon-?intervention"
    r"|\b(?:optimal|optimi[sz]ed|guideline-directed|best(?: available)?|background)(?: [\w/-]+)?"
    r" (?:care|management|treatment|therapy)\b"
)
_HISTORY = re.compile(
    r"\((?:previous|former|prior|original)\w*\b[^)]*\)"
    r"|\b(?:previous|former|prior|original)(?:ly)?[- :]+(?:treated with )?[\w-]+(?: [\d.\- ]+ ?\w*g\b)?",
    re.IGNORECASE,
)
_ABSENT = frozenset({"no", "off", "without", "non"})
_LINKS = frozenset(
    {"to", "match", "matching", "matched", "for", "of", "identical", "corresponding", "tablet", "capsule", "the", "("}
)
_JOINED = re.compile(r"\+|/|&|,|;|\bplus\b|\band\b|\bwith\b|\bin addition to\b|\bon top of\b|\badded to\b")
_TELLS_NOTHING = frozenset(
    re.findall(
        r"\S+",
        """
        background therapy medication control active comparator double-blind open-label blinded matching matched vehicle low
        medium high part cohort period phase male female men women adult child children old young year week day month
        """,
    )
)
_BEFORE_PLACEBO = frozenset({"matching", "matched", "match", "oral"})


@dataclass(frozen=True, slots=True)
class Received:
    """What a text says was received: positions of active substances, and controls."""

    actives: frozenset[int] = frozenset()
    placebo: bool = False
    sham: bool = False
    untreated: bool = False

    @property
    def anything(self) -> bool:
        """Whether the text says anything about it."""
        return bool(self.actives) or self.placebo or self.sham or self.untreated


@dataclass(frozen=True, slots=True)
class Substance:
    """An active treatment: its names as interventions of the record, and all words it goes by."""

    names: tuple[str, ...]
    aliases: frozenset[Alias]


def control_of(text: str) -> Control:
    """What a name says of itself if it is no active treatment.

    >>> control_of("Placebo to match drug"), control_of("Usual care"), control_of("Metformin")
    ('placebo', 'no treatment', '')
    """
    text = plain(text)
    if _PLACEBO.search(text):
        return "placebo"
    if _SHAM.search(text):
        return "sham"
    return "no treatment" if _UNTREATED.search(text) else ""


def without_history(text: str) -> str:
    """A text without what was received before the trial.

    >>> without_history("Drug X (previous: placebo)"), without_history("Former Placebo")
    ('Drug X ', '')
    """
    return _HISTORY.sub("", text)


@dataclass(frozen=True, slots=True)
class Substances:
    """The active treatments of a record.

    ``placebos`` are names that only the record calls a placebo; ``placebo_to`` says that it writes ``placebo to X`` for a
    placebo that matches X, where others mean a switch.
    """

    known: tuple[Substance, ...]
    lookup: Mapping[Alias, int]
    longest: int
    placebos: frozenset[Alias] = frozenset()
    placebo_to: bool = False

    def received(self, text: str) -> Received:
        """What a text speaks of; a substance named only as the model of a placebo is not received."""
        text = without_history(text)
        stream = tokens(text)
        mentions = list(self.mentions(stream))
        real = [m for m in mentions if not _is_model_of_placebo(stream, m[0], m[1]) and not _is_absent(stream, m[0])]
        actives = frozenset(m[2] for m in real)
        text = plain(text)
        absent = len(real) < len(mentions) and any(_is_absent(stream, m[0]) for m in mentions)
        return Received(
            actives,
            placebo=bool(_PLACEBO.search(text)) or self._names_placebo(stream),
            sham=bool(_SHAM.search(text)),
            untreated=bool(_UNTREATED.search(text)) or absent,
        )

    def told(self, title: str) -> Received:
        """What a title speaks of; nothing where it joins a control and a name that is not known, such as ``RDV + SOC``.

        The name is mostly that of the treatment in other words, so that the control does not stand for the group.
        """
        found = self.received(title)
        if found.actives or not found.anything:
            return found
        parts = [part for part in _JOINED.split(plain(title)) if part.strip()]
        named = [part for part in parts if not self.received(part).anything and set(words(part)) - _TELLS_NOTHING]
        return Received() if len(parts) > 1 and named else found

    def _names_placebo(self, stream: tuple[str, ...]) -> bool:
        """Whether a name stands there that only the record calls a placebo, such as ``Saline``."""
        plain_words = [token for token in stream if token not in MARKS]
        return any(
            tuple(plain_words[start : start + len(alias)]) == alias
            for alias in self.placebos
            for start in range(len(plain_words) - len(alias) + 1)
        )

    def mentions(self, stream: tuple[str, ...]) -> Iterable[tuple[int, int, int]]:
        """``(start, end, substance)`` of each mention, longest names first."""
        start = 0
        while start < len(stream):
            end, found = self._at(stream, start)
            if found >= 0:
                yield start, end, found
            start = end

    def _number(self, alias: Alias) -> int:
        """The substance of a name; a long word may have one letter wrong."""
        found = self.lookup.get(alias, -1)
        if found >= 0 or len(alias) > 1 or len(alias[0]) < 8 or not alias[0].isalpha():
            return found
        near = {n for known, n in self.lookup.items() if len(known) == 1 and _one_letter_apart(known[0], alias[0])}
        return near.pop() if len(near) == 1 else -1

    def _at(self, stream: tuple[str, ...], start: int) -> tuple[int, int]:
        name: list[str] = []
        best = (start + 1, -1)
        for end in range(start, len(stream)):
            token = stream[end]
            if token in MARKS or token in {"and", "plus"}:
                if not name:
                    break
                continue
            name.append(token)
            if len(name) > self.longest:
                break
            found = self._number(tuple(name))
            if found >= 0:
                best = (end + 1, found)
        return best


def _one_letter_apart(a: str, b: str) -> bool:
    """Whether two words differ in one letter, or in the order of two neighbours."""
    if abs(len(a) - len(b)) > 1 or a[:2] != b[:2]:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rests = {(a[start + 1 :], b[start + 1 :]), (a[start:], b[start + 1 :]), (a[start + 1 :], b[start:])}
    swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return swapped or any(x == y for x, y in rests)


def _is_model_of_placebo(stream: tuple[str, ...], start: int, end: int) -> bool:
    """``placebo to match X``, ``placebo (X)``, ``X-matched placebo``, ``X placebo``, ``sham X``."""
    after = end
    while after < len(stream) and stream[after] in _BEFORE_PLACEBO:
        after += 1
    if after < len(stream) and stream[after] == "placebo":
        return True
    short = stream[after : after + 2]  # ``vitamin d placebo``, where the treatment is known as vitamin
    if len(short) == 2 and short[1] == "placebo" and re.fullmatch(r"[a-z]?\d{0,2}", short[0]):
        return True
    if start and stream[start - 1] in {"sham", "placebo"}:
        return True
    before = start - 1
    linked = 0
    while before >= 0 and stream[before] in _LINKS:
        linked += 1
        before -= 1
    return linked > 0 and before >= 0 and stream[before] == "placebo"


def _is_absent(stream: tuple[str, ...], start: int) -> bool:
    return start > 0 and stream[start - 1] in _ABSENT
