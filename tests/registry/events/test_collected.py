"""Records that say in words what they did not collect."""

from __future__ import annotations

from dataclasses import replace

import pytest
from registry.events.small import event, record, row

from trialpool.registry.events import event_cells
from trialpool.registry.events.collected import not_collected
from trialpool.registry.model import AdverseEvents

OTHER = [
    "Non-serious AEs were not collected.",
    "Only serious adverse events were collected.",
    "Only SAEs were recorded in this study",
    "Other adverse events were not collected or assessed",
    "Non-serious adverse events were not collected per protocol",
    "Data on non-serious adverse events was not collected",
    "Data collection limited to cardiovascular events.",
    "Only serious events and adverse events of special interest were reported.",
    "We collected only serious adverse events and deaths.",
    "Only adverse events leading to permanent discontinuation of study drug were collected in this study",
    "Serious Adverse Events, Adverse Events of Special Interest and urgent visits were collected.",
    "SAEs and AEs leading to treatment discontinuation were recorded",
    "Specific signs and symptoms, anticipated with the drug, were collected on the form.",
    "The sponsor did not collect; investigators did not record non-serious events. Non-serious events were never captured.",
]
ALL = [
    "Adverse Events were not monitored/assessed",
    "Adverse event data were not collected for this study",
    "Mortality, serious and non-serious adverse events were not monitored/assessed",
]
NEITHER = [
    "",
    "Adverse events were not collected separately for each dose.",
    "AEs were not separately collected for each dose level.",
    "AE data were not collected per actual intervention for switchover.",
    "Adverse events were not collected for participants in the control arm",
    "Adverse events were collected systematically.",
    "All adverse events were collected including serious adverse events and adverse events of special interest.",
    "All adverse events were collected. SAEs and events of special interest were collected on own forms.",
    "Adverse events of special interest were collected separately.",
    "Only serious adverse events were collected after week 52.",
    "Serious and non-serious adverse events and those of special interest were collected.",
    "No non-serious adverse events were recorded",
    "Only treatment emergent AEs are reported",
    "If a subject had more than one event, the subject was counted only once.",
]


@pytest.mark.parametrize(
    ("text", "sections"),
    [*((t, ["other"]) for t in OTHER), *((t, ["serious", "other"]) for t in ALL), *((t, []) for t in NEITHER)],
)
def test_sentences(text, sections):
    events = AdverseEvents(description=f"Some words. {text}")
    assert [section for section in ("serious", "other") if not_collected(events, section)] == sections


@pytest.mark.parametrize("nct_id", ["NCT01030874", "NCT05126836", "NCT04757584"])
def test_real_records_that_entered_zero_for_what_was_not_measured(real, nct_id):
    rec = real(nct_id)
    groups = [group.id for group in rec.adverse_events.groups]
    cells = event_cells(rec, event(terms=["Nausea"]), groups).cells
    assert {cell.status for cell in cells} <= {"unknown", "not assessed"}


def test_listed_rows_count_all_the_same():
    rec = record([row("other", "Nausea", [7, 3])])
    said = replace(
        rec, adverse_events=replace(rec.adverse_events, description="Only serious adverse events were collected.")
    )
    assert event_cells(said, event(terms=["Nausea"]), ["EG000"]).cells[0].low == 7
    rash = event_cells(said, event(terms=["Rash"]), ["EG000"]).cells[0]
    assert rash.status == "unknown"
    assert "Only serious adverse events were collected" in rash.reason


def test_record_without_any_other_row_is_told_with_less_confidence():
    found = event_cells(record(), event(terms=["Nausea"]), ["EG000"])
    assert found.cells[0].high == 4
    assert [d.confidence for d in found.decisions if "may not have been collected" in d.rule] == [0.6]
