"""The real records in a store and in PostgreSQL, each made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from registry.store.postgresql import create_aact, server

from trialpool.registry.read import Loaded, Problem, read_paths
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
    return real.loaded[::8]


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
