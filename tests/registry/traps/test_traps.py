"""Each kind of trap that was found in the real records, on named records, as a person reads them."""

from __future__ import annotations

import pytest
from registry.events.small import event
from registry.traps import test_sections, test_words
from registry.traps.counts import COUNTS
from registry.traps.groups import GROUPS
from registry.traps.trials import TRIALS

from trialpool.registry.events import event_cells, read_definition
from trialpool.registry.extract import ListSource, extract, make_question
from trialpool.registry.groups import match_groups


def flat(table):
    return [pytest.param(*case, id=f"{trap}-{case[0]}-{i}") for trap in table for i, case in enumerate(table[trap])]


class Every(ListSource):
    """Offers every record, whatever it mentions."""

    def candidates(self, names):
        return tuple(record.nct_id for record in self.records())


@pytest.mark.parametrize(("nct_id", "lines", "expected", "reason"), flat(COUNTS))
def test_counts(real_records, nct_id, lines, expected, reason):
    found = event_cells(real_records[nct_id], event(lines), list(expected))
    shown = {cell.group: (cell.low, cell.high, cell.n) if cell.usable else cell.status for cell in found.cells}
    assert shown == expected
    first = found.of(next(iter(expected)))
    assert reason in first.reason
    assert first.status == ("exact" if first.low == first.high else "bounds") or not first.usable


@pytest.mark.parametrize(("nct_id", "group", "arms", "kind", "role", "how"), flat(GROUPS))
def test_groups(real_groups, nct_id, group, arms, kind, role, how):
    match = real_groups[nct_id].of(group)
    if how == "known":
        assert match.accepted, match.reasons
    if how == "asked":
        assert not match.accepted
    if match.accepted:
        assert (match.arms, match.kind, match.role) == (arms, kind, role)
    else:
        assert match.reasons


@pytest.mark.parametrize(("nct_id", "question", "lines", "expected"), flat(TRIALS))
def test_trials(real_records, real_groups, nct_id, question, lines, expected):
    treatment, control, *include = question
    asked = make_question([treatment], [control], include=include)
    found = extract(
        Every([real_records[nct_id]]), asked, [event(lines)], match=lambda record: real_groups[record.nct_id]
    )
    if isinstance(expected, str):
        assert found.rows == ()
        assert [(out.registry_id, expected in out.reason) for out in found.excluded] == [(nct_id, True)]
        return
    assert found.excluded == ()
    assert {row["arm"]: count_of(row) for row in found.rows} == expected
    assert len(found.rows) == len(expected)
    assert all(nct_id in row["source"] and "adverseEventsModule" in row["source"] for row in found.rows)


def count_of(row):
    if row["events"] is None:
        return row["events_low"], row["events_high"], row["n"]
    return row["events"], row["n"]


def table():
    """Every trap with the records on which it is tested."""
    records = {}
    for cases in (COUNTS, GROUPS, TRIALS, test_sections.RECORDS, test_words.RECORDS):
        for trap, found in cases.items():
            records.setdefault(trap, set()).update(case[0] for case in found)
    return records


def test_every_trap_is_tested_on_a_record_that_has_it(trap_names):
    tested = table()
    assert set(tested) == {trap for traps in trap_names.values() for trap in traps}
    assert {
        (trap, nct_id) for trap, found in tested.items() for nct_id in found if trap not in trap_names[nct_id]
    } == set()


def test_every_record_with_a_trap_passes_through(trap_names, real_records, real_groups):
    definitions = [read_definition(name) for name in ("diarrhoea", "genital infection", "serious adverse event")]
    assert set(trap_names) <= set(real_records)
    usable = 0
    for nct_id in trap_names:
        record, groups = real_records[nct_id], real_groups[nct_id]
        keys = [match.group for match in groups.matches]
        assert all(set(pair) <= set(keys) for pair in groups.overlaps)
        for definition in definitions:
            found = event_cells(record, definition, keys)
            assert [cell.group for cell in found.cells] == keys
            for cell in found.cells:
                assert cell.reason
                if cell.usable:
                    assert 0 <= cell.low <= cell.high <= cell.n, (nct_id, definition.name, cell)
                    usable += 1
    assert usable > 2000


def test_a_record_without_adverse_events_has_no_groups_and_no_counts(real_records):
    record = real_records["NCT00323037"]
    assert match_groups(record).matches == ()
    cell = event_cells(record, event('total = "deaths"'), ["EG000"]).of("EG000")
    assert (cell.status, cell.low, cell.reason) == ("unknown", None, "the record has no adverse events")
