"""Outcome measures of a record: numbers by group, class and category, and the record's own analyses."""

from __future__ import annotations

from dataclasses import dataclass

from trialpool.registry.model.groups import Group

__all__ = ["Analysis", "Category", "Denominator", "Measurement", "OutcomeClass", "OutcomeMeasure"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number of one group. The registry keeps numbers as text: ``text`` is it, ``value`` its number, or None (``"NA"``)."""

    group: str
    text: str
    value: float | None
    spread: float | None = None
    low: float | None = None
    high: float | None = None
    comment: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Denominator:
    """Units analysed (``Participants``, ``Eyes``, ...) in each group: ``(group, number)``, None where it is not stated."""

    units: str
    counts: tuple[tuple[str, int | None], ...] = ()

    def count(self, group: str) -> int | None:
        """The number of a group, or None."""
        return dict(self.counts).get(group)


@dataclass(frozen=True, slots=True)
class Category:
    """A category of a class: its numbers by group."""

    title: str
    measurements: tuple[Measurement, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeClass:
    """A row block of an outcome, such as a time point."""

    title: str
    categories: tuple[Category, ...] = ()
    denominators: tuple[Denominator, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis that the record reports; numbers are None where they are not stated, ``p_value`` is text (``"<0.001"``)."""

    groups: tuple[str, ...] = ()
    param_type: str = ""
    value: float | None = None
    conf_level: float | None = None
    conf_sides: str = ""
    low: float | None = None
    high: float | None = None
    p_value: str = ""
    method: str = ""
    dispersion_type: str = ""
    dispersion: float | None = None
    non_inferiority: str = ""
    description: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeMeasure:
    """An outcome measure; its groups are its own (``OG000`` starts again in every outcome)."""

    title: str
    type: str = ""
    description: str = ""
    population: str = ""
    status: str = ""
    param_type: str = ""
    dispersion_type: str = ""
    unit: str = ""
    time_frame: str = ""
    groups: tuple[Group, ...] = ()
    denominators: tuple[Denominator, ...] = ()
    classes: tuple[OutcomeClass, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    path: str = ""
