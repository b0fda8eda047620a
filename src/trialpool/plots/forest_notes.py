"""The footnotes of a forest plot, and the marks of the studies they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trialpool.display import clean_text
from trialpool.effects import ZeroCells
from trialpool.plots.forest_ranges import Ranges, range_key
from trialpool.pool import StudyResult

__all__ = ["Footnotes", "reason_sign"]

_CORRECTED, _UNVERIFIED = "†", "‡"
_REASONS = ("§", "¶", "#", "‖")


@dataclass(frozen=True, slots=True)
class Footnotes:
    """The footnotes that a set of studies needs.

    Attributes
    ----------
    reasons : mapping
        Why studies have no effect of their own: from what is common to the studies to the footnote.
    corrected, unverified : bool
        Whether any study's counts are.
    ranges : mapping
        The ranges of odds ratios that are drawn; what they are is common to their studies.
    """

    reasons: Mapping[tuple[bool, str], str]
    corrected: bool
    unverified: bool
    ranges: Ranges

    @classmethod
    def of(cls, studies: Sequence[StudyResult], ranges: Ranges) -> Footnotes:
        """The footnotes of these studies, reasons in order of appearance."""
        return cls(
            {
                _key(study, ranges): _of_range(study) if range_key(study) in ranges else _reason(study)
                for study in studies
                if study.estimate is None
            },
            any(any(study.increments) for study in studies),
            any(study.contrast.unverified for study in studies),
            ranges,
        )

    def marks(self, study: StudyResult) -> str:
        """The marks of a study, after a thin space; nothing if it needs none."""
        marks = _CORRECTED if any(study.increments) else ""
        marks += _UNVERIFIED if study.contrast.unverified else ""
        if study.estimate is None:
            marks += reason_sign(list(self.reasons).index(_key(study, self.ranges)))
        return f"\N{THIN SPACE}{marks}" if marks else ""

    def lines(self, zero_cells: ZeroCells) -> Iterator[str]:
        """The footnotes themselves."""
        if self.corrected:
            yield f"{_CORRECTED} Counts of this study were corrected for an empty cell: {zero_cells}."
        if self.unverified:
            yield f"{_UNVERIFIED} Rests on at least one count that is unverified."
        for number, text in enumerate(self.reasons.values()):
            yield f"{reason_sign(number)} {text}"


def _key(study: StudyResult, ranges: Ranges) -> tuple[bool, str]:
    """Studies with the same reason are told apart by whether their counts still enter the pooled estimate."""
    return study.contributes, "range" if range_key(study) in ranges else f"reason {study.reason}"


def _of_range(study: StudyResult) -> str:
    pooled = "The bounds enter the pooled estimate." if study.contributes else "Not pooled."
    return (
        "Events known within bounds alone. Open bar: from the lowest to the highest odds ratio that the bounds allow; "
        f"not a confidence interval, sampling error comes on top. {pooled}"
    )


def _reason(study: StudyResult) -> str:
    reason = clean_text(study.reason).replace(": ", "; ") or "no reason is given"
    if study.contributes:
        return f"Not estimable alone ({reason}), but its counts enter the pooled estimate."
    return f"Not estimable: {reason}."


def reason_sign(number: int) -> str:
    """The footnote sign of a number: each sign once, then each twice, and so on.

    >>> [reason_sign(i) for i in range(6)]
    ['§', '¶', '#', '‖', '§§', '¶¶']
    """
    return _REASONS[number % len(_REASONS)] * (1 + number // len(_REASONS))
