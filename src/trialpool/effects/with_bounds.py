"""Effects beside contrasts whose events are known within bounds alone, for a likelihood that uses both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trialpool.display import format_number
from trialpool.effects.from_counts import binary_effects
from trialpool.effects.measures import Measure
from trialpool.effects.needs import comparison_for, excluded_for, within_bounds
from trialpool.effects.record import Effects, uncorrected_effects
from trialpool.errors import NotEstimableError
from trialpool.trials import Comparison, Completion, Contrast, complete

__all__ = ["effects_with_bounds"]


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


def _range(contrast: Contrast) -> str:
    """Between which odds ratios the contrast's own lies."""
    bounds = contrast.bounds
    ends: tuple[Completion, ...] = ("favours treatment", "favours control")
    found = [_odds_ratio(*complete(bounds.treatment, bounds.control, end)) for end in ends] if bounds else []
    low, high = ("" if ratio is None else format_number(ratio) for ratio in found or (None, None))
    if low and high:
        return f"; its odds ratio lies between {low} and {high}"
    return f"; its odds ratio is {f'{low} or more' if low else f'{high} or less' if high else 'not bounded'}"


def _odds_ratio(a: float, n1: float, c: float, n2: float) -> float | None:
    """The odds ratio of a table, where it is neither zero nor infinite."""
    b, d = n1 - a, n2 - c
    return a * d / (b * c) if a and b and c and d else None
