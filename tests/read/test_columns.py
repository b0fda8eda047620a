from __future__ import annotations

import pytest

from trialpool.errors import TrialpoolWarning
from trialpool.read import read_table

ARM = "A,drug,fever,1,10\n"


def only_outcome(table):
    (trial,) = table.trials
    (arm,) = trial.arms
    (outcome,) = arm.outcomes
    return trial, arm, outcome


@pytest.mark.parametrize(
    "header",
    [
        "trial,treatment,outcome,events,n,person_years,registry_id",
        "Trial,TREATMENT,Outcome, Events ,N,Person Years,NCT",
        "trial,treatment,outcome,events,n,person-years,nct_id",
        "trial,treatment,outcome,events,n,PersonYears,NCT number",
    ],
)
def test_names_match_without_case_spaces_and_hyphens(write, header):
    table = read_table(write(f"{header}\nA,drug,fever,1,10,4.5,NCT01\n"))
    trial, _, outcome = only_outcome(table)
    assert trial.label == "A"
    assert outcome.counts.person_years == 4.5
    assert outcome.source.registry_id == "NCT01"
    assert outcome.covariates == {}


def test_the_order_of_columns_does_not_matter(write):
    table = read_table(write("n,events,outcome,treatment,trial\n10,1,fever,drug,A\n"))
    _, _, outcome = only_outcome(table)
    assert (outcome.counts.events, outcome.counts.n) == (1, 10)


@pytest.mark.parametrize("twin", ["events", "Events", "EVENTS ", "e_vents"])
def test_a_duplicated_name_is_a_problem(write, problems, twin):
    found = problems(write(f"trial,treatment,outcome,events,n,{twin}\nA,drug,fever,1,10,1\n"))
    assert found == (f"columns 'events' and {twin.strip()!r} have the same name; rename or remove one",)


def test_duplicated_covariates_are_a_problem_too(write, problems):
    found = problems(write("trial,treatment,outcome,events,n,dose mg,dose_mg\nA,drug,fever,1,10,1,1\n"))
    assert found == ("columns 'dose mg' and 'dose_mg' have the same name; rename or remove one",)


def test_two_names_of_the_registry_identifier_clash(write, problems):
    found = problems(write("trial,treatment,outcome,events,n,nct,registry_id\nA,drug,fever,1,10,1,1\n"))
    assert found == ("columns 'nct' and 'registry_id' both stand for 'registry_id'; rename one of them",)


@pytest.mark.parametrize(
    ("title", "problem"),
    [
        ("=A1", "the name of column 6: '=A1' is a spreadsheet formula, not a value; paste its value instead"),
        ("a\x1bb", r"the name of column 6: 'a\x1bb' holds the control character U+001B; remove it"),
    ],
)
def test_column_names_are_checked(write, problems, title, problem):
    assert problems(write(f"trial,treatment,outcome,events,n,{title}\nA,drug,fever,1,10,1\n")) == (problem,)


def test_a_column_name_of_two_lines_becomes_one(write):
    table = read_table(write('trial,treatment,outcome,events,n,"dose\n(mg)"\nA,drug,fever,1,10,5\n'))
    _, _, outcome = only_outcome(table)
    assert outcome.covariates == {"dose (mg)": 5.0}
    assert outcome.source.row == 3


@pytest.mark.parametrize("left_out", ["trial", "treatment", "outcome", "n"])
def test_a_missing_column_is_named(write, problems, left_out):
    names = ["trial", "treatment", "outcome", "events", "n"]
    kept = [name for name in names if name != left_out]
    found = problems(write(",".join(kept) + "\nA,b,1,2\n"))
    assert found[0] == f"as a table with one row per trial, arm and outcome it lacks '{left_out}'"
    assert found[1].startswith("as a table with one row per trial it lacks ")
    assert found[-1].endswith("rename them, or map them by name")


def test_missing_numbers_name_both_ways_of_giving_them(write, problems):
    found = problems(write("trial,treatment,outcome,n\nA,drug,fever,10\n"))
    assert found[0].endswith("it lacks 'events' (or 'mean' and 'sd')")


def test_a_mean_needs_its_standard_deviation(write, problems):
    found = problems(write("trial,treatment,outcome,n,mean\nA,drug,fever,10,1\n"))
    assert found[0].endswith("it lacks 'sd'")
    found = problems(write("trial,treatment,outcome,n,events,sd\nA,drug,fever,10,1,1\n"))
    assert found[0].endswith("it lacks 'mean'")


def test_a_table_of_neither_shape_lists_what_both_lack_and_the_nearest_names(write, problems):
    found = problems(write("trail,tretment,outcom,event,N,dose\nA,drug,fever,1,10,5\n"))
    assert found == (
        (
            "as a table with one row per trial, arm and outcome it lacks 'trial', 'treatment', 'outcome', 'events' "
            "(or 'mean' and 'sd')"
        ),
        (
            "as a table with one row per trial it lacks 'trial', 'events_treatment', 'events_control', 'n_treatment' "
            "(or 'non_events_treatment'), 'n_control' (or 'non_events_control')"
        ),
        "column 'trail' is not known (did you mean 'trial'?)",
        "column 'tretment' is not known (did you mean 'treatment'?)",
        "column 'outcom' is not known (did you mean 'outcome'?)",
        "column 'event' is not known (did you mean 'events'?)",
        "the columns found are 'trail', 'tretment', 'outcom', 'event', 'N', 'dose'; rename them, or map them by name",
    )


def test_a_table_of_both_shapes_is_refused(write, problems):
    header = "trial,treatment,outcome,events,n,events_treatment,n_treatment,events_control,n_control"
    found = problems(write(f"{header}\nA,drug,fever,1,10,1,10,2,11\n"))
    assert found == ("the columns fit a row per arm and also a row per trial; keep the columns of one",)


def test_columns_are_mapped_by_name(write):
    path = write("study,grp,drug,what,x,total\nA,low,dupilumab,fever,1,10\n")
    mapping = {
        "trial": "study",
        "Arm": "GRP",
        "treatment": "drug",
        "outcome": "what",
        "events": "x",
        "n": "Total",
    }
    trial, arm, outcome = only_outcome(read_table(path, columns=mapping))
    assert (trial.label, arm.label, arm.treatment, outcome.name) == ("A", "low", "dupilumab", "fever")
    assert (outcome.counts.events, outcome.counts.n) == (1, 10)
    assert outcome.covariates == {}


def test_a_mapping_wins_over_a_column_of_our_name_which_becomes_a_covariate(write):
    path = write("trial,treatment,outcome,events,events_itt,n\nA,drug,fever,1,3,10\n")
    _, _, outcome = only_outcome(read_table(path, columns={"events": "events_itt"}))
    assert outcome.counts.events == 3
    assert outcome.covariates == {"events": 1.0}


def test_one_column_does_not_serve_two_names(write, problems):
    path = write(f"trial,treatment,outcome,events,n\n{ARM}")
    found = problems(path, columns={"events": "n", "n": "N"})
    assert found == ("columns maps 'events' and 'n' to the same column 'n'",)


def test_every_further_name_of_a_column_is_a_problem(write, problems):
    path = write("trial,group,outcome,events,n\nA,drug,fever,1,10\n")
    found = problems(path, columns={"arm": "group", "treatment": "group", "source": "group", "n": "n"})
    assert found == (
        "columns maps 'arm' and 'treatment' to the same column 'group'",
        "columns maps 'arm' and 'source' to the same column 'group'",
    )


def test_mistakes_in_a_mapping_are_all_listed(write, problems):
    path = write(f"trial,treatment,outcome,events,n\n{ARM}")
    found = problems(path, columns={"evnts": "events", "n": "totl", "nct": "trial", "registry_id": "trial"})
    assert found == (
        "columns maps 'evnts', which is not a name we know (did you mean 'events'?)",
        "columns maps 'n' to 'totl', which the table does not have",
        "columns maps 'registry_id' twice; map it once",
    )


def test_a_mapping_to_a_missing_column_gets_the_nearest_name(write, problems):
    found = problems(write("trial,treatment,outcome,evnts,n\nA,drug,fever,1,10\n"), columns={"events": "evnt"})
    assert found == ("columns maps 'events' to 'evnt', which the table does not have (did you mean 'evnts'?)",)


def test_problems_name_the_column_as_the_file_does(write, problems):
    path = write("trial,treatment,outcome,x,n\nA,drug,fever,-1,10\n")
    assert problems(path, columns={"events": "x"}) == ("row 2, column 'x': '-1' is negative; a count is 0 or more",)


def test_a_mapped_column_that_the_shape_does_not_use_is_refused(write, problems):
    found = problems(
        write("trial,a,b,events_treatment,n_treatment,events_control,n_control\nA,x,y,1,2,3,4\n"),
        columns={"arm": "a", "events": "b"},
    )
    assert found == ("a table with one row per trial has no use for the mapped 'arm', 'events'; leave it out",)


@pytest.mark.parametrize(
    ("title", "meant"),
    [("verificaton", "verification"), ("sourse", "source"), ("person_yeers", "person_years"), ("arms", "arm")],
)
def test_a_covariate_named_nearly_like_a_column_of_ours_warns(write, title, meant):
    path = write(f"trial,treatment,outcome,events,n,{title}\nA,drug,fever,1,10,5\n")
    with pytest.warns(TrialpoolWarning, match=f"'{title}' is kept as a covariate"):
        table = read_table(path)
    (note,) = table.notes
    assert (note.code, note.level) == ("column-name-near-miss", "warning")
    assert f"meant to be '{meant}'" in note.message
    assert only_outcome(table)[2].covariates == {title: 5.0}


@pytest.mark.parametrize("title", ["dose_mg", "score", "year", "country", "sex", "weeks", "mean_age", "control_type"])
def test_ordinary_covariates_do_not_warn(write, title):
    table = read_table(write(f"trial,treatment,outcome,events,n,{title}\nA,drug,fever,1,10,5\n"))
    assert table.notes == ()
