"""One treatment on its own: an arm of each trial, without a comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.display import clean_text, plural
from trialpool.trials.comparison import Exclusion
from trialpool.trials.contrast import Decision
from trialpool.trials.source import Source

__all__ = ["ArmEvents", "SingleArm"]


@dataclass(frozen=True, slots=True)
class ArmEvents:
    """The events of one treatment in one trial, with the participants, the person-years, or both."""

    trial: str
    label: str
    events: float
    n: float | None = None
    person_years: float | None = None
    sources: tuple[Source, ...] = ()
    conversions: tuple[Decision, ...] = ()

    @property
    def unverified(self) -> bool:
        """Whether any of its numbers is unverified."""
        return any(source.verification == "unverified" for source in self.sources)


@dataclass(frozen=True, slots=True, repr=False)
class SingleArm:
    """One outcome of one treatment in several trials, with the trials left out and the decisions taken."""

    outcome: str
    treatments: tuple[str, ...]
    arms: tuple[ArmEvents, ...]
    excluded: tuple[Exclusion, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def __len__(self) -> int:
        return len(self.arms)

    def __repr__(self) -> str:
        sizes = f"{plural(len(self), 'trial')}; {plural(len(self.excluded), 'trial')} excluded"
        return f"{clean_text(self.outcome)}: {clean_text(self.treatment)}\n{sizes}"

    @property
    def treatment(self) -> str:
        """The treatment in words."""
        return " or ".join(self.treatments)

    def table(self, denominator: str) -> NDArray[np.float64]:
        """Events and ``"n"`` or ``"person_years"``, of shape (2, K); NaN where an arm does not have it."""
        sizes = [getattr(arm, denominator) for arm in self.arms]
        events = [arm.events for arm in self.arms]
        return np.array([events, [np.nan if size is None else size for size in sizes]], dtype=np.float64)
