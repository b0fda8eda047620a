"""What a forest plot shows: its columns, rows, axis, directions and footers, before they have places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from trialpool.display import clean_text, sentence_case
from trialpool.effects import measure_name
from trialpool.plots.arm_cells import arm_headings, shown_columns
from trialpool.plots.axis import Axis, Limits, axis_for, shown_range
from trialpool.plots.forest_data import ForestData
from trialpool.plots.forest_ranges import Ranges
from trialpool.plots.forest_rows import ForestRows
from trialpool.plots.forest_words import description, effect_heading, method_line
from trialpool.plots.layout import Column, Content, Row
from trialpool.plots.styles import Style
from trialpool.pool import StudyResult

__all__ = ["FavoursLow", "ForestLabels", "cut_remark", "forest_content"]

FavoursLow = Literal["treatment", "control"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestLabels:
    """Names of the arms in place of those of the comparison; None keeps these."""

    treatment: str | None = None
    control: str | None = None


def forest_content(
    data: ForestData,
    style: Style,
    labels: ForestLabels,
    *,
    title: str | None,
    favours_low: FavoursLow,
    limits: Limits | None,
) -> Content:
    """Columns, rows, axis and footers of a forest plot."""
    comparison, rows = data.comparison, ForestRows.of(data, style)
    treatment = clean_text(comparison.treatment if labels.treatment is None else labels.treatment)
    control = clean_text(comparison.control if labels.control is None else labels.control)
    statistics, beside = list(rows.statistics()), style.statistics == "left"
    left = [Row(kind="statistics", spanning=line) for line in statistics] if beside else []
    below = [] if beside else statistics
    axis = _axis(data, rows.footnotes.ranges, style, limits)
    body = tuple(rows.body())
    lower, higher = (treatment, control) if favours_low == "treatment" else (control, treatment)
    favours = style.wording.favours
    return Content(
        title=clean_text(sentence_case(comparison.outcome) if title is None else title),
        description=description(data, style),
        columns=tuple(_columns(data, style, treatment, control)),
        rows=(*body, *left),
        axis=axis,
        directions=(f"{favours} {lower}", f"{favours} {higher}"),
        line=data.pooled.estimate if data.pooled and style.pooled_line else None,
        footers=(
            *below,
            method_line(data.request),
            *rows.footnotes.lines(data.request.zero_cells),
            *_remarks(data),
            *cut_remark(body, axis),
        ),
    )


def _columns(data: ForestData, style: Style, treatment: str, control: str) -> Iterator[Column]:
    words = style.wording
    effect = effect_heading(data.request, style, measure_name(data.comparison, data.request.measure))
    combined, events, size = arm_headings(data.form, words)
    wanted = {
        "study": Column(name="study", heading=words.study, anchor="start", widest=style.study_width),
        "treatment": Column(name="treatment", heading=combined, over=sentence_case(treatment)),
        "control": Column(name="control", heading=combined, over=sentence_case(control)),
        "treatment_events": Column(name="treatment_events", heading=events, over=sentence_case(treatment)),
        "treatment_n": Column(name="treatment_n", heading=size, over=sentence_case(treatment)),
        "control_events": Column(name="control_events", heading=events, over=sentence_case(control)),
        "control_n": Column(name="control_n", heading=size, over=sentence_case(control)),
        "plot": Column(name="plot", heading=effect if words.revman else "", anchor="middle"),
        "effect": Column(name="effect", heading=effect),
        "weight": Column(name="weight", heading=words.weight),
    }
    return (wanted[name] for name in shown_columns(style.columns, data.form, data.studies))


def _axis(data: ForestData, ranges: Ranges, style: Style, limits: Limits | None) -> Axis | None:
    """The axis over everything that has a place on it; None where nothing has."""
    answers = [p for p in (data.pooled, *(group.pooled for group in data.groups)) if p is not None]
    estimates = [s.estimate for s in data.studies if s.estimate is not None] + [p.estimate for p in answers]
    if not estimates and not ranges:
        return None
    intervals = [i for study in data.studies if (i := _interval(study)) is not None]
    intervals += [(p.conf_low, p.conf_high) for p in answers]
    shown = shown_range(estimates, intervals, logarithmic=data.scale.logarithmic, ranges=tuple(ranges.values()))
    return axis_for(data.scale, shown, style.plot_width, style.small_size, limits)


def _interval(study: StudyResult) -> Limits | None:
    if study.conf_low is None or study.conf_high is None:
        return None
    return study.conf_low, study.conf_high


def _remarks(data: ForestData) -> Iterator[str]:
    """What a reader has to know about the totals."""
    pooled = data.pooled
    if pooled is not None and pooled.k_informative < pooled.k:
        yield f"Totals count the {pooled.k_informative} of {pooled.k} studies that contribute."
    if data.comparison.has_shared_controls:
        yield "A control arm shared by several comparisons counts once in the totals."


def cut_remark(rows: Iterable[Row], axis: Axis | None) -> Iterator[str]:
    """What an arrow means, if there is one."""
    if axis is None:
        return
    glyphs = [row.glyph for row in rows if row.glyph is not None]
    cut = {glyph.shape == "open bar" for glyph in glyphs if glyph.low < axis.low or glyph.high > axis.high}
    if False in cut:
        yield "Arrow: the interval goes on beyond the axis."
    if True in cut:
        yield "Arrow of an open bar: the range goes on beyond the axis, to 0 or infinity where no limit is given."
