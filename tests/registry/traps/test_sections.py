"""All terms of a section together, where they add up to more participants than had any event of the section."""

from __future__ import annotations

import pytest
from registry.events.small import event

from trialpool.registry.events import event_cells

SUMS = {
    "serious": "sum over terms > participants with any event: seriousEvents",
    "other": "sum over terms > participants with any event: otherEvents",
}
# trap -> record, group, participants with the commonest row, with any event of the section, at risk
RECORDS = {
    SUMS["serious"]: [
        # rows of 1, 1, 1, 2, 2 are 7 of 6 participants; 632 rows are 1943 of 835
        ("NCT00123955", "EG000", 2, 6, 42),
        ("NCT00094302", "EG001", 256, 835, 1722),
    ],
    SUMS["other"]: [
        # seven rows are 6656 of 3944; five rows of 1 are 5 of 3
        ("NCT03574597", "EG000", 1787, 3944, 8803),
        ("NCT00616902", "EG001", 1, 3, 6),
    ],
}
CASES = [(section, *case) for section, trap in SUMS.items() for case in RECORDS[trap]]


def everything(section):
    return event(f'patterns = ["."]\nsections = ["{section}"]')


@pytest.mark.parametrize(("section", "nct_id", "group", "commonest", "total", "n"), CASES)
def test_all_terms_together_are_between_the_commonest_and_the_total(
    real_records, section, nct_id, group, commonest, total, n
):
    cell = event_cells(real_records[nct_id], everything(section), [group]).of(group)
    assert (cell.status, cell.low, cell.high, cell.n) == ("bounds", commonest, total, n)


@pytest.mark.parametrize("section", list(SUMS))
def test_no_composite_of_any_record_exceeds_the_total_of_its_section(trap_names, real_records, section):
    held = records = 0
    for nct_id in (name for name, traps in trap_names.items() if SUMS[section] in traps):
        events = real_records[nct_id].adverse_events
        rows = events.of(section)
        records += 1
        found = event_cells(real_records[nct_id], everything(section), [group.id for group in events.groups])
        assert len(found.matches) == len(rows)
        for group in events.groups:
            cell, total = found.of(group.id), getattr(group, section)
            if not cell.usable:
                continue
            counts = [row.cell(group.id).affected for row in rows if row.cell(group.id).at_risk]
            assert cell.low == max(counts)
            assert cell.high == min(sum(counts), total.affected), (nct_id, group.id)
            held += sum(counts) > total.affected
    assert records == sum(SUMS[section] in traps for traps in trap_names.values())
    assert held > records


@pytest.mark.parametrize(
    ("nct_id", "term", "section", "counts"),
    [
        ("NCT00430716", "Anaemia", "other", [(1, 0, 2), (1, 1, 2)]),
        ("NCT00430716", "Anaemia", "serious", [(0, 0, 1), (0, 0, 1)]),
        ("NCT00763867", "Hypotension", "other", [(0, 1), (1, 8)]),
        ("NCT00382863", "Worsening heart failure", "serious", [(15, 27), (4, 0)]),
    ],
)
def test_rows_of_a_repeated_term_are_all_kept(real_records, nct_id, term, section, counts):
    record = real_records[nct_id]
    definition = event(f'terms = ["{term}"]\nsections = ["{section}"]')
    found = event_cells(record, definition, [group.id for group in record.adverse_events.groups])
    assert [tuple(cell.affected for cell in match.row.cells) for match in found.matches] == counts
    assert len({match.row.path for match in found.matches}) == len(counts)
    assert any("one term in several rows is not added up" in decision.rule for decision in found.decisions)
