"""Which rows of a record are the event, by which rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from trialpool.registry.events.definition import EventDefinition
from trialpool.registry.events.patterns import LONGEST_TERM
from trialpool.registry.events.spelling import term_keys
from trialpool.registry.model import AdverseEvents, EventTerm

__all__ = ["TermMatch", "match_terms"]

_BRACKET = re.compile(r"^(?P<term>[^()\[\]]*\w[^()\[\]]*)[(\[](?P<within>[^()\[\]]+)[)\]]\s*$")
_EVENTS = r"(?: (?:adverse )?(?:event|reaction|symptom|ae)s?)?"
# all participants with the event
_WHOLE = re.compile(
    r"(?:all|any)(?: (?:grade|severit(?:y|ies)|causalit(?:y|ies)|cause|event|type|form)s?)?|all[- ]causality|preferred term|pt"
)
# those that one way of collecting found: another may have found more
_ONE_WAY = re.compile(
    rf"(?:un)?solicited{_EVENTS}|(?:non-? ?)?systematic(?:ally)?(?: assess(?:ment|ed)| collected)?"
    rf"|spontaneous(?:ly)?(?: report(?:ed|s))?{_EVENTS}|(?:(?:self|patient|investigator|subject)[- ])reported|(?:e-?)?diary"
)


Rule = Literal["term", "synonym", "form", "pattern", "organ system"]


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A row that is the event.

    Attributes
    ----------
    row : EventTerm
    rule : {"term", "synonym", "form", "pattern", "organ system"}
    name : str
        The term, synonym, form, pattern or organ system of the definition that fits.
    concept : int or None
        Number of the definition's term, or of a form, after those; None for patterns and organ systems.
    patterns : tuple of int
        Numbers of all patterns that fit.
    qualifier : str
        What stands in a bracket after the name: the name once more, or how the event was collected.
    one_way : bool
        Whether the qualifier is one way of collecting, beside which others may have found the event.
    """

    row: EventTerm
    rule: Rule
    name: str
    concept: int | None = None
    patterns: tuple[int, ...] = ()
    qualifier: str = ""
    one_way: bool = False

    @property
    def exact(self) -> bool:
        """Whether the record has the definition's very name, but for case."""
        return not self.qualifier and self.row.term.strip().casefold() == self.name.strip().casefold()


def match_terms(definition: EventDefinition, events: AdverseEvents) -> tuple[TermMatch, ...]:
    r"""The rows that are the event, in the record's order.

    Terms and synonyms are compared by :func:`~trialpool.registry.events.spelling.term_keys`; what is excluded never counts.

    Examples
    --------
    >>> from trialpool.registry.events import definition_from_text
    >>> loose = definition_from_text('name = "diarrhoea"\nterms = ["Diarrhoea"]')
    >>> rows = AdverseEvents(terms=(EventTerm("other", "DIARRHEA"), EventTerm("other", "Diarrhoea haemorrhagic")))
    >>> [(match.row.term, match.rule) for match in match_terms(loose, rows)]
    [('DIARRHEA', 'term')]
    """
    found = (_match(definition, row) for row in events.terms if row.section in definition.sections)
    return tuple(match for match in found if match is not None)


def _match(definition: EventDefinition, row: EventTerm) -> TermMatch | None:
    bare, qualifier, one_way = _without_qualifier(definition, row.term)
    keys = term_keys(bare)
    named = next((definition.names[key] for key in sorted(keys) if key in definition.names), None)
    if not keys or keys & definition.excluded_keys:
        return None
    if any(pattern.fits(row.term) for pattern in definition.exclude_patterns):
        return None
    within = not definition.systems or bool(term_keys(row.organ_system) & definition.systems)
    fitting = tuple(i for i, pattern in enumerate(definition.patterns) if within and pattern.fits(row.term))
    if named is not None:
        concept, name = named
        return TermMatch(row, _rule(definition, concept, name), name, concept, fitting, qualifier, one_way)
    if fitting:
        return TermMatch(row, "pattern", definition.patterns[fitting[0]].text, None, fitting)
    return TermMatch(row, "organ system", row.organ_system) if definition.of_organ_systems and within else None


def _rule(definition: EventDefinition, concept: int, name: str) -> Rule:
    if concept >= len(definition.concepts):
        return "form"
    return "term" if name == definition.concepts[concept].term else "synonym"


def _without_qualifier(definition: EventDefinition, term: str) -> tuple[str, str, bool]:
    """The term without a bracket that repeats it or says how it was collected; the bracket; whether that is one way only."""
    found = _BRACKET.match(term[:LONGEST_TERM])
    if found is None or term_keys(term) & (definition.names.keys() | definition.excluded_keys):
        return term, "", False
    bare, within = found["term"].strip(), found["within"].strip()
    plain = " ".join(within.casefold().split())
    concepts = [
        {definition.names[key][0] for key in term_keys(text) & definition.names.keys()} for text in (bare, within)
    ]
    repeats = bool(term_keys(bare) & term_keys(within)) or bool(concepts[0] & concepts[1])
    one_way = _ONE_WAY.fullmatch(plain) is not None
    if repeats or one_way or _WHOLE.fullmatch(plain):
        return bare, within, one_way
    return term, "", False
