"""One tree of errors, one of warnings; an error that lists problems lists them all, or says how many it leaves out."""

from __future__ import annotations

import pickle

import pytest

from trialpool import errors
from trialpool.errors import (
    InputError,
    MissingExtraError,
    NotEstimableError,
    OptionError,
    OutputError,
    ReviewError,
    TableError,
    TrialpoolError,
    TrialpoolWarning,
)

INPUT_ERRORS = [TableError, ReviewError, OptionError, OutputError, MissingExtraError]


def test_every_public_error_is_in_the_tree_and_in_the_docstring():
    for name in errors.__all__:
        kind = getattr(errors, name)
        assert issubclass(kind, TrialpoolError) != issubclass(kind, TrialpoolWarning)
        assert name in (errors.__doc__ or "")


@pytest.mark.parametrize("kind", INPUT_ERRORS)
def test_wrong_input_is_an_input_error_and_a_value_error(kind):
    assert issubclass(kind, InputError)
    assert issubclass(kind, ValueError)


def test_no_answer_is_not_wrong_input():
    assert not issubclass(NotEstimableError, ValueError)
    assert issubclass(NotEstimableError, TrialpoolError)


def test_our_warning_can_be_filtered_as_a_user_warning():
    assert issubclass(TrialpoolWarning, UserWarning)


@pytest.mark.parametrize("kind", [TableError, ReviewError])
class TestListedProblems:
    def test_one_problem_is_one_line(self, kind):
        error = kind("arms.csv", ["row 3: events exceed n"])
        assert str(error) == "arms.csv: row 3: events exceed n"
        assert (error.where, error.problems) == ("arms.csv", ("row 3: events exceed n",))

    def test_several_problems_are_listed_one_a_line(self, kind):
        assert str(kind("arms.csv", ["a", "b"])) == "arms.csv: 2 problems\n  - a\n  - b"

    @pytest.mark.parametrize(("count", "more"), [(20, None), (21, 1), (45, 25)])
    def test_many_problems_are_counted_and_all_kept(self, kind, count, more):
        problems = [f"problem {i}" for i in range(count)]
        error = kind("arms.csv", iter(problems))
        lines = str(error).splitlines()
        assert lines[0] == f"arms.csv: {count} problems"
        assert lines[1:21] == [f"  - {p}" for p in problems[:20]]
        assert lines[21:] == ([] if more is None else [f"  - ... and {more} more"])
        assert error.problems == tuple(problems)


def test_missing_package_says_what_needs_it_and_how_to_get_it():
    error = MissingExtraError("openpyxl", "tables", "reading Excel files")
    assert isinstance(error, ImportError)
    assert (error.package, error.extra) == ("openpyxl", "tables")
    assert str(error) == (
        "reading Excel files needs the package 'openpyxl', which is not installed: pip install 'trialpool[tables]'"
    )


@pytest.mark.parametrize(
    "error",
    [
        TableError("arms.csv", ["row 2: bad", "row 3: bad"]),
        ReviewError("review.toml", ["line 1: bad"]),
        MissingExtraError("typst", "plots", "a PDF plot"),
        NotEstimableError("nothing to pool"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_survive_a_process_boundary(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
