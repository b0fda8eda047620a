"""What a reader should know about trials that are valid one by one: likely duplicates and odd sizes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from trialpool.checks import quoted
from trialpool.results import Note
from trialpool.trials import Outcome, Trial

__all__ = ["remarks"]


def remarks(trials: tuple[Trial, ...]) -> list[Note]:
    """Notes on labels that are nearly equal, on registry identifiers, and on sizes that differ within an arm."""
    return [
        *_similar_labels(trials),
        *_shared_registry_ids(trials),
        *_several_registry_ids(trials),
        *_differing_sizes(trials),
    ]


def _outcomes(trial: Trial) -> Iterator[Outcome]:
    return (outcome for arm in trial.arms for outcome in arm.outcomes)


def _plain(label: str) -> str:
    """A label without what the eye passes over: case, width, white space and invisible characters."""
    visible = (mark for mark in unicodedata.normalize("NFKC", label) if unicodedata.category(mark) != "Cf")
    return "".join("".join(visible).casefold().split())


def _similar_labels(trials: tuple[Trial, ...]) -> Iterator[Note]:
    for group in _alike(trial.label for trial in trials):
        message = f"trials {quoted(group)} differ only in case or white space; they are kept as {len(group)} trials"
        yield Note("similar-trial-labels", message, "warning", group)
    for group in _alike(arm.treatment for trial in trials for arm in trial.arms):
        studies = tuple(t.label for t in trials if any(arm.treatment in group for arm in t.arms))
        message = f"treatments {quoted(group)} differ only in case or white space; they are kept apart"
        yield Note("similar-treatment-labels", message, "warning", studies)
    for group in _alike(outcome.name for trial in trials for outcome in _outcomes(trial)):
        studies = tuple(t.label for t in trials if any(t.reports(name) for name in group))
        message = f"outcomes {quoted(group)} differ only in case or white space; they are kept apart"
        yield Note("similar-outcome-labels", message, "warning", studies)
    for trial in trials:
        for group in _alike(arm.label for arm in trial.arms if arm.label != arm.treatment):
            message = f"{trial.label}: arms {quoted(group)} differ only in case or white space; they are kept apart"
            yield Note("similar-arm-labels", message, "warning", (trial.label,))


def _alike(labels: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of different labels that look the same."""
    groups: dict[str, dict[str, None]] = {}
    for label in labels:
        groups.setdefault(_plain(label), {})[label] = None
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _registry_ids(trial: Trial) -> tuple[str, ...]:
    """Registry identifiers of a trial; a text without a digit ("not registered") is none."""
    given = (outcome.source.registry_id for outcome in _outcomes(trial))
    return tuple(dict.fromkeys(i.upper() for i in given if any(mark.isdigit() for mark in i)))


def _shared_registry_ids(trials: tuple[Trial, ...]) -> Iterator[Note]:
    holders: dict[str, list[str]] = {}
    for trial in trials:
        for identifier in _registry_ids(trial):
            holders.setdefault(identifier, []).append(trial.label)
    for identifier, labels in holders.items():
        if len(labels) > 1:
            message = f"{identifier} stands with trials {quoted(labels)}; one trial may be published twice"
            yield Note("shared-registry-id", message, "warning", tuple(labels))


def _several_registry_ids(trials: tuple[Trial, ...]) -> Iterator[Note]:
    for trial in trials:
        identifiers = _registry_ids(trial)
        if len(identifiers) > 1:
            message = f"{trial.label} has several registry identifiers: {', '.join(identifiers)}"
            yield Note("several-registry-ids", message, "warning", (trial.label,))


def _differing_sizes(trials: tuple[Trial, ...]) -> Iterator[Note]:
    for trial in trials:
        sizes = {
            arm.label: sorted({n for outcome in arm.outcomes if (n := _size(outcome)) is not None})
            for arm in trial.arms
        }
        ranges = [f"{label} {n[0]:g} to {n[-1]:g}" for label, n in sizes.items() if len(n) > 1]
        if ranges:
            message = f"{trial.label}: participants differ between the outcomes of an arm: {', '.join(ranges)}"
            yield Note("differing-participants", message, "info", (trial.label,))


def _size(outcome: Outcome) -> float | None:
    """Participants of an outcome; None where the row gives none."""
    numbers = outcome.counts or outcome.means or outcome.summary
    return None if numbers is None else numbers.n
