"""Inverse-variance pooling of independent effects."""

from __future__ import annotations

from typing import Literal

from trialpool.effects.record import Poolable
from trialpool.errors import NotEstimableError
from trialpool.heterogeneity import (
    cochran_q,
    confidence_distribution_interval,
    generalised_q_interval,
    i2_from_q,
    i2_from_tau2,
    prediction_interval,
    profile_likelihood_interval,
    q_profile,
    typical_variance,
)
from trialpool.numerics.columns import Array
from trialpool.numerics.distributions import chi2_tail
from trialpool.pool.arrays import ArrayFit, common_effect, random_effects
from trialpool.pool.core import Core, heterogeneity_from_q, normalised, require_two
from trialpool.pool.methods import InverseVariance
from trialpool.pool.pooled import Heterogeneity, PredictionInterval
from trialpool.results import Note

__all__ = ["pool_inverse_variance", "prediction_or_note"]


def pool_inverse_variance(effects: Poolable, method: InverseVariance, conf_level: float) -> Core:
    """Common- or random-effects mean of the estimable contrasts.

    Raises
    ------
    NotEstimableError
        Fewer than two contrasts have an effect.
    """
    y, v = effects.estimate, effects.variance
    require_two(y.size, f"has an estimable {effects.measure}")
    if method.model == "common":
        fit = common_effect(y, v, conf_level=conf_level)
        return Core(
            float(fit.estimate), float(fit.std_error), None, normalised(effects.used, 1 / v), heterogeneity_from_q(y, v)
        )
    assert method.tau2 and method.interval and method.prediction  # noqa: S101 (set for every random-effects method)
    fit = random_effects(y, v, tau2=method.tau2, interval=method.interval, conf_level=conf_level)
    estimate, std_error, tau2 = float(fit.estimate), float(fit.std_error), float(fit.tau2)
    if method.prediction == "confidence-distribution":
        prediction, notes = _confidence_distribution_or_note(y, v, fit, conf_level)
    else:
        prediction, notes = prediction_or_note(estimate, std_error, tau2, y.size, method.prediction, conf_level)
    return Core(
        estimate=estimate,
        std_error=std_error,
        df=None if method.interval == "wald" else y.size - 1,
        weights=normalised(effects.used, 1 / (v + tau2)),
        heterogeneity=_heterogeneity(effects, tau2, method, conf_level),
        prediction=prediction,
        notes=notes,
    )


def prediction_or_note(
    estimate: float,
    std_error: float,
    tau2: float,
    k: int,
    distribution: Literal["k-1", "k-2", "normal"],
    conf_level: float,
) -> tuple[PredictionInterval | None, tuple[Note, ...]]:
    """The prediction interval around the estimate, or the reason there is none."""
    limits = prediction_interval(estimate, std_error, tau2, k=k, distribution=distribution, conf_level=conf_level)
    if limits is None:
        return None, (_no_prediction("it needs at least three studies"),)
    return PredictionInterval(*limits), ()


def _confidence_distribution_or_note(
    y: Array, v: Array, fit: ArrayFit, conf_level: float
) -> tuple[PredictionInterval | None, tuple[Note, ...]]:
    try:
        low, high = confidence_distribution_interval(y, v, conf_level)
    except NotEstimableError as error:
        return None, (_no_prediction(str(error)),)
    holds_mean = low <= fit.conf_low and fit.conf_high <= high
    return PredictionInterval(low, high, None), () if holds_mean else (_NARROW,)


def _no_prediction(reason: str) -> Note:
    return Note("no-prediction-interval", f"No prediction interval: {reason}.")


_NARROW = Note(
    "prediction-inside-confidence",
    "The prediction interval by the confidence distribution does not hold the whole confidence interval of the mean: the two are "
    "built differently, and the effects vary little. It must not be read as surer than the mean.",
)


def _heterogeneity(effects: Poolable, tau2: float, method: InverseVariance, conf_level: float) -> Heterogeneity:
    y, v = effects.estimate, effects.variance
    q, df, typical = float(cochran_q(y, v)), y.size - 1, typical_variance(v)
    low, high = _tau2_interval(y, v, method, conf_level)
    from_tau2, from_q = i2_from_tau2(tau2, typical), i2_from_q(q, df)
    return Heterogeneity(
        q=q,
        q_df=df,
        q_p_value=chi2_tail(q, df),
        h2=1 + tau2 / typical if method.i2 == "tau2" else q / df,
        i2=from_tau2 if method.i2 == "tau2" else from_q,
        i2_from_tau2=from_tau2,
        i2_from_q=from_q,
        tau2=tau2,
        tau2_low=float(low),
        tau2_high=float(high),
    )


def _tau2_interval(y: Array, v: Array, method: InverseVariance, conf_level: float) -> tuple[float, float]:
    if method.tau2_interval == "generalised-Q":
        return generalised_q_interval(y, v, conf_level)
    if method.tau2_interval == "profile-likelihood":
        return profile_likelihood_interval(y, v, conf_level, likelihood="ML" if method.tau2 == "ML" else "REML")
    return q_profile(y, v, conf_level)
