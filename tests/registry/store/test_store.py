"""Versions, atomic loads, locks and damage."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
from datetime import date
from pathlib import Path

import pytest
from registry.store.trials import event, stream, trial

from trialpool.errors import InputError, OutputError
from trialpool.registry.read import Problem
from trialpool.registry.store import LoadReport, Store, event_rows, open_database, open_source, overview

ONE, TWO, THREE = "NCT00000001", "NCT00000002", "NCT00000003"
TODAY = date(2026, 8, 1)


@pytest.fixture
def store(tmp_path) -> Store:
    return Store.create(tmp_path / "store")


def load(store, *studies, loaded_on=TODAY, **options) -> LoadReport:
    return store.load(stream(*studies), source_note="a test", loaded_on=loaded_on, **options)


def titles(store, as_of=None) -> dict[str, str]:
    return {record.nct_id: record.title for record in store.records(as_of=as_of)}


def test_records_come_back_as_they_were_read(real, real_store):
    some = [item.record for item in real.loaded[5::9]]
    found = real_store.records([record.nct_id for record in some][::-1])
    assert list(found) == some
    assert [record.nct_id for record, _ in zip(real_store.records(), range(30), strict=False)] == [
        item.record.nct_id for item in real.loaded[:30]
    ]


def test_status_counts_the_real_records(real, real_store):
    status = real_store.status()
    rows = sum(
        len(term["stats"])
        for item in real.loaded
        for events in [json.loads(item.raw)["resultsSection"].get("adverseEventsModule", {})]
        for section in ("seriousEvents", "otherEvents")
        for term in events.get(section, [])
    )
    assert (status.trials, status.versions, status.with_results, status.event_rows) == (321, 321, 321, rows)
    assert status.sources == {"ClinicalTrials.gov": 321}
    dates = sorted(item.record.origin.version for item in real.loaded)
    assert (status.first_date, status.last_date) == (dates[0], dates[-1])
    assert list(real_store.problems()) == sorted(
        real.problems, key=lambda row: [getattr(row, name) for name in row.__slots__]
    )
    with real_store.database() as database:
        assert database.rows(overview(database)) == [{"trials": 321, "with_results": 321, "event_rows": rows}]


def test_new_changed_unchanged(store):
    first = trial(ONE, dated="2026-01-01")
    assert load(store, first, trial(TWO)) == LoadReport(new=2)
    assert load(store, first, trial(TWO, title="B", dated="2026-02-01"), trial(THREE)) == LoadReport(1, 1, 1)
    assert titles(store) == {ONE: "A trial", TWO: "B", THREE: "A trial"}
    assert [version.current for version in store.versions(TWO)] == [False, True]
    assert [version.registry_date for version in store.versions(TWO)] == ["2026-01-01", "2026-02-01"]


def test_a_new_date_of_the_data_alone_is_no_change(store):
    load(store, trial(ONE, dated="2026-01-01"))
    assert load(store, trial(ONE, dated="2026-03-01")) == LoadReport(unchanged=1)
    assert len(store.versions(ONE)) == 1


def test_a_change_that_is_taken_back_is_a_version(store):
    for dated, title in (("2026-01-01", "A"), ("2026-02-01", "B"), ("2026-03-01", "A")):
        load(store, trial(ONE, dated=dated, title=title))
    assert [version.registry_date for version in store.versions(ONE)] == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert titles(store) == {ONE: "A"}


def test_older_versions_loaded_later_do_not_become_current(store):
    load(store, trial(ONE, dated="2026-03-01", title="new"))
    assert load(store, trial(ONE, dated="2026-01-01", title="old")) == LoadReport(changed=1)
    assert titles(store) == {ONE: "new"}
    assert titles(store, date(2026, 2, 1)) == {ONE: "old"}


def test_as_of_a_date(store):
    rash = event("Rash", ("EG000", 1, 10))
    load(store, trial(ONE, dated="2026-01-15", title="A"), trial(TWO, dated="2026-02-15"))
    load(store, trial(ONE, dated="2026-03-15", title="B", serious=[rash, rash]))
    assert titles(store, date(2026, 1, 14)) == {}
    assert titles(store, date(2026, 1, 15)) == {ONE: "A"}
    assert titles(store, date(2026, 3, 14)) == {ONE: "A", TWO: "A trial"}
    assert store.record(ONE, date(2026, 3, 15)).title == "B"
    with pytest.raises(InputError, match=TWO):
        store.record(TWO, date(2026, 1, 15))
    for as_of, rows in ((date(2026, 2, 1), 0), (None, 2)):
        with open_database(store.folder, as_of) as database:
            assert len(database.rows(event_rows(database))) == rows


def test_of_two_versions_with_one_date_the_later_load_counts(store):
    load(store, trial(ONE, title="A"), trial(ONE, title="B"))
    assert titles(store) == {ONE: "B"}
    load(store, trial(ONE, title="C"))
    assert titles(store) == {ONE: "C"}
    assert store.status().versions == 3


def test_an_obsolete_identifier_finds_the_trial(store):
    load(store, trial(TWO, aliases=[ONE], title="the one"))
    assert store.record(ONE).nct_id == store.record(TWO).nct_id == TWO
    assert len(list(store.records([ONE, TWO]))) == 1
    assert store.versions(ONE)[0].nct_id == TWO


def test_a_trial_under_two_identifiers_counts_once(store):
    groups = ("Aspirin", "Placebo")
    load(store, trial(ONE, title="old", groups=groups), trial(TWO, aliases=[ONE], groups=groups), trial(THREE))
    assert titles(store) == {TWO: "A trial", THREE: "A trial"}
    assert store.candidates(["aspirin"]) == (TWO,)
    assert (store.status().trials, store.status().obsolete) == (2, 1)
    load(store, trial(ONE, aliases=[TWO], title="each the other's", dated="2026-02-01"))
    assert set(titles(store)) == {ONE, THREE}


def test_unknown_identifiers_are_told(store):
    load(store, trial(ONE))
    with pytest.raises(InputError, match=r"no version of NCT00000002, NCT00000009"):
        list(store.records([ONE, TWO, "NCT00000009"]))
    with pytest.raises(InputError, match="no version of"):
        store.versions("'; DROP TABLE records")


def test_problems_are_kept_once_and_lost_records_counted(store):
    problem = Problem("a.json", "", "", "not JSON", "\udcff", "record")
    for _ in range(2):
        report = store.load([problem, problem], source_note="", loaded_on=TODAY)
        assert (report.lost, report.problems) == (2, 2)
    assert [row.value for row in store.problems()] == ["\\udcff"]
    assert store.status().problems == {"record": 1}


def test_a_name_of_a_file_that_is_no_text(store):
    store.load(stream(trial(ONE), place="\udcff.json"), source_note="", loaded_on=TODAY)
    assert store.record(ONE).origin.place == "\\udcff.json#studies[0]"


def test_an_empty_store_answers(store):
    assert titles(store) == {}
    assert store.status().trials == 0
    assert store.candidates(["aspirin"]) == ()
    assert list(store.problems()) == []
    with store.database() as database:
        assert database.rows(overview(database)) == [{"trials": 0, "with_results": 0, "event_rows": 0}]
    assert load(store) == LoadReport()
    assert load(store, trial(ONE)) == LoadReport(new=1)


def test_progress_is_told_after_each_record(store):
    seen = []
    load(store, trial(ONE), trial(ONE), trial(TWO), progress=lambda report: seen.append(report.records))
    assert seen == [1, 2, 3]


def test_what_came_before_an_error_of_the_source_is_kept(store):
    def broken():
        yield from stream(trial(ONE), trial(TWO))
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        store.load(broken(), source_note="", loaded_on=TODAY)
    assert set(titles(store)) == {ONE, TWO}
    assert load(store, trial(ONE), trial(TWO), trial(THREE)) == LoadReport(new=1, unchanged=2)


def killed_load(folder: Path, monkeypatch, files_moved: int) -> None:
    """A load that ends like a process that is killed while its files are moved in."""
    moved, move = [], Path.replace

    def until_killed(self, target):
        if self.suffix == ".parquet":
            if len(moved) == files_moved:
                raise KeyboardInterrupt
            moved.append(self)
        return move(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", until_killed)
        with pytest.raises(KeyboardInterrupt):
            load(Store.open(folder), trial(TWO, serious=[event("Rash", ("EG000", 1, 10))]))


@pytest.mark.parametrize("files_moved", [0, 1, 4])
def test_a_killed_load_leaves_a_store_that_can_be_read(store, monkeypatch, files_moved):
    load(store, trial(ONE, serious=[event("Cough", ("EG000", 1, 10))]))
    killed_load(store.folder, monkeypatch, files_moved)
    assert set(titles(store)) == {ONE}
    with store.database() as database:
        assert [row["adverse_event_term"] for row in database.rows(event_rows(database))] == ["Cough"]
    assert load(store, trial(TWO, serious=[event("Rash", ("EG000", 1, 10))])) == LoadReport(new=1)
    with store.database() as database:
        assert [row["adverse_event_term"] for row in database.rows(event_rows(database))] == ["Cough", "Rash"]
    assert not (store.folder / ".staging").exists()


def hold(folder: str, ready, release) -> None:
    def waiting():
        ready.set()
        release.wait(30)
        yield from ()

    Store.open(folder).load(waiting(), source_note="", loaded_on=TODAY)


def test_two_processes_at_once_are_one_clear_error_and_a_killed_one_locks_nothing(store):
    spawn = multiprocessing.get_context("spawn")
    ready, release = spawn.Event(), spawn.Event()
    other = spawn.Process(target=hold, args=(str(store.folder), ready, release))
    other.start()
    try:
        assert ready.wait(30)
        with pytest.raises(InputError, match=rf"another process \(number {other.pid}\) is loading"):
            load(store, trial(ONE))
        assert titles(store) == {}  # reading goes on
    finally:
        other.kill()
        other.join()
    assert (store.folder / "lock").exists()
    assert load(store, trial(ONE)) == LoadReport(new=1)


def test_the_same_records_give_the_same_bytes(tmp_path):
    for name in "ab":
        load(Store.create(tmp_path / name), trial(ONE, serious=[event("Rash", ("EG000", 1, 10))]), trial(TWO))
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.parquet"))
    assert len(files) == 7
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)


def test_batches_do_not_show(store, monkeypatch):
    monkeypatch.setattr("trialpool.registry.store.loading._RECORDS_OF_A_BATCH", 2)
    monkeypatch.setattr("trialpool.registry.store.loading._ROWS_IN_MEMORY", 5)
    monkeypatch.setattr("trialpool.registry.store.loading._RAW_ROWS_TOGETHER", 2)
    studies = [
        trial(f"NCT0000000{i}", title=f"Trial {i}", serious=[event("Rash", ("EG000", i, 10))]) for i in range(1, 8)
    ]
    assert load(store, *studies) == LoadReport(new=7)
    assert len(list((store.folder / "records").iterdir())) == 4
    assert titles(store) == {f"NCT0000000{i}": f"Trial {i}" for i in range(1, 8)}
    with store.database() as database:
        assert [row["subjects_affected"] for row in database.rows(event_rows(database))] == list(range(1, 8))
    assert load(store, *studies) == LoadReport(unchanged=7)


@pytest.mark.parametrize("name", ["q*?", "a[1]", "it's", '"quoted"; --', "{a,b}", "~"])
def test_a_folder_by_any_name_is_itself(tmp_path, name):
    for other in ("qab", "a1", "a", "b"):
        load(Store.create(tmp_path / other), trial(TWO))
    store = Store.create(tmp_path / name)
    load(store, trial(ONE, groups=("Aspirin",)))
    assert titles(store) == {ONE: "A trial"}
    assert store.candidates(["aspirin"]) == (ONE,)


def test_a_disk_that_is_full_is_told_and_what_was_there_stays(store, monkeypatch):
    load(store, trial(ONE))

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("pyarrow.parquet.ParquetWriter.write_table", full)
        with pytest.raises(OutputError, match="No space left"):
            load(store, trial(TWO))
    assert set(titles(store)) == {ONE}
    assert load(store, trial(TWO)) == LoadReport(new=1)


def test_an_error_of_the_source_is_its_own(store):
    def unreadable():
        raise OSError(errno.EIO, "of the source")
        yield

    with pytest.raises(OSError, match="of the source"):
        store.load(unreadable(), source_note="", loaded_on=TODAY)


def test_candidates_by_hundreds_of_names(store):
    load(store, trial(ONE, groups=("Aspirin",)))
    assert store.candidates([f"name {i}" for i in range(300)] + ["aspirin"]) == (ONE,)


def test_folders_that_are_no_store(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        Store.open(tmp_path / "missing")
    with pytest.raises(InputError, match="is not a store"):
        Store.open(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    for make in (Store.create, Store.open_or_create):
        with pytest.raises(InputError, match="other files|not a store"):
            make(tmp_path)
    with pytest.raises(OutputError, match="cannot be made"):
        Store.create(tmp_path / "notes.txt" / "store")
    Store.open_or_create(tmp_path / "new")
    assert isinstance(open_source(tmp_path / "new"), Store)
    Store.open_or_create(tmp_path / "new")
    with pytest.raises(InputError, match="a store already"):
        Store.create(tmp_path / "new")


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ('{"kind": "trialpool registry store", "format": 99}', "format 99"),
        ('{"kind": "something else", "format": 1}', "is not a store"),
        ("[1]", "is not a store"),
        ('{"kind": ', "cannot be read"),
    ],
)
def test_a_marker_of_another_kind_or_a_newer_format(store, marker, message):
    (store.folder / "store.json").write_text(marker)
    with pytest.raises(InputError, match=message):
        Store.open(store.folder)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_store_that_may_not_be_written(store):
    store.folder.chmod(0o500)
    with pytest.raises(OutputError):
        load(store, trial(ONE))
