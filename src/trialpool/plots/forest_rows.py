"""The rows of a forest plot: studies, groups, pooled estimates, prediction interval, tests."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from trialpool.display import clean_text, format_interval, format_percent, sentence_case
from trialpool.plots.arm_cells import arm_cells, total_cells
from trialpool.plots.axis import Limits
from trialpool.plots.forest_data import ForestData, ForestGroup, contributing
from trialpool.plots.forest_notes import Footnotes
from trialpool.plots.forest_ranges import drawn_ranges, range_key, range_text, study_range
from trialpool.plots.forest_words import (
    digits_of,
    effect_text,
    interaction_line,
    level_text,
    model_words,
    statistics_lines,
)
from trialpool.plots.layout import Glyph, Row
from trialpool.plots.styles import Style
from trialpool.pool import Pooled, StudyResult

__all__ = ["ForestRows"]

_INDENT = 12.0
_UNWEIGHTED_SIZE = 0.6
_OPEN = 0.48


@dataclass(frozen=True, slots=True)
class ForestRows:
    """Makes the rows of one forest plot in one style."""

    data: ForestData
    style: Style
    footnotes: Footnotes
    heaviest: float

    @classmethod
    def of(cls, data: ForestData, style: Style) -> ForestRows:
        """The rows of the data in a style."""
        heaviest = max((study.weight for study in data.studies if study.weight is not None), default=0.0)
        return cls(data, style, Footnotes.of(data.studies, drawn_ranges(data)), heaviest)

    def body(self) -> Iterator[Row]:
        """All rows that share the axis, from the top."""
        if self.data.groups:
            for number, group in enumerate(self.data.groups):
                yield from self._group(group, first=number == 0)
        else:
            yield from (self._study(study, 0.0) for study in self.data.studies)
        yield from self._whole()

    def statistics(self) -> Iterator[str]:
        """Heterogeneity, test of the pooled effect, test for differences between groups."""
        if self.data.pooled is not None:
            yield from statistics_lines(self.data.pooled, self.style)
        if self.data.interaction is not None:
            yield interaction_line(self.data.interaction, self.style)

    @property
    def _space(self) -> float:
        return 0.4 * self.style.text_size

    def _group(self, group: ForestGroup, *, first: bool) -> Iterator[Row]:
        # The whole's own studies: their weights are shares of the whole, and zero-cell rules saw all studies.
        whole = {(s.contrast.label, s.contrast.treatment_arm): s for s in self.data.studies}
        studies = [whole[s.contrast.label, s.contrast.treatment_arm] for s in group.studies]
        space = 0.0 if first else self._space
        yield Row(kind="group", spanning=sentence_case(clean_text(group.label)), bold=True, space_above=space)
        yield from (self._study(study, _INDENT) for study in studies)
        if group.pooled is None:
            yield Row(kind="note", spanning=clean_text(group.message), indent=_INDENT)
            return
        # Without a pooled whole, no study counts there; the group's own studies say what the group rests on.
        counted = studies if self.data.pooled is not None else group.studies
        share = math.fsum(study.weight or 0.0 for study in studies) if self.heaviest else None
        label = self.style.wording.subtotal.format(level=level_text(self.data.request))
        yield from self._summary("subtotal", label, group.pooled, counted, share)
        for line in statistics_lines(group.pooled, self.style):
            yield Row(kind="note", spanning=line, indent=_INDENT)

    def _whole(self) -> Iterator[Row]:
        pooled, request = self.data.pooled, self.data.request
        if pooled is None:
            message = clean_text(self.data.message) or "no reason is given"
            yield Row(kind="note", spanning=f"Not pooled: {message}", bold=True, space_above=self._space)
            return
        label = self.style.wording.total.format(level=level_text(request), model=model_words(request))
        yield from self._summary("total", label, pooled, self.data.studies, 1.0 if self.heaviest else None)
        if pooled.prediction is not None:
            yield self._prediction(pooled.prediction.low, pooled.prediction.high)

    def _study(self, study: StudyResult, indent: float) -> Row:
        style, contrast = self.style, study.contrast
        label, effect = _label(study), style.wording.not_estimable + (" alone" if study.contributes else "")
        found, glyph = study_range(study, self.data.request.measure), None
        if study.estimate is not None and study.conf_low is not None and study.conf_high is not None:
            values = (study.estimate, study.conf_low, study.conf_high)
            effect = effect_text(values, self.data.scale, style)
            glyph = Glyph(
                shape="square",
                estimate=study.estimate,
                low=study.conf_low,
                high=study.conf_high,
                colour=style.palette.square,
                size=self._size(study.weight),
                tooltip=f"{label}: {effect}",
            )
        elif found is not None:
            effect = range_text(found, style)
            if limits := self.footnotes.ranges.get(range_key(study)):
                glyph = _open_bar(limits, f"{label}: {effect}, by the bounds of its events", style)
        numbers = arm_cells(contrast, self.data.form, style.wording)
        return Row(
            kind="study",
            cells={"study": label, **numbers, "effect": effect, "weight": self._weight(study.weight)},
            glyph=glyph,
            marks=self.footnotes.marks(study),
            indent=indent,
            colours={"effect": style.palette.muted} if study.estimate is None else {},
        )

    def _size(self, weight: float | None) -> float:
        """Side of a square whose area is in proportion to the weight, as a share of the largest."""
        return math.sqrt(weight / self.heaviest) if weight is not None and self.heaviest else _UNWEIGHTED_SIZE

    def _summary(
        self,
        kind: Literal["subtotal", "total"],
        label: str,
        pooled: Pooled,
        studies: Sequence[StudyResult],
        share: float | None,
    ) -> Iterator[Row]:
        """The row of a pooled estimate; RevMan has the events in a second one."""
        style, total = self.style, kind == "total"
        summed = contributing(studies, shared=self.data.comparison.has_shared_controls)
        cells = total_cells(*summed, self.data.form, style.wording)
        names = ("treatment_events", "control_events") if style.wording.revman else ()
        events = {name: cells.pop(name) for name in names if name in cells}
        effect = effect_text((pooled.estimate, pooled.conf_low, pooled.conf_high), self.data.scale, style)
        glyph = Glyph(
            shape="diamond",
            estimate=pooled.estimate,
            low=pooled.conf_low,
            high=pooled.conf_high,
            colour=style.palette.diamond if total else style.palette.subtotal,
            tooltip=f"{label}: {effect}",
        )
        indent = 0.0 if total else _INDENT
        cells = {"study": label, **cells, "effect": effect, "weight": self._weight(share)}
        space = self._space if total else 0.0
        yield Row(kind=kind, cells=cells, glyph=glyph, bold=True, indent=indent, space_above=space)
        if events:
            yield Row(kind=kind, cells={"study": "Total events", **events}, indent=indent)

    def _prediction(self, low: float, high: float) -> Row:
        scale, style = self.data.scale, self.style
        shown = format_interval(scale.display(low), scale.display(high), digits_of(scale), style.wording.interval)
        label = f"{level_text(self.data.request)} prediction interval"
        colour, tooltip = style.palette.prediction, f"{label} {shown}"
        glyph = Glyph(shape="bar", estimate=None, low=low, high=high, colour=colour, tooltip=tooltip)
        return Row(kind="prediction", cells={"study": label, "effect": shown}, glyph=glyph)

    def _weight(self, weight: float | None) -> str:
        """A weight in percent; the sign is left out where the heading has it."""
        text = format_percent(weight)
        return text.rstrip("%") if "%" in self.style.wording.weight else text


def _open_bar(limits: Limits, tooltip: str, style: Style) -> Glyph:
    """The mark of a range: its height says nothing, so that it is the same for all."""
    low, high = limits
    colour = style.palette.bounds
    return Glyph(shape="open bar", estimate=None, low=low, high=high, colour=colour, size=_OPEN, tooltip=tooltip)


def _label(study: StudyResult) -> str:
    """The study's label, with its year if there is one that the label does not have."""
    label, year = clean_text(study.contrast.label), study.contrast.covariates.get("year")
    text = f"{year:g}" if isinstance(year, int | float) else clean_text(year or "")
    return label if text in label else f"{label} {text}"
