"""Every place of records names the same trials, those without adverse events too, and says which versions it leaves out."""

from __future__ import annotations

import json
from datetime import date

import pytest
from registry.extract.records_json import dapagliflozin_trial
from registry.extract.trials import DRUG, NAUSEA, PLACEBO, trial

from trialpool.registry.events import read_definition
from trialpool.registry.extract import ListSource, extract, make_question, source_from_paths
from trialpool.registry.extract.as_of import StoreAt
from trialpool.registry.groups import match_groups
from trialpool.registry.model import Origin, Record
from trialpool.registry.read import read_paths
from trialpool.registry.store import Store

QUESTION = make_question(["dapagliflozin"], ["placebo"])


def written(folder, *studies):
    folder.mkdir()
    for i, study in enumerate(studies):
        (folder / f"{i}.json").write_text(json.dumps(study), encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path):
    """A trial with adverse events, one with other results, and one without results."""
    other, none = dapagliflozin_trial(2), dapagliflozin_trial(3)
    other["resultsSection"] = {"participantFlowModule": {"groups": [{"id": "FG000", "title": "All"}]}}
    del none["resultsSection"]
    return written(tmp_path / "records", dapagliflozin_trial(1), other, {**none, "hasResults": False})


def test_trials_without_adverse_events_are_left_out_with_the_reason_whatever_the_place(folder, tmp_path):
    store = Store.create(tmp_path / "store")
    store.load(read_paths([folder]), source_note="", loaded_on=date(2026, 10, 15))
    for source in (source_from_paths([folder])[0], store, StoreAt(store, date(2026, 10, 14))):
        found = extract(source, QUESTION, [read_definition("nausea")], match=match_groups)
        assert found.considered == 3
        assert found.trials == ("NCT00000001",)
        assert [(one.registry_id, one.title, one.reason) for one in found.excluded] == [
            ("NCT00000002", "Dapagliflozin, trial 2", "results are posted, but no adverse events"),
            ("NCT00000003", "Dapagliflozin, trial 3", "no results are posted"),
        ]
        assert found.versions == dict.fromkeys(("NCT00000001", "NCT00000002", "NCT00000003"), "2026-10-14")


def record(nct_id, dated, place, *, aliases=(), sha256="", last_update=""):
    return Record(nct_id, Origin("", place, dated, sha256), aliases=aliases, last_update=last_update)


ONE, TWO, THREE = (f"NCT0000000{i}" for i in (1, 2, 3))


@pytest.mark.parametrize(
    ("records", "kept", "said"),
    [
        ([record(ONE, "2025", "a"), record(TWO, "2026", "b")], ["a", "b"], []),
        (
            [record(ONE, "2025", "a"), record(ONE, "2026", "b"), record(ONE, "2024", "c")],
            ["b"],
            [
                ("a", "an older version of NCT00000001 (2025); that of 2026 in b is used", "record"),
                ("c", "an older version of NCT00000001 (2024); that of 2026 in b is used", "record"),
            ],
        ),
        (
            [record(ONE, "", "a"), record(ONE, "2026", "")],
            [""],
            [("a", "an older version of NCT00000001 (date not stated); that of 2026 is used", "record")],
        ),
        (
            [record(ONE, "2026", "a", sha256="x"), record(ONE, "2026", "b", sha256="y")],
            ["b"],
            [("a", "another version of NCT00000001 of the same date (2026); the one read last in b is used", "record")],
        ),
        (
            [record(ONE, "2026", "a", sha256="x"), record(ONE, "2026", "b", sha256="x")],
            ["b"],
            [("a", "the same record as that in b, which is used", "nothing")],
        ),
        (
            [record(ONE, "2026", "a"), record(TWO, "2025", "b", aliases=(ONE, TWO)), record(ONE, "2024", "c")],
            ["b"],
            [
                ("c", "NCT00000001 is an obsolete identifier of NCT00000002, whose record in b is used", "record"),
                ("a", "NCT00000001 is an obsolete identifier of NCT00000002, whose record in b is used", "record"),
            ],
        ),
        (
            [record(TWO, "2026", "b", aliases=(ONE,)), record(ONE, "2025", "a", aliases=(TWO,))],
            ["a"],
            [("b", "NCT00000002 is an obsolete identifier of NCT00000001, whose record in a is used", "record")],
        ),
        (
            [record(n, "2026", n, aliases=(m,)) for n, m in ((ONE, TWO), (TWO, THREE), (THREE, ONE))],
            [ONE],
            [
                (n, f"{n} is an obsolete identifier of NCT00000001, whose record in NCT00000001 is used", "record")
                for n in (TWO, THREE)
            ],
        ),
    ],
    ids=["two trials", "older", "no date", "one date", "twice", "obsolete", "each other", "in a circle"],
)
def test_records_that_are_not_used_are_named_with_the_one_that_is(records, kept, said):
    source = ListSource(records)
    assert [one.origin.place for one in source.records()] == kept
    assert sorted((one.file, one.problem, one.lost) for one in source.superseded) == sorted(said)
    assert source.records_held + len(source.superseded) == len(records)


def test_an_older_version_among_files_is_told_by_file(tmp_path):
    old, new = dapagliflozin_trial(1), dapagliflozin_trial(1, briefTitle="Newer")
    old["derivedSection"]["miscInfoModule"]["versionHolder"] = "2025-01-31"
    folder = written(tmp_path / "records", new, old)
    source, problems = source_from_paths([folder])
    assert [one.title for one in source.records()] == ["Newer"]
    (problem,) = problems
    assert (problem.file, problem.nct_id, problem.lost) == (str(folder / "1.json"), ONE, "record")
    assert f"that of 2026-10-14 in {folder / '0.json'} is used" in problem.problem


def test_no_trial_mentions_the_treatment():
    made, _ = trial([DRUG, PLACEBO])
    found = extract(ListSource([made]), QUESTION, [NAUSEA], match=match_groups)
    assert (found.considered, found.versions, found.excluded) == (0, {}, ())
