"""Links from identifiers and field paths of records to the registry's own pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialpool.report.document import Inline

__all__ = ["registry_link", "with_field_links"]

_STUDY = "https://clinicaltrials.gov/study"
_IDENTIFIER = re.compile(r"NCT[0-9]{8}")
_FIELD = re.compile(r"\b(?:results|protocol)Section(?:\.[A-Za-z]+(?:\[[0-9]+\])*)+")


def registry_link(registry_id: str) -> Inline:
    """A registry identifier, with a link where it is a number of ClinicalTrials.gov.

    >>> registry_link("NCT02277743").href
    'https://clinicaltrials.gov/study/NCT02277743'
    >>> registry_link("javascript:alert(1)").href
    ''
    """
    if _IDENTIFIER.fullmatch(registry_id):
        return Inline(registry_id, "link", f"{_STUDY}/{registry_id}")
    return Inline(registry_id)


def with_field_links(reference: str) -> tuple[str | Inline, ...]:
    """A source's words, in which each field path of a record links to the part of the record that holds it.

    >>> [run if isinstance(run, str) else run.href for run in with_field_links("NCT01131676 resultsSection.adverseEventsModule")]
    ['NCT01131676 ', 'https://clinicaltrials.gov/study/NCT01131676?tab=results']
    >>> with_field_links("Table 2")
    ('Table 2',)
    """
    identifier = _IDENTIFIER.search(reference)
    return tuple(_runs(reference, identifier[0])) if identifier else (reference,)


def _runs(reference: str, identifier: str) -> Iterator[str | Inline]:
    end = 0
    for field in _FIELD.finditer(reference):
        if field.start() > end:
            yield reference[end : field.start()]
        tab = "?tab=results" if field[0].startswith("results") else ""
        yield Inline(field[0], "link", f"{_STUDY}/{identifier}{tab}")
        end = field.end()
    if end < len(reference):
        yield reference[end:]
