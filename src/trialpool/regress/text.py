"""A meta-regression as text for the terminal and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialpool.display import (
    clean_text,
    escape_html,
    format_estimate,
    format_interval,
    format_number,
    format_p_value,
    format_percent,
    html_table,
    p_value_phrase,
    text_table,
)
from trialpool.pool.text import conf_level_words, note_line

if TYPE_CHECKING:
    from trialpool.regress.result import Coefficient, MetaRegression

__all__ = ["regression_html", "regression_text", "summary_lines"]


def regression_text(fit: MetaRegression) -> str:
    """Title, table of coefficients, test of the covariates, residual heterogeneity, method, notes."""
    headers, rows = _table(fit)
    return "\n".join([clean_text(_title(fit)), "", text_table(headers, rows), "", *summary_lines(fit), *_notes(fit)])


def regression_html(fit: MetaRegression) -> str:
    """The same as :func:`regression_text`, as an HTML fragment with every text escaped."""
    headers, rows = _table(fit)
    lines = [*summary_lines(fit), *_notes(fit)]
    return html_table(headers, rows, caption=_title(fit)) + "".join(f"<p>{escape_html(line)}</p>" for line in lines)


def _title(fit: MetaRegression) -> str:
    c = fit.comparison
    return f"{c.outcome}: {c.treatment} v {c.control}, by {fit.formula.strip().removeprefix('~').strip()}"


def _notes(fit: MetaRegression) -> list[str]:
    return [note_line(note) for note in fit.notes]


def _table(fit: MetaRegression) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    level = conf_level_words(fit.request)
    headers = ["Term", f"{fit.scale.working_name[0].upper()}{fit.scale.working_name[1:]} ({level})"]
    if fit.scale.logarithmic:
        headers.append("As a ratio")
    headers += ["SE", "z" if fit.coefficients[0].df is None else "t", "p"]
    if fit.permutation:
        headers.append("Permutation p")
    return headers, [_row(fit, coefficient) for coefficient in fit.coefficients]


def _row(fit: MetaRegression, c: Coefficient) -> list[str]:
    cells = [c.term, format_estimate(c.estimate, c.conf_low, c.conf_high, 3)]
    if fit.scale.logarithmic:
        display = fit.scale.display
        cells.append(format_estimate(display(c.estimate), display(c.conf_low), display(c.conf_high), 3))
    df = "" if c.df is None else f" ({_df(c.df)})"
    cells += [format_number(c.std_error, 3), f"{format_number(c.statistic)}{df}", format_p_value(c.p_value)]
    if fit.permutation:
        cells.append(format_p_value(c.permutation_p_value))
    return cells


def _df(value: float) -> str:
    return format_number(value, 0 if value == int(value) else 1)


def summary_lines(fit: MetaRegression) -> list[str]:
    """References, test of the covariates, residual heterogeneity and method, a line each."""
    lines = []
    if fit.design.references:
        lines.append("Reference: " + "; ".join(f"{name} = {level}" for name, level in fit.design.references.items()))
    lines += [_omnibus(fit), _residual(fit), f"{fit.k_used} of {fit.k} studies used"]
    if fit.permutation:
        test = fit.permutation
        how = f"all {test.arrangements}" if test.exact else f"{test.arrangements} random (seed {test.seed})"
        lines.append(f"Permutation test: {how} arrangements of the covariates")
    if fit.cluster is not None and fit.robust is not None:
        lines.append(
            f"Cluster-robust variance (CR2, {fit.robust.clusters} clusters by {clean_text(fit.cluster)}), Satterthwaite degrees "
            "of freedom; it takes the place of the method's own interval"
        )
    lines.append(f"Method: {fit.request}")
    return lines


def _omnibus(fit: MetaRegression) -> str:
    test = fit.omnibus
    if test.df_denominator is None:
        found = f"chi-square({test.df_numerator}) = {format_number(test.statistic)}"
    else:
        found = f"F({test.df_numerator}, {_df(test.df_denominator)}) = {format_number(test.statistic)}"
    permuted = (
        f", permutation {p_value_phrase(test.permutation_p_value)}" if test.permutation_p_value is not None else ""
    )
    return f"Test of the covariates: {found}, {p_value_phrase(test.p_value)}{permuted}"


def _residual(fit: MetaRegression) -> str:
    left, parts = fit.residual, []
    if left.tau2 is not None:
        parts.append(f"tau2 = {format_number(left.tau2, 4)} {format_interval(left.tau2_low, left.tau2_high, 4)}")
    parts.append(f"I2 = {format_percent(left.i2)}")
    parts.append(f"Q = {format_number(left.q)}, df = {left.q_df}, {p_value_phrase(left.q_p_value)}")
    if left.r2 is not None:
        parts.append(f"R2 = {format_percent(left.r2)} of tau2 explained")
    return "Residual heterogeneity: " + "; ".join(parts)
