"""Fetching single trials to disk."""

from __future__ import annotations

import gzip
import json

import pytest
from registry.fetch.server import body, status

from trialpool.errors import OptionError
from trialpool.registry.fetch import fetch_trials


def test_each_trial_is_a_file(client, registry, tmp_path):
    told = []
    found = fetch_trials(["nct3", "NCT00000001"], tmp_path, client, told=lambda *given: told.append(given))
    assert [path.name for path in found.paths] == ["NCT00000003.json.gz", "NCT00000001.json.gz"]
    assert json.loads(gzip.decompress(found.paths[0].read_bytes())) == registry.records[2]
    assert (found.aliases, found.missing) == ((), ())
    assert told == [(0, 2, "NCT00000003"), (1, 2, "NCT00000001")]


def test_a_trial_is_fetched_once_under_whatever_identifier(client, registry, tmp_path):
    registry.aliases = {"NCT00000099": "NCT00000003"}
    found = fetch_trials(["NCT3", "nct00000003", "NCT00000099"], tmp_path, client)
    assert [path.name for path in found.paths] == ["NCT00000003.json.gz"]
    assert found.aliases == (("NCT00000099", "NCT00000003"),)
    assert len(registry.asked) == 3


def test_a_trial_that_is_not_there_does_not_stop_the_others(client, registry, tmp_path):
    registry.faults = [None, None, body(b"{}")]
    found = fetch_trials(["NCT00000404", "NCT00000001", "NCT00000002", "NCT00000003"], tmp_path, client)
    assert [path.name[:11] for path in found.paths] == ["NCT00000001", "NCT00000003"]
    assert [(missing.nct_id, missing.reason.partition(": ")[0]) for missing in found.missing] == [
        ("NCT00000404", "NCT00000404"),
        ("NCT00000002", "NCT00000002"),
    ]


def test_a_registry_that_is_down_is_not_asked_for_the_rest(client, registry, tmp_path):
    registry.faults = [None, *[status(503)] * 7]
    found = fetch_trials(["NCT1", "NCT2", "NCT3", "NCT4"], tmp_path, client)
    assert len(found.paths) == 1
    assert len(registry.asked) == 8
    assert "answers 503" in found.missing[0].reason
    assert [missing.reason for missing in found.missing[1:]] == [
        f"{nct_id}: not asked for, since the registry does not answer; run the same command again later"
        for nct_id in ("NCT00000003", "NCT00000004")
    ]


def test_one_wrong_identifier_fetches_nothing(client, registry, tmp_path):
    with pytest.raises(OptionError, match="'NCTX' is not an identifier"):
        fetch_trials(["NCT1", "NCTX"], tmp_path, client)
    assert registry.asked == []
