"""Rows that are not the event by name, but may hold participants with it: combinations, special forms, typing errors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trialpool.registry.events.decision import Decision
from trialpool.registry.events.definition import EventDefinition
from trialpool.registry.events.matching import TermMatch
from trialpool.registry.events.patterns import LONGEST_TERM
from trialpool.registry.events.spelling import normalised_term, phrases_of, term_keys
from trialpool.registry.model import AdverseEvents, EventTerm

__all__ = ["NearMiss", "near_misses"]

_SHORTEST_MISSPELT = 7
_NEGATIONS_NEAR = 3
_CLAUSES = re.compile(r"(?<!\bw)/|[,;:()\[\]]|\b(?:and|but|with|plus)\b", re.IGNORECASE)
_WITHOUT = re.compile(r"\bw\s*/\s*o\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A row that is not the event by name, but holds its name.

    Attributes
    ----------
    row : EventTerm
    reason : str
        What in the term points to the event; for one that is not counted, why it is not.
    counted : bool
        Whether any of its participants may have the event; it then raises the upper bound by its count.
    """

    row: EventTerm
    reason: str
    counted: bool = True

    def decision(self, trial: str) -> Decision:
        """The row of ``decisions.csv``."""
        before = f"{self.row.section} {self.row.term!r} ({self.row.vocabulary.strip() or 'dictionary not stated'})"
        if self.counted:
            after = "upper bound raised by its count"
            return Decision(trial, "terms", f"may hold the event: {self.reason}", before, after, 0.5, self.row.path)
        return Decision(trial, "terms", f"not counted: {self.reason}", before, "not counted", 0.9, self.row.path)


def near_misses(
    definition: EventDefinition, events: AdverseEvents, matches: Sequence[TermMatch]
) -> tuple[NearMiss, ...]:
    r"""The rows of the looked-for sections that may hold the event though they are not matched, in the record's order.

    A row may hold it if its words contain a term or synonym, in either spelling or with one typing error, or if it fits what
    the definition names as ``maybe``. What the definition excludes, and a term after a negation, is given as not counted.

    Examples
    --------
    >>> from trialpool.registry.events import definition_from_text
    >>> nausea = definition_from_text('name = "nausea"\nterms = ["Nausea"]')
    >>> rows = AdverseEvents(terms=(EventTerm("other", "Nausea/Vomiting"), EventTerm("other", "Dizziness without nausea")))
    >>> [(near.row.term, near.counted) for near in near_misses(nausea, rows, ())]
    [('Nausea/Vomiting', True), ('Dizziness without nausea', False)]
    """
    if definition.of_organ_systems and not definition.maybe:
        return ()
    matched = {id(match.row) for match in matches}
    rows = (row for row in events.terms if row.section in definition.sections and id(row) not in matched)
    found = (_near(definition, row) for row in rows)
    return tuple(near for near in found if near is not None)


def _near(definition: EventDefinition, row: EventTerm) -> NearMiss | None:
    reason = _maybe(definition, row.term)
    clauses = [] if reason else list(_clauses_with_event(definition, row.term))
    if not reason and not clauses:
        return None
    if _excluded(definition, row.term):
        return NearMiss(row, "the definition excludes it", counted=False)
    if not reason and all(negated for _, negated in clauses):
        return NearMiss(row, f"a negation stands before {clauses[0][0]!r}", counted=False)
    return NearMiss(row, reason or next(_words(name) for name, negated in clauses if not negated))


def _words(name: str) -> str:
    return f"its words contain {name!r}"


def _maybe(definition: EventDefinition, term: str) -> str:
    """What the definition itself names as a row that may hold the event."""
    keys = term_keys(term)
    fits = (p.text for p in definition.maybe if p.fits(term) or keys & term_keys(p.text))
    return next((f"the definition names {text!r} as such" for text in fits), "")


def _excluded(definition: EventDefinition, term: str) -> bool:
    """Whether the definition excludes the row, or nothing of the event is left in it without an excluded term."""
    if any(pattern.fits(term) for pattern in definition.exclude_patterns) or term_keys(term) & definition.excluded_keys:
        return True
    words = _plain(term)
    rest = words
    for excluded in definition.exclude_terms:
        for phrase in phrases_of(excluded):
            rest = re.sub(rf"\b{re.escape(phrase)}\b", " | ", rest)
    return rest != words and not any(_found(definition, part) for part in rest.split("|"))


def _plain(term: str) -> str:
    return normalised_term(_WITHOUT.sub("without", term[:LONGEST_TERM]))


def _clauses_with_event(definition: EventDefinition, term: str) -> Iterator[tuple[str, bool]]:
    """The names of the event in each clause of a term, and whether a negation stands before it; else those across clauses."""
    within = False
    for clause in _CLAUSES.split(_WITHOUT.sub("without", term[:LONGEST_TERM])):
        for name, start, words in _found(definition, normalised_term(clause)):
            within = True
            yield name, _negated(words[:start])
    if not within:
        yield from ((name, _negated(words[:start])) for name, start, words in _found(definition, _plain(term)))


def _negated(before: Sequence[str]) -> bool:
    """``non`` negates the word after it alone: non-infectious diarrhoea is diarrhoea."""
    return before[-1:] == ["non"] or bool({"no", "without", "never"} & set(before[-_NEGATIONS_NEAR:]))


def _found(definition: EventDefinition, text: str) -> list[tuple[str, int, list[str]]]:
    """Names of the definition in a normalised text, in any order of their words, and where they start."""
    words = text.split()
    return [
        (name, start, words)
        for name, wanted in ((name, phrase.split()) for name, phrase in definition.phrases)
        for start in range(len(words) - len(wanted) + 1)
        if _same(words[start : start + len(wanted)], wanted)
    ]


def _same(words: Sequence[str], wanted: Sequence[str]) -> bool:
    return sorted(words) == sorted(wanted) or all(map(_alike, words, wanted))


def _alike(word: str, wanted: str) -> bool:
    """Whether a word is the wanted one, or has one letter doubled or left out.

    >>> _alike("vomitting", "vomiting"), _alike("diarhea", "diarrhea"), _alike("hypertension", "hypotension")
    (True, True, False)
    """
    if word == wanted:
        return True
    if len(wanted) < _SHORTEST_MISSPELT or abs(len(word) - len(wanted)) != 1:
        return False
    longer, shorter = (word, wanted) if len(word) > len(wanted) else (wanted, word)
    places = (i for i in range(len(longer)) if longer[:i] + longer[i + 1 :] == shorter)
    place = next(places, None)
    if place is None or longer == wanted:
        return place is not None
    return longer[place] in longer[max(0, place - 1) : place] + longer[place + 1 : place + 2]
