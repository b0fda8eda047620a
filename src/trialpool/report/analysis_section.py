"""One analysis: the result in words, forest plot, study table, heterogeneity, absolute effects, notes, robustness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trialpool.analysis import AnalysisResult, AnalysisSpec, PublishedComparison
from trialpool.analysis.records import Kind
from trialpool.display import MINUS, MISSING, format_count, plural, typographic
from trialpool.pool import Selection
from trialpool.report.document import (
    Block,
    Bullets,
    Column,
    Inline,
    Inlines,
    Notice,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    Tone,
    cell,
    inlines,
)
from trialpool.report.effect_tables import absolute_table, heterogeneity_table
from trialpool.report.material import (
    Material,
    drawing,
    note_block,
    trials_and_people,
    unverified_flag,
    unverified_notice,
)
from trialpool.report.references import short_name
from trialpool.report.sensitivity_section import sensitivity_section
from trialpool.report.study_table import study_table
from trialpool.report.subgroup_section import small_study_section, subgroup_sections
from trialpool.report.wording import effect_text, joined, sentence, statement
from trialpool.sensitivity.labels import method_label

__all__ = ["agreement_badge", "analysis_section", "kind_badge"]

_AGREEMENT: Mapping[bool | None, tuple[str, Tone]] = {
    True: ("agrees", "good"),
    False: ("differs", "alarm"),
    None: ("nothing to compare", "caution"),
}


def kind_badge(kind: Kind) -> Inline:
    """Whether an analysis was planned."""
    return Inline(kind, "badge", tone="caution" if kind == "post hoc" else "neutral")


def choice_badge(spec: AnalysisSpec) -> tuple[Inline, ...]:
    """That the method was chosen by rules; nothing where it was named in the review."""
    return (Inline("method chosen automatically", "badge", tone="neutral"),) if spec.automatic else ()


def agreement_badge(comparison: PublishedComparison) -> Inline:
    """Whether a published result agrees with ours."""
    text, tone = _AGREEMENT[comparison.agrees]
    return Inline(text, "badge", tone=tone)


def analysis_section(material: Material) -> Section:
    """All that belongs to one analysis."""
    result, anchor = material.result, material.anchor
    parts = [*subgroup_sections(material)]
    sensitivity = sensitivity_section(material)
    if sensitivity:
        parts.append(sensitivity)
    if result.studies:
        parts.append(small_study_section(material))
    if result.published:
        parts.append(_published_section(result, f"{anchor}-published"))
    blocks = (*_statement_blocks(result), *_effect_blocks(material))
    badges = (kind_badge(result.spec.kind), *choice_badge(result.spec), *unverified_flag(result))
    return Section(anchor, result.spec.title, blocks, tuple(parts), badges)


def _statement_blocks(result: AnalysisResult) -> Iterator[Block]:
    """The result in words, its flag, and what was asked."""
    spec = result.spec
    yield Paragraph(inlines(" ".join(text for text in statement(result) if text)), "lead")
    if unverified_flag(result):
        yield unverified_notice(result)
    asked = [f"Outcome: {sentence(spec.outcome.description or spec.outcome.label)}"]
    asked.append(f"Method: {sentence(typographic(str(spec.request)))}")
    yield Paragraph(inlines(" ".join([*asked, sentence(spec.comment)]).strip()), "small")
    if result.selection is not None:
        yield Notice("Why this method", _selection_words(result.selection), "neutral")


def _selection_words(selection: Selection) -> Inlines:
    """The rule that chose the method, its facts, thresholds and companions."""
    companions = [f"{method_label(request)} ({request.measure})" for request in selection.companions]
    beside = f" Beside it should stand: {joined(companions)}." if companions else ""
    works = joined(short_name(key) for key in selection.works)
    return inlines(
        Inline(f"{selection.situation[0].upper()}{selection.situation[1:]}: ", "strong"),
        f"{selection.reason} Evidence: {selection.evidence}. Thresholds: {selection.thresholds}.{beside} Rests on: {works}.",
    )


def _effect_blocks(material: Material) -> Iterator[Block]:
    """Forest plot and study table, heterogeneity, absolute effects, notes."""
    result, anchor = material.result, material.anchor
    if result.comparison is None:
        return
    forest, title = material.figure("forest"), result.spec.title
    if forest:
        caption = f"{title}: forest plot of {plural(len(result.studies), 'study')}."
        yield drawing(material, forest, caption, f"{anchor}-studies")
    yield study_table(material, result.comparison, f"{anchor}-studies")
    if result.pooled is not None:
        yield heterogeneity_table(result.pooled, title, f"{anchor}-heterogeneity")
        if result.absolute:
            yield absolute_table(result, result.pooled, f"{anchor}-absolute")
        else:
            yield Paragraph(inlines(f"No absolute effect: {result.absolute_basis}."))
    # the flag of unverified input stands with the statement
    yield from (note_block(note) for note in result.notes if note.code != "unverified-input")


def _published_section(result: AnalysisResult, anchor: str) -> Section:
    """Published results beside ours."""
    blocks: list[Block] = [_published_table(result, f"{anchor}-table")]
    for comparison in result.published:
        label, tone = _AGREEMENT[comparison.agrees]
        words = " ".join(filter(None, (sentence(comparison.message), sentence(comparison.published.comment))))
        blocks.append(Notice(label.capitalize(), inlines(words), tone))
        if comparison.lacks:
            blocks.append(Paragraph(inlines("What the input lacks or leaves unverified:")))
            blocks.append(Bullets(tuple(inlines(sentence(text)) for text in comparison.lacks)))
    return Section(anchor, "Beside the published result", tuple(blocks))


def _published_table(result: AnalysisResult, table_id: str) -> Table:
    columns = (
        Column("Result"),
        Column("Effect (CI)", "right"),
        Column("Trials", "right"),
        Column("Participants", "right"),
        Column("Agreement"),
    )
    trials, people = trials_and_people(result)
    shown = MISSING if people is None else format_count(people)
    ours = "not estimable" if result.pooled is None else effect_text(result.pooled)
    first = Row((cell(Inline("This report", "strong")), cell(ours), cell(str(trials)), cell(shown), cell("")))
    rows = [first, *(_published_row(comparison) for comparison in result.published)]
    return Table(table_id, f"{result.spec.title}: published results beside ours", columns, (RowGroup(tuple(rows)),))


def _published_row(comparison: PublishedComparison) -> Row:
    p = comparison.published
    numbers = zip((p.estimate, p.conf_low, p.conf_high), p.digits, strict=True)
    estimate, low, high = (f"{number:.{digits}f}".replace("-", MINUS) for number, digits in numbers)  # as printed
    effect = f"{estimate} ({low} to {high})"
    counts = ("not stated" if count is None else str(count) for count in (p.trials, p.participants))
    return Row((cell(p.source), cell(effect), *map(cell, counts), cell(agreement_badge(comparison))))
