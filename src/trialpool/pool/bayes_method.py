"""The Bayesian method: which likelihood, which priors, which interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from trialpool.checks import choice
from trialpool.choices import BAYES_INTERVALS, LIKELIHOODS, BayesInterval, Likelihood, Model
from trialpool.effects import MEASURES, ZeroCells
from trialpool.errors import OptionError
from trialpool.pool.bayes.effect_priors import EffectPrior, Normal
from trialpool.pool.bayes.prior_text import as_effect_prior, as_tau_prior
from trialpool.pool.bayes.priors import HalfNormal, TauPrior

__all__ = ["BAYES_INTERVALS", "LIKELIHOODS", "Bayes"]

_EFFECT_PRIORS: dict[Likelihood, EffectPrior] = {"normal": Normal(0.0, 4.0), "hypergeometric": Normal(0.0, 2.82)}
_LIKELIHOOD_WORDS = {
    "normal": "normal likelihood of the effects",
    "hypergeometric": "noncentral hypergeometric likelihood",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bayes:
    """Bayesian random effects by quadrature, without sampling; the estimate is the posterior median.

    Attributes
    ----------
    likelihood : {"normal", "hypergeometric"}
        Normal: the trials' effects with their variances. Hypergeometric: the counts given their margins (odds ratio only).
    tau_prior : prior or str
        Of the standard deviation between trials, such as ``HalfNormal(0.5)`` or its text ``"half-normal(0.5)"``.
    effect_prior : prior or str, optional
        Of the mean effect on the working scale; ``normal(0, 4)``, or ``normal(0, 2.82)`` for the hypergeometric likelihood,
        unless given.
    interval : {"central", "shortest"}
    relevant : float, optional
        Threshold of a relevant effect, as displayed: the result then tells how probable an effect beyond it is.
    zero_cells : ZeroCells
        Normal likelihood only.
    """

    name: ClassVar[str] = "bayes"
    measures: ClassVar[tuple[str, ...]] = tuple(measure for measure in MEASURES if measure != "Peto odds ratio")

    likelihood: Likelihood = "normal"
    tau_prior: TauPrior | str = HalfNormal(0.5)
    effect_prior: EffectPrior | str | None = None
    interval: BayesInterval = "central"
    relevant: float | None = None
    zero_cells: ZeroCells = ZeroCells()

    def __post_init__(self) -> None:
        choice("likelihood", self.likelihood, LIKELIHOODS)
        choice("interval", self.interval, BAYES_INTERVALS)
        usual = _EFFECT_PRIORS[self.likelihood]
        object.__setattr__(self, "tau_prior", as_tau_prior(self.tau_prior))
        object.__setattr__(
            self, "effect_prior", usual if self.effect_prior is None else as_effect_prior(self.effect_prior)
        )
        number = isinstance(self.relevant, (int, float)) and not isinstance(self.relevant, bool)
        if self.relevant is not None and not (number and math.isfinite(self.relevant)):
            raise OptionError(
                f"relevant={self.relevant!r} is not allowed; give a number on the displayed scale, such as 0.8"
            )
        if self.likelihood == "hypergeometric" and self.zero_cells.rule != "none":
            raise OptionError(
                "zero_cells has no meaning with likelihood='hypergeometric', which takes counts as they are; leave it out"
            )

    @property
    def model(self) -> Model:
        """Random effects."""
        return "random"

    def __str__(self) -> str:
        zero_cells = f"; {self.zero_cells}" if self.likelihood == "normal" else "; no zero-cell correction"
        return (
            f"Bayesian, random effects; {_LIKELIHOOD_WORDS[self.likelihood]}; between-trial SD ~ {self.tau_prior}, effect ~ "
            f"{self.effect_prior}; posterior median with {self.interval} credible interval; I2 from Q{zero_cells}"
        )
