"""A store whose files are damaged or gone: one clear error that names the file, never an answer without its rows."""

from __future__ import annotations

import re
import shutil
from datetime import date

import pyarrow.parquet
import pytest
from registry.store.trials import event, stream, trial

from trialpool.errors import InputError
from trialpool.registry.read import Problem
from trialpool.registry.store import Store, event_rows

ONE, TWO = "NCT00000001", "NCT00000002"
TODAY = date(2026, 8, 1)


@pytest.fixture
def store(tmp_path) -> Store:
    return Store.create(tmp_path / "store")


def load(store, *studies) -> None:
    store.load(stream(*studies), source_note="a test", loaded_on=TODAY)


@pytest.mark.parametrize("table", ["records", "raw", "reported_events", "problems"])
@pytest.mark.parametrize("damage", [b"", b"PAR1 not parquet at all PAR1"])
def test_a_damaged_file_is_one_clear_error(store, table, damage):
    load(store, trial(ONE, serious=[event("Rash", ("EG000", 1, 10))]))
    store.load([Problem("a.json", "", "", "x", "", "field")], source_note="", loaded_on=TODAY)
    for file in (store.folder / table).iterdir():
        file.write_bytes(damage)
    with pytest.raises(InputError, match=rf"(?s)(cannot be read|cannot answer).*{table}"):
        read_everything(store)


def test_damage_inside_a_file_is_told_when_it_is_asked_for(store):
    load(store, *(trial(f"NCT{i:08}", serious=[event(f"Term {i}", ("EG000", i, 100))]) for i in range(1, 200)))
    file = store.folder / "reported_events" / "000001.parquet"
    data = bytearray(file.read_bytes())
    data[4 : len(data) // 2] = bytes(len(data) // 2 - 4)
    file.write_bytes(data)
    with store.database() as database, pytest.raises(InputError, match="cannot answer a query"):
        database.rows(event_rows(database))


def read_everything(store) -> None:
    list(store.problems())
    list(store.records())
    with store.database() as database:
        database.rows(event_rows(database))


@pytest.mark.parametrize("table", ["raw", "studies", "reported_events", "result_groups", "problems"])
def test_a_missing_file_is_one_clear_error(store, table):
    rash = [event("Rash", ("EG000", 1, 10))]
    store.load(
        [*stream(trial(ONE, serious=rash)), Problem("a.json", "", "", "x", "", "field")],
        source_note="",
        loaded_on=TODAY,
    )
    load(store, trial(TWO, serious=rash))
    read_everything(store)
    file = store.folder / table / "000001.parquet"
    file.unlink()
    words = rf"{re.escape(str(file))} is not there, .*load the records again into a new store"
    for ask in (store.status, lambda: read_everything(store), lambda: load(store, trial(ONE, title="Changed"))):
        with pytest.raises(InputError, match=words):
            ask()


def test_a_missing_folder_or_a_missing_part_of_the_index_is_told(store):
    load(store, trial(ONE))
    load(store, trial(TWO))
    shutil.rmtree(store.folder / "design_groups", ignore_errors=True)  # the trials have none: nothing is missing
    read_everything(store)
    (store.folder / "records" / "000001.parquet").rename(store.folder / "elsewhere")
    with pytest.raises(InputError, match="000001.parquet is not there"):
        store.status()
    (store.folder / "elsewhere").rename(store.folder / "records" / "000001.parquet")
    shutil.rmtree(store.folder / "raw")
    with pytest.raises(InputError, match=r"raw/000001.parquet is not there, nor is 1 more file,"):
        store.record(ONE)


def test_a_batch_of_an_older_version_that_does_not_name_its_tables_is_read(store):
    load(store, trial(ONE, title="Older"))
    file = store.folder / "records" / "000001.parquet"
    pyarrow.parquet.write_table(pyarrow.parquet.read_table(file).replace_schema_metadata(None), file)
    assert store.record(ONE).title == "Older"
    (store.folder / "studies" / "000001.parquet").unlink()
    assert store.status().trials == 1


def test_a_long_batch_names_its_tables_too(store, monkeypatch):
    """Its rows are written in several parts; those of the index come last."""
    monkeypatch.setattr("trialpool.registry.store.loading._ROWS_IN_MEMORY", 3)
    load(store, *(trial(f"NCT{i:08}", serious=[event("Rash", ("EG000", 1, 10))]) for i in range(1, 6)))
    assert store.status().trials == 5
    assert [record.nct_id for record in store.records()] == [f"NCT{i:08}" for i in range(1, 6)]
    (store.folder / "reported_events" / "000001.parquet").unlink()
    with pytest.raises(InputError, match="reported_events/000001.parquet is not there"):
        store.status()
