"""The door of this layer: a comparison and a measure to Effects, by the form of numbers that the measure needs."""

from __future__ import annotations

from trialpool.checks import choice
from trialpool.effects.from_counts import binary_effects
from trialpool.effects.from_estimates import given_effects
from trialpool.effects.from_means import mean_effects
from trialpool.effects.from_rates import rate_effects
from trialpool.effects.measures import MEASURES, Measure, numbers_of, takes_zero_cells
from trialpool.effects.needs import comparison_for
from trialpool.effects.record import Effects
from trialpool.effects.zero_cells import ZeroCells
from trialpool.errors import OptionError
from trialpool.trials import Comparison

__all__ = ["compute_effects"]


def compute_effects(comparison: Comparison, measure: Measure, zero_cells: ZeroCells | None = None) -> Effects:
    """Effects of a comparison's contrasts.

    Parameters
    ----------
    comparison : Comparison
    measure : str
        One of ``MEASURES``.
    zero_cells : ZeroCells, optional
        No correction unless given; for measures of counts and rates that an empty cell spoils.

    Returns
    -------
    Effects
        Of the contrasts that have what the measure needs: ``effects.comparison`` lists the others as excluded, and holds the
        conversions among its decisions.

    Raises
    ------
    OptionError
        An unknown measure, or a choice that it does not know.
    NotEstimableError
        No contrast has the numbers that the measure needs.

    Examples
    --------
    >>> from trialpool.trials import Contrast, Rates
    >>> rates = (Rates(7, 1344.0), Rates(11, 1988.0))
    >>> bong = Contrast("Bong", "Bong", "coated", "standard", None, None, None, None, rates=rates)
    >>> comparison = Comparison("infection", ("coated",), ("standard",), "combine", (bong,))
    >>> effects = compute_effects(comparison, "rate ratio")
    >>> [round(float(y), 6) for y in effects.estimate], [round(float(v), 6) for v in effects.variance]
    ([-0.060506], [0.233766])
    """
    choice("measure", measure, MEASURES)
    zero_cells = zero_cells or ZeroCells()
    if zero_cells.rule != "none" and not takes_zero_cells(measure):
        raise OptionError(f"the {measure} needs no zero-cell correction; leave zero_cells at 'none'")
    comparison = comparison_for(comparison, measure)
    numbers = numbers_of(measure)
    if numbers == "counts":
        return binary_effects(comparison, measure, zero_cells)
    if numbers == "rates":
        return rate_effects(comparison, measure, zero_cells)
    return mean_effects(comparison, measure) if numbers == "means" else given_effects(comparison, measure)
