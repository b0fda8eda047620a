"""Each mark has its shape, its tooltip, and an arrow where the axis cuts it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialpool.plots.layout import Mark
from trialpool.plots.marks import mark_shapes
from trialpool.plots.scene import Circle, Polygon, Rectangle, Rule
from trialpool.plots.styles import Palette

PALETTE = Palette()
MARK = Mark("square", 0, 50.0, 20.0, 30.0, 80.0, False, False, 0.0, 0.0, 10.0, "#123456", "Smith: 1.2")


def drawn(**changes):
    group = mark_shapes(replace(MARK, **changes), PALETTE)
    assert group.tooltip == "Smith: 1.2"
    return group.shapes


def extent(shapes) -> tuple[float, float]:
    xs = []
    for shape in shapes:
        match shape:
            case Polygon():
                xs += [x for x, _ in shape.points]
            case Rule():
                xs += [shape.x1, shape.x2]
            case Rectangle():
                xs += [shape.left, shape.right]
            case Circle():
                xs += [shape.x - shape.radius, shape.x + shape.radius]
    return min(xs), max(xs)


def test_a_square_is_centred_on_its_estimate_with_its_interval():
    square, interval = drawn()
    assert square == Rectangle(45, 15, 55, 25, "#123456")
    assert (interval.x1, interval.x2, interval.y1, interval.y2) == (30, 80, 20, 20)
    assert interval.colour == PALETTE.interval


def test_an_estimate_beyond_the_axis_has_an_interval_but_no_square():
    shapes = drawn(x=None, low_x=80.0, clipped_high=True)
    assert not any(isinstance(shape, Rectangle) for shape in shapes)
    assert any(isinstance(shape, Polygon) for shape in shapes)


def test_arrows_point_outwards_and_end_at_the_axis():
    *_, left, right = drawn(clipped_low=True, clipped_high=True)
    assert left.points[0] == (30.0, 20.0)
    assert all(x > 30 for x, _ in left.points[1:])
    assert right.points[0] == (80.0, 20.0)
    assert all(x < 80 for x, _ in right.points[1:])


def test_a_diamond_is_as_wide_as_its_interval():
    (diamond,) = drawn(shape="diamond")
    assert set(diamond.points) == {(30.0, 20.0), (50.0, 15.0), (80.0, 20.0), (50.0, 25.0)}


def test_a_cut_diamond_ends_upright_before_an_arrow():
    diamond, arrow = drawn(shape="diamond", clipped_high=True, high_height=0.4)
    ends = sorted((x, y) for x, y in diamond.points if x > 50)
    assert [y for _, y in ends] == [18.0, 22.0]
    assert ends[0][0] < min(x for x, _ in arrow.points)
    assert arrow.points[0] == (80.0, 20.0)


def test_a_diamond_beyond_the_axis_is_an_arrow():
    shapes = drawn(shape="diamond", x=None, low_x=80.0, clipped_high=True)
    assert [type(shape) for shape in shapes] == [Polygon]
    bar, *_ = drawn(shape="diamond", x=None, clipped_high=True)
    assert isinstance(bar, Rule)


def test_a_bar_has_caps_where_it_is_whole():
    bar, *caps = drawn(shape="bar", x=None)
    assert isinstance(bar, Rectangle)
    assert [cap.x1 for cap in caps] == [30.0, 80.0]
    _, cap, arrow = drawn(shape="bar", x=None, clipped_low=True)
    assert cap.x1 == 80.0
    assert isinstance(arrow, Polygon)


def test_an_open_bar_is_an_outline_without_an_estimate_or_a_filling():
    shapes = drawn(shape="open bar", x=None)
    assert all(isinstance(shape, Rule) for shape in shapes)
    across, upright = [s for s in shapes if s.y1 == s.y2], [s for s in shapes if s.x1 == s.x2]
    assert [(s.x1, s.x2, s.y1) for s in across] == [(30, 80, 15), (30, 80, 25)]
    assert [s.x1 for s in upright] == [30, 80]
    assert all(shape.y1 != 20 for shape in across)


def test_an_open_bar_is_open_where_the_axis_cuts_it():
    shapes = drawn(shape="open bar", x=None, clipped_high=True)
    assert [s.x1 for s in shapes if isinstance(s, Rule) and s.x1 == s.x2] == [30]
    (arrow,) = [s for s in shapes if isinstance(s, Polygon)]
    assert arrow.points[0] == (80.0, 20.0)
    beyond = drawn(shape="open bar", x=None, low_x=80.0, clipped_high=True)
    assert [type(s) for s in beyond] == [Rule, Polygon]


def test_other_conclusions_differ_in_shape_not_only_in_colour():
    same, other = drawn(shape="circle")[-1], drawn(shape="open diamond")[-1]
    assert isinstance(same, Circle)
    assert same.fill == "#123456"
    assert isinstance(other, Polygon)
    assert (other.fill, other.outline) == ("#ffffff", "#123456")


@pytest.mark.parametrize("shape", ["square", "diamond", "bar", "open bar", "circle", "open diamond"])
@pytest.mark.parametrize("low", [True, False])
@pytest.mark.parametrize("high", [True, False])
def test_nothing_is_drawn_beyond_interval_and_mark(shape, low, high):
    left, right = extent(drawn(shape=shape, clipped_low=low, clipped_high=high))
    assert left >= 30
    assert right <= 80
