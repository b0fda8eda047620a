"""The real records: a folder beside the repository, which CI has; without it the tests that need it are skipped."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from trialpool.registry.read import Loaded, Problem, read_paths

BESIDE = Path(__file__).parents[2].parent / "shared" / "data" / "registry"


@pytest.fixture(scope="session")
def registry_folder() -> Path:
    """Holds ``v2/*.json.gz``, ``MANIFEST.csv``, ``traps.json`` and ``schema/``."""
    folder = Path(os.environ.get("TRIALPOOL_REGISTRY_RECORDS", BESIDE))
    if not (folder / "v2").is_dir():
        pytest.skip(f"no registry records in {folder}; name their folder in TRIALPOOL_REGISTRY_RECORDS")
    return folder


@pytest.fixture(scope="session")
def records_folder(registry_folder) -> Path:
    """The 321 unaltered records, ``NCT*.json.gz``."""
    return registry_folder / "v2"


@pytest.fixture(scope="session")
def raw_record(records_folder) -> Callable[[str], dict[str, Any]]:
    """Reads one record as the registry gave it."""

    def read(nct_id: str) -> dict[str, Any]:
        with gzip.open(records_folder / f"{nct_id}.json.gz", "rt", encoding="utf-8") as file:
            return json.load(file)

    return read


@dataclass
class RealLoad:
    records: list[Loaded]
    problems: list[Problem]


@pytest.fixture(scope="session")
def real_load(records_folder) -> RealLoad:
    """All real records and their error table, read once."""
    found = list(read_paths(records_folder))
    return RealLoad(
        [each for each in found if isinstance(each, Loaded)], [each for each in found if isinstance(each, Problem)]
    )
