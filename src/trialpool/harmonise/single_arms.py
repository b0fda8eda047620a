"""Trials to one treatment on its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trialpool.errors import NotEstimableError
from trialpool.harmonise.names import known_name, known_treatments, listed, trials_of
from trialpool.harmonise.sides import Side, combined, side_of
from trialpool.trials import Decision, Exclusion, Trial
from trialpool.trials.single_arm import ArmEvents, SingleArm

__all__ = ["single_arm"]


def single_arm(trials: Iterable[Trial], *, outcome: str, treatment: str | Sequence[str]) -> SingleArm:
    """The events of one treatment in each trial, without a comparison.

    A pooled proportion or rate compares people of different trials: no randomisation protects it.

    Parameters
    ----------
    trials : iterable of Trial
    outcome : str
    treatment : str or sequence of str
        As the table names it (case does not count); several arms of a trial are combined.

    Returns
    -------
    SingleArm

    Raises
    ------
    OptionError
        Unknown outcome or treatment, or something else than trials.
    NotEstimableError
        No trial reports events of this treatment.

    Examples
    --------
    >>> import trialpool as tp
    >>> print(single_arm(tp.load_dataset("bcg").trials, outcome="tuberculosis", treatment="no vaccine"))
    tuberculosis: no vaccine
    13 trials; 0 trials excluded
    """
    given = trials_of(trials)
    outcome = known_name("outcome", outcome, (o.name for t in given for a in t.arms for o in a.outcomes))
    treatments = known_treatments("treatment", treatment, given)
    arms: list[ArmEvents] = []
    excluded: list[Exclusion] = []
    decisions: list[Decision] = []
    for trial in given:
        sides = [
            side
            for arm in trial.arms
            if arm.treatment in treatments and (side := side_of(trial, arm, outcome)) is not None and _has_events(side)
        ]
        if not sides:
            excluded.append(Exclusion(trial.label, _reason(trial, outcome, treatments)))
            continue
        whole = combined(sides)
        if len(sides) > 1:
            before = "; ".join(map(str, sides))
            decisions.append(Decision("arms", trial.label, "arms combined", before, str(whole)))
        arms.append(_events(trial.label, whole))
    if not arms:
        raise NotEstimableError(
            f"no trial reports events of {' or '.join(treatments)} on {outcome!r}: {listed(excluded)}"
        )
    return SingleArm(outcome, treatments, tuple(arms), tuple(excluded), tuple(decisions))


def _has_events(side: Side) -> bool:
    return side.counts is not None or side.rates is not None


def _reason(trial: Trial, outcome: str, treatments: Sequence[str]) -> str:
    if not any(arm.treatment in treatments for arm in trial.arms):
        return f"has no treatment arm ({' or '.join(treatments)})"
    if not any(arm.outcome(outcome) for arm in trial.arms if arm.treatment in treatments):
        return "its treatment arm does not report this outcome"
    return "its treatment arm reports no events of this outcome"


def _events(trial: str, side: Side) -> ArmEvents:
    events = side.counts[0] if side.counts is not None else side.rates.events if side.rates is not None else 0.0
    return ArmEvents(
        trial=trial,
        label=trial,
        events=events,
        n=None if side.counts is None else side.counts[1],
        person_years=None if side.rates is None else side.rates.person_years,
        sources=tuple(found.source for found in side.outcomes),
        conversions=side.conversions.get("rates", ()),
    )
