"""Multivariate pooling: which choices it has. Frozen and validated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from trialpool.checks import choice, instance
from trialpool.effects import ZeroCells
from trialpool.errors import OptionError
from trialpool.numerics.multivariate_maximum import STRUCTURES, Structure

__all__ = ["Multivariate", "MultivariateInterval", "MultivariateTau2"]

MultivariateTau2 = Literal["REML", "ML"]
MultivariateInterval = Literal["wald", "t"]

_TAU2_WORDS = {"REML": "restricted maximum likelihood", "ML": "maximum likelihood"}
_INTERVAL_WORDS = {"wald": "Wald intervals", "t": "t intervals"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Multivariate:
    """Several effects of each trial pooled together, with their covariance.

    Attributes
    ----------
    model : {"random", "common"}
    between : {"unstructured", "compound-symmetric", "diagonal"}, default "unstructured"
        Covariance matrix of the effects between trials; random effects only. Unstructured: each effect has its own variance and
        each pair its own correlation. Compound-symmetric: one variance, one correlation. Diagonal: own variances, no correlation.
    correlation : float, optional
        Compound-symmetric only: the correlation is this and not estimated; 0.5 is that of contrasts with one control (Higgins &
        Whitehead 1996, Statistics in Medicine 15:2733).
    tau2 : {"REML", "ML"}, default "REML"
        Random effects only.
    interval : {"wald", "t"}, default "wald"
        ``t`` has as many degrees of freedom as there are estimates beyond the coefficients.
    zero_cells : ZeroCells
    """

    name: ClassVar[str] = "multivariate"

    model: Literal["random", "common"] = "random"
    between: Structure | None = None
    correlation: float | None = None
    tau2: MultivariateTau2 | None = None
    interval: MultivariateInterval = "wald"
    zero_cells: ZeroCells = ZeroCells()

    def __post_init__(self) -> None:
        choice("model", self.model, ("random", "common"))
        choice("interval", self.interval, get_args(MultivariateInterval))
        instance("zero_cells", self.zero_cells, ZeroCells, "give a rule: ZeroCells(rule='constant')")
        if self.model == "common":
            for option in ("between", "correlation", "tau2"):
                if getattr(self, option) is not None:
                    raise OptionError(
                        f"{option} has no meaning with model='common'; leave it out, or choose model='random'"
                    )
            return
        object.__setattr__(self, "between", choice("between", self.between or "unstructured", STRUCTURES))
        object.__setattr__(self, "tau2", choice("tau2", self.tau2 or "REML", get_args(MultivariateTau2)))
        if self.correlation is not None:
            self._check_correlation(self.correlation)

    def _check_correlation(self, correlation: object) -> None:
        if self.between != "compound-symmetric":
            raise OptionError(
                f"correlation has no meaning with between={self.between!r}, which estimates its own or has none; leave it out, "
                "or choose between='compound-symmetric'"
            )
        if not isinstance(correlation, float) or not -1 < correlation < 1:
            raise OptionError(f"correlation={correlation!r} is not a correlation; give a number between -1 and 1")

    def check_positive_definite(self, components: int) -> None:
        """Refuse a fixed correlation that so many components can not have."""
        if self.correlation is not None and components > 1 and self.correlation <= -1 / (components - 1):
            raise OptionError(
                f"correlation={self.correlation:g} is impossible between {components} effects, whose common correlation is above "
                f"{-1 / (components - 1):.3g}; give a larger one"
            )

    def __str__(self) -> str:
        interval = _INTERVAL_WORDS[self.interval]
        if self.model == "common":
            return f"multivariate, common effects; {interval}; {self.zero_cells}"
        between = f"{self.between} between trials"
        if self.correlation is not None:
            between += f", correlation {self.correlation:g}"
        return f"multivariate, random effects, {between}; by {_TAU2_WORDS[self.tau2 or 'REML']}; {interval}; {self.zero_cells}"
