"""Zero-cell rules: whether and how counts are corrected where an arm has no events, or no non-events.

The default corrects nothing. ``constant`` adds the same increment to all four cells; ``treatment-arm`` and ``empirical``
follow Sweeting, Sutton & Lambert (2004, Statistics in Medicine 23:1351), their increments adding to twice ``increment``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import choice, positive
from trialpool.choices import DOUBLE_ZERO, ZERO_CELL_RULES, DoubleZero, ZeroCellRule
from trialpool.effects.measures import Measure
from trialpool.errors import NotEstimableError, OptionError

__all__ = ["ZERO_CELL_RULES", "ZeroCellRule", "ZeroCells", "zero_cell_increments"]

Tables = NDArray[np.float64]
"""Counts of shape (4, K): treatment events, treatment n, control events, control n."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroCells:
    """A zero-cell rule.

    Attributes
    ----------
    rule : {"none", "constant", "treatment-arm", "empirical"}
    increment : float
        Half of what is added to each arm pair; 0.5 unless given. No meaning with rule ``none``.
    double_zero : {"not estimable", "corrected"}
        Whether trials without events (or without non-events) in both arms are corrected too, as metafor does.
    convention : {"cells", "meta"}
        What the increment is added to: all four cells; or as R's meta does it, for the risk ratio the events and once to n,
        for the risk difference only in the variance (of double-zero trials too), for the odds ratio all four cells.
    """

    rule: ZeroCellRule = "none"
    increment: float | None = None
    double_zero: DoubleZero = "not estimable"
    convention: Literal["cells", "meta"] = "cells"

    def __post_init__(self) -> None:
        choice("zero_cells", self.rule, ZERO_CELL_RULES)
        choice("double_zero", self.double_zero, DOUBLE_ZERO)
        choice("convention", self.convention, ("cells", "meta"))
        if self.rule == "none":
            if self.increment is not None:
                raise OptionError("increment has no meaning with zero_cells='none'; choose a rule, or leave it out")
            if self.double_zero == "corrected":
                raise OptionError("double_zero='corrected' has no meaning with zero_cells='none'; choose a rule")
            if self.convention == "meta":
                raise OptionError("convention='meta' has no meaning with zero_cells='none'; choose a rule")
        else:
            object.__setattr__(
                self, "increment", positive("increment", 0.5 if self.increment is None else self.increment)
            )

    def __str__(self) -> str:
        if self.rule == "none":
            return "no zero-cell correction"
        words = {
            "constant": f"constant correction of {self.increment:g}",
            "treatment-arm": f"treatment-arm correction adding to {2 * (self.increment or 0):g}",
            "empirical": f"empirical correction adding to {2 * (self.increment or 0):g}",
        }[self.rule]
        words += " in the way of R's meta" if self.convention == "meta" else ""
        return words + (" (double-zero trials too)" if self.double_zero == "corrected" else "")


def uninformative(tables: Tables) -> NDArray[np.bool_]:
    """Which trials have no events, or no non-events, in both arms; shape (K,).

    They hold no information on an odds ratio. A risk ratio is 1 where all had the event, but with a variance of zero.
    """
    a, n1, c, n2 = tables
    return np.asarray(((a == 0) & (c == 0)) | ((a == n1) & (c == n2)))


def has_zero_cell(tables: Tables) -> NDArray[np.bool_]:
    """Which trials have any empty cell of the four; shape (K,)."""
    a, n1, c, n2 = tables
    return np.asarray((a == 0) | (c == 0) | (a == n1) | (c == n2))


def corrected_tables(
    tables: Tables, increments: NDArray[np.float64], zero_cells: ZeroCells, measure: Measure
) -> tuple[Tables, Tables]:
    """The tables that the estimate is computed from, and those that its variance is computed from."""
    to_n = 1 if zero_cells.convention == "meta" and measure == "risk ratio" else 2
    corrected = tables + np.stack([increments[0], to_n * increments[0], increments[1], to_n * increments[1]])
    if zero_cells.convention == "meta" and measure == "risk difference":
        return tables, corrected
    return corrected, corrected


def zero_cell_increments(
    tables: Tables, zero_cells: ZeroCells, measure: Measure, clusters: NDArray[np.intp] | None = None
) -> NDArray[np.float64]:
    """What is added to each cell of the treatment and of the control arm.

    Parameters
    ----------
    tables : array of shape (4, K)
        Treatment events, treatment n, control events, control n.
    zero_cells : ZeroCells
    measure : str
    clusters : array of shape (K,), optional
        Contrasts of one number share their control arm: if one is corrected, all are, so that the control arm has one
        count.

    Returns
    -------
    array of shape (2, K)
        Increment of the events (and of the non-events) in the treatment and the control arm; 0 where nothing is
        corrected.
    """
    added = np.zeros((2, tables.shape[1]))
    if zero_cells.rule == "none":
        return added
    selected = has_zero_cell(tables)
    if clusters is not None:
        selected = np.isin(clusters, clusters[selected])
    variance_alone = zero_cells.convention == "meta" and measure == "risk difference"
    if zero_cells.double_zero == "not estimable" and not variance_alone:
        selected &= ~uninformative(tables)
    if selected.any():
        total = 2.0 * float(zero_cells.increment or 0.0)
        n1, n2 = tables[1], tables[3]
        if (
            clusters is not None
        ):  # one ratio a trial, or its control arm would be corrected differently for each contrast
            n1 = np.bincount(clusters, weights=n1)[clusters]
        share = _treatment_share(tables, zero_cells.rule, n2[selected] / n1[selected])
        added[:, selected] = total * np.stack([share, 1.0 - share])
    return added


def _treatment_share(tables: Tables, rule: ZeroCellRule, ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """The treatment arm's share of the total increment, for control-to-treatment ratios of the numbers at risk."""
    if rule == "constant":
        return np.full(ratio.size, 0.5)
    omega = 1.0 if rule == "treatment-arm" else _odds_ratio_without_zero_cells(tables)
    return np.asarray(omega / (ratio + omega))


def _odds_ratio_without_zero_cells(tables: Tables) -> float:
    """Mantel-Haenszel odds ratio of the trials that have no zero cell."""
    a, n1, c, n2 = tables[:, ~has_zero_cell(tables)]
    if a.size == 0:
        raise NotEstimableError(
            "zero_cells='empirical' needs at least one trial without a zero cell to take the odds ratio from; "
            "there is none: use 'treatment-arm' or 'constant'"
        )
    total = n1 + n2
    return float((a * (n2 - c) / total).sum() / ((n1 - a) * c / total).sum())
