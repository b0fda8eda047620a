from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.read import cells
from trialpool.read.cells import CellError
from trialpool.trials import VERIFICATIONS


@pytest.mark.parametrize("value", [None, "", "  ", "\t\n", "\u00a0", math.nan, np.float64("nan")])
def test_empty_cells(value):
    assert cells.is_empty(value)


@pytest.mark.parametrize("value", [0, 0.0, False, "0", "-", "NA", math.inf])
def test_cells_that_hold_something(value):
    assert not cells.is_empty(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("12.0", 12),
        ("12.", 12),
        ("1.2e1", 12),
        ("+7", 7),
        ("0", 0),
        ("-0", 0),
        ("007", 7),
        (12, 12),
        (12.0, 12),
        (np.int64(12), 12),
        (np.float32(12), 12),
        (Decimal("12.0"), 12),
        (2**53, 2**53),
    ],
)
def test_whole_numbers_are_counts(value, expected):
    found = cells.count(value)
    assert found == expected
    assert type(found) is int


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("-3", "'-3' is negative; a count is 0 or more"),
        (-1, "-1 is negative"),
        ("3.5", "'3.5' is a fraction; a count of participants is whole"),
        (0.5, "0.5 is a fraction"),
        ("1.553", "'1.553' is a fraction; a count of participants is whole; if the point separates thousands, "),
        ("1,553", "'1,553' has a comma; write 1553 without a thousands separator, or use a point"),
        ("12,345,678", "write 12345678 without"),
        ("3,5", "'3,5' has a decimal comma; write 3.5"),
        ("1 553", "'1 553' has a thousands separator; write 1553"),
        ("1'553", "has a thousands separator; write 1553"),
        ("1\u2019553", "has a thousands separator; write 1553"),
        ("12%", "'12%' is a percentage; give the number itself"),
        ("12 (22%)", "'12 (22%)' is not a number; write digits alone"),
        ("<5", "'<5' is not a number"),
        ("twelve", "'twelve' is not a number"),
        ("NA", "'NA' is not a number; write digits alone, and leave the row out if the number is not known"),
        ("NaN", "'NaN' is not a finite number; leave the row out"),
        ("inf", "'inf' is not a finite number"),
        ("-Infinity", "'-Infinity' is not a finite number"),
        ("1e999", "'1e999' is not a finite number"),
        ("1_000", "'1_000' is not a number"),
        ("0x10", "'0x10' is not a number"),
        ("١٢", "is not a number"),
        ("\u22125", "is not a number"),
        ("=1+1", "'=1+1' is a spreadsheet formula, not a value; paste its value instead"),
        (" =SUM(A1:A3)", "is a spreadsheet formula"),
        ("1e16", "'1e16' is too large for a count of participants"),
        (10**400, "is not a finite number"),
        (math.inf, "inf is not a finite number"),
        (True, "'true' is not a number"),
        (np.True_, "is a bool; a cell holds one text or one number"),
        (date(2005, 3, 1), "'2005-03-01' is not a number"),
        ([1], "[1] is a list; a cell holds one text or one number"),
        (cells.Unusable("holds the spreadsheet error #REF!"), "holds the spreadsheet error #REF!"),
    ],
)
def test_what_is_not_a_count_says_why(value, problem):
    with pytest.raises(CellError) as caught:
        cells.count(value)
    assert problem in str(caught.value)


def test_an_integer_too_long_to_write_is_refused_all_the_same():
    with pytest.raises(CellError, match="an integer of 16610 bits is not a finite number"):
        cells.count(10**5000)


def test_an_arm_has_participants():
    assert cells.participants("1") == 1
    with pytest.raises(CellError, match="0 participants; an arm without participants has no risk, so remove the row"):
        cells.participants("0")


def test_a_standard_deviation_is_above_zero():
    assert cells.above_zero("0.25") == 0.25
    for value in ("0", "-1", 0.0):
        with pytest.raises(CellError, match="is not above 0"):
            cells.above_zero(value)


def test_numbers_may_be_negative():
    assert cells.number("-1.5") == -1.5
    assert cells.number(".5") == 0.5


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" placebo ", "placebo"),
        ("<https://clinicaltrials.gov/study/NCT01>", "<https://clinicaltrials.gov/study/NCT01>"),
        ("two\nlines", "two\nlines"),
        ("-5", "-5"),
        (12, "12"),
        (12.0, "12"),
        (1.5, "1.5"),
        (Decimal("1.50"), "1.5"),
        (True, "true"),
        (False, "false"),
        (date(2005, 3, 1), "2005-03-01"),
        (datetime(2005, 3, 1), "2005-03-01"),  # noqa: DTZ001
        (datetime(2005, 3, 1, 9, 30), "2005-03-01T09:30:00"),  # noqa: DTZ001
    ],
)
def test_text_is_written_as_a_person_would(value, expected):
    assert cells.text(value) == expected


@pytest.mark.parametrize("mark", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "\ufffe"])
def test_control_characters_are_refused_in_any_text(mark):
    with pytest.raises(CellError) as caught:
        cells.text(f"a{mark}b")
    assert f"holds the control character U+{ord(mark):04X}; remove it" in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("mark", ["\n", "\t", "\r", "\u2028", "\u202e", "\u2066", "\x1b"])
def test_a_label_is_one_line_in_one_direction(mark):
    with pytest.raises(CellError, match="control character"):
        cells.label(f"a{mark}b")


@pytest.mark.parametrize(
    "value", ["<script>", "<b>SOLO</b>", "SOLO 1</td>", "<!-- x", "<?php", "x <img src=x onerror=y", "<https://a.org>"]
)
def test_markup_in_a_label_is_refused(value):
    with pytest.raises(CellError, match="holds markup"):
        cells.label(value)


@pytest.mark.parametrize(
    "value", ["age < 65", "p<0.05", "dose <5 mg", "a > b", "A & B", "Thaçi 2016", "試験 1", "O'Neil"]
)
def test_ordinary_names_are_labels(value):
    assert cells.label(f" {value} ") == value


@pytest.mark.parametrize("word", VERIFICATIONS)
def test_words_of_verification_in_any_case(word):
    assert cells.verification(word.upper()) == word


def test_an_unknown_word_of_verification_gets_the_nearest_and_all():
    with pytest.raises(CellError) as caught:
        cells.verification("coroborated")
    assert "did you mean 'corroborated'?" in str(caught.value)
    assert "'read', 'corroborated', 'unverified', 'not stated'" in str(caught.value)


def test_long_values_are_cut_in_messages():
    assert len(cells.shown("x" * 500)) == 60
    assert cells.shown("x" * 500).endswith("...")


@given(st.integers(0, 2**53))
def test_every_count_survives_being_written(value):
    assert cells.count(str(value)) == cells.count(value) == cells.count(f" {value}.0") == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_survives_being_written(value):
    assert cells.number(repr(value)) == value


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.binary(), st.dates(), st.none()))
def test_parsers_give_a_value_or_one_cell_error(value):
    for parse in (cells.count, cells.number, cells.text, cells.label, cells.verification, cells.above_zero):
        try:
            found = parse(value)
        except CellError as error:
            assert str(error).isprintable()  # noqa: PT017
        else:
            assert found == found  # noqa: PLR0124  never NaN
