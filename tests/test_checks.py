"""Validators: what passes comes back unchanged, what does not is named with what is allowed."""

from __future__ import annotations

import math
import sys
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.checks import choice, finite_array, instance, nearest, positive, probability, quoted, require_extra
from trialpool.errors import MissingExtraError, OptionError

WORDS = ["common", "random"]
NOT_NUMBERS = ["0.5", None, True, [0.5], math.nan, 0.5j, np.True_, Decimal("0.5")]


def test_quoted():
    assert quoted([]) == ""
    assert quoted(["a"]) == "'a'"
    assert quoted(("a", 2)) == "'a', '2'"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("ramdom", " (did you mean 'random'?)"),
        ("RANDOM", " (did you mean 'random'?)"),
        ("comon", " (did you mean 'common'?)"),
        ("bayes", ""),
        ("", ""),
    ],
)
def test_nearest_word(word, hint):
    assert nearest(word, WORDS) == hint


def test_nearest_word_keeps_its_own_spelling_and_takes_any_iterable():
    assert nearest("dersimonian", iter(["DerSimonian", "REML"])) == " (did you mean 'DerSimonian'?)"
    assert nearest("anything", []) == ""


def test_choice_returns_the_word():
    assert choice("model", "random", WORDS) == "random"


@pytest.mark.parametrize("value", ["Random", "", "both", None, 1, ["random"]])
def test_choice_refuses_what_is_not_exactly_one_of_the_words(value):
    with pytest.raises(OptionError) as caught:
        choice("model", value, WORDS)
    assert str(caught.value).startswith(f"model={value!r} is not allowed")
    assert str(caught.value).endswith("choose one of 'common', 'random'")


@pytest.mark.parametrize("value", [0.95, 1e-300, np.float64(0.5), np.float32(0.5)])
def test_probability_returns_a_float(value):
    assert type(probability("conf_level", value)) is float
    assert probability("conf_level", value) == value


@pytest.mark.parametrize("value", [0, 1, 1.5, -0.1, 95, math.inf, *NOT_NUMBERS])
def test_probability_refuses_the_bounds_and_everything_else(value):
    with pytest.raises(
        OptionError, match="is not a probability; give a number between 0 and 1, such as 0.95$"
    ) as caught:
        probability("conf_level", value)
    assert str(caught.value).startswith(f"conf_level={value!r}")


def test_probability_shows_an_example_that_fits():
    with pytest.raises(OptionError, match="such as 0.05$"):
        probability("baseline_risk", 5, example=0.05)


@pytest.mark.parametrize("value", [0.5, 1, 64 * 2**20, np.int64(3), np.float32(0.25), sys.float_info.max])
def test_positive_returns_a_float(value):
    assert type(positive("increment", value)) is float
    assert positive("increment", value) == value


@pytest.mark.parametrize("value", [0, -1, -0.5, math.inf, np.int64(0), *NOT_NUMBERS])
def test_positive_refuses_zero_negative_infinite_and_everything_else(value):
    with pytest.raises(OptionError, match="is not a positive number; give a finite number above 0"):
        positive("increment", value)


@given(st.floats())
def test_every_float_is_either_positive_or_refused(value):
    if 0 < value < math.inf:
        assert positive("x", value) == value
    else:
        with pytest.raises(OptionError):
            positive("x", value)


def test_finite_array():
    array = finite_array("y", [1, 2.5])
    assert array.dtype == np.float64
    assert array.tolist() == [1.0, 2.5]
    assert finite_array("y", []).shape == (0,)


@pytest.mark.parametrize(("values", "position"), [([1, math.nan], [1]), ([[0, 1], [math.inf, 2]], [1, 0])])
def test_array_that_is_not_finite_names_the_position(values, position):
    with pytest.raises(OptionError) as caught:
        finite_array("variances", values)
    assert f"variances holds a value that is missing or infinite at position {position}" in str(caught.value)


@pytest.mark.parametrize("values", [["a", "b"], [[1], [1, 2]], [None, "x"]])
def test_array_of_something_else(values):
    with pytest.raises(OptionError, match="y is not an array of numbers"):
        finite_array("y", values)


def test_package_that_is_there_is_imported():
    assert require_extra("json", "tables", "reading") is sys.modules["json"]


def test_package_that_is_not_there_says_which_extra_brings_it():
    with pytest.raises(MissingExtraError, match=r"drawing needs the package 'no_such_package'.*trialpool\[plots\]"):
        require_extra("no_such_package.part", "plots", "drawing")


@pytest.mark.parametrize(("value", "kind"), [("x", str), ([], (list, tuple)), (1, int)])
def test_instance_returns_the_value(value, kind):
    assert instance("name", value, kind, "unused") is value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "None"),
        ("peto", "'peto'"),
        (0.5, "0.5"),
        ([1], "of type list"),
        (dict, "the class dict"),
        (ValueError("<long>" * 99), "of type ValueError"),
    ],
)
def test_instance_of_another_kind_is_named_with_the_way_out(value, shown):
    with pytest.raises(OptionError) as caught:
        instance("columns", value, set, "give a set")
    assert str(caught.value) == f"columns is {shown}; give a set"


def test_a_long_text_of_the_wrong_kind_is_shown_in_short():
    with pytest.raises(OptionError) as caught:
        instance("columns", "x" * 10_000, dict, "give a dict")
    assert len(str(caught.value)) < 100
