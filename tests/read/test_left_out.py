"""Trials left out: read as they stand, every mistake with its row and column."""

from __future__ import annotations

import hashlib

import pytest

from trialpool.errors import TableError
from trialpool.read import LEFT_OUT_COLUMNS, LeftOut, read_left_out


@pytest.fixture
def problems(write):
    """What is wrong with a table of this content."""

    def found(content: str) -> tuple[str, ...]:
        with pytest.raises(TableError, match="excluded.csv") as caught:
            read_left_out(write(content, "excluded.csv"))
        return caught.value.problems

    return found


def test_rows_are_read_in_their_order(write):
    text = 'trial,registry_id,outcome,title,reason\nB,NCT00000002,rash,A title,no placebo\n\nA,,,,"not, randomised"\n'
    path = write(text, "excluded.csv")
    found = read_left_out(path)
    assert found.rows == (
        LeftOut("B", "no placebo", "NCT00000002", "rash", "A title"),
        LeftOut("A", "not, randomised"),
    )
    assert (found.source_name, found.sha256) == ("excluded.csv", hashlib.sha256(path.read_bytes()).hexdigest())
    assert [tuple(one.to_dict()) for one in found.rows] == [LEFT_OUT_COLUMNS] * 2


def test_columns_may_stand_in_any_order_and_case(write):
    found = read_left_out(write("Reason;Registry ID;trial\nno placebo;NCT00000002;A\n", "excluded.csv"))
    assert found.rows == (LeftOut("A", "no placebo", "NCT00000002"),)


def test_header_alone_says_that_none_was_left_out(write):
    assert read_left_out(write("trial,reason\n", "excluded.csv")).rows == ()


def test_every_mistake_is_named_with_its_row_and_column(problems):
    text = 'trial,registry_id,reason\nA,"x\n2",no placebo\n,NCT00000002,\nC,,=1+1\nD,NCT00000004\n'
    assert problems(text) == (
        "row 2, column 'registry_id': 'x\\n2' holds the control character U+000A; remove it",
        "row 4, column 'trial': is empty; give the name of the trial",
        "row 4, column 'reason': is empty; give why the trial was left out",
        "row 5, column 'reason': '=1+1' is a spreadsheet formula, not a value; paste its value instead",
        "row 6: 2 fields where the header has 3; keep the delimiters of empty cells, and start a new line only between rows",
    )


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("trial", "a table of trials left out lacks 'reason'; the columns found are 'trial'"),
        ("trial,reason,reasons", "column 'reasons' is not known (did you mean 'reason'?)"),
        (
            "trial,reason,arm",
            "column 'arm' is not known; allowed: 'trial', 'registry_id', 'outcome', 'title', 'reason'",
        ),
        ("trial,reason,Trial", "columns 'trial' and 'Trial' have the same name"),
    ],
)
@pytest.mark.parametrize("row", ["", "a,b,c\n"])
def test_columns_that_cannot_be_used_are_refused(problems, header, says, row):
    (found,) = problems(f"{header}\n{row}") if not row or header.count(",") == 2 else problems(f"{header}\na\n")
    assert found.startswith(says)


def test_empty_file_and_unclosed_quotes_are_mistakes(problems):
    assert problems("")[0].startswith("the file is empty")
    assert problems('trial,reason\nA,"no\n')[0].startswith("row 2: a double quote opens a text that is never closed")


def test_blank_file_is_a_mistake(problems):
    assert problems("\n \n")[0].startswith("the file is empty")
