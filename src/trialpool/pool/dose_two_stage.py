"""Dose-response of trial contrasts: each arm against the lowest dose of its trial, with the covariance that they share.

The covariance follows from the counts (Greenland & Longnecker 1992, American Journal of Epidemiology 135:1301, for crude counts).
Slopes vary between trials. Estimating the curve of each trial first and pooling the curves gives the same where each trial has
doses enough (Crippa, Discacciati, Bottai, Spiegelman & Orsini 2019, Statistical Methods in Medical Research 28:1579); here trials
with fewer stay.
"""

from __future__ import annotations

from trialpool.effects import Effects
from trialpool.errors import NotEstimableError
from trialpool.pool.dose_arms import DoseTable
from trialpool.pool.dose_shapes import Linear, LogDose, Quadratic, Spline
from trialpool.pool.multivariate_blocks import mixed_data, trial_matrices
from trialpool.pool.multivariate_fit import MultivariateFit, fit_multivariate
from trialpool.pool.multivariate_method import Multivariate

__all__ = ["fit_two_stage"]


def fit_two_stage(
    table: DoseTable,
    effects: Effects,
    shape: Linear | LogDose | Quadratic | Spline,
    method: Multivariate,
    conf_level: float,
) -> MultivariateFit:
    """Fit to the contrasts that have an effect.

    Raises
    ------
    NotEstimableError
        No contrast has an effect, or the effects do not determine the curve.
    """
    if effects.used.size == 0:
        reasons = "; ".join(f"{effects.comparison.labels[i]}: {why}" for i, why in list(effects.reasons.items())[:5])
        raise NotEstimableError(
            f"no arm has an estimable {effects.measure} ({reasons}); choose a zero-cell rule, or method=OneStage(), which takes "
            "the counts as they are"
        )
    high, low = (doses[effects.used] for doses in table.steps())
    columns = shape.columns(high) - shape.columns(low)
    rows, matrices = trial_matrices(effects)
    data = mixed_data(effects.estimate, matrices, rows, (columns, columns), (shape.terms, shape.terms))
    return fit_multivariate(data, method, conf_level)
