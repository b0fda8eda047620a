"""The Bayesian random-effects model of the counts themselves, on a grid instead of by sampling.

Given its margins, the treatment events of each table follow the noncentral hypergeometric distribution with log odds ratio
psi_i; ``psi_i ~ N(theta, tau2)``; a normal prior of theta, a prior of tau. No zero-cell correction, no nuisance parameters.
The default priors are those of Guenhan, Roever & Friede (2020, Research Synthesis Methods 11:74) for few and rare events.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialpool.checks import choice, finite_array, probability
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.columns import FloatOrArray
from trialpool.pool.bayes.count_likelihood import count_likelihood
from trialpool.pool.bayes.count_surface import Surface, joint_posterior
from trialpool.pool.bayes.effect_priors import EffectPrior, Normal
from trialpool.pool.bayes.gridded import GriddedPosterior, cumulative, end_weights
from trialpool.pool.bayes.mixture import NormalMixture
from trialpool.pool.bayes.posterior import INTERVAL_KINDS, IntervalKind
from trialpool.pool.bayes.prior_text import as_effect_prior, as_tau_prior
from trialpool.pool.bayes.priors import TauPrior

__all__ = ["HypergeometricFit", "bayes_hypergeometric"]

Array = NDArray[np.float64]

_WIDEST_STRIDE = 16
# Inverse variance of a table's log odds ratio: beyond it, under a heavy-tailed prior of tau, the grid of tau is too coarse
# where tau is small, and errs by more than 2 % of the posterior's standard deviation.
_MOST_PRECISE = 2000.0


@dataclass(frozen=True, slots=True, eq=False)
class HypergeometricFit:
    """Posterior distributions of the log odds ratio, for one set of tables or a batch of B.

    Attributes
    ----------
    effect : GriddedPosterior
        Of the mean log odds ratio theta.
    tau : GriddedPosterior
        Of the standard deviation between trials.
    prediction : NormalMixture
        Of the log odds ratio in a new trial.
    estimate, conf_low, conf_high : float or array of shape (B,)
        Median and limits of the mean log odds ratio.
    k_informative : int or array of shape (B,)
        Tables that bear on the answer: those without events, or without non-events, in both arms do not.
    tau_prior, effect_prior, conf_level, interval
        What was asked.
    """

    effect: GriddedPosterior
    tau: GriddedPosterior
    prediction: NormalMixture
    estimate: FloatOrArray
    conf_low: FloatOrArray
    conf_high: FloatOrArray
    k_informative: FloatOrArray
    tau_prior: TauPrior
    effect_prior: EffectPrior
    conf_level: float
    interval: IntervalKind

    def __str__(self) -> str:
        priors = f"tau ~ {self.tau_prior}, log odds ratio ~ {self.effect_prior}"
        if self.effect.batch is not None:
            return f"{self.effect.batch} hypergeometric-normal models; {priors}"
        return (
            f"log odds ratio {self.estimate:.4g} ({100 * self.conf_level:g} % {self.interval} credible interval "
            f"{self.conf_low:.4g} to {self.conf_high:.4g}), tau {self.tau.median:.4g}; {priors}"
        )


def bayes_hypergeometric(
    tables: ArrayLike,
    *,
    tau_prior: TauPrior | str = "half-normal(0.5)",
    effect_prior: EffectPrior | str = "normal(0, 2.82)",
    conf_level: float = 0.95,
    interval: IntervalKind = "central",
) -> HypergeometricFit:
    """Posterior of the hypergeometric-normal model.

    Parameters
    ----------
    tables : array of shape (4, K) or (B, 4, K)
        Treatment events, treatment n, control events, control n; whole numbers. In a batch, an empty slot is all zeros.
    tau_prior : TauPrior or str
        Proper.
    effect_prior : Normal or str
        Of the mean log odds ratio.
    conf_level : float
    interval : {"central", "shortest"}

    Returns
    -------
    HypergeometricFit

    Raises
    ------
    OptionError
        The tables are no tables, or a prior is improper.
    NotEstimableError
        No table of a problem carries information.

    Examples
    --------
    >>> fit = bayes_hypergeometric([[0, 1, 0], [50, 60, 40], [4, 5, 0], [50, 62, 41]])
    >>> round(fit.estimate, 2), fit.k_informative
    (-2.19, 2)
    """
    prior_of_tau, prior_of_effect = as_tau_prior(tau_prior), as_effect_prior(effect_prior)
    level = probability("conf_level", conf_level)
    choice("interval", interval, INTERVAL_KINDS)
    counts = _checked(tables)
    if not isinstance(prior_of_effect, Normal) or not prior_of_tau.proper:
        improper = prior_of_tau if isinstance(prior_of_effect, Normal) else prior_of_effect
        raise OptionError(
            f"the prior {improper} is improper: where an arm has no events the posterior would be improper too; "
            "give a proper one, such as 'normal(0, 2.82)' for the effect and 'half-normal(0.5)' for tau"
        )
    batch = None if counts.ndim == 2 else counts.shape[0]
    parts = [
        _one(problem, prior_of_tau, prior_of_effect, None if batch is None else i)
        for i, problem in enumerate(counts[None] if batch is None else counts)
    ]
    effect = GriddedPosterior.side_by_side([part.effect for part in parts], batch)
    low, high = effect.interval(level, interval)
    informative = np.array([part.informative for part in parts])
    return HypergeometricFit(
        effect=effect,
        tau=GriddedPosterior.side_by_side([part.tau for part in parts], batch),
        prediction=NormalMixture.side_by_side([part.prediction for part in parts], batch),
        estimate=effect.median,
        conf_low=low,
        conf_high=high,
        k_informative=int(informative[0]) if batch is None else informative,
        tau_prior=prior_of_tau,
        effect_prior=prior_of_effect,
        conf_level=level,
        interval=interval,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    effect: GriddedPosterior
    tau: GriddedPosterior
    prediction: NormalMixture
    informative: int


def _checked(tables: ArrayLike) -> Array:
    counts = finite_array("tables", tables)
    if counts.ndim not in (2, 3) or counts.shape[-2] != 4 or counts.size == 0:
        raise OptionError(f"tables of shape {counts.shape}: give (4, K) or (B, 4, K), with at least one table")
    a, n1, c, n2 = np.moveaxis(counts, -2, 0)
    if not ((a >= 0) & (a <= n1) & (c >= 0) & (c <= n2) & (counts == np.floor(counts)).all(axis=-2)).all():
        raise OptionError(
            "a table holds more events than participants, a negative number or a fraction; give whole counts"
        )
    return counts


def _one(tables: Array, tau_prior: TauPrior, effect_prior: Normal, position: int | None) -> _Part:
    a, n1, c, n2 = tables
    informative = (a + c > 0) & (a + c < n1 + n2) & (n1 > 0) & (n2 > 0)
    if not informative.any():
        where = "" if position is None else f"problem {position} of the batch: "
        raise NotEstimableError(
            f"{where}no study has both events and non-events in its two arms together, so the posterior is the prior"
        )
    if math.isfinite(tau_prior.tail_index):
        _refuse_large(tables[:, informative], position)
    likelihood = count_likelihood(tables[:, informative])
    surface = joint_posterior(likelihood, tau_prior, effect_prior)
    power = tau_prior.tail_index + likelihood.two_sided_count
    moments = np.array([2 if power > 3 else 1 if power > 2 else 0])
    effect = _margin(
        surface.theta,
        np.full(surface.theta.size, surface.theta[1] - surface.theta[0]),
        surface.mass @ end_weights(surface.tau.size),
        np.array([2]),
    )
    tau = _margin(surface.tau, surface.tau_slope, end_weights(surface.theta.size) @ surface.mass, moments)
    return _Part(effect, tau, _prediction(surface, moments), int(informative.sum()))


def _refuse_large(tables: Array, position: int | None) -> None:
    """Under a heavy-tailed prior the grid has not the fineness that a very precise table needs."""
    a, n1, c, n2 = tables
    precision = 1.0 / (1 / (a + 0.5) + 1 / (n1 - a + 0.5) + 1 / (c + 0.5) + 1 / (n2 - c + 0.5))
    if precision.max() > _MOST_PRECISE:
        where = "" if position is None else f"problem {position} of the batch: "
        raise NotEstimableError(
            f"{where}a study has too many events for the grid of the hypergeometric likelihood with a heavy-tailed prior of tau; use "
            "likelihood='normal', which is the same where counts are that large, or a prior such as half-normal(0.5)"
        )


def _margin(at: Array, slope: Array, mass: Array, moments: NDArray[np.int64]) -> GriddedPosterior:
    below = cumulative(mass[:, None])
    total = below[-1]
    return GriddedPosterior(at[:, None], slope[:, None], mass[:, None] / total, below / total, None, moments)


def _prediction(surface: Surface, moments: NDArray[np.int64]) -> NormalMixture:
    """The mixture of N(theta, tau2) over the grid; where tau is wide, few values of theta suffice."""
    step = surface.theta[1] - surface.theta[0]
    share = surface.mass * end_weights(surface.tau.size)
    tight = surface.tau < step
    share = np.column_stack([_sharpened(share[:, tight], surface.tau[tight] / step), share[:, ~tight]])
    tau = np.concatenate([[step], surface.tau[~tight]])
    total = share.sum(axis=0)
    used = np.flatnonzero(total > 1e-13 * total.sum())
    share, total, tau = share[:, used], total[used], tau[used]
    mean = surface.theta @ share / total
    variance = np.maximum(((surface.theta[:, None] - mean) ** 2 * share).sum(axis=0) / total, step * step)
    smooth = 1.0 / np.sqrt(1.0 / variance + 1.0 / tau**2)
    stride = np.clip((smooth / step).astype(np.intp), 1, _WIDEST_STRIDE)
    weights, centres, spreads = [], [], []
    for j, each in enumerate(stride):
        column = share[::each, j]
        kept = column > 1e-13 * column.max()
        weights.append(column[kept] * (total[j] / column[kept].sum()))
        centres.append(surface.theta[::each][kept])
        spreads.append(np.full(int(kept.sum()), tau[j]))
    weight = np.concatenate(weights)
    return NormalMixture(
        (weight / weight.sum())[:, None],
        np.concatenate(centres)[:, None],
        np.concatenate(spreads)[:, None],
        None,
        moments,
    )


def _sharpened(share: Array, width: Array) -> Array:
    """Columns of tau less than a step of theta as one, with as much less spread as a width of one step has too much.

    The grid can show nothing narrower than its step; half the excess variance times the second difference makes good for it.
    """
    excess = share @ (1.0 - width * width)
    bend = np.zeros_like(excess)
    bend[1:-1] = excess[2:] - 2.0 * excess[1:-1] + excess[:-2]
    return np.asarray(np.maximum(share.sum(axis=1) - 0.5 * bend, 0.0))
