"""Methods for effects with variances, and for sums of 2x2 tables: which choices each has. Frozen and validated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialpool.checks import choice
from trialpool.choices import (
    I2_DEFINITIONS,
    INTERVALS,
    MODELS,
    PREDICTIONS,
    RANDOM_EFFECTS_DEFAULTS,
    RISK_DIFFERENCE_VARIANCES,
    TAU2_ESTIMATORS,
    TAU2_INTERVALS,
    I2Definition,
    Interval,
    Model,
    Prediction,
    RiskDifferenceVariance,
    Tau2Estimator,
    Tau2Interval,
)
from trialpool.effects import MEASURES, ZeroCells
from trialpool.errors import OptionError

__all__ = [
    "I2_DEFINITIONS",
    "INTERVALS",
    "MODELS",
    "PREDICTIONS",
    "TAU2_ESTIMATORS",
    "TAU2_INTERVALS",
    "I2Definition",
    "Interval",
    "InverseVariance",
    "MantelHaenszel",
    "Model",
    "Peto",
    "Prediction",
    "RiskDifferenceVariance",
    "Tau2Estimator",
    "Tau2Interval",
]

_TAU2_WORDS: dict[str, str] = {
    "REML": "restricted maximum likelihood",
    "ML": "maximum likelihood",
    "DL": "DerSimonian-Laird",
    "DL2": "two-step DerSimonian-Laird",
    "PM": "Paule-Mandel",
    "EB": "empirical Bayes",
    "HE": "Hedges",
    "HS": "Hunter-Schmidt",
    "SJ": "Sidik-Jonkman",
}
_INTERVAL_WORDS = {
    "wald": "Wald interval",
    "hartung-knapp": "Hartung-Knapp interval",
    "hartung-knapp-safe": "Hartung-Knapp interval, never narrower than Wald",
}
_PREDICTION_WORDS = {
    "k-1": "t with k - 1 df",
    "k-2": "t with k - 2 df",
    "normal": "normal",
    "confidence-distribution": "confidence distribution",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InverseVariance:
    """Inverse-variance pooling, common or random effects.

    Attributes
    ----------
    model : {"random", "common"}
    tau2 : {"REML", "ML", "DL", "DL2", "PM", "EB", "HE", "HS", "SJ"}, default "REML"
        Estimator of the between-trial variance; random effects only.
    tau2_interval : {"Q-profile", "generalised-Q", "profile-likelihood"}, default "Q-profile"
        Its confidence interval; the profile likelihood is that of ``tau2="REML"`` or ``"ML"``.
    interval : {"hartung-knapp-safe", "hartung-knapp", "wald"}, default "hartung-knapp-safe"
        Random effects only; the common-effect interval is Wald's.
    prediction : {"k-2", "k-1", "normal", "confidence-distribution"}, default "k-2"
        Distribution of the prediction interval; random effects only.
    i2 : {"tau2", "Q"}, default "tau2" (random) or "Q" (common)
        Definition of the I2 shown; both are in the result.
    zero_cells : ZeroCells
    """

    name: ClassVar[str] = "inverse-variance"
    measures: ClassVar[tuple[str, ...]] = tuple(measure for measure in MEASURES if measure != "Peto odds ratio")

    model: Model = "random"
    tau2: Tau2Estimator | None = None
    tau2_interval: Tau2Interval | None = None
    interval: Interval | None = None
    prediction: Prediction | None = None
    i2: I2Definition | None = None
    zero_cells: ZeroCells = ZeroCells()

    def __post_init__(self) -> None:
        choice("model", self.model, MODELS)
        allowed = {
            "tau2": TAU2_ESTIMATORS,
            "tau2_interval": TAU2_INTERVALS,
            "interval": INTERVALS,
            "prediction": PREDICTIONS,
            "i2": I2_DEFINITIONS,
        }
        for name, default in RANDOM_EFFECTS_DEFAULTS.items():
            value = getattr(self, name)
            if value is not None:
                choice(name, value, allowed[name])
            if self.model == "random":
                object.__setattr__(self, name, value or default)
        if self.model == "common":
            self._refuse_random_effects_options()
        elif self.tau2_interval == "profile-likelihood" and self.tau2 not in ("REML", "ML"):
            raise OptionError(
                f"tau2_interval='profile-likelihood' does not go with tau2={self.tau2!r}, which maximises no likelihood; "
                "choose tau2='REML' or 'ML', or tau2_interval='Q-profile'"
            )
        elif self.prediction == "normal" and self.interval != "wald":
            raise OptionError(
                f"prediction='normal' does not go with interval={self.interval!r}: a new trial would be foretold more surely than "
                "the mean is known; choose prediction='k-1' or 'k-2'"
            )

    def _refuse_random_effects_options(self) -> None:
        for name in ("tau2", "tau2_interval", "prediction"):
            if getattr(self, name) is not None:
                raise OptionError(f"{name} has no meaning with model='common'; leave it out, or choose model='random'")
        if self.interval not in (None, "wald"):
            raise OptionError(f"interval={self.interval!r} has no meaning with model='common'; its interval is Wald's")
        if self.i2 == "tau2":
            raise OptionError("i2='tau2' has no meaning with model='common', which has no tau2; choose 'Q'")
        object.__setattr__(self, "interval", "wald")
        object.__setattr__(self, "i2", "Q")

    def __str__(self) -> str:
        if self.model == "common":
            words = "inverse variance, common effect; Wald interval; I2 from Q"
        else:
            own = (
                ""
                if self.tau2_interval in (None, "Q-profile")
                else f", its interval by {self.tau2_interval.replace('-', ' ')}"
            )
            words = (
                f"inverse variance, random effects; tau2 by {_TAU2_WORDS[self.tau2 or 'REML']}{own}; "
                f"{_INTERVAL_WORDS[self.interval or 'wald']}; prediction interval by {_PREDICTION_WORDS[self.prediction or 'k-2']}; "
                f"I2 from {self.i2}"
            )
        return f"{words}; {self.zero_cells}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MantelHaenszel:
    """Mantel-Haenszel pooling of 2x2 tables, common effect; no correction unless asked for.

    Attributes
    ----------
    zero_cells : ZeroCells
        A correction also enters the pooled estimate (as in RevMan 5 and R's meta); with none, single-zero trials
        contribute as they are.
    risk_difference_variance : {"Sato", "Greenland-Robins"}, default "Sato"
        Risk difference only.
    """

    name: ClassVar[str] = "mantel-haenszel"
    measures: ClassVar[tuple[str, ...]] = (
        "risk ratio",
        "odds ratio",
        "risk difference",
        "rate ratio",
        "rate difference",
    )

    zero_cells: ZeroCells = ZeroCells()
    risk_difference_variance: RiskDifferenceVariance | None = None

    @property
    def model(self) -> Model:
        """Common effect."""
        return "common"

    def __post_init__(self) -> None:
        if self.risk_difference_variance is not None:
            choice("risk_difference_variance", self.risk_difference_variance, RISK_DIFFERENCE_VARIANCES)

    def __str__(self) -> str:
        variance = f"; {self.risk_difference_variance} variance" if self.risk_difference_variance else ""
        return f"Mantel-Haenszel, common effect; Wald interval; I2 from Q; {self.zero_cells}{variance}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peto:
    """Peto's one-step odds ratio, common effect."""

    name: ClassVar[str] = "peto"
    measures: ClassVar[tuple[str, ...]] = ("Peto odds ratio",)

    @property
    def model(self) -> Model:
        """Common effect."""
        return "common"

    def __str__(self) -> str:
        return "Peto one-step odds ratio, common effect; Wald interval; I2 from Q; no zero-cell correction"
