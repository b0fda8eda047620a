import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.registry.read.figures import count, number, percentage

HUGE = "9" * 5000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-0.5", -0.5), (".5", 0.5), ("80.", 80), ("1e3", 1000), (" 7 ", 7), (3, 3), (2.5, 2.5), ("+4", 4),
    ],
)  # fmt: skip
def test_plain_numbers_need_no_remark(text, value):
    figure = number(text)
    assert (figure.value, figure.remark, figure.lost) == (value, "", "nothing")


@pytest.mark.parametrize("text", ["", "NA", "  ", None])
def test_nothing_and_not_available_are_not_stated_without_a_remark(text):
    assert (number(text).value, number(text).remark) == (None, "")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,553", 1553), ("-3,613", -3613), ("12,345,678.5", 12345678.5), ("1,234,567", 1234567),
        ("0,3139", 0.3139), ("0,313", 0.313), ("-0,313", -0.313), ("00,313", 0.313), ("12,5", 12.5), ("1234,567", 1234.567),
        (",5", 0.5), ("1,23", 1.23),
    ],
)  # fmt: skip
def test_commas_are_read_by_the_shape_of_the_number_and_told(text, value):
    figure = number(text)
    assert figure.value == value
    assert "comma" in figure.remark
    assert figure.lost == "nothing"


@pytest.mark.parametrize(
    "text",
    [
        "NR", "<5", "12 (5%)", "1,2,3", "1,55,333", "1.5.2", "5%", "na", "--", "1 553", "−5", "nan", "inf", "1e999", "0x1F",
        "1_000", "٣", HUGE, True, False, [], {}, math.nan, math.inf, 10**400,
    ],
)  # fmt: skip
def test_anything_else_is_lost_and_told(text):
    figure = number(text)
    assert figure.value is None
    assert figure.remark.endswith("read as not stated")
    assert figure.lost == "field"


@pytest.mark.parametrize("given", [-1, "-1", 1.5, "1.5", True, "<5", "0,313", "12,5", 2**53 + 2, "1e30", -(10**400)])
def test_a_count_is_whole_and_not_negative(given):
    found, figure = count(given)
    assert found is None
    assert figure.lost == "field"


@pytest.mark.parametrize(
    ("given", "found"), [(0, 0), ("1,553", 1553), ("12", 12), (12.0, 12), ("12.0", 12), ("NA", None)]
)
def test_counts(given, found):
    assert count(given)[0] == found
    assert type(count(given)[0]) is type(found)


@pytest.mark.parametrize(
    ("text", "share"),
    [("0", 0.0), ("5", 0.05), ("5%", 0.05), (" 5 % ", 0.05), ("3.3", 0.033), (5, 0.05), ("0,5", 0.005)],
)
def test_thresholds_are_percentages(text, share):
    assert percentage(text).value == pytest.approx(share, abs=1e-15)


def test_a_threshold_below_one_percent_may_be_a_share_and_is_remarked_on():
    assert percentage("0.05").value == 0.0005
    assert "0.05 %" in percentage("0.05").remark
    assert not percentage("1").remark
    assert not percentage("0").remark


@pytest.mark.parametrize("text", ["-1", "101", "five", "5 percent", True, []])
def test_what_is_no_percentage_is_lost(text):
    assert percentage(text).value is None
    assert percentage(text).lost == "field"


@given(st.integers(0, 2**53))
def test_a_count_grouped_by_commas_is_the_count(value):
    assert count(f"{value:,}")[0] == value


@given(st.one_of(st.text(), st.text("0123456789,.-+eE%"), st.floats(), st.integers(), st.none(), st.booleans()))
def test_any_text_gives_a_finite_number_or_none(value):
    for figure in (number(value), percentage(value), count(value)[1]):
        assert figure.value is None or math.isfinite(figure.value)
        assert figure.value is not None or figure.lost == "field" or not figure.remark
