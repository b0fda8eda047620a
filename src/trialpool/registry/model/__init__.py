"""The nouns of a registry record; every number keeps the path of its field."""

from trialpool.registry.model.events import AdverseEvents, EventCell, EventGroup, EventTerm, Section, Total
from trialpool.registry.model.outcomes import Analysis, Category, Denominator, Measurement, OutcomeClass, OutcomeMeasure
from trialpool.registry.model.participants import (
    Achievement,
    Baseline,
    BaselineMeasure,
    Milestone,
    ParticipantFlow,
    Period,
)
from trialpool.registry.model.record import Design, Group, Intervention, Origin, ProtocolArm, Record

__all__ = [
    "Achievement",
    "AdverseEvents",
    "Analysis",
    "Baseline",
    "BaselineMeasure",
    "Category",
    "Denominator",
    "Design",
    "EventCell",
    "EventGroup",
    "EventTerm",
    "Group",
    "Intervention",
    "Measurement",
    "Milestone",
    "Origin",
    "OutcomeClass",
    "OutcomeMeasure",
    "ParticipantFlow",
    "Period",
    "ProtocolArm",
    "Record",
    "Section",
    "Total",
]
