"""Comparisons to Effects: one estimate and variance for each contrast that has one, a reason for each that has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import choice
from trialpool.effects.binary import log_odds_ratio, log_risk_ratio, peto_o_minus_e, risk_difference
from trialpool.effects.measures import MEASURES, Measure
from trialpool.effects.zero_cells import Tables, ZeroCells, corrected_tables, uninformative, zero_cell_increments
from trialpool.errors import OptionError
from trialpool.trials import Comparison

__all__ = ["Effects", "binary_effects"]


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects on the working scale.

    Attributes
    ----------
    comparison : Comparison
        The K contrasts they were computed from.
    measure : str
    zero_cells : ZeroCells
    used : int array of shape (k,)
        Positions, among the K contrasts, of those with an estimate.
    estimate, variance : arrays of shape (k,)
    covariance : array of shape (k, k) or None
        Where contrasts share a control arm; its diagonal is ``variance``.
    increments : array of shape (2, K)
        What the zero-cell rule added to each cell of the treatment and the control arm.
    reasons : mapping of int to str
        Why the other contrasts have no estimate, by position.
    """

    comparison: Comparison
    measure: Measure
    zero_cells: ZeroCells
    used: NDArray[np.intp]
    estimate: NDArray[np.float64]
    variance: NDArray[np.float64]
    covariance: NDArray[np.float64] | None
    increments: NDArray[np.float64]
    reasons: Mapping[int, str]


def binary_effects(comparison: Comparison, measure: Measure, zero_cells: ZeroCells | None = None) -> Effects:
    """Effects of a comparison's 2x2 tables.

    Parameters
    ----------
    comparison : Comparison
    measure : {"risk ratio", "odds ratio", "risk difference", "Peto odds ratio"}
    zero_cells : ZeroCells, optional
        No correction unless given.

    Returns
    -------
    Effects
    """
    choice("measure", measure, MEASURES)
    zero_cells = zero_cells or ZeroCells()
    shared = comparison.has_shared_controls
    if measure == "Peto odds ratio":
        if shared:
            raise OptionError(
                "the Peto odds ratio has no shared-control covariance; use multi_arm='combine' or 'split'"
            )
        if zero_cells.rule != "none":
            raise OptionError("the Peto odds ratio needs no zero-cell correction; leave zero_cells at 'none'")
    tables = comparison.tables()
    clusters = comparison.clusters() if shared else None
    increments = zero_cell_increments(tables, zero_cells, measure, clusters)
    for_estimate, for_variance = corrected_tables(tables, increments, zero_cells, measure)
    reasons = _reasons(for_variance, measure)
    used = np.array([i for i in range(tables.shape[1]) if i not in reasons], dtype=np.intp)
    estimate, _ = _estimates(for_estimate[:, used], measure)
    _, variance = _estimates(for_variance[:, used], measure)
    covariance = (
        _shared_control_covariance(for_variance[:, used], variance, clusters[used], measure)
        if clusters is not None
        else None
    )
    return Effects(comparison, measure, zero_cells, used, estimate, variance, covariance, increments, reasons)


def _estimates(tables: Tables, measure: Measure) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if measure == "Peto odds ratio":
        o_minus_e, v = peto_o_minus_e(*tables)
        return o_minus_e / v, 1 / v
    function = {"risk ratio": log_risk_ratio, "odds ratio": log_odds_ratio, "risk difference": risk_difference}[measure]
    return function(*tables)


def _reasons(tables: Tables, measure: Measure) -> dict[int, str]:
    """Why a table has no estimate of the measure, by position."""
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
    if measure == "odds ratio" and a == n1:
        return "every participant of the treatment arm had the event"
    if measure == "odds ratio" and c == n2:
        return "every participant of the control arm had the event"
    return ""


def _shared_control_covariance(
    tables: Tables, variance: NDArray[np.float64], clusters: NDArray[np.intp], measure: Measure
) -> NDArray[np.float64]:
    """Covariance matrix (k, k): contrasts of one trial share the variance of the control arm.

    Gleser & Olkin (2009), in The Handbook of Research Synthesis and Meta-Analysis, chapter 19.
    """
    _, _, c, n2 = tables
    control = {
        "risk ratio": lambda: 1 / c - 1 / n2,
        "odds ratio": lambda: 1 / c + 1 / (n2 - c),
        "risk difference": lambda: (c / n2) * (1 - c / n2) / n2,
    }[measure]()
    same = clusters[:, None] == clusters[None, :]
    covariance = np.where(same, control[:, None], 0.0)
    np.fill_diagonal(covariance, variance)
    return covariance
