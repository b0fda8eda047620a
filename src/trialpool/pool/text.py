"""A pooled result as text for the terminal and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialpool.display import (
    clean_text,
    escape_html,
    format_count,
    format_estimate,
    format_interval,
    format_number,
    format_percent,
    html_table,
    p_value_phrase,
    text_table,
)

if TYPE_CHECKING:
    from trialpool.pool.methods import Request
    from trialpool.pool.pooled import Heterogeneity, Pooled, StudyResult
    from trialpool.results import Note

__all__ = [
    "conf_level_words",
    "heterogeneity_text",
    "note_line",
    "pooled_html",
    "pooled_text",
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
    headers = ("Study", comparison.treatment, comparison.control, effect, "Weight")
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
        f"{format_count(c.events_treatment)}/{format_count(c.n_treatment)}",
        f"{format_count(c.events_control)}/{format_count(c.n_control)}",
        effect,
        "-" if study.weight is None else format_percent(study.weight),
    )


def summary_lines(pooled: Pooled) -> list[str]:
    """Result, prediction interval, heterogeneity and method, a line each."""
    display = pooled.scale.display
    test = "z" if pooled.df is None else f"t({pooled.df})"
    result = (
        f"{pooled.request.measure.capitalize()} {format_estimate(*pooled.displayed)}, "
        f"{test} = {format_number(pooled.statistic)}, {p_value_phrase(pooled.p_value)}"
    )
    lines = [f"{result}; {pooled.k_informative} of {pooled.k} studies contribute"]
    if pooled.prediction:
        lines.append(
            f"Prediction interval {format_interval(display(pooled.prediction.low), display(pooled.prediction.high))}"
        )
    if pooled.heterogeneity:
        lines.append(heterogeneity_text(pooled.heterogeneity))
    lines.append(f"Method: {pooled.request}")
    return lines


def heterogeneity_text(h: Heterogeneity) -> str:
    """Heterogeneity in one line."""
    parts = []
    if h.tau2 is not None:
        parts.append(f"tau2 = {format_number(h.tau2, 4)} {format_interval(h.tau2_low, h.tau2_high, 4)}")
    parts.append(f"I2 = {format_percent(h.i2)}")
    parts.append(f"Q = {format_number(h.q)}, df = {h.q_df}, {p_value_phrase(h.q_p_value)}")
    return "Heterogeneity: " + "; ".join(parts)


def _title(pooled: Pooled) -> str:
    c = pooled.comparison
    return f"{c.outcome}: {c.treatment} v {c.control}"
