"""Rows of rates, of means in other words, and of effects that are given as such."""

from __future__ import annotations

import pytest

from trialpool.errors import OptionError, TableError, TrialpoolWarning
from trialpool.read import read_table
from trialpool.trials import Counts, Estimate, Means, Rates, Summary

CONTINUOUS = "trial,treatment,outcome,n,mean,sd,std_error,conf_low,conf_high,conf_level,median,q1,q3,minimum,maximum\n"
ESTIMATES = "trial,outcome,treatment,control,estimate,conf_low,conf_high,scale\n"


def outcomes(path):
    return [outcome for trial in read_table(path).trials for arm in trial.arms for outcome in arm.outcomes]


# --- rates -----------------------------------------------------------------------------------------------------------


def test_events_over_person_years_need_no_participants_and_may_be_more(write):
    path = write("trial,treatment,outcome,events,person_years\nA,drug,flare,12,7.5\nA,placebo,flare,0,8\n")
    assert [o.rates for o in outcomes(path)] == [Rates(12, 7.5), Rates(0, 8.0)]
    assert [o.counts for o in outcomes(path)] == [None, None]


def test_participants_with_an_event_keep_their_time_at_risk(write):
    path = write(
        "trial,treatment,outcome,events,n,person_years,follow_up_years\n"
        "A,drug,death,3,20,7.5,\nA,placebo,death,4,21,,0.5\nB,drug,flare,9,,4,\n"
    )
    first, second, third = outcomes(path)
    assert (first.counts, first.rates) == (Counts(3, 20, 7.5), None)
    assert second.counts == Counts(4, 21, None, 0.5)
    assert (third.counts, third.rates) == (None, Rates(9, 4.0))


RATE_HEADER = "trial,treatment,outcome,events,n,person_years,follow_up_years\n"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("A,drug,f,2,,,", "column 'n': the cell is empty; fill it in, or remove the row if the value is not known"),
        ("A,drug,f,2,,0,", "column 'person_years': '0' is not above 0"),
        ("A,drug,f,-2,,3,", "column 'events': '-2' is negative"),
        ("A,drug,f,2,,3,1", "column 'follow_up_years': mean follow-up without participants; give n"),
        ("A,drug,f,12,10,3,", "column 'events': 12 events in 10 participants"),
        ("A,drug,f,2,10,,0", "column 'follow_up_years': '0' is not above 0"),
    ],
)
def test_bad_rates(row_problems, row, problem):
    (found,) = row_problems(row, header=RATE_HEADER)
    assert found.startswith(f"row 2, {problem}")


def test_several_events_of_a_participant_have_a_way_out(row_problems):
    (found,) = row_problems("A,drug,f,12,10,3,", header=RATE_HEADER)
    assert found.endswith("; leave n empty for events that a participant can have several times")


# --- means in other words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "means", "summary"),
    [
        ("20,1.5,2,,,,,,,,,", Means(1.5, 2.0, 20), None),
        ("20,1.5,2,0.4,1,2,,,,,,", Means(1.5, 2.0, 20), None),
        ("20,1.5,,0.4,,,,,,,,", None, Summary(20, mean=1.5, std_error=0.4)),
        ("20,1.5,,,1,2,,,,,,", None, Summary(20, mean=1.5, conf_low=1.0, conf_high=2.0)),
        ("20,1.5,,,1,2,0.9,,,,,", None, Summary(20, mean=1.5, conf_low=1.0, conf_high=2.0, conf_level=0.9)),
        ("20,,,,,,,3,2,5,,", None, Summary(20, median=3.0, q1=2.0, q3=5.0)),
        ("20,,,,,,,3,,,1,9", None, Summary(20, median=3.0, minimum=1.0, maximum=9.0)),
        ("20,,,,,,,3,2,5,1,9", None, Summary(20, median=3.0, q1=2.0, q3=5.0, minimum=1.0, maximum=9.0)),
    ],
)
def test_what_a_publication_gives_is_kept_as_it_is(write, cells, means, summary):
    (found,) = outcomes(write(f"{CONTINUOUS}A,drug,itch,{cells}\n"))
    assert (found.counts, found.means, found.summary) == (None, means, summary)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ("20,1.5,,,,,,,,,,", "column 'sd': the cell is empty"),
        ("20,,2,,,,,,,,,", "column 'mean': the cell is empty"),
        ("20,1.5,,,1,,,,,,,", "column 'sd': the cell is empty"),
        ("20,1.5,,0,,,,,,,,", "column 'std_error': '0' is not above 0"),
        (
            "20,1.5,,,2,1,,,,,,",
            "column 'conf_low': 2 is above the mean of 1.5; check that the two cells are not swapped",
        ),
        ("20,1.5,,,1,1.2,,,,,,", "column 'mean': 1.5 is above the conf_high of 1.2"),
        ("20,1.5,,,1,2,95,,,,,", "column 'conf_level': '95' is not between 0 and 1"),
        ("20,,,,,,,3,5,2,,", "column 'q1': 5 is above the median of 3"),
        ("20,,,,,,,3,3,3,,", "column 'q1': q1 and q3 are both 3: they say nothing of the spread"),
        ("20,,,,,,,3,2,5,2.5,9", "column 'minimum': 2.5 is above the q1 of 2"),
        ("1,1.5,,0.4,,,,,,,,", "column 'n': one participant has no standard deviation; remove the row"),
    ],
)
def test_bad_summaries(row_problems, cells, problem):
    found = row_problems(f"A,drug,itch,{cells}", header=CONTINUOUS)
    assert found[0].startswith(f"row 2, {problem}")


def test_a_confidence_level_in_percent_has_its_way_out(row_problems):
    (found,) = row_problems("A,drug,itch,20,1.5,,,1,2,95,,,,,", header=CONTINUOUS)
    assert found.endswith("; write 0.95")


@pytest.mark.parametrize(
    "columns", ["mean,std_error", "mean,conf_low,conf_high", "median,q1,q3", "median,minimum,maximum"]
)
def test_a_table_may_lack_the_standard_deviation_altogether(write, columns):
    cells = "3,1" if columns == "mean,std_error" else "3,1,5"
    (found,) = outcomes(write(f"trial,treatment,outcome,n,{columns}\nA,drug,itch,20,{cells}\n"))
    assert found.summary is not None


# --- effects as they are given ---------------------------------------------------------------------------------------


def estimates(path, **options):
    return [estimate for trial in read_table(path, **options).trials for estimate in trial.estimates]


def test_an_estimate_with_its_interval(write):
    path = write(f"{ESTIMATES}A,death,drug,placebo,0.54,0.42,0.70,ratio\n")
    (found,) = estimates(path)
    source = found.source
    assert found == Estimate("death", "drug", "placebo", source, 0.54, "ratio", conf_low=0.42, conf_high=0.7)
    assert (source.file, source.row) == ("arms.csv", 2)
    (trial,) = read_table(path).trials
    assert [(arm.label, arm.treatment) for arm in trial.arms] == [("drug", "drug"), ("placebo", "placebo")]


def test_an_estimate_with_all_that_may_stand_beside_it(write):
    path = write(
        "trial,outcome,treatment,control,estimate,std_error,variance,p_value,conf_level,scale,measure,n_treatment,n_control,dose\n"
        "A,death,drug,placebo,-0.6,0.13,,0.01,0.9,log ratio,hazard ratio,50,51,300\n"
        "B,death,drug,placebo,2.5,,0.4,,,Difference,,,,300\n"
    )
    first, second = estimates(path)
    assert (first.std_error, first.p_value, first.conf_level, first.measure) == (0.13, 0.01, 0.9, "hazard ratio")
    assert (first.n_treatment, first.n_control, first.covariates) == (50, 51, {"dose": 300.0})
    assert (second.variance, second.scale, second.measure, second.conf_level) == (0.4, "difference", "", 0.95)


def test_the_scale_is_said_by_a_column_or_by_the_caller_and_never_guessed(write):
    path = write("trial,outcome,treatment,control,estimate,std_error\nA,death,drug,placebo,-0.6,0.13\n")
    with pytest.raises(
        TableError, match="does not say what its estimates are; add a column 'scale' with one of 'ratio'"
    ):
        read_table(path)
    (found,) = estimates(path, scale="log ratio")
    assert found.scale == "log ratio"
    with pytest.raises(OptionError, match="scale='logarithm' is not allowed"):
        read_table(path, scale="logarithm")
    both = write(f"{ESTIMATES}A,death,drug,placebo,0.54,0.42,0.70,ratio\n")
    with pytest.raises(OptionError, match="scale='ratio' is given, and the table has a column 'scale'"):
        read_table(both, scale="ratio")
    arms = write("trial,treatment,outcome,events,n\nA,drug,death,1,2\n")
    with pytest.raises(OptionError, match="scale='ratio' has no meaning for a table without a column 'estimate'"):
        read_table(arms, scale="ratio")


ALL = "trial,outcome,treatment,control,estimate,std_error,variance,conf_low,conf_high,p_value,scale\n"


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ("0.5,,,,,,ratio", "column 'estimate': an estimate without precision; give std_error, variance, conf_low"),
        ("0.5,,,0.6,0.9,,ratio", "column 'estimate': 0.5 is not inside its interval from 0.6 to 0.9"),
        ("0.5,,,0.5,0.5,,ratio", "column 'estimate': 0.5 is not inside its interval"),
        ("0.5,,,0.3,,,ratio", "column 'conf_high': one limit alone; give both limits of the interval"),
        ("-0.5,,,-0.9,-0.1,,ratio", "column 'estimate': -0.5 is not above 0, as a ratio must be; if it is a logarithm"),
        ("0.5,,,0,0.9,,ratio", "column 'conf_low': 0 is not above 0, as a ratio must be"),
        ("0.5,0.1,,,,,ratio", "column 'std_error': the standard error of a plain ratio can be meant on either scale"),
        ("0.5,,0.1,,,,ratio", "column 'variance': the standard error of a plain ratio can be meant on either scale"),
        ("1,,,,,0.5,ratio", "column 'p_value': the estimate says no difference, so the p-value holds no precision"),
        ("0.5,,,,,<0.001,ratio", "column 'p_value': '<0.001' is not a number"),
        ("0.5,,,,,1,ratio", "column 'p_value': '1' is not between 0 and 1"),
        ("0.5,0.1,,,,,odds", "column 'scale': 'odds' is not a scale"),
        (
            "0.54,,,0.42,0.70,,log ratio",
            "column 'scale': 0.54 (0.42 to 0.7) is not symmetric as a log ratio, but it is as a ratio",
        ),
        (
            "0.50,,,0.10,0.90,,ratio",
            "column 'scale': 0.5 (0.1 to 0.9) is not symmetric as a ratio, but it is as a log ratio",
        ),
        ("0.5,0,,,,,log ratio", "column 'std_error': '0' is not above 0"),
        ("x,0.1,,,,,log ratio", "column 'estimate': 'x' is not a number"),
    ],
)
def test_bad_estimates(row_problems, cells, problem):
    (found,) = row_problems(f"A,death,drug,placebo,{cells}", header=ALL)
    assert found.startswith(f"row 2, {problem}")


@pytest.mark.parametrize(
    "cells",
    [
        "0.54,,,0.42,0.70,,ratio",
        "0.7,,,0.5,0.9,,ratio",  # one decimal leaves either scale possible
        "12.0,,,3.4,42.0,,ratio",
        "0.54,,,0.42,0.66,,log ratio",
        "-2.5,,,-4.1,-0.9,,difference",
        "0.001,,,0.0001,0.01,,ratio",
    ],
)
def test_intervals_that_are_even_but_for_rounding_pass(write, cells):
    assert len(estimates(write(f"{ALL}A,death,drug,placebo,{cells}\n"))) == 1


def test_an_interval_skew_on_both_scales_warns(write):
    path = write(f"{ALL}A,death,drug,placebo,0.50,,,0.45,0.90,,ratio\nB,death,drug,placebo,1.00,,,0.20,5.00,,ratio\n")
    with pytest.warns(
        TrialpoolWarning, match="not symmetric around the estimate, beyond rounding, in A: its standard error"
    ):
        read_table(path)


def test_an_estimate_of_a_treatment_against_itself_is_refused(row_problems):
    (found,) = row_problems("A,death,drug,drug,0.54,0.42,0.70,ratio", header=ESTIMATES)
    assert found == "row 2, column 'control': the treatment is 'drug' too; an effect compares two treatments"


def test_the_same_comparison_twice_is_refused_either_way_round(row_problems):
    found = row_problems(
        "A,death,drug,placebo,0.54,0.42,0.70,ratio", "A,death,placebo,drug,1.85,1.43,2.38,ratio", header=ESTIMATES
    )
    (text,) = found
    assert text.startswith(
        "row 3: trial 'A', outcome 'death', 'placebo' against 'drug' is already on row 2; keep one of"
    )


def test_a_table_of_estimates_says_what_it_lacks(problems, write):
    assert problems(write("trial,estimate\nA,1\n")) == (
        "as a table with one row per estimate it lacks 'outcome', 'treatment', 'control'",
        "the estimates have no precision; add 'std_error', 'variance', 'conf_low' and 'conf_high', or 'p_value'",
    )
    assert problems(write("trial,outcome,treatment,control,estimate,conf_low\nA,f,d,p,1,0\n")) == (
        "the estimates have no precision; add 'std_error', 'variance', 'conf_low' and 'conf_high', or 'p_value'",
    )


def test_columns_of_estimates_stay_covariates_in_other_tables(write):
    path = write("trial,treatment,outcome,events,n,scale,control,variance\nA,drug,f,1,2,large,x,7\n")
    (found,) = outcomes(path)
    assert found.covariates == {"scale": "large", "control": "x", "variance": 7.0}


def test_columns_may_be_mapped(write):
    path = write("study,outcome,treatment,control,HR,low,high,type\nA,death,drug,placebo,0.54,0.42,0.70,ratio\n")
    columns = {"trial": "study", "estimate": "HR", "conf_low": "low", "conf_high": "high", "scale": "type"}
    (found,) = estimates(path, columns=columns)
    assert (found.value, found.conf_high, found.covariates) == (0.54, 0.7, {})
