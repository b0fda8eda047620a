"""Unconditional models of two-armed trials: what the logistic and the Poisson model share.

Trials have intercepts of their own (fixed), which are estimated too, or normal ones, which borrow from the comparison
between trials and so give up part of what randomisation protects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import NotEstimableError
from trialpool.numerics.ascent import profile_interval
from trialpool.numerics.distributions import quantile, two_sided_p_value
from trialpool.numerics.mixed_maximum import AnyModel, maximum, std_error, with_effect

__all__ = ["Intercepts", "PoolingModel", "Task", "UnconditionalFit", "fit_unconditional", "infinite"]

Array = NDArray[np.float64]
Intercepts = Literal["fixed", "random"]
PoolingModel = Literal["common", "random"]


@dataclass(frozen=True, slots=True)
class UnconditionalFit:
    """Maximum likelihood fit; effects are log odds ratios or log rate ratios.

    Attributes
    ----------
    estimate, std_error : float
        Mean effect; standard error by the observed information of the whole likelihood.
    tau2 : float or None
        Variance of the effects between trials; None where they are assumed to be the same.
    conf_low, conf_high, p_value : float
        By profile likelihood, or Wald's where asked for.
    log_likelihood : float
        Of all trials, with its constants.
    intercept_mean, intercept_variance : float or None
        Of the normal intercepts, midway between the arms on the scale of the model; None where intercepts are fixed.
    k_informative : int
        Trials that the likelihood depends on.
    """

    estimate: float
    std_error: float
    tau2: float | None
    conf_low: float
    conf_high: float
    p_value: float
    log_likelihood: float
    intercept_mean: float | None
    intercept_variance: float | None
    k_informative: int


@dataclass(frozen=True, slots=True)
class Task:
    """A model to fit: the trials that count, where intercepts start, and what the likelihood lacks."""

    model: AnyModel
    intercepts: Array
    constant: float
    intercept_shift: float = 0.0


def infinite(measure: str, *, positive: bool, ways_out: str) -> NotEstimableError:
    """The error of a maximum at infinity, with what to do instead."""
    empty, other = ("control", "treatment") if positive else ("treatment", "control")
    return NotEstimableError(
        f"the maximum likelihood {measure} is {'infinite' if positive else 'zero'}: no events in any {empty} arm"
        f"{f' (or no non-events in the {other} arm)' if measure == 'odds ratio' else ''}; {ways_out}"
    )


def fit_unconditional(task: Task, *, profile: bool, conf_level: float) -> UnconditionalFit:
    """Fit a model, with the interval of the mean effect."""
    model = task.model
    best = maximum(model, task.intercepts)
    error = std_error(model, best)
    if profile:
        known = [best]

        def deviance(effect: float) -> tuple[float, float]:
            try:
                at = with_effect(model, effect, min(known, key=lambda point: abs(point.effect - effect)))
            except NotEstimableError as error:
                raise NotEstimableError(
                    f"no profile-likelihood interval: where the effect is {effect:.3g}, {error}; "
                    "ask for a Wald interval (profile=False)"
                ) from error
            known.append(at)
            return 2.0 * (best.log_likelihood - at.log_likelihood), -2.0 * at.effect_slope

        low, high, p_value = profile_interval(deviance, best.effect, error, conf_level)
    else:
        half = quantile(conf_level, None) * error
        low, high = best.effect - half, best.effect + half
        p_value = two_sided_p_value(best.effect / error, None)
    return UnconditionalFit(
        estimate=best.effect,
        std_error=error,
        tau2=float(best.variance[1]) if model.varying[1] else None,
        conf_low=low,
        conf_high=high,
        p_value=p_value,
        log_likelihood=best.log_likelihood + task.constant,
        intercept_mean=None if model.own_intercepts else float(best.mean[0, 0]) + task.intercept_shift,
        intercept_variance=None if model.own_intercepts else float(best.variance[0]),
        k_informative=len(model.arms),
    )
