"""Mixed-effects regression of plain arrays of effects and variances on one design: one problem (K,) or a batch (B, K)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit

from trialpool.checks import choice, finite_array, probability
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.columns import Array, Columns, FloatOrArray, effect_columns
from trialpool.pool.arrays import ROUNDING
from trialpool.pool.methods import INTERVALS, Interval
from trialpool.regress.least_squares import (
    EXTREME,
    Design,
    Projection,
    dependent_columns,
    design_of,
    extreme_column,
    project,
)
from trialpool.regress.tau2 import RESIDUAL_TAU2_ESTIMATORS, RESIDUAL_TAU2_KERNELS, ResidualTau2Estimator

__all__ = [
    "NO_RESIDUAL",
    "ColumnFit",
    "MixedEffects",
    "block_width",
    "fit_columns",
    "mixed_effects",
]

_BLOCK_DOUBLES = 8_000  # work arrays of this size are handed out again by the allocator, not mapped anew
_NARROWEST = 32  # of a block: sums over many rows of few columns are slow

NO_RESIDUAL = "the fit leaves no residual variation, so the Hartung-Knapp standard error is zero; use interval='hartung-knapp-safe'"


@dataclass(frozen=True, slots=True)
class ColumnFit:
    """A block of fits: ``estimate`` and ``std_error`` (p, b), ``covariance`` (p, p, b), ``tau2``, ``omnibus`` (b,).

    ``exact`` (b,) marks fits without residual variation.
    """

    estimate: Array
    std_error: Array
    covariance: Array
    tau2: Array
    omnibus: Array
    exact: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MixedEffects:
    """Meta-regression of arrays. Fields are those of one problem; a batch has B in front of every shape.

    Attributes
    ----------
    estimate, std_error, statistic, p_value, conf_low, conf_high : arrays of shape (p,)
    df : float
        Residual degrees of freedom of t; infinite where the reference distribution is the normal.
    covariance : array of shape (p, p)
    tau2 : float
        Residual between-study variance; 0 for common effects.
    qe, qe_p_value : float
        Test that the covariates leave no heterogeneity, chi-square with ``qe_df`` degrees of freedom.
    qe_df : int
    omnibus, omnibus_p_value : float
        Test that all coefficients but the intercept are zero: chi-square with ``omnibus_df`` degrees of freedom, or F with
        ``(omnibus_df, df)`` for Hartung-Knapp.
    omnibus_df : int
    """

    estimate: Array
    std_error: Array
    statistic: Array
    df: float
    p_value: Array
    conf_low: Array
    conf_high: Array
    covariance: Array
    tau2: FloatOrArray
    qe: FloatOrArray
    qe_df: int
    qe_p_value: FloatOrArray
    omnibus: FloatOrArray
    omnibus_df: int
    omnibus_p_value: FloatOrArray


def mixed_effects(
    y: ArrayLike,
    v: ArrayLike,
    x: ArrayLike,
    *,
    tau2: ResidualTau2Estimator | None = "REML",
    interval: Interval | None = None,
    conf_level: float = 0.95,
) -> MixedEffects:
    """Regress effects on covariates: ``y = X b + u + e`` with ``var(u) = tau2``, ``var(e) = v``.

    Weighted least squares at ``w = 1 / (v + tau2)`` (Berkey et al. 1995, Statistics in Medicine 14:395); Hartung-Knapp after
    Knapp & Hartung (2003, Statistics in Medicine 22:2693): covariance times ``y'Py / (K - p)``, t and F with K - p degrees of
    freedom; ``hartung-knapp-safe`` never lets that factor fall below 1.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)
        Effects and their variances, finite and above zero.
    x : array of shape (K, p)
        Design matrix, the same for every problem; a constant column is its intercept.
    tau2 : {"REML", "ML", "DL", "DL2", "HE", "HS", "SJ", "PM", "EB"} or None
        None for common effects: no variation beyond the covariates.
    interval : {"hartung-knapp-safe", "hartung-knapp", "wald"}, optional
        ``hartung-knapp-safe`` unless given; common effects have ``wald`` alone.
    conf_level : float

    Returns
    -------
    MixedEffects

    Raises
    ------
    OptionError
        Arrays whose shapes do not go together, or a value that is missing.
    NotEstimableError
        Columns that depend on each other, no residual degree of freedom, or no residual variation with ``hartung-knapp``.

    Examples
    --------
    >>> fit = mixed_effects([-0.9, -1.6, 0.4, -0.3], [0.3, 0.2, 0.1, 0.2], [[1, 44], [1, 55], [1, 13], [1, 18]], interval="wald")
    >>> [round(float(value), 4) for value in fit.estimate], round(fit.tau2, 4)
    ([0.8251, -0.0433], 0.0)
    """
    interval = _interval(tau2, interval)
    columns, design, intercept = _checked(y, v, x)
    parts = [
        fit_columns(columns.y[:, some], columns.v[:, some], design, tau2, interval) for some in _blocks(columns.y.shape)
    ]
    fit = ColumnFit(*(np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in _FIELDS))
    if interval == "hartung-knapp" and fit.exact.any():
        raise NotEstimableError(NO_RESIDUAL)
    return _restored(columns, design, fit, interval, intercept, probability("conf_level", conf_level))


_FIELDS = ("estimate", "std_error", "covariance", "tau2", "omnibus", "exact")


def _interval(tau2: str | None, interval: str | None) -> Interval:
    if tau2 is None:
        if interval not in (None, "wald"):
            raise OptionError(
                f"interval={interval!r} has no meaning with tau2=None; common effects have Wald's interval"
            )
        return "wald"
    choice("tau2", tau2, RESIDUAL_TAU2_ESTIMATORS)
    return choice("interval", interval or "hartung-knapp-safe", INTERVALS)  # type: ignore[return-value]


def _checked(y: ArrayLike, v: ArrayLike, x: ArrayLike) -> tuple[Columns, Design, int | None]:
    columns = effect_columns(y, v)
    if not np.isfinite(columns.v).all():
        raise OptionError("a variance is infinite; leave that study out: one design holds for every problem")
    matrix = finite_array("x", x)
    if matrix.ndim != 2 or matrix.shape[0] != columns.y.shape[0] or matrix.shape[1] == 0:
        raise OptionError(
            f"x has shape {matrix.shape}; give (K, p), a row for each of the {columns.y.shape[0]} studies"
        )
    k, p = matrix.shape
    if k <= p:
        raise NotEstimableError(
            f"{k} studies do not determine {p} coefficients and what varies around them; it needs more than {p}"
        )
    extreme = extreme_column(matrix)
    if extreme is not None:
        raise OptionError(f"column {extreme} of x {EXTREME}")
    dependent = dependent_columns(matrix)
    if dependent:
        raise NotEstimableError(f"columns {dependent} of x follow from the columns before them; leave them out")
    constant = np.flatnonzero((matrix == matrix[0]).all(axis=0))
    intercept = int(constant[0]) if constant.size else None
    return columns, design_of(matrix[:, _order(p, intercept)]), intercept


def _order(p: int, intercept: int | None) -> list[int]:
    """The intercept in front."""
    return list(range(p)) if intercept is None else [intercept, *(j for j in range(p) if j != intercept)]


def block_width(k: int) -> int:
    """How many problems of k studies are worked on at once."""
    return max(_NARROWEST, _BLOCK_DOUBLES // k)


def _blocks(shape: tuple[int, ...]) -> list[slice]:
    """Slices of columns; none of a single column, which NumPy would sum in another order."""
    k, b = shape
    width = block_width(k)
    ends = [*range(width, b - 1, width), b]
    return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def fit_columns(y: Array, v: Array, design: Design, tau2: str | None, interval: Interval) -> ColumnFit:
    """Fit each column of y and v (K, b); the intercept, if there is one, is the first column of the design."""
    found = np.zeros(y.shape[1]) if tau2 is None else RESIDUAL_TAU2_KERNELS[tau2](y, v, design)
    w = 1.0 / (v + found)
    fit = project(y, w, design.x)
    q = np.add.reduce(w * fit.residual * fit.residual)
    factor = np.ones_like(q)
    exact = q <= ROUNDING * np.add.reduce(w * y * y)
    if interval != "wald":
        factor = np.where(exact, 0.0, q / design.df)
        factor = np.maximum(factor, 1.0) if interval == "hartung-knapp-safe" else factor
    estimate, covariance = _coefficients(fit, factor)
    omnibus = _omnibus(fit, design, factor, interval)
    p = design.x.shape[1]
    return ColumnFit(estimate, np.sqrt(covariance[range(p), range(p)]), covariance, found, omnibus, exact)


def _coefficients(fit: Projection, factor: Array) -> tuple[Array, Array]:
    """From shares of the orthogonal columns back to the design's: ``X = U R`` with R unit triangular."""
    p, b = len(fit.basis), factor.size
    inverse = np.zeros((p, p, b))
    for j in range(p):
        inverse[j, j] = 1.0
        for i in range(j):
            inverse[: i + 1, j] -= inverse[: i + 1, i] * fit.steps[j][i]
    estimate = sum(inverse[:, j] * fit.parts[j] for j in range(p))
    covariance = sum(inverse[:, None, j] * inverse[None, :, j] * (factor / fit.lengths[j]) for j in range(p))
    return np.asarray(estimate), np.asarray(covariance)


def tested_columns(design: Design) -> range:
    """The columns of the omnibus test: all but the intercept, or that alone."""
    p = design.x.shape[1]
    return range(1 if p > 1 and (design.x[:, 0] == design.x[0, 0]).all() else 0, p)


def _omnibus(fit: Projection, design: Design, factor: Array, interval: Interval) -> Array:
    """Wald's statistic of the tested columns; behind the intercept, it is the sum over their orthogonal parts."""
    tested = tested_columns(design)
    explained = sum(fit.parts[j] ** 2 * fit.lengths[j] for j in tested)
    per = len(tested) if interval != "wald" else 1
    zero = factor == 0
    return np.asarray(np.where(zero, np.inf, explained / np.where(zero, 1.0, factor * per)))


def _restored(
    columns: Columns, design: Design, fit: ColumnFit, interval: Interval, intercept: int | None, conf_level: float
) -> MixedEffects:
    """In the caller's order of columns, with tests and intervals."""
    p = design.x.shape[1]
    back = np.argsort(_order(p, intercept))
    df = np.inf if interval == "wald" else float(design.df)
    statistic = fit.estimate / fit.std_error
    lower, tail = -np.abs(statistic), 0.5 * (1.0 - conf_level)
    p_value = 2.0 * (ndtr(lower) if interval == "wald" else stdtr(df, lower))
    half = float(-ndtri(tail) if interval == "wald" else -stdtrit(df, tail)) * fit.std_error
    tested = len(tested_columns(design))
    omnibus_p_value = chdtrc(tested, fit.omnibus) if interval == "wald" else fdtrc(tested, df, fit.omnibus)
    residual = project(columns.y, 1.0 / columns.v, design.x).residual
    qe = np.add.reduce(residual * residual / columns.v)

    def rows(values: Array) -> Array:
        turned = np.moveaxis(values[back], -1, 0)
        return turned[0] if columns.batch is None else turned[: columns.batch]

    return MixedEffects(
        estimate=rows(fit.estimate), std_error=rows(fit.std_error), statistic=rows(statistic), df=df,
        p_value=rows(p_value), conf_low=rows(fit.estimate - half), conf_high=rows(fit.estimate + half),
        covariance=rows(fit.covariance[:, back]),
        tau2=columns.restore(fit.tau2), qe=columns.restore(qe), qe_df=design.df,
        qe_p_value=columns.restore(chdtrc(design.df, qe)), omnibus=columns.restore(fit.omnibus),
        omnibus_df=tested, omnibus_p_value=columns.restore(omnibus_p_value),
    )  # fmt: skip
