"""The table of trials."""

from __future__ import annotations

from report.builders import analysis_of, document_of, section, table, texts

from trialpool.report.document import plain_text


def test_row_per_arm_under_its_trial(little_document):
    found = table(little_document, "trials-table")
    assert [len(group.rows) for group in found.groups] == [3, 2, 2, 2, 2]
    assert found.rows[0].cells[0].rows == 3
    assert [row.first for row in found.groups[0].rows] == [0, 1, 1]


def test_trial_has_registry_entry_publication_and_covariates(little_document):
    first = table(little_document, "trials-table").rows[0].cells[0]
    assert [plain_text(line) for line in first.lines] == ["Alba", "NCT00000001", "Alba 2001", "setting: ward"]
    assert first.lines[1][0].href == "https://clinicaltrials.gov/study/NCT00000001"


def test_other_registries_are_not_linked(little_document):
    cork = table(little_document, "trials-table").groups[2].rows[0].cells[0]
    assert plain_text(cork.lines[1]) == "ISRCTN7"
    assert cork.lines[1][0].href == ""


def test_dose_weeks_and_number_at_risk_have_columns(little_document):
    found = table(little_document, "trials-table")
    assert [column.heading for column in found.columns] == [
        "Trial", "Arm", "Treatment", "Dose, mg", "Weeks", "n", "Outcomes reported",
    ]  # fmt: skip
    assert texts(found)[1] == ["drug high", "drug", "20", "12", "51"]


def test_columns_that_the_input_lacks_are_left_out(tmp_path):
    rows = ["trial,treatment,outcome,events,n"]
    for label in "ABC":
        rows += [f"{label},{side},{outcome},3,50" for side in ("drug", "placebo") for outcome in ("rash", "fever")]
    from report.builders import REVIEW

    review = REVIEW.replace('subgroups = ["setting"]\n', "")
    found = table(document_of(analysis_of(tmp_path, "\n".join(rows) + "\n", review)), "trials-table")
    assert [column.heading for column in found.columns] == ["Trial", "Arm", "Treatment", "n", "Outcomes reported"]


def test_number_at_risk_that_differs_between_outcomes_is_a_range(dupilumab_document):
    rows = {(row[0], row[1]): row for row in texts(table(dupilumab_document, "trials-table"))}
    assert rows[("dupilumab 300 q2w", "dupilumab")][4]
    ranges = [row for row in texts(table(dupilumab_document, "trials-table")) if any("224–229" in text for text in row)]
    assert len(ranges) == 1


def test_outcomes_asked_about_are_named_and_others_counted(little_document):
    rows = [row for row in texts(table(little_document, "trials-table")) if len(row) == 7]
    assert [row[-1] for row in rows] == ["Any rash", "Any rash", "Any rash", "Any rash", "fever; 1 other"]


def test_section_counts_trials_and_arms(little_document):
    assert plain_text(section(little_document, "trials").blocks[0].content) == (
        "The input, arms.csv, has 5 trials with 11 arms."
    )
