"""Which rows of a record are the event, by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trialpool.registry.events.definition import EventDefinition
from trialpool.registry.events.spelling import term_keys
from trialpool.registry.model import AdverseEvents, EventTerm

__all__ = ["TermMatch", "match_terms"]


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A row that is the event.

    Attributes
    ----------
    row : EventTerm
    rule : {"term", "synonym", "pattern", "organ system"}
    name : str
        The term, synonym, pattern or organ system of the definition that fits.
    concept : int or None
        Number of the definition's term; None for patterns and organ systems.
    patterns : tuple of int
        Numbers of all patterns that fit.
    """

    row: EventTerm
    rule: Literal["term", "synonym", "pattern", "organ system"]
    name: str
    concept: int | None = None
    patterns: tuple[int, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the record has the definition's very name, but for case."""
        return self.row.term.strip().casefold() == self.name.strip().casefold()


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
    keys = term_keys(row.term)
    named = next((definition.names[key] for key in sorted(keys) if key in definition.names), None)
    if not keys or keys & definition.excluded_keys:
        return None
    if any(pattern.fits(row.term) for pattern in definition.exclude_patterns):
        return None
    within = not definition.systems or bool(term_keys(row.organ_system) & definition.systems)
    fitting = tuple(i for i, pattern in enumerate(definition.patterns) if within and pattern.fits(row.term))
    if named is not None:
        concept, name = named
        rule: Literal["term", "synonym"] = "term" if name == definition.concepts[concept].term else "synonym"
        return TermMatch(row, rule, name, concept, fitting)
    if fitting:
        return TermMatch(row, "pattern", definition.patterns[fitting[0]].text, None, fitting)
    return TermMatch(row, "organ system", row.organ_system) if definition.of_organ_systems and within else None
