"""The request: which method, with which choices. Frozen, validated, and carried by every result."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from trialpool.checks import choice, probability
from trialpool.effects import MEASURES, Measure, ZeroCells
from trialpool.errors import OptionError

__all__ = [
    "I2_DEFINITIONS",
    "INTERVALS",
    "MODELS",
    "PREDICTIONS",
    "TAU2_ESTIMATORS",
    "I2Definition",
    "Interval",
    "InverseVariance",
    "MantelHaenszel",
    "Method",
    "Model",
    "Peto",
    "Prediction",
    "Request",
    "Tau2Estimator",
]

Model = Literal["common", "random"]
Tau2Estimator = Literal["REML", "DL", "PM"]
Interval = Literal["wald", "hartung-knapp", "hartung-knapp-safe"]
Prediction = Literal["k-1", "k-2", "normal"]
I2Definition = Literal["tau2", "Q"]
RiskDifferenceVariance = Literal["Sato", "Greenland-Robins"]

MODELS: tuple[Model, ...] = get_args(Model)
TAU2_ESTIMATORS: tuple[Tau2Estimator, ...] = get_args(Tau2Estimator)
INTERVALS: tuple[Interval, ...] = get_args(Interval)
PREDICTIONS: tuple[Prediction, ...] = get_args(Prediction)
I2_DEFINITIONS: tuple[I2Definition, ...] = get_args(I2Definition)

_TAU2_WORDS = {"REML": "restricted maximum likelihood", "DL": "DerSimonian-Laird", "PM": "Paule-Mandel"}
_INTERVAL_WORDS = {
    "wald": "Wald interval",
    "hartung-knapp": "Hartung-Knapp interval",
    "hartung-knapp-safe": "Hartung-Knapp interval, never narrower than Wald",
}
_PREDICTION_WORDS = {"k-1": "t with k - 1 df", "k-2": "t with k - 2 df", "normal": "normal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InverseVariance:
    """Inverse-variance pooling, common or random effects.

    Attributes
    ----------
    model : {"random", "common"}
    tau2 : {"REML", "DL", "PM"}, default "REML"
        Estimator of the between-trial variance; random effects only.
    interval : {"hartung-knapp-safe", "hartung-knapp", "wald"}, default "hartung-knapp-safe"
        Random effects only; the common-effect interval is Wald's.
    prediction : {"k-2", "k-1", "normal"}, default "k-2"
        Distribution of the prediction interval; random effects only.
    i2 : {"tau2", "Q"}, default "tau2" (random) or "Q" (common)
        Definition of the I2 shown; both are in the result.
    zero_cells : ZeroCells
    """

    model: Model = "random"
    tau2: Tau2Estimator | None = None
    interval: Interval | None = None
    prediction: Prediction | None = None
    i2: I2Definition | None = None
    zero_cells: ZeroCells = ZeroCells()

    def __post_init__(self) -> None:
        choice("model", self.model, MODELS)
        defaults = {"tau2": "REML", "interval": "hartung-knapp-safe", "prediction": "k-2", "i2": "tau2"}
        allowed = {"tau2": TAU2_ESTIMATORS, "interval": INTERVALS, "prediction": PREDICTIONS, "i2": I2_DEFINITIONS}
        for name, default in defaults.items():
            value = getattr(self, name)
            if value is not None:
                choice(name, value, allowed[name])
            if self.model == "random":
                object.__setattr__(self, name, value or default)
        if self.model == "common":
            self._refuse_random_effects_options()
        elif self.prediction == "normal" and self.interval != "wald":
            raise OptionError(
                f"prediction='normal' does not go with interval={self.interval!r}: a new trial would be foretold more surely than "
                "the mean is known; choose prediction='k-1' or 'k-2'"
            )

    def _refuse_random_effects_options(self) -> None:
        for name in ("tau2", "prediction"):
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
            words = (
                f"inverse variance, random effects; tau2 by {_TAU2_WORDS[self.tau2 or 'REML']}; "
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

    zero_cells: ZeroCells = ZeroCells()
    risk_difference_variance: RiskDifferenceVariance | None = None

    def __post_init__(self) -> None:
        if self.risk_difference_variance is not None:
            choice("risk_difference_variance", self.risk_difference_variance, get_args(RiskDifferenceVariance))

    def __str__(self) -> str:
        variance = f"; {self.risk_difference_variance} variance" if self.risk_difference_variance else ""
        return f"Mantel-Haenszel, common effect; Wald interval; I2 from Q; {self.zero_cells}{variance}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peto:
    """Peto's one-step odds ratio, common effect."""

    def __str__(self) -> str:
        return "Peto one-step odds ratio, common effect; Wald interval; I2 from Q; no zero-cell correction"


Method = InverseVariance | MantelHaenszel | Peto
_METHOD_NAMES = {InverseVariance: "inverse-variance", MantelHaenszel: "mantel-haenszel", Peto: "peto"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """All that was asked of one pooling.

    ``profile`` names the set of choices it came from, with ``(changed)`` behind it where one was overridden; None where the
    method was given as an object.
    """

    measure: Measure
    method: Method
    conf_level: float = 0.95
    profile: str | None = None

    def __post_init__(self) -> None:
        choice("measure", self.measure, MEASURES)
        probability("conf_level", self.conf_level)
        if isinstance(self.method, Peto) != (self.measure == "Peto odds ratio"):
            raise OptionError(
                f"measure={self.measure!r} does not go with method {_METHOD_NAMES[type(self.method)]!r}: "
                "the Peto odds ratio is pooled by 'peto', and 'peto' pools nothing else"
            )
        zero_cells = self.zero_cells
        if self.measure == "risk difference" and (zero_cells.convention, zero_cells.double_zero) == (
            "meta",
            "corrected",
        ):
            raise OptionError(
                "double_zero='corrected' has no meaning for the risk difference in the way of R's meta, which corrects the "
                "variance of double-zero trials anyway; leave it out"
            )
        if isinstance(self.method, MantelHaenszel):
            is_difference = self.measure == "risk difference"
            if self.method.risk_difference_variance is not None and not is_difference:
                raise OptionError("risk_difference_variance has no meaning for a ratio; leave it out")
            if is_difference:
                named = self.method.risk_difference_variance or "Sato"
                object.__setattr__(self, "method", replace(self.method, risk_difference_variance=named))

    @property
    def method_name(self) -> str:
        """The method's word: inverse-variance, mantel-haenszel or peto."""
        return _METHOD_NAMES[type(self.method)]

    @property
    def model(self) -> Model:
        """Common or random effects."""
        return self.method.model if isinstance(self.method, InverseVariance) else "common"

    @property
    def zero_cells(self) -> ZeroCells:
        """The zero-cell rule."""
        return ZeroCells() if isinstance(self.method, Peto) else self.method.zero_cells

    def to_dict(self) -> dict[str, Any]:
        """The request as JSON-ready data."""
        options: dict[str, Any] = {}
        for f in fields(self.method):
            value = getattr(self.method, f.name)
            if isinstance(value, ZeroCells):
                value = {g.name: getattr(value, g.name) for g in fields(value)}
            options[f.name] = value
        return {
            "measure": self.measure,
            "method": self.method_name,
            "model": self.model,
            "conf_level": self.conf_level,
            "profile": self.profile,
            "options": options,
        }

    def __str__(self) -> str:
        profile = f" [profile {self.profile}]" if self.profile else ""
        return f"{self.measure}; {self.method}; {100 * self.conf_level:g} % intervals{profile}"
