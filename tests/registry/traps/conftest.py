"""The real records by identifier, and the groups of each, matched once."""

from __future__ import annotations

import json

import pytest

from trialpool.registry.groups import RecordGroups, match_groups
from trialpool.registry.model import Record


@pytest.fixture(scope="session")
def trap_names(registry_folder) -> dict[str, list[str]]:
    """The traps that each of the real records has."""
    return json.loads((registry_folder / "traps.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def real_records(real_load) -> dict[str, Record]:
    """All real records by identifier."""
    return {loaded.record.nct_id: loaded.record for loaded in real_load.records}


@pytest.fixture(scope="session")
def real_groups(real_records) -> dict[str, RecordGroups]:
    """The groups of all real records by identifier."""
    return {nct_id: match_groups(record) for nct_id, record in real_records.items()}
