"""One analysis: the result in words, forest plot, study table, heterogeneity, absolute effects, notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trialpool.analysis import Analysis, AnalysisResult
from trialpool.display import (
    format_count,
    format_estimate,
    format_interval,
    format_number,
    format_percent,
    p_value_phrase,
    plural,
    typographic,
)
from trialpool.plots import Figure
from trialpool.plots.forest_data import counted_totals
from trialpool.pool import Heterogeneity, Pooled, StudyResult
from trialpool.report.document import (
    Block,
    Cell,
    Column,
    Drawing,
    Inline,
    Notice,
    Paragraph,
    Row,
    RowGroup,
    Table,
    cell,
    inlines,
)
from trialpool.report.figures import FUNNEL_STUDIES, FigureKind, NamedFigure, funnel_studies
from trialpool.report.provenance import Provenance, count_cell, sides, verification_badges
from trialpool.report.wording import (
    effect_text,
    joined,
    level_text,
    measure_digits,
    per_1000,
    sentence,
    statement,
)

__all__ = ["Material", "absolute_table", "drawing", "effect_blocks", "result_blocks", "small_study_blocks", "unverified_trials"]


@dataclass(frozen=True, slots=True)
class Material:
    """What the sections of one analysis are made from; ``anchor`` begins the id of each of their parts."""

    analysis: Analysis
    result: AnalysisResult
    provenance: Provenance
    figures: Sequence[NamedFigure]
    anchor: str

    def figure(self, kind: FigureKind, about: str = "") -> NamedFigure | None:
        """The figure of a kind, if there is one."""
        wanted = (self.result.spec.id, kind, about)
        return next((f for f in self.figures if (f.analysis, f.kind, f.about) == wanted), None)


def unverified_trials(result: AnalysisResult) -> tuple[str, ...]:
    """The trials of a result with a count that nothing confirms."""
    return tuple(dict.fromkeys(s.contrast.trial for s in result.studies if s.contrast.unverified))


def unverified_notice(result: AnalysisResult) -> Notice | None:
    """The flag of a result that rests on unverified input."""
    trials = unverified_trials(result)
    if not trials:
        return None
    text = f"nothing confirms counts of {joined(trials)}. Read this result with that in mind."
    return Notice("Unverified input", inlines(sentence(text)), "alarm")


def result_blocks(material: Material) -> Iterator[Block]:
    """The result in words, its flags, and what was asked."""
    result = material.result
    spec = result.spec
    first, *rest = filter(None, statement(result))
    yield Paragraph(inlines(" ".join([first, *rest])), "lead")
    flag = unverified_notice(result)
    if flag:
        yield flag
    asked = f"Asked: {typographic(str(spec.request))}."
    yield Paragraph(inlines(asked, f" {sentence(spec.comment)}" if spec.comment else ""), "small")


def drawing(named: NamedFigure, caption: str, table: str, *, unverified: bool = False) -> Drawing:
    """A figure with its caption, flagged where it shows unverified counts."""
    flag = (" ", Inline("unverified input", "badge", tone="alarm")) if unverified else ()
    return Drawing(f"figure-{named.name}", inlines(caption, *flag), named.figure, table)


def effect_blocks(material: Material) -> Iterator[Block]:
    """Forest plot and study table, heterogeneity, absolute effects, notes."""
    result = material.result
    if result.comparison is None:
        return
    table_id, forest = f"{material.anchor}-studies", material.figure("forest")
    if forest:
        text = f"{result.spec.title}: forest plot of {plural(len(result.studies), 'study')}"
        yield drawing(forest, f"{text}.", table_id, unverified=bool(unverified_trials(result)))
    yield _study_table(material, table_id)
    if result.pooled is not None:
        yield _heterogeneity_table(result.pooled, f"{material.anchor}-heterogeneity")
        yield from absolute_blocks(material)
    # the flag of unverified input stands with the statement already
    for note in (n for n in result.notes if n.code != "unverified-input"):
        about = f" ({joined(note.studies)})" if note.studies and len(note.studies) <= 12 else ""
        label, tone = ("Warning", "caution") if note.level == "warning" else ("Note", "neutral")
        yield Notice(label, inlines(sentence(note.message) + about), tone)  # type: ignore[arg-type]


def _study_table(material: Material, table_id: str) -> Table:
    result, comparison = material.result, material.result.comparison
    assert comparison is not None  # noqa: S101
    request = result.spec.request
    columns = (
        Column("Study"),
        Column("events/n", "right", over=comparison.treatment),
        Column("events/n", "right", over=comparison.control),
        Column(f"{request.measure[0].upper()}{request.measure[1:]} ({level_text(request)} CI)", "right"),
        Column("Weight", "right"),
        Column("Verification of the counts"),
    )
    rows = [_study_row(material, study) for study in result.studies]
    total = [RowGroup((_total_row(result.pooled, result.studies),))] if result.pooled else []
    reasons = {s.contrast.label: s.reason for s in result.studies if s.reason}
    notes = tuple(f"{label}: {reason}." for label, reason in reasons.items())
    caption = f"{result.spec.title}: counts and effects of the studies"
    return Table(table_id, caption, columns, (RowGroup(tuple(rows)), *total), notes)


def _study_row(material: Material, study: StudyResult) -> Row:
    result, contrast = material.result, study.contrast
    assert result.comparison is not None  # noqa: S101
    treatment, control = sides(material.provenance, material.analysis, result.comparison, contrast)
    shown = [f"{format_count(a)}/{format_count(n)}" for a, n in _counts(study)]
    levels = [row.outcome.source.verification for row in (*treatment, *control)]
    return Row(
        (
            cell(contrast.label),
            count_cell(shown[0], treatment),
            count_cell(shown[1], control),
            cell(_own_effect(study, result)),
            cell("" if study.weight is None else format_percent(study.weight)),
            Cell(tuple((badge,) for badge in verification_badges(levels))),
        )
    )


def _counts(study: StudyResult) -> tuple[tuple[float, float], tuple[float, float]]:
    c = study.contrast
    return (c.events_treatment, c.n_treatment), (c.events_control, c.n_control)


def _own_effect(study: StudyResult, result: AnalysisResult) -> str:
    if study.estimate is None:
        return "not estimable"
    from trialpool.effects import scale_of

    display = scale_of(result.spec.request.measure).display_optional
    digits = measure_digits(result.spec.request.measure)
    return format_estimate(display(study.estimate), display(study.conf_low), display(study.conf_high), digits)


def _total_row(pooled: Pooled, studies: Sequence[StudyResult]) -> Row:
    shared = pooled.comparison.has_shared_controls
    a, n1, c, n2 = (format_count(x) for x in counted_totals(studies, shared=shared))
    model = "random effects" if pooled.request.model == "random" else "common effect"
    cells = (cell(f"Pooled, {model}"), cell(f"{a}/{n1}"), cell(f"{c}/{n2}"), cell(effect_text(pooled)), cell("100.0%"), cell(""))
    return Row(cells, kind="total")


def _heterogeneity_table(pooled: Pooled, table_id: str) -> Table:
    columns = (Column("Quantity"), Column("Value", "right"), Column("What it says"))
    rows = [Row((cell(name), cell(value), cell(meaning))) for name, value, meaning in _heterogeneity(pooled)]
    return Table(table_id, f"{pooled.comparison.outcome}: heterogeneity", columns, (RowGroup(tuple(rows)),))
