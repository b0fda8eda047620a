"""A dose-response result as text for the terminal and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialpool.display import (
    clean_text,
    escape_html,
    format_count,
    format_estimate,
    format_number,
    html_table,
    p_value_phrase,
    plural,
    text_table,
)

if TYPE_CHECKING:
    from trialpool.pool.dose_record import DoseResponse

__all__ = ["dose_html", "dose_text"]


def dose_text(result: DoseResponse) -> str:
    """Title, effect at each dose, coefficients, method, notes."""
    headers, rows = _table(result)
    return "\n".join([_title(result), "", text_table(headers, rows, "rrrr"), "", *_lines(result)])


def dose_html(result: DoseResponse) -> str:
    """The same as :func:`dose_text`, as an HTML fragment with every text escaped."""
    headers, rows = _table(result)
    paragraphs = "".join(f"<p>{escape_html(line)}</p>" for line in _lines(result))
    return html_table(headers, rows, "rrrr", caption=_title(result)) + paragraphs


def _title(result: DoseResponse) -> str:
    return clean_text(f"{result.table.outcome}: effect of the dose against {' or '.join(result.table.control)}")


def _table(result: DoseResponse) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """A row for each active dose of the trials."""
    display = result.scale.display
    headers = ("Dose", "Arms", "Participants", f"{result.scale.abbreviation} ({100 * result.conf_level:g} % CI)")
    rows = []
    for point in result.at_trial_doses():
        arms = [arm for trial in result.table.trials for arm in trial.arms if arm.dose == point.dose]
        shown = format_estimate(display(point.estimate), display(point.conf_low), display(point.conf_high))
        rows.append((f"{point.dose:g}", str(len(arms)), format_count(sum(arm.n for arm in arms)), shown))
    return headers, rows


def _lines(result: DoseResponse) -> list[str]:
    lines = [f"Curve: {result.curve.shape}; {plural(len(result.table.trials), 'trial')}"]
    for j, row in enumerate(result.tidy()):
        shown = format_estimate(row["estimate"], row["conf_low"], row["conf_high"], 3)
        tested = "" if row["p_value"] is None else f", {p_value_phrase(row['p_value'])}"
        sd = f", SD between trials {format_number(result.between_sd[j], 3)}" if j < len(result.between_sd) else ""
        lines.append(f"{row['term']}: {shown}{tested}{sd}")
    if result.ed50 is not None:
        lines.append(f"ED50: {format_estimate(*result.ed50)}")
    if result.two_stage is not None and result.two_stage.q_p_value is not None:
        fit = result.two_stage
        lines.append(
            f"Departure from a common curve: Q = {format_number(fit.q)}, df = {fit.q_df}, {p_value_phrase(fit.q_p_value)}"
        )
    aic = "" if result.aic is None else f"; AIC {format_number(result.aic)}"
    lines.append(f"Method: {result.method}{aic}")
    return [*lines, *(f"{'Warning' if n.level == 'warning' else 'Note'}: {n.message}" for n in result.notes)]
