"""A drawing as data: shapes in the order they are drawn, for the SVG writer."""

from __future__ import annotations

from dataclasses import dataclass

from trialpool.plots.text import Text

__all__ = ["Circle", "Group", "Point", "Polygon", "Rectangle", "Rule", "Scene", "Shape"]

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line; ``dash`` is empty for a solid one."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float = 1.0
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled rectangle."""

    left: float
    top: float
    right: float
    bottom: float
    fill: str


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed polygon; ``outline`` is empty for none."""

    points: tuple[Point, ...]
    fill: str
    outline: str = ""


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle; ``outline`` is empty for none, ``opacity`` that of the fill."""

    x: float
    y: float
    radius: float
    fill: str
    outline: str = ""
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes that are one thing to the reader, with what is shown when the pointer rests on it."""

    shapes: tuple[Shape, ...]
    tooltip: str


Shape = Rule | Rectangle | Polygon | Circle | Text | Group


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing with its text alternative; lengths in px."""

    width: float
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]
