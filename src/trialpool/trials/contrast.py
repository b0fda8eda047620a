"""One contrast of a comparison: what a treatment and a control arm report, in each form that both report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from trialpool.trials.bounded import Bounded
from trialpool.trials.bounds import Bounds
from trialpool.trials.model import Covariate, Means, Rates
from trialpool.trials.source import Source

__all__ = ["Contrast", "Decision", "GivenEffect", "Numbers"]

Numbers = Literal["counts", "rates", "means", "estimate", "bounds"]
"""The forms that the numbers of a contrast can have; an effect measure needs one of them."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A choice that changed the data on the way: which rule, from what, to what."""

    step: str
    trial: str
    rule: str
    before: str
    after: str

    def to_dict(self) -> dict[str, Any]:
        """The decision as JSON-ready data."""
        return {
            "step": self.step,
            "trial": self.trial,
            "rule": self.rule,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True)
class GivenEffect:
    """An effect that a publication gives, brought to the working scale: the logarithm of a ratio, or a difference.

    ``measure`` is the publication's own name of it, empty where it is not stated.
    """

    estimate: float
    variance: float
    logarithmic: bool
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Contrast:
    """A treatment against a control in one trial.

    Attributes
    ----------
    trial, label, treatment_arm, control_arm : str
    events_treatment, n_treatment, events_control, n_control : float or None
        The 2x2 table: participants with an event, and participants. Whole numbers except where a shared control was split. The
        events are None where the arms report none; ``n`` is known for means too, and for some given effects.
    sources : tuple of Source
    covariates : mapping
    rates : pair of Rates or None
        Events and person-years of the treatment and of the control arm.
    means : pair of Means or None
    follow_up_years : pair of float or None
        Mean follow-up of a participant.
    given : GivenEffect or None
    bounds : Bounded or None
        Counts within bounds, of each arm that was combined; exact ones too, with the number from which a registry lists them.
    conversions : mapping of form to tuple of Decision
        What was converted to get the numbers of that form; they join a comparison's decisions when they are used.
    """

    trial: str
    label: str
    treatment_arm: str
    control_arm: str
    events_treatment: float | None
    n_treatment: float | None
    events_control: float | None
    n_control: float | None
    sources: tuple[Source, ...] = ()
    covariates: Mapping[str, Covariate] = field(default_factory=dict)
    rates: tuple[Rates, Rates] | None = None
    means: tuple[Means, Means] | None = None
    follow_up_years: tuple[float, float] | None = None
    given: GivenEffect | None = None
    bounds: Bounded | None = None
    conversions: Mapping[Numbers, tuple[Decision, ...]] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[float, float, float, float] | None:
        """Treatment events and n, control events and n; None where the arms report no counts.

        >>> Contrast("Hart", "Hart", "BCG", "none", 62, 13598, 248, 12867).counts
        (62, 13598, 248, 12867)
        """
        a, n1, c, n2 = self.events_treatment, self.n_treatment, self.events_control, self.n_control
        return None if a is None or n1 is None or c is None or n2 is None else (a, n1, c, n2)

    @property
    def participants(self) -> float | None:
        """Participants of both arms; None where they are not known."""
        return None if self.n_treatment is None or self.n_control is None else self.n_treatment + self.n_control

    @property
    def unverified(self) -> bool:
        """Whether any of its numbers is unverified."""
        return any(source.verification == "unverified" for source in self.sources)

    def to_dict(self) -> dict[str, float | None]:
        """Its arms' numbers as JSON-ready data; None where there is none of a kind."""
        rates, means = self.rates or (None, None), self.means or (None, None)
        sides = (
            ("treatment", self.events_treatment, self.n_treatment),
            ("control", self.events_control, self.n_control),
        )
        found: dict[str, float | None] = {}
        for (side, events, n), rate, mean in zip(sides, rates, means, strict=True):
            found[f"events_{side}"] = rate.events if events is None and rate is not None else events
            found[f"n_{side}"] = n
            found[f"person_years_{side}"] = None if rate is None else rate.person_years
            found[f"mean_{side}"] = None if mean is None else mean.mean
            found[f"sd_{side}"] = None if mean is None else mean.sd
        for side, pieces in zip(("treatment", "control"), self._bounds_shown, strict=True):
            found[f"events_low_{side}"] = sum(p.low for p in pieces) if pieces else None
            found[f"events_high_{side}"] = sum(p.high for p in pieces) if pieces else None
        return found

    def has(self, numbers: Numbers) -> bool:
        """Whether it has numbers of a form."""
        held = {
            "counts": self.counts,
            "rates": self.rates,
            "means": self.means,
            "estimate": self.given,
            "bounds": self.bounds,
        }
        return held[numbers] is not None

    @property
    def _bounds_shown(self) -> tuple[Bounds, Bounds]:
        """The bounds where they stand in the place of counts."""
        return (self.bounds.treatment, self.bounds.control) if self.bounded_only and self.bounds else ((), ())

    @property
    def bounded_only(self) -> bool:
        """Whether its events are known within bounds alone."""
        return self.bounds is not None and self.counts is None
