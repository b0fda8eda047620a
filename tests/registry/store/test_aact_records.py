"""Records to rows of AACT's and back: all that AACT keeps survives, and what is wrong in the rows is told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from registry.store.trials import event, stream, trial

from trialpool.errors import InputError
from trialpool.registry.model import Baseline, BaselineMeasure, Category, Origin, OutcomeClass, Record
from trialpool.registry.read import Loaded
from trialpool.registry.store import TABLES, AactDatabase, LoadReport, Store, open_source, overview, rows_of
from trialpool.registry.store.aact_records import record_from_rows
from trialpool.registry.store.record_json import loaded_from_rows, record_from_model_json

PATH = re.compile(r"path='[^']*'")
OWN = {name: [column.name for column in table.columns if not column.ours] for name, table in TABLES.items()}


def aact_rows(record: Record) -> dict[str, list[dict]]:
    """The rows as AACT has them, without columns of ours, which come last."""
    tables = rows_of(record)
    return {table: [dict(zip(OWN[table], row, strict=False)) for row in rows] for table, rows in tables.items()}


def as_kept_by_aact(record: Record) -> str:
    """The record, written out, without what AACT has no place for: each line is a loss that the documentation names; -0 is 0."""
    events, flow, baseline = record.adverse_events, record.flow, record.baseline
    if events is not None:
        given = events.threshold_text if events.threshold is not None and (events.threshold * 100).is_integer() else ""
        about = bool(events.terms)  # the module's own fields stand in its rows only
        events = replace(
            events,
            terms=tuple(replace(term, notes="") for term in events.terms),
            threshold=events.threshold if given and about else None,
            threshold_text=f"{float(given):g}" if given and about else "",
            time_frame=events.time_frame if about else "",
            description=events.description if about else "",
            deaths_comment="",
        )
    if flow is not None:
        flow = replace(flow, periods=tuple(
            replace(period, milestones=tuple(
                replace(step, achievements=tuple(replace(each, comment="") for each in step.achievements))
                for step in period.milestones
            ))
            for period in flow.periods
        ))  # fmt: skip
    kept = replace(
        record,
        origin=Origin("", ""),
        adverse_events=events,
        outcomes=tuple(replace(each, classes=measured(each.classes), status="") for each in record.outcomes),
        flow=flow,
        baseline=measured_baseline(baseline) if baseline else None,
    )
    return PATH.sub("", repr(kept)).replace("=-0.0,", "=0.0,")


def measured_baseline(baseline: Baseline) -> Baseline:
    """As one measure of all numbers, each with its words: of two measures in a row with the same words AACT makes one."""
    numbers = tuple(
        Category(
            f"{each.title}|{each.param_type}|{each.dispersion_type}|{each.unit}|{block.title}|{category.title}",
            category.measurements,
        )
        for each in baseline.measures
        for block in measured(each.classes)
        for category in block.categories
    )
    return replace(baseline, measures=(BaselineMeasure("", classes=(OutcomeClass("", numbers),)),))


def measured(classes: tuple[OutcomeClass, ...]) -> tuple[OutcomeClass, ...]:
    """Classes and categories with numbers, their own denominators left out."""
    kept = (
        replace(block, denominators=(), categories=tuple(each for each in block.categories if each.measurements))
        for block in classes
    )
    return tuple(block for block in kept if block.categories)


def test_every_real_record_survives_the_way_through_aact(real):
    for item in real.loaded:
        found, problems = record_from_rows(item.record.nct_id, "", aact_rows(item.record))
        assert as_kept_by_aact(found) == as_kept_by_aact(item.record), item.record.nct_id
        assert problems == ()


def test_every_real_record_survives_our_own_json(real):
    for item in real.loaded[::20]:
        loaded = loaded_from_rows(item.record)
        assert record_from_model_json(loaded.raw, loaded.record.origin) == loaded.record
        assert replace(loaded.record, origin=item.record.origin) == item.record


def test_paths_name_table_and_row(real):
    found, _ = record_from_rows("NCT00000001", "", {
        "studies": [{"nct_id": "NCT00000001"}],
        "result_groups": [{"id": 5, "ctgov_group_code": "EG000", "result_type": "Reported Event", "title": "A"}],
        "reported_events": [{"id": 77, "ctgov_group_code": "EG000", "event_type": "serious", "subjects_affected": "1"}],
    })  # fmt: skip
    assert found.adverse_events.terms[0].cells[0].path == "reported_events[id=77]"
    assert found.has_results


OUTCOME = {
    "outcomes": [{"id": 1, "title": "Pain"}],
    "result_groups": [
        {"id": 10, "ctgov_group_code": "OG000", "result_type": "Outcome", "title": "A"},
        {"id": 11, "ctgov_group_code": "OG001", "result_type": "Outcome", "title": "B"},
        {"id": 12, "ctgov_group_code": "OG000", "result_type": "Baseline", "title": "not an outcome's"},
    ],
}


@pytest.mark.parametrize("wrong", [11, 12, 99, None])
def test_a_group_found_by_a_wrong_number_is_kept_without_the_wrong_title(wrong):
    counts = [
        {
            "id": 5,
            "outcome_id": 1,
            "result_group_id": wrong,
            "ctgov_group_code": "OG000",
            "units": "Participants",
            "count": 7,
        }
    ]
    found, problems = record_from_rows("NCT00000001", "db", OUTCOME | {"outcome_counts": counts})
    (outcome,) = found.outcomes
    assert [(group.id, group.title) for group in outcome.groups] == [("OG000", "")]
    assert outcome.denominators[0].count("OG000") == 7
    assert [(row.path, row.lost) for row in problems] == [("outcome_counts[id=5].result_group_id", "field")]


def test_a_title_that_another_table_gives_right_is_used():
    found, _ = record_from_rows("NCT00000001", "db", OUTCOME | {
        "outcome_counts": [{"id": 5, "outcome_id": 1, "result_group_id": 11, "ctgov_group_code": "OG000"}],
        "outcome_measurements": [{"id": 6, "outcome_id": 1, "result_group_id": 10, "ctgov_group_code": "OG000", "param_value": "3"}],
    })  # fmt: skip
    assert found.outcomes[0].groups[0].title == "A"


def test_cells_that_are_no_numbers_are_told():
    events = [
        {
            "id": 1,
            "ctgov_group_code": "EG000",
            "event_type": "serious",
            "subjects_affected": "two",
            "subjects_at_risk": "-4",
        },
        {"id": 2, "ctgov_group_code": "EG000", "event_type": "mortal", "subjects_affected": "1"},
    ]
    values = [
        {"id": 3, "outcome_id": "x", "param_value": "1"},
        {
            "id": 4,
            "outcome_id": 1,
            "param_value_num": "1e999",
            "dispersion_value_num": "wide",
            "ctgov_group_code": "OG000",
            "result_group_id": 10,
        },
    ]
    tables = OUTCOME | {"reported_events": events, "outcome_measurements": values, "studies": [{}, {}]}
    found, problems = record_from_rows("NCT00000001", "db", tables)
    assert found.adverse_events.terms[0].cells[0].affected is None
    assert sorted((row.path, row.lost) for row in problems) == [
        ("outcome_measurements[id=3].outcome_id", "field"),
        ("outcome_measurements[id=3].outcome_id", "row"),
        ("outcome_measurements[id=4].dispersion_value_num", "field"),
        ("outcome_measurements[id=4].param_value_num", "field"),
        ("reported_events[id=1].subjects_affected", "field"),
        ("reported_events[id=1].subjects_at_risk", "field"),
        ("reported_events[id=2].event_type", "row"),
        ("studies.nct_id", "row"),
    ]


def test_withdrawals_of_a_period_without_milestones_are_kept():
    left = [{"id": 1, "period": "Later", "reason": "Death", "ctgov_group_code": "FG000", "count": "2"}]
    reached = [{"id": 1, "period": "First", "title": "STARTED", "ctgov_group_code": "FG000", "count": "9"}]
    tables = {"participant_flows": [{"id": 1}], "drop_withdrawals": left, "milestones": reached}
    found, _ = record_from_rows("NCT00000001", "", tables)
    assert [(period.title, len(period.milestones), len(period.withdrawals)) for period in found.flow.periods] == [
        ("First", 1, 0),
        ("Later", 0, 1),
    ]


def test_a_repeated_term_stays_two_rows():
    other = [event("Rash", ("EG000", 1, 10), ("EG001", 2, 10)), event("Rash", ("EG000", 3, 10), ("EG001", 4, 10))]
    (item,) = stream(trial("NCT00000001", other=other))
    found, _ = record_from_rows("NCT00000001", "", aact_rows(item.record))
    assert [[cell.affected for cell in term.cells] for term in found.adverse_events.terms] == [[1, 2], [3, 4]]


def test_the_database_gives_the_records(aact_url, every_eighth):
    source = open_source(aact_url)
    assert isinstance(source, AactDatabase)
    wanted = [item.record.nct_id for item in every_eighth[3:7]]
    found = list(source.records(wanted[::-1]))
    assert [as_kept_by_aact(record) for record in found] == [as_kept_by_aact(item.record) for item in every_eighth[3:7]]
    assert {record.origin.source for record in found} == {"AACT"}
    assert {record.origin.version for record in found} == {"2026-07-01"}
    assert source.problems == []
    assert "se/cret" not in source.name
    assert source.candidates(["placebo"])
    alias, nct_id = next((item.record.aliases[0], item.record.nct_id) for item in every_eighth if item.record.aliases)
    assert [record.nct_id for record in source.records([alias, nct_id])] == [nct_id]
    with pytest.raises(InputError, match="does not hold NCT99999999"):
        next(source.records(["NCT99999999"]))
    assert source.database.rows(overview(source.database))[0]["trials"] == len(every_eighth)
    source.close()
    with pytest.raises(InputError, match="cannot"):
        source.candidates(["placebo"])


def test_a_store_takes_the_database_in_and_gives_the_same_records(aact_url, every_eighth, tmp_path):
    source = AactDatabase(aact_url)
    wanted = [item.record.nct_id for item in every_eighth[:6]]
    store = Store.create(tmp_path / "store")
    report = store.load(source.loaded(wanted), source_note="AACT", loaded_on=date(2026, 8, 1))
    assert report.new == len(wanted) == store.status().trials
    assert list(store.records()) == list(source.records(wanted))
    again = store.load(source.loaded(wanted[:3]), source_note="AACT", loaded_on=date(2026, 8, 2))
    assert again == LoadReport(unchanged=3)
    source.close()


def test_the_database_gives_all_trials_where_none_are_named(aact_url, every_eighth):
    source = AactDatabase(aact_url)
    first = next(source.loaded())
    assert isinstance(first, Loaded)
    assert first.record.nct_id == every_eighth[0].record.nct_id
    source.close()
