"""The bubble plot of a meta-regression: effect against a covariate, area by weight, with the model's line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from trialpool.display import clean_text, covariate_words, format_number, sentence_case
from trialpool.effects import Scale
from trialpool.plots.axis import Axis, axis_for
from trialpool.plots.bubble_data import BubbleData, bubble_data
from trialpool.plots.bubble_labels import place_labels
from trialpool.plots.bubble_words import bubble_description, bubble_footers, effect_axis_name
from trialpool.plots.figure import Figure
from trialpool.plots.fonts import text_width
from trialpool.plots.forest_words import digits_of
from trialpool.plots.scene import Circle, Group, Polygon, Rule, Scene, Shape
from trialpool.plots.styles import Style, StyleName, style_of
from trialpool.plots.text import BASELINE, LINE_HEIGHT, Box, Text, paragraphs
from trialpool.regress import MetaRegression
from trialpool.trials import Covariate

__all__ = ["Bubble", "BubbleLayout", "bubble", "bubble_layout", "bubble_scene"]

_PLOT_WIDTH = 460.0
_PLOT_HEIGHT = 330.0
_TICK_LENGTH = 4.0
_GAP = 7.0
_LARGEST = 17.0
_SMALLEST = 2.0
_BAND_BEYOND = 0.35
"""How far the axis follows the band beyond the studies, as a share of their spread."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Bubble:
    """A study's circle; ``corrected`` where its counts were corrected for an empty cell."""

    x: float
    y: float
    radius: float
    corrected: bool
    label: str
    tooltip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BubbleLayout:
    """A bubble plot, every part with its place; lengths in px from the top left corner.

    ``bubbles`` stand from the largest to the smallest; ``band`` is the confidence band as a closed polygon, cut at the frame;
    ``prediction`` are the two limits of the prediction band, or nothing.
    """

    style: Style
    width: float
    height: float
    title: str
    description: str
    frame: Box
    bubbles: tuple[Bubble, ...]
    line: tuple[Point, ...]
    band: tuple[Point, ...]
    prediction: tuple[tuple[Point, ...], ...]
    axis: Axis
    effects: Axis
    rules: tuple[Rule, ...]
    texts: tuple[Text, ...]


def bubble_layout(
    fit: MetaRegression,
    covariate: str | None = None,
    *,
    at: Mapping[str, Covariate] | None = None,
    prediction: bool = False,
    labels: bool = False,
    style: StyleName = "trialpool",
    title: str | None = None,
) -> BubbleLayout:
    """A bubble plot as data; the parameters are those of :func:`bubble`."""
    data = bubble_data(fit, covariate, at)
    heading = clean_text(sentence_case(fit.comparison.outcome) if title is None else title)
    return _Plot.of(data, style_of(style), heading, prediction, labels).layout()


def bubble(
    fit: MetaRegression,
    covariate: str | None = None,
    *,
    at: Mapping[str, Covariate] | None = None,
    prediction: bool = False,
    labels: bool = False,
    style: StyleName = "trialpool",
    title: str | None = None,
) -> Figure:
    """A bubble plot, ready to show or to save: effects against a covariate, with the line of the model and its band.

    Parameters
    ----------
    fit : MetaRegression
    covariate : str, optional
        A numeric covariate of the formula; may be left out where there is one.
    at : mapping, optional
        Where the other covariates are held; a number at its mean and a category at its reference unless given.
    prediction : bool
        Also draw the prediction band, where there is one.
    labels : bool
        Also name the studies, as far as there is room.
    style : {"trialpool", "revman5", "jama", "bmj"}
    title : str, optional
        The outcome unless given; empty for none.

    Returns
    -------
    Figure

    Examples
    --------
    >>> import warnings
    >>> import trialpool as tp
    >>> arms = {"outcome": "tuberculosis", "treatment": "BCG vaccine", "control": "no vaccine"}
    >>> fit = tp.meta_regression(tp.compare(tp.load_dataset("bcg").trials, **arms), "~ latitude")
    >>> bubble(fit).alt[:42]
    'Tuberculosis. Bubble plot of 13 studies by'
    """
    layout = bubble_layout(fit, covariate, at=at, prediction=prediction, labels=labels, style=style, title=title)
    return Figure(bubble_scene(layout))


def bubble_scene(layout: BubbleLayout) -> Scene:
    """A laid out bubble plot as shapes, from the back to the front."""
    return Scene(layout.width, layout.height, layout.title, layout.description, tuple(_shapes(layout)))


def _shapes(layout: BubbleLayout) -> Iterator[Shape]:
    palette = layout.style.palette
    yield Polygon(layout.band, palette.band)
    yield from layout.rules
    for limit in layout.prediction:
        for start, end in zip(limit[::2], limit[1::2], strict=False):  # every other piece: a dashed curve
            yield Rule(*start, *end, palette.prediction, 1.4)
    for start, end in zip(layout.line, layout.line[1:], strict=False):
        yield Rule(*start, *end, palette.diamond, 2.0)
    for one in layout.bubbles:
        fill = "#ffffff" if one.corrected else palette.square
        yield Group((Circle(one.x, one.y, one.radius, fill, palette.interval, 0.5),), one.tooltip)
    yield from layout.texts


@dataclass(frozen=True, slots=True)
class _Plot:
    """Makes the layout of one bubble plot."""

    data: BubbleData
    style: Style
    title: str
    prediction: bool
    labels: bool
    axis: Axis
    effects: Axis

    @classmethod
    def of(cls, data: BubbleData, style: Style, title: str, prediction: bool, labels: bool) -> _Plot:
        has_prediction = prediction and all(point.prediction is not None for point in data.line)
        low, high = data.positions[0], data.positions[-1]
        beside = (high - low) * (_LARGEST + 3) / (_PLOT_WIDTH - 2 * (_LARGEST + 3))
        across = Scale("", covariate_words(data.covariate), logarithmic=False)
        axis = axis_for(across, (low - beside, high + beside), _PLOT_WIDTH, style.small_size)
        effects = axis_for(data.fit.scale, _effect_range(data, has_prediction), _PLOT_HEIGHT, style.small_size)
        return cls(data, style, title, has_prediction, labels, axis, effects)

    def layout(self) -> BubbleLayout:
        style, size = self.style, self.style.small_size
        titles, top = paragraphs([self.title], style, self.width, style.margin, title=True)
        above, top = paragraphs([effect_axis_name(self.data)], style, self.width, top + 6)
        frame = Box(self.left, top + _GAP, self.left + _PLOT_WIDTH, top + _GAP + _PLOT_HEIGHT)
        below = frame.bottom + _GAP + LINE_HEIGHT * size
        words = sentence_case(clean_text(covariate_words(self.data.covariate)))
        name = Text((frame.left + frame.right) / 2, below + 2 + BASELINE * size, words, size, style.palette.text)
        bubbles = tuple(self._bubbles(frame))
        labels = self._labels(bubbles, frame) if self.labels else ()
        unnamed = len(bubbles) - len(labels) if self.labels else 0
        said = list(bubble_footers(self.data, style, prediction=self.prediction, unnamed=unnamed))
        footers, bottom = paragraphs(said, style, self.width, below + 10 + LINE_HEIGHT * size)
        return BubbleLayout(
            style=style,
            width=self.width + style.margin,
            height=bottom + style.margin,
            title=self.title,
            description=bubble_description(self.data, style, said),
            frame=frame,
            bubbles=bubbles,
            line=self._curve([point.estimate for point in self.data.line], frame),
            band=self._curve([point.conf_low for point in self.data.line], frame)
            + self._curve([point.conf_high for point in self.data.line], frame)[::-1],
            prediction=tuple(self._prediction_limits(frame)),
            axis=self.axis,
            effects=self.effects,
            rules=tuple(self._rules(frame)),
            texts=(*titles, *above, *self._tick_labels(frame), replace(name, anchor="middle"), *labels, *footers),
        )

    @property
    def left(self) -> float:
        """Where the plot begins, right of the labels of the effects."""
        labels = max(text_width(tick.label, self.style.small_size) for tick in self.effects.ticks)
        overhang = self.axis.tick_overhang(_PLOT_WIDTH, self.style.small_size)
        return self.style.margin + max(labels + _TICK_LENGTH + 4, overhang)

    @property
    def width(self) -> float:
        """Where the plot ends, with what its last label reaches beyond it."""
        return self.left + _PLOT_WIDTH + max(6.0, self.axis.tick_overhang(_PLOT_WIDTH, self.style.small_size))

    def _place(self, x: float, effect: float, frame: Box) -> Point:
        across = frame.left + (frame.right - frame.left) * self.axis.share(x)
        down = frame.bottom - (frame.bottom - frame.top) * self.effects.share(effect)
        return across, min(max(down, frame.top), frame.bottom)

    def _curve(self, effects: list[float], frame: Box) -> tuple[Point, ...]:
        return tuple(self._place(x, effect, frame) for x, effect in zip(self.data.positions, effects, strict=True))

    def _prediction_limits(self, frame: Box) -> Iterator[tuple[Point, ...]]:
        if self.prediction:
            limits = [point.prediction for point in self.data.line if point.prediction is not None]
            yield self._curve([limit.low for limit in limits], frame)
            yield self._curve([limit.high for limit in limits], frame)

    def _bubbles(self, frame: Box) -> Iterator[Bubble]:
        scale = self.data.fit.scale
        heaviest = max(weight for _, _, _, weight in self.data.studies)
        for study, x, effect, weight in sorted(self.data.studies, key=lambda one: -one[3]):
            label = clean_text(study.contrast.label)
            shown = format_number(scale.display(effect), digits_of(scale))
            tooltip = f"{label}: {shown} at {covariate_words(self.data.covariate)} {x:g}, weight {100 * weight:.1f}%"
            radius = max(_LARGEST * (weight / heaviest) ** 0.5, _SMALLEST)
            yield Bubble(*self._place(x, effect, frame), radius, any(study.increments), label, tooltip)

    def _labels(self, bubbles: tuple[Bubble, ...], frame: Box) -> tuple[Text, ...]:
        null = [self._place(self.axis.low, 0.0, frame)[1]] if self.effects.null is not None else []
        lines = [Box(frame.left, y - 1, frame.right, y + 1) for y in null]
        curve = self._curve([point.estimate for point in self.data.line], frame)
        lines += [Box(x - 3, y - 1, x + 3, y + 1) for x, y in curve]
        return place_labels([(b.label, b.x, b.y, b.radius) for b in bubbles], lines, frame, self.style)

    def _rules(self, frame: Box) -> Iterator[Rule]:
        palette = self.style.palette
        if self.effects.null is not None:
            _, y = self._place(self.axis.low, 0.0, frame)
            yield Rule(frame.left, y, frame.right, y, palette.null)
        yield Rule(frame.left, frame.bottom, frame.right, frame.bottom, palette.text)
        yield Rule(frame.left, frame.top, frame.left, frame.bottom, palette.text)
        for tick in self.axis.ticks:
            x, _ = self._place(tick.position, 0.0, frame)
            yield Rule(x, frame.bottom, x, frame.bottom + _TICK_LENGTH, palette.text)
        for tick in self.effects.ticks:
            _, y = self._place(self.axis.low, tick.position, frame)
            yield Rule(frame.left - _TICK_LENGTH, y, frame.left, y, palette.text)

    def _tick_labels(self, frame: Box) -> Iterator[Text]:
        size, colour = self.style.small_size, self.style.palette.text
        for tick in self.axis.ticks:
            x, _ = self._place(tick.position, 0.0, frame)
            yield Text(x, frame.bottom + _GAP + BASELINE * size, tick.label, size, colour, anchor="middle")
        for tick in self.effects.ticks:
            _, y = self._place(self.axis.low, tick.position, frame)
            yield Text(frame.left - _TICK_LENGTH - 3, y + 0.35 * size, tick.label, size, colour, anchor="end")


def _effect_range(data: BubbleData, prediction: bool) -> tuple[float, float]:
    """The range that shows every study, no difference and the line, and the bands as far as they leave room for the rest."""
    shown = [0.0, *(effect for _, _, effect, _ in data.studies), *(point.estimate for point in data.line)]
    low, high = min(shown), max(shown)
    bands = [(point.conf_low, point.conf_high) for point in data.line]
    if prediction:
        bands += [(p.prediction.low, p.prediction.high) for p in data.line if p.prediction is not None]
    room = _BAND_BEYOND * (high - low)
    low, high = max(min(low, *(a for a, _ in bands)), low - room), min(max(high, *(b for _, b in bands)), high + room)
    beside = max(high - low, 1e-4) * (_LARGEST + 3) / (_PLOT_HEIGHT - 2 * (_LARGEST + 3))
    return low - beside, high + beside
