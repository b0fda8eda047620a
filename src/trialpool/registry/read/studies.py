"""One study of the registry's API, version 2, to one Record: parts in their order, problems beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from trialpool.registry.model import Design, Intervention, Origin, ProtocolArm, Record
from trialpool.registry.read.adverse_events import adverse_events
from trialpool.registry.read.fields import Node
from trialpool.registry.read.outcomes import outcome_measures
from trialpool.registry.read.participants import baseline, participant_flow
from trialpool.registry.read.problems import Log, Problem

__all__ = ["record_from_json"]

_NCT_ID = re.compile(r"NCT[0-9]{8}")
_NOT_A_STUDY = "not a study of the registry's API, version 2 (no protocolSection); left out"


def record_from_json(data: object, origin: Origin) -> tuple[Record | None, tuple[Problem, ...]]:
    """Read one study as the registry's API gives it.

    Parameters
    ----------
    data : mapping
        A study, decoded from JSON: ``protocolSection``, ``resultsSection``, ...
    origin : Origin
        Its place becomes the ``file`` of the problems; an empty version is filled from the record's ``versionHolder``.

    Returns
    -------
    record : Record or None
        None if it has no valid registry identifier: a problem that lost the record says so.
    problems : tuple of Problem
        In the record's order. No content raises.

    Examples
    --------
    >>> study = {"protocolSection": {"identificationModule": {"nctId": "NCT00000102", "briefTitle": "A trial"}}}
    >>> record, problems = record_from_json(study, Origin("ClinicalTrials.gov", "NCT00000102.json"))
    >>> record.nct_id, record.title, record.has_results, problems
    ('NCT00000102', 'A trial', False, ())
    """
    log = Log(origin.place)
    if not isinstance(data, Mapping) or not isinstance(data.get("protocolSection"), Mapping):
        log.add("", _NOT_A_STUDY, data, lost="record")
        return None, tuple(log.problems)
    study = Node(data, "", log)
    protocol = study.child("protocolSection")
    nct_id = _nct_id(protocol.child("identificationModule"))
    if nct_id is None:
        return None, tuple(log.problems)
    log.nct_id = nct_id
    return _record(study, protocol, nct_id, origin), tuple(log.problems)


def _nct_id(identification: Node) -> str | None:
    given = identification.data.get("nctId")
    if isinstance(given, str) and _NCT_ID.fullmatch(given):
        return given
    problem = "not a registry identifier (NCT and eight digits); the record is left out"
    identification.log.add(identification.at("nctId"), problem, given, lost="record")
    return None


def _record(study: Node, protocol: Node, nct_id: str, origin: Origin) -> Record:
    identification, status = protocol.child("identificationModule"), protocol.child("statusModule")
    conditions, planned = protocol.child("conditionsModule"), protocol.child("armsInterventionsModule")
    results = study.child("resultsSection")
    return Record(
        nct_id=nct_id,
        origin=_dated(origin, study),
        aliases=identification.texts("nctIdAliases"),
        title=identification.text("briefTitle"),
        official_title=identification.text("officialTitle"),
        acronym=identification.text("acronym"),
        organisation=identification.child("organization").text("fullName"),
        status=status.text("overallStatus"),
        why_stopped=status.markup("whyStopped"),
        last_update=status.child("lastUpdatePostDateStruct").text("date"),
        results_posted=status.child("resultsFirstPostDateStruct").text("date"),
        start=status.child("startDateStruct").text("date"),
        completion=status.child("completionDateStruct").text("date"),
        conditions=conditions.texts("conditions"),
        keywords=conditions.texts("keywords"),
        design=_design(protocol.child("designModule")),
        arms=tuple(_arm(node) for node in planned.children("armGroups")),
        interventions=tuple(_intervention(node) for node in planned.children("interventions")),
        adverse_events=adverse_events(results.child("adverseEventsModule")),
        outcomes=outcome_measures(results.child("outcomeMeasuresModule")),
        flow=participant_flow(results.child("participantFlowModule")),
        baseline=baseline(results.child("baselineCharacteristicsModule")),
        has_results=_has_results(study, results),
    )


def _dated(origin: Origin, study: Node) -> Origin:
    if origin.version:
        return origin
    return replace(origin, version=study.descend("derivedSection", "miscInfoModule").text("versionHolder"))


def _has_results(study: Node, results: Node) -> bool:
    stated = study.flag("hasResults")
    if stated and not results:
        study.log.add(
            "resultsSection", "the registry has results that this copy lacks; fetch the whole record", lost="field"
        )
    return bool(results) if stated is None else stated


def _design(module: Node) -> Design:
    info = module.child("designInfo")
    enrollment = module.child("enrollmentInfo")
    return Design(
        study_type=module.text("studyType"),
        phases=module.texts("phases"),
        allocation=info.text("allocation"),
        model=info.text("interventionModel"),
        masking=info.child("maskingInfo").text("masking"),
        purpose=info.text("primaryPurpose"),
        enrollment=enrollment.integer("count"),
        enrollment_type=enrollment.text("type"),
    )


def _arm(node: Node) -> ProtocolArm:
    return ProtocolArm(
        label=node.text("label"),
        type=node.text("type"),
        description=node.markup("description"),
        interventions=node.texts("interventionNames"),
    )


def _intervention(node: Node) -> Intervention:
    return Intervention(
        name=node.text("name"),
        type=node.text("type"),
        description=node.markup("description"),
        arms=node.texts("armGroupLabels"),
        other_names=node.texts("otherNames"),
    )
