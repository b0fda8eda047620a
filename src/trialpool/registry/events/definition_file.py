"""event.toml to EventDefinition: validated as a whole, every mistake in one listing; ready definitions by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trialpool.analysis.schema import Key
from trialpool.checks import nearest, quoted
from trialpool.errors import ReviewError
from trialpool.registry.choices import definition_texts, ready_definitions
from trialpool.registry.events.definition import SECTIONS, TOTALS, UNLISTED, Concept, EventDefinition
from trialpool.registry.events.patterns import TermPattern, pattern_problem
from trialpool.registry.events.spelling import term_keys
from trialpool.registry.toml_file import (
    name_problem,
    parse_flat,
    read_toml_text,
    text_problem,
    texts_of,
    texts_problem,
    word_of,
)

__all__ = ["definition_from_text", "read_definition", "ready_definitions"]

_WHAT = "an event definition"


def _pairs_problem(value: Any) -> str:
    if not isinstance(value, dict):
        return 'gives for each term its other names, as in "Vaginal infection" = ["Vaginitis"]'
    wrong = ((key, text_problem(key) or texts_problem(names)) for key, names in value.items())
    return next((f"{key!r} {problem}" for key, problem in wrong if problem), "")


def _sections_problem(value: Any) -> str:
    wrong = texts_problem(value)
    return wrong or next(filter(None, map(word_of(SECTIONS), value)), "")


_KEYS: Mapping[str, Key] = {
    "name": Key(name_problem, required=True),
    "label": Key(text_problem),
    "description": Key(text_problem),
    "terms": Key(texts_problem),
    "synonyms": Key(_pairs_problem),
    "patterns": Key(texts_of(pattern_problem)),
    "forms": Key(texts_problem),
    "organ_systems": Key(texts_problem),
    "exclude_terms": Key(texts_problem),
    "exclude_patterns": Key(texts_of(pattern_problem)),
    "maybe": Key(texts_of(pattern_problem)),
    "sections": Key(_sections_problem),
    "total": Key(word_of(TOTALS)),
    "outcome_titles": Key(texts_of(pattern_problem)),
    "unlisted": Key(word_of(UNLISTED)),
    "better": Key(word_of(("fewer", "more"))),
}
_SELECTORS = ("terms", "patterns", "organ_systems")
_NOT_WITH_TOTAL = (
    *_SELECTORS,
    "synonyms",
    "forms",
    "exclude_terms",
    "exclude_patterns",
    "maybe",
    "sections",
    "unlisted",
    "outcome_titles",
)


def read_definition(given: str | Path) -> EventDefinition:
    """Read an event definition from a file, or take one that comes with the package by its name.

    Parameters
    ----------
    given : str or Path
        ``"diarrhoea"``, or the path of a TOML file.

    Raises
    ------
    ReviewError
        The file cannot be read or holds mistakes, which are all listed; or there is no definition of that name.

    Examples
    --------
    >>> [concept.term for concept in read_definition("diarrhoea").concepts]
    ['Diarrhoea']
    """
    name = str(given)
    ready = definition_texts()
    known = {key: text for key, text in ready.items() if term_keys(key) & term_keys(name)}
    if known and not Path(given).is_file():
        return definition_from_text(next(iter(known.values())), f"the ready definition {name!r}")
    if Path(given).suffix != ".toml" and not Path(given).exists():
        hint = nearest(name, ready)
        raise ReviewError(name, [f"is no ready definition{hint}; name a TOML file, or one of {quoted(sorted(ready))}"])
    return definition_from_text(read_toml_text(Path(given), _WHAT), Path(given).name)


def definition_from_text(text: str, name: str = "event.toml") -> EventDefinition:
    r"""Read an event definition from the text of its TOML file.

    Raises
    ------
    ReviewError
        With every mistake, by line and key.

    Examples
    --------
    >>> definition_from_text('name = "nausea"\nterms = ["Nausea"]').sections
    ('serious', 'other')
    """
    document = parse_flat(text, name, _KEYS, _mistakes)
    synonyms = document.get("synonyms", {})
    return EventDefinition(
        name=document["name"].strip(),
        label=document.get("label", document["name"]).strip(),
        description=document.get("description", ""),
        concepts=tuple(Concept(term, tuple(synonyms.get(term, ()))) for term in document.get("terms", ())),
        patterns=_patterns(document, "patterns"),
        forms=tuple(document.get("forms", ())),
        organ_systems=tuple(document.get("organ_systems", ())),
        exclude_terms=tuple(document.get("exclude_terms", ())),
        exclude_patterns=_patterns(document, "exclude_patterns"),
        maybe=_patterns(document, "maybe"),
        sections=tuple(section for section in SECTIONS if section in document.get("sections", SECTIONS)),
        total=document.get("total", ""),
        outcome_titles=_patterns(document, "outcome_titles"),
        unlisted=document.get("unlisted", "each"),
        better=document.get("better", "fewer"),
        text=text,
    )


def _patterns(document: Mapping[str, Any], key: str) -> tuple[TermPattern, ...]:
    return tuple(TermPattern(pattern) for pattern in document.get(key, ()))


def _mistakes(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys that do not go together."""
    if "total" in document:
        beside = [key for key in _NOT_WITH_TOTAL if key in document]
        if beside:
            yield "total", f"has no meaning beside {quoted(beside)}; a total of the group needs no terms"
    elif not any(key in document for key in _SELECTORS):
        yield "", f"nothing says what counts; give one of {quoted((*_SELECTORS, 'total'))}"
    if "organ_systems" in document and "terms" in document and "patterns" not in document:
        yield "organ_systems", "has no meaning beside terms alone, which count in every organ system; leave it out"
    terms = document.get("terms", [])
    if "forms" in document and not terms:
        yield "forms", "has no meaning without terms, whose special forms they are"
    for term in document.get("synonyms", {}):
        if term not in terms:
            yield "synonyms", f"names {term!r}{nearest(term, terms)}, which is none of the terms"
    yield from _named_twice(document)
    names = {
        key for term in terms for name in (term, *document.get("synonyms", {}).get(term, ())) for key in term_keys(name)
    }
    for text in document.get("maybe", []):
        if names & term_keys(text):
            yield "maybe", f"has {text!r}, which is one of the terms; leave it out of one of them"


def _named_twice(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names of two events that are one in every spelling, and names both counted and excluded."""
    seen: dict[str, str] = {}
    for term in document.get("terms", []):
        names = (term, *document.get("synonyms", {}).get(term, ()))
        for key in {key for name in names for key in term_keys(name)}:
            if key in seen:
                yield "terms", f"has {term!r}, which is {seen[key]!r} in another spelling or by a synonym; name it once"
                break
        seen |= dict.fromkeys((key for name in names for key in term_keys(name)), term)
    for form in document.get("forms", []):
        twice = next((seen[key] for key in sorted(term_keys(form)) if key in seen), None)
        if twice is not None:
            yield "forms", f"has {form!r}, which is {twice!r} in another spelling or by a synonym; name it once"
        seen |= dict.fromkeys(term_keys(form), form)
    for term in document.get("exclude_terms", []):
        if any(key in seen for key in term_keys(term)):
            yield "exclude_terms", f"has {term!r}, which is one of the terms; leave it out of one of them"
