"""The real records in a store and in PostgreSQL, each made once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from registry.store.postgresql import create_aact, server

from trialpool.registry.read import Loaded, Problem, read_bytes, read_paths
from trialpool.registry.store import Store, rows_of


@dataclass
class Real:
    loaded: list[Loaded]
    problems: list[Problem]

    def __getitem__(self, nct_id: str) -> Loaded:
        return next(item for item in self.loaded if item.record.nct_id == nct_id)


@pytest.fixture(scope="session")
def real(records_folder) -> Real:
    """All real records, with their JSON."""
    found = list(read_paths(records_folder))
    return Real(
        [item for item in found if isinstance(item, Loaded)], [item for item in found if isinstance(item, Problem)]
    )


@pytest.fixture(scope="session")
def real_store(real, tmp_path_factory) -> Store:
    """A store with all of them."""
    store = Store.create(tmp_path_factory.mktemp("real") / "store")
    store.load([*real.loaded, *real.problems], source_note="the real records", loaded_on=date(2026, 8, 1))
    return store


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with server() as owner:
        yield owner


@pytest.fixture(scope="session")
def every_eighth(real) -> list[Loaded]:
    """Every eighth real record, and two of them once more as other trials: without results, and without adverse events."""
    return [*real.loaded[::8], *map(_without_results, real.loaded[:2]), *map(_without_events, real.loaded[2:4])]


def _without_results(loaded: Loaded) -> Loaded:
    study = json.loads(loaded.raw)
    del study["resultsSection"], study["protocolSection"]["statusModule"]["resultsFirstPostDateStruct"]
    return _as_another({**study, "hasResults": False}, 1)


def _without_events(loaded: Loaded) -> Loaded:
    study = json.loads(loaded.raw)
    del study["resultsSection"]["adverseEventsModule"]
    return _as_another(study, 2)


def _as_another(study: dict[str, Any], first: int) -> Loaded:
    identification = study["protocolSection"]["identificationModule"]
    identification["nctId"] = f"NCT99{first}{identification['nctId'][6:]}"
    (loaded,) = (item for item in read_bytes(json.dumps(study).encode(), "made") if isinstance(item, Loaded))
    return loaded


@pytest.fixture(scope="session")
def aact_url(postgresql_server, every_eighth) -> str:
    """Every eighth real record in PostgreSQL, in AACT's own shape, for an account that may only read."""
    rows: dict[str, list[tuple]] = {}
    for loaded in every_eighth:
        for table, members in rows_of(loaded.record).items():
            rows.setdefault(table, []).extend(members)
    return create_aact(postgresql_server, rows)


@pytest.fixture(scope="session")
def eighth_store(every_eighth, tmp_path_factory) -> Store:
    """The same records in a store."""
    store = Store.create(tmp_path_factory.mktemp("eighth") / "store")
    store.load(every_eighth, source_note="every eighth record", loaded_on=date(2026, 8, 1))
    return store
