"""check_review(): whether the data have what the review names, before anything is computed."""

from __future__ import annotations

import pytest
from analysis.reviews import ARMS, VALID, spoiled, write_review

from trialpool.analysis import check_review, read_review, run
from trialpool.errors import ReviewError, TableError, TrialpoolWarning


@pytest.fixture
def check(tmp_path):
    """Check a review of this text on these data."""

    def check_text(text: str = VALID, arms: str = ARMS):
        return check_review(read_review(write_review(tmp_path, text, arms)))

    return check_text


def test_data_that_fit_are_returned(check):
    table = check()
    assert table.source_name == "arms.csv"
    assert [trial.label for trial in table.trials] == ["Smith", "Jones", "Brown"]


def test_all_names_that_the_data_lack_are_in_one_listing(check):
    text = VALID
    for old, new in [
        ('name = "nausea"', 'name = "nausae"'),
        ('outcome = "nausea"', 'outcome = "nausae"'),
        ('treatment = "drug"', 'treatment = ["drgu", "drug"]'),
        ('control = "placebo"', 'control = "plcebo"'),
        ('subgroups = ["weeks"]', 'subgroups = ["week", "dose"]'),
    ]:
        text = spoiled(old, new, text)
    with pytest.raises(ReviewError) as caught:
        check(text)
    assert caught.value.where == "review.toml"
    assert caught.value.problems == (
        (
            "line 12, [comparison]: key 'treatment' names 'drgu', which is not in the data (did you mean 'drug'?); "
            "the data have 'drug', 'placebo'"
        ),
        (
            "line 13, [comparison]: key 'control' names 'plcebo', which is not in the data (did you mean 'placebo'?); "
            "the data have 'drug', 'placebo'"
        ),
        (
            "line 22, [[outcome]] number 2: key 'name' names 'nausae', which is not in the data (did you mean 'nausea'?); "
            "the data have 'rash', 'nausea'"
        ),
        (
            "line 27, [[analysis]] number 1: key 'subgroups' names 'week', which is not in the data (did you mean 'weeks'?); "
            "the data have 'weeks'"
        ),
        "line 27, [[analysis]] number 1: key 'subgroups' names 'dose', which is not in the data; the data have 'weeks'",
    )


def test_run_checks_first(tmp_path):
    steps = []
    path = write_review(tmp_path, spoiled('control = "placebo"', 'control = "sham"'))
    with pytest.raises(ReviewError, match="line 13, .*control' names 'sham', which is not in the data"):
        run(path, progress=lambda *step: steps.append(step))
    assert steps == []


def test_data_without_covariates_have_none(check):
    arms = "\n".join(",".join(c for i, c in enumerate(line.split(",")) if i != 3) for line in ARMS.splitlines())
    with pytest.raises(
        ReviewError, match="line 27, .*subgroups' names 'weeks', which is not in the data; the data have none"
    ):
        check(arms=arms)


def test_trials_without_a_control_arm_are_listed_for_all_outcomes(check):
    arms = ARMS + "Grey,low,drug,12,rash,1,50\nGrey,high,drug,12,rash,2,50\nGrey,low,drug,12,nausea,3,50\n"
    with pytest.raises(TableError) as caught:
        check(arms=arms)
    assert caught.value.problems == (
        "trial 'Grey' has no control arm (arms.csv, row 13, arms.csv, row 14); add its control arm, or remove the trial",
        "trial 'Grey' has no control arm (arms.csv, row 15); add its control arm, or remove the trial",
    )


def test_outcome_that_no_trial_compares_is_no_mistake_of_the_review(check):
    arms = "".join(
        line for line in ARMS.splitlines(keepends=True) if not line.endswith(("nausea,4,101\n", "nausea,3,119\n"))
    )
    check(arms=arms)


def test_missing_data_file_says_where_it_was_looked_for(check, tmp_path):
    with pytest.raises(ReviewError) as caught:
        check(spoiled('file = "arms.csv"', 'file = "data/arm.csv"'))
    place = tmp_path / "data" / "arm.csv"
    assert caught.value.problems == (
        f"line 9, [data]: key 'file' 'data/arm.csv' does not exist; it is looked for as {place}",
    )


def test_missing_files_are_named_together(check, tmp_path):
    with pytest.raises(ReviewError) as caught:
        check(spoiled('file = "arms.csv"', 'file = "arm.csv"\nleft_out = "gone.csv"'))
    assert caught.value.problems == (
        f"line 9, [data]: key 'file' 'arm.csv' does not exist; it is looked for as {tmp_path / 'arm.csv'}",
        f"line 10, [data]: key 'left_out' 'gone.csv' does not exist; it is looked for as {tmp_path / 'gone.csv'}",
    )


def test_mistakes_in_the_trials_left_out_are_found_before_anything_is_computed(check, tmp_path):
    (tmp_path / "excluded.csv").write_text("trial,reason\nSmith,\n")
    with pytest.raises(TableError, match=r"excluded\.csv: row 2, column 'reason': is empty"):
        check(spoiled('file = "arms.csv"', 'file = "arms.csv"\nleft_out = "excluded.csv"'))


def test_mistakes_in_the_data_are_those_of_the_reader(check):
    with pytest.raises(TableError, match="arms.csv") as caught:
        check(arms=ARMS.replace("rash,10,100", "rash,101,100"))
    assert "Smith" in str(caught.value) or "row 2" in str(caught.value)


def test_columns_are_mapped_as_the_review_says(check):
    arms = ARMS.replace("events,n\n", "cases,total\n")
    with pytest.raises(TableError, match="events"):
        check(arms=arms)
    mapped = check(
        spoiled('file = "arms.csv"', 'file = "arms.csv"\n[data.columns]\nevents = "cases"\nn = "total"'), arms
    )
    assert mapped.trials == check().trials
    with pytest.raises(TableError, match="columns maps 'evnts', which is not a name we know"):
        check(spoiled('file = "arms.csv"', 'file = "arms.csv"\ncolumns = { evnts = "cases" }'), arms)


TWO_BY_TWO = """\
trial,weeks,events_treatment,n_treatment,events_control,n_control
Smith,12,10,100,20,101
Jones,12,12,120,18,119
"""


def test_review_names_the_arms_and_the_outcome_of_a_table_with_a_row_per_trial(check):
    text = VALID[: VALID.index("[[published]]")]
    text = spoiled('[[outcome]]\nname = "nausea"\n\n', "", text)
    text = text[: text.index('[[analysis]]\nid = "nausea-or"')]
    table = check(text, TWO_BY_TWO)
    assert (table.outcomes, table.treatments) == (("rash",), ("drug", "placebo"))
    with pytest.raises(ReviewError, match="outcome.*'nausea', which is not in the data"):
        check(VALID, TWO_BY_TWO)


def test_warnings_of_the_reader_are_raised_once(check):
    text = spoiled('treatment = "drug"', 'treatment = "DRUG"')
    arms = ARMS + "smith,drug,drug,12,rash,10,100\nsmith,placebo,placebo,12,rash,20,101\n"
    with pytest.warns(TrialpoolWarning) as caught:
        check(text, arms)
    assert [str(w.message) for w in caught] == [
        "trials 'Smith', 'smith' differ only in case or white space; they are kept as 2 trials"
    ]
