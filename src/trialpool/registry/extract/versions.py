"""Of several records of one trial the newest, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trialpool.registry.model import Record
from trialpool.registry.read import Problem

__all__ = ["newest_versions"]

_Age = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Other:
    """A record that is not used."""

    nct_id: str
    place: str
    age: _Age
    sha256: str


def newest_versions(records: Iterable[Record]) -> tuple[dict[str, Record], tuple[Problem, ...]]:
    """The newest version of each trial, by identifier, and a row of the error table for each record that is not used.

    A record under an identifier that another calls obsolete is of the same trial, whose participants would count twice.

    Parameters
    ----------
    records : iterable of Record
        Of versions of one date, the one that comes last is taken for the newest.

    Examples
    --------
    >>> from trialpool.registry.model import Origin
    >>> old, new = (Origin("ClinicalTrials.gov", f"{year}.json", f"{year}-01-01") for year in (2025, 2026))
    >>> held, (other,) = newest_versions([Record("NCT00000102", new), Record("NCT00000102", old)])
    >>> print(held["NCT00000102"].origin.place, other.file, other.problem, sep=": ")
    2026.json: 2025.json: an older version of NCT00000102 (2025-01-01); that of 2026-01-01 in 2026.json is used
    """
    held: dict[str, Record] = {}
    others: list[_Other] = []
    for record in records:
        before = held.setdefault(record.nct_id, record)
        if before is not record:
            newer, older = (record, before) if _age(record) >= _age(before) else (before, record)
            held[record.nct_id] = newer
            others.append(_other(older))
    current = _current_identifiers(held)
    others += [_other(held.pop(obsolete)) for obsolete in current]
    return held, tuple(_problem(other, held[current.get(other.nct_id, other.nct_id)]) for other in others)


def _age(record: Record) -> _Age:
    return record.registry_date, record.last_update


def _other(record: Record) -> _Other:
    return _Other(record.nct_id, record.origin.place, _age(record), record.origin.sha256)


def _current_identifiers(held: Mapping[str, Record]) -> dict[str, str]:
    """For each obsolete identifier that has a record, the one of the same trial that counts; the lowest where two name each other."""
    found: dict[str, str] = {}
    for nct_id in sorted(held):
        for alias in held[nct_id].aliases:
            if alias in held and alias not in found and _last(nct_id, found) != alias:
                found[alias] = nct_id
    return {alias: _last(alias, found) for alias in found}


def _last(nct_id: str, found: Mapping[str, str]) -> str:
    while nct_id in found:
        nct_id = found[nct_id]
    return nct_id


def _problem(other: _Other, kept: Record) -> Problem:
    where = f" in {kept.origin.place}" if kept.origin.place else ""
    if other.sha256 and other.sha256 == kept.origin.sha256:
        return Problem(other.place, other.nct_id, "", f"the same record as that{where}, which is used", "", "nothing")
    date = other.age[0] or "date not stated"
    if other.nct_id != kept.nct_id:
        words = f"{other.nct_id} is an obsolete identifier of {kept.nct_id}, whose record{where} is used"
    elif other.age == _age(kept):
        words = f"another version of {other.nct_id} of the same date ({date}); the one read last{where} is used"
    else:
        words = f"an older version of {other.nct_id} ({date}); that of {kept.registry_date}{where} is used"
    return Problem(other.place, other.nct_id, "", words, date, "record")
