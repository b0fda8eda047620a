"""Participant flow and baseline table of a record."""

from __future__ import annotations

from dataclasses import dataclass

from trialpool.registry.model.groups import Group
from trialpool.registry.model.outcomes import Denominator, OutcomeClass

__all__ = ["Achievement", "Baseline", "BaselineMeasure", "Milestone", "ParticipantFlow", "Period"]


@dataclass(frozen=True, slots=True)
class Achievement:
    """Participants of a group who reached a milestone, or left for a reason; None where the number is not stated."""

    group: str
    participants: int | None
    comment: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone such as ``STARTED``, or a reason for leaving such as ``Adverse Event``."""

    type: str
    achievements: tuple[Achievement, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A period of the participant flow."""

    title: str
    milestones: tuple[Milestone, ...] = ()
    withdrawals: tuple[Milestone, ...] = ()


@dataclass(frozen=True, slots=True)
class ParticipantFlow:
    """Groups and periods of the participant flow."""

    groups: tuple[Group, ...] = ()
    periods: tuple[Period, ...] = ()
    recruitment: str = ""
    pre_assignment: str = ""
    units: str = ""


@dataclass(frozen=True, slots=True)
class BaselineMeasure:
    """A characteristic such as age; the words are the registry's."""

    title: str
    param_type: str = ""
    dispersion_type: str = ""
    unit: str = ""
    classes: tuple[OutcomeClass, ...] = ()
    denominators: tuple[Denominator, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """The baseline table; its last group is usually the total."""

    groups: tuple[Group, ...] = ()
    denominators: tuple[Denominator, ...] = ()
    measures: tuple[BaselineMeasure, ...] = ()
    population: str = ""
