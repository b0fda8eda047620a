"""Files: valid, the same for the same input, and never at the cost of what a user wrote."""

from __future__ import annotations

import csv
import json
import tomllib
from dataclasses import replace

import pytest
from registry.events.small import row
from registry.extract.trials import DRUG, NAUSEA, PLACEBO, extracted, match

from trialpool.analysis import check_review, read_review
from trialpool.errors import OptionError, OutputError
from trialpool.read import read_left_out
from trialpool.registry.extract import Excluded, check_place, make_question, write_extraction
from trialpool.registry.extract.write import MANIFEST, extraction_contents

ALL = {"arms.csv", "review.toml", "decisions.csv", "excluded.csv", "event.toml", MANIFEST}


@pytest.fixture
def found():
    doubtful = match(2, "Other", "unclear", accepted=False)
    return extracted([DRUG, PLACEBO, doubtful])


def test_files_are_a_valid_review(tmp_path, found):
    files = write_extraction(found, tmp_path / "new" / "arms.csv")
    assert {path.name for path in (tmp_path / "new").iterdir()} == ALL
    review = read_review(files.review)
    check_review(review)
    assert (review.treatments, review.controls) == (("Drug X",), ("placebo",))
    assert [spec.automatic is not None for spec in review.analyses] == [True]
    assert (tmp_path / "new" / "event.toml").read_text() == NAUSEA.text


def test_rows_within_bounds_are_read_back(tmp_path):
    bounded = extracted([DRUG, PLACEBO], rows=[row("serious", "Nausea", [3, 0])])
    files = write_extraction(bounded, tmp_path / "arms.csv")
    rows = list(csv.DictReader(files.table.read_text().splitlines()))
    assert [(one["events"], one["events_low"], one["events_high"]) for one in rows] == [("", "3", "7"), ("", "0", "4")]
    check_review(read_review(files.review))


def test_trials_left_out_go_with_the_review(tmp_path):
    kept = extracted([DRUG, PLACEBO])
    odd = "A <b>trial</b>\x07 of\nX\u202e, =1+1"
    excluded = (Excluded("NCT00000009", "=no, \x00reason", odd, "nausea"),)
    for name, one in (("none", kept), ("some", replace(kept, excluded=excluded))):
        files = write_extraction(one, tmp_path / name / "arms.csv")
        assert read_review(files.review).left_out_file == "excluded.csv"
        check_review(read_review(files.review))
        found = read_left_out(tmp_path / name / "excluded.csv")
        assert found.source_name == "excluded.csv"
        assert [(row.trial, row.outcome) for row in found.rows] == [(x.registry_id, x.outcome) for x in one.excluded]


def test_decisions_name_rule_and_field(tmp_path, found):
    write_extraction(found, tmp_path / "arms.csv")
    rows = list(csv.DictReader((tmp_path / "decisions.csv").read_text().splitlines()))
    assert list(rows[0]) == ["trial", "step", "rule", "from", "to", "confidence", "source"]
    term = next(one for one in rows if one["step"] == "terms")
    assert (term["from"], term["to"], term["source"]) == ("other 'Nausea' (MedDRA 20.0)", "event", "otherEvents[0]")


def test_manifest_says_what_was_asked_and_of_which_versions(found):
    document = json.loads(extraction_contents(found)[MANIFEST])
    assert document["question"]["treatment"] == {"Drug X": []}
    assert document["versions"] == {"NCT00000001": ""}
    assert set(document["files"]) == ALL - {MANIFEST}


def test_manifest_has_the_versions_of_the_trials_that_are_left_out_and_the_review_those_that_are_used():
    nobody = extracted([PLACEBO, match(1, "Other", "active", ["Drug Y"])], last_update="2024-05-06")
    assert (nobody.rows, nobody.excluded[0].reason) == ((), "no group got Drug X")
    assert json.loads(extraction_contents(nobody)[MANIFEST])["versions"] == {"NCT00000001": "2024-05-06"}
    used = extracted([DRUG, PLACEBO], last_update="2024-05-06")
    both = replace(used, versions={**used.versions, "NCT00000002": "2025-01-01"})
    assert "1 trial, versions 2024-05-06." in extraction_contents(both)["review.toml"].decode()


def test_same_input_same_bytes(found):
    again = extracted([DRUG, PLACEBO, match(2, "Other", "unclear", accepted=False)])
    assert extraction_contents(found) == extraction_contents(again)


def test_own_files_are_replaced_and_edited_ones_are_not(tmp_path, found):
    table = tmp_path / "arms.csv"
    write_extraction(found, table)
    write_extraction(found, table)
    review = tmp_path / "review.toml"
    edited = review.read_text() + "# mine\n"
    review.write_text(edited)
    with pytest.raises(OutputError, match="holds 'review.toml', edited since"):
        write_extraction(found, table)
    assert review.read_text() == edited
    write_extraction(found, table, force=True)
    assert review.read_text() != edited


def test_files_of_another_are_refused_before_any_work(tmp_path):
    (tmp_path / "excluded.csv").write_text("mine")
    with pytest.raises(OutputError, match="'excluded.csv'"):
        check_place(tmp_path / "arms.csv")
    check_place(tmp_path / "arms.csv", force=True)


@pytest.mark.parametrize("name", ["arms", "arms.toml", "review.toml", "decisions.csv", "excluded.csv", "arms.xlsx"])
def test_names_that_are_no_table(tmp_path, name):
    with pytest.raises(OptionError):
        check_place(tmp_path / name)


def test_review_survives_hostile_names(tmp_path):
    nasty = 'Drug "X"\\ ] [data]'
    question = make_question([nasty, "Drug X"], ["placebo"])
    text = extraction_contents(extracted([DRUG, PLACEBO], question))["review.toml"].decode()
    assert tomllib.loads(text)["comparison"]["treatment"] == 'Drug "X"\\ ] [data] or Drug X'
