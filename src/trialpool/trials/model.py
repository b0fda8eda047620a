"""The nouns that every part speaks: a Trial has Arms, an Arm has Outcomes, an Outcome has numbers and a Source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from trialpool.trials.bounds import Piece
from trialpool.trials.source import Source

__all__ = [
    "ESTIMATE_SCALES",
    "Arm",
    "Counts",
    "Covariate",
    "Estimate",
    "EstimateScale",
    "Means",
    "Outcome",
    "Rates",
    "Summary",
    "Trial",
]

Covariate = str | float
"""A covariate's value: text, or a number."""

EstimateScale = Literal["ratio", "log ratio", "difference"]
ESTIMATE_SCALES: tuple[EstimateScale, ...] = get_args(EstimateScale)


@dataclass(frozen=True, slots=True)
class Counts:
    """Participants with at least one event, of those at risk; person-years, and mean years of follow-up, where reported.

    ``listed_from`` is the number of events in this arm from which a registry lists the event for the whole trial; None where
    it lists all.
    """

    events: int
    n: int
    person_years: float | None = None
    follow_up_years: float | None = None
    listed_from: int | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """Events in person-years at risk; a participant may have had several events.

    Numbers are whole events except where a shared control was split.
    """

    events: float
    person_years: float


@dataclass(frozen=True, slots=True)
class Means:
    """Mean and standard deviation of a continuous outcome in ``n`` participants."""

    mean: float
    sd: float
    n: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a publication says of a continuous outcome where it does not give mean and standard deviation; nothing is converted."""

    n: int
    mean: float | None = None
    sd: float | None = None
    std_error: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float = 0.95
    median: float | None = None
    q1: float | None = None
    q3: float | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome of one arm: one row of an arm-level table.

    ``bounds`` stand in the place of ``counts`` where the events are known to lie between two numbers alone.
    """

    name: str
    source: Source
    counts: Counts | None = None
    means: Means | None = None
    covariates: Mapping[str, Covariate] = field(default_factory=dict)
    rates: Rates | None = None
    summary: Summary | None = None
    bounds: Piece | None = None

    @property
    def has_numbers(self) -> bool:
        """Whether it holds numbers of the arm, in whatever form."""
        return any(held is not None for held in (self.counts, self.means, self.rates, self.summary, self.bounds))


@dataclass(frozen=True, slots=True)
class Estimate:
    """An effect as a publication gives it, on the scale that the table says it is on.

    Attributes
    ----------
    outcome, treatment, control : str
    source : Source
    value : float
    scale : {"ratio", "log ratio", "difference"}
        Of ``value`` and of the interval; ``std_error`` and ``variance`` are never those of a plain ratio.
    std_error, variance, conf_low, conf_high, p_value : float or None
        At least one way to the precision is there.
    conf_level : float
        Of the interval.
    measure : str
        The publication's own name of the effect, such as ``"adjusted odds ratio"``; empty where it is not stated.
    n_treatment, n_control : int or None
    covariates : mapping
    """

    outcome: str
    treatment: str
    control: str
    source: Source
    value: float
    scale: EstimateScale
    std_error: float | None = None
    variance: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float = 0.95
    p_value: float | None = None
    measure: str = ""
    n_treatment: int | None = None
    n_control: int | None = None
    covariates: Mapping[str, Covariate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arm:
    """One randomised group; ``treatment`` is what a comparison selects by."""

    label: str
    treatment: str
    outcomes: tuple[Outcome, ...]

    def outcome(self, name: str) -> Outcome | None:
        """The outcome of that name, or None if the arm does not report it."""
        return next((o for o in self.outcomes if o.name == name), None)


@dataclass(frozen=True, slots=True)
class Trial:
    """One randomised trial; ``estimates`` are effects that it reports as such."""

    label: str
    arms: tuple[Arm, ...]
    estimates: tuple[Estimate, ...] = ()

    def reports(self, outcome: str) -> bool:
        """Whether any arm reports the outcome."""
        return any(arm.outcome(outcome) is not None for arm in self.arms)
