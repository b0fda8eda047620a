"""Bayesian pooling at the door: posteriors by quadrature, summed up for a reader."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from trialpool.effects import Effects, scale_of
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.distributions import quantile
from trialpool.numerics.noncentral_hypergeometric import conditional_moments, conditionals
from trialpool.pool.bayes.hypergeometric import HypergeometricFit, bayes_hypergeometric
from trialpool.pool.bayes.normal_normal import NormalNormalFit, bayes_normal_normal
from trialpool.pool.bayes_method import Bayes
from trialpool.pool.core import Core, OwnInference, heterogeneity_from_q, normalised, require_two
from trialpool.pool.count_models import NO_HETEROGENEITY, counts_of, shares
from trialpool.pool.pooled import PosteriorSummary, PredictionInterval
from trialpool.results import Note

__all__ = ["pool_bayes"]

Fit = NormalNormalFit | HypergeometricFit


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # an extreme prior is refused by its answer
def pool_bayes(effects: Effects, method: Bayes, conf_level: float) -> Core:
    """Posterior of the mean effect, by the trials' effects or by their counts.

    Raises
    ------
    NotEstimableError
        Fewer than two contrasts with information.
    OptionError
        Contrasts share a control arm, or ``relevant`` is no value of the measure.
    """
    assert method.effect_prior is not None  # noqa: S101 (every Bayes method has one)
    relevant = _relevant(effects, method)
    weights: dict[int, float | None]
    fit: Fit
    if method.likelihood == "hypergeometric":
        used, tables = counts_of(effects, f"{method.name} with likelihood {method.likelihood}")
        fit = bayes_hypergeometric(
            tables,
            tau_prior=method.tau_prior,
            effect_prior=method.effect_prior,
            conf_level=conf_level,
            interval=method.interval,
        )
        psi = np.full((used.size, 1), float(fit.estimate))
        information = conditional_moments(conditionals(tables), psi)[2][:, 0]
        weights = {**normalised(used, shares(information, float(fit.tau.median) ** 2))}
    else:
        if effects.covariance is not None:
            raise OptionError("method 'bayes' has no shared-control covariance; use multi_arm='combine' or 'split'")
        require_two(effects.estimate.size, f"has an estimable {effects.measure}")
        fit = bayes_normal_normal(
            effects.estimate,
            effects.variance,
            tau_prior=method.tau_prior,
            effect_prior=method.effect_prior,
            conf_level=conf_level,
            interval=method.interval,
        )
        weights = {**normalised(effects.used, 1 / (effects.variance + float(fit.tau.median) ** 2))}
    if not math.isfinite(float(fit.conf_high) - float(fit.conf_low)):
        raise NotEstimableError("the posterior is not finite with these priors; give priors of the size of the effects")
    own = OwnInference(float(fit.conf_low), float(fit.conf_high), None, "", _summary(fit, method, conf_level, relevant))
    return _core(effects, fit, own, weights, conf_level)


def _core(effects: Effects, fit: Fit, own: OwnInference, weights: dict[int, float | None], conf_level: float) -> Core:
    low, high = fit.tau.interval(conf_level)
    heterogeneity = replace(
        heterogeneity_from_q(effects.estimate, effects.variance) or NO_HETEROGENEITY,
        tau2=float(fit.tau.median) ** 2,
        tau2_low=float(low) ** 2,
        tau2_high=float(high) ** 2,
    )
    std_error, notes = _standard_deviation(fit, own, conf_level)
    notes = (*notes, *_unit_notes(effects, fit))
    new_low, new_high = fit.prediction.interval(conf_level, fit.interval)
    prediction = PredictionInterval(float(new_low), float(new_high), None)
    return Core(float(fit.estimate), std_error, None, weights, heterogeneity, prediction, notes, own)


def _standard_deviation(fit: Fit, own: OwnInference, conf_level: float) -> tuple[float, tuple[Note, ...]]:
    """That of the posterior; where it has none, what the interval would have if it were normal."""
    try:
        return float(fit.effect.std_dev), ()
    except NotEstimableError as error:
        width = (own.conf_high - own.conf_low) / (2 * quantile(conf_level, None))
        return width, (
            Note(
                "no-standard-deviation",
                f"{str(error)[0].upper()}{str(error)[1:]}. The standard error shown is that of a normal interval as wide.",
            ),
        )


_UNIT_BEARING = ("mean difference", "generic difference", "rate difference", "risk difference", "arcsine difference")


def _unit_notes(effects: Effects, fit: Fit) -> tuple[Note, ...]:
    """That the usual priors are those of log ratios."""
    usual = Bayes()
    named = (fit.tau_prior, fit.effect_prior)
    if effects.measure not in _UNIT_BEARING or (named[0] != usual.tau_prior and named[1] != usual.effect_prior):
        return ()
    message = (
        f"The usual priors are meant for log ratios, and a {effects.measure} has another unit (here {named[0]} and {named[1]}): "
        "state tau_prior and effect_prior in its unit."
    )
    return (Note("prior-without-unit", message, "warning"),)


def _relevant(effects: Effects, method: Bayes) -> float | None:
    """The threshold of a relevant effect on the working scale."""
    scale, value = scale_of(effects.measure), method.relevant
    if value is None:
        return None
    if value == scale.null or (scale.logarithmic and value <= 0):
        wanted = "a ratio above 0 that is not 1" if scale.logarithmic else "a difference that is not 0"
        raise OptionError(f"relevant={value!r} is no relevant {effects.measure}; give {wanted}")
    return math.log(value) if scale.logarithmic else float(value)


def _summary(fit: Fit, method: Bayes, conf_level: float, relevant: float | None) -> PosteriorSummary:
    low, high = fit.tau.interval(conf_level)
    beyond = None
    if relevant is not None:
        tail = fit.effect.probability_below if relevant < 0 else fit.effect.probability_above
        beyond = float(np.clip(tail(relevant), 0.0, 1.0))
    return PosteriorSummary(
        interval=method.interval,
        tau=float(fit.tau.median),
        tau_low=float(low),
        tau_high=float(high),
        probability_below=float(fit.effect.probability_below(0.0)),
        relevant=method.relevant,
        probability_relevant=beyond,
        tau_prior=str(method.tau_prior),
        effect_prior=str(method.effect_prior),
    )
