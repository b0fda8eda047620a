"""Trials to arms with doses: which dose an arm has, which arms are combined, and which trials are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import instance, nearest, quoted
from trialpool.display import format_count
from trialpool.errors import NotEstimableError, OptionError
from trialpool.trials import Arm, Comparison, Contrast, Decision, Exclusion, Trial

__all__ = ["DoseArm", "DoseTable", "DoseTrial", "dose_table"]

_TRIALS = "give the trials of a table, such as read_table(path).trials"


@dataclass(frozen=True, slots=True)
class DoseArm:
    """All participants of a trial at one dose."""

    label: str
    dose: float
    events: float
    n: float

    def __str__(self) -> str:
        return f"{self.label} {format_count(self.events)}/{format_count(self.n)}"


@dataclass(frozen=True, slots=True)
class DoseTrial:
    """A trial with two doses or more, from low to high; the first is what the others are compared with."""

    label: str
    arms: tuple[DoseArm, ...]

    @property
    def reference(self) -> DoseArm:
        """The arm with the lowest dose, as a rule the control."""
        return self.arms[0]


@dataclass(frozen=True, slots=True)
class DoseTable:
    """The arms of an outcome by trial, with what was left out and what was decided."""

    outcome: str
    control: tuple[str, ...]
    trials: tuple[DoseTrial, ...]
    excluded: tuple[Exclusion, ...]
    decisions: tuple[Decision, ...]

    @property
    def doses(self) -> NDArray[np.float64]:
        """The dose of every arm."""
        return np.array([arm.dose for trial in self.trials for arm in trial.arms])

    def comparison(self) -> Comparison:
        """Each arm against the arm with the lowest dose of its trial, which they share."""
        contrasts = tuple(
            Contrast(t.label, f"{t.label}: {arm.label}", arm.label, low.label, arm.events, arm.n, low.events, low.n)
            for t in self.trials
            for low in (t.reference,)
            for arm in t.arms[1:]
        )
        return Comparison(self.outcome, ("higher dose",), ("lowest dose",), "shared", contrasts)

    def steps(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Dose of each contrast of :meth:`comparison`, and the dose that it is compared with."""
        pairs = [(arm.dose, trial.reference.dose) for trial in self.trials for arm in trial.arms[1:]]
        high, low = np.array(pairs).T
        return high, low


def dose_table(
    trials: Iterable[Trial], outcome: str, control: str | Sequence[str], doses: str | Mapping[str, float]
) -> DoseTable:
    """The arms of an outcome with their doses.

    Parameters
    ----------
    trials : iterable of Trial
    outcome : str
    control : str or sequence of str
        Treatments at dose 0.
    doses : mapping or str
        Dose of each arm by its label or treatment, or the name of the covariate that holds it. Arms without a dose are left
        out, and so are trials with one dose alone.

    Returns
    -------
    DoseTable

    Raises
    ------
    OptionError
        Unknown names, or doses that are no positive numbers.
    NotEstimableError
        No trial has two doses.
    """
    trials = _trials(trials)
    outcome = _known("outcome", outcome, (o.name for t in trials for arm in t.arms for o in arm.outcomes))
    treatments = [arm.treatment for trial in trials for arm in trial.arms]
    named = [control] if isinstance(control, str) else list(control)
    controls = tuple(_known("control", name, treatments) for name in named)
    _check_doses(doses, controls, trials)
    kept: list[DoseTrial] = []
    excluded: list[Exclusion] = []
    decisions: list[Decision] = []
    for trial in trials:
        arms, left_out = _dosed_arms(trial, outcome, controls, doses)
        merged = _merged(arms)
        if len(merged) < 2:
            excluded.append(Exclusion(trial.label, _why_excluded(trial, outcome, merged)))
            continue
        kept.append(DoseTrial(trial.label, merged))
        if left_out:
            names = "; ".join(left_out)
            decisions.append(Decision("arms", trial.label, "arms without a dose or a count left out", names, ""))
        if len(merged) < len(arms):
            before, after = "; ".join(map(str, arms)), "; ".join(map(str, merged))
            decisions.append(Decision("arms", trial.label, "arms of one dose combined", before, after))
    if not kept:
        reasons = "; ".join(f"{e.trial}: {e.reason}" for e in excluded[:5])
        raise NotEstimableError(f"no trial has {outcome!r} at two doses: {reasons}")
    return DoseTable(outcome, controls, tuple(kept), tuple(excluded), tuple(decisions))


def _trials(given: object) -> tuple[Trial, ...]:
    if not isinstance(given, Iterable) or isinstance(given, str):
        raise OptionError(f"trials is {given!r}; {_TRIALS}")
    return tuple(instance("a member of trials", trial, Trial, _TRIALS) for trial in given)


def _known(what: str, word: object, names: Iterable[str]) -> str:
    known = list(dict.fromkeys(names))
    alike = [name for name in known if isinstance(word, str) and name.casefold() == word.strip().casefold()]
    if word in known:
        return str(word)
    if len(alike) != 1:
        raise OptionError(
            f"unknown {what} {word!r}{nearest(str(word), known)}; the table has {quoted(known) or 'none'}"
        )
    return alike[0]


def _check_doses(doses: object, controls: Sequence[str], trials: Sequence[Trial]) -> None:
    arms = [arm for trial in trials for arm in trial.arms]
    if isinstance(doses, str):
        covariates = dict.fromkeys(name for arm in arms for o in arm.outcomes for name in o.covariates)
        if doses not in covariates:
            raise OptionError(
                f"unknown covariate {doses!r}{nearest(doses, covariates)}; the table has {quoted(covariates) or 'none'}"
            )
        return
    instance("doses", doses, Mapping, "give the dose of each arm by its label or treatment, or the name of a covariate")
    assert isinstance(doses, Mapping)  # noqa: S101 (as checked)
    names = dict.fromkeys([*(arm.treatment for arm in arms), *(arm.label for arm in arms)])
    for name, dose in doses.items():
        if name not in names:
            raise OptionError(
                f"doses names the unknown arm {name!r}{nearest(str(name), names)}; the table has {quoted(names)}"
            )
        if name in controls:
            raise OptionError(f"doses gives {name!r} a dose, but it is the control, at dose 0; leave it out")
        _checked_dose(dose, f"of {name!r}")


def _checked_dose(dose: object, whose: str) -> float:
    if isinstance(dose, bool) or not isinstance(dose, int | float) or not 0 < dose < float("inf"):
        raise OptionError(f"the dose {whose} is {dose!r}; give a number above 0")
    return float(dose)


def _dosed_arms(
    trial: Trial, outcome: str, controls: Sequence[str], doses: str | Mapping[str, float]
) -> tuple[list[DoseArm], list[str]]:
    """Arms with a dose and a count, and the labels of the others."""
    arms, left_out = [], []
    for arm in trial.arms:
        dose = 0.0 if arm.treatment in controls else _dose_of(trial, arm, outcome, doses)
        found = arm.outcome(outcome)
        if dose is None or found is None or found.counts is None:
            left_out.append(arm.label)
        else:
            arms.append(DoseArm(arm.label, dose, float(found.counts.events), float(found.counts.n)))
    return arms, left_out


def _dose_of(trial: Trial, arm: Arm, outcome: str, doses: str | Mapping[str, float]) -> float | None:
    if not isinstance(doses, str):
        dose = doses.get(arm.label, doses.get(arm.treatment))
        return None if dose is None else float(dose)
    found = arm.outcome(outcome)
    value = None if found is None else found.covariates.get(doses)
    return None if value is None or value == "" else _checked_dose(value, f"of {trial.label}, {arm.label}")


def _merged(arms: Sequence[DoseArm]) -> tuple[DoseArm, ...]:
    """One arm a dose, from low to high."""
    merged = []
    for dose in sorted({arm.dose for arm in arms}):
        same = [arm for arm in arms if arm.dose == dose]
        label = " + ".join(arm.label for arm in same)
        merged.append(DoseArm(label, dose, sum(arm.events for arm in same), sum(arm.n for arm in same)))
    return tuple(merged)


def _why_excluded(trial: Trial, outcome: str, merged: Sequence[DoseArm]) -> str:
    if not trial.reports(outcome):
        return "does not report this outcome"
    if not merged:
        return "has no arm with a dose and a count of this outcome"
    return f"has one dose alone ({merged[0].dose:g})"
