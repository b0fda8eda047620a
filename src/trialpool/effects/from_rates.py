"""Events and person-years to Effects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trialpool.effects.measures import Measure
from trialpool.effects.rates import log_rate_ratio, rate_difference
from trialpool.effects.record import Effects, shared_control_covariance
from trialpool.effects.zero_cells import ZeroCells
from trialpool.errors import OptionError
from trialpool.trials import Comparison

__all__ = ["rate_effects"]

Array = NDArray[np.float64]


def rate_effects(comparison: Comparison, measure: Measure, zero_cells: ZeroCells) -> Effects:
    """Effects of pairs of rates.

    A zero-cell rule adds its increment to the events of both arms where one of them has none (as metafor does); person-years
    stay as they are. Only the rule ``constant`` has a meaning here.
    """
    if zero_cells.rule not in ("none", "constant") or zero_cells.convention == "meta":
        raise OptionError(
            f"the {measure} knows zero_cells 'none' and 'constant' (in the convention 'cells'); the other rules balance "
            "numbers of participants"
        )
    table = comparison.rates()
    clusters = comparison.clusters() if comparison.has_shared_controls else None
    increments = _increments(table, zero_cells, clusters)
    table = table + np.stack([increments[0], 0 * increments[0], increments[1], 0 * increments[1]])
    reasons = _reasons(table, measure)
    used = np.array([i for i in range(table.shape[1]) if i not in reasons], dtype=np.intp)
    estimate, variance = (log_rate_ratio if measure == "rate ratio" else rate_difference)(*table[:, used])
    covariance = None
    if clusters is not None:
        events, years = table[2, used], table[3, used]
        control = 1 / events if measure == "rate ratio" else events / years / years
        covariance = shared_control_covariance(control, variance, clusters[used])
    return Effects(comparison, measure, zero_cells, used, estimate, variance, covariance, increments, reasons)


def _increments(table: Array, zero_cells: ZeroCells, clusters: NDArray[np.intp] | None) -> Array:
    added = np.zeros((2, table.shape[1]))
    if zero_cells.rule == "none":
        return added
    x1, _, x2, _ = table
    selected = (x1 == 0) | (x2 == 0)
    if clusters is not None:  # one count of a control arm, whatever it is set against
        selected = np.isin(clusters, clusters[selected])
    if zero_cells.double_zero == "not estimable":
        selected &= (x1 > 0) | (x2 > 0)
    added[:, selected] = float(zero_cells.increment or 0.0)
    return added


def _reasons(table: Array, measure: Measure) -> dict[int, str]:
    reasons: dict[int, str] = {}
    is_ratio = measure == "rate ratio"
    for i, (x1, _, x2, _) in enumerate(table.T):
        if x1 == 0 and x2 == 0:
            what = "it holds no information on the ratio" if is_ratio else "its variance is zero"
            reasons[i] = f"no events in either arm: {what}"
        elif is_ratio and (x1 == 0 or x2 == 0):
            arm = "treatment" if x1 == 0 else "control"
            reasons[i] = f"no events in the {arm} arm: the log rate ratio is infinite without a zero-cell correction"
    return reasons
