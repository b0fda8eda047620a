"""What counts as an event: terms, synonyms, patterns, organ systems, exclusions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from trialpool.registry.events.patterns import TermPattern
from trialpool.registry.events.spelling import phrases_of, term_keys
from trialpool.registry.model import Section

__all__ = ["SECTIONS", "TOTALS", "UNLISTED", "Concept", "EventDefinition", "Total", "Unlisted"]

SECTIONS: tuple[Section, ...] = get_args(Section)

Total = Literal["serious", "deaths"]
TOTALS: tuple[Total, ...] = get_args(Total)

Unlisted = Literal["each", "together"]
UNLISTED: tuple[Unlisted, ...] = get_args(Unlisted)


@dataclass(frozen=True)
class Concept:
    """One event under its names: a term and its synonyms, one of which a record uses."""

    term: str
    synonyms: tuple[str, ...] = ()

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """Comparable keys of its names, each with the name."""
        return {key: name for name in reversed((self.term, *self.synonyms)) for key in term_keys(name)}


@dataclass(frozen=True)
class EventDefinition:
    """What counts as an event.

    Attributes
    ----------
    name, label, description : str
        ``name`` becomes the outcome of the table.
    concepts : tuple of Concept
        Terms with their synonyms; several make a composite.
    patterns : tuple of TermPattern
        Each stands for one event in its spellings.
    forms : tuple of str
        Special forms of the event: counted where they are listed. One that is not listed leaves nothing open.
    organ_systems : tuple of str
        Without terms and patterns: every term of these systems. With patterns: a pattern counts only within them.
    exclude_terms, exclude_patterns
        Never counted, whatever else fits.
    maybe : tuple of TermPattern
        Terms or patterns of rows that may hold the event: never counted as the event, but they raise the upper bound.
    sections : tuple of {"serious", "other"}
        Where it is looked for; both mean a participant with either.
    total : {"", "serious", "deaths"}
        A total of the group instead of terms: participants with any serious event, or deaths from any cause.
    outcome_titles : tuple of TermPattern
        Outcome measures that report the composite as a count of participants; one that fits is used before the terms.
    unlisted : {"each", "together"}
        What a reporting threshold leaves open in a composite: each term that is not listed may be just below it (always
        true), or all of them together are below it (an assumption).
    better : {"fewer", "more"}
    text : str
        The file it was read from.
    """

    name: str
    label: str = ""
    description: str = ""
    concepts: tuple[Concept, ...] = ()
    patterns: tuple[TermPattern, ...] = ()
    forms: tuple[str, ...] = ()
    organ_systems: tuple[str, ...] = ()
    exclude_terms: tuple[str, ...] = ()
    exclude_patterns: tuple[TermPattern, ...] = ()
    maybe: tuple[TermPattern, ...] = ()
    sections: tuple[Section, ...] = SECTIONS
    total: Literal["", "serious", "deaths"] = ""
    outcome_titles: tuple[TermPattern, ...] = ()
    unlisted: Unlisted = "each"
    better: Literal["fewer", "more"] = "fewer"
    text: str = ""

    @cached_property
    def names(self) -> Mapping[str, tuple[int, str]]:
        """Comparable keys of all names: the number of the concept, forms numbered after the terms, and the name."""
        concepts = (*self.concepts, *map(Concept, self.forms))
        return {key: (i, name) for i, concept in enumerate(concepts) for key, name in concept.keys.items()}

    @cached_property
    def phrases(self) -> tuple[tuple[str, str], ...]:
        """All terms, synonyms and forms, each with its words in the spellings that may stand within a longer term."""
        names = [name for concept in self.concepts for name in (concept.term, *concept.synonyms)]
        return tuple((name, phrase) for name in (*names, *self.forms) for phrase in phrases_of(name))

    @cached_property
    def excluded_keys(self) -> frozenset[str]:
        """Comparable keys of the terms that are never counted."""
        return frozenset(key for term in self.exclude_terms for key in term_keys(term))

    @cached_property
    def systems(self) -> frozenset[str]:
        """Comparable keys of the organ systems."""
        return frozenset(key for system in self.organ_systems for key in term_keys(system))

    @property
    def of_organ_systems(self) -> bool:
        """Whether every term of its organ systems counts."""
        return bool(self.organ_systems) and not (self.concepts or self.patterns)

    def to_dict(self) -> dict[str, Any]:
        """The definition as JSON-ready data."""
        return {
            "name": self.name,
            "terms": [concept.term for concept in self.concepts],
            "synonyms": {concept.term: list(concept.synonyms) for concept in self.concepts if concept.synonyms},
            "patterns": [pattern.text for pattern in self.patterns],
            "forms": list(self.forms),
            "organ_systems": list(self.organ_systems),
            "exclude_terms": list(self.exclude_terms),
            "exclude_patterns": [pattern.text for pattern in self.exclude_patterns],
            "maybe": [pattern.text for pattern in self.maybe],
            "sections": list(self.sections),
            "total": self.total,
            "outcome_titles": [pattern.text for pattern in self.outcome_titles],
            "unlisted": self.unlisted,
        }
