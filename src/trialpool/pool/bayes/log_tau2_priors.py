"""Priors of the between-trial standard deviation that are given for the logarithm of its square, tau2."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from trialpool.checks import positive
from trialpool.pool.bayes.priors import TauPrior, finite_number, log_t_density, number_text

__all__ = ["LogNormalTau2", "LogStudentTTau2"]

Array = NDArray[np.float64]

_LOG_2 = math.log(2.0)
_HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)


@dataclass(frozen=True, slots=True)
class LogNormalTau2(TauPrior):
    """Log tau2 is normal with ``mean`` and ``sd``; the form of Turner et al. (2015, Statistics in Medicine 34:984).

    ``name`` is the text of an empirical prior, such as ``turner(pain, drug v placebo)``.

    >>> print(LogNormalTau2(-2.49, 1.52), round(float(LogNormalTau2(-2.49, 1.52).quantile(0.5)), 4))
    log-normal-tau2(-2.49, 1.52) 0.2879
    """

    mean: float
    sd: float
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", finite_number("mean", self.mean))
        object.__setattr__(self, "sd", positive("sd", self.sd))

    def log_density(self, tau: Array) -> Array:
        """Log density at tau > 0."""
        log_tau = np.log(tau)
        z = (2.0 * log_tau - self.mean) / self.sd
        return np.asarray(_LOG_2 - _HALF_LOG_2_PI - math.log(self.sd) - log_tau - 0.5 * z * z)

    def cdf(self, tau: Array) -> Array:
        """Probability of a smaller tau."""
        return np.asarray(ndtr((2.0 * _log_or_bottom(tau) - self.mean) / self.sd))

    def quantile(self, probability: Array) -> Array:
        """The tau below which that probability lies."""
        return np.asarray(np.exp(0.5 * (self.mean + self.sd * ndtri(probability))))

    def __str__(self) -> str:
        return self.name or f"log-normal-tau2({number_text(self.mean)}, {number_text(self.sd)})"


@dataclass(frozen=True, slots=True)
class LogStudentTTau2(TauPrior):
    """Log tau2 is ``location`` plus ``scale`` times Student's t; the form of Rhodes et al. (2015, J Clin Epidemiol 68:52).

    ``name`` is the text of an empirical prior, such as ``rhodes(pain, drug v placebo, other)``.

    >>> print(LogStudentTTau2(-3.44, 2.59), round(float(LogStudentTTau2(-3.44, 2.59).quantile(0.5)), 4))
    log-t-tau2(-3.44, 2.59, 5) 0.1791
    """

    location: float
    scale: float
    df: float = 5.0
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "location", finite_number("location", self.location))
        object.__setattr__(self, "scale", positive("scale", self.scale))
        object.__setattr__(self, "df", positive("df", self.df))

    @property
    def tail_index(self) -> float:
        """The density falls hardly faster than 1 / tau: no moment of tau exists."""
        return 1.0

    def log_density(self, tau: Array) -> Array:
        """Log density at tau > 0."""
        log_tau = np.log(tau)
        z = (2.0 * log_tau - self.location) / self.scale
        return np.asarray(_LOG_2 - math.log(self.scale) - log_tau + log_t_density(z, self.df))

    def cdf(self, tau: Array) -> Array:
        """Probability of a smaller tau."""
        return np.asarray(stdtr(self.df, (2.0 * _log_or_bottom(tau) - self.location) / self.scale))

    def quantile(self, probability: Array) -> Array:
        """The tau below which that probability lies."""
        return np.asarray(np.exp(0.5 * (self.location + self.scale * stdtrit(self.df, probability))))

    def __str__(self) -> str:
        return (
            self.name or f"log-t-tau2({number_text(self.location)}, {number_text(self.scale)}, {number_text(self.df)})"
        )


def _log_or_bottom(tau: Array) -> Array:
    """Log tau, with the smallest double in the place of zero."""
    return np.asarray(np.log(np.maximum(tau, np.finfo(np.float64).tiny)))
