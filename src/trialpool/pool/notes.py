"""What a reader of a pooled result must know about the studies in it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from trialpool.display import format_percent, plural
from trialpool.pool.methods import InverseVariance, Request
from trialpool.pool.pooled import StudyResult
from trialpool.results import Note

__all__ = ["RARE_RISK", "study_notes"]

RARE_RISK = 0.01
"""Risk below which inverse-variance pooling is advised against (Cochrane Handbook, section 10.4.4)."""

_FEW_EVENTS = 10
_FEW = 5


def study_notes(studies: Sequence[StudyResult], request: Request) -> tuple[Note, ...]:
    """Notes on studies without an effect, corrected or fractional counts, rare events, few studies, unverified input."""
    found = (
        _no_information(studies),
        _left_out(studies),
        _without_own_effect(studies),
        _corrected(studies, request),
        _fractional(studies),
        _rare(studies, request),
        _few(studies, request),
        _unverified(studies),
    )
    return tuple(note for note in found if note is not None)


def _labels(studies: Sequence[StudyResult]) -> tuple[str, ...]:
    return tuple(study.contrast.label for study in studies)


def _is_uninformative(study: StudyResult) -> bool:
    c = study.contrast
    no_events = c.events_treatment == 0 and c.events_control == 0
    all_events = c.events_treatment == c.n_treatment and c.events_control == c.n_control
    return no_events or all_events


def _no_information(studies: Sequence[StudyResult]) -> Note | None:
    some = [s for s in studies if not s.contributes and _is_uninformative(s)]
    if not some:
        return None
    return Note(
        "double-zero",
        f"{plural(len(some), 'study')} with no events (or no non-events) in both arms: not estimable, listed, not pooled.",
        studies=_labels(some),
    )


def _left_out(studies: Sequence[StudyResult]) -> Note | None:
    some = [s for s in studies if not s.contributes and not _is_uninformative(s)]
    if not some:
        return None
    return Note(
        "zero-cell-left-out",
        f"{plural(len(some), 'study')} with an empty cell left out: inverse variance cannot use it without a correction. "
        "This can bias the result; Mantel-Haenszel or Peto use these studies as they are.",
        "warning",
        _labels(some),
    )


def _without_own_effect(studies: Sequence[StudyResult]) -> Note | None:
    some = [s for s in studies if s.contributes and s.estimate is None]
    if not some:
        return None
    return Note(
        "no-own-effect",
        f"{plural(len(some), 'study')} with no estimable effect alone: part of the pooled estimate all the same; "
        "Q and I2 are over the other studies.",
        studies=_labels(some),
    )


def _corrected(studies: Sequence[StudyResult], request: Request) -> Note | None:
    some = [s for s in studies if any(s.increments)]
    if not some:
        return None
    return Note(
        "zero-cell-correction", f"{plural(len(some), 'study')} corrected: {request.zero_cells}.", studies=_labels(some)
    )


def _fractional(studies: Sequence[StudyResult]) -> Note | None:
    some = [s for s in studies if s.contrast.n_control % 1 or s.contrast.events_control % 1]
    if not some:
        return None
    return Note(
        "split-control",
        "Control arms shared by several arms were split; their counts may be fractions.",
        studies=_labels(some),
    )


def _rare(studies: Sequence[StudyResult], request: Request) -> Note | None:
    if not isinstance(request.method, InverseVariance):
        return None
    events = sum(s.contrast.events_treatment + s.contrast.events_control for s in studies)
    people = sum(s.contrast.n_treatment + s.contrast.n_control for s in studies)
    per_study = median(s.contrast.events_treatment + s.contrast.events_control for s in studies)
    if events >= RARE_RISK * people or per_study >= _FEW_EVENTS:
        return None
    return Note(
        "rare-events",
        f"Events are rare ({format_percent(events / people)}, half of the studies with {per_study:g} or fewer): inverse-variance "
        f"pooling is advised against below {format_percent(RARE_RISK, 0)} (Cochrane Handbook 10.4.4); use Mantel-Haenszel or Peto.",
        "warning",
    )


def _few(studies: Sequence[StudyResult], request: Request) -> Note | None:
    k = len({s.contrast.trial for s in studies if s.contributes})  # contrasts of one trial say little more than one
    if request.model != "random" or k >= _FEW:
        return None
    return Note(
        "few-studies", f"Only {k} trials: the between-study variance, and any interval that rests on it, is uncertain."
    )


def _unverified(studies: Sequence[StudyResult]) -> Note | None:
    some = [s for s in studies if s.contrast.unverified]
    if not some:
        return None
    return Note(
        "unverified-input",
        f"{plural(len(some), 'study')} with counts that nothing confirms: this result rests on unverified input.",
        "warning",
        _labels(some),
    )
