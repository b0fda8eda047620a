"""Conditional models at the door: an exact common ratio, and random effects given the margins."""

from __future__ import annotations

from trialpool.effects import Effects
from trialpool.errors import NotEstimableError
from trialpool.pool.binomial_normal import binomial_normal
from trialpool.pool.conditional_fit import ConditionalFit
from trialpool.pool.core import Core, OwnInference, normalised
from trialpool.pool.count_models import Counts, counts_of, model_core
from trialpool.pool.exact import exact_common_odds_ratio, exact_common_rate_ratio
from trialpool.pool.hypergeometric_normal import hypergeometric_normal
from trialpool.pool.rare_event_methods import BinomialNormal, Exact, HypergeometricNormal

__all__ = ["LIKELIHOOD_TESTS", "pool_binomial_normal", "pool_exact", "pool_hypergeometric_normal"]

LIKELIHOOD_TESTS = {"profile-likelihood": "likelihood ratio", "wald": "z", "t": "t"}
"""The test that goes with each interval of a likelihood."""


def pool_exact(effects: Effects, method: Exact, conf_level: float) -> Core:
    """Conditional maximum likelihood estimate of a common odds ratio, or rate ratio."""
    used, tables = counts_of(effects, method.name)
    exact = exact_common_rate_ratio if effects.measure == "rate ratio" else exact_common_odds_ratio
    fit = exact(tables, mid_p=method.interval == "mid-p", conf_level=conf_level)
    own = OwnInference(fit.conf_low, fit.conf_high, fit.p_value, "mid-P" if method.interval == "mid-p" else "exact")
    return model_core(effects, fit.estimate, fit.std_error, own, weights={**normalised(used, fit.information)})


def pool_hypergeometric_normal(effects: Effects, method: HypergeometricNormal, conf_level: float) -> Core:
    """Random effects on the log odds ratio given the margins of every table."""
    counts = counts_of(effects, method.name)
    fit = hypergeometric_normal(counts[1], interval=method.interval, conf_level=conf_level)
    return _core(effects, counts, fit, method.interval, conf_level)


def pool_binomial_normal(effects: Effects, method: BinomialNormal, conf_level: float) -> Core:
    """Random effects on the log rate ratio, or risk ratio, given all events of every trial."""
    counts = counts_of(effects, method.name)
    fit = binomial_normal(counts[1], interval=method.interval, conf_level=conf_level)
    return _core(effects, counts, fit, method.interval, conf_level)


def _core(effects: Effects, counts: Counts, fit: ConditionalFit, interval: str, conf_level: float) -> Core:
    if fit.conf_low is None or fit.conf_high is None:
        raise NotEstimableError(f"{fit.open_interval}; use interval='wald', method='exact' or method='bayes'")
    own = OwnInference(fit.conf_low, fit.conf_high, fit.p_value, LIKELIHOOD_TESTS[interval])
    weights = {int(i): float(w) for i, w in zip(counts[0], fit.weights, strict=True)}
    return model_core(
        effects, fit.estimate, fit.std_error, own, weights={**weights}, tau2=fit.tau2, conf_level=conf_level
    )
