"""Effects beside contrasts whose events are known within bounds alone, for a likelihood that uses both."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from trialpool.display import format_number
from trialpool.effects.from_counts import binary_effects
from trialpool.effects.measures import Measure
from trialpool.effects.needs import comparison_for, excluded_for, within_bounds
from trialpool.effects.record import Effects, uncorrected_effects
from trialpool.errors import NotEstimableError
from trialpool.trials import Bounded, Comparison, Completion, Contrast, complete

__all__ = ["effects_with_bounds", "odds_ratio_range", "range_words"]


def effects_with_bounds(comparison: Comparison, measure: Measure) -> Effects:
    """Uncorrected effects of the contrasts with counts; contrasts within bounds stay in the comparison, with the reason.

    Parameters
    ----------
    comparison : Comparison
    measure : str
        A measure of counts.

    Raises
    ------
    NotEstimableError
        No contrast has counts, or bounds of them.

    Examples
    --------
    >>> from trialpool.trials import Bounded, Contrast, Piece
    >>> bounds = Bounded((Piece(0, 4, 100),), (Piece(0, 4, 99),))
    >>> hart = Contrast("Hart", "Hart", "drug", "placebo", None, 100, None, 99, bounds=bounds)
    >>> davis = Contrast("Davis", "Davis", "drug", "placebo", 4, 20, 9, 21)
    >>> both = Comparison("pain", ("drug",), ("placebo",), "combine", (hart, davis))
    >>> effects = effects_with_bounds(both, "odds ratio")
    >>> len(effects.comparison), effects.used.tolist(), effects.reasons[0]
    (2, [1], 'its events are known within bounds alone, 0–4/100 v 0–4/99; its odds ratio is not bounded')
    """
    bounded = [i for i, contrast in enumerate(comparison.contrasts) if contrast.bounded_only]
    others = [i for i in range(len(comparison)) if i not in bounded]
    if not others and not bounded:
        raise NotEstimableError("no trial has counts of events, or bounds of them")
    if any(comparison.contrasts[i].has("counts") for i in others):
        kept = comparison_for(comparison.keep(others), measure)
    else:
        lacking = tuple(excluded_for(comparison.keep(others).contrasts, "counts"))
        kept = replace(comparison.keep([]), excluded=(*comparison.excluded, *lacking))
    labels = set(kept.labels)
    positions = [i for i, c in enumerate(comparison.contrasts) if c.bounded_only or c.label in labels]
    whole = replace(comparison.keep(positions), excluded=kept.excluded, decisions=kept.decisions)
    counted = np.array([i for i, c in enumerate(whole.contrasts) if not c.bounded_only], dtype=np.intp)
    reasons = {i: f"{within_bounds(c)}{_range(c)}" for i, c in enumerate(whole.contrasts) if c.bounded_only}
    if counted.size == 0:
        nothing = np.empty(0)
        return uncorrected_effects(whole, measure, (counted, nothing, nothing), None, reasons)
    found = binary_effects(kept, measure)
    own = {int(counted[i]): reason for i, reason in found.reasons.items()}
    values = counted[found.used], found.estimate, found.variance
    return uncorrected_effects(whole, measure, values, found.covariance, reasons | own)


def odds_ratio_range(bounds: Bounded) -> tuple[float, float] | None:
    """The lowest and the highest odds ratio of the tables within bounds, from 0 to infinity; None where no table has one.

    Examples
    --------
    >>> from trialpool.trials import Piece
    >>> odds_ratio_range(Bounded((Piece(1, 2, 4),), (Piece(0, 2, 4),)))
    (0.3333333333333333, inf)
    """
    low, high = (_odds_ratio(*complete(bounds.treatment, bounds.control, end)) for end in _ENDS)
    # Where the table at one end has none (0 / 0), all others have that of the other end: 0, or infinity.
    low, high = (high if low is None else low), (low if high is None else high)
    return None if low is None or high is None else (low, high)


_ENDS: tuple[Completion, ...] = ("favours treatment", "favours control")
"""The odds ratio rises with the events under treatment and falls with those under control: its extremes are at these ends."""


def range_words(low: float, high: float) -> str:
    """A range of odds ratios in words.

    >>> [range_words(0.5, 2.0), range_words(0.5, math.inf), range_words(0.0, 2.0), range_words(0.0, math.inf)]
    ['between 0.50 and 2.00', '0.50 or more', '2.00 or less', 'not bounded']
    """
    if low == math.inf or high == 0:
        return f"{'infinite' if high else 'zero'} where it is defined"
    shown = format_number(low), format_number(high)
    if low and high < math.inf:
        return f"between {shown[0]} and {shown[1]}"
    return f"{shown[0]} or more" if low else f"{shown[1]} or less" if high < math.inf else "not bounded"


def _range(contrast: Contrast) -> str:
    """Between which odds ratios the contrast's own lies."""
    found = contrast.bounds and odds_ratio_range(contrast.bounds)
    words = range_words(*found) if found else "not defined"
    return f"; its odds ratio {'lies' if words.startswith('between') else 'is'} {words}"


def _odds_ratio(a: float, n1: float, c: float, n2: float) -> float | None:
    """The odds ratio of a table, 0 and infinity among them; None for 0 / 0."""
    above, below = a * (n2 - c), (n1 - a) * c
    return above / below if below else math.inf if above else None
