"""Subgroups of one analysis with their test of interaction, and small-study effects."""

from __future__ import annotations

from collections.abc import Iterator

from trialpool.display import covariate_words, format_number, format_p_value, format_percent, p_value_phrase, plural
from trialpool.plots.forest_words import level_text
from trialpool.pool import Request, Subgroup, SubgroupResult
from trialpool.report.document import Block, Column, Paragraph, Row, RowGroup, Section, Table, cell, inlines
from trialpool.report.figures import FUNNEL_STUDIES, funnel_studies
from trialpool.report.material import Material, drawing, note_block
from trialpool.report.slugs import unique_slugs
from trialpool.report.wording import effect_text, sentence, study_effect_text

__all__ = ["small_study_section", "subgroup_sections"]


def subgroup_sections(material: Material) -> Iterator[Section]:
    """A section per covariate."""
    subgroups = material.result.subgroups
    for result, name in zip(subgroups, unique_slugs(s.by for s in subgroups), strict=True):
        anchor = f"{material.anchor}-by-{name}"
        blocks = tuple(_blocks(material, result, f"{anchor}-table"))
        yield Section(anchor, f"Subgroups by {covariate_words(result.by)}", blocks)


def _blocks(material: Material, result: SubgroupResult, table_id: str) -> Iterator[Block]:
    yield Paragraph(inlines(_interaction(result)))
    figure = material.figure("subgroups", result.by)
    if figure:
        yield drawing(
            material, figure, f"{material.result.spec.title}: forest plot by {covariate_words(result.by)}.", table_id
        )
    yield _table(result, material.result.spec.title, table_id)
    for note in result.notes:
        yield note_block(note)


def _interaction(result: SubgroupResult) -> str:
    if result.q is None:
        return "There is no test of interaction: it needs two subgroups with an effect."
    test = f"χ² = {format_number(result.q)}, df = {result.q_df}, {p_value_phrase(result.q_p_value)}"
    return (
        f"Test of interaction between the subgroups: {test}. The comparison is between trials, which were not randomised to "
        "their subgroup, and rests on few trials: read a small p-value with care, and a large one not as proof of equality."
    )


def _table(result: SubgroupResult, title: str, table_id: str) -> Table:
    measure = result.request.measure
    columns = (
        Column(sentence(covariate_words(result.by)).rstrip(".")),
        Column("Studies", "right"),
        Column(f"{measure[0].upper()}{measure[1:]} ({level_text(result.request)} CI)", "right"),
        Column("p", "right"),
        Column("τ²", "right"),
        Column("I²", "right"),
    )
    rows = tuple(_row(group, result.request) for group in result.groups)
    notes = tuple(f"{group.level}: {sentence(group.message)}" for group in result.groups if group.message)
    return Table(table_id, f"{title}: subgroups by {covariate_words(result.by)}", columns, (RowGroup(rows),), notes)


def _row(group: Subgroup, request: Request) -> Row:
    h = group.pooled.heterogeneity if group.pooled else None
    texts = (
        group.level,
        str(len(group.studies)),
        _effect(group, request),
        format_p_value(group.pooled.p_value) if group.pooled else "",
        format_number(h.tau2, 3) if h and h.tau2 is not None else "",
        format_percent(h.i2, 0) if h and h.i2 is not None else "",
    )
    return Row(tuple(cell(text) for text in texts))


def _effect(group: Subgroup, request: Request) -> str:
    """The pooled effect, or that of the single study."""
    if group.pooled:
        return effect_text(group.pooled)
    own = [study for study in group.studies if study.estimate is not None]
    return "not estimable" if group.estimate is None else study_effect_text(own[0], request)


def small_study_section(material: Material) -> Section:
    """The funnel plot, or why there is none."""
    anchor, studies = f"{material.anchor}-small-studies", funnel_studies(material.result)
    funnel = material.figure("funnel")
    if funnel is None:
        text = (
            f"No funnel plot: {plural(studies, 'study')} with an effect. With fewer than {FUNNEL_STUDIES}, chance alone makes "
            "funnels look asymmetric."
        )
        return Section(anchor, "Small-study effects", (Paragraph(inlines(text)),))
    text = (
        "If small studies find larger effects than large ones, the funnel is asymmetric; bias in what is published is one "
        "cause among several, and the eye is not a test."
    )
    caption = f"{material.result.spec.title}: funnel plot of {plural(studies, 'study')}."
    return Section(
        anchor,
        "Small-study effects",
        (Paragraph(inlines(text)), drawing(material, funnel, caption, f"{material.anchor}-studies")),
    )
