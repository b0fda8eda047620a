"""The trials that two extractions treat differently: used in one, left out or not there in the other, and why."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trialpool.errors import InputError
from trialpool.registry.extract.write import EXCLUDED, MANIFEST, PROGRAM
from trialpool.trials import Trial

__all__ = ["ExtractedTrials", "TrialChange", "extracted_trials", "trial_changes"]

_USED, _NOT_THERE, _NOT_IN_TABLE = "used", "no record mentioned the treatment", "not in the table"

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ExtractedTrials:
    """What an extraction did with each trial.

    Attributes
    ----------
    used : frozenset of (str, str)
        Registry identifier, or the trial's label where it has none, and outcome.
    left_out : mapping of (str, str) to str
        The reason; the outcome is empty where it holds for all.
    versions : mapping of str to str
        Of the records that were looked at, used or left out.
    known : bool
        Whether the folder holds an extraction, which names what it left out; a review by hand does not.
    """

    used: frozenset[_Key]
    left_out: Mapping[_Key, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    known: bool = False

    def state(self, trial: str, outcome: str) -> str:
        """``used``, why it is left out, or that it is not there."""
        if (trial, outcome) in self.used:
            return _USED
        if not self.known:
            return _NOT_IN_TABLE
        return self.left_out.get((trial, outcome)) or self.left_out.get((trial, ""), _NOT_THERE)


@dataclass(frozen=True, slots=True)
class TrialChange:
    """What became of a trial: ``before`` and ``after`` are ``used``, or why not; ``outcome`` is empty where it holds for all."""

    registry_id: str
    outcome: str
    before: str
    after: str
    version_before: str
    version_after: str


def extracted_trials(folder: Path, trials: Iterable[Trial]) -> ExtractedTrials:
    """What the extraction in a folder did with each trial.

    Parameters
    ----------
    folder : Path
        With ``extraction.json`` and ``excluded.csv``; without them, only what is used is known.
    trials : iterable of Trial
        Of its table.

    Raises
    ------
    InputError
        One of the files cannot be read.
    """
    used = frozenset(
        (outcome.source.registry_id or trial.label, outcome.name)
        for trial in trials
        for arm in trial.arms
        for outcome in arm.outcomes
    )
    versions = _versions(folder / MANIFEST)
    return ExtractedTrials(used) if versions is None else ExtractedTrials(used, _left_out(folder), versions, True)


def trial_changes(before: ExtractedTrials, after: ExtractedTrials) -> tuple[TrialChange, ...]:
    """The trials of which two extractions say different things, by identifier.

    Examples
    --------
    >>> old = ExtractedTrials(frozenset(), {("NCT00000102", ""): "no results are posted"}, {"NCT00000102": "2025-01-31"}, True)
    >>> new = ExtractedTrials(frozenset({("NCT00000102", "nausea")}), {}, {"NCT00000102": "2026-01-31"}, True)
    >>> [(c.registry_id, c.before, c.after, c.version_after) for c in trial_changes(old, new)]
    [('NCT00000102', 'no results are posted', 'used', '2026-01-31')]
    """
    keys = {*before.used, *after.used}
    if before.known and after.known:
        keys |= {*before.left_out, *after.left_out}
    outcomes = sorted({outcome for _, outcome in keys} - {""}) or [""]
    trials = sorted({trial for trial, _ in keys})
    return tuple(change for trial in trials for change in _of_trial(trial, outcomes, before, after))


def _of_trial(
    trial: str, outcomes: list[str], before: ExtractedTrials, after: ExtractedTrials
) -> Iterator[TrialChange]:
    states = {outcome: (before.state(trial, outcome), after.state(trial, outcome)) for outcome in outcomes}
    if len(set(states.values())) == 1:
        states = {"": next(iter(states.values()))}
    for outcome, (old, new) in states.items():
        if old != new and ((before.known and after.known) or _USED in (old, new)):
            versions = before.versions.get(trial, ""), after.versions.get(trial, "")
            yield TrialChange(trial, outcome, old, new, *versions)


def _versions(manifest: Path) -> dict[str, str] | None:
    """Versions by trial; None where the folder holds no extraction."""
    if not manifest.exists():
        return None
    try:
        document: Any = json.loads(manifest.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{manifest} cannot be read ({error}); extract again") from None
    if not isinstance(document, dict) or document.get("program") != PROGRAM:
        return None
    versions = document.get("versions")
    if not isinstance(versions, dict):
        raise InputError(f"{manifest} names no versions of records; extract again")
    return {str(trial): str(version) for trial, version in versions.items()}


def _left_out(folder: Path) -> dict[_Key, str]:
    file = folder / EXCLUDED
    try:
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
        return {(row["registry_id"], row["outcome"]): row["reason"] for row in rows}
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise InputError(f"{file} cannot be read ({error}); extract again") from None
