"""The nouns that every part speaks: a Trial has Arms, an Arm has Outcomes, an Outcome has numbers and a Source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trialpool.trials.source import Source

__all__ = ["Arm", "Counts", "Covariate", "Means", "Outcome", "Trial"]

Covariate = str | float
"""A covariate's value: text, or a number."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Participants with at least one event, of those at risk; person-years where reported."""

    events: int
    n: int
    person_years: float | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """Mean and standard deviation of a continuous outcome in ``n`` participants."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome of one arm: one row of an arm-level table."""

    name: str
    source: Source
    counts: Counts | None = None
    means: Means | None = None
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
    """One randomised trial."""

    label: str
    arms: tuple[Arm, ...]

    def reports(self, outcome: str) -> bool:
        """Whether any arm reports the outcome."""
        return any(arm.outcome(outcome) is not None for arm in self.arms)
