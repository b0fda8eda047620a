"""review.toml of an extraction: the question, the outcomes, and one main analysis for each."""

from __future__ import annotations

import json
import re

from trialpool.display import clean_text, plural
from trialpool.registry.events import EventDefinition
from trialpool.registry.extract.extraction import Extraction
from trialpool.registry.extract.rows import safe_label

__all__ = ["event_file_names", "review_text", "slug"]


def slug(name: str) -> str:
    """A name as an identifier.

    >>> slug("Genital infection (any)")
    'genital-infection-any'
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:48]
    return plain or "event"


def event_file_names(events: tuple[EventDefinition, ...]) -> tuple[str, ...]:
    """Names of the copies of the event definitions: ``event.toml``, or one for each.

    >>> event_file_names((EventDefinition("nausea"), EventDefinition("rash")))
    ('event-nausea.toml', 'event-rash.toml')
    """
    if len(events) == 1:
        return ("event.toml",)
    return tuple(f"event-{identifier}.toml" for identifier in _identifiers(events))


def review_text(extraction: Extraction, data_file: str, left_out_file: str) -> str:
    """The review file, as TOML.

    Parameters
    ----------
    extraction : Extraction
    data_file : str
        Name of the table beside it.
    left_out_file : str
        Name of the table of trials left out.
    """
    question = extraction.question
    treatment, control = question.treatment.name, question.control_name
    names = event_file_names(extraction.events)
    outcomes = "; ".join(event.label for event in extraction.events)
    held = {row["outcome"] for row in extraction.rows}
    lines = [
        "# Made from records of ClinicalTrials.gov; decisions.csv and excluded.csv say how.",
        f"# Records: {_comment(extraction.source)}. {_versions(extraction)}",
        f"# Events: {', '.join(names)}.",
        f"title = {_text(f'{treatment} v {control}: {outcomes}')}",
        "",
        "[question]",
        f"population = {_text(_population(extraction))}",
        f"intervention = {_text(_intervention(extraction))}",
        f"comparator = {_text(control)}",
        "",
        "[data]",
        f"file = {_text(data_file)}",
        f"left_out = {_text(left_out_file)}",
        "",
        "[comparison]",
        f"treatment = {_text(treatment)}",
        f"control = {_text(control)}",
    ]
    for event, identifier in zip(extraction.events, _identifiers(extraction.events), strict=True):
        if event.name in held:
            lines += _outcome(event, identifier)
    return "\n".join(lines) + "\n"


def _identifiers(events: tuple[EventDefinition, ...]) -> list[str]:
    found: list[str] = []
    for event in events:
        base = slug(event.name)
        found.append(base if base not in found else f"{base}-{len(found) + 1}")
    return found


def _outcome(event: EventDefinition, identifier: str) -> list[str]:
    described = event.description or f"Participants with: {', '.join(c.term for c in event.concepts) or event.label}"
    return [
        "",
        "[[outcome]]",
        f"name = {_text(event.name)}",
        f"label = {_text(event.label or event.name)}",
        f"better = {_text(event.better)}",
        f"description = {_text(described)}",
        "",
        "[[analysis]]",
        f"id = {_text(identifier)}",
        f"title = {_text(event.label or event.name)}",
        f"outcome = {_text(event.name)}",
        'method = "auto"',
    ]


def _population(extraction: Extraction) -> str:
    question = extraction.question
    about = f" about {' or '.join(question.conditions)}" if question.conditions else ""
    kind = "trials" if "non-randomised" in question.include else "randomised trials"
    phase = f" of phase {' or '.join(question.phases)}" if question.phases else ""
    return f"Participants of registered {kind}{phase}{about} with reported adverse events"


def _intervention(extraction: Extraction) -> str:
    treatment = extraction.question.treatment
    drugs = [drug.name for drug in treatment.drugs]
    used = [drug for drug in drugs if any(row["drug"] == drug for row in extraction.rows)]
    return treatment.name if len(drugs) == 1 else f"{treatment.name}: {', '.join(used or drugs)}"


def _versions(extraction: Extraction) -> str:
    dates = sorted({extraction.versions[nct_id] for nct_id in extraction.trials} - {""})
    trials = plural(len(extraction.trials), "trial")
    if not dates:
        return f"{trials}, versions not stated."
    return f"{trials}, versions {dates[0]}{f' to {dates[-1]}' if len(dates) > 1 else ''}."


def _text(text: str) -> str:
    """A text from outside as a TOML string; JSON escapes the same characters, but for DEL."""
    return json.dumps(safe_label(text, 2000), ensure_ascii=False).replace("\x7f", "\\u007F")


def _comment(text: str) -> str:
    return clean_text(text)
