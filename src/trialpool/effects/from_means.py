"""Means and standard deviations to Effects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trialpool.effects.continuous import (
    hedges_correction,
    log_ratio_of_means,
    mean_difference,
    standardised_mean_difference,
)
from trialpool.effects.measures import Measure
from trialpool.effects.record import Effects, shared_control_covariance, uncorrected_effects
from trialpool.trials import Comparison

__all__ = ["mean_effects", "mean_table"]

Array = NDArray[np.float64]


def mean_table(comparison: Comparison) -> Array:
    """Mean, standard deviation and n of the treatment arm, then of the control arm, of shape (6, K)."""
    rows = [
        (treatment.mean, treatment.sd, treatment.n, control.mean, control.sd, control.n)
        for treatment, control in (c.means for c in comparison.contrasts if c.means)
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 6).T


def mean_effects(comparison: Comparison, measure: Measure) -> Effects:
    """Effects of pairs of means."""
    table = mean_table(comparison)
    reasons = _reasons(table, measure)
    used = np.array([i for i in range(table.shape[1]) if i not in reasons], dtype=np.intp)
    table = table[:, used]
    clusters = comparison.clusters()[used]
    covariance = None
    if measure == "standardised mean difference" and comparison.has_shared_controls:
        estimate, variance, covariance = _standardised_by_trial(table, clusters)
    else:
        functions = {"mean difference": mean_difference, "ratio of means": log_ratio_of_means}
        estimate, variance = functions.get(measure, standardised_mean_difference)(*table)
        if comparison.has_shared_controls:
            _, _, _, m2, s2, n2 = table
            control = (s2**2 if measure == "mean difference" else (s2 / m2) ** 2) / n2
            covariance = shared_control_covariance(control, variance, clusters)
    return uncorrected_effects(comparison, measure, (used, estimate, variance), covariance, reasons)


def _reasons(table: Array, measure: Measure) -> dict[int, str]:
    reasons: dict[int, str] = {}
    for i, (m1, s1, n1, m2, s2, n2) in enumerate(table.T):
        if s1 == 0 and s2 == 0:
            reasons[i] = "no variation within either arm: its variance is zero"
        elif measure == "ratio of means" and not m1 * m2 > 0:
            reasons[i] = "the means do not have the same sign: their ratio has no logarithm"
        elif measure == "standardised mean difference" and n1 + n2 < 4:
            reasons[i] = "fewer than four participants: the standard deviation has too few degrees of freedom"
    return reasons


def _standardised_by_trial(table: Array, clusters: NDArray[np.intp]) -> tuple[Array, Array, Array]:
    """Differences standardised by one standard deviation within all arms of a trial, with their covariance.

    Gleser & Olkin (2009, equations 19.26 to 19.28): variance ``1/n + 1/n0 + g^2/(2 N)`` and covariance ``1/n0 + g g'/(2 N)``, N
    the participants of all arms; g with Hedges' exact correction for the degrees of freedom of that standard deviation.
    """
    m1, s1, n1, m2, s2, n2 = table
    trials = int(clusters.max()) + 1 if clusters.size else 0
    first = np.array([int(np.flatnonzero(clusters == c)[0]) for c in clusters], dtype=np.intp)

    def total(values: Array) -> Array:
        return np.asarray(np.bincount(clusters, weights=values, minlength=trials)[clusters], dtype=np.float64)

    arms = total(np.ones_like(n1)) + 1
    everyone = total(n1) + n2[first]
    squares = total((n1 - 1) * s1**2) + ((n2 - 1) * s2**2)[first]
    df = everyone - arms
    g = hedges_correction(df) * (m1 - m2) / np.sqrt(squares / df)
    variance = 1 / n1 + 1 / n2 + g**2 / (2 * everyone)
    same = clusters[:, None] == clusters[None, :]
    covariance = np.where(same, 1 / n2[:, None] + g[:, None] * g[None, :] / (2 * everyone[:, None]), 0.0)
    np.fill_diagonal(covariance, variance)
    return g, variance, covariance
