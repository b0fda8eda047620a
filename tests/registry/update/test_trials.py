"""Trials that came into a table or left it, with the reason on the other side."""

from __future__ import annotations

import json

import pytest
from registry.extract.records_json import dapagliflozin_trial

import trialpool as tp
from trialpool.errors import InputError
from trialpool.registry.events import read_definition
from trialpool.registry.extract import extract, make_question, source_from_paths, write_extraction
from trialpool.registry.groups import match_groups
from trialpool.registry.update import ExtractedTrials, extracted_trials, trial_changes

EVENTS = [read_definition("nausea"), read_definition("death")]


def extracted(folder, *studies):
    """Extract from these records into a folder, and read back what it says of its trials."""
    folder.mkdir()
    (folder / "page.json").write_text(json.dumps({"studies": studies}), encoding="utf-8")
    source, _ = source_from_paths([folder / "page.json"])
    found = extract(source, make_question(["dapagliflozin"], ["placebo"]), EVENTS, match=match_groups)
    files = write_extraction(found, folder / "arms.csv")
    return extracted_trials(folder, tp.read_table(files.table).trials)


def without_results(number, dated="2025-01-31"):
    study = dapagliflozin_trial(number)
    del study["resultsSection"]
    study["derivedSection"]["miscInfoModule"]["versionHolder"] = dated
    return {**study, "hasResults": False}


def without_deaths(number):
    study = dapagliflozin_trial(number)
    for group in study["resultsSection"]["adverseEventsModule"]["eventGroups"]:
        del group["deathsNumAffected"], group["deathsNumAtRisk"]
    return study


def changes(before, after):
    return [
        (c.registry_id, c.outcome, c.before, c.after, c.version_before, c.version_after)
        for c in trial_changes(before, after)
    ]


@pytest.fixture
def old(tmp_path):
    return extracted(tmp_path / "old", dapagliflozin_trial(1), without_results(2), without_deaths(3))


def test_the_same_extraction_has_no_changes(old):
    assert changes(old, old) == []


def test_a_trial_that_is_used_for_its_new_version_was_left_out_before(old, tmp_path):
    new = extracted(tmp_path / "new", dapagliflozin_trial(1), dapagliflozin_trial(2), dapagliflozin_trial(3))
    first, second = changes(old, new)
    assert first == ("NCT00000002", "", "no results are posted", "used", "2025-01-31", "2026-10-14")
    assert (first[0], *second[:2], second[3:]) == (
        "NCT00000002",
        "NCT00000003",
        "death",
        ("used", "2026-10-14", "2026-10-14"),
    )
    assert second[2].startswith("no count: ")
    assert [change[2:4] for change in changes(new, old)] == [("used", first[2]), ("used", second[2])]


def test_trials_that_came_and_went(old, tmp_path):
    new = extracted(tmp_path / "new", dapagliflozin_trial(1), without_deaths(3), without_results(4, "2026-10-14"))
    gone = "no record mentioned the treatment"
    assert changes(old, new) == [
        ("NCT00000002", "", "no results are posted", gone, "2025-01-31", ""),
        ("NCT00000004", "", gone, "no results are posted", "", "2026-10-14"),
    ]


def test_a_review_by_hand_names_what_it_uses_alone(old, tmp_path):
    rows = [
        {"trial": "Hart", "treatment": arm, "outcome": "nausea", "events": 3, "n": 20} for arm in ("drug", "placebo")
    ]
    hand = extracted_trials(tmp_path, tp.read_table(rows).trials)
    assert hand == ExtractedTrials(frozenset({("Hart", "nausea")}))
    states = {(c.registry_id, c.before, c.after) for c in trial_changes(hand, old)}
    assert states == {
        ("Hart", "used", "no record mentioned the treatment"),
        ("NCT00000001", "not in the table", "used"),
        ("NCT00000003", "not in the table", "used"),
    }


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("extraction.json", "{"),
        ("extraction.json", '{"program": "trialpool"}'),
        ("excluded.csv", "trial,reason\n1,2\n"),
        ("excluded.csv", None),
    ],
)
def test_damaged_files_are_one_clear_error(tmp_path, old, file, content):
    place = tmp_path / "old" / file
    place.unlink() if content is None else place.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=f"{file} .*extract again"):
        extracted_trials(tmp_path / "old", ())


def test_a_file_of_that_name_by_another_program_is_no_extraction(tmp_path):
    (tmp_path / "extraction.json").write_text("[1]", encoding="utf-8")
    assert not extracted_trials(tmp_path, ()).known
