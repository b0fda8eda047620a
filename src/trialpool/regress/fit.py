"""One meta-regression from effects and a design: coefficients, tests, residual heterogeneity."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import NotEstimableError
from trialpool.heterogeneity import i2_from_q, i2_from_tau2
from trialpool.numerics.columns import Array
from trialpool.numerics.distributions import chi2_quantile, f_tail, quantile, two_sided_p_value
from trialpool.pool import InverseVariance
from trialpool.pool.arrays import ROUNDING
from trialpool.regress.design import INTERCEPT, FormulaDesign
from trialpool.regress.least_squares import Design, design_of, evaluate
from trialpool.regress.mixed_effects import MixedEffects, mixed_effects
from trialpool.regress.permutation import Permutations, PermutationTest, permutation_test
from trialpool.regress.result import Coefficient, OmnibusTest, ResidualHeterogeneity
from trialpool.regress.robust import Robust, cluster_robust
from trialpool.regress.tau2 import RESIDUAL_TAU2_KERNELS, generalised_q_root
from trialpool.results import Note

__all__ = ["FittedModel", "fit_model"]

Clusters = tuple[NDArray[np.intp], tuple[str, ...]]
"""The cluster of each row, and the names of the clusters."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedModel:
    """A fit with its tests; ``weights`` and ``fitted`` are of shape (K,)."""

    coefficients: tuple[Coefficient, ...]
    covariance: Array
    omnibus: OmnibusTest
    residual: ResidualHeterogeneity
    weights: Array
    fitted: Array
    robust: Robust | None
    permutation: PermutationTest | None
    notes: tuple[Note, ...]


def fit_model(
    y: Array,
    v: Array,
    design: FormulaDesign,
    method: InverseVariance,
    conf_level: float,
    *,
    clusters: Clusters | None,
    permutations: Permutations | None,
) -> FittedModel:
    """Fit effects y with variances v, both (K,), on a design."""
    interval = "wald" if clusters else method.interval
    fit = mixed_effects(y, v, design.x, tau2=method.tau2, interval=interval, conf_level=conf_level)
    residual, notes = _residual(y, v, design, fit, method, conf_level)
    weights, fitted = 1.0 / (v + fit.tau2), design.x @ fit.estimate
    coefficients, omnibus, covariance, robust = *_model_based(fit, design.terms), fit.covariance, None
    if clusters:
        if weights @ (y - fitted) ** 2 <= ROUNDING * (weights @ y**2):
            raise NotEstimableError(
                "the fit leaves no residual variation to make a cluster-robust variance of; fit without clusters"
            )
        robust = cluster_robust(design.x, weights, y - fitted, fit.covariance, *clusters)
        covariance = robust.covariance
        coefficients, omnibus = _robust(fit, robust, design.terms, conf_level)
    permutation = None
    if permutations:
        columns = design_of(design.x)
        permutation = permutation_test(y, v, columns, permutations, tau2=method.tau2, interval=interval or "wald")
        coefficients = tuple(
            replace(c, permutation_p_value=p) for c, p in zip(coefficients, permutation.p_values, strict=True)
        )
        omnibus = replace(omnibus, permutation_p_value=permutation.omnibus_p_value)
    return FittedModel(coefficients, covariance, omnibus, residual, weights, fitted, robust, permutation, notes)


def _tested(terms: tuple[str, ...]) -> list[int]:
    return [j for j, term in enumerate(terms) if term != INTERCEPT]


def _model_based(fit: MixedEffects, terms: tuple[str, ...]) -> tuple[tuple[Coefficient, ...], OmnibusTest]:
    df = float(fit.df) if np.isfinite(fit.df) else None
    rows = zip(fit.estimate, fit.std_error, fit.conf_low, fit.conf_high, fit.statistic, fit.p_value, strict=True)
    coefficients = tuple(
        Coefficient(term, float(b), float(se), float(low), float(high), float(t), df, float(p))
        for term, (b, se, low, high, t, p) in zip(terms, rows, strict=True)
    )
    tested = tuple(terms[j] for j in _tested(terms))
    return coefficients, OmnibusTest(tested, float(fit.omnibus), fit.omnibus_df, df, float(fit.omnibus_p_value))


def _robust(
    fit: MixedEffects, robust: Robust, terms: tuple[str, ...], conf_level: float
) -> tuple[tuple[Coefficient, ...], OmnibusTest]:
    chosen = np.eye(len(terms))
    coefficients = []
    for j, term in enumerate(terms):
        estimate, std_error = float(fit.estimate[j]), float(np.sqrt(robust.covariance[j, j]))
        df = robust.df(chosen[j])
        half, statistic = quantile(conf_level, df) * std_error, estimate / std_error
        p_value = two_sided_p_value(statistic, df)
        coefficients.append(
            Coefficient(term, estimate, std_error, estimate - half, estimate + half, statistic, df, p_value)
        )
    tested = _tested(terms)
    test = robust.joint_test(fit.estimate, chosen[tested])
    p_value = f_tail(test.statistic, test.df_numerator, test.df_denominator)
    names = tuple(terms[j] for j in tested)
    return tuple(coefficients), OmnibusTest(names, test.statistic, test.df_numerator, test.df_denominator, p_value)


def _residual(
    y: Array, v: Array, design: FormulaDesign, fit: MixedEffects, method: InverseVariance, conf_level: float
) -> tuple[ResidualHeterogeneity, tuple[Note, ...]]:
    """Residual heterogeneity; I2 from tau2 uses the typical variance ``(K - p) / tr P`` at weights 1 / v, as metafor does."""
    columns = _doubled(y), _doubled(v)
    own = design_of(design.x)
    at_zero = evaluate(*columns, np.zeros(2), own)
    q, df = float(fit.qe), fit.qe_df
    tau2 = low = high = without = r2 = None
    i2 = i2_from_q(q, df)
    notes: tuple[Note, ...] = ()
    if method.tau2 is not None:
        tau2 = float(fit.tau2)
        tail = 0.5 * (1.0 - conf_level)
        low, high = (
            float(generalised_q_root(*columns, own, np.full(2, chi2_quantile(upper, df)))[0])
            for upper in (tail, 1 - tail)
        )
        i2 = i2 if method.i2 == "Q" else i2_from_tau2(tau2, df / float(at_zero.trace[0]))
        without, r2, notes = _explained(columns, own, method.tau2, tau2)
    return ResidualHeterogeneity(q, df, float(fit.qe_p_value), tau2, low, high, i2, without, r2), notes


def _explained(
    columns: tuple[Array, Array], design: Design, estimator: str, tau2: float
) -> tuple[float | None, float | None, tuple[Note, ...]]:
    """Tau2 without covariates, and the share of it that they explain, or a note why there is none (Raudenbush 2009)."""
    ones = np.ones((design.x.shape[0], 1))
    x = design.x / np.abs(design.x).max(axis=0)
    rest = ones[:, 0] - x @ np.linalg.lstsq(x, ones[:, 0], rcond=None)[0]
    if np.abs(rest).max() > 1e-9:
        return (
            None,
            None,
            (Note("no-r2", "No R2: the formula leaves out the intercept, so it holds no model without covariates."),),
        )
    without = float(RESIDUAL_TAU2_KERNELS[estimator](*columns, design_of(ones))[0])
    if without == 0:
        return 0.0, None, (Note("no-r2", "No R2: without covariates tau2 is 0, so there is nothing to explain."),)
    return without, max(0.0, 1.0 - tau2 / without), ()


def _doubled(values: Array) -> Array:
    """One problem as two equal columns: a lone column would be summed in another order."""
    return np.repeat(values[:, None], 2, axis=1)
