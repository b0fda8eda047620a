"""Effect measures: their names, the scale they are pooled on, and how they are displayed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["MEASURES", "Measure", "Scale", "scale_of"]

Measure = Literal["risk ratio", "odds ratio", "risk difference", "Peto odds ratio"]
MEASURES: tuple[Measure, ...] = get_args(Measure)


@dataclass(frozen=True, slots=True)
class Scale:
    """The working scale of a measure and the way back to the displayed one.

    >>> scale_of("risk ratio").display(0.0)
    1.0
    """

    abbreviation: str
    working_name: str
    logarithmic: bool

    @property
    def null(self) -> float:
        """The displayed value that means no difference."""
        return 1.0 if self.logarithmic else 0.0

    def display(self, value: float) -> float:
        """From the working scale to the displayed scale."""
        if not self.logarithmic:
            return value
        return math.exp(value) if value < 709.0 else math.inf

    def display_optional(self, value: float | None) -> float | None:
        """Like :meth:`display`, for a value that may be not estimable."""
        return None if value is None else self.display(value)


_SCALES: dict[Measure, Scale] = {
    "risk ratio": Scale("RR", "log risk ratio", True),
    "odds ratio": Scale("OR", "log odds ratio", True),
    "risk difference": Scale("RD", "risk difference", False),
    "Peto odds ratio": Scale("Peto OR", "log Peto odds ratio", True),
}


def scale_of(measure: Measure) -> Scale:
    """The scale of a measure."""
    return _SCALES[measure]
