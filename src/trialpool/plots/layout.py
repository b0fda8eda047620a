"""The layout of a plot as data: what stands where, before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from trialpool.plots.axis import Axis, Limits
from trialpool.plots.scene import Rule
from trialpool.plots.styles import Style
from trialpool.plots.text import Anchor, Text

__all__ = [
    "Column",
    "Content",
    "ForestLayout",
    "Glyph",
    "Mark",
    "PlacedAxis",
    "PlacedColumn",
    "PlacedRow",
    "Row",
    "RowKind",
    "Shape",
]

RowKind = Literal["group", "study", "subtotal", "total", "prediction", "note", "statistics"]
Shape = Literal["square", "diamond", "bar", "open bar", "circle", "open diamond"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column wanted: neighbours with the same ``over`` share that heading above their own."""

    name: str
    heading: str = ""
    anchor: Anchor = "end"
    over: str = ""
    widest: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """A mark wanted in the plot, on the working scale; ``size`` is the side as a share of the largest."""

    shape: Shape
    estimate: float | None
    low: float
    high: float
    colour: str
    size: float = 1.0
    tooltip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row wanted: a text per column, or one ``spanning`` text left of the plot.

    ``marks`` are footnote marks, set after the first column and never cut off.
    """

    kind: RowKind
    cells: Mapping[str, str] = field(default_factory=dict)
    spanning: str = ""
    glyph: Glyph | None = None
    marks: str = ""
    bold: bool = False
    indent: float = 0.0
    space_above: float = 0.0
    colours: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that a table with a plot column shows, before it has places.

    Attributes
    ----------
    title, description : str
        The description is read to those who cannot see the plot.
    columns, rows : tuple
        Rows of kind ``statistics`` at the end stand left of the axis.
    axis : Axis or None
        None where nothing is estimable; there is no plot column then.
    directions : (str, str) or None
        What lies left and right of no difference.
    line : float or None
        Value marked by a line down the whole plot.
    band : (float, float) or None
        Range marked by a band down the whole plot.
    footers : tuple of str
    """

    title: str
    description: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    axis: Axis | None
    directions: tuple[str, str] | None = None
    line: float | None = None
    band: Limits | None = None
    footers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """Where a column stands."""

    name: str
    left: float
    right: float
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """Where a row stands, and the texts of each of its cells (``"spanning"`` for a text across columns)."""

    kind: RowKind
    top: float
    bottom: float
    cells: Mapping[str, tuple[Text, ...]]

    @property
    def texts(self) -> tuple[Text, ...]:
        """All texts of the row."""
        return tuple(text for cell in self.cells.values() for text in cell)


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark in the plot.

    ``x`` is None where the estimate lies beyond the axis; ``clipped_low`` and ``clipped_high`` say that the axis cuts
    the interval there, which is drawn as an arrow. ``low_height`` and ``high_height`` are what a diamond has left of its
    height where it is cut, as a share.
    """

    shape: Shape
    row: int
    x: float | None
    y: float
    low_x: float
    high_x: float
    clipped_low: bool
    clipped_high: bool
    low_height: float
    high_height: float
    side: float
    colour: str
    tooltip: str


@dataclass(frozen=True, slots=True)
class PlacedAxis:
    """Where the axis stands, with its labels."""

    axis: Axis
    left: float
    right: float
    y: float
    ticks: tuple[float, ...]
    null_x: float | None
    labels: tuple[Text, ...]
    directions: tuple[Text, ...]

    def x(self, position: float) -> float:
        """The place of a position of the working scale, cut to the axis."""
        return self.left + (self.right - self.left) * min(max(self.axis.share(position), 0.0), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestLayout:
    """A forest plot, every part with its place; lengths in px from the top left corner."""

    style: Style
    width: float
    height: float
    title: str
    description: str
    titles: tuple[Text, ...]
    columns: tuple[PlacedColumn, ...]
    headings: tuple[Text, ...]
    header: tuple[float, float]
    rows: tuple[PlacedRow, ...]
    marks: tuple[Mark, ...]
    axis: PlacedAxis | None
    rules: tuple[Rule, ...]
    band: tuple[float, float, float, float] | None
    footers: tuple[Text, ...]

    @property
    def texts(self) -> tuple[Text, ...]:
        """Every text of the plot."""
        axis = (*self.axis.labels, *self.axis.directions) if self.axis else ()
        rows = tuple(text for row in self.rows for text in row.texts)
        return (*self.titles, *self.headings, *rows, *axis, *self.footers)

    def column(self, name: str) -> PlacedColumn:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def of_kind(self, kind: RowKind) -> tuple[PlacedRow, ...]:
        """The rows of a kind."""
        return tuple(row for row in self.rows if row.kind == kind)
