"""A published result beside ours: equal at the printed digits, or not, and what the input lacks."""

from __future__ import annotations

from collections.abc import Iterator

from trialpool.analysis.records import PublishedComparison, PublishedResult
from trialpool.display import format_count, plural
from trialpool.pool import Pooled
from trialpool.trials import Comparison, Contrast

__all__ = ["compare_with_published"]

_MOST_TRIALS_NAMED = 8


def compare_with_published(
    published: PublishedResult, pooled: Pooled | None, comparison: Comparison | None
) -> PublishedComparison:
    """Compare at the decimals that were printed; nothing is tuned to agree.

    ``comparison`` is None where no trial of the input compares the two treatments on the outcome.
    """
    lacks = tuple(_lacks(published, comparison))
    if pooled is None:
        return PublishedComparison(
            published, None, "There is no pooled result here to compare with the published one.", lacks
        )
    if published.measure and published.measure != pooled.request.measure:
        quantities = f"The published result is of the {published.measure}, this one of the {pooled.request.measure}"
        return PublishedComparison(published, None, f"{quantities}: they are not the same quantity.", lacks)
    theirs = (published.estimate, published.conf_low, published.conf_high)
    names = ("estimate", "lower limit", "upper limit")
    unequal = [
        name
        for name, ours, printed, digits in zip(names, pooled.displayed, theirs, published.digits, strict=True)
        if not _rounds_to(ours, printed, digits)
    ]
    if not unequal:
        return PublishedComparison(published, True, "Equal to the published result at its printed decimals.", lacks)
    return PublishedComparison(published, False, f"Differs from the published result in {', '.join(unequal)}.", lacks)


def _rounds_to(number: float, printed: float, digits: int) -> bool:
    """Whether a number is rounded to the printed one; a half may be rounded either way."""
    return abs(number - printed) <= 0.5 * 10.0**-digits * (1 + 1e-9)


def _lacks(published: PublishedResult, comparison: Comparison | None) -> Iterator[str]:
    trials = comparison.trial_count if comparison else 0
    if published.trials is not None and trials != published.trials:
        yield f"The input has {plural(trials, 'trial')} with this outcome; the publication pooled {published.trials}."
    people = _participants(comparison) if comparison else 0.0
    if published.participants is not None and people is not None and round(people) != published.participants:
        yield (
            f"The input has {format_count(people)} participants with this outcome; "
            f"the publication had {published.participants}."
        )
    contrasts = comparison.contrasts if comparison else ()
    for level, words in (
        ("unverified", "Nothing confirms the counts of"),
        ("corroborated", "Confirmed only by totals or published results, not read in their source, are the counts of"),
    ):
        names = dict.fromkeys(c.trial for c in contrasts if any(source.verification == level for source in c.sources))
        if names:
            all_of_many = len(names) == trials > _MOST_TRIALS_NAMED
            yield f"{words} {f'all {trials} trials' if all_of_many else ', '.join(names)}."


def _participants(comparison: Comparison) -> float | None:
    """Participants of both sides, None where a contrast does not state them; a shared control arm counts once."""
    contrasts = comparison.contrasts
    controls: list[Contrast] = list(contrasts)
    if comparison.has_shared_controls:
        controls = list({contrast.trial: contrast for contrast in contrasts}.values())
    sizes = [*(c.n_treatment for c in contrasts), *(c.n_control for c in controls)]
    known = [n for n in sizes if n is not None]
    return sum(known) if len(known) == len(sizes) else None
