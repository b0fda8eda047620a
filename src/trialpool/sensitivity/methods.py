"""Other estimators, intervals and zero-cell rules for the same comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from trialpool.effects import ZERO_CELL_RULES, Measure, ZeroCells, numbers_of
from trialpool.effects.zero_cells import has_zero_cell, uninformative
from trialpool.pool import InverseVariance, MantelHaenszel, Method, Peto, Pooled, Request
from trialpool.sensitivity.alternatives import (
    SensitivityTable,
    alternative,
    not_applicable,
    not_of_bounds,
    sensitivity_table,
)
from trialpool.sensitivity.labels import method_label

__all__ = ["estimator_and_interval", "zero_cell_handling"]

_Named = tuple[str, Request]


def estimator_and_interval(pooled: Pooled) -> SensitivityTable:
    """Other estimators of tau2, intervals, models and methods, with the zero-cell rule of the reference.

    Parameters
    ----------
    pooled : Pooled

    Returns
    -------
    SensitivityTable

    Examples
    --------
    >>> import trialpool as tp
    >>> comparison = tp.compare(tp.load_dataset("bcg").trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")
    >>> for row in estimator_and_interval(tp.pool(comparison)).rows[:3]:
    ...     print(row.label, round(row.pooled.estimate, 4))
    random, REML, Hartung-Knapp safe -0.7145
    random, REML, Hartung-Knapp -0.7145
    random, REML, Wald -0.7145
    """
    name = "Estimator and interval"
    if bounded := not_of_bounds(name, pooled):
        return bounded
    table = [named for named in _grid(pooled.request) if named[1].method != pooled.request.method]
    return _table(name, pooled, table)


def zero_cell_handling(pooled: Pooled) -> SensitivityTable:
    """Other rules for empty cells; not applicable where no study needs a rule.

    The method of the reference stays, so that the rule alone differs; methods that need no rule stand below. Peto's odds
    ratio, which takes no rule, is set beside the Mantel-Haenszel odds ratio with each.

    Parameters
    ----------
    pooled : Pooled

    Returns
    -------
    SensitivityTable
    """
    name = "Zero-cell handling"
    if bounded := not_of_bounds(name, pooled):
        return bounded
    reason = _no_choice(pooled)
    if reason:
        return not_applicable(name, reason)
    table = [named for named in _zero_cell_grid(pooled.request) if named[1].method != pooled.request.method]
    return _table(name, pooled, table)


def _no_choice(pooled: Pooled) -> str:
    """Why no study needs a rule for empty cells; empty where one does."""
    measure, form = pooled.request.measure, numbers_of(pooled.request.measure)
    if form not in ("counts", "rates"):
        return f"The {measure} rests on no cells that could be empty."
    if measure == "arcsine difference":
        return "The arcsine difference needs no correction for empty cells."
    tables = pooled.comparison.rates() if form == "rates" else pooled.comparison.tables()
    empty = (tables[[0, 2]] == 0).any(axis=0) if form == "rates" else has_zero_cell(tables)
    if not empty.any():
        return "No study has an empty cell, so the choice does not arise."
    if measure == "rate difference" and (tables[0] + tables[2] > 0).all():
        return (
            "The rate difference needs a correction only where a study has no events in both arms; no study has that."
        )
    if measure != "risk difference":
        return ""
    if isinstance(pooled.request.method, MantelHaenszel):
        return "The Mantel-Haenszel risk difference needs no correction for empty cells."
    if not uninformative(tables).any():
        return (
            "The risk difference needs a correction only where a study has no events (or no non-events) in both arms; "
            "no study has that."
        )
    return ""


def _table(name: str, pooled: Pooled, alternatives: Sequence[_Named]) -> SensitivityTable:
    others = (alternative(label, pooled.comparison, request) for label, request in alternatives)
    return sensitivity_table(name, pooled, method_label(pooled.request, zero_cells="handling" in name), others)


def _comparable_measure(request: Request) -> Measure:
    """The measure other methods can pool beside this one: Peto's odds ratio is compared with the odds ratio."""
    return "odds ratio" if request.measure == "Peto odds ratio" else request.measure


def _request(request: Request, measure: Measure, method: Method, *, zero_cells: bool = False) -> _Named:
    made = replace(request, measure=measure, method=method, profile=None)
    return method_label(made, zero_cells=zero_cells), made


def _grid(request: Request) -> Iterator[_Named]:
    measure, zero_cells = _comparable_measure(request), request.zero_cells
    prediction = request.method.prediction if isinstance(request.method, InverseVariance) else None
    i2 = request.method.i2 if isinstance(request.method, InverseVariance) and request.model == "random" else None
    for tau2 in ("REML", "DL", "PM"):
        for interval in ("hartung-knapp-safe", "hartung-knapp", "wald"):
            # a normal prediction interval goes with Wald's alone
            suited = None if prediction == "normal" and interval != "wald" else prediction
            method = InverseVariance(tau2=tau2, interval=interval, prediction=suited, i2=i2, zero_cells=zero_cells)
            yield _request(request, measure, method)
    yield _request(request, measure, InverseVariance(model="common", zero_cells=zero_cells))
    haenszel = request.method if isinstance(request.method, MantelHaenszel) else MantelHaenszel(zero_cells=zero_cells)
    if measure in haenszel.measures:
        yield _request(request, measure, haenszel)
    if measure == "odds ratio":
        yield _request(request, "Peto odds ratio", Peto())


def _zero_cell_grid(request: Request) -> Iterator[_Named]:
    measure = _comparable_measure(request)
    # a method that takes no rule has the Mantel-Haenszel method with each beside it
    base = request.method if isinstance(request.method, (InverseVariance, MantelHaenszel)) else MantelHaenszel()
    for rule in _rules(measure):
        yield _request(request, measure, replace(base, zero_cells=rule), zero_cells=True)
    if isinstance(base, InverseVariance) and measure in MantelHaenszel.measures:
        yield _request(request, measure, MantelHaenszel(), zero_cells=True)
    if measure == "odds ratio":
        yield _request(request, "Peto odds ratio", Peto())


def _rules(measure: Measure) -> Sequence[ZeroCells]:
    """The rules that make a difference: the risk difference needs one in double-zero trials alone."""
    if measure == "risk difference":
        constant = ZeroCells(rule="constant")
        return ZeroCells(), constant, replace(constant, double_zero="corrected")
    if numbers_of(measure) == "rates":
        return ZeroCells(), ZeroCells(rule="constant")
    return [ZeroCells(rule=rule) for rule in ZERO_CELL_RULES]
