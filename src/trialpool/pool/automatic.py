"""The automatic choice of a method: what is asked, the thresholds, and what was chosen and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from trialpool.checks import choice, probability
from trialpool.choices import AUTOMATIC
from trialpool.effects import MEASURES, Measure
from trialpool.errors import OptionError
from trialpool.pool.evidence import Evidence
from trialpool.pool.request import Request

__all__ = ["AUTOMATIC", "Automatic", "Selection", "Thresholds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where the rules of the automatic choice change; judgements, to be stated before the data are seen.

    Attributes
    ----------
    few_trials : int, default 5
        Below it, a between-trial variance can hardly be estimated.
    enough_trials : int, default 10
        Below it, likelihood-ratio intervals of random effects are too short, and t with k - 1 degrees of freedom is used.
    few_events : int, default 10
        Events in an arm, and in all arms of a side together (Ju et al. 2020, BMC Medical Research Methodology 20:152).
    rare_risk : float, default 0.05
        Risk below which events are rare.
    follow_up : float, default 2
        How many times the longest follow-up may be the shortest, before time enters the measure.
    """

    few_trials: int = 5
    enough_trials: int = 10
    few_events: int = 10
    rare_risk: float = 0.05
    follow_up: float = 2.0

    def __post_init__(self) -> None:
        probability("rare_risk", self.rare_risk)
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
                raise OptionError(f"{f.name}={value!r} is not allowed; give a number above 0")

    def __str__(self) -> str:
        return (
            f"few trials: below {self.few_trials}; enough trials: from {self.enough_trials}; "
            f"few events: below {self.few_events}; rare: risk below "
            f"{100 * self.rare_risk:g}%; follow-up alike: up to {self.follow_up:g}-fold"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Automatic:
    """A request that leaves the method, and the measure unless it is given, to the rules of :func:`select`."""

    measure: Measure | None = None
    conf_level: float = 0.95
    thresholds: Thresholds = Thresholds()

    def __post_init__(self) -> None:
        if self.measure is not None:
            choice("measure", self.measure, MEASURES)
        probability("conf_level", self.conf_level)

    def to_dict(self) -> dict[str, Any]:
        """The request as JSON-ready data."""
        return {"method": AUTOMATIC, **asdict(self)}

    def __str__(self) -> str:
        return f"{self.measure or 'measure and method'} chosen automatically; {100 * self.conf_level:g} % intervals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was chosen, and why.

    Attributes
    ----------
    request : Request
    situation : str
        The rule that applied, in words.
    reason : str
        Why its method suits the situation.
    works : tuple of str
        Keys of the works that it rests on, such as ``stijnen2010``.
    companions : tuple of Request
        What should stand beside the result.
    evidence : Evidence
    thresholds : Thresholds
    fallback : Request or None
        What is used where the chosen method gives no answer.
    """

    request: Request
    situation: str
    reason: str
    works: tuple[str, ...]
    companions: tuple[Request, ...]
    evidence: Evidence
    thresholds: Thresholds
    fallback: Request | None = None

    def without_answer(self, cause: str) -> Selection | None:
        """The choice where the chosen method gave no answer because of ``cause``; None where there is nothing to fall back on."""
        if self.fallback is None:
            return None
        reason = f"{self.reason} It gives no answer here ({cause}), so what stands ready for that is used."
        kept = tuple(request for request in self.companions if request != self.fallback)
        return replace(self, request=self.fallback, reason=reason, companions=kept, fallback=None)

    def to_dict(self) -> dict[str, Any]:
        """The choice as JSON-ready data."""
        return {
            "situation": self.situation,
            "reason": self.reason,
            "works": list(self.works),
            "request": self.request.to_dict(),
            "companions": [request.to_dict() for request in self.companions],
            "evidence": self.evidence.to_dict(),
            "thresholds": asdict(self.thresholds),
        }

    def __str__(self) -> str:
        return f"Chosen automatically ({self.situation}): {self.reason} Evidence: {self.evidence}. Thresholds: {self.thresholds}."
