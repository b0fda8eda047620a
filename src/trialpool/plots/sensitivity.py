"""The sensitivity plot: a compact forest of other ways to answer, beside the reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from trialpool.checks import choice
from trialpool.display import clean_text, format_percent, plural, sentence_case
from trialpool.errors import NotEstimableError
from trialpool.plots.axis import Axis, axis_for, shown_range, tick_label
from trialpool.plots.figure import Figure
from trialpool.plots.forest_content import FavoursLow, cut_remark
from trialpool.plots.forest_notes import reason_sign
from trialpool.plots.forest_plot import forest_scene
from trialpool.plots.forest_words import effect_heading, effect_text, level_text
from trialpool.plots.layout import Column, Content, ForestLayout, Glyph, Row
from trialpool.plots.place import place
from trialpool.plots.styles import Style, StyleName, style_of
from trialpool.pool import Pooled
from trialpool.sensitivity import Alternative, SensitivityTable

__all__ = ["sensitivity_layout", "sensitivity_plot"]


def sensitivity_layout(
    table: SensitivityTable,
    *,
    style: StyleName = "trialpool",
    title: str | None = None,
    favours_low: FavoursLow = "treatment",
) -> ForestLayout:
    """A sensitivity plot as data.

    A line and a band carry the reference down the plot. An alternative with another conclusion has another shape, another
    colour, bold text and its conclusion in words.

    Parameters
    ----------
    table : SensitivityTable
    style : {"trialpool", "revman5", "jama", "bmj"}
    title : str, optional
        The name of the table unless given; empty for none.
    favours_low : {"treatment", "control"}
        Whom a low value favours: the treatment where fewer events are better.

    Returns
    -------
    ForestLayout

    Raises
    ------
    NotEstimableError
        Where the choice does not arise, so that there are no alternatives.
    """
    chosen = style_of(style)
    choice("favours_low", favours_low, get_args(FavoursLow))
    reference = next((row.pooled for row in table.rows if row.is_reference), None)
    if reference is None:
        raise NotEstimableError(f"{table.name}: there is nothing to plot. {table.verdict}")
    heading = clean_text(table.name if title is None else title)
    return place(_Alternatives(table, reference, chosen).content(heading, favours_low), chosen)


def sensitivity_plot(
    table: SensitivityTable,
    *,
    style: StyleName = "trialpool",
    title: str | None = None,
    favours_low: FavoursLow = "treatment",
) -> Figure:
    """A sensitivity plot, ready to show or to save; the parameters are those of :func:`sensitivity_layout`.

    Examples
    --------
    >>> import trialpool as tp
    >>> from trialpool.sensitivity import leave_one_out
    >>> trials = tp.load_dataset("bcg").trials
    >>> comparison = tp.compare(trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")
    >>> sensitivity_plot(leave_one_out(tp.pool(comparison))).alt[:37]
    'Leave one out. 13 alternatives beside'
    """
    layout = sensitivity_layout(table, style=style, title=title, favours_low=favours_low)
    return Figure(forest_scene(layout))


@dataclass(frozen=True, slots=True)
class _Alternatives:
    """Makes the content of one sensitivity plot."""

    table: SensitivityTable
    reference: Pooled
    style: Style

    def content(self, title: str, favours_low: FavoursLow) -> Content:
        reference, table = self.reference, self.table
        treatment, control = clean_text(reference.comparison.treatment), clean_text(reference.comparison.control)
        lower, higher = (treatment, control) if favours_low == "treatment" else (control, treatment)
        favours, axis, rows = self.style.wording.favours, self._axis(), tuple(map(self._row, table.rows))
        return Content(
            title=title,
            description=self._description(),
            columns=(
                Column(name="alternative", heading="Alternative", anchor="start", widest=1.3 * self.style.study_width),
                Column(name="studies", heading="Studies"),
                Column(name="i2", heading="I²"),
                Column(name="plot"),
                Column(name="effect", heading=self._effect_heading()),
                Column(name="conclusion", heading="Conclusion", anchor="start"),
            ),
            rows=rows,
            axis=axis,
            directions=(f"{favours} {lower}", f"{favours} {higher}"),
            line=reference.estimate,
            band=(reference.conf_low, reference.conf_high),
            footers=(*self._footers(), *cut_remark(rows, axis)),
        )

    def _effect_heading(self) -> str:
        """The measure, where all rows have the same one."""
        measures = {row.pooled.request.measure for row in self.table.rows if row.pooled}
        if len(measures) == 1:
            return effect_heading(self.reference.request, self.style)
        return f"Effect\n({level_text(self.reference.request)} CI)"

    def _axis(self) -> Axis:
        answers = [row.pooled for row in self.table.rows if row.pooled is not None]
        shown = shown_range(
            [p.estimate for p in answers],
            [(p.conf_low, p.conf_high) for p in answers],
            logarithmic=self.reference.scale.logarithmic,
        )
        return axis_for(self.reference.scale, shown, self.style.plot_width, self.style.small_size)

    def _row(self, row: Alternative) -> Row:
        palette, label, pooled = self.style.palette, sentence_case(clean_text(row.label)), row.pooled
        if pooled is None:
            cells = {"alternative": label, "effect": self.style.wording.not_estimable}
            marks = f"\N{THIN SPACE}{reason_sign(self._reasons.index(row.reason))}"
            return Row(kind="study", cells=cells, marks=marks, colours={"effect": palette.muted})
        differs, effect = self._differs(row), self._effect(pooled)
        colour = palette.differs if differs else palette.interval
        glyph = Glyph(
            shape="diamond" if row.is_reference else "open diamond" if differs else "circle",
            estimate=pooled.estimate,
            low=pooled.conf_low,
            high=pooled.conf_high,
            colour=palette.diamond if row.is_reference else colour,
            size=1.0 if row.is_reference else 0.75 if differs else 0.6,
            tooltip=f"{label}: {effect}",
        )
        h = pooled.heterogeneity
        cells = {
            "alternative": label,
            "studies": f"{pooled.k_informative}",
            "i2": format_percent(h.i2 if h else None, 0),
            "effect": effect,
            "conclusion": self._conclusion(row),
        }
        return Row(
            kind="total" if row.is_reference else "study",
            cells=cells,
            glyph=glyph,
            bold=row.is_reference or differs,
            colours={"conclusion": palette.differs} if differs else {},
        )

    def _differs(self, row: Alternative) -> bool:
        expected = next(r.conclusion for r in self.table.rows if r.is_reference)
        return row.conclusion is not None and row.conclusion != expected

    def _effect(self, pooled: Pooled) -> str:
        text = effect_text((pooled.estimate, pooled.conf_low, pooled.conf_high), pooled.scale, self.style)
        same = pooled.request.measure == self.reference.request.measure
        return text if same else f"{pooled.scale.abbreviation} {text}"

    def _conclusion(self, row: Alternative) -> str:
        if not (row.is_reference or self._differs(row)):
            return "same"
        null = tick_label(self.reference.scale.null)
        words = {"lower": f"interval below {null}", "higher": f"interval above {null}"}
        return words.get(row.conclusion or "", f"interval includes {null}")

    @property
    def _reasons(self) -> tuple[str, ...]:
        """The reasons of alternatives without an answer, each once, in order."""
        return tuple(dict.fromkeys(row.reason for row in self.table.rows if row.pooled is None))

    def _footers(self) -> Iterator[str]:
        yield self.table.verdict
        yield f"Band: {level_text(self.reference.request)} interval of the reference (diamond). {self._legend()}"
        for number, reason in enumerate(self._reasons):
            yield f"{reason_sign(number)} Not estimable: {clean_text(reason)}"

    def _legend(self) -> str:
        text = "Filled circle: same conclusion."
        return f"{text} Open diamond: another conclusion." if any(map(self._differs, self.table.rows)) else text

    def _description(self) -> str:
        others = [row for row in self.table.rows if not row.is_reference]
        start = f"{plural(len(others), 'alternative')} beside the reference, {self._effect(self.reference)}."
        parts = [
            f"{sentence_case(clean_text(row.label))}: {self._effect(row.pooled)}, {self._conclusion(row)}."
            for row in others
            if row.pooled is not None
        ]
        return " ".join([start, self.table.verdict, *parts])
