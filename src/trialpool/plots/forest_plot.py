"""The forest plot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from trialpool.checks import choice, instance
from trialpool.plots.axis import Limits
from trialpool.plots.figure import Figure
from trialpool.plots.forest_content import FavoursLow, ForestLabels, forest_content
from trialpool.plots.forest_data import ForestData
from trialpool.plots.layout import ForestLayout
from trialpool.plots.marks import mark_shapes
from trialpool.plots.place import place
from trialpool.plots.scene import Rectangle, Scene, Shape
from trialpool.plots.styles import StyleName, style_of
from trialpool.plots.svg import svg_document
from trialpool.pool import POOL_FIRST, Pooled, SubgroupResult

__all__ = ["forest", "forest_layout", "forest_scene", "forest_svg"]


def forest_layout(
    data: Pooled | ForestData,
    *,
    style: StyleName = "trialpool",
    title: str | None = None,
    labels: ForestLabels | None = None,
    subgroups: SubgroupResult | None = None,
    favours_low: FavoursLow = "treatment",
    limits: Limits | None = None,
) -> ForestLayout:
    """A forest plot as data: every text, mark and line with its place.

    Parameters
    ----------
    data : Pooled or ForestData
    style : {"trialpool", "revman5", "jama", "bmj"}
    title : str, optional
        The outcome unless given; empty for none.
    labels : ForestLabels, optional
        Names of the arms in place of those of the comparison.
    subgroups : SubgroupResult, optional
        Puts the studies in groups.
    favours_low : {"treatment", "control"}
        Whom a low value favours: the treatment where fewer events are better.
    limits : (float, float), optional
        Ends of the axis, as displayed. Unless given, chosen so that one wide interval does not squeeze the others.

    Returns
    -------
    ForestLayout
    """
    instance("data", data, (Pooled, ForestData), POOL_FIRST)
    chosen, labels = style_of(style), labels or ForestLabels()
    choice("favours_low", favours_low, get_args(FavoursLow))
    if isinstance(data, Pooled):
        data = ForestData.from_pooled(data)
    if subgroups is not None:
        instance("subgroups", subgroups, SubgroupResult, "give the result of pool_subgroups(comparison, by)")
        data = data.with_subgroups(subgroups)
    content = forest_content(data, chosen, labels, title=title, favours_low=favours_low, limits=limits)
    return place(content, chosen)


def forest_svg(layout: ForestLayout, *, embed_font: bool = True) -> str:
    """A laid out forest plot as SVG; ``embed_font`` says whether the font is in it."""
    return svg_document(forest_scene(layout), embed_font=embed_font)


def forest(
    data: Pooled | ForestData,
    *,
    style: StyleName = "trialpool",
    title: str | None = None,
    labels: ForestLabels | None = None,
    subgroups: SubgroupResult | None = None,
    favours_low: FavoursLow = "treatment",
    limits: Limits | None = None,
) -> Figure:
    """A forest plot, ready to show or to save; the parameters are those of :func:`forest_layout`.

    Examples
    --------
    >>> import trialpool as tp
    >>> trials = tp.load_dataset("bcg").trials
    >>> comparison = tp.compare(trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")
    >>> figure = forest(tp.pool(comparison), style="jama")
    >>> figure.alt[:33]
    'Tuberculosis. Forest plot of 13 s'
    """
    layout = forest_layout(
        data, style=style, title=title, labels=labels, subgroups=subgroups, favours_low=favours_low, limits=limits
    )
    return Figure(forest_scene(layout))


def forest_scene(layout: ForestLayout) -> Scene:
    """A laid out forest plot as shapes, from the back to the front."""
    return Scene(layout.width, layout.height, layout.title, layout.description, tuple(_shapes(layout)))


def _shapes(layout: ForestLayout) -> Iterator[Shape]:
    palette = layout.style.palette
    if palette.header:
        left, right = layout.columns[0].left, layout.columns[-1].right
        yield Rectangle(left - 6, layout.header[0], right + 6, layout.header[1], palette.header)
    if layout.band:
        left, top, right, bottom = layout.band
        yield Rectangle(left, top, right, bottom, palette.band)
    yield from layout.rules
    for mark in layout.marks:
        yield mark_shapes(mark, palette)
    yield from layout.texts
