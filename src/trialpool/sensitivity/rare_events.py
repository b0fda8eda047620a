"""The rare-event panel: every method that can pool sparse counts, side by side, and why the others do not apply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trialpool.checks import instance
from trialpool.display import format_number
from trialpool.effects import Measure, ZeroCells, scale_of
from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool import (
    POOL_FIRST,
    Bayes,
    BetaBinomial,
    BinomialNormal,
    Exact,
    HypergeometricNormal,
    InverseVariance,
    Logistic,
    MantelHaenszel,
    Method,
    PenalisedLogistic,
    Peto,
    Poisson,
    Pooled,
    Thresholds,
)
from trialpool.pool.evidence import evidence_of
from trialpool.sensitivity.alternatives import (
    Alternative,
    SensitivityTable,
    alternative,
    not_applicable,
    not_of_bounds,
    sensitivity_table,
)
from trialpool.sensitivity.labels import method_label

__all__ = ["rare_event_panel"]

_NAME = "Methods for rare events"

_ODDS: tuple[tuple[Measure, Method], ...] = (
    ("odds ratio", HypergeometricNormal()),
    ("odds ratio", Exact()),
    ("odds ratio", MantelHaenszel()),
    ("Peto odds ratio", Peto()),
    ("odds ratio", Logistic(model="common")),
    ("odds ratio", Logistic()),
    ("odds ratio", Logistic(intercepts="random", interval="wald")),  # its profile is slow where trials are many
    ("odds ratio", PenalisedLogistic()),
    ("odds ratio", Bayes(likelihood="hypergeometric")),
    ("odds ratio", BetaBinomial()),
)
_RISKS: tuple[tuple[Measure, Method], ...] = (
    ("risk ratio", MantelHaenszel()),
    ("risk ratio", BinomialNormal()),
    ("risk ratio", Poisson()),
    ("risk ratio", BetaBinomial()),
)
_RATES: tuple[tuple[Measure, Method], ...] = (
    ("rate ratio", MantelHaenszel()),
    ("rate ratio", Exact()),
    ("rate ratio", BinomialNormal()),
    ("rate ratio", Poisson(model="common")),
    ("rate ratio", Poisson()),
    ("rate ratio", Poisson(intercepts="random", interval="wald")),
)
_DIFFERENCES: tuple[tuple[Measure, Method], ...] = (
    ("risk difference", MantelHaenszel()),
    ("risk difference", BetaBinomial()),
    ("risk difference", InverseVariance()),
)


def rare_event_panel(pooled: Pooled, thresholds: Thresholds | None = None) -> SensitivityTable:
    """Every method that can pool the counts of a comparison without a correction, and one with it for comparison.

    For a ratio all are ratios on one axis; odds ratios and risk ratios of rare events hardly differ, and the rows say which they are.

    Parameters
    ----------
    pooled : Pooled
    thresholds : Thresholds, optional
        What counts as rare.

    Returns
    -------
    SensitivityTable
        Without rows where events are not rare.

    Examples
    --------
    >>> import trialpool as tp
    >>> trials = tp.load_dataset("rosiglitazone").trials
    >>> comparison = tp.compare(trials, outcome="myocardial infarction", treatment="rosiglitazone", control="control")
    >>> panel = rare_event_panel(tp.pool(comparison, measure="odds ratio", method=MantelHaenszel()))
    >>> print(panel.rows[1].label, round(panel.rows[1].pooled.estimate, 4))
    OR: hypergeometric-normal, profile likelihood 0.3548
    """
    instance("pooled", pooled, Pooled, POOL_FIRST)
    if bounded := not_of_bounds(_NAME, pooled):
        return bounded
    thresholds = thresholds or Thresholds()
    evidence = evidence_of(pooled.comparison)
    if evidence.fewest_events is None:
        return not_applicable(_NAME, "The trials report no counts of events, so these methods do not apply.")
    rare = evidence.fewest_events < thresholds.few_events or (
        evidence.risk is not None and evidence.risk < thresholds.rare_risk
    )
    if not rare:
        return not_applicable(
            _NAME,
            f"Events are not rare: every arm has at least {thresholds.few_events}, and the risk is not below "
            f"{100 * thresholds.rare_risk:g}%.",
        )
    others = tuple(
        _row(pooled, *way) for way in _ways(pooled) if way != (pooled.request.measure, pooled.request.method)
    )
    table = sensitivity_table(_NAME, pooled, _label(pooled.request.measure, method_label(pooled.request)), others)
    return replace(table, verdict=f"{table.verdict} {_spread(table)}".strip())


def _ways(pooled: Pooled) -> Iterator[tuple[Measure, Method]]:
    measure = pooled.request.measure
    if measure == "rate difference":
        yield measure, MantelHaenszel()
        yield measure, InverseVariance()
        return
    if not scale_of(measure).logarithmic:
        yield from _DIFFERENCES
        return
    if measure == "rate ratio":
        yield from _RATES
        yield measure, InverseVariance(zero_cells=ZeroCells(rule="constant"))
        return
    yield from _ODDS
    yield from _RISKS
    yield "odds ratio", InverseVariance(zero_cells=ZeroCells(rule="constant"))


def _row(pooled: Pooled, measure: Measure, method: Method) -> Alternative:
    try:
        request = replace(pooled.request, measure=measure, method=method, profile=None)
    except (NotEstimableError, OptionError) as error:  # pragma: no cover (the lists above go together)
        return Alternative(_label(measure, method.name), None, str(error))
    label = method_label(request, zero_cells=request.zero_cells.rule != "none")
    return alternative(_label(measure, label), pooled.comparison, request)


def _label(measure: Measure, label: str) -> str:
    return f"{scale_of(measure).abbreviation}: {label}" if measure != "Peto odds ratio" else "OR: Peto"


def _spread(table: SensitivityTable) -> str:
    """How far apart the estimates lie."""
    found = [(row.pooled.displayed[0], row.pooled.scale) for row in table.rows if row.pooled]
    if len(found) < 2:
        return ""
    low, high = min(value for value, _ in found), max(value for value, _ in found)
    digits = 2 if found[0][1].logarithmic else 4
    return f"Estimates lie between {format_number(low, digits)} and {format_number(high, digits)}."
