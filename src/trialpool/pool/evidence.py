"""What kind of evidence a comparison holds: the facts that a choice of method rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialpool.display import format_count, format_number, format_percent, plural
from trialpool.effects.zero_cells import uninformative
from trialpool.trials import Comparison, Contrast, Numbers

__all__ = ["Evidence", "evidence_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The evidence in numbers; None where the form of the numbers has no such thing.

    Attributes
    ----------
    numbers : {"counts", "rates", "means", "estimate"}
    trials : int
    contrasts : int
        With the numbers of that form.
    informative : int
        Contrasts that hold information on a ratio.
    events_treatment, events_control : float or None
        In all contrasts together.
    fewest_events : float or None
        In the arm that has the fewest.
    risk : float or None
        Events per participant over all arms.
    single_zero, double_zero : int
        Contrasts without events in one arm, in both.
    allocation : float or None
        Participants of the larger arm per participant of the smaller, in the most uneven trial.
    follow_up : float or None
        The longest mean follow-up of a trial relative to the shortest.
    shared_controls, fractional : bool
        Whether contrasts share a control arm; whether a split control made fractions.
    logarithmic : bool
        Of given estimates: ratios, not differences.
    given : str
        The measure that all given estimates are said to be; empty where they differ or do not say.
    bounded : int
        Contrasts whose events are known within bounds alone; they are not among ``contrasts``.
    """

    numbers: Numbers
    trials: int
    contrasts: int
    informative: int
    events_treatment: float | None = None
    events_control: float | None = None
    fewest_events: float | None = None
    risk: float | None = None
    single_zero: int = 0
    double_zero: int = 0
    allocation: float | None = None
    follow_up: float | None = None
    shared_controls: bool = False
    fractional: bool = False
    logarithmic: bool = False
    given: str = ""
    bounded: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The evidence as JSON-ready data."""
        return asdict(self)

    def __str__(self) -> str:
        parts = [plural(self.trials, "trial")]
        if self.events_treatment is not None and self.events_control is not None:
            parts.append(f"{format_count(self.events_treatment)} and {format_count(self.events_control)} events")
        if self.risk is not None:
            parts.append(f"risk {format_percent(self.risk)}")
        if self.fewest_events is not None:
            parts.append(f"{format_count(self.fewest_events)} events in the arm with the fewest")
        if self.single_zero:
            parts.append(f"{plural(self.single_zero, 'trial')} without events in one arm")
        if self.double_zero:
            parts.append(f"{plural(self.double_zero, 'trial')} without events in either arm")
        if self.bounded:
            parts.append(f"{plural(self.bounded, 'trial')} more with events known within bounds alone")
        if self.allocation is not None and self.allocation >= 1.5:
            parts.append(f"allocation up to {format_number(self.allocation, 1)}:1")
        if self.follow_up is not None and self.follow_up >= 1.5:
            parts.append(f"follow-up differs up to {format_number(self.follow_up, 1)}-fold")
        return "; ".join(parts)


def evidence_of(comparison: Comparison, numbers: Numbers | None = None) -> Evidence:
    """The facts of a comparison.

    Parameters
    ----------
    comparison : Comparison
    numbers : {"counts", "rates", "means", "estimate"}, optional
        Which form of numbers; the first of these that any contrast has unless given.

    Examples
    --------
    >>> import trialpool as tp
    >>> trials = tp.load_dataset("bcg").trials
    >>> print(evidence_of(tp.compare(trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")))
    13 trials; 1065 and 1510 events; risk 0.7%; 3 events in the arm with the fewest; allocation up to 4.0:1
    """
    forms: tuple[Numbers, ...] = ("counts", "rates", "means", "estimate")
    found = (f for f in forms if any(c.has(f) for c in comparison.contrasts))
    form: Numbers = next(found, "counts") if numbers is None else numbers
    contrasts = [c for c in comparison.contrasts if c.has(form)]
    common: dict[str, Any] = {
        "numbers": form,
        "trials": len({c.trial for c in contrasts}),
        "contrasts": len(contrasts),
        "allocation": _allocation(contrasts),
        "follow_up": _follow_up(contrasts),
        "shared_controls": comparison.has_shared_controls,
        "bounded": sum(c.bounded_only for c in comparison.contrasts) if form == "counts" else 0,
    }
    if form in ("counts", "rates") and contrasts:
        return Evidence(**common, **_of_events(contrasts, form))
    given = [c.given for c in contrasts if c.given is not None] if form == "estimate" else []
    named = {effect.measure for effect in given}
    return Evidence(
        **common,
        informative=len(contrasts),
        logarithmic=any(effect.logarithmic for effect in given),
        given=named.pop() if len(named) == 1 else "",
    )


def _of_events(contrasts: Iterable[Contrast], form: Numbers) -> dict[str, Any]:
    tables = np.array([_table(c, form) for c in contrasts], dtype=np.float64).T
    a, c = tables[0], tables[2]
    none = (a == 0) & (c == 0)
    nothing = uninformative(tables) if form == "counts" else none
    return {
        "informative": int((~nothing).sum()),
        "events_treatment": float(a.sum()),
        "events_control": float(c.sum()),
        "fewest_events": float(min(a.min(), c.min())),
        "risk": _risk(tables) if form == "counts" else None,
        "single_zero": int((((a == 0) | (c == 0)) & ~none).sum()),
        "double_zero": int(none.sum()),
        "fractional": bool((tables[[0, 2]] % 1 != 0).any() or (form == "counts" and (tables % 1 != 0).any())),
    }


def _table(contrast: Contrast, form: Numbers) -> tuple[float, float, float, float]:
    if form == "rates" and contrast.rates is not None:
        treatment, control = contrast.rates
        return treatment.events, treatment.person_years, control.events, control.person_years
    assert contrast.counts is not None  # noqa: S101 (only contrasts that have the form come here)
    return contrast.counts


def _risk(tables: NDArray[np.float64]) -> float:
    return float((tables[0] + tables[2]).sum() / (tables[1] + tables[3]).sum())


def _allocation(contrasts: Iterable[Contrast]) -> float | None:
    sizes = [(c.n_treatment, c.n_control) for c in contrasts if c.n_treatment and c.n_control]
    return max((max(n1, n2) / min(n1, n2) for n1, n2 in sizes), default=None)


def _follow_up(contrasts: Iterable[Contrast]) -> float | None:
    """Longest mean follow-up relative to the shortest; None unless every trial states it."""
    years = [_mean_follow_up(c) for c in contrasts]
    known = [value for value in years if value]
    return max(known) / min(known) if known and len(known) == len(years) else None


def _mean_follow_up(contrast: Contrast) -> float | None:
    if contrast.follow_up_years is not None:
        return sum(contrast.follow_up_years) / 2
    if contrast.rates is not None and contrast.participants:
        return sum(rate.person_years for rate in contrast.rates) / contrast.participants
    return None
