"""A published result beside ours: equal at the printed digits, or not, and what the input lacks."""

from __future__ import annotations

from collections.abc import Sequence

from trialpool.analysis.records import PublishedComparison, PublishedResult
from trialpool.display import format_count, plural
from trialpool.pool import Pooled, StudyResult

__all__ = ["compare_with_published"]


def compare_with_published(
    published: PublishedResult, pooled: Pooled | None, studies: Sequence[StudyResult]
) -> PublishedComparison:
    """Compare at the decimals that were printed; nothing is tuned to agree."""
    lacks = tuple(_lacks(published, studies))
    if pooled is None:
        return PublishedComparison(
            published, None, "There is no pooled result here to compare with the published one.", lacks
        )
    theirs = (published.estimate, published.conf_low, published.conf_high)
    pairs = list(zip(("estimate", "lower limit", "upper limit"), pooled.displayed, theirs, strict=True))
    if published.measure and published.measure != pooled.request.measure:
        message = f"The published result is a {published.measure}, this one a {pooled.request.measure}: not the same quantity."
        return PublishedComparison(published, None, message, lacks)
    unequal = [
        name for name, ours, printed in pairs if _rounded(ours, published.digits) != _rounded(printed, published.digits)
    ]
    if not unequal:
        return PublishedComparison(
            published, True, f"Equal to the published result at its {published.digits} decimals.", lacks
        )
    return PublishedComparison(published, False, f"Differs from the published result in {', '.join(unequal)}.", lacks)


def _rounded(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"


def _lacks(published: PublishedResult, studies: Sequence[StudyResult]) -> list[str]:
    sentences = []
    trials = {study.contrast.trial for study in studies}
    if published.trials is not None and len(trials) != published.trials:
        sentences.append(
            f"The input has {plural(len(trials), 'trial')} with this outcome; the publication pooled {published.trials}."
        )
    people = sum(study.contrast.n_treatment + study.contrast.n_control for study in studies)
    if published.participants is not None and people != published.participants:
        sentences.append(
            f"The input has {format_count(people)} participants with this outcome; the publication had {published.participants}."
        )
    for level, words in (
        ("unverified", "nothing confirms the counts of"),
        ("corroborated", "confirmed only by totals or published results, not read in their source, are the counts of"),
    ):
        rows = [s.contrast.trial for s in studies if any(source.verification == level for source in s.contrast.sources)]
        if rows:
            sentences.append(f"{words[0].upper()}{words[1:]} {', '.join(dict.fromkeys(rows))}.")
    return sentences
