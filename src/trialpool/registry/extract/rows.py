"""The rows of arms.csv: one for each group and event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from trialpool.display import clean_text
from trialpool.registry.events import Cell, EventCells, EventDefinition, FollowUp
from trialpool.registry.extract.question import Question
from trialpool.registry.extract.selection import Selected, Stratum
from trialpool.registry.model import Record

__all__ = ["COLUMNS", "safe_label", "trial_label", "trial_rows"]

COLUMNS = (
    "trial", "registry_id", "title", "arm", "treatment", "drug", "dose", "outcome", "events", "n", "events_low",
    "events_high", "listed_from", "follow_up_weeks", "follow_up_text", "phase", "masking", "conditions", "beside", "assessment",
    "vocabulary", "source", "verification",
)  # fmt: skip
"""Columns of arms.csv."""

Row = Mapping[str, Any]

_LONGEST_LABEL = 60
_LONGEST_TEXT = 500
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")


def safe_label(text: str, longest: int = _LONGEST_LABEL) -> str:
    """A text from a record as a name: one line, no markup, cut at a word.

    >>> safe_label("A <b>trial</b>")
    'A < b>trial< /b>'
    """
    plain = _TAG_START.sub("< ", clean_text(text))
    if len(plain) <= longest:
        return plain
    return f"{plain[:longest].rsplit(' ', 1)[0].rstrip(' ,;:(-')}..."


def trial_label(record: Record, stratum: Stratum, *, named: bool) -> str:
    """The name of a trial: its acronym, else sponsor and year of completion; its identifier; what the groups got beside if ``named``.

    >>> from trialpool.registry.model import Origin
    >>> record = Record("NCT00000102", Origin("ClinicalTrials.gov", ""), acronym="HART")
    >>> trial_label(record, Stratum((), (), ()), named=False)
    'HART (NCT00000102)'
    """
    name = safe_label(record.acronym)
    if not name or name.endswith("..."):
        name = f"{safe_label(record.organisation)} {record.completion[:4]}".strip()
    label = f"{name} ({record.nct_id})" if name else record.nct_id
    if not named:
        return label
    return f"{label}, {'with ' + safe_label(' and '.join(stratum.beside)) if stratum.beside else 'alone'}"


def trial_rows(
    question: Question,
    record: Record,
    stratum: Stratum,
    definition: EventDefinition,
    found: EventCells,
    *,
    label: str,
    time: FollowUp,
) -> list[Row]:
    """The rows of one comparison of a trial on one event; groups without a count or bounds have none."""
    shared = {
        "trial": label,
        "registry_id": record.nct_id,
        "title": _cut(record.title),
        "outcome": definition.name,
        "follow_up_weeks": time.weeks,
        "follow_up_text": _cut(time.text),
        "phase": _phase(record.design.phases),
        "masking": record.design.masking.lower(),
        "conditions": _cut("; ".join(record.conditions)),
        "beside": _cut(" and ".join(stratum.beside)),
        "assessment": found.assessment,
        "vocabulary": _cut(found.vocabulary),
        "verification": "read",
    }
    names = _arm_names((*stratum.treatment, *stratum.control))
    rows: list[Row] = []
    for side, members in ((question.treatment.name, stratum.treatment), (question.control_name, stratum.control)):
        for one in members:
            cell = found.of(one.match.group)
            if cell.usable:
                arm = {
                    "arm": names[one.match.group],
                    "treatment": side,
                    "drug": one.side.drug,
                    "dose": _cut(one.match.dose),
                }
                rows.append({**shared, **arm, **_numbers(cell), "source": _source(record, cell)})
    return rows


def _numbers(cell: Cell) -> Row:
    exact = cell.status == "exact"
    return {
        "events": cell.low if exact else None,
        "n": cell.n,
        "events_low": None if exact else cell.low,
        "events_high": None if exact else cell.high,
        "listed_from": cell.listed_from,
    }


def _source(record: Record, cell: Cell) -> str:
    """Identifier, version and fields, as one text."""
    paths = "; ".join(dict.fromkeys(path for path in cell.paths if path))
    return " ".join(part for part in (record.nct_id, record.registry_date, paths) if part)


def _arm_names(members: Iterable[Selected]) -> dict[str, str]:
    """Titles of the groups; where two are the same, with the record's key."""
    members = list(members)
    titles = {one.match.group: safe_label(one.match.title, 100) or one.match.group for one in members}
    folded = [title.casefold() for title in titles.values()]
    return {
        group: f"{title} ({group})" if folded.count(title.casefold()) > 1 else title for group, title in titles.items()
    }


def _phase(phases: tuple[str, ...]) -> str:
    return "/".join(
        phase.removeprefix("PHASE").replace("EARLY_PHASE1", "early 1").replace("NA", "") for phase in phases
    )


def _cut(text: str) -> str:
    plain = clean_text(text)
    return plain if len(plain) <= _LONGEST_TEXT else f"{plain[:_LONGEST_TEXT]}..."
