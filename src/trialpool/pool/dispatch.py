"""Which function pools by which method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trialpool.effects import Effects
from trialpool.pool.bayesian import pool_bayes
from trialpool.pool.conditional import pool_binomial_normal, pool_exact, pool_hypergeometric_normal
from trialpool.pool.core import Core
from trialpool.pool.generalised_least_squares import pool_generalised_least_squares
from trialpool.pool.inverse_variance import pool_inverse_variance
from trialpool.pool.mantel_haenszel import pool_mantel_haenszel
from trialpool.pool.methods import InverseVariance
from trialpool.pool.peto import pool_peto
from trialpool.pool.regression_models import pool_beta_binomial, pool_penalised_logistic, pool_regression
from trialpool.pool.request import Method
from trialpool.pool.within_bounds import pool_within_bounds

__all__ = ["core_of"]


def core_of(effects: Effects, method: Method, conf_level: float) -> Core:
    """The pooled estimate and its parts, by the method asked for.

    Raises
    ------
    NotEstimableError
        Too few contrasts contribute, or the estimate is not finite.
    OptionError
        The method has no form for this comparison.
    """
    return _CORES[method.name](effects, method, conf_level)


def _pool_inverse_variance(effects: Effects, method: InverseVariance, conf_level: float) -> Core:
    if effects.covariance is not None:
        return pool_generalised_least_squares(effects, method, conf_level)
    return pool_inverse_variance(effects, method, conf_level)


_CORES: Mapping[str, Callable[[Effects, Any, float], Core]] = {
    "inverse-variance": _pool_inverse_variance,
    "mantel-haenszel": lambda effects, method, _: pool_mantel_haenszel(effects, method),
    "peto": lambda effects, _, __: pool_peto(effects),
    "bayes": pool_bayes,
    "exact": pool_exact,
    "binomial-normal": pool_binomial_normal,
    "hypergeometric-normal": pool_hypergeometric_normal,
    "logistic": pool_regression,
    "poisson": pool_regression,
    "penalised-logistic": pool_penalised_logistic,
    "beta-binomial": pool_beta_binomial,
    "interval-censored": pool_within_bounds,
}
