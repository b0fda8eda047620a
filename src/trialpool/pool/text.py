"""A pooled result as text for the terminal and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialpool.display import (
    clean_text,
    escape_html,
    format_estimate,
    format_interval,
    format_number,
    format_percent,
    format_probability,
    html_table,
    p_value_phrase,
    text_table,
)
from trialpool.effects import measure_name, numbers_of
from trialpool.trials.show import ARM_HEADINGS, shown_arms

if TYPE_CHECKING:
    from trialpool.effects import Scale
    from trialpool.pool.pooled import Heterogeneity, Pooled, StudyResult
    from trialpool.pool.posterior_summary import PosteriorSummary
    from trialpool.pool.request import Request
    from trialpool.results import Note

__all__ = [
    "conf_level_words",
    "evidence_text",
    "heterogeneity_text",
    "note_line",
    "pooled_html",
    "pooled_text",
    "posterior_text",
    "study_rows",
    "summary_lines",
]


def pooled_text(pooled: Pooled) -> str:
    """Title, table of studies, result, heterogeneity, method, notes."""
    headers, rows = study_rows(pooled)
    lines = [*summary_lines(pooled), *_note_lines(pooled)]
    return "\n".join([clean_text(_title(pooled)), "", text_table(headers, rows, "lrrrr"), "", *lines])


def pooled_html(pooled: Pooled) -> str:
    """The same as :func:`pooled_text`, as an HTML fragment with every text escaped."""
    headers, rows = study_rows(pooled)
    lines = [*summary_lines(pooled), *_note_lines(pooled)]
    return html_table(headers, rows, caption=_title(pooled)) + "".join(f"<p>{escape_html(line)}</p>" for line in lines)


def _note_lines(pooled: Pooled) -> list[str]:
    return [note_line(note) for note in pooled.notes]


def note_line(note: Note) -> str:
    """A note with its level."""
    return f"{'Warning' if note.level == 'warning' else 'Note'}: {note.message}"


def conf_level_words(request: Request) -> str:
    """The confidence level as a column's head has it."""
    return f"{100 * request.conf_level:g} % CI"


def study_rows(pooled: Pooled) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Headers and one row a study."""
    scale, comparison = pooled.scale, pooled.comparison
    effect = f"{scale.abbreviation} ({conf_level_words(pooled.request)})"
    form = numbers_of(pooled.request.measure)
    numbers = "" if form == "counts" else f", {ARM_HEADINGS[form]}"
    headers = ("Study", f"{comparison.treatment}{numbers}", f"{comparison.control}{numbers}", effect, "Weight")
    return headers, [_study_row(pooled, study) for study in pooled.studies]


def _study_row(pooled: Pooled, study: StudyResult) -> tuple[str, ...]:
    c, display = study.contrast, pooled.scale.display_optional
    effect = (
        "not estimable"
        if study.estimate is None
        else format_estimate(display(study.estimate), display(study.conf_low), display(study.conf_high))
    )
    return (
        c.label,
        *shown_arms(c, numbers_of(pooled.request.measure)),
        effect,
        "-" if study.weight is None else format_percent(study.weight),
    )


def summary_lines(pooled: Pooled) -> list[str]:
    """Result, prediction interval, heterogeneity and method, a line each."""
    display = pooled.scale.display
    name = measure_name(pooled.comparison, pooled.request.measure)
    result = f"{name[0].upper()}{name[1:]} {format_estimate(*pooled.displayed)}, {evidence_text(pooled)}"
    lines = [f"{result}; {pooled.k_informative} of {pooled.k} studies contribute"]
    if pooled.prediction:
        lines.append(
            f"Prediction interval {format_interval(display(pooled.prediction.low), display(pooled.prediction.high))}"
        )
    if pooled.heterogeneity:
        lines.append(heterogeneity_text(pooled.heterogeneity))
    lines.append(f"Method: {pooled.request}")
    if pooled.selection:
        lines.append(str(pooled.selection))
    return lines


def evidence_text(pooled: Pooled) -> str:
    """The test with its p-value, or what the posterior says of the direction."""
    if pooled.posterior is not None:
        return posterior_text(pooled.posterior, pooled.scale)
    p_value = p_value_phrase(pooled.p_value)
    if pooled.statistic is None:
        return f"{p_value} ({pooled.test})"
    test = "z" if pooled.df is None else f"t({pooled.df})"
    return f"{test} = {format_number(pooled.statistic)}, {p_value}"


def posterior_text(posterior: PosteriorSummary, scale: Scale) -> str:
    """Probabilities of the direction, and of a relevant effect.

    >>> from trialpool.effects import scale_of
    >>> from trialpool.pool.posterior_summary import PosteriorSummary
    >>> summary = PosteriorSummary("central", 0.2, 0.01, 0.8, 0.97, 0.8, 0.62, "half-normal(0.5)", "normal(0, 4)")
    >>> posterior_text(summary, scale_of("risk ratio"))
    'probability below 1: 97.0%, below 0.80: 62.0%'
    """
    below = posterior.probability_below
    text = f"probability below {format_number(scale.null, 0)}: {format_probability(below)}"
    if posterior.relevant is None:
        return text
    side = "below" if posterior.relevant < scale.null else "above"
    return f"{text}, {side} {format_number(posterior.relevant)}: {format_probability(posterior.probability_relevant or 0.0)}"


def heterogeneity_text(h: Heterogeneity) -> str:
    """Heterogeneity in one line."""
    parts = []
    if h.tau2 is not None:
        interval = "" if h.tau2_low is None else f" {format_interval(h.tau2_low, h.tau2_high, 4)}"
        parts.append(f"tau2 = {format_number(h.tau2, 4)}{interval}")
    if h.i2 is not None:
        parts.append(f"I2 = {format_percent(h.i2)}")
    if h.q is not None:
        parts.append(f"Q = {format_number(h.q)}, df = {h.q_df}, {p_value_phrase(h.q_p_value)}")
    return "Heterogeneity: " + "; ".join(parts)


def _title(pooled: Pooled) -> str:
    c = pooled.comparison
    return f"{c.outcome}: {c.treatment} v {c.control}"
