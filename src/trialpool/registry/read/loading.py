"""A decoded value to records and problems: a study, a page of the registry's API, or a list of studies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from trialpool.registry.model import Origin
from trialpool.registry.read.decode import canonical_json, mended
from trialpool.registry.read.problems import Loaded, Log, Problem
from trialpool.registry.read.studies import record_from_json

__all__ = ["load_value"]

SOURCE = "ClinicalTrials.gov"


def load_value(value: Any, place: str, *, odd: bool = False) -> Iterator[Loaded | Problem]:
    """Records of a decoded JSON value, each followed by its problems.

    Parameters
    ----------
    value
        A study, a page (``{"studies": [...]}``) or a list of studies.
    place : str
        File, address, ...: the origin of the records and the ``file`` of the problems.
    odd : bool
        Whether the value may hold what JSON does not allow.

    Examples
    --------
    >>> study = {"protocolSection": {"identificationModule": {"nctId": "NCT00000102"}}}
    >>> [loaded.record.origin.place for loaded in load_value({"studies": [study, study]}, "page.json")]
    ['page.json#studies[0]', 'page.json#studies[1]']
    """
    if isinstance(value, list):
        for i, element in enumerate(value):
            yield from _study(element, f"{place}#[{i}]", odd)
    elif isinstance(value, Mapping) and isinstance(value.get("studies"), list) and "protocolSection" not in value:
        for i, element in enumerate(value["studies"]):
            yield from _study(element, f"{place}#studies[{i}]", odd)
    else:
        yield from _study(value, place, odd)


def _study(value: Any, place: str, odd: bool) -> Iterator[Loaded | Problem]:
    log = Log(place)
    try:
        value, raw = _raw(value, log, odd)
    except RecursionError:
        log.add("", "nested too deeply to be a record; left out", lost="record")
        yield from log.problems
        return
    record, problems = record_from_json(value, Origin(SOURCE, place, sha256=hashlib.sha256(raw).hexdigest()))
    if record is not None:
        yield Loaded(record, raw)
        # What was mended before the identifier was known.
        for problem in log.problems:
            yield Problem(place, record.nct_id, problem.path, problem.problem, problem.value, problem.lost)
    else:
        yield from log.problems
    yield from problems


def _raw(value: Any, log: Log, odd: bool) -> tuple[Any, bytes]:
    if odd:
        value = mended(value, log)
    try:
        return value, canonical_json(value)
    except UnicodeEncodeError:
        value = mended(value, log)
        return value, canonical_json(value)
