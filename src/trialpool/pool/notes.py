"""What a reader of a pooled result must know about the studies in it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from trialpool.display import format_percent, plural
from trialpool.effects import numbers_of
from trialpool.pool.methods import InverseVariance, MantelHaenszel
from trialpool.pool.pooled import StudyResult
from trialpool.pool.request import Request
from trialpool.results import Note

__all__ = ["RARE_RISK", "study_notes"]

RARE_RISK = 0.01
"""Risk below which inverse-variance pooling is advised against (Cochrane Handbook, section 10.4.4)."""

_FEW_EVENTS = 10
_FEW = 5


def study_notes(studies: Sequence[StudyResult], request: Request) -> tuple[Note, ...]:
    """Notes on studies without an effect, corrected or fractional counts, rare events, few studies, unverified input."""
    found = (
        _no_information(studies, request),
        _left_out(studies, request),
        _not_estimable(studies, request),
        _without_own_effect(studies),
        _zero_weight(studies, request),
        _corrected(studies, request),
        _fractional(studies),
        _rare(studies, request),
        _few(studies, request),
        _several_measures(studies),
        _unverified(studies, request),
    )
    return tuple(note for note in found if note is not None)


def _labels(studies: Sequence[StudyResult]) -> tuple[str, ...]:
    return tuple(study.contrast.label for study in studies)


def _has_events(request: Request) -> bool:
    """Whether the measure is one of events, with cells that can be empty."""
    return numbers_of(request.measure) in ("counts", "rates")


def _is_uninformative(study: StudyResult, request: Request) -> bool:
    c = study.contrast
    if numbers_of(request.measure) == "rates":
        return c.rates is not None and all(rates.events == 0 for rates in c.rates)
    if c.counts is None:
        return False
    a, n1, c_events, n2 = c.counts
    return (a == 0 and c_events == 0) or (a == n1 and c_events == n2)


def _no_information(studies: Sequence[StudyResult], request: Request) -> Note | None:
    some = [s for s in studies if not s.contributes and _is_uninformative(s, request)] if _has_events(request) else []
    if not some:
        return None
    or_all = " (or no non-events)" if numbers_of(request.measure) == "counts" else ""
    message = f"{plural(len(some), 'study')} with no events{or_all} in both arms: not estimable, listed, not pooled."
    differences = ("risk difference", "rate difference")
    if request.measure in differences and isinstance(request.method, InverseVariance):
        biased = "They show no difference: leaving them out moves the result away from 0. Mantel-Haenszel uses them."
        return Note("double-zero", f"{message} {biased}", "warning", _labels(some))
    return Note("double-zero", message, studies=_labels(some))


def _left_out(studies: Sequence[StudyResult], request: Request) -> Note | None:
    some = [s for s in studies if not (s.contributes or s.contrast.bounded_only or _is_uninformative(s, request))]
    if not some or not _has_events(request):
        return None
    if request.measure == "risk difference":
        what = "a variance of zero (all of one arm and none of the other had the event)"
    else:
        what = "an empty cell"
    use = "use" if request.measure == "odds ratio" else "uses"
    return Note(
        "zero-cell-left-out",
        f"{plural(len(some), 'study')} with {what} left out: inverse variance cannot use it without a correction. "
        f"This can bias the result; {_without_correction(request)} {use} these studies as they are.",
        "warning",
        _labels(some),
    )


def _not_estimable(studies: Sequence[StudyResult], request: Request) -> Note | None:
    some = [s for s in studies if not s.contributes]
    if not some or _has_events(request):
        return None
    reasons = "; ".join(dict.fromkeys(s.reason for s in some))
    return Note("not-estimable", f"{plural(len(some), 'study')} left out: {reasons}.", "warning", _labels(some))


def _without_correction(request: Request) -> str:
    """The methods that pool this measure of rare events uncorrected; Peto's is an odds ratio and no other measure."""
    return "Mantel-Haenszel or Peto" if request.measure == "odds ratio" else "Mantel-Haenszel"


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


def _zero_weight(studies: Sequence[StudyResult], request: Request) -> Note | None:
    some = [s for s in studies if s.contributes and s.weight == 0]
    if not some or not isinstance(request.method, MantelHaenszel):
        return None
    or_all = " (or no non-events in the treatment arm)" if request.measure == "odds ratio" else ""
    return Note(
        "zero-weight",
        f"{plural(len(some), 'study')} with no events in the control arm{or_all}: "
        "the weight in the sum is zero although the events count.",
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
    some = [s for s in studies if any(number % 1 for number in _control_numbers(s))]
    if not some:
        return None
    return Note(
        "split-control",
        "Control arms shared by several arms were split; their counts may be fractions.",
        studies=_labels(some),
    )


def _control_numbers(study: StudyResult) -> tuple[float, ...]:
    """Numbers of the control arm that are whole where it was not split."""
    c = study.contrast
    found = (c.events_control, c.n_control, c.rates and c.rates[1].events, c.means and c.means[1].n)
    return tuple(number for number in found if number is not None)


def _rare(studies: Sequence[StudyResult], request: Request) -> Note | None:
    tables = [s.contrast.counts for s in studies if s.contrast.counts is not None]
    advised_against = isinstance(request.method, InverseVariance) and request.measure != "arcsine difference"
    if not advised_against or numbers_of(request.measure) != "counts" or not tables:
        return None
    events = sum(a + c for a, _, c, _ in tables)
    people = sum(n1 + n2 for _, n1, _, n2 in tables)
    per_study = median(a + c for a, _, c, _ in tables)
    if events >= RARE_RISK * people or per_study >= _FEW_EVENTS:
        return None
    return Note(
        "rare-events",
        f"Events are rare ({format_percent(events / people)}, half of the studies with {per_study:g} or fewer): inverse-variance "
        f"pooling is advised against below {format_percent(RARE_RISK, 0)} (Cochrane Handbook 10.4.4); "
        f"use {_without_correction(request)}.",
        "warning",
    )


def _few(studies: Sequence[StudyResult], request: Request) -> Note | None:
    k = len({s.contrast.trial for s in studies if s.contributes})  # contrasts of one trial say little more than one
    if request.model != "random" or k >= _FEW:
        return None
    return Note(
        "few-studies", f"Only {k} trials: the between-study variance, and any interval that rests on it, is uncertain."
    )


def _several_measures(studies: Sequence[StudyResult]) -> Note | None:
    """Adjusted and unadjusted effects of one kind; ratios of odds and hazards are not collapsible (Daniel 2021)."""
    given = [(s, s.contrast.given.measure) for s in studies if s.contrast.given and s.contrast.given.measure]
    names = list(dict.fromkeys(name for _, name in given))
    if len(names) < 2:
        return None
    return Note(
        "several-measures",
        f"The table calls the estimates {', '.join(names)}: adjusted and unadjusted effects are different quantities.",
        "warning",
        _labels([study for study, _ in given]),
    )


def _unverified(studies: Sequence[StudyResult], request: Request) -> Note | None:
    some = [s for s in studies if s.contributes and s.contrast.unverified]
    if not some:
        return None
    what = "counts" if _has_events(request) else "numbers"
    return Note(
        "unverified-input",
        f"{plural(len(some), 'study')} with {what} that nothing confirms: this result rests on unverified input.",
        "warning",
        _labels(some),
    )
