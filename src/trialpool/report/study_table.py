"""The counts and effects of the studies of one analysis; every count links to its source."""

from __future__ import annotations

from collections.abc import Sequence

from trialpool.display import format_percent
from trialpool.effects import measure_name, numbers_of
from trialpool.plots.forest_data import contributing
from trialpool.plots.forest_words import level_text, model_words
from trialpool.pool import Pooled, Request, StudyResult
from trialpool.report.document import Cell, Column, Row, RowGroup, Table, cell
from trialpool.report.material import Material
from trialpool.report.provenance import CountRow, behind_contrast, count_cell, verification_badges
from trialpool.report.wording import effect_text, joined, study_effect_text
from trialpool.trials import Comparison
from trialpool.trials.show import ARM_HEADINGS, arm_totals, shown_arms

__all__ = ["study_table"]


def study_table(material: Material, comparison: Comparison, table_id: str) -> Table:
    """A row per study, and the pooled result."""
    result = material.result
    request = result.spec.request
    numbers, name = ARM_HEADINGS[numbers_of(request.measure)], measure_name(comparison, request.measure)
    columns = (
        Column("Study"),
        Column(numbers, "right", over=comparison.treatment),
        Column(numbers, "right", over=comparison.control),
        Column(f"{name[0].upper()}{name[1:]} ({level_text(request)} CI)", "right"),
        Column("Weight", "right"),
        Column("Verification of the counts"),
    )
    rows = tuple(_study_row(study, request, _sources(material, comparison, study)) for study in result.studies)
    total = (RowGroup((_total_row(result.pooled, result.studies),)),) if result.pooled else ()
    reasons: dict[str, list[str]] = {}
    for study in result.studies:
        if study.reason:
            reasons.setdefault(study.reason, []).append(study.contrast.label)
    notes = tuple(f"{joined(labels)}: {reason}." for reason, labels in reasons.items())
    caption = f"{result.spec.title}: counts and effects of the studies"
    return Table(table_id, caption, columns, (RowGroup(rows), *total), notes)


_Sides = tuple[Sequence[CountRow], Sequence[CountRow]]


def _sources(material: Material, comparison: Comparison, study: StudyResult) -> _Sides:
    return behind_contrast(material.provenance, material.analysis, comparison, study.contrast)


def _study_row(study: StudyResult, request: Request, sources: _Sides) -> Row:
    c = study.contrast
    treatment, control = shown_arms(c, numbers_of(request.measure))
    levels = [row.outcome.source.verification for side in sources for row in side]
    return Row(
        (
            cell(c.label),
            count_cell(treatment, sources[0]),
            count_cell(control, sources[1]),
            cell(study_effect_text(study, request)),
            cell("" if study.weight is None else format_percent(study.weight)),
            Cell(tuple((badge,) for badge in verification_badges(levels))),
        )
    )


def _total_row(pooled: Pooled, studies: Sequence[StudyResult]) -> Row:
    shared = pooled.comparison.has_shared_controls
    sums = arm_totals(*contributing(studies, shared=shared), numbers_of(pooled.request.measure))
    total = "100.0%" if any(study.weight for study in pooled.studies) else ""
    texts = (f"Pooled, {model_words(pooled.request)}", *sums, effect_text(pooled), total, "")
    return Row(tuple(cell(text) for text in texts), kind="total")
