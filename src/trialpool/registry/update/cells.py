"""Two tables of trial arms, compared cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from trialpool.trials import Arm, Outcome, Trial

__all__ = ["CellChange", "cell_changes"]

Change = Literal["added", "removed", "changed"]

_NUMBERS = ("events", "events_low", "events_high", "n", "listed_from")


@dataclass(frozen=True, slots=True)
class CellChange:
    """One number of one arm that differs; ``before`` and ``after`` are empty where the cell was, or is, empty.

    Where an arm was added or removed, every number that it has is a change.
    """

    trial: str
    registry_id: str
    arm: str
    treatment: str
    outcome: str
    change: Change
    number: str
    before: str
    after: str
    source_before: str
    source_after: str


_Key = tuple[str, str, str, str]
_Held = tuple[Trial, Arm, Outcome]


def cell_changes(before: Iterable[Trial], after: Iterable[Trial]) -> tuple[CellChange, ...]:
    """The cells in which two versions of a table differ, in the order of the newer table, removed arms last.

    An arm is the same where registry identifier (or, without one, the trial's label), treatment, arm and outcome are.

    Parameters
    ----------
    before, after : iterable of Trial

    Examples
    --------
    >>> import trialpool as tp
    >>> row = {"trial": "Hart", "treatment": "drug", "outcome": "rash", "n": 20}
    >>> old, new = (tp.read_table([row | {"events": events}]).trials for events in (3, 4))
    >>> [(c.change, c.number, c.before, c.after) for c in cell_changes(old, new)]
    [('changed', 'events', '3', '4')]
    """
    old, new = _by_key(before), _by_key(after)
    found = [change for key, held in new.items() for change in _changes(old.get(key), held)]
    gone = (change for key, held in old.items() if key not in new for change in _changes(held, None))
    return (*found, *gone)


def _by_key(trials: Iterable[Trial]) -> dict[_Key, _Held]:
    return {
        (outcome.source.registry_id or trial.label, arm.treatment, arm.label, outcome.name): (trial, arm, outcome)
        for trial in trials
        for arm in trial.arms
        for outcome in arm.outcomes
    }


def _changes(before: _Held | None, after: _Held | None) -> Iterator[CellChange]:
    trial, arm, outcome = after or before  # type: ignore[misc]  # one of them is there
    change: Change = "added" if before is None else "removed" if after is None else "changed"
    old, new = (_numbers(held[2]) if held else {} for held in (before, after))
    for name in _NUMBERS:
        if old.get(name) != new.get(name):
            yield CellChange(
                trial.label,
                outcome.source.registry_id,
                arm.label,
                arm.treatment,
                outcome.name,
                change,
                name,
                _text(old.get(name)),
                _text(new.get(name)),
                before[2].source.reference if before else "",
                after[2].source.reference if after else "",
            )


def _numbers(outcome: Outcome) -> Mapping[str, int | None]:
    if outcome.bounds is not None:
        piece = outcome.bounds
        return {"events_low": piece.low, "events_high": piece.high, "n": piece.n, "listed_from": piece.listed_from}
    if outcome.counts is not None:
        counts = outcome.counts
        return {"events": counts.events, "n": counts.n, "listed_from": counts.listed_from}
    return {}


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
