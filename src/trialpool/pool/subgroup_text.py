"""Subgroups as text for the terminal and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialpool.display import (
    escape_html,
    format_estimate,
    format_number,
    format_percent,
    html_table,
    p_value_phrase,
    text_table,
)
from trialpool.effects import Scale, scale_of
from trialpool.pool.text import conf_level_words, note_line

if TYPE_CHECKING:
    from trialpool.pool.subgroups import Subgroup, SubgroupResult

__all__ = ["subgroups_html", "subgroups_text"]


def subgroups_text(result: SubgroupResult) -> str:
    """A row per subgroup, the test of interaction, the notes."""
    headers, rows = _table(result)
    test = _interaction(result)
    lines = [text_table(headers, rows), *([f"\n{test}"] if test else []), *(note_line(note) for note in result.notes)]
    return "\n".join(lines)


def subgroups_html(result: SubgroupResult) -> str:
    """The same as :func:`subgroups_text`, as an HTML fragment with every text escaped."""
    headers, rows = _table(result)
    lines = [line for line in (_interaction(result), *(note_line(note) for note in result.notes)) if line]
    return html_table(headers, rows, caption=f"Subgroups by {result.by}") + "".join(
        f"<p>{escape_html(line)}</p>" for line in lines
    )


def _table(result: SubgroupResult) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    scale = scale_of(result.request.measure)
    headers = (f"By {result.by}", "Studies", f"{scale.abbreviation} ({conf_level_words(result.request)})", "tau2", "I2")
    return headers, [_row(scale, group) for group in result.groups]


def _row(scale: Scale, group: Subgroup) -> tuple[str, ...]:
    # without a pooled result, the effect is that of the one study that has one
    interval = group.pooled or next((study for study in group.studies if study.estimate is not None), None)
    if group.estimate is None or interval is None:
        return group.level, str(len(group.studies)), "not estimable", "", ""
    display = scale.display_optional
    effect = format_estimate(display(group.estimate), display(interval.conf_low), display(interval.conf_high))
    h = group.pooled.heterogeneity if group.pooled else None
    spread = (format_number(h.tau2, 4), format_percent(h.i2)) if h else ("", "")
    return group.level, str(len(group.studies)), effect, *spread


def _interaction(result: SubgroupResult) -> str:
    if result.q is None:
        return ""
    return f"Test of interaction: Q = {format_number(result.q)}, df = {result.q_df}, {p_value_phrase(result.q_p_value)}"
