"""Prior distributions of the between-trial standard deviation tau, as small frozen objects.

Every prior prints as text that :func:`trialpool.pool.bayes.prior_from_text` reads back.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, erfinv, gammaln, stdtr, stdtrit

from trialpool.checks import positive
from trialpool.errors import OptionError

__all__ = [
    "HalfCauchy",
    "HalfNormal",
    "HalfStudentT",
    "TauPrior",
    "Uniform",
    "finite_number",
    "log_t_density",
    "number_text",
]

Array = NDArray[np.float64]

_ROOT_2 = math.sqrt(2.0)
_LOG_2 = math.log(2.0)
_HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)


class TauPrior(ABC):
    """A prior of tau >= 0, in the units of the effect."""

    __slots__ = ()

    @property
    def tail_index(self) -> float:
        """The power of 1 / tau by which the density falls far out; infinite where every moment exists."""
        return math.inf

    @property
    def upper_limit(self) -> float:
        """Where the support ends."""
        return math.inf

    @property
    def proper(self) -> bool:
        """Whether the density integrates to one."""
        return True

    @abstractmethod
    def log_density(self, tau: Array) -> Array:
        """Log density at tau > 0."""

    @abstractmethod
    def cdf(self, tau: Array) -> Array:
        """Probability of a smaller tau."""

    @abstractmethod
    def quantile(self, probability: Array) -> Array:
        """The tau below which that probability lies."""


@dataclass(frozen=True, slots=True)
class HalfNormal(TauPrior):
    """The absolute value of a normal around 0 with standard deviation ``scale``.

    Recommended as weakly informative by Roever et al. (2021, Research Synthesis Methods 12:448).

    >>> print(HalfNormal(0.5), round(float(HalfNormal(0.5).quantile(0.5)), 4))
    half-normal(0.5) 0.3372
    """

    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", positive("scale", self.scale))

    def log_density(self, tau: Array) -> Array:
        """Log density at tau > 0."""
        z = np.asarray(tau) / self.scale
        return np.asarray(_LOG_2 - _HALF_LOG_2_PI - math.log(self.scale) - 0.5 * z * z)

    def cdf(self, tau: Array) -> Array:
        """Probability of a smaller tau."""
        return np.asarray(erf(np.asarray(tau) / (self.scale * _ROOT_2)))

    def quantile(self, probability: Array) -> Array:
        """The tau below which that probability lies."""
        return np.asarray(self.scale * _ROOT_2 * erfinv(probability))

    def __str__(self) -> str:
        return f"half-normal({number_text(self.scale)})"


@dataclass(frozen=True, slots=True)
class HalfStudentT(TauPrior):
    """The absolute value of ``scale`` times Student's t with ``df`` degrees of freedom (Gelman 2006, Bayesian Analysis 1:515).

    >>> print(HalfStudentT(0.5, 4), round(float(HalfStudentT(0.5, 4).quantile(0.5)), 4))
    half-t(0.5, 4) 0.3703
    """

    scale: float
    df: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", positive("scale", self.scale))
        object.__setattr__(self, "df", positive("df", self.df))

    @property
    def tail_index(self) -> float:
        """One more than the degrees of freedom."""
        return self.df + 1.0

    def log_density(self, tau: Array) -> Array:
        """Log density at tau > 0."""
        return np.asarray(_LOG_2 - math.log(self.scale) + log_t_density(np.asarray(tau) / self.scale, self.df))

    def cdf(self, tau: Array) -> Array:
        """Probability of a smaller tau."""
        return np.asarray(1.0 - 2.0 * stdtr(self.df, -np.asarray(tau) / self.scale))

    def quantile(self, probability: Array) -> Array:
        """The tau below which that probability lies."""
        return np.asarray(-self.scale * stdtrit(self.df, 0.5 * (1.0 - np.asarray(probability))))

    def __str__(self) -> str:
        return f"half-t({number_text(self.scale)}, {number_text(self.df)})"


@dataclass(frozen=True, slots=True)
class HalfCauchy(TauPrior):
    """The absolute value of a Cauchy variable; half of it lies below ``scale`` (Gelman 2006, Bayesian Analysis 1:515).

    >>> print(HalfCauchy(0.5), float(HalfCauchy(0.5).cdf(0.5)))
    half-cauchy(0.5) 0.5
    """

    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", positive("scale", self.scale))

    @property
    def tail_index(self) -> float:
        """The density falls like the square."""
        return 2.0

    def log_density(self, tau: Array) -> Array:
        """Log density at tau > 0."""
        z = np.asarray(tau) / self.scale
        # hypot: the square of a far tau would overflow
        return np.asarray(math.log(2.0 / (math.pi * self.scale)) - 2.0 * np.log(np.hypot(1.0, z)))

    def cdf(self, tau: Array) -> Array:
        """Probability of a smaller tau."""
        return np.asarray(2.0 / math.pi * np.arctan(np.asarray(tau) / self.scale))

    def quantile(self, probability: Array) -> Array:
        """The tau below which that probability lies."""
        return np.asarray(self.scale * np.tan(0.5 * math.pi * np.asarray(probability)))

    def __str__(self) -> str:
        return f"half-cauchy({number_text(self.scale)})"


@dataclass(frozen=True, slots=True)
class Uniform(TauPrior):
    """All values of tau up to ``upper`` alike; improper where ``upper`` is infinite.

    >>> print(Uniform(2), Uniform(math.inf).proper)
    uniform(2) False
    """

    upper: float

    def __post_init__(self) -> None:
        if self.upper != math.inf:
            object.__setattr__(self, "upper", positive("upper", self.upper))

    @property
    def tail_index(self) -> float:
        """Zero where there is no end."""
        return math.inf if self.proper else 0.0

    @property
    def upper_limit(self) -> float:
        """Where the support ends."""
        return self.upper

    @property
    def proper(self) -> bool:
        """Whether the support ends."""
        return self.upper < math.inf

    def log_density(self, tau: Array) -> Array:
        """Log density at tau > 0; zero where improper."""
        level = -math.log(self.upper) if self.proper else 0.0
        return np.where(np.asarray(tau) <= self.upper, level, -math.inf)

    def cdf(self, tau: Array) -> Array:
        """Probability of a smaller tau."""
        return np.clip(np.asarray(tau) / self._end("probabilities"), 0.0, 1.0)

    def quantile(self, probability: Array) -> Array:
        """The tau below which that probability lies."""
        return np.asarray(self._end("quantiles") * np.asarray(probability))

    def _end(self, what: str) -> float:
        if not self.proper:
            raise OptionError(f"{self} is improper and has no {what}; give a finite upper limit")
        return self.upper

    def __str__(self) -> str:
        return f"uniform({number_text(self.upper)})"


def log_t_density(t: Array, df: float) -> Array:
    """Log density of Student's t."""
    constant = float(gammaln(0.5 * (df + 1.0)) - gammaln(0.5 * df)) - 0.5 * math.log(df * math.pi)
    return np.asarray(constant - (df + 1.0) * np.log(np.hypot(1.0, t / math.sqrt(df))))


def finite_number(name: str, value: object) -> float:
    """Return ``value`` as a float if it is a finite number, else raise OptionError."""
    if isinstance(value, (int, float, np.floating)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise OptionError(f"{name}={value!r} is not a finite number")


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return repr(float(value)).removesuffix(".0")
