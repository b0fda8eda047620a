"""What is asked of the records: who got what, against what, in which trials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

from trialpool.checks import nearest, quoted
from trialpool.errors import OptionError
from trialpool.registry.choices import INCLUDE, Include
from trialpool.registry.extract.treatments import Treatment, read_treatment
from trialpool.registry.model import Record

__all__ = ["CONTROL_ROLES", "INCLUDE", "ControlRole", "Include", "Question", "make_question"]

ControlRole = Literal["placebo", "no treatment"]
CONTROL_ROLES: tuple[ControlRole, ...] = get_args(ControlRole)


@dataclass(frozen=True)
class Question:
    """A question to the records.

    Attributes
    ----------
    treatment : Treatment
    control : Treatment or {"placebo", "no treatment"}
    conditions : tuple of str
        At least one is in the record's conditions, keywords or title; empty for any.
    phases : tuple of str
        Such as ``"3"``; a trial of phase 2/3 is of both; empty for any.
    min_weeks : float or None
        Shortest follow-up.
    include : tuple of {"crossover", "extension", "non-randomised", "sham"}
        What is left out otherwise.
    """

    treatment: Treatment
    control: Treatment | ControlRole
    conditions: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    min_weeks: float | None = None
    include: tuple[Include, ...] = ()

    @property
    def control_name(self) -> str:
        """The control side as the table calls it."""
        return self.control if isinstance(self.control, str) else self.control.name

    @property
    def names(self) -> tuple[str, ...]:
        """Names to look for; codes in each way to write them."""
        return tuple(dict.fromkeys(way for name in self.treatment.names for way in _ways(name)))

    def refusal(self, record: Record) -> str:
        """Why a record cannot answer, by its design and its subject alone; empty if it can."""
        if record.adverse_events is None or not record.adverse_events.groups:
            return "results are posted, but no adverse events" if record.has_results else "no results are posted"
        allocation = record.design.allocation
        if allocation != "RANDOMIZED" and "non-randomised" not in self.include:
            return f"not randomised (allocation {allocation or 'not stated'})"
        if self.phases and not {_phase(phase) for phase in record.design.phases} & set(self.phases):
            return (
                f"phase {'/'.join(map(_phase, record.design.phases)) or 'not stated'}, not {' or '.join(self.phases)}"
            )
        subjects = " | ".join((*record.conditions, *record.keywords, record.title, record.official_title)).casefold()
        if self.conditions and not any(condition.casefold() in subjects for condition in self.conditions):
            return f"about {'; '.join(record.conditions) or 'no stated condition'}, not {' or '.join(self.conditions)}"
        return ""

    def to_dict(self) -> dict[str, Any]:
        """The question as JSON-ready data."""
        return {
            "treatment": {drug.name: list(drug.other_names) for drug in self.treatment.drugs},
            "control": self.control
            if isinstance(self.control, str)
            else {drug.name: list(drug.other_names) for drug in self.control.drugs},
            "conditions": list(self.conditions),
            "phases": list(self.phases),
            "min_weeks": self.min_weeks,
            "include": list(self.include),
        }


def make_question(
    treatment: list[str],
    control: list[str],
    *,
    conditions: list[str] | None = None,
    phases: list[str] | None = None,
    min_weeks: float | None = None,
    include: list[str] | None = None,
) -> Question:
    """A question from words.

    Parameters
    ----------
    treatment, control : list of str
        As for :func:`~trialpool.registry.extract.treatments.read_treatment`; the control may be ``["placebo"]`` or
        ``["no treatment"]``.
    conditions, phases, min_weeks, include
        As in :class:`Question`.

    Raises
    ------
    OptionError
        A word is not allowed, or the two sides name one drug.
    ReviewError
        A treatment file holds mistakes.

    Examples
    --------
    >>> make_question(["dapagliflozin"], ["placebo"], phases=["3"]).control_name
    'placebo'
    """
    given = read_treatment(treatment)
    side = _control(control)
    if not isinstance(side, str):
        both = {name.casefold() for name in given.names} & {name.casefold() for name in side.names}
        if both:
            raise OptionError(f"{quoted(sorted(both))} stands on both sides; name two different treatments")
    for word in include or []:
        if word not in INCLUDE:
            raise OptionError(f"include={word!r} is not allowed{nearest(word, INCLUDE)}; choose from {quoted(INCLUDE)}")
    for phase in phases or []:
        if phase not in _PHASES:
            raise OptionError(f"phase={phase!r} is not allowed; choose from {quoted(_PHASES)}")
    if min_weeks is not None and not 0 <= min_weeks < float("inf"):
        raise OptionError(f"min_weeks={min_weeks!r} is no length of follow-up; give weeks, such as 12")
    words = tuple(word for word in INCLUDE if word in (include or []))
    return Question(given, side, tuple(conditions or ()), tuple(phases or ()), min_weeks, words)


_PHASES = ("0", "1", "2", "3", "4")


def _control(given: list[str]) -> Treatment | ControlRole:
    for role in CONTROL_ROLES:
        if any(name.casefold() == role for name in given):
            if len(given) > 1:
                raise OptionError(f"control={quoted(given)} mixes {role!r} with others; ask one question at a time")
            return role
    return read_treatment(given)


def _phase(word: str) -> str:
    """The registry's word for a phase as a number: ``PHASE3`` is 3, ``EARLY_PHASE1`` is 0."""
    return "0" if word == "EARLY_PHASE1" else word.removeprefix("PHASE")


def _ways(name: str) -> list[str]:
    """A name as it is, and a code without, with a space, and with a hyphen between letters and digits."""
    joined = re.fullmatch(r"([^\W\d_]+)[\s-]?(\d[\w-]*)", name)
    return [name] if joined is None else [name, *(f"{joined[1]}{mark}{joined[2]}" for mark in ("", " ", "-"))]
