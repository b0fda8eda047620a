"""Something of another kind at a public door: one error with the name of the argument, what was given and the way out."""

from __future__ import annotations

import re

import pytest
from harmonise.builders import make_comparison

import trialpool as tp
from trialpool.errors import OptionError

COMPARISON = make_comparison((4, 100, 11, 90), (30, 200, 12, 100), (20, 90, 40, 85))
DATASET = tp.load_dataset("bcg")
TRIAL = DATASET.trials[0]
NAMES = {"outcome": "tuberculosis", "treatment": "BCG vaccine", "control": "no vaccine"}


def refusal(door, *given, **options) -> str:
    with pytest.raises(OptionError) as caught:
        door(*given, **options)
    return str(caught.value)


@pytest.mark.parametrize("given", [DATASET, DATASET.table])
def test_what_holds_trials_is_not_trials(given):
    kind = type(given).__name__
    assert refusal(tp.compare, given, **NAMES) == f"trials is of type {kind}; give its trials, as in table.trials"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("arms.csv", "trials is 'arms.csv'"),
        (None, "trials is None"),
        (TRIAL, "trials is of type Trial"),
        ([TRIAL, 1], "a member of trials is 1"),
        ({"trial": ["A"]}, "a member of trials is 'trial'"),
    ],
)
def test_what_is_no_trials_is_refused(given, shown):
    way_out = "give the trials of a table, such as read_table(path).trials"
    assert refusal(tp.compare, given, **NAMES) == f"{shown}; {way_out}"


@pytest.mark.parametrize("side", ["treatment", "control"])
def test_a_side_that_is_no_name_gets_the_names(side):
    found = refusal(tp.compare, DATASET.trials, **{**NAMES, side: None})
    assert found == f"unknown {side} None; the table has 'BCG vaccine', 'no vaccine'"


@pytest.mark.parametrize("given", [DATASET, DATASET.table, DATASET.trials, None, "bcg"])
@pytest.mark.parametrize("door", [tp.pool, lambda given: tp.pool_subgroups(given, "allocation")])
def test_only_a_comparison_is_pooled(door, given):
    assert re.fullmatch(r"comparison is .*; give a comparison: compare\(trials, .*\)", refusal(door, given))


DOORS = [tp.pool, lambda *given, **options: tp.pool_subgroups(*given, "allocation", **options)]


@pytest.mark.parametrize(("method", "shown"), [(tp.Peto, "the class Peto"), (0, "0"), ({}, "of type dict")])
@pytest.mark.parametrize("door", DOORS)
def test_a_method_is_an_object_or_its_word(door, method, shown):
    found = refusal(door, COMPARISON, method=method)
    assert found.startswith(f"method is {shown}; give one of InverseVariance(), MantelHaenszel(), Peto(), ")
    assert found.endswith(", or 'auto'")


@pytest.mark.parametrize("door", DOORS)
def test_a_word_that_is_no_method_is_refused(door):
    assert refusal(door, COMPARISON, method="petto").startswith("method='petto' is not allowed (did you mean 'peto'?)")


def test_the_word_of_a_method_is_the_method_with_its_defaults():
    assert tp.pool(COMPARISON, method="mantel-haenszel") == tp.pool(COMPARISON, method=tp.MantelHaenszel())


@pytest.mark.parametrize("by", [None, 3, ["allocation"]])
def test_subgroups_need_the_name_of_a_covariate(by):
    assert re.fullmatch(r"by is .+; give the name of a covariate", refusal(tp.pool_subgroups, COMPARISON, by))


@pytest.mark.parametrize("given", [COMPARISON, None, DATASET])
@pytest.mark.parametrize(
    ("door", "name"),
    [
        (tp.leave_one_out, "pooled"),
        (lambda given: tp.absolute_effect(given, 0.1), "pooled"),
        (tp.funnel, "pooled"),
        (tp.forest, "data"),
    ],
)
def test_what_is_not_pooled_has_to_be_pooled_first(door, name, given):
    shown = "None" if given is None else f"of type {type(given).__name__}"
    assert refusal(door, given).startswith(f"{name} is {shown}; pool a comparison first")


def test_subgroups_of_a_forest_plot_are_a_result_of_subgroups():
    found = refusal(tp.forest, tp.pool(COMPARISON, method=tp.MantelHaenszel()), subgroups="allocation")
    assert found == "subgroups is 'allocation'; give the result of pool_subgroups(comparison, by)"


@pytest.mark.parametrize("given", [None, 5, DATASET])
def test_only_a_review_is_run(given):
    assert "; give the path of a review file, or the result of read_review(path)" in refusal(tp.run, given)


@pytest.mark.parametrize("columns", [5, 0, "", "n", [("n", "total")]])
def test_columns_are_a_mapping(columns):
    rows = [{"trial": "A", "treatment": "drug", "outcome": "rash", "events": 1, "n": 9}]
    assert refusal(tp.read_table, rows, columns=columns).startswith("columns is ")


@pytest.mark.parametrize("path", [None, 5, b"forest.svg"])
def test_a_picture_is_saved_at_a_path(path):
    figure = tp.forest(tp.pool(COMPARISON, method=tp.MantelHaenszel()))
    assert "; give the path of a file that ends in .svg, .pdf or .png" in refusal(figure.save, path)
