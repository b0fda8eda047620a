"""The question, and the summary of findings: one row per analysis and baseline risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialpool.analysis import Analysis, AnalysisResult
from trialpool.display import MISSING, format_count, plural
from trialpool.effects import Measure, scale_of
from trialpool.plots.forest_words import level_text
from trialpool.pool import AbsoluteEffect
from trialpool.report.analysis_section import agreement_badge, kind_badge
from trialpool.report.document import (
    Bullets,
    Cell,
    Column,
    Inline,
    Inlines,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    cell,
    inlines,
)
from trialpool.report.material import Material, trials_and_people, unverified_flag
from trialpool.report.wording import difference_per_1000, effect_text, joined, per_1000, sentence

__all__ = ["key_results_section", "lead", "question_section"]


def lead(analysis: Analysis) -> str:
    """What the report is about, in one sentence."""
    review = analysis.review
    trials = plural(len(analysis.table.trials), "trial")
    sides = f"{joined(review.treatments, 'or')} with {joined(review.controls, 'or')}"
    return f"Meta-analysis of {trials} comparing {sides} on {plural(len(review.outcomes), 'outcome')}."


def question_section(analysis: Analysis) -> Section:
    """Population, intervention, comparator, outcomes."""
    question = analysis.review.question
    items: list[Inlines] = [
        inlines(Inline("Population: ", "strong"), question.population),
        inlines(Inline("Intervention: ", "strong"), question.intervention),
        inlines(Inline("Comparator: ", "strong"), question.comparator),
    ]
    for outcome in analysis.review.outcomes:
        direction = f"{outcome.better} events are better"
        description = f": {outcome.description}" if outcome.description else ""
        items.append(inlines(Inline("Outcome: ", "strong"), f"{outcome.label}{description} ({direction})"))
    return Section("question", "Question", (Bullets(tuple(items)),))


def key_results_section(materials: tuple[Material, ...]) -> Section:
    """The summary of findings."""
    analysis = materials[0].analysis
    over = "People per 1000 with the outcome"
    review = analysis.review
    levels = {level_text(spec.request) for spec in review.analyses}
    level = f" ({levels.pop()} CI)" if len(levels) == 1 else " (CI)"
    columns = (
        Column("Outcome and analysis"),
        Column("Trials (participants)"),
        Column(f"Pooled effect{level}", wrap=False),
        Column(f"with {joined(review.controls, 'or')}", "right", over=over),
        Column(f"with {joined(review.treatments, 'or')}", "right", over=over),
        Column(f"Difference{level}", over=over, wrap=False),
        Column("What to keep in mind"),
    )
    groups = tuple(RowGroup(tuple(_rows(material))) for material in materials)
    notes = (
        _abbreviations(materials),
        *_credible(analysis),
        "Absolute effects apply the pooled effect to each baseline risk: " + _bases(analysis),
        "The certainty of the evidence (GRADE) and the risk of bias of the trials are not part of the input and were not assessed.",
    )
    table = Table("summary-of-findings", "Summary of findings", columns, groups, notes)
    return Section("key-results", "Key results", (Paragraph(inlines(_unverified_words(analysis))), table))


def _credible(analysis: Analysis) -> tuple[str, ...]:
    titles = [result.spec.title for result in analysis.results if result.pooled and result.pooled.posterior]
    if not titles:
        return ()
    named = joined(f"“{title}”" for title in titles)
    return (f"Bayesian, so that the effect is a posterior median and the interval a credible one: {named}.",)


def _bases(analysis: Analysis) -> str:
    bases = dict.fromkeys(result.absolute_basis for result in analysis.results if result.absolute)
    return sentence("; or ".join(bases) or "none could be made")


def _unverified_words(analysis: Analysis) -> str:
    resting = [result.spec.title for result in analysis.results if unverified_flag(result)]
    if not resting:
        levels = {source.verification for r in analysis.results for s in r.studies for source in s.contrast.sources}
        if "not stated" in levels:
            return "The input does not state how far all of its counts were verified; none is called unverified."
        return "No result rests on a count that the input calls unverified."
    verb = "rests" if len(resting) == 1 else "rest"
    of = f"{len(resting)} of {plural(len(analysis.results), 'result')}"
    titles = joined(f"“{title}”" for title in resting)
    return f"{of} {verb} on counts that nothing confirms: {titles}. They are flagged wherever they are shown."


def _abbreviations(materials: Sequence[Material]) -> str:
    """What the short names of the measures stand for."""
    always: tuple[Measure, ...] = ("risk ratio", "odds ratio", "risk difference")
    used = (material.result.spec.request.measure for material in materials)
    names = {scale_of(measure).abbreviation: measure for measure in (*always, *used)}
    return f"CI: confidence interval; {'; '.join(f'{short}: {name}' for short, name in names.items())}."


def _rows(material: Material) -> Iterator[Row]:
    """A row per baseline risk; the first also has what all share."""
    result = material.result
    effects: tuple[AbsoluteEffect | None, ...] = result.absolute or (None,)
    span = len(effects)
    trials, people = trials_and_people(result)
    title = inlines(Inline(result.spec.title, "link", f"#{material.anchor}"))
    shared = (
        Cell((title, (kind_badge(result.spec.kind),), *((flag,) for flag in unverified_flag(result))), rows=span),
        cell(f"{trials} ({MISSING if people is None else format_count(people)})", rows=span),
        Cell(_effect_lines(result), rows=span),
    )
    for number, effect in enumerate(effects):
        absolute = _absolute_cells(effect)
        if number == 0:
            yield Row((*shared, *absolute, Cell(tuple(_caveats(result)) or (inlines("–"),), rows=span)))
        else:
            yield Row(absolute, first=3)


def _effect_lines(result: AnalysisResult) -> tuple[Inlines, ...]:
    if result.pooled is None:
        return (inlines("not estimable"),)
    estimate, interval = effect_text(result.pooled).split(" ", 1)
    return inlines(f"{result.pooled.scale.abbreviation} ", Inline(estimate, "strong")), inlines(
        Inline(interval, "small")
    )


def _absolute_cells(effect: AbsoluteEffect | None) -> tuple[Cell, ...]:
    if effect is None:
        return (cell("–"), cell("–"), cell("–"))
    baseline = effect.control_per_1000
    difference, interval = difference_per_1000(effect)
    return (
        cell(per_1000(baseline, baseline)),
        cell(per_1000(effect.treatment_per_1000, baseline)),
        Cell((inlines(Inline(difference, "strong")), inlines(Inline(interval, "small")))),
    )


_CAVEATS = {
    "few-studies": "few studies",
    "rare-events": "rare events, pooled by a method advised against",
    "zero-cell-left-out": "studies with a zero cell left out",
    "zero-cell-correction": "zero cells corrected",
    "double-zero": "studies without events in either arm",
    "subgroup-refused": "a subgroup could not be made",
}


def _caveats(result: AnalysisResult) -> Iterator[Inlines]:
    """What a reader of the number has to know, a line each, the gravest first."""
    if result.pooled is None:
        yield inlines(sentence(result.impossible))
    choices = [table.name for table in result.sensitivity if table.depends]
    if choices:
        names = joined(f"{name[0].lower()}{name[1:]}" for name in choices)
        yield inlines(Inline("depends", "badge", tone="alarm"), f" on {names}")
    for comparison in result.published:
        yield inlines("published result: ", agreement_badge(comparison))
    for code in dict.fromkeys(note.code for note in result.notes):
        if code in _CAVEATS:
            yield inlines(_CAVEATS[code])
