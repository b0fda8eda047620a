"""Made-up records that a fresh reader thought of to mislead the rules: what is accepted must be right, the rest is asked."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from registry.groups.planned import flow as planned_flow

from trialpool.registry.groups import match_groups
from trialpool.registry.model import (
    AdverseEvents,
    Design,
    EventGroup,
    Intervention,
    Origin,
    ProtocolArm,
    Record,
    Total,
)

CASES = tomllib.loads((Path(__file__).parent / "hard_cases.toml").read_text(encoding="utf-8"))["case"]


def made(case) -> Record:
    items = dict.fromkeys(item for arm in case["arms"] for item in arm["interventions"])
    named = [item.partition(": ") for item in items]
    flow = case.get("flow")
    return Record(
        "NCT00000001",
        Origin("ClinicalTrials.gov", "made"),
        design=Design(
            "INTERVENTIONAL", allocation=case["allocation"], model=case["model"], enrollment=case["enrollment"]
        ),
        arms=tuple(
            ProtocolArm(a["label"], a["type"], a.get("description", ""), tuple(a["interventions"]))
            for a in case["arms"]
        ),
        interventions=tuple(
            Intervention(
                name,
                kind.upper(),
                arms=tuple(a["label"] for a in case["arms"] if f"{kind}: {name}" in a["interventions"]),
            )
            for kind, _, name in named
        ),
        adverse_events=AdverseEvents(
            tuple(
                EventGroup(
                    f"EG{i:03}", g["title"], g.get("description", ""), serious=Total(1, g["n"]), other=Total(2, g["n"])
                )
                for i, g in enumerate(case["groups"])
            )
        ),
        flow=planned_flow(*flow["periods"], titles=flow["groups"]) if flow else None,
    )


def wrong(match, reader) -> list[str]:
    """What of a match a reader would not say."""
    parts = {
        "arms": set(match.arms) == set(reader["arms"]),
        "kind": match.kind in reader["kind"],
        "role": match.role in reader["role"],
        "treatments": "treatments" not in reader or set(match.treatments) == set(reader["treatments"]),
    }
    return [part for part, right in parts.items() if not right]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_nothing_wrong_is_accepted(case):
    matches = match_groups(made(case)).matches
    accepted = [(m, reader) for m, reader in zip(matches, case["groups"], strict=True) if m.accepted]
    assert {m.title: wrong(m, reader) for m, reader in accepted if wrong(m, reader)} == {}


def test_not_everything_is_asked():
    """Half of the groups of these records are plain enough."""
    accepted = [match.accepted for case in CASES for match in match_groups(made(case)).matches]
    assert len(accepted) > 120
    assert sum(accepted) >= 0.4 * len(accepted)
