"""A small study with every part that is read, and how tests read it."""

from __future__ import annotations

import copy
import json
from typing import Any

from trialpool.registry.model import Origin, Record
from trialpool.registry.read import Problem, record_from_json

NCT_ID = "NCT00000102"


def cell(group: str, affected: object, at_risk: object, events: object | None = None) -> dict[str, Any]:
    given = {"groupId": group, "numAffected": affected, "numAtRisk": at_risk}
    return given if events is None else {**given, "numEvents": events}


def groups(prefix: str) -> list[dict[str, Any]]:
    return [
        {"id": f"{prefix}{i:03}", "title": title, "description": f"{title} \\[mg\\]"} for i, title in enumerate("AB")
    ]


SMALL: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {
            "nctId": NCT_ID,
            "nctIdAliases": ["NCT00000001"],
            "briefTitle": "A v B",
            "organization": {"fullName": "An institute"},
        },
        "statusModule": {
            "overallStatus": "COMPLETED",
            "startDateStruct": {"date": "2001-02"},
            "lastUpdatePostDateStruct": {"date": "2016-04-18"},
        },
        "conditionsModule": {"conditions": ["Gout"], "keywords": ["urate"]},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE2", "PHASE3"],
            "designInfo": {"allocation": "RANDOMIZED", "maskingInfo": {"masking": "DOUBLE"}},
            "enrollmentInfo": {"count": 200, "type": "ACTUAL"},
        },
        "armsInterventionsModule": {
            "armGroups": [{"label": "A", "type": "EXPERIMENTAL", "interventionNames": ["Drug: A"]}],
            "interventions": [{"type": "DRUG", "name": "A", "armGroupLabels": ["A"], "otherNames": ["a"]}],
        },
    },
    "resultsSection": {
        "participantFlowModule": {
            "groups": groups("FG"),
            "periods": [
                {
                    "title": "Overall",
                    "milestones": [{"type": "STARTED", "achievements": [{"groupId": "FG000", "numSubjects": "100"}]}],
                    "dropWithdraws": [{"type": "Death", "reasons": [{"groupId": "FG001", "numSubjects": "2"}]}],
                }
            ],
        },
        "baselineCharacteristicsModule": {
            "groups": groups("BG"),
            "denoms": [{"units": "Participants", "counts": [{"groupId": "BG000", "value": "100"}]}],
            "measures": [
                {
                    "title": "Age",
                    "classes": [
                        {"categories": [{"measurements": [{"groupId": "BG000", "value": "51.2", "spread": "9"}]}]}
                    ],
                }
            ],
        },
        "outcomeMeasuresModule": {
            "outcomeMeasures": [
                {
                    "type": "PRIMARY",
                    "title": "Urate",
                    "groups": groups("OG"),
                    "denoms": [{"units": "Participants", "counts": [{"groupId": "OG000", "value": "98"}]}],
                    "classes": [
                        {
                            "title": "Week 4",
                            "categories": [
                                {"measurements": [{"groupId": "OG001", "value": "-1.5", "upperLimit": "NA"}]}
                            ],
                        }
                    ],
                    "analyses": [
                        {"groupIds": ["OG000", "OG001"], "paramValue": ".5", "ciPctValue": "95", "pValue": "<0.001"}
                    ],
                }
            ]
        },
        "adverseEventsModule": {
            "frequencyThreshold": "5",
            "timeFrame": "12 weeks",
            "eventGroups": [
                {
                    **group,
                    "seriousNumAffected": 9,
                    "seriousNumAtRisk": 100,
                    "otherNumAffected": 40,
                    "otherNumAtRisk": 100,
                }
                for group in groups("EG")
            ],
            "seriousEvents": [
                {"term": "Gout", "organSystem": "Eye", "stats": [cell("EG000", 3, 100, 4), cell("EG001", 0, 99)]}
            ],
            "otherEvents": [{"term": "Rash", "stats": [cell("EG000", 7, 100), cell("EG001", 9, 100)]}],
        },
    },
    "derivedSection": {"miscInfoModule": {"versionHolder": "2024-05-17"}},
    "hasResults": True,
}


def small(nct_id: str = NCT_ID, **adverse_events: Any) -> dict[str, Any]:
    """A fresh copy, with other fields in the adverse-event part."""
    study = copy.deepcopy(SMALL)
    study["protocolSection"]["identificationModule"]["nctId"] = nct_id
    study["resultsSection"]["adverseEventsModule"].update(adverse_events)
    return study


def small_bytes(nct_id: str = NCT_ID) -> bytes:
    return json.dumps(small(nct_id)).encode()


def read(study: object) -> tuple[Record, list[Problem]]:
    record, problems = record_from_json(study, Origin("ClinicalTrials.gov", "a.json"))
    assert record is not None, problems
    return record, list(problems)


def told(problems: list[Problem]) -> list[tuple[str, str, str]]:
    """Path from the part on, value, what was lost."""
    return [(problem.path.removeprefix("resultsSection."), problem.value, problem.lost) for problem in problems]
