"""Records as the registry's API gives them: dapagliflozin against placebo, in as many trials as asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def dapagliflozin_trial(number: int, **identification: Any) -> dict[str, Any]:
    """A randomised trial of 100 and 100 participants with nausea in ``4 + number`` and ``2 + number`` of them."""
    arms = [
        {"label": "Dapagliflozin 10 mg", "type": "EXPERIMENTAL", "interventionNames": ["Drug: Dapagliflozin"]},
        {"label": "Placebo", "type": "PLACEBO_COMPARATOR", "interventionNames": ["Drug: Placebo"]},
    ]
    groups = [
        {
            "id": f"EG00{i}",
            "title": arm["label"],
            "description": arm["label"],
            "seriousNumAffected": 3 + i,
            "seriousNumAtRisk": 100,
        }
        | {"otherNumAffected": 30, "otherNumAtRisk": 100, "deathsNumAffected": i, "deathsNumAtRisk": 100}
        for i, arm in enumerate(arms)
    ]
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08d}", "briefTitle": f"Dapagliflozin, trial {number}"}
            | identification,
            "statusModule": {"overallStatus": "COMPLETED", "lastUpdatePostDateStruct": {"date": "2024-03-01"}},
            "conditionsModule": {"conditions": ["Heart Failure"]},
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "phases": ["PHASE3"],
                "designInfo": {
                    "allocation": "RANDOMIZED",
                    "interventionModel": "PARALLEL",
                    "maskingInfo": {"masking": "DOUBLE"},
                },
                "enrollmentInfo": {"count": 200, "type": "ACTUAL"},
            },
            "armsInterventionsModule": {
                "armGroups": arms,
                "interventions": [
                    {"type": "DRUG", "name": "Dapagliflozin", "armGroupLabels": [arms[0]["label"]]},
                    {"type": "DRUG", "name": "Placebo", "armGroupLabels": [arms[1]["label"]]},
                ],
            },
        },
        "resultsSection": {
            "adverseEventsModule": {
                "frequencyThreshold": "5",
                "timeFrame": "Up to 24 weeks",
                "eventGroups": groups,
                "seriousEvents": [_row("Pneumonia", 3, 4)],
                "otherEvents": [_row("Nausea", 4 + number % 20, 2 + number % 20), _row("Headache", 20, 21)],
            }
        },
        "derivedSection": {"miscInfoModule": {"versionHolder": "2026-10-14"}},
        "hasResults": True,
    }


def _row(term: str, *counts: int) -> dict[str, Any]:
    stats = [{"groupId": f"EG00{i}", "numAffected": count, "numAtRisk": 100} for i, count in enumerate(counts)]
    return {"term": term, "organSystem": "General disorders", "sourceVocabulary": "MedDRA 20.0", "stats": stats}


def write_trials(folder: Path, numbers: range) -> Path:
    """One file for each trial in a folder, which is made."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        text = json.dumps(dapagliflozin_trial(number))
        (folder / f"NCT{number:08d}.json").write_text(text, encoding="utf-8")
    return folder
