"""Cells of named real records; every number was read in the record itself."""

from __future__ import annotations

import re

import pytest
from registry.events.small import event

from trialpool.registry.events import event_cells, read_definition

EXACT, BOUNDS = "exact", "bounds"

# record, event, group -> status, low, high, n
CELLS = [
    # TOPCAT, threshold 0.1 %: four other rows (226, 5, 1, 2) and two serious rows (20, 1) of one term: 226 to 255
    ("NCT00094302", "hyperkalaemia", "EG001", (BOUNDS, 226, 255, 1722)),
    ("NCT00094302", "hyperkalaemia", "EG000", (BOUNDS, 96, 106, 1723)),
    # SELECT: nausea 1592 other and 12 serious of 8803
    ("NCT03574597", "nausea", "EG000", (BOUNDS, 1592, 1604, 8803)),
    # 353 other and 16 serious, and 1 in serious "Viral diarrhoea"
    ("NCT03574597", "diarrhoea", "EG001", (BOUNDS, 353, 370, 8801)),
    ("NCT03574597", "death", "EG000", (EXACT, 371, 371, 8803)),
    ("NCT03574597", "serious adverse event", "EG001", (EXACT, 3204, 3204, 8801)),
    # Harmony Outcomes: no other rows at a threshold of 5 %; 0.05 * 4717 = 235.85, so 235 may hide; deaths of 4731
    # serious 4, and 1 "Viral diarrhoea"
    ("NCT02465515", "diarrhoea", "EG000", (BOUNDS, 4, 240, 4717)),
    ("NCT02465515", "diarrhoea", "EG001", (BOUNDS, 2, 237, 4715)),
    ("NCT02465515", "death", "EG000", (EXACT, 196, 196, 4731)),
    # no other section: 0.05 * 42 = 2.1, so 2 may hide; deaths are not totalled
    ("NCT00123955", "hyperkalaemia", "EG000", (BOUNDS, 0, 2, 42)),
    ("NCT00123955", "hyperkalaemia", "EG001", (BOUNDS, 0, 1, 38)),
    ("NCT00123955", "death", "EG000", ("unknown", None, None, None)),
    # no event row at all, totals of 0 of 14 and 13: below 5 % of 14 is nobody
    ("NCT00233480", "nausea", "EG000", (EXACT, 0, 0, 14)),
    ("NCT00233480", "nausea", "EG001", (EXACT, 0, 0, 13)),
    # no serious section, but its totals are 0: the other row is exact
    ("NCT00281684", "nausea", "EG003", (EXACT, 3, 3, 38)),
    ("NCT00281684", "nausea", "EG002", (EXACT, 0, 0, 34)),
    # FIGHT: nobody is at risk of other events
    ("NCT01800968", "diarrhoea", "EG000", ("not assessed", None, None, None)),
    # nobody at risk in one group of a trial
    ("NCT04441996", "nausea", "EG001", ("not assessed", None, None, None)),
    # AWARD-1: other row alone; serious events are reported without it
    ("NCT01064687", "diarrhoea", "EG003", (EXACT, 8, 8, 141)),
]


@pytest.mark.parametrize(("nct_id", "name", "group", "expected"), CELLS)
def test_cells_of_real_records(real, nct_id, name, group, expected):
    cell = event_cells(real(nct_id), read_definition(name), [group]).of(group)
    assert (cell.status, cell.low, cell.high, cell.n if cell.usable else None) == expected, cell.reason


def test_sex_specific_event_has_its_own_number_at_risk(real):
    found = event_cells(
        real("NCT04847557"), event(terms=["Prostate cancer"], text='sections = ["serious"]'), ["EG000", "EG001"]
    )
    assert [(cell.low, cell.n) for cell in found.cells] == [(0, 164), (1, 174)]
    vaginal = event_cells(
        real("NCT04881760"), event(terms=["Vaginal infection"], text='sections = ["other"]'), ["EG003"]
    )
    assert (vaginal.cells[0].low, vaginal.cells[0].n) == (1, 15)


def test_missing_number_affected_is_unknown_and_not_zero(real):
    # a serious row of 48, 40 and 40 participants, without a number for the first group
    definition = event(terms=["Trouble swallowing"], text='sections = ["serious"]')
    cells = event_cells(real("NCT02784535"), definition, ["EG000", "EG001", "EG002"])
    assert [(cell.status, cell.low, cell.n) for cell in cells.cells] == [
        ("unknown", None, None),
        (EXACT, 0, 40),
        (EXACT, 1, 40),
    ]
    assert "the number affected is missing" in cells.of("EG000").reason


def test_row_with_nobody_at_risk_in_a_part_of_the_trial(real):
    # VERTIS CV: the row has nobody at risk in the insulin sub-study, and 2746 in the whole trial
    found = event_cells(
        real("NCT01986881"), event(terms=["Blood loss anaemia"], text='sections = ["serious"]'), ["EG000", "EG003"]
    )
    assert (found.of("EG000").status, found.of("EG000").low, found.of("EG000").n) == (EXACT, 1, 2746)
    assert found.of("EG003").status == "not assessed"


def test_terms_of_a_composite_are_not_added_up(real):
    # SELECT has seven other rows, the largest 1787, and 3944 participants with any listed other event
    record = real("NCT03574597")
    terms = [row.term for row in record.adverse_events.of("other")]
    counts = [row.cells[0].affected for row in record.adverse_events.of("other")]
    cell = event_cells(record, event(terms=terms, text='sections = ["other"]'), ["EG000"]).cells[0]
    assert sum(counts) > 3944 > max(counts) == 1787
    assert (cell.low, cell.high) == (1787, 3944)


def test_cells_equal_an_independent_recount_of_the_raw_json(records_folder, raw_record, real):
    """Where a term has one row a section at most, its cell follows from five numbers of the JSON."""
    checked = 0
    for path in sorted(records_folder.glob("*.json.gz"))[::9]:
        nct_id = path.name.removesuffix(".json.gz")
        module = raw_record(nct_id).get("resultsSection", {}).get("adverseEventsModule")
        if module is None or "frequencyThreshold" not in module:
            continue
        for term in ("Headache", "Fatigue", "Pneumonia"):
            rows = [
                [e for e in module.get(key, []) if e["term"].lower() == term.lower()]
                for key in ("seriousEvents", "otherEvents")
            ]
            if any(len(found) > 1 for found in rows):
                continue
            groups = [g["id"] for g in module["eventGroups"]]
            cells = event_cells(real(nct_id), event(terms=[term]), groups)
            for given in module["eventGroups"]:
                longer = _rows_with_more_words(module, term)
                expected = _recount(module, given, longer, *[found[0] if found else None for found in rows])
                cell = cells.of(given["id"])
                if expected is not None:
                    assert (cell.low, cell.high) == expected, (nct_id, term, given["id"], cell.reason)
                    checked += 1
    assert checked > 100


def _rows_with_more_words(module, term):
    """Rows that name the event among other words; each of their participants may have had it."""
    rows = [*module.get("seriousEvents", []), *module.get("otherEvents", [])]
    return [
        e for e in rows if e["term"].lower() != term.lower() and re.search(rf"\b{term}s?\b", e["term"], re.IGNORECASE)
    ]


def _recount(module, group, longer, serious, other):
    """Lowest and highest count, in whole numbers alone; None where the record leaves it open."""
    try:
        if not group["seriousNumAtRisk"] or not group["otherNumAtRisk"] or group["seriousNumAffected"] is None:
            return None
        tenths = round(float(module["frequencyThreshold"]) * 10)
        if tenths < 10 and not module.get("otherEvents"):
            return None
        n = group["otherNumAtRisk"]
        low = high = 0
        for row in (serious, other):
            if row is not None:
                stat = next(s for s in row["stats"] if s["groupId"] == group["id"])
                if not stat["numAtRisk"]:
                    return None
                low, high = max(low, stat["numAffected"]), high + stat["numAffected"]
        high += sum(s["numAffected"] for e in longer for s in e["stats"] if s["groupId"] == group["id"])
        if other is None and tenths:
            high += (tenths * n + 999) // 1000 - 1 if (tenths * n) >= 1 else 0
        return low, min(high, max(n, group["seriousNumAtRisk"]))
    except KeyError:
        return None
