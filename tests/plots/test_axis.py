"""The axis shows what matters, and its ticks are numbers a reader expects."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.effects import scale_of
from trialpool.errors import OptionError
from trialpool.plots.axis import Axis, Tick, axis_for, shown_range, tick_label
from trialpool.plots.fonts import text_width

RATIO, DIFFERENCE = scale_of("risk ratio"), scale_of("risk difference")
WIDTH, SIZE = 250.0, 10.5


def labels(axis: Axis) -> list[str]:
    return [tick.label for tick in axis.ticks]


def ratio_axis(low: float, high: float, **options) -> Axis:
    return axis_for(RATIO, (math.log(low), math.log(high)), WIDTH, SIZE, **options)


def read_back(label: str) -> float:
    return float(label.replace("−", "-"))


# --- ticks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 10, "0.1 0.2 0.5 1 2 5 10"),
        (0.11, 9.5, "0.1 0.2 0.5 1 2 5 10"),
        (0.05, 20, "0.05 0.1 0.2 0.5 1 2 5 10 20"),
        (0.5, 2, "0.5 1 2"),
        (0.01, 100, "0.01 0.1 1 10 100"),
        (0.001, 1000, "0.001 0.01 0.1 1 10 100 1000"),
        (0.9, 1.1, "0.9 0.95 1 1.05 1.1"),
        (0.97, 1.03, "0.97 0.98 0.99 1 1.01 1.02 1.03"),
    ],
)
def test_ratios_have_natural_ticks(low, high, expected):
    assert labels(ratio_axis(low, high)) == expected.split()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.1, 0.1, "−0.1 −0.05 0 0.05 0.1"),
        (-0.021, 0.06, "−0.02 0 0.02 0.04 0.06"),
        (-0.0004, 0.0011, "−0.0005 0 0.0005 0.001"),
        (-1.0, 1.0, "−1 −0.5 0 0.5 1"),
    ],
)
def test_differences_have_even_ticks(low, high, expected):
    assert labels(axis_for(DIFFERENCE, (low, high), WIDTH, SIZE)) == expected.split()


ranges = st.tuples(st.floats(-9, 0), st.floats(0, 9)).filter(lambda r: r[1] - r[0] > 0.03)


@given(ranges, st.booleans())
def test_any_axis_has_ticks_that_are_right_do_not_touch_and_include_no_difference(shown, logarithmic):
    scale = RATIO if logarithmic else DIFFERENCE
    axis = axis_for(scale, shown, WIDTH, SIZE)
    assert axis.low <= shown[0] < shown[1] <= axis.high
    assert 3 <= len(axis.ticks) <= 9
    end = -math.inf
    for tick in axis.ticks:
        assert axis.low - 1e-9 <= tick.position <= axis.high + 1e-9
        assert read_back(tick.label) == pytest.approx(scale.display(tick.position), rel=1e-6, abs=1e-12)
        centre, half = WIDTH * axis.share(tick.position), text_width(tick.label, SIZE) / 2
        assert centre - half > end + 3
        end = centre + half
    assert axis.null == 0.0
    assert any(read_back(label) == scale.null for label in labels(axis))


@given(ranges)
def test_an_axis_is_lengthened_little(shown):
    axis = axis_for(RATIO, shown, WIDTH, SIZE)
    assert axis.high - axis.low <= 1.31 * (shown[1] - shown[0])


@given(st.floats(1e-3, 1e3), st.floats(1.05, 1e4))
def test_given_limits_are_kept(low, ratio):
    axis = ratio_axis(0.5, 2, limits=(low, low * ratio))
    assert axis.low == pytest.approx(math.log(low))
    assert axis.high == pytest.approx(math.log(low * ratio))
    assert len(axis.ticks) >= 2
    assert (axis.null is None) == (low > 1 or low * ratio < 1)


@pytest.mark.parametrize("limits", [(1, 1), (2, 1), (0, 1), (-1, 1), (math.nan, 1), (0.5, math.inf)])
def test_limits_that_are_no_range_of_ratios_are_refused(limits):
    with pytest.raises(OptionError, match="two finite positive numbers, the lower first"):
        ratio_axis(0.5, 2, limits=limits)


def test_limits_of_a_difference_may_be_negative():
    axis = axis_for(DIFFERENCE, (0.0, 1.0), WIDTH, SIZE, limits=(-0.2, 0.1))
    assert (axis.low, axis.high) == (-0.2, 0.1)


def test_a_narrow_axis_has_fewer_ticks():
    wide = axis_for(RATIO, (math.log(0.1), math.log(10)), 250, SIZE)
    narrow = axis_for(RATIO, (math.log(0.1), math.log(10)), 90, SIZE)
    assert labels(narrow) == ["0.1", "1", "10"]
    assert len(wide.ticks) > len(narrow.ticks)


def test_overhang_is_what_labels_reach_beyond_the_ends():
    axis = Axis(0.0, 1.0, (Tick(0.0, "0"), Tick(1.0, "100000")), None)
    assert axis.tick_overhang(200, 10) == pytest.approx(text_width("100000", 10) / 2)
    assert Axis(0.0, 1.0, (Tick(0.5, "0.5"),), None).tick_overhang(200, 10) == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (-0.05, "−0.05"),
        (0.0001, "0.0001"),
        (0.00001, "1e−5"),
        (-0.00002, "−2e−5"),
        (2.5, "2.5"),
        (20000.0, "20000"),
        (100000.0, "1e5"),
        (2.5e7, "2.5e7"),
        (0.30000000000000004, "0.3"),
    ],
)
def test_tick_labels_are_short(value, shown):
    assert tick_label(value) == shown


# --- the range -------------------------------------------------------------------------------------------------------


def test_every_estimate_and_no_difference_are_shown():
    low, high = shown_range([0.5, 0.7, 2.0], [(0.3, 0.7), (0.5, 0.9), (1.8, 2.2)], logarithmic=True)
    assert low < 0
    assert high > 2.0


def test_an_ordinary_interval_is_shown_whole():
    low, high = shown_range([-0.5, 0.0, 0.3], [(-0.9, -0.1), (-0.4, 0.4), (-0.2, 0.8)], logarithmic=True)
    assert low < -0.9
    assert high > 0.8


@pytest.mark.parametrize("logarithmic", [True, False])
def test_one_wide_interval_does_not_squeeze_the_others(logarithmic):
    narrow = [(e - 0.05, e + 0.05) for e in (-0.1, 0.0, 0.1)]
    low, high = shown_range([-0.1, 0.0, 0.1, 0.0], [*narrow, (-9.0, 9.0)], logarithmic=logarithmic)
    assert -0.5 < low < -0.15
    assert 0.15 < high < 0.5


def test_an_absurd_estimate_of_a_ratio_is_left_beyond_the_axis():
    _, high = shown_range([0.1, 0.2, 40.0], [(0.0, 0.2), (0.1, 0.3), (1.0, 79.0)], logarithmic=True)
    assert high < 3


@pytest.mark.parametrize("logarithmic", [True, False])
@pytest.mark.parametrize("estimates", [[], [0.0], [1e-9]])
def test_a_range_is_never_empty(logarithmic, estimates):
    low, high = shown_range(estimates, [(e, e) for e in estimates], logarithmic=logarithmic)
    assert low < 0 < high


def test_ranges_are_shown_where_they_are_nearest_to_no_difference():
    plain = shown_range([0.5], [(0.0, 1.0)], logarithmic=True)
    inf = math.inf
    assert shown_range([0.5], [(0.0, 1.0)], logarithmic=True, ranges=[(-inf, inf), (-9.0, inf)]) == plain
    low, high = shown_range([0.5], [(0.0, 1.0)], logarithmic=True, ranges=[(3.0, inf), (-inf, -2.0)])
    assert -4 < low < -2
    assert 3 < high < 6
    low, _ = shown_range([0.5], [(0.0, 1.0)], logarithmic=True, ranges=[(-0.9, inf)])
    assert -1.1 < low < -0.9


def test_ranges_alone_show_their_finite_ends_and_leave_room_for_an_arrow():
    low, high = shown_range([], [], logarithmic=True, ranges=[(-2.0, math.inf), (-1.0, 3.0)])
    assert -2.2 < low < -2
    assert high > 4
