"""The tables against AACT's own structure, the rows against a recount of the raw JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass

import pytest
from registry.store.trials import event, stream, trial

from trialpool.registry.store import TABLES, rows_of

SQL_TYPES = {
    "text": {"character varying", "text"},
    "integer": {"integer"},
    "number": {"numeric", "double precision"},
    "date": {"date"},
}
# The first two AACT leaves empty too, since it reads version 2 of the API; no record at hand has the others.
NEVER_FILLED = {
    "reported_events": {"default_vocab", "default_assessment"},
    "drop_withdrawals": {"drop_withdraw_comment", "reason_comment"},
    "participant_flows": {"units_analyzed"},
}


@pytest.fixture(scope="module")
def aact(registry_folder) -> dict[str, dict[str, str]]:
    """Types of AACT's columns by table."""
    sql = (registry_folder / "schema" / "aact_structure_2024-10.sql").read_text(encoding="utf-8")
    found = {}
    for name, body in re.findall(r"CREATE TABLE ctgov\.(\w+) \((.*?)\n\);", sql, re.DOTALL):
        columns = (line.strip().rstrip(",").partition(" ") for line in body.strip().splitlines())
        found[name] = {column: kind.removesuffix(" NOT NULL") for column, _, kind in columns}
    return found


def test_columns_are_those_of_aact(aact):
    for table in TABLES.values():
        for column in table.columns:
            if column.ours:
                assert column.name not in aact[table.name], (table.name, column.name)
            else:
                assert aact[table.name][column.name] in SQL_TYPES[column.type], (table.name, column.name)


def test_columns_of_ours_come_last():
    for table in TABLES.values():
        ours = [column.ours for column in table.columns]
        assert ours == sorted(ours)
        assert table.names[-1] == "version"


@dataclass
class Summary:
    """How many rows of each table each record has, and which columns any of them fills."""

    counts: dict[str, Counter]
    filled: dict[str, set[str]]


@pytest.fixture(scope="module")
def summary(real) -> Summary:
    found = Summary({}, {table: set() for table in TABLES})
    for item in real.loaded:
        tables = rows_of(item.record)
        found.counts[item.record.nct_id] = Counter({table: len(rows) for table, rows in tables.items()})
        for table, rows in tables.items():
            for name, column in zip(TABLES[table].names, zip(*rows, strict=True), strict=True):
                if name not in found.filled[table] and any(value is not None for value in column):
                    found.filled[table].add(name)
    return found


def test_every_column_is_filled_by_some_real_record(summary):
    empty = {name: set(table.names) - summary.filled[name] for name, table in TABLES.items()}
    assert {name: columns for name, columns in empty.items() if columns} == NEVER_FILLED


def recount(study: dict) -> Counter:
    """Rows of each table, counted in the JSON alone."""
    protocol, results = study["protocolSection"], study.get("resultsSection", {})
    planned = protocol.get("armsInterventionsModule", {})
    events, outcomes = (
        results.get("adverseEventsModule", {}),
        results.get("outcomeMeasuresModule", {}).get("outcomeMeasures", []),
    )
    flow, baseline = results.get("participantFlowModule", {}), results.get("baselineCharacteristicsModule", {})
    found = Counter(studies=1, designs=1, participant_flows=int(bool(flow)))
    found["id_information"] = len(protocol["identificationModule"].get("nctIdAliases", []))
    found["conditions"] = len(protocol["conditionsModule"].get("conditions", []))
    found["keywords"] = len(protocol["conditionsModule"].get("keywords", []))
    found["design_groups"] = len(planned.get("armGroups", []))
    found["interventions"] = len(planned.get("interventions", []))
    found["intervention_other_names"] = nested(planned, "interventions", "otherNames")
    found["design_group_interventions"] = nested(planned, "interventions", "armGroupLabels")
    found["result_groups"] = (
        len(events.get("eventGroups", [])) + len(flow.get("groups", [])) + len(baseline.get("groups", []))
        + sum(len(outcome.get("groups", [])) for outcome in outcomes)
    )  # fmt: skip
    found["reported_events"] = nested(events, "seriousEvents", "stats") + nested(events, "otherEvents", "stats")
    found["reported_event_totals"] = 3 * len(events.get("eventGroups", []))
    found["outcomes"] = len(outcomes)
    found["outcome_counts"] = sum(nested(outcome, "denoms", "counts") for outcome in outcomes)
    found["outcome_measurements"] = sum(
        nested(outcome, "classes", "categories", "measurements") for outcome in outcomes
    )
    found["outcome_analyses"] = sum(len(outcome.get("analyses", [])) for outcome in outcomes)
    found["outcome_analysis_groups"] = sum(nested(outcome, "analyses", "groupIds") for outcome in outcomes)
    found["baseline_counts"] = nested(baseline, "denoms", "counts")
    found["baseline_measurements"] = nested(baseline, "measures", "classes", "categories", "measurements")
    found["milestones"] = nested(flow, "periods", "milestones", "achievements")
    found["drop_withdrawals"] = nested(flow, "periods", "dropWithdraws", "reasons")
    return found


def nested(part: dict, *keys: str) -> int:
    members = part.get(keys[0], [])
    return len(members) if len(keys) == 1 else sum(nested(member, *keys[1:]) for member in members)


def test_rows_are_as_many_as_in_the_json(real, summary):
    for item in real.loaded:
        assert summary.counts[item.record.nct_id] == recount(json.loads(item.raw)), item.record.nct_id


def test_numbers_of_rows_are_unique_over_trials_and_always_the_same(real):
    for table in ("result_groups", "reported_events", "outcomes"):
        position = TABLES[table].names.index("id")
        numbers = [row[position] for item in real.loaded[:60] for row in rows_of(item.record).get(table, [])]
        assert len(set(numbers)) == len(numbers) > 100
    record = real.loaded[0].record
    assert rows_of(record) == rows_of(record)


def test_every_cell_of_an_event_row():
    study = trial("NCT01234567", other=[event("Rash", ("EG001", 3, 40))])
    adverse = study["resultsSection"]["adverseEventsModule"]
    adverse |= {"timeFrame": "1 year", "frequencyThreshold": "3.3"}
    adverse["otherEvents"][0] |= {
        "sourceVocabulary": "MedDRA 20.0",
        "assessmentType": "SYSTEMATIC_ASSESSMENT",
        "notes": "n",
    }
    adverse["otherEvents"][0]["stats"][0]["numEvents"] = 5
    (item,) = stream(study)
    (row,) = rows_of(item.record, 7)["reported_events"]
    assert dict(zip(TABLES["reported_events"].names, row, strict=True)) == {
        "id": 123456700000001, "nct_id": "NCT01234567", "result_group_id": 123456700000002, "ctgov_group_code": "EG001",
        "time_frame": "1 year", "event_type": "other", "default_vocab": None, "default_assessment": None,
        "subjects_affected": 3, "subjects_at_risk": 40, "description": None, "event_count": 5,
        "organ_system": "General disorders", "adverse_event_term": "Rash", "frequency_threshold": None,
        "vocab": "MedDRA 20.0", "assessment": "SYSTEMATIC_ASSESSMENT", "frequency_threshold_text": "3.3", "notes": "n",
        "term_position": 0, "term_path": "resultsSection.adverseEventsModule.otherEvents[0]",
        "field_path": "resultsSection.adverseEventsModule.otherEvents[0].stats[0]", "version": 7,
    }  # fmt: skip
