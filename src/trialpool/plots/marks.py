"""Marks to shapes: squares with intervals, diamonds, bars, open bars, and the arrows where the axis cuts them."""

from __future__ import annotations

from collections.abc import Iterator

from trialpool.plots.layout import Mark
from trialpool.plots.scene import Circle, Group, Polygon, Rectangle, Rule, Shape
from trialpool.plots.styles import Palette

__all__ = ["mark_shapes"]

_ARROW = 6.0
_THIN = 1.0


def mark_shapes(mark: Mark, palette: Palette) -> Group:
    """The shapes of a mark."""
    draw = {
        "square": _square,
        "circle": _circle,
        "open diamond": _open_diamond,
        "diamond": _diamond,
        "bar": _bar,
        "open bar": _open_bar,
    }[mark.shape]
    return Group(tuple(draw(mark, palette)), mark.tooltip)


def _interval(mark: Mark, colour: str, width: float = 1.3) -> Iterator[Shape]:
    """A line, with an arrow head where the axis cuts it."""
    yield Rule(mark.low_x, mark.y, mark.high_x, mark.y, colour, width)
    yield from _arrows(mark, colour)


def _arrows(mark: Mark, colour: str) -> Iterator[Shape]:
    half = _ARROW * 0.6
    for cut, x, inwards in ((mark.clipped_low, mark.low_x, _ARROW), (mark.clipped_high, mark.high_x, -_ARROW)):
        if cut:
            yield Polygon(((x, mark.y), (x + inwards, mark.y - half), (x + inwards, mark.y + half)), colour)


def _square(mark: Mark, palette: Palette) -> Iterator[Shape]:
    if mark.x is not None:
        half = mark.side / 2
        yield Rectangle(mark.x - half, mark.y - half, mark.x + half, mark.y + half, mark.colour)
    yield from _interval(mark, palette.interval)


def _circle(mark: Mark, _: Palette) -> Iterator[Shape]:
    yield from _interval(mark, mark.colour)
    if mark.x is not None:
        yield Circle(mark.x, mark.y, mark.side / 2, mark.colour)


def _open_diamond(mark: Mark, _: Palette) -> Iterator[Shape]:
    yield from _interval(mark, mark.colour)
    if mark.x is not None:
        half = mark.side / 2
        x, y = mark.x, mark.y
        yield Polygon(((x - half, y), (x, y - half), (x + half, y), (x, y + half)), "#ffffff", mark.colour)


def _diamond(mark: Mark, _: Palette) -> Iterator[Shape]:
    """As wide as the interval; where the axis cuts it, it ends upright before an arrow."""
    half, gap = mark.side / 2, _ARROW + 2
    left, right = mark.low_x + gap * mark.clipped_low, mark.high_x - gap * mark.clipped_high
    if mark.x is not None and left < right:
        low, high = half * mark.low_height * mark.clipped_low, half * mark.high_height * mark.clipped_high
        middle = min(max(mark.x, left), right)
        upper = ((left, mark.y - low), (middle, mark.y - half), (right, mark.y - high))
        lower = ((right, mark.y + high), (middle, mark.y + half), (left, mark.y + low))
        yield Polygon(upper + lower, mark.colour)
    elif left < right:
        yield Rule(left, mark.y, right, mark.y, mark.colour, half)
    yield from _arrows(mark, mark.colour)


def _bar(mark: Mark, _: Palette) -> Iterator[Shape]:
    """A thick line with end caps."""
    half = mark.side / 4
    yield Rectangle(mark.low_x, mark.y - half / 2, mark.high_x, mark.y + half / 2, mark.colour)
    for cut, x in ((mark.clipped_low, mark.low_x), (mark.clipped_high, mark.high_x)):
        if not cut:
            yield Rule(x, mark.y - 1.5 * half, x, mark.y + 1.5 * half, mark.colour, 1.4)
    yield from _arrows(mark, mark.colour)


def _open_bar(mark: Mark, _: Palette) -> Iterator[Shape]:
    """The outline of a bar with nothing inside: no point of it is likelier than another."""
    half, gap = mark.side / 2, _ARROW - 1
    left, right = mark.low_x + gap * mark.clipped_low, mark.high_x - gap * mark.clipped_high
    if left <= right:
        for y in (mark.y - half, mark.y + half):
            yield Rule(left, y, right, y, mark.colour, _THIN)
    for cut, x in ((mark.clipped_low, mark.low_x), (mark.clipped_high, mark.high_x)):
        if not cut:
            yield Rule(x, mark.y - half - _THIN / 2, x, mark.y + half + _THIN / 2, mark.colour, _THIN)
    yield from _arrows(mark, mark.colour)
