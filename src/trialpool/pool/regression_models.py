"""Regressions of the arms at the door: logistic, penalised logistic, Poisson and beta-binomial."""

from __future__ import annotations

from trialpool.effects import Effects
from trialpool.pool.beta_binomial import BetaBinomialMeasure, beta_binomial
from trialpool.pool.conditional import LIKELIHOOD_TESTS
from trialpool.pool.core import Core, OwnInference
from trialpool.pool.count_models import counts_of, model_core
from trialpool.pool.firth import firth
from trialpool.pool.logistic import logistic
from trialpool.pool.poisson import poisson
from trialpool.pool.rare_event_methods import BetaBinomial, Logistic, PenalisedLogistic, Poisson

__all__ = ["pool_beta_binomial", "pool_penalised_logistic", "pool_regression"]


def pool_regression(effects: Effects, method: Logistic | Poisson, conf_level: float) -> Core:
    """Logistic regression of odds, or Poisson regression of rates and risks, with trial intercepts."""
    random_intercepts = method.intercepts == "random"
    used, tables = counts_of(effects, method.name, all_tables=random_intercepts)
    fit = (logistic if isinstance(method, Logistic) else poisson)(
        tables,
        intercepts=method.intercepts,
        model=method.model,
        profile=method.interval == "profile-likelihood",
        conf_level=conf_level,
    )
    own = OwnInference(fit.conf_low, fit.conf_high, fit.p_value, LIKELIHOOD_TESTS[method.interval])
    return model_core(
        effects,
        fit.estimate,
        fit.std_error,
        own,
        weights=dict.fromkeys(map(int, used)),
        tau2=fit.tau2,
        conf_level=conf_level,
    )


def pool_penalised_logistic(effects: Effects, method: PenalisedLogistic, conf_level: float) -> Core:
    """Firth's penalised logistic regression with fixed trial intercepts."""
    used, tables = counts_of(effects, method.name)
    fit = firth(tables, conf_level=conf_level)
    own = OwnInference(fit.conf_low, fit.conf_high, fit.p_value, "penalised likelihood ratio")
    return model_core(effects, fit.estimate, fit.std_error, own, weights=dict.fromkeys(map(int, used)))


def pool_beta_binomial(effects: Effects, method: BetaBinomial, conf_level: float) -> Core:
    """Beta-binomial regression of all arms; trials without events count."""
    used, tables = counts_of(effects, method.name, all_tables=True)
    measure: BetaBinomialMeasure = effects.measure  # type: ignore[assignment]  # the request has one of its measures
    fit = beta_binomial(tables, measure=measure, conf_level=conf_level)
    own = OwnInference(fit.conf_low, fit.conf_high, fit.p_value, "z")
    return model_core(effects, fit.estimate, fit.std_error, own, weights=dict.fromkeys(map(int, used)))
