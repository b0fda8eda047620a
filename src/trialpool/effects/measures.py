"""Effect measures: their names, the numbers they need, the scale they are pooled on, and how they are displayed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from trialpool.choices import MEASURES, Measure
from trialpool.trials import Comparison, Numbers

__all__ = ["MEASURES", "Measure", "Scale", "measure_name", "numbers_of", "scale_of", "takes_zero_cells"]


@dataclass(frozen=True, slots=True)
class Scale:
    """The working scale of a measure and the way back to the displayed one; ``digits`` are the decimals it is shown with.

    >>> scale_of("risk ratio").display(0.0)
    1.0
    """

    abbreviation: str
    working_name: str
    logarithmic: bool
    digits: int = 2

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
    "risk difference": Scale("RD", "risk difference", False, 3),
    "Peto odds ratio": Scale("Peto OR", "log Peto odds ratio", True),
    "arcsine difference": Scale("AD", "arcsine difference", False, 3),
    "complementary log-log hazard ratio": Scale("HR", "difference of complementary log-logs", True),
    "rate ratio": Scale("IRR", "log rate ratio", True),
    "rate difference": Scale("IRD", "rate difference", False, 3),
    "mean difference": Scale("MD", "mean difference", False),
    "standardised mean difference": Scale("SMD", "standardised mean difference", False),
    "ratio of means": Scale("RoM", "log ratio of means", True),
    "hazard ratio": Scale("HR", "log hazard ratio", True),
    "generic ratio": Scale("Ratio", "log ratio", True),
    "generic difference": Scale("Difference", "difference", False),
}

_NUMBERS: dict[Numbers, tuple[Measure, ...]] = {
    "rates": ("rate ratio", "rate difference"),
    "means": ("mean difference", "standardised mean difference", "ratio of means"),
    "estimate": ("hazard ratio", "generic ratio", "generic difference"),
}
_NUMBERS_OF: dict[Measure, Numbers] = {measure: form for form, measures in _NUMBERS.items() for measure in measures}
_WITHOUT_ZERO_CELLS = ("Peto odds ratio", "arcsine difference")


def scale_of(measure: Measure) -> Scale:
    """The scale of a measure."""
    return _SCALES[measure]


def numbers_of(measure: Measure) -> Numbers:
    """The form of numbers that a measure needs.

    >>> numbers_of("odds ratio"), numbers_of("rate ratio"), numbers_of("mean difference"), numbers_of("hazard ratio")
    ('counts', 'rates', 'means', 'estimate')
    """
    return _NUMBERS_OF.get(measure, "counts")


def measure_name(comparison: Comparison, measure: Measure) -> str:
    """What an effect is called: for given effects, the one name that the table has for them."""
    stated = {c.given.measure for c in comparison.contrasts if c.given} if numbers_of(measure) == "estimate" else set()
    return stated.pop() or measure if len(stated) == 1 else measure


def takes_zero_cells(measure: Measure) -> bool:
    """Whether a zero-cell rule has a meaning for a measure: one of counts or rates that an empty cell spoils."""
    return numbers_of(measure) in ("counts", "rates") and measure not in _WITHOUT_ZERO_CELLS
