"""Trials left out, decisions, the harms checklist, reproduction."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from report.builders import REVIEW, TABLE, analysis_of, document_of, section, table, texts

from trialpool.report.document import Code, plain_text


def words(document, id_):
    return [plain_text(block.content) for block in section(document, id_).blocks if hasattr(block, "content")]


def test_trials_left_out_stand_under_their_outcome_once(little_document):
    found = table(little_document, "excluded-table")
    assert [plain_text(group.heading) for group in found.groups] == ["Any rash", "fever"]
    assert [[row.cells[0].text for row in group.rows] for group in found.groups] == [
        ["Eger"],
        ["Alba", "Bern", "Cork", "Dale"],
    ]
    assert found.rows[0].cells[1].text == "Does not report this outcome."


def test_no_trial_left_out_is_said(tmp_path):
    lines = [line for line in TABLE.splitlines() if not line.startswith("Eger")]
    review = REVIEW.replace('[[outcome]]\nname = "fever"\n', "").replace(
        '[[analysis]]\nid = "fever"\noutcome = "fever"\nprofile = "trialpool"\n', ""
    )
    document = document_of(analysis_of(tmp_path, "\n".join(lines) + "\n", review))
    assert words(document, "excluded") == ["No trial of the input was left out of any analysis."]


def test_analysis_without_a_comparison_is_told(tmp_path):
    rows = TABLE.replace(
        "Eger,,Eger 2005,placebo,placebo,0,12,home,fever,1,31", "Eger,,Eger 2005,other,other,0,12,home,fever,1,31"
    )
    document = document_of(analysis_of(tmp_path, rows))
    assert words(document, "excluded")[0].startswith("fever: No trial compares drug with placebo on 'fever'")


def test_decisions_tell_before_and_after(little_document):
    rows = texts(table(little_document, "decisions-table"))
    assert rows[0] == ["Alba", "Active arms combined.", "drug low 3/50; drug high 5/51", "drug low + drug high 8/101"]
    assert len(rows) == 2


def test_decisions_of_several_analyses_stand_once(dupilumab, dupilumab_document):
    rows = texts(table(dupilumab_document, "decisions-table"))
    groups = table(dupilumab_document, "decisions-table").groups
    for group in groups:
        shown = [tuple(cell.text for cell in row.cells) for row in group.rows]
        assert len(shown) == len(set(shown))
    assert len(rows) < sum(len(r.comparison.decisions) for r in dupilumab.results)


def test_no_decision_is_said(tmp_path):
    lines = [line for line in TABLE.splitlines() if "drug low" not in line]
    document = document_of(analysis_of(tmp_path, "\n".join(lines) + "\n"))
    assert words(document, "decisions") == [
        "No decision changed the data: every trial has one active and one control arm."
    ]


def test_harms_checklist_answers_what_it_can_and_says_what_it_cannot(little_document):
    rows = texts(table(little_document, "harms-table"))
    assert [(row[0].split()[0], row[2]) for row in rows] == [
        ("1", "in part"),
        ("14", "yes"),
        ("18", "in part"),
        ("21", "no"),
    ]
    assert rows[1][3] == "No zero-cell correction. 1 study is without events in an arm: Dale."
    assert rows[2][3].startswith("The review describes Any rash. Durations are in the table of trials.")


def test_harms_checklist_without_zero_events_or_durations(tmp_path):
    lines = [
        ",".join(line.split(",")[:6] + line.split(",")[7:])
        for line in TABLE.splitlines()
        if not line.startswith("Dale")
    ]
    review = REVIEW.replace('description = "Rash of any grade"\n', "")
    rows = texts(table(document_of(analysis_of(tmp_path, "\n".join(lines) + "\n", review)), "harms-table"))
    assert rows[1][3] == "No zero-cell correction. No study in the analyses is without events in an arm."
    assert rows[2][3].startswith("The review describes no outcome. The input has no durations.")


def test_review_of_benefits_alone_has_no_harms_checklist(little):
    outcomes = tuple(replace(outcome, better="more") for outcome in little.review.outcomes)
    document = document_of(replace(little, review=replace(little.review, outcomes=outcomes)))
    assert words(document, "harms-checklist")[0].startswith("No outcome of this review is a harm")


def test_reproduction_has_command_hashes_and_versions(little, little_document, tmp_path):
    (command,) = [block for block in section(little_document, "reproduction").blocks if isinstance(block, Code)]
    assert command.text == "trialpool run review.toml"
    rows = texts(table(little_document, "inputs-table"))
    assert rows == [
        ["review.toml", hashlib.sha256(REVIEW.encode()).hexdigest()],
        ["arms.csv", hashlib.sha256(TABLE.encode()).hexdigest()],
    ]
    assert dict(texts(table(little_document, "versions-table"))) == dict(little.versions)


@pytest.mark.parametrize("name", ["my review.toml", "a;rm -rf x.toml", "it's.toml"])
def test_command_is_safe_to_paste(little, name):
    import shlex

    document = document_of(replace(little, review=replace(little.review, file_name=name)))
    (command,) = [block for block in section(document, "reproduction").blocks if isinstance(block, Code)]
    assert shlex.split(command.text) == ["trialpool", "run", name]
