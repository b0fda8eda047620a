"""The normal-normal random-effects model by quadrature instead of sampling.

``y_i ~ N(theta_i, v_i)``, ``theta_i ~ N(mu, tau2)``, a normal or flat prior of mu, any prior of tau. Given tau, all that is
asked for is normal; what remains is one integral over tau (Roever 2020, Journal of Statistical Software 93(6)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialpool.checks import choice, probability
from trialpool.errors import OptionError
from trialpool.numerics.columns import FloatOrArray, effect_columns
from trialpool.pool.bayes.effect_priors import EffectPrior
from trialpool.pool.bayes.gridded import GriddedPosterior, cumulative
from trialpool.pool.bayes.mixture import NormalMixture
from trialpool.pool.bayes.normal_integral import normal_integral
from trialpool.pool.bayes.posterior import INTERVAL_KINDS, IntervalKind
from trialpool.pool.bayes.prior_text import as_effect_prior, as_tau_prior
from trialpool.pool.bayes.priors import TauPrior
from trialpool.pool.bayes.propriety import moments_of_effect, moments_of_tau, require_proper
from trialpool.pool.bayes.tau_nodes import TauNodes

__all__ = ["NormalNormalFit", "bayes_normal_normal"]

Array = NDArray[np.float64]

_ZERO = 1e-12  # of the largest tau: where the first node stands for the lower end of the support


@dataclass(frozen=True, slots=True, eq=False)
class NormalNormalFit:
    """Posterior distributions of the normal-normal model, for one problem or a batch of B.

    Attributes
    ----------
    effect : NormalMixture
        Of the mean effect mu.
    tau : GriddedPosterior
        Of the standard deviation between trials.
    prediction : NormalMixture
        Of the effect in a new trial.
    estimate, conf_low, conf_high : float or array of shape (B,)
        Median and limits of the mean effect.
    k : int or array of shape (B,)
        Studies; with one, heterogeneity is what its prior says.
    tau_prior, effect_prior, conf_level, interval
        What was asked.
    """

    effect: NormalMixture
    tau: GriddedPosterior
    prediction: NormalMixture
    estimate: FloatOrArray
    conf_low: FloatOrArray
    conf_high: FloatOrArray
    k: FloatOrArray
    tau_prior: TauPrior
    effect_prior: EffectPrior
    conf_level: float
    interval: IntervalKind
    _given: _Given

    def study_effect(self, study: int) -> NormalMixture:
        """The posterior of one study's own effect, shrunken towards the mean.

        Parameters
        ----------
        study : int
            Its position, in every problem of a batch; an empty slot has the posterior of a new trial.
        """
        y, v, tau2 = self._given.y, self._given.v, self._given.tau2
        if study not in range(y.shape[0]):
            raise OptionError(
                f"study={study!r} is no position of a study; give a whole number from 0 to {y.shape[0] - 1}"
            )
        filled = np.isfinite(v[study])
        variance = np.where(filled, v[study], 1.0)
        own = np.where(filled, tau2 / (tau2 + variance), 0.0)
        within = np.where(filled, own * variance, tau2)
        mean, rest = self.effect, 1.0 - own
        return NormalMixture(
            weight=mean.weight,
            centre=own * y[study] + rest * mean.centre,
            spread=np.sqrt(within + (rest * mean.spread) ** 2),
            batch=mean.batch,
            moments=np.where(filled, 2, self.prediction.moments),
        )

    def __str__(self) -> str:
        priors = f"tau ~ {self.tau_prior}, effect ~ {self.effect_prior}"
        if self.effect.batch is not None:
            return f"{self.effect.batch} normal-normal models; {priors}"
        return (
            f"effect {self.estimate:.4g} ({100 * self.conf_level:g} % {self.interval} credible interval {self.conf_low:.4g} "
            f"to {self.conf_high:.4g}), tau {self.tau.median:.4g}; {priors}"
        )


@dataclass(frozen=True, slots=True)
class _Given:
    """Effects and variances of shape (K, b), and tau2 at the nodes, (n, b)."""

    y: Array
    v: Array
    tau2: Array


def bayes_normal_normal(
    y: ArrayLike,
    v: ArrayLike,
    *,
    tau_prior: TauPrior | str = "half-normal(0.5)",
    effect_prior: EffectPrior | str = "normal(0, 4)",
    conf_level: float = 0.95,
    interval: IntervalKind = "central",
) -> NormalNormalFit:
    """Posterior of the normal-normal random-effects model.

    Parameters
    ----------
    y, v : array of shape (K,) or (B, K)
        Effects and variances; ``v = inf`` marks an empty slot. One study suffices where the prior of tau is proper.
    tau_prior : TauPrior or str
        In the units of the effects; the default is meant for log odds, risk and hazard ratios.
    effect_prior : Normal, Flat or str
    conf_level : float
    interval : {"central", "shortest"}

    Returns
    -------
    NormalNormalFit

    Raises
    ------
    OptionError
        Effects, variances or an option cannot be used.
    NotEstimableError
        A problem has no study, or its posterior is improper.

    Examples
    --------
    >>> fit = bayes_normal_normal([-0.9, -1.6, 0.4], [0.3, 0.2, 0.1])
    >>> round(fit.estimate, 4), round(fit.conf_low, 4), round(fit.conf_high, 4)
    (-0.5903, -1.6178, 0.3581)
    >>> round(fit.effect.probability_below(0.0), 4), round(fit.tau.median, 4)
    (0.9027, 0.6671)
    """
    prior_of_tau, prior_of_effect = as_tau_prior(tau_prior), as_effect_prior(effect_prior)
    level = probability("conf_level", conf_level)
    choice("interval", interval, INTERVAL_KINDS)
    columns = effect_columns(y, v)
    k = np.isfinite(columns.v).sum(axis=0)
    require_proper(k[: columns.batch or 1], prior_of_tau, prior_of_effect)
    found = normal_integral(columns.y, columns.v, prior_of_tau, prior_of_effect)
    tau2 = np.exp(2.0 * found.nodes.log_tau)
    weight, batch = found.nodes.weight, columns.batch
    new_moments = moments_of_tau(k, prior_of_tau, prior_of_effect)
    effect = NormalMixture(
        weight, found.centre, found.spread, batch, moments_of_effect(k, prior_of_tau, prior_of_effect)
    )
    low, high = effect.interval(level, interval)
    return NormalNormalFit(
        effect=effect,
        tau=_tau_posterior(found.nodes, batch, new_moments),
        prediction=NormalMixture(weight, found.centre, np.sqrt(found.spread**2 + tau2), batch, new_moments),
        estimate=effect.median,
        conf_low=low,
        conf_high=high,
        k=int(k[0]) if batch is None else k[:batch],
        tau_prior=prior_of_tau,
        effect_prior=prior_of_effect,
        conf_level=level,
        interval=interval,
        _given=_Given(columns.y, columns.v, tau2),
    )


def _tau_posterior(nodes: TauNodes, batch: int | None, moments: NDArray[np.int64]) -> GriddedPosterior:
    tau = np.exp(nodes.log_tau)
    tau[0] = np.where(tau[0] < _ZERO * tau[-1], 0.0, tau[0])
    below = cumulative(nodes.mass)
    total = below[-1]
    return GriddedPosterior(tau, tau * nodes.spacing, nodes.mass / total, below / total, batch, moments)
