"""The real records, read once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from trialpool.registry.read import Loaded, Problem, read_paths


@dataclass
class RealLoad:
    records: list[Loaded]
    problems: list[Problem]


@pytest.fixture(scope="session")
def real_load(records_folder) -> RealLoad:
    """All real records and their error table."""
    found = list(read_paths(records_folder))
    return RealLoad(
        [each for each in found if isinstance(each, Loaded)], [each for each in found if isinstance(each, Problem)]
    )
