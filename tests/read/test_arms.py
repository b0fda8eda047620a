from __future__ import annotations

import pytest

from trialpool.read import read_table
from trialpool.trials import Arm, Counts, Means, Outcome, Source, Trial

TAIL = "; write digits alone, and leave the row out if the number is not known"
EMPTY = "the cell is empty; fill it in, or remove the row if the value is not known"
REPEAT = "the cell is empty; repeat the name on every row"


def test_a_whole_table(write):
    path = write(
        "trial,nct,publication,arm,treatment,dose_mg,outcome,events,n,person_years,source,verification\n"
        "SOLO 1,NCT01,Simpson 2016,placebo,placebo,0,fever,0,20,7.5,Table 2,read\n"
        "SOLO 1,NCT01,Simpson 2016,300 qw,dupilumab,300,fever,3,21,,,\n"
        "SOLO 1,NCT01,Simpson 2016,placebo,placebo,0,rash,2,20,,,Unverified\n"
        "M12,,,placebo,placebo,0,fever,20,20,,,\n"
    )

    def source(row, registry_id="NCT01", publication="Simpson 2016", reference="", verification="not stated"):
        return Source("arms.csv", row, reference, registry_id, publication, verification)

    placebo = {"dose_mg": 0.0}
    fever = Outcome("fever", source(2, reference="Table 2", verification="read"), Counts(0, 20, 7.5), None, placebo)
    rash = Outcome("rash", source(4, verification="unverified"), Counts(2, 20), None, placebo)
    active = Outcome("fever", source(3), Counts(3, 21), None, {"dose_mg": 300.0})
    other = Outcome("fever", source(5, "", ""), Counts(20, 20), None, placebo)
    assert read_table(path).trials == (
        Trial("SOLO 1", (Arm("placebo", "placebo", (fever, rash)), Arm("300 qw", "dupilumab", (active,)))),
        Trial("M12", (Arm("placebo", "placebo", (other,)),)),
    )


def test_the_arm_is_the_treatment_where_the_table_does_not_say(write):
    table = read_table(write("trial,arm,treatment,outcome,events,n\nA,,drug,fever,1,10\nA,low,drug,fever,1,10\n"))
    assert [(arm.label, arm.treatment) for arm in table.trials[0].arms] == [("drug", "drug"), ("low", "drug")]


def test_names_are_stripped(write):
    table = read_table(write('trial,treatment,outcome,events,n\n" A ",drug ,  fever,1,10\nA,placebo,fever,2,11\n'))
    assert [trial.label for trial in table.trials] == ["A"]
    assert table.outcomes == ("fever",)
    assert table.treatments == ("drug", "placebo")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "A,drug,fever,12,10",
            (
                "column 'events': 12 events in 10 participants; give the participants with at least one event, and check "
                "that the two cells are not swapped"
            ),
        ),
        ("A,drug,fever,0,0", "column 'n': 0 participants; an arm without participants has no risk, so remove the row"),
        ("A,drug,fever,3,0", "column 'n': 0 participants; an arm without participants has no risk, so remove the row"),
        ("A,drug,fever,-1,10", "column 'events': '-1' is negative; a count is 0 or more"),
        ("A,drug,fever,1,-10", "column 'n': '-10' is negative; a count is 0 or more"),
        ("A,drug,fever,3.5,10", "column 'events': '3.5' is a fraction; a count of participants is whole"),
        ("A,drug,fever,few,10", f"column 'events': 'few' is not a number{TAIL}"),
        ("A,drug,fever,1,NA", f"column 'n': 'NA' is not a number{TAIL}"),
        (
            'A,drug,fever,1,"1,553"',
            (
                "column 'n': '1,553' has a comma; write 1553 without a thousands separator, or use a point if the comma "
                "marks decimals"
            ),
        ),
        ('A,drug,fever,"1,5",20', "column 'events': '1,5' has a decimal comma; write 1.5"),
        ("A,drug,fever,,10", f"column 'events': {EMPTY}"),
        ("A,drug,fever,1, ", f"column 'n': {EMPTY}"),
        (
            "A,drug,fever,nan,10",
            "column 'events': 'nan' is not a finite number; leave the row out if the number is not known",
        ),
        (
            "A,drug,fever,1,inf",
            "column 'n': 'inf' is not a finite number; leave the row out if the number is not known",
        ),
        (",drug,fever,1,10", f"column 'trial': {REPEAT}"),
        ("A,,fever,1,10", f"column 'treatment': {REPEAT}"),
        ("A,drug,,1,10", f"column 'outcome': {REPEAT}"),
        (
            "=1+1,drug,fever,1,10",
            "column 'trial': '=1+1' is a spreadsheet formula, not a value; paste its value instead",
        ),
        (
            "<script>alert(1)</script>,drug,fever,1,10",
            (
                "column 'trial': '<script>alert(1)</script>' holds markup ('<script>'); write the name without it, or put "
                "a space after '<' where it means 'less than'"
            ),
        ),
        (
            "A,drug,<b>fever</b>,1,10",
            (
                "column 'outcome': '<b>fever</b>' holds markup ('<b>'); write the name without it, or put a space after "
                "'<' where it means 'less than'"
            ),
        ),
        ("A,dr\x07ug,fever,1,10", r"column 'treatment': 'dr\x07ug' holds the control character U+0007; remove it"),
    ],
)
def test_each_bad_cell_is_named_with_its_row_and_column(row_problems, row, problem):
    assert row_problems("A,placebo,fever,2,11", row) == (f"row 3, {problem}",)


def test_every_problem_is_listed_in_the_order_of_rows_and_columns(row_problems):
    found = row_problems("A,drug,fever,x,y", "A,placebo,fever,-1,10", ",placebo,fever,5,4", "A,drug,fever,1,10")
    assert [problem.split(":")[0] for problem in found] == [
        "row 2, column 'events'",
        "row 2, column 'n'",
        "row 3, column 'events'",
        "row 4, column 'trial'",
        "row 4, column 'events'",
        "row 5",
    ]
    assert "already on row 2" in found[-1]


@pytest.mark.parametrize("column", ["source", "publication", "registry_id", "comment"])
def test_other_text_may_hold_links_but_no_formula(write, problems, column):
    header = f"trial,treatment,outcome,events,n,{column}\n"
    table = read_table(write(f"{header}A,drug,fever,1,10,<https://example.org/x>\n"))
    (outcome,) = table.trials[0].arms[0].outcomes
    assert "<https://example.org/x>" in (*outcome.covariates.values(), *outcome.source.to_dict().values())
    found = problems(write(f"{header}A,drug,fever,1,10,=1+1\n"))
    assert found == (
        f"row 2, column '{column}': '=1+1' is a spreadsheet formula, not a value; paste its value instead",
    )


def test_an_unknown_word_of_verification(row_problems):
    found = row_problems("A,drug,fever,1,10,checked", header="trial,treatment,outcome,events,n,verification\n")
    assert found == (
        (
            "row 2, column 'verification': 'checked' is not a level of verification; use one of 'read', 'corroborated', "
            "'unverified', 'not stated', or leave the cell empty"
        ),
    )


def test_a_duplicate_names_both_rows_and_teaches_the_arm_column(row_problems):
    found = row_problems("A,drug,fever,1,10", "A,placebo,fever,1,10", "A,drug,fever,2,12", "A,drug,fever,2,12")
    assert found == tuple(
        f"row {row}: trial 'A', treatment 'drug', outcome 'fever' is already on row 2; keep one of the rows, or if "
        "they are two arms with the same treatment, add a column 'arm' that tells them apart"
        for row in (4, 5)
    )


def test_a_duplicate_in_a_table_with_arms(row_problems):
    header = "trial,arm,treatment,outcome,events,n\n"
    found = row_problems("A,low,drug,fever,1,10", "A,high,drug,fever,1,10", "A,low,drug,fever,1,10", header=header)
    assert found == ("row 4: trial 'A', arm 'low', outcome 'fever' is already on row 2; keep one of the rows",)


def test_one_arm_has_one_treatment(row_problems):
    header = "trial,arm,treatment,outcome,events,n\n"
    found = row_problems("A,low,drug,fever,1,10", "A,low,placebo,rash,1,10", "B,low,placebo,rash,1,10", header=header)
    assert found == (
        "row 3: trial 'A', arm 'low' has treatment 'placebo', but 'drug' on row 2; an arm has one treatment",
    )


NOT_ABOVE = "is not above 0, as a standard deviation, a standard error or a time at risk must be"
MEANS = "trial,treatment,outcome,n,mean,sd\n"
MIXED = "trial,treatment,outcome,events,n,person_years,mean,sd\n"


def test_means(write):
    table = read_table(write(MEANS + "A,drug,itch,20,-3.25,1.5\n"))
    (outcome,) = table.trials[0].arms[0].outcomes
    assert outcome.means == Means(-3.25, 1.5, 20)
    assert outcome.counts is None


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("A,drug,itch,20,1,0", f"column 'sd': '0' {NOT_ABOVE}"),
        ("A,drug,itch,20,1,-2", f"column 'sd': '-2' {NOT_ABOVE}"),
        ("A,drug,itch,20,,2", f"column 'mean': {EMPTY}"),
        ("A,drug,itch,20,1,", f"column 'sd': {EMPTY}"),
        ("A,drug,itch,0,1,2", "column 'n': 0 participants; an arm without participants has no risk, so remove the row"),
    ],
)
def test_bad_means(row_problems, row, problem):
    assert row_problems(row, header=MEANS) == (f"row 2, {problem}",)


def test_a_row_may_hold_counts_or_means_or_both(write):
    table = read_table(write(MIXED + "A,drug,fever,1,10,2.5,,\nA,drug,itch,,10,,3,1\nA,drug,pain,2,10,,4,2\n"))
    fever, itch, pain = table.trials[0].arms[0].outcomes
    assert (fever.counts, fever.means) == (Counts(1, 10, 2.5), None)
    assert (itch.counts, itch.means) == (None, Means(3, 1, 10))
    assert (pain.counts, pain.means) == (Counts(2, 10), Means(4, 2, 10))


def test_a_row_without_any_number_is_a_problem(row_problems):
    assert row_problems("A,drug,fever,,10,,,", header=MIXED) == (f"row 2, column 'events': {EMPTY}",)


def test_a_time_at_risk_needs_events(row_problems):
    assert row_problems("A,drug,itch,,10,4,3,1", header=MIXED) == (
        "row 2, column 'person_years': a time at risk without events; give the events",
    )


@pytest.mark.parametrize("value", ["0", "-3"])
def test_a_time_at_risk_is_above_zero(row_problems, value):
    assert row_problems(f"A,drug,fever,1,10,{value},,", header=MIXED) == (
        f"row 2, column 'person_years': '{value}' is not above 0, as a standard deviation, a standard error or a time at risk must be",
    )
