"""The numbers of a contrast's arms as text, in the form that a measure uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from trialpool.display import MISSING, format_count, format_number
from trialpool.trials.bounds import Bounds
from trialpool.trials.contrast import Contrast, Numbers
from trialpool.trials.model import Means, Rates

__all__ = ["ARM_HEADINGS", "arm_totals", "main_numbers", "shown_arms", "shown_bounds"]

ARM_HEADINGS: dict[Numbers, str] = {
    "counts": "events/n",
    "rates": "events/person-years",
    "means": "mean (SD); n",
    "estimate": "n",
    "bounds": "events/n",
}
"""What the numbers of an arm are, by form."""


def main_numbers(contrast: Contrast) -> Numbers:
    """The form to show where no measure is asked for: the first that the contrast has."""
    order: tuple[Numbers, ...] = ("counts", "rates", "means", "bounds")
    return next((numbers for numbers in order if contrast.has(numbers)), "estimate")


def shown_arms(contrast: Contrast, numbers: Numbers | None = None) -> tuple[str, str]:
    """The numbers of the treatment and of the control arm; a dash where there are none.

    >>> shown_arms(Contrast("Hart", "Hart", "BCG", "none", 62, 13598, 248, 12867))
    ('62/13598', '248/12867')
    """
    numbers = numbers or main_numbers(contrast)
    if numbers == "counts" and (counts := contrast.counts) is not None:
        a, n1, c, n2 = map(format_count, counts)
        return f"{a}/{n1}", f"{c}/{n2}"
    if numbers in {"counts", "bounds"} and contrast.bounds is not None:
        return shown_bounds(contrast.bounds.treatment), shown_bounds(contrast.bounds.control)
    if numbers == "rates" and contrast.rates is not None:
        treatment, control = (_rate(rates.events, rates.person_years) for rates in contrast.rates)
        return treatment, control
    if numbers == "means" and contrast.means is not None:
        first, second = (_mean(means) for means in contrast.means)
        return first, second
    return _size(contrast.n_treatment), _size(contrast.n_control)


def shown_bounds(bounds: Bounds) -> str:
    """The sums of the bounds of several arms, over their participants; one number where it is known.

    >>> from trialpool.trials.bounds import Piece
    >>> shown_bounds((Piece(0, 4, 100), Piece(3, 3, 50)))
    '3–7/150'
    """
    return _total([(piece.low, piece.high, piece.n) for piece in bounds])


def _rate(events: float, person_years: float) -> str:
    years = format_count(person_years) if person_years >= 10 else format_number(person_years)
    return f"{format_count(events)}/{years}"


def _mean(means: Means) -> str:
    return f"{format_number(means.mean)} ({format_number(means.sd)}); {format_count(means.n)}"


def _size(n: float | None) -> str:
    return MISSING if n is None else format_count(n)


def arm_totals(treatments: Sequence[Contrast], controls: Sequence[Contrast], numbers: Numbers) -> tuple[str, str]:
    """Sums over the arms as text: events (from to, where bounds are among them) and their denominators, or participants.

    A dash where participants are not known.

    ``controls`` are the contrasts whose control arms count: each shared arm once.
    """
    if numbers == "counts":
        sides = [s for c in treatments for s in _sides(c, 0)], [s for c in controls for s in _sides(c, 1)]
        return _total(sides[0]), _total(sides[1])
    if numbers == "rates":
        treated: list[Rates] = [c.rates[0] for c in treatments if c.rates]
        control: list[Rates] = [c.rates[1] for c in controls if c.rates]
        first, second = (_rate(*_sums([(r.events, r.person_years) for r in side])) for side in (treated, control))
        return first, second
    sizes = [[c.n_treatment for c in treatments], [c.n_control for c in controls]]
    first, second = (MISSING if None in side else format_count(sum(n for n in side if n is not None)) for side in sizes)
    return first, second


def _sides(contrast: Contrast, side: Literal[0, 1]) -> list[tuple[float, float, float]]:
    """Fewest and most events, and participants, of one side of a contrast; nothing where it has no counts."""
    if (counts := contrast.counts) is not None:
        events, n = counts[2 * side : 2 * side + 2]
        return [(events, events, n)]
    bounds = contrast.bounds and (contrast.bounds.treatment, contrast.bounds.control)[side]
    return [(piece.low, piece.high, piece.n) for piece in bounds or ()]


def _total(sides: Sequence[tuple[float, float, float]]) -> str:
    low, high, n = (sum(values) for values in zip(*sides, strict=True)) if sides else (0, 0, 0)
    return f"{_between(low, high)}/{format_count(n)}"


def _between(low: float, high: float) -> str:
    return format_count(low) if low == high else f"{format_count(low)}\N{EN DASH}{format_count(high)}"


def _sums(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(first for first, _ in pairs), sum(second for _, second in pairs)
