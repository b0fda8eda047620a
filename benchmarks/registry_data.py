# ruff: noqa: TID253 - imported by the benchmark alone, when it runs
"""Makes a store of 10 million event rows that look like the registry's: counts, zeros and terms, not words.

From 545 real records: some 380 event rows a trial, of which a few have thousands; 58 % of the cells are 0; few terms are in most
trials and thousands in one or two; a term is repeated in a section once in some hundred times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from trialpool.registry.store.layout import Layout
from trialpool.registry.store.tables import TABLES, arrow_schema

__all__ = ["EVENT_ROWS", "write_store"]

EVENT_ROWS = 10_000_000
_ROWS_OF_A_TRIAL = 380
_TERMS, _ORGAN_SYSTEMS, _VOCABULARIES = 9000, 27, 140
_SERIOUS, _ZEROS, _REPEATED = 0.4, 0.58, 0.002
_ROWS_TOGETHER = 1_000_000
_SEED = 20260801

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Trials:
    """Groups of each trial, and the trial and the term of each row of its event tables."""

    groups: Ints
    trial: Ints
    term: Ints


def write_store(folder: Path, event_rows: int = EVENT_ROWS) -> Ints:
    """Write the store; the same bytes every time.

    Returns
    -------
    array of int, shape (trials,)
        How many event groups each trial has.
    """
    layout = Layout(folder)
    layout.create()
    random = np.random.default_rng(_SEED)
    made = _trials(random, event_rows)
    number = len(made.groups)
    nct_ids = pa.array([_nct_id(trial) for trial in range(number)])
    _write(layout, "reported_events", _event_rows(random, made, nct_ids, event_rows))
    _write(layout, "studies", [_table("studies", number, nct_id=nct_ids, version=np.arange(number))])
    of_trial = np.repeat(np.arange(number), made.groups)
    _write(layout, "result_groups", [_groups(made, nct_ids, of_trial)])
    _write_records(layout, nct_ids)
    return made.groups


def _nct_id(trial: int) -> str:
    return f"NCT{10_000_000 + trial}"


def _trials(random: np.random.Generator, event_rows: int) -> _Trials:
    number = max(1, event_rows // _ROWS_OF_A_TRIAL)
    groups = random.choice([1, 2, 3, 4, 6], p=[0.2, 0.45, 0.2, 0.1, 0.05], size=number).astype(np.int64)
    # Log-normal: half the trials have less than a third of the mean.
    terms = np.ceil(random.lognormal(0.0, 1.5, number)).astype(np.int64)
    terms = np.ceil(terms * 1.2 * event_rows / (terms * groups).sum()).astype(np.int64)
    trial = np.repeat(np.arange(number), terms)
    term = (_TERMS * random.random(len(trial)) ** 3).astype(np.int64)
    pairs = np.unique(trial * _TERMS + term)
    pairs = np.sort(np.concatenate([pairs, random.choice(pairs, int(_REPEATED * len(pairs)))]))
    return _Trials(groups, pairs // _TERMS, pairs % _TERMS)


def _event_rows(random: np.random.Generator, made: _Trials, nct_ids: pa.Array, most: int) -> Iterator[pa.Table]:
    repeats = made.groups[made.trial]
    first = np.cumsum(repeats) - repeats
    if repeats.sum() < most:
        raise ValueError(f"made {repeats.sum()} rows of {most}; make more terms")
    serious = random.random(len(made.trial)) < _SERIOUS
    at_risk = random.integers(30, 800, (len(made.groups), 6))
    for start in range(0, most, _ROWS_TOGETHER):
        rows = np.arange(start, min(start + _ROWS_TOGETHER, most))
        entry = np.searchsorted(first, rows, side="right") - 1
        trial, group = made.trial[entry], rows - first[entry]
        n = at_risk[trial, group]
        affected = np.where(random.random(len(rows)) < _ZEROS, 0, np.minimum(n, 1 + random.geometric(0.15, len(rows))))
        yield _table(
            "reported_events",
            len(rows),
            id=rows + 1,
            nct_id=_coded(trial, nct_ids),
            ctgov_group_code=_coded(group, pa.array([f"EG{i:03}" for i in range(6)])),
            event_type=_coded(serious[entry].astype(np.int64), pa.array(["other", "serious"])),
            subjects_affected=affected,
            subjects_at_risk=n,
            organ_system=_coded(made.term[entry] % _ORGAN_SYSTEMS, _words("Organ system", _ORGAN_SYSTEMS)),
            adverse_event_term=_coded(made.term[entry], _words("Adverse event term", _TERMS)),
            vocab=_coded(trial % _VOCABULARIES, _words("MedDRA", _VOCABULARIES)),
            version=trial,
        )


def _words(word: str, number: int) -> pa.Array:
    return pa.array([f"{word} {i}" for i in range(number)])


def _coded(codes: Ints, words: pa.Array) -> pa.Array:
    return words.take(pa.array(codes))


def _table(name: str, length: int, **columns: Any) -> pa.Table:
    """A table of the store; columns that are not named hold nothing."""
    schema = arrow_schema(TABLES[name])
    arrays = [
        pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(length, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _groups(made: _Trials, nct_ids: pa.Array, of_trial: Ints) -> pa.Table:
    place = np.arange(len(of_trial)) - (np.cumsum(made.groups) - made.groups)[of_trial]
    titles = ["Drug 10 mg" if i == 0 else "Placebo" if i == 1 else f"Drug {20 * i} mg" for i in place.tolist()]
    return _table(
        "result_groups",
        len(of_trial),
        id=np.arange(len(of_trial)) + 1,
        nct_id=_coded(of_trial, nct_ids),
        ctgov_group_code=_coded(place, pa.array([f"EG{i:03}" for i in range(6)])),
        result_type=pa.array(["Reported Event"] * len(of_trial)),
        title=pa.array(titles),
        version=of_trial,
    )


def _write(layout: Layout, name: str, tables: Any) -> None:
    place = layout.file(name, "000001")
    place.parent.mkdir()
    with pq.ParquetWriter(place, arrow_schema(TABLES[name]), compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)


def _write_records(layout: Layout, nct_ids: pa.Array) -> None:
    """The index alone: the queries ask for no more."""
    number = len(nct_ids)
    same = {"sha256": "", "registry_date": "2026-08-01", "data_version": "2026-08-01", "source": "made", "place": "",
            "source_note": "", "batch": "000001"}  # fmt: skip
    columns = {
        "nct_id": nct_ids,
        "version": pa.array(np.arange(number)),
        **{name: pa.array([text] * number) for name, text in same.items()},
        "aliases": pa.array([[]] * number, pa.list_(pa.string())),
        "has_results": pa.array([True] * number),
        "event_rows": pa.array(np.full(number, _ROWS_OF_A_TRIAL)),
        "loaded_on": pa.array([date(2026, 8, 1)] * number),
        "sequence": pa.array(np.arange(number)),
    }
    place = layout.file("records", "000001")
    place.parent.mkdir()
    pq.write_table(pa.table(columns), place, compression="zstd")
