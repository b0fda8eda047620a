"""Records as the readers give them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trialpool.registry.model import Origin, Record
from trialpool.registry.read import record_from_json


@pytest.fixture
def real(raw_record) -> Callable[[str], Record]:
    """One real record."""

    def read(nct_id: str) -> Record:
        record, _ = record_from_json(raw_record(nct_id), Origin("ClinicalTrials.gov", f"{nct_id}.json.gz"))
        assert record is not None
        return record

    return read
