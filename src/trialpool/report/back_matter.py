"""What was left out and decided, the PRISMA harms items, and how to make the report again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from trialpool.analysis import Analysis
from trialpool.display import plural
from trialpool.report.document import (
    Block,
    Cell,
    Code,
    Column,
    Inline,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    Tone,
    cell,
    inlines,
)
from trialpool.report.left_out import left_out_blocks
from trialpool.report.references import Citations
from trialpool.report.wording import joined, sentence

__all__ = ["decisions_section", "excluded_section", "harms_section", "reproduction_section"]


def excluded_section(analysis: Analysis) -> Section:
    """Trials left out before the table was made, and those that are in the input and not in an analysis, by outcome."""
    none_compare = [result for result in analysis.results if result.comparison is None]
    blocks: list[Block] = [*left_out_blocks(analysis)]
    blocks += [Paragraph(inlines(f"{result.spec.title}: {sentence(result.impossible)}")) for result in none_compare]
    groups = _by_outcome(
        (result.spec.outcome.label, (exclusion.trial, sentence(exclusion.reason)))
        for result in analysis.results
        for exclusion in (result.comparison.excluded if result.comparison else ())
    )
    if groups:
        columns = (Column("Trial"), Column("Why it is not in the analysis"))
        blocks.append(Table("excluded-table", "Trials left out, by outcome", columns, groups))
    elif not none_compare:
        blocks.append(Paragraph(inlines("No trial of the input was left out of any analysis.")))
    return Section("excluded", "Trials left out, and why", tuple(blocks))


def decisions_section(analysis: Analysis) -> Section:
    """Choices that changed the data on the way, by outcome."""
    groups = _by_outcome(
        (result.spec.outcome.label, (decision.trial, sentence(decision.rule), decision.before, decision.after))
        for result in analysis.results
        for decision in (result.comparison.decisions if result.comparison else ())
    )
    if not groups:
        text = "No decision changed the data: every trial has one active and one control arm."
        return Section("decisions", "Decisions", (Paragraph(inlines(text)),))
    columns = (Column("Trial"), Column("Rule"), Column("Before"), Column("After"))
    table = Table("decisions-table", "Decisions that changed the data, by outcome", columns, groups)
    return Section("decisions", "Decisions", (table,))


def _by_outcome(found: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[RowGroup, ...]:
    """Rows under their outcome; what several analyses of it share stands there once."""
    rows: dict[str, dict[tuple[str, ...], None]] = {}
    for outcome, texts in found:
        rows.setdefault(outcome, {})[texts] = None
    return tuple(
        RowGroup(tuple(Row(tuple(cell(text) for text in texts)) for texts in members), inlines(outcome))
        for outcome, members in rows.items()
    )


_Answer = tuple[str, str, str, Tone, str]


def harms_section(analysis: Analysis, cite: Citations) -> Section:
    """The four essential items of the PRISMA harms checklist: which are answered here, and which cannot be."""
    intro = cite.sentence(
        "The four items that the PRISMA harms checklist adds to PRISMA, and what this report can say to each. The other items "
        "of PRISMA (search, selection, risk of bias and more) are for the authors.",
        "zorzela2016",
    )
    if all(outcome.better == "more" for outcome in analysis.review.outcomes):
        text = "No outcome of this review is a harm (more events are better in all of them), so the checklist does not apply."
        return Section("harms-checklist", "PRISMA harms checklist", (Paragraph(inlines(text)),))
    rows = tuple(
        Row((cell(item), cell(asked), Cell((inlines(Inline(answer, "badge", tone=tone)),)), cell(text)))
        for item, asked, answer, tone, text in _harms_items(analysis)
    )
    columns = (Column("Item"), Column("What is asked"), Column("Answered here"), Column("Answer"))
    table = Table("harms-table", "PRISMA harms: essential items", columns, (RowGroup(rows),))
    return Section("harms-checklist", "PRISMA harms checklist", (Paragraph(intro), table))


def _harms_items(analysis: Analysis) -> Iterator[_Answer]:
    title = (
        f"The title of this report is “{analysis.review.title}”; whether it names the harm is for the authors to see."
    )
    yield "1 Title", "Name harms, or the harm of interest, in the title.", "in part", "caution", title
    yield "14 Synthesis, methods", "How zero events were handled.", "yes", "good", _zero_events(analysis)
    described = [o.label for o in analysis.review.outcomes if o.description]
    definitions = f"The review describes {joined(described)}. " if described else "The review describes no outcome. "
    follow_up = "Durations are in the table of trials. " if _has_weeks(analysis) else "The input has no durations. "
    text = f"{definitions}{follow_up}How events were ascertained is not in the input."
    yield (
        "18 Study characteristics",
        "Define each harm, how it was ascertained, and over what time.",
        "in part",
        "caution",
        text,
    )
    causality = "Counts of events say nothing on causality in single cases; this is for the authors."
    yield "21 Synthesis, results", "Any assessment of possible causality.", "no", "alarm", causality


def _zero_events(analysis: Analysis) -> str:
    rules = joined(dict.fromkeys(str(result.spec.request.zero_cells) for result in analysis.results))
    empty = dict.fromkeys(
        study.contrast.label
        for result in analysis.results
        for study in result.studies
        if 0 in {study.contrast.events_treatment, study.contrast.events_control}
    )
    if not empty:
        return f"{sentence(rules)} No study in the analyses is without events in an arm."
    verb = "is" if len(empty) == 1 else "are"
    return f"{sentence(rules)} {plural(len(empty), 'study')} {verb} without events in an arm: {joined(empty)}."


def _has_weeks(analysis: Analysis) -> bool:
    return any("weeks" in o.covariates for t in analysis.table.trials for a in t.arms for o in a.outcomes)


def reproduction_section(analysis: Analysis) -> Section:
    """Command, input files and versions; the same input gives the same bytes."""
    files = tuple(Row((cell(Inline(f.name, "code")), cell(Inline(f.sha256, "code")))) for f in analysis.inputs)
    versions = tuple(Row((cell(name), cell(version))) for name, version in analysis.versions.items())
    text = (
        "With these files in one folder and these versions installed, this command makes the same report, byte by byte:"
    )
    return Section(
        "reproduction",
        "Reproduction",
        (
            Paragraph(inlines(text)),
            Code(f"trialpool run {shlex.quote(analysis.review.file_name)}"),
            Table("inputs-table", "Input files", (Column("File"), Column("SHA-256")), (RowGroup(files),)),
            Table("versions-table", "Versions", (Column("Program"), Column("Version")), (RowGroup(versions),)),
        ),
    )
