"""A comparison of two treatments on one outcome: the contrasts that every effect is computed from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import quoted
from trialpool.choices import MULTI_ARM, MultiArm
from trialpool.display import clean_text, escape_html, html_table, plural
from trialpool.errors import OptionError
from trialpool.trials.contrast import Contrast, Decision
from trialpool.trials.show import shown_arms

__all__ = ["MULTI_ARM", "Comparison", "Exclusion", "MultiArm"]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A trial that does not enter a comparison, and why."""

    trial: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """The exclusion as JSON-ready data."""
        return {"trial": self.trial, "reason": self.reason}


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """The contrasts of one outcome, with the trials left out and the decisions taken.

    ``covariate_conflicts`` names, per covariate, the contrasts whose arms disagree on it.
    """

    outcome: str
    treatments: tuple[str, ...]
    controls: tuple[str, ...]
    multi_arm: MultiArm
    contrasts: tuple[Contrast, ...]
    excluded: tuple[Exclusion, ...] = ()
    decisions: tuple[Decision, ...] = ()
    covariate_conflicts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.contrasts)

    def __repr__(self) -> str:
        return f"{clean_text(self._title)}\n{self._sizes}"

    def _repr_html_(self) -> str:
        rows = [(c.label, *shown_arms(c)) for c in self.contrasts]
        table = html_table(("Study", self.treatment, self.control), rows, caption=self._title)
        return f"{table}<p>{escape_html(self._sizes)}</p>"

    @property
    def _title(self) -> str:
        return f"{self.outcome}: {self.treatment} v {self.control}"

    @property
    def _sizes(self) -> str:
        contrasts = f"{plural(len(self), 'contrast')} from {plural(self.trial_count, 'trial')}"
        return f"{contrasts}; {plural(len(self.excluded), 'trial')} excluded; {plural(len(self.decisions), 'decision')} taken"

    @property
    def treatment(self) -> str:
        """The treatment side in words."""
        return " or ".join(self.treatments)

    @property
    def control(self) -> str:
        """The control side in words."""
        return " or ".join(self.controls)

    @property
    def multi_arm_trials(self) -> tuple[str, ...]:
        """Trials with several active arms, for which ``multi_arm`` decides."""
        return tuple(decision.trial for decision in self.decisions if decision.step == "multi-arm")

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each contrast."""
        return tuple(contrast.label for contrast in self.contrasts)

    @property
    def trial_count(self) -> int:
        """How many trials the contrasts come from."""
        return len({contrast.trial for contrast in self.contrasts})

    @property
    def has_shared_controls(self) -> bool:
        """Whether two contrasts use the same control arm."""
        return self.multi_arm == "shared" and self.trial_count < len(self.contrasts)

    def tables(self) -> NDArray[np.float64]:
        """Counts of shape (4, K): treatment events, treatment n, control events, control n.

        Raises
        ------
        OptionError
            A contrast has no counts.
        """
        rows = [contrast.counts for contrast in self.contrasts]
        if None in rows:
            lacking = [contrast.label for contrast in self.contrasts if contrast.counts is None]
            raise OptionError(
                f"{quoted(lacking)} {'have' if len(lacking) > 1 else 'has'} no counts of events in both arms"
            )
        return np.array(rows, dtype=np.float64).reshape(-1, 4).T

    def rates(self) -> NDArray[np.float64]:
        """Treatment events and person-years, control events and person-years, of shape (4, K).

        Raises
        ------
        OptionError
            A contrast has no rates.
        """
        pairs = [contrast.rates for contrast in self.contrasts]
        if None in pairs:
            lacking = [contrast.label for contrast in self.contrasts if contrast.rates is None]
            raise OptionError(f"{quoted(lacking)} {'have' if len(lacking) > 1 else 'has'} no person-years in both arms")
        rows = [(a.events, a.person_years, c.events, c.person_years) for a, c in (pair for pair in pairs if pair)]
        return np.array(rows, dtype=np.float64).reshape(-1, 4).T

    def clusters(self) -> NDArray[np.intp]:
        """Index of the trial of each contrast, of shape (K,)."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(c.trial, len(numbers)) for c in self.contrasts], dtype=np.intp)

    def keep(self, indices: Iterable[int]) -> Comparison:
        """The same comparison with only the contrasts at these positions."""
        return replace(self, contrasts=tuple(self.contrasts[i] for i in indices))
