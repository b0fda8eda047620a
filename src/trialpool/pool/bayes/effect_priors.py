"""Prior distributions of the mean effect on the working scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialpool.checks import positive
from trialpool.pool.bayes.priors import finite_number, number_text

__all__ = ["EffectPrior", "Flat", "Normal"]


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal prior of the mean effect on the working scale.

    A standard deviation of 2.82 on the log odds ratio holds 95 % of odds ratios between 1/250 and 250 (Guenhan, Roever &
    Friede 2020, Research Synthesis Methods 11:74).

    >>> print(Normal(0, 2.82))
    normal(0, 2.82)
    """

    mean: float
    sd: float
    proper: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", finite_number("mean", self.mean))
        object.__setattr__(self, "sd", positive("sd", self.sd))

    @property
    def precision(self) -> float:
        """One over the variance."""
        return 1.0 / (self.sd * self.sd)

    def __str__(self) -> str:
        return f"normal({number_text(self.mean)}, {number_text(self.sd)})"


@dataclass(frozen=True, slots=True)
class Flat:
    """The improper prior by which all effects are alike.

    >>> print(Flat())
    flat
    """

    mean: ClassVar[float] = 0.0
    precision: ClassVar[float] = 0.0
    proper: ClassVar[bool] = False

    def __str__(self) -> str:
        return "flat"


EffectPrior = Normal | Flat
