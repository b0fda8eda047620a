"""Small trials in the registry's JSON, and how tests read them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from typing import Any

from trialpool.registry.read import Loaded, Problem, read_bytes


def event(term: str, *cells: tuple[str, int | None, int | None], system: str = "General disorders") -> dict[str, Any]:
    """A row of serious or other events; a cell is group, affected, at risk."""
    stats = [
        {"groupId": group}
        | ({} if affected is None else {"numAffected": affected})
        | ({} if at_risk is None else {"numAtRisk": at_risk})
        for group, affected, at_risk in cells
    ]
    return {"term": term, "organSystem": system, "stats": stats}


def trial(
    nct_id: str,
    *,
    title: str = "A trial",
    dated: str = "2026-01-01",
    aliases: Iterable[str] = (),
    groups: Iterable[str] = ("Drug", "Placebo"),
    serious: Iterable[dict[str, Any]] = (),
    other: Iterable[dict[str, Any]] = (),
    **arms: Any,
) -> dict[str, Any]:
    """A study as the registry's API gives it; ``dated`` is the date of the registry's data."""
    return {
        "protocolSection": {
            "identificationModule": {"nctId": nct_id, "briefTitle": title, "nctIdAliases": list(aliases)},
            "statusModule": {"resultsFirstPostDateStruct": {"date": "2020-05-06"}},
            "armsInterventionsModule": arms,
        },
        "resultsSection": {
            "adverseEventsModule": {
                "frequencyThreshold": "5",
                "eventGroups": [{"id": f"EG{i:03}", "title": name} for i, name in enumerate(groups)],
                "seriousEvents": list(serious),
                "otherEvents": list(other),
            }
        },
        "derivedSection": {"miscInfoModule": {"versionHolder": dated}},
        "hasResults": True,
    }


def stream(*studies: dict[str, Any], place: str = "page.json") -> list[Loaded | Problem]:
    """What the reader gives for these studies."""
    return list(read_bytes(json.dumps({"studies": copy.deepcopy(studies)}).encode(), place))
