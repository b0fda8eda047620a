"""The funnel plot: precision against effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from trialpool.checks import instance
from trialpool.display import clean_text, format_number, plural, sentence_case
from trialpool.effects import Scale
from trialpool.errors import NotEstimableError
from trialpool.numerics.distributions import quantile
from trialpool.plots.axis import Axis, axis_for
from trialpool.plots.figure import Figure
from trialpool.plots.fonts import text_width
from trialpool.plots.forest_words import digits_of, effect_text, level_text, model_words
from trialpool.plots.scene import Circle, Group, Polygon, Rule, Scene, Shape
from trialpool.plots.styles import Style, StyleName, style_of
from trialpool.plots.text import BASELINE, LINE_HEIGHT, Box, Text, paragraphs
from trialpool.pool import POOL_FIRST, Pooled, StudyResult

__all__ = ["FunnelLayout", "Point", "funnel", "funnel_layout", "funnel_scene"]

_PLOT_WIDTH = 460.0
_PLOT_HEIGHT = 330.0
_TICK_LENGTH = 4.0
_GAP = 7.0
"""Between axis and text: labels of the two axes do not touch where these meet."""
_ERROR_SCALE = Scale("SE", "standard error", logarithmic=False)


@dataclass(frozen=True, slots=True)
class Point:
    """A study's place; ``corrected`` where its counts were corrected for an empty cell."""

    x: float
    y: float
    corrected: bool
    tooltip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelLayout:
    """A funnel plot, every part with its place; lengths in px from the top left corner.

    ``limits`` are the corners of the triangle within which the studies are expected; ``axis`` runs along the lower edge
    of ``frame``, ``errors`` down its left one.
    """

    style: Style
    width: float
    height: float
    title: str
    description: str
    frame: Box
    points: tuple[Point, ...]
    limits: tuple[tuple[float, float], ...]
    axis: Axis
    errors: Axis
    rules: tuple[Rule, ...]
    texts: tuple[Text, ...]


def funnel_layout(pooled: Pooled, *, style: StyleName = "trialpool", title: str | None = None) -> FunnelLayout:
    """A funnel plot as data: standard error, smallest on top, against effect.

    Parameters
    ----------
    pooled : Pooled
    style : {"trialpool", "revman5", "jama", "bmj"}
    title : str, optional
        The outcome unless given; empty for none.

    Returns
    -------
    FunnelLayout
        Its dashed lines are pseudo confidence limits: where studies lie if chance alone moves them around the pooled
        estimate.
    """
    instance("pooled", pooled, Pooled, POOL_FIRST)
    chosen = style_of(style)
    heading = clean_text(sentence_case(pooled.comparison.outcome) if title is None else title)
    return _Funnel.of(pooled, chosen, heading).layout()


def funnel(pooled: Pooled, *, style: StyleName = "trialpool", title: str | None = None) -> Figure:
    """A funnel plot, ready to show or to save; the parameters are those of :func:`funnel_layout`.

    Examples
    --------
    >>> import trialpool as tp
    >>> trials = tp.load_dataset("bcg").trials
    >>> comparison = tp.compare(trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")
    >>> funnel(tp.pool(comparison)).alt[:34]
    'Tuberculosis. Funnel plot of 13 st'
    """
    return Figure(funnel_scene(funnel_layout(pooled, style=style, title=title)))


def funnel_scene(layout: FunnelLayout) -> Scene:
    """A laid out funnel plot as shapes, from the back to the front."""
    return Scene(layout.width, layout.height, layout.title, layout.description, tuple(_shapes(layout)))


def _shapes(layout: FunnelLayout) -> Iterator[Shape]:
    palette = layout.style.palette
    yield Polygon(layout.limits, palette.band)
    yield from layout.rules
    for point in layout.points:
        fill = "#ffffff" if point.corrected else palette.square
        yield Group((Circle(point.x, point.y, 4.2, fill, palette.interval, 0.65),), point.tooltip)
    yield from layout.texts


@dataclass(frozen=True, slots=True)
class _Funnel:
    """Makes the layout of one funnel plot; ``errors`` are the standard errors of the studies that have an effect."""

    pooled: Pooled
    style: Style
    title: str
    effects: tuple[tuple[StudyResult, float, float], ...]
    axis: Axis
    errors: Axis

    @classmethod
    def of(cls, pooled: Pooled, style: Style, title: str) -> _Funnel:
        effects = tuple(
            (study, study.estimate, study.std_error)
            for study in pooled.studies
            if study.estimate is not None and study.std_error is not None
        )
        if not effects:
            raise NotEstimableError("no study has an effect of its own, so there is nothing to show in a funnel plot")
        size = style.small_size
        errors = axis_for(_ERROR_SCALE, (0.0, 1.05 * max(error for _, _, error in effects)), _PLOT_HEIGHT, size)
        half = quantile(pooled.request.conf_level, None) * errors.high
        shown = [0.0, pooled.estimate - half, pooled.estimate + half, *(estimate for _, estimate, _ in effects)]
        margin = 0.02 * (max(shown) - min(shown))
        axis = axis_for(pooled.scale, (min(shown) - margin, max(shown) + margin), _PLOT_WIDTH, size)
        return cls(pooled, style, title, effects, axis, errors)

    def layout(self) -> FunnelLayout:
        style, size = self.style, self.style.small_size
        titles, top = paragraphs([self.title], style, self.width, style.margin, title=True)
        above, top = paragraphs([f"Standard error of the {self.pooled.scale.working_name}"], style, self.width, top + 6)
        frame = Box(self.left, top + _GAP, self.left + _PLOT_WIDTH, top + _GAP + _PLOT_HEIGHT)
        below = frame.bottom + _GAP + LINE_HEIGHT * size
        name = Text(
            (frame.left + frame.right) / 2, below + 2 + BASELINE * size, self._axis_name(), size, style.palette.text
        )
        footers, bottom = paragraphs(list(self._footers()), style, self.width, below + 10 + LINE_HEIGHT * size)
        return FunnelLayout(
            style=style,
            width=self.width + style.margin,
            height=bottom + style.margin,
            title=self.title,
            description=self._description(),
            frame=frame,
            points=tuple(self._points(frame)),
            limits=tuple(self._triangle(frame)),
            axis=self.axis,
            errors=self.errors,
            rules=tuple(self._rules(frame)),
            texts=(*titles, *above, *self._labels(frame), replace(name, anchor="middle"), *footers),
        )

    @property
    def left(self) -> float:
        """Where the plot begins, right of the labels of the standard error."""
        labels = max(text_width(tick.label, self.style.small_size) for tick in self.errors.ticks)
        overhang = self.axis.tick_overhang(_PLOT_WIDTH, self.style.small_size)
        return self.style.margin + max(labels + _TICK_LENGTH + 4, overhang)

    @property
    def width(self) -> float:
        """Where the plot ends, with what its last label reaches beyond it."""
        return self.left + _PLOT_WIDTH + max(6.0, self.axis.tick_overhang(_PLOT_WIDTH, self.style.small_size))

    def _place(self, estimate: float, error: float, frame: Box) -> tuple[float, float]:
        x = frame.left + (frame.right - frame.left) * self.axis.share(estimate)
        return x, frame.top + (frame.bottom - frame.top) * self.errors.share(error)

    def _points(self, frame: Box) -> Iterator[Point]:
        for study, estimate, error in self.effects:
            shown = format_number(self.pooled.scale.display(estimate), digits_of(self.pooled.scale))
            tooltip = f"{clean_text(study.contrast.label)}: {shown}, standard error {format_number(error, 3)}"
            yield Point(*self._place(estimate, error, frame), any(study.increments), tooltip)

    def _triangle(self, frame: Box) -> Iterator[tuple[float, float]]:
        centre, deepest = self.pooled.estimate, self.errors.high
        half = quantile(self.pooled.request.conf_level, None) * deepest
        yield self._place(centre - half, deepest, frame)
        yield self._place(centre, 0.0, frame)
        yield self._place(centre + half, deepest, frame)

    def _rules(self, frame: Box) -> Iterator[Rule]:
        palette = self.style.palette
        left, apex, right = self._triangle(frame)
        null_x, _ = self._place(0.0, 0.0, frame)
        yield Rule(null_x, frame.top, null_x, frame.bottom, palette.null)
        yield Rule(apex[0], frame.top, apex[0], frame.bottom, palette.diamond, 1.0, "2 3")
        for corner in (left, right):
            yield Rule(*apex, *corner, palette.diamond, 1.0, "5 4")
        yield Rule(frame.left, frame.bottom, frame.right, frame.bottom, palette.text)
        yield Rule(frame.left, frame.top, frame.left, frame.bottom, palette.text)
        for tick in self.axis.ticks:
            x, _ = self._place(tick.position, 0.0, frame)
            yield Rule(x, frame.bottom, x, frame.bottom + _TICK_LENGTH, palette.text)
        for tick in self.errors.ticks:
            _, y = self._place(0.0, tick.position, frame)
            yield Rule(frame.left - _TICK_LENGTH, y, frame.left, y, palette.text)

    def _labels(self, frame: Box) -> Iterator[Text]:
        size, colour = self.style.small_size, self.style.palette.text
        for tick in self.axis.ticks:
            x, _ = self._place(tick.position, 0.0, frame)
            yield Text(x, frame.bottom + _GAP + BASELINE * size, tick.label, size, colour, anchor="middle")
        for tick in self.errors.ticks:
            _, y = self._place(0.0, tick.position, frame)
            yield Text(frame.left - _TICK_LENGTH - 3, y + 0.35 * size, tick.label, size, colour, anchor="end")

    def _axis_name(self) -> str:
        return sentence_case(self.pooled.request.measure) + (" (log scale)" if self.pooled.scale.logarithmic else "")

    def _footers(self) -> Iterator[str]:
        pooled = self.pooled
        answer = effect_text((pooled.estimate, pooled.conf_low, pooled.conf_high), pooled.scale, self.style)
        yield f"Dotted line: pooled estimate ({model_words(pooled.request)}), {answer}. Solid line: no difference."
        level = level_text(pooled.request)
        yield f"Dashed lines: pseudo {level} limits around it, where studies lie if chance alone moves them."
        if any(any(study.increments) for study, _, _ in self.effects):
            yield f"Open circle: counts corrected for an empty cell ({pooled.request.zero_cells})."
        if absent := pooled.k - len(self.effects):
            yield f"Not shown: {plural(absent, 'study')} without an effect of {'its' if absent == 1 else 'their'} own."

    def _description(self) -> str:
        left, right = 0, 0
        for _, estimate, _ in self.effects:
            left, right = left + (estimate < self.pooled.estimate), right + (estimate > self.pooled.estimate)
        counts = f"{left} of them below the pooled estimate, {right} above"
        return f"Funnel plot of {plural(len(self.effects), 'study')}, {counts}. {' '.join(self._footers())}"
