"""The request: which measure, by which method, at which level. Frozen, validated, and carried by every result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from trialpool.checks import choice, probability, quoted
from trialpool.effects import MEASURES, Measure, ZeroCells, numbers_of
from trialpool.errors import OptionError
from trialpool.pool.bayes_method import Bayes
from trialpool.pool.interval_censored_method import IntervalCensored
from trialpool.pool.methods import InverseVariance, MantelHaenszel, Model, Peto
from trialpool.pool.rare_event_methods import (
    BetaBinomial,
    BinomialNormal,
    Exact,
    HypergeometricNormal,
    Logistic,
    PenalisedLogistic,
    Poisson,
)

__all__ = ["METHODS", "Method", "Request", "usual_measure"]

Method = (
    InverseVariance
    | MantelHaenszel
    | Peto
    | Exact
    | HypergeometricNormal
    | BinomialNormal
    | Logistic
    | PenalisedLogistic
    | Poisson
    | BetaBinomial
    | Bayes
    | IntervalCensored
)

METHODS: Mapping[str, type[Method]] = {
    kind.name: kind
    for kind in (
        InverseVariance,
        MantelHaenszel,
        Peto,
        Exact,
        HypergeometricNormal,
        BinomialNormal,
        Logistic,
        PenalisedLogistic,
        Poisson,
        BetaBinomial,
        Bayes,
        IntervalCensored,
    )
}
"""The methods by their word."""


def _of_counts_alone(method: Method | type[Method]) -> bool:
    """Whether a Bayesian method has the likelihood of the odds ratio alone."""
    return isinstance(method, Bayes) and method.likelihood == "hypergeometric"


def usual_measure(method: Method | type[Method]) -> Measure:
    """What a method pools where no measure is named: risk ratios if it can."""
    if _of_counts_alone(method):
        return "odds ratio"
    measures: tuple[Measure, ...] = method.measures  # type: ignore[assignment]  # each method names some of MEASURES
    return "risk ratio" if "risk ratio" in measures else measures[0]


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
        if self.measure not in self.method.measures:
            raise OptionError(self._mismatch())
        if _of_counts_alone(self.method) and self.measure != "odds ratio":
            raise OptionError(
                f"measure={self.measure!r} does not go with likelihood='hypergeometric', which estimates the odds ratio; choose "
                "measure='odds ratio' or likelihood='normal'"
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
                raise OptionError("risk_difference_variance has a meaning for the risk difference alone; leave it out")
            if is_difference:
                named = self.method.risk_difference_variance or "Sato"
                object.__setattr__(self, "method", replace(self.method, risk_difference_variance=named))

    def _mismatch(self) -> str:
        given = f"measure={self.measure!r} does not go with method {self.method.name!r}"
        if "Peto odds ratio" in (self.measure, *self.method.measures):
            return f"{given}: the Peto odds ratio is pooled by 'peto', and 'peto' pools nothing else"
        return f"{given}, which pools {quoted(self.method.measures)}; choose one of these, or another method"

    @property
    def method_name(self) -> str:
        """The method's word, such as inverse-variance."""
        return self.method.name

    @property
    def model(self) -> Model:
        """Common or random effects."""
        return self.method.model

    @property
    def zero_cells(self) -> ZeroCells:
        """The zero-cell rule; none for a method that needs none."""
        rule: ZeroCells = getattr(self.method, "zero_cells", ZeroCells())
        return rule

    @property
    def method_text(self) -> str:
        """The method with its choices; of zero cells only where the measure is one of events."""
        text = str(self.method)
        has_events = numbers_of(self.measure) in ("counts", "rates")
        return text if has_events else text.removesuffix(f"; {ZeroCells()}")

    def to_dict(self) -> dict[str, Any]:
        """The request as JSON-ready data."""
        return {
            "measure": self.measure,
            "method": self.method_name,
            "model": self.model,
            "conf_level": self.conf_level,
            "profile": self.profile,
            "options": {f.name: _plain(getattr(self.method, f.name)) for f in fields(self.method)},
        }

    def __str__(self) -> str:
        profile = f" [profile {self.profile}]" if self.profile else ""
        profile = " [chosen automatically]" if self.profile == "auto" else profile
        return f"{self.measure}; {self.method_text}; {100 * self.conf_level:g} % intervals{profile}"


def _plain(value: Any) -> Any:
    """An option as JSON has it: a rule by its parts, a prior by its text."""
    if isinstance(value, ZeroCells):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    return value if value is None or isinstance(value, (str, float, int)) else str(value)
