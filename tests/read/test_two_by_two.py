from __future__ import annotations

import pytest

from trialpool.errors import OptionError
from trialpool.read import read_table
from trialpool.trials import Arm, Counts, Outcome, Source, Trial

BY_N = "trial,events_treatment,n_treatment,events_control,n_control\n"
BY_NON_EVENTS = "trial,events_treatment,non_events_treatment,events_control,non_events_control\n"
EMPTY = "the cell is empty; fill it in, or remove the row if the value is not known"


def counts(table):
    return [[outcome.counts for arm in trial.arms for outcome in arm.outcomes] for trial in table.trials]


def test_a_row_becomes_two_arms(write):
    path = write(
        "Trial,Year,Events Treatment,N Treatment,Events Control,N Control,Outcome,Source,Verification,NCT,Publication\n"
        "Aronson,1948,4,123,11,139,tuberculosis,Table 1,read,NCT01,JAMA 1948\n"
    )
    source = Source("arms.csv", 2, "Table 1", "NCT01", "JAMA 1948", "read")
    year = {"Year": 1948.0}
    vaccine = Outcome("tuberculosis", source, Counts(4, 123), None, year)
    none = Outcome("tuberculosis", source, Counts(11, 139), None, year)
    assert read_table(path, treatment="BCG", control="no vaccine").trials == (
        Trial("Aronson", (Arm("BCG", "BCG", (vaccine,)), Arm("no vaccine", "no vaccine", (none,)))),
    )


def test_names_where_nothing_says_them(write):
    table = read_table(write(BY_N + "A,1,10,2,11\n"))
    assert table.treatments == ("treatment", "control")
    assert table.outcomes == ("event",)


def test_the_outcome_is_named_by_the_argument_where_no_column_does(write):
    assert read_table(write(BY_N + "A,1,10,2,11\n"), outcome=" infarction ").outcomes == ("infarction",)


def test_participants_are_the_sum_of_both_columns(write):
    table = read_table(write(BY_NON_EVENTS + "A,4,119,11,128\n"))
    assert counts(table) == [[Counts(4, 123), Counts(11, 139)]]


def test_sides_may_give_participants_in_different_ways(write):
    table = read_table(
        write("trial,events_treatment,non_events_treatment,events_control,n_control\nA,0,3,3,3\n"),
    )
    assert counts(table) == [[Counts(0, 3), Counts(3, 3)]]


def test_participants_given_twice_must_agree(write, problems):
    header = "trial,events_treatment,non_events_treatment,n_treatment,events_control,n_control\n"
    assert counts(read_table(write(header + "A,1,2,3,0,5\n"))) == [[Counts(1, 3), Counts(0, 5)]]
    assert problems(write(header + "A,1,2,4,0,5\n")) == (
        "row 2, column 'n_treatment': 4 participants, but 1 with and 2 without the event",
    )


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "A,12,10,2,11",
            (
                "column 'events_treatment': 12 events in 10 participants; give the participants with at least one event, "
                "and check that the two cells are not swapped"
            ),
        ),
        (
            "A,1,10,12,11",
            (
                "column 'events_control': 12 events in 11 participants; give the participants with at least one event, "
                "and check that the two cells are not swapped"
            ),
        ),
        (
            "A,1,0,2,11",
            "column 'n_treatment': 0 participants; an arm without participants has no risk, so remove the row",
        ),
        ("A,1,10,,11", f"column 'events_control': {EMPTY}"),
        ("A,1,,2,11", f"column 'n_treatment': {EMPTY}"),
        ("A,1,10,2.5,11", "column 'events_control': '2.5' is a fraction; a count of participants is whole"),
        (",1,10,2,11", "column 'trial': the cell is empty; repeat the name on every row"),
        (
            "<i>A</i>,1,10,2,11",
            (
                "column 'trial': '<i>A</i>' holds markup ('<i>'); write the name without it, or put a space after '<' "
                "where it means 'less than'"
            ),
        ),
    ],
)
def test_each_bad_cell_is_named(row_problems, row, problem):
    assert row_problems(row, header=BY_N) == (f"row 2, {problem}",)


def test_an_arm_without_participants_given_by_both_columns(row_problems):
    assert row_problems("A,0,0,1,2", "B,1,,-1,2", header=BY_NON_EVENTS) == (
        (
            "row 2, column 'non_events_treatment': 0 participants; an arm without participants has no risk, so remove the "
            "row"
        ),
        f"row 3, column 'non_events_treatment': {EMPTY}",
        "row 3, column 'events_control': '-1' is negative; a count is 0 or more",
    )


def test_an_outcome_column_must_be_filled(row_problems):
    header = "trial,outcome,events_treatment,n_treatment,events_control,n_control\n"
    assert row_problems("A,,1,10,2,11", header=header) == (
        "row 2, column 'outcome': the cell is empty; repeat the name on every row",
    )


def test_a_duplicate_is_told_once(row_problems):
    assert row_problems("A,1,10,2,11", "A,1,10,2,11", header=BY_N) == (
        "row 3: trial 'A', outcome 'event' is already on row 2; keep one of the rows, or name the outcomes apart",
    )


def test_several_outcomes_of_one_trial(write):
    header = "trial,outcome,events_treatment,n_treatment,events_control,n_control\n"
    table = read_table(write(header + "A,death,1,10,2,11\nA,stroke,3,10,4,11\n"))
    (trial,) = table.trials
    assert [[outcome.name for outcome in arm.outcomes] for arm in trial.arms] == [["death", "stroke"]] * 2


def test_columns_of_the_other_shape_are_covariates(write):
    table = read_table(
        write(
            "trial,treatment,control,events_treatment,n_treatment,events_control,n_control\n"
            "A,rosiglitazone,glyburide,1,10,2,11\n"
        )
    )
    (outcome,) = table.trials[0].arms[0].outcomes
    assert outcome.covariates == {"treatment": "rosiglitazone", "control": "glyburide"}


def test_a_published_layout_by_mapping(write):
    path = write("author,tpos,tneg,cpos,cneg\nAronson,4,119,11,128\n")
    table = read_table(
        path,
        columns={
            "trial": "author",
            "events_treatment": "tpos",
            "non_events_treatment": "tneg",
            "events_control": "cpos",
            "non_events_control": "cneg",
        },
    )
    assert counts(table) == [[Counts(4, 123), Counts(11, 139)]]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"treatment": "x", "control": "x"}, "treatment and control are both 'x'; name two different treatments"),
        ({"treatment": "control"}, "treatment and control are both 'control'"),
        ({"treatment": " "}, "treatment=' ' is not a name; give a text such as 'treatment'"),
        ({"outcome": None}, "outcome=None is not a name; give a text such as 'event'"),
        ({"control": "<b>"}, "control: '<b>' holds markup"),
    ],
)
def test_the_arguments_are_names(write, options, problem):
    with pytest.raises(OptionError) as caught:
        read_table(write(BY_N + "A,1,10,2,11\n"), **options)
    assert problem in str(caught.value)


def test_an_outcome_that_the_table_names_differently_is_refused(write):
    path = write("trial,outcome,events_treatment,n_treatment,events_control,n_control\nA,death,1,10,2,11\n")
    assert read_table(path, outcome="death").outcomes == ("death",)
    with pytest.raises(OptionError, match="outcome='deaths' is not in arms.csv .did you mean 'death'.*it has 'death'"):
        read_table(path, outcome="deaths")
