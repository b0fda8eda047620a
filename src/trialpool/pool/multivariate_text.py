"""A multivariate result as text for the terminal and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialpool.display import (
    clean_text,
    escape_html,
    format_estimate,
    format_number,
    format_p_value,
    format_percent,
    html_table,
    p_value_phrase,
    plural,
    text_table,
)

if TYPE_CHECKING:
    from trialpool.pool.multivariate_pooled import MultivariatePooled

__all__ = ["multivariate_html", "multivariate_text"]


def multivariate_text(result: MultivariatePooled) -> str:
    """Title, a row a component, heterogeneity, test of equality, method, notes."""
    headers, rows = _table(result)
    return "\n".join([_title(result), "", text_table(headers, rows, "lrrrr"), "", *_lines(result)])


def multivariate_html(result: MultivariatePooled) -> str:
    """The same as :func:`multivariate_text`, as an HTML fragment with every text escaped."""
    headers, rows = _table(result)
    paragraphs = "".join(f"<p>{escape_html(line)}</p>" for line in _lines(result))
    return html_table(headers, rows, caption=_title(result)) + paragraphs


def _title(result: MultivariatePooled) -> str:
    first = result.comparisons[0]
    outcomes = ", ".join(comparison.outcome for comparison in result.comparisons)
    return clean_text(f"{outcomes}: {first.treatment} v {first.control}")


def _table(result: MultivariatePooled) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    effect = f"{result.scale.abbreviation} ({100 * result.conf_level:g} % CI)"
    headers = ("Component", "Trials", effect, "p", "SD between trials")
    display, sd = result.scale.display, result.fit.between_sd
    rows = []
    for j, row in enumerate(result.tidy()):
        trials = {e.trial for e in result.effects if e.component == row["term"] and e.estimate is not None}
        shown = format_estimate(display(row["estimate"]), display(row["conf_low"]), display(row["conf_high"]))
        between = format_number(float(sd[j]), 3) if result.method.model == "random" else format_number(None)
        rows.append((row["term"], str(len(trials)), shown, format_p_value(row["p_value"]), between))
    return headers, rows


def _lines(result: MultivariatePooled) -> list[str]:
    fit = result.fit
    lines = []
    pairs = [(i, j) for i in range(len(fit.components)) for j in range(i)]
    correlations = [(fit.components[j], fit.components[i], fit.between_correlation(i, j)) for i, j in pairs]
    shown = [f"{a} and {b} {format_number(r)}" for a, b, r in correlations if r is not None]
    if shown and result.method.between != "diagonal":
        lines.append(f"Correlation between trials: {'; '.join(shown)}")
    q = f"Q = {format_number(fit.q)}, df = {fit.q_df}"
    tested = f", {p_value_phrase(fit.q_p_value)}" if fit.q_p_value is not None else ""
    i2 = f"; I2 = {format_percent(fit.i2_joint)}" if result.method.model == "random" else ""
    lines.append(f"Heterogeneity: {q}{tested}{i2}")
    test = result.test_of_equality
    if test is not None:
        dfs = f"{test.df}" if test.df_denominator is None else f"{test.df}, {test.df_denominator}"
        name = "chi2" if test.df_denominator is None else "F"
        lines.append(
            f"Test that the {plural(len(fit.terms), 'component')} have one effect: {name}({dfs}) = "
            f"{format_number(test.statistic)}, {p_value_phrase(test.p_value)}"
        )
    lines.append(f"Method: {result.method}")
    return [*lines, *(f"{'Warning' if n.level == 'warning' else 'Note'}: {n.message}" for n in result.notes)]
