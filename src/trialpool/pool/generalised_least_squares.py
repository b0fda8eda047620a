"""Pooling of effects that share control arms: generalised least squares, common and random effects.

The within-trial covariance V is known. Between trials, effects of the arms of one trial vary with covariance
``tau2 * G``, where G is 1 on the diagonal and 1/2 between arms of one trial (Higgins & Whitehead 1996, Statistics in
Medicine 15:2733): each arm's departure is its own minus the control's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import quoted
from trialpool.effects import Effects
from trialpool.errors import NotEstimableError, OptionError
from trialpool.heterogeneity import i2_from_q, i2_from_tau2
from trialpool.numerics.distributions import chi2_quantile, chi2_tail
from trialpool.numerics.roots import rising_root
from trialpool.pool.arrays import EQUAL_EFFECTS, ROUNDING
from trialpool.pool.core import Core, normalised, require_two
from trialpool.pool.inverse_variance import prediction_or_note
from trialpool.pool.methods import InverseVariance
from trialpool.pool.pooled import Heterogeneity
from trialpool.results import Note

__all__ = ["pool_generalised_least_squares"]

Array = NDArray[np.float64]

_GRID = 40
_LOWEST = 0.02  # of the smallest variance: below it the score is as good as at 0
_SINGULAR = 1e12  # condition number of a correlation matrix that cannot be inverted with any digit left


@dataclass(frozen=True, slots=True)
class _Fit:
    """One evaluation at a given tau2; ``p`` is the projection matrix P and ``py`` is P y."""

    estimate: float
    variance: float
    q: float
    p: Array
    py: Array
    weights: Array


def _evaluate(y: Array, covariance: Array) -> _Fit:
    inverse = np.linalg.inv(covariance)
    row_sums = inverse.sum(axis=1)
    total = row_sums.sum()
    p = inverse - np.outer(row_sums, row_sums) / total
    py = p @ y
    return _Fit(float(row_sums @ y / total), float(1 / total), float(y @ py), p, py, row_sums)


def pool_generalised_least_squares(effects: Effects, method: InverseVariance, conf_level: float) -> Core:
    """Mean of correlated effects.

    Hartung-Knapp scales the variance by Q / (contrasts - 1) and takes t with (trials - 1) degrees of freedom.

    Raises
    ------
    NotEstimableError
        Fewer than two trials have an effect.
    OptionError
        A choice of the method that is defined for independent effects alone.
    """
    _refuse_without_form(method)
    y, v = effects.estimate, effects.covariance
    assert v is not None  # noqa: S101 (the caller chose this method because there is a covariance)
    clusters = effects.comparison.clusters()[effects.used]
    trials = int(np.unique(clusters).size)
    require_two(trials, f"has an estimable {effects.measure}")
    _refuse_singular(v, effects.measure)
    at_zero = _evaluate(y, v)
    if method.model == "common":
        heterogeneity = _heterogeneity(y, v, None, method, conf_level)
        return Core(
            at_zero.estimate,
            math.sqrt(at_zero.variance),
            None,
            normalised(effects.used, at_zero.weights),
            heterogeneity,
            notes=(_covariance_note(y.size, trials, method),),
        )
    g = np.where(clusters[:, None] == clusters[None, :], 0.5, 0.0)
    np.fill_diagonal(g, 1.0)
    tau2 = _ESTIMATORS[method.tau2 or "REML"](y, v, g)
    fit = _evaluate(y, v + tau2 * g)
    std_error, df = _standard_error(fit, y, v + tau2 * g, trials, method)
    assert method.prediction and method.prediction != "confidence-distribution"  # noqa: S101 (refused above)
    prediction, notes = prediction_or_note(fit.estimate, std_error, tau2, trials, method.prediction, conf_level)
    return Core(
        estimate=fit.estimate,
        std_error=std_error,
        df=df,
        weights=normalised(effects.used, fit.weights),
        heterogeneity=_heterogeneity(y, v, (tau2, g), method, conf_level),
        prediction=prediction,
        notes=(*notes, _covariance_note(y.size, trials, method)),
    )


def _refuse_without_form(method: InverseVariance) -> None:
    forms = {"tau2": tuple(_ESTIMATORS), "tau2_interval": ("Q-profile",), "prediction": ("k-1", "k-2", "normal")}
    for name, allowed in forms.items():
        value = getattr(method, name)
        if value is not None and value not in allowed:
            raise OptionError(
                f"{name}={value!r} has no form for trials whose arms share a control; choose {name} from {quoted(allowed)}, or "
                "multi_arm='combine'"
            )


def _refuse_singular(v: Array, measure: str) -> None:
    """Two arms of a trial without a variance of their own differ from the control by the same error: nothing weighs them."""
    scale = np.sqrt(np.diag(v))
    if np.linalg.cond(v / np.outer(scale, scale)) > _SINGULAR:
        raise NotEstimableError(
            f"several arms of one trial have no variance of their own on the {measure} (no events, or nothing but events), so "
            "their contrasts with the shared control cannot be weighed; use multi_arm='combine'"
        )


def _covariance_note(contrasts: int, trials: int, method: InverseVariance) -> Note:
    between = "; between trials, arms of one trial correlate 0.5" if method.model == "random" else ""
    return Note(
        "shared-control-covariance",
        f"{contrasts} contrasts of {trials} trials are pooled with the covariance of their shared control arms{between}.",
    )


def _standard_error(
    fit: _Fit, y: Array, covariance: Array, trials: int, method: InverseVariance
) -> tuple[float, int | None]:
    if method.interval == "wald":
        return math.sqrt(fit.variance), None
    scale = fit.q / (y.size - 1)
    if method.interval == "hartung-knapp-safe":
        scale = max(1.0, scale)
    elif fit.q <= ROUNDING * float(y @ np.linalg.solve(covariance, y)):
        raise NotEstimableError(EQUAL_EFFECTS)
    return math.sqrt(fit.variance * scale), trials - 1


def _paule_mandel(y: Array, v: Array, g: Array) -> float:
    return _tau2_at_q(y, v, g, y.size - 1.0)


def _dersimonian_laird(y: Array, v: Array, g: Array) -> float:
    fit = _evaluate(y, v)
    return max(0.0, (fit.q - (y.size - 1)) / float(np.sum(fit.p * g)))


def _highest_maximum(y: Array, v: Array, g: Array, *, restricted: bool) -> float:
    """The highest maximum over tau2 >= 0 of the restricted or the full likelihood.

    Its score is half of ``y'P G P y - tr(P G)``, or with the inverse covariance for the last P. The sign is taken at 0 and on
    a grid up to far above the spread of the effects; each fall through zero is a maximum, and 0 is one if the score is not
    positive there.
    """

    def fall(tau2: float) -> float:
        fit = _evaluate(y, v + tau2 * g)
        of_the_mean = 0.0 if restricted else fit.variance * float(fit.weights @ g @ fit.weights)
        return float(np.sum(fit.p * g) + of_the_mean - fit.py @ g @ fit.py)

    variances = np.diag(v)
    highest = 100.0 * (float(np.ptp(y)) ** 2 + float(variances.max()))
    grid = [0.0, *np.geomspace(_LOWEST * float(variances.min()), highest, _GRID).tolist()]
    rising = [fall(tau2) < 0 for tau2 in grid[:-1]] + [False]
    maxima = [] if rising[0] else [0.0]
    for low, high, rises, still in zip(grid, grid[1:], rising, rising[1:], strict=False):
        if rises and not still:
            maxima.append(low + rising_root(lambda step, low=low: fall(low + step), start=high - low))  # type: ignore[misc]
    return max(maxima, key=lambda tau2: _log_likelihood(y, v + tau2 * g, restricted=restricted))


def _log_likelihood(y: Array, covariance: Array, *, restricted: bool) -> float:
    """Up to a constant: ``-(log det S + y'P y) / 2``, and for the restricted one ``log 1'S^-1 1`` within."""
    fit = _evaluate(y, covariance)
    of_the_mean = -math.log(fit.variance) if restricted else 0.0
    return -0.5 * (float(np.linalg.slogdet(covariance)[1]) + of_the_mean + fit.q)


def _tau2_at_q(y: Array, v: Array, g: Array, target: float) -> float:
    """The tau2 at which the generalised Q statistic equals ``target``; zero where it is below it at zero."""
    return rising_root(lambda tau2: target - _evaluate(y, v + tau2 * g).q, start=float(np.mean(np.diag(v))))


_ESTIMATORS: Mapping[str, Callable[[Array, Array, Array], float]] = {
    "REML": partial(_highest_maximum, restricted=True),
    "ML": partial(_highest_maximum, restricted=False),
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
}
"""EB and PM solve one equation, Q = contrasts - 1; the other estimators are defined for independent effects alone."""


def _heterogeneity(
    y: Array, v: Array, random: tuple[float, Array] | None, method: InverseVariance, conf_level: float
) -> Heterogeneity:
    """Q and, for random effects, tau2; I2 from tau2 uses the typical variance ``(k - 1) / tr(P)``, as with metafor."""
    at_zero = _evaluate(y, v)
    df = y.size - 1
    from_q = i2_from_q(at_zero.q, df)
    tau2 = low = high = from_tau2 = None
    h2 = at_zero.q / df
    if random is not None:
        tau2, g = random
        tail = 0.5 * (1 - conf_level)
        low, high = (_tau2_at_q(y, v, g, chi2_quantile(upper, df)) for upper in (tail, 1 - tail))
        typical = df / float(np.trace(at_zero.p))
        from_tau2 = i2_from_tau2(tau2, typical)
        h2 = 1 + tau2 / typical if method.i2 == "tau2" else h2
    return Heterogeneity(
        q=at_zero.q,
        q_df=df,
        q_p_value=chi2_tail(at_zero.q, df),
        h2=h2,
        i2=from_tau2 if method.i2 == "tau2" else from_q,
        i2_from_tau2=from_tau2,
        i2_from_q=from_q,
        tau2=tau2,
        tau2_low=low,
        tau2_high=high,
    )
