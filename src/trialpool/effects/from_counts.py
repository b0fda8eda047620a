"""2x2 tables to Effects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import choice
from trialpool.effects.binary import (
    arcsine_difference,
    log_cumulative_hazard,
    log_hazard_ratio,
    log_odds_ratio,
    log_risk_ratio,
    peto_log_odds_ratio,
    risk_difference,
)
from trialpool.effects.measures import MEASURES, Measure, numbers_of, takes_zero_cells
from trialpool.effects.record import Effects, shared_control_covariance
from trialpool.effects.zero_cells import Tables, ZeroCells, corrected_tables, uninformative, zero_cell_increments
from trialpool.errors import OptionError
from trialpool.trials import Comparison

__all__ = ["binary_effects"]

Array = NDArray[np.float64]

HAZARD_RATIO: Measure = "complementary log-log hazard ratio"

_FUNCTIONS: dict[Measure, Callable[[Array, Array, Array, Array], tuple[Array, Array]]] = {
    "risk ratio": log_risk_ratio,
    "odds ratio": log_odds_ratio,
    "risk difference": risk_difference,
    "Peto odds ratio": peto_log_odds_ratio,
    "arcsine difference": arcsine_difference,
    HAZARD_RATIO: log_hazard_ratio,
}


def binary_effects(comparison: Comparison, measure: Measure, zero_cells: ZeroCells | None = None) -> Effects:
    """Effects of a comparison's 2x2 tables.

    Parameters
    ----------
    comparison : Comparison
        Every contrast of which has counts.
    measure : str
        A measure of counts.
    zero_cells : ZeroCells, optional
        No correction unless given.

    Returns
    -------
    Effects
    """
    choice("measure", measure, [m for m in MEASURES if numbers_of(m) == "counts"])
    zero_cells = zero_cells or ZeroCells()
    shared = comparison.has_shared_controls
    if measure == "Peto odds ratio" and shared:
        raise OptionError("the Peto odds ratio has no shared-control covariance; use multi_arm='combine' or 'split'")
    if zero_cells.rule != "none" and not takes_zero_cells(measure):
        raise OptionError(f"the {measure} needs no zero-cell correction; leave zero_cells at 'none'")
    tables = comparison.tables()
    clusters = comparison.clusters() if shared else None
    increments = zero_cell_increments(tables, zero_cells, measure, clusters)
    for_estimate, for_variance = corrected_tables(tables, increments, zero_cells, measure)
    reasons = _reasons(for_variance, measure)
    used = np.array([i for i in range(tables.shape[1]) if i not in reasons], dtype=np.intp)
    estimate, _ = _FUNCTIONS[measure](*for_estimate[:, used])
    _, variance = _FUNCTIONS[measure](*for_variance[:, used])
    if measure == HAZARD_RATIO:
        estimate = estimate - _log_ratios_of_follow_up(comparison)[used]
    covariance = None
    if clusters is not None:
        covariance = shared_control_covariance(
            _control_variance(for_variance[:, used], measure), variance, clusters[used]
        )
    return Effects(comparison, measure, zero_cells, used, estimate, variance, covariance, increments, reasons)


def _log_ratios_of_follow_up(comparison: Comparison) -> Array:
    """Log of treatment over control follow-up, shape (K,): with a constant hazard the cumulative hazard is hazard times time."""
    pairs = [c.follow_up_years or (1.0, 1.0) for c in comparison.contrasts]
    return np.log([treatment / control for treatment, control in pairs])


def _reasons(tables: Tables, measure: Measure) -> dict[int, str]:
    """Why a table has no estimate of the measure, by position."""
    if measure == "arcsine difference":
        return {}
    reasons: dict[int, str] = {}
    none_informative = uninformative(tables)
    for i, (a, n1, c, n2) in enumerate(tables.T):
        if none_informative[i]:
            extent = "no events in either arm" if a == 0 else "every participant of both arms had the event"
            holds = measure == "risk difference" or (measure == "risk ratio" and a > 0)
            what = "its variance is zero" if holds else "it holds no information on the ratio"
            reasons[i] = f"{extent}: {what}"
        elif measure == "risk difference":
            if a in (0, n1) and c in (0, n2):
                reasons[i] = "all of one arm and none of the other had the event: its variance is zero"
        elif measure != "Peto odds ratio":
            empty = _empty_cell(a, n1, c, n2, measure)
            if empty:
                reasons[i] = f"{empty}: the log {measure} is infinite without a zero-cell correction"
    return reasons


def _empty_cell(a: float, n1: float, c: float, n2: float, measure: Measure) -> str:
    if a == 0:
        return "no events in the treatment arm"
    if c == 0:
        return "no events in the control arm"
    if measure != "risk ratio" and a == n1:
        return "every participant of the treatment arm had the event"
    if measure != "risk ratio" and c == n2:
        return "every participant of the control arm had the event"
    return ""


def _control_variance(tables: Tables, measure: Measure) -> Array:
    """The control arm's part of the variance, which contrasts with that arm share."""
    _, _, c, n2 = tables
    parts: dict[Measure, Callable[[], Array]] = {
        "risk ratio": lambda: 1 / c - 1 / n2,
        "odds ratio": lambda: 1 / c + 1 / (n2 - c),
        "risk difference": lambda: (c / n2) * (1 - c / n2) / n2,
        "arcsine difference": lambda: 0.25 / n2,
        HAZARD_RATIO: lambda: log_cumulative_hazard(c, n2)[1],
    }
    return parts[measure]()
