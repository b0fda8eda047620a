"""One side of a contrast: an arm, or several combined, with its numbers in each form it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from trialpool.display import format_count, format_number
from trialpool.harmonise.conversions import combined_means
from trialpool.harmonise.summaries import means_from_summary, rates_from_follow_up
from trialpool.trials import Arm, Bounds, Decision, Means, Numbers, Outcome, Piece, Rates, Trial, shown_bounds

__all__ = ["FORMS", "Side", "combined", "reporting", "side_of", "split"]

FORMS: tuple[Numbers, ...] = ("counts", "rates", "means", "bounds")
"""The forms that an arm's own numbers can have, in the order in which a comparison looks for them."""


@dataclass(frozen=True, slots=True)
class Side:
    """An arm or several; what was converted on the way is kept by form."""

    label: str
    outcomes: tuple[Outcome, ...]
    counts: tuple[float, float] | None = None
    rates: Rates | None = None
    means: Means | None = None
    bounds: Bounds | None = None
    follow_up_years: float | None = None
    conversions: dict[Numbers, tuple[Decision, ...]] = field(default_factory=dict)

    @property
    def n(self) -> float | None:
        """Participants, where known."""
        if self.counts is not None:
            return self.counts[1]
        if self.bounds is not None:
            return sum(piece.n for piece in self.bounds)
        return self.means.n if self.means is not None else None

    def __str__(self) -> str:
        if self.counts is not None:
            return f"{self.label} {format_count(self.counts[0])}/{format_count(self.counts[1])}"
        if self.rates is not None:
            return f"{self.label} {format_count(self.rates.events)}/{format_number(self.rates.person_years, 1)}"
        if self.bounds is not None:
            return f"{self.label} {shown_bounds(self.bounds)}"
        if self.means is None:
            return self.label
        m = self.means
        return f"{self.label} {format_number(m.mean)} ({format_number(m.sd)}), n {format_count(m.n)}"


def side_of(trial: Trial, arm: Arm, outcome: str) -> Side | None:
    """The numbers of an arm; None where it reports none."""
    found = arm.outcome(outcome)
    if found is None or not found.has_numbers:
        return None
    conversions: dict[Numbers, tuple[Decision, ...]] = {}
    means, rates, counts = found.means, found.rates, found.counts
    if means is None and found.summary is not None:
        means, conversions["means"] = means_from_summary(found.summary, trial.label, arm.label)
    if counts is not None and rates is None:
        if counts.person_years is not None:
            rates = Rates(counts.events, counts.person_years)
        elif counts.follow_up_years is not None:
            rates, conversions["rates"] = rates_from_follow_up(counts, trial.label, arm.label)
    pair = None if counts is None else (counts.events, counts.n)
    follow_up = None if counts is None else counts.follow_up_years
    return Side(arm.label, (found,), pair, rates, means, _bounds(found), follow_up, conversions)


def _bounds(outcome: Outcome) -> Bounds | None:
    counts = outcome.counts
    piece = outcome.bounds if counts is None else Piece(counts.events, counts.events, counts.n, counts.listed_from)
    return None if piece is None else (piece,)


def reporting(sides: Sequence[Side], form: Numbers) -> list[Side]:
    """The sides that have numbers of a form."""
    return [side for side in sides if getattr(side, form) is not None]


def combined(sides: Sequence[Side]) -> Side:
    """Several arms as one group; a form that one of them lacks is lost."""
    if len(sides) == 1:
        return sides[0]
    counts = [side.counts for side in sides if side.counts is not None]
    rates = [side.rates for side in sides if side.rates is not None]
    means = [(m.mean, m.sd, m.n) for side in sides if (m := side.means) is not None]
    bounds = [side.bounds for side in sides if side.bounds is not None]
    years = [side.follow_up_years for side in sides if side.follow_up_years is not None]
    k = len(sides)
    pair = (sum(a for a, _ in counts), sum(n for _, n in counts))
    taken = {form: tuple(d for side in sides for d in side.conversions.get(form, ())) for form in FORMS}
    return Side(
        " + ".join(side.label for side in sides),
        tuple(found for side in sides for found in side.outcomes),
        pair if len(counts) == k else None,
        Rates(sum(r.events for r in rates), sum(r.person_years for r in rates)) if len(rates) == k else None,
        Means(*combined_means(means)) if len(means) == k else None,
        tuple(piece for held in bounds for piece in held) if len(bounds) == k else None,
        sum(y * n for y, (_, n) in zip(years, counts, strict=True)) / pair[1]
        if len(years) == len(counts) == k
        else None,
        {form: decisions for form, decisions in taken.items() if decisions},
    )


def split(side: Side, parts: int) -> Side:
    """An equal share of a side: counts, events, person-years and participants are divided; means stay as they are.

    Bounds are lost: no part of a count has bounds of its own.
    """
    counts, rates, means = side.counts, side.rates, side.means
    return replace(
        side,
        counts=counts and (counts[0] / parts, counts[1] / parts),
        rates=rates and Rates(rates.events / parts, rates.person_years / parts),
        means=means and replace(means, n=means.n / parts),
        bounds=None,
    )
