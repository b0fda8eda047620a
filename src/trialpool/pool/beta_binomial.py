"""The beta-binomial model: risks of arms that vary around that of their treatment, double-zero trials included.

Kuss (2015, Statistics in Medicine 34:1097): events of all treatment arms are beta-binomial with one mean risk, those of all
control arms with another, and one intraclass correlation. Trials are not kept together, so that comparisons between trials
count as well as those within: a sensitivity analysis, not a headline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from trialpool.checks import choice
from trialpool.errors import NotEstimableError
from trialpool.numerics.ascent import ascend
from trialpool.numerics.counting import log_choose
from trialpool.numerics.distributions import quantile, two_sided_p_value
from trialpool.numerics.rising_sums import RisingSum, rising_sum

__all__ = ["BetaBinomialFit", "BetaBinomialMeasure", "beta_binomial"]

Array = NDArray[np.float64]
BetaBinomialMeasure = Literal["odds ratio", "risk ratio", "risk difference"]

_STARTS = (0.001, 0.02, 0.3)
_LARGEST_LOG_RATIO = 12.0


@dataclass(frozen=True, slots=True)
class BetaBinomialFit:
    """Maximum likelihood fit; ratios on the log scale.

    Attributes
    ----------
    estimate, std_error, conf_low, conf_high, p_value : float
        Wald's, by the observed information.
    rho : float
        Intraclass correlation; 0 where arms vary no more than binomially.
    risk_treatment, risk_control : float
        Mean risks.
    log_likelihood : float
    """

    estimate: float
    std_error: float
    rho: float
    conf_low: float
    conf_high: float
    p_value: float
    log_likelihood: float
    risk_treatment: float
    risk_control: float


@dataclass(frozen=True, slots=True)
class _Likelihood:
    """Log likelihood in the two mean risks and ``phi = rho / (1 - rho)``, as sums of logs of ``risk + r phi``."""

    events: tuple[RisingSum, RisingSum]
    others: tuple[RisingSum, RisingSum]
    all_sizes: RisingSum
    constant: float

    def at(self, logits: Array, phi: float) -> tuple[float, Array, Array]:
        """Value, gradient (3,) and Hessian (3, 3) in the logits of the risks and in phi."""
        value, by_phi, by_phi_phi = self.all_sizes.at(1.0, phi)
        gradient, hessian = np.zeros(3), np.zeros((3, 3))
        value = self.constant - value
        gradient[2], hessian[2, 2] = -by_phi[1], -by_phi_phi[1, 1]
        for j in (0, 1):
            risk, other = float(expit(logits[j])), float(expit(-logits[j]))
            v1, g1, h1 = self.events[j].at(risk, phi)
            v0, g0, h0 = self.others[j].at(other, phi)
            spread = risk * other
            value += v1 + v0
            in_risk = g1[0] - g0[0]
            gradient[j] = in_risk * spread
            gradient[2] += g1[1] + g0[1]
            hessian[j, j] = (h1[0, 0] + h0[0, 0]) * spread**2 + in_risk * spread * (other - risk)
            hessian[j, 2] = hessian[2, j] = (h1[0, 1] - h0[0, 1]) * spread
            hessian[2, 2] += h1[1, 1] + h0[1, 1]
        return value, gradient, hessian

    def profiled(self, logits: Array, phi: float) -> tuple[Array, float, float, float]:
        """Best logits at a given phi; the value there and its first two derivatives in log phi."""

        def risks(point: Array) -> tuple[float, Array, Array]:
            value, gradient, hessian = self.at(point, phi)
            return value, gradient[:2], hessian[:2, :2]

        best = ascend(risks, logits)
        value, gradient, hessian = self.at(best, phi)
        curvature = hessian[2, 2] - float((hessian[2, :2] ** 2 / np.diag(hessian)[:2]).sum())
        slope = phi * float(gradient[2])
        return best, value, slope, phi * phi * curvature + slope


def beta_binomial(
    tables: Array, *, measure: BetaBinomialMeasure = "odds ratio", conf_level: float = 0.95
) -> BetaBinomialFit:
    """Odds ratio, risk ratio or risk difference of the mean risks of two beta-binomial distributions.

    Parameters
    ----------
    tables : array of shape (4, K)
        Treatment events, treatment n, control events, control n; whole numbers. All trials count, those without events
        too.
    measure : {"odds ratio", "risk ratio", "risk difference"}
        The risks are the same for all three.
    conf_level : float

    Returns
    -------
    BetaBinomialFit

    Raises
    ------
    NotEstimableError
        An arm has no events, or no non-events, in all trials together; or in each arm all had the event, or none.

    Examples
    --------
    >>> tables = np.array([[2.0, 5, 1], [50, 60, 40], [8, 9, 6], [50, 62, 41]])
    >>> fit = beta_binomial(tables)
    >>> round(fit.estimate, 4), round(fit.std_error, 4), fit.rho
    (-1.1443, 0.428, 0.0)
    """
    choice("measure", measure, get_args(BetaBinomialMeasure))
    _refuse_edges(tables)
    likelihood = _likelihood(tables)
    logits, phi = _maximum(likelihood, tables)
    value, _, hessian = likelihood.at(logits, phi)
    free = 3 if phi > 0 else 2
    covariance = np.linalg.inv(-hessian[:free, :free])[:2, :2]
    risk, other = expit(logits), expit(-logits)
    estimate, by_logit = _on_scale(measure, logits, risk, other)
    std_error = float(np.sqrt(by_logit @ covariance @ by_logit))
    half = quantile(conf_level, None) * std_error
    return BetaBinomialFit(
        estimate=estimate,
        std_error=std_error,
        rho=phi / (1.0 + phi),
        conf_low=estimate - half,
        conf_high=estimate + half,
        p_value=two_sided_p_value(estimate / std_error, None),
        log_likelihood=value,
        risk_treatment=float(risk[0]),
        risk_control=float(risk[1]),
    )


def _on_scale(measure: str, logits: Array, risk: Array, other: Array) -> tuple[float, Array]:
    """The effect, and its derivatives in the logits of the two risks."""
    sign = np.array([1.0, -1.0])
    if measure == "odds ratio":
        return float(logits[0] - logits[1]), sign
    if measure == "risk ratio":
        return float(np.log(risk[0] / risk[1])), sign * other
    return float(risk[0] - risk[1]), sign * risk * other


def _likelihood(tables: Array) -> _Likelihood:
    a, n1, c, n2 = tables
    sizes, events = np.concatenate([n1, n2]), np.concatenate([a, c])
    constant = float(log_choose(sizes, events).sum())
    return _Likelihood(
        (rising_sum(a), rising_sum(c)), (rising_sum(n1 - a), rising_sum(n2 - c)), rising_sum(sizes), constant
    )


def _maximum(likelihood: _Likelihood, tables: Array) -> tuple[Array, float]:
    """Logits of the risks and phi at the highest of the maxima found: the binomial one (phi = 0) and those inside."""
    a, n1, c, n2 = tables.sum(axis=1)
    logits = np.asarray(logit(np.array([a / n1, c / n2])))
    best_value, best = likelihood.at(logits, 0.0)[0], (logits, 0.0)
    # where phi times the largest arm is nothing, the distribution is binomial
    lowest = float(np.log(1e-6 / tables[[1, 3]].max()))
    for rho in _STARTS:
        found = logits

        def profile(point: Array) -> tuple[float, Array, Array]:
            nonlocal found
            if point[0] > _LARGEST_LOG_RATIO:
                raise NotEstimableError(
                    "the intraclass correlation of the beta-binomial model grows to 1: in each arm all had the event, or none"
                )
            found, value, slope, curvature = likelihood.profiled(found, float(np.exp(point[0])))
            return value, np.array([slope]), np.array([[curvature]])

        point = ascend(profile, np.array([np.log(rho / (1.0 - rho))]), lowest=lowest)
        value = profile(point)[0]
        if point[0] > lowest and value > best_value + 1e-12 * abs(best_value):
            best_value, best = value, (found, float(np.exp(point[0])))
    return best


def _refuse_edges(tables: Array) -> None:
    a, n1, c, n2 = tables.sum(axis=1)
    for arm, events, size in (("treatment", a, n1), ("control", c, n2)):
        if events in (0, size):
            raise NotEstimableError(
                f"the beta-binomial model has its maximum at the edge: {'no events' if events == 0 else 'nothing but events'} "
                f"in any {arm} arm; use the penalised (Firth) model, or the exact one-sided limit"
            )
