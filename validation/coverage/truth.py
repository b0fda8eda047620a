"""The truth that an interval has to hold: the mean over trials of the trial's own effect, on the scale of the measure."""

from __future__ import annotations

import numpy as np
from scipy.special import log_expit, logit

from trialpool.effects import Measure
from validation.coverage.cells import BASELINE_SD, Cell, arms_log_odds

__all__ = ["NODES", "true_effect"]

NODES = 40
"""Of Gauss-Hermite quadrature in baseline and effect: right to 1e-14, as 80 nodes show."""


def true_effect(cell: Cell, measure: Measure, nodes: int = NODES) -> float:
    """Mean log odds ratio as it was set; mean log risk ratio by integration over baselines and effects.

    >>> from validation.coverage.cells import Cell
    >>> rare, common = Cell(5, 0.005, 0.2, 1), Cell(5, 0.1, 0.2, 1)
    >>> round(true_effect(rare, "odds ratio"), 4), round(true_effect(rare, "risk ratio"), 4)
    (-0.5108, -0.5086)
    >>> round(true_effect(common, "risk ratio"), 4)
    -0.4673
    """
    if measure in ("odds ratio", "Peto odds ratio"):
        return cell.effect
    if measure != "risk ratio":
        raise ValueError(f"no truth is set for the {measure}")
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    weights = weights / weights.sum()
    baseline = logit(cell.risk) + BASELINE_SD * points[:, None]
    treatment, control = arms_log_odds(cell, baseline, cell.effect + cell.tau * points)
    ratio = log_expit(treatment) - log_expit(control)
    return float(weights @ ratio @ weights)
