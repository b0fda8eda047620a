"""Heterogeneity and absolute effects of one pooled result, as tables."""

from __future__ import annotations

from collections.abc import Iterator

from trialpool.analysis import AnalysisResult
from trialpool.display import format_interval, format_number, format_percent, p_value_phrase
from trialpool.plots.forest_words import digits_of, level_text
from trialpool.pool import AbsoluteEffect, InverseVariance, Pooled
from trialpool.report.document import Column, Row, RowGroup, Table, cell
from trialpool.report.wording import TAU2_WORDS, difference_per_1000, per_1000, sentence

__all__ = ["absolute_table", "heterogeneity_table"]


_TAU2_OF_MODELS = "maximum likelihood"


def heterogeneity_table(pooled: Pooled, title: str, table_id: str) -> Table:
    """A row per statistic, with what it says."""
    columns = (Column("Statistic"), Column("Value", wrap=False), Column("What it says"))
    rows = tuple(Row(tuple(cell(text) for text in texts)) for texts in _heterogeneity(pooled))
    return Table(table_id, f"{title}: heterogeneity", columns, (RowGroup(rows),))


def _heterogeneity(pooled: Pooled) -> Iterator[tuple[str, str, str]]:
    h, request, level = pooled.heterogeneity, pooled.request, level_text(pooled.request)
    if h is None:
        yield "Heterogeneity", "not estimable", "Fewer than two studies have an effect of their own."
    else:
        if h.tau2 is not None and pooled.posterior is None:
            interval = (
                "" if h.tau2_low is None else f" ({level} CI {format_interval(h.tau2_low, h.tau2_high, 3)[1:-1]})"
            )
            by = (
                TAU2_WORDS[request.method.tau2 or "REML"]
                if isinstance(request.method, InverseVariance)
                else _TAU2_OF_MODELS
            )
            meaning = f"Variance between trials of the {pooled.scale.working_name}, by {by}."
            yield "τ²", f"{format_number(h.tau2, 3)}{interval}", meaning
        if h.i2 is not None:
            source = "τ²" if isinstance(request.method, InverseVariance) and request.method.i2 == "tau2" else "Q"
            yield "I²", format_percent(h.i2, 0), f"Share of the variation that is not chance, from {source}."
        if h.h2 is not None:
            yield "H²", format_number(h.h2), "Total variation relative to chance alone."
        if h.q is not None:
            p_value = f", {p_value_phrase(h.q_p_value)}" if h.q_p_value is not None else ""
            meaning = "Test of equal effects in all trials with an effect of their own; it did not decide the model."
            yield "Q", f"{format_number(h.q)}, df = {h.q_df}{p_value}", meaning
    if pooled.posterior is not None:
        tau = pooled.posterior
        shown = f"{format_number(tau.tau, 2)} ({level} CrI {format_interval(tau.tau_low, tau.tau_high, 2)[1:-1]})"
        yield "τ", shown, f"Standard deviation between trials, posterior median with prior {tau.tau_prior}."
    if pooled.prediction is not None:
        low, high = pooled.scale.display(pooled.prediction.low), pooled.scale.display(pooled.prediction.high)
        shown = format_interval(low, high, digits_of(pooled.scale))[1:-1]
        yield f"{level} prediction interval", shown, f"Where the {request.measure} of a new, similar trial is expected."


def absolute_table(result: AnalysisResult, pooled: Pooled, table_id: str) -> Table:
    """People per 1000 with the outcome, at each baseline risk."""
    c = pooled.comparison
    over = "People per 1000 with the outcome"
    columns = (
        Column("Baseline risk"),
        Column(f"with {c.control}", "right", over=over),
        Column(f"with {c.treatment}", "right", over=over),
        Column(f"Difference ({level_text(pooled.request)} CI)", "right"),
    )
    rows = tuple(_absolute_row(effect) for effect in result.absolute)
    notes = [
        sentence(f"baseline: {result.absolute_basis}"),
        "The interval carries the uncertainty of the effect, not of the baseline risk.",
    ]
    if any(effect.limited for effect in result.absolute):
        notes.append("A predicted risk left the range from 0 to 1 and was held at its bound.")
    return Table(table_id, f"{result.spec.title}: absolute effects", columns, (RowGroup(rows),), tuple(notes))


def _absolute_row(effect: AbsoluteEffect) -> Row:
    baseline = effect.control_per_1000
    texts = (
        format_percent(effect.baseline_risk),
        per_1000(baseline, baseline),
        per_1000(effect.treatment_per_1000, baseline),
        " ".join(difference_per_1000(effect)),
    )
    return Row(tuple(cell(text) for text in texts))
