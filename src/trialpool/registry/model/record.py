"""A registry record: what was planned, who took part, what happened."""

from __future__ import annotations

from dataclasses import dataclass

from trialpool.registry.model.events import AdverseEvents
from trialpool.registry.model.groups import Group
from trialpool.registry.model.outcomes import OutcomeMeasure
from trialpool.registry.model.participants import Baseline, ParticipantFlow

__all__ = ["Design", "Group", "Intervention", "Origin", "ProtocolArm", "Record"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record was read, and which version of it.

    Attributes
    ----------
    source : str
        ``"ClinicalTrials.gov"`` or ``"AACT"``.
    place : str
        File (and member of an archive, line of an ndjson file), address or database it came from.
    version : str
        Date of the registry's data (``versionHolder``), ISO; empty where it is not stated.
    sha256 : str
        Of the record as compact JSON with sorted keys, so that layout does not count; empty for AACT.
    """

    source: str
    place: str
    version: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ProtocolArm:
    """An arm as planned; ``type`` is the registry's word, such as ``"PLACEBO_COMPARATOR"``."""

    label: str
    type: str = ""
    description: str = ""
    interventions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intervention:
    """An intervention as planned; ``arms`` are labels of protocol arms."""

    name: str
    type: str = ""
    description: str = ""
    arms: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """The registry's words for the design; empty where it says nothing."""

    study_type: str = ""
    phases: tuple[str, ...] = ()
    allocation: str = ""
    model: str = ""
    masking: str = ""
    purpose: str = ""
    enrollment: int | None = None
    enrollment_type: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One version of one trial.

    Attributes
    ----------
    nct_id : str
    aliases : tuple of str
        Obsolete identifiers of the same trial.
    title, official_title, acronym, organisation, status, why_stopped : str
    last_update, results_posted : str
        ISO dates as the registry gives them (``2016-04-18``, ``2016-04``), or empty.
    start, completion : str
    conditions, keywords : tuple of str
    design : Design
    arms, interventions
        As planned.
    adverse_events, flow, baseline
        None where the record has no such results.
    outcomes : tuple of OutcomeMeasure
    has_results : bool
    origin : Origin
    """

    nct_id: str
    origin: Origin
    aliases: tuple[str, ...] = ()
    title: str = ""
    official_title: str = ""
    acronym: str = ""
    organisation: str = ""
    status: str = ""
    why_stopped: str = ""
    last_update: str = ""
    results_posted: str = ""
    start: str = ""
    completion: str = ""
    conditions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    design: Design = Design()
    arms: tuple[ProtocolArm, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    adverse_events: AdverseEvents | None = None
    outcomes: tuple[OutcomeMeasure, ...] = ()
    flow: ParticipantFlow | None = None
    baseline: Baseline | None = None
    has_results: bool = False

    @property
    def registry_date(self) -> str:
        """The date by which versions are put in order: that of the registry's data, else of the record's last update."""
        return self.origin.version or self.last_update
