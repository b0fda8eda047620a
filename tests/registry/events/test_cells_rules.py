"""Each rule from rows to a cell, on records of a few lines."""

from __future__ import annotations

import pytest
from registry.events.small import event, group, record, row

from trialpool.registry.events import event_cells

BOTH = ("EG000", "EG001")


def cells(rec, definition, groups=BOTH):
    found = event_cells(rec, definition, groups)
    return [(cell.status, cell.low, cell.high, cell.n) for cell in found.cells]


def test_row_gives_its_count_and_its_own_number_at_risk():
    rec = record([row("other", "Nausea", [7, 3], at_risk=[98, 97]), row("serious", "Nausea", [0, 0])])
    found = event_cells(rec, event(terms=["Nausea"]), BOTH)
    assert [(c.status, c.low, c.n) for c in found.cells] == [("exact", 7, 100), ("exact", 3, 100)]
    assert [d for d in found.decisions if "different numbers at risk" in d.rule and "97, 100" in d.before]
    alone = record([row("other", "Nausea", [7, 3], at_risk=[98, 97])])
    assert cells(alone, event(terms=["Nausea"])) == [("exact", 7, 7, 98), ("exact", 3, 3, 97)]


def test_serious_and_other_are_bounds_not_a_sum():
    rec = record([row("serious", "Nausea", [4, 0]), row("other", "Nausea", [7, 6])])
    assert cells(rec, event(terms=["Nausea"])) == [("bounds", 7, 11, 100), ("exact", 6, 6, 100)]


@pytest.mark.parametrize(("section", "count"), [("serious", 4), ("other", 7)])
def test_one_section_alone_is_exact(section, count):
    rec = record([row("serious", "Nausea", [4, 0]), row("other", "Nausea", [7, 6])])
    only = event(f'sections = ["{section}"]', terms=["Nausea"])
    assert cells(rec, only)[0] == ("exact", count, count, 100)


def test_sum_is_held_at_the_number_at_risk_and_at_the_total_of_the_section():
    rows = [row("other", "Nausea", [70, 1]), row("other", "Vomiting", [60, 1])]
    composite = event('sections = ["other"]', terms=["Nausea", "Vomiting"])
    whole = record(rows, groups=[group(0, other=(100, 100)), group(1, other=(2, 100))])
    assert cells(whole, composite)[0] == ("bounds", 70, 100, 100)
    fewer = record(rows, groups=[group(0, other=(80, 100)), group(1, other=(1, 100))])
    assert cells(fewer, composite) == [("bounds", 70, 80, 100), ("exact", 1, 1, 100)]


def test_total_that_a_row_contradicts_is_not_used():
    rec = record([row("other", "Nausea", [70, 1])], groups=[group(0, other=(60, 100)), group(1, other=(2, 100))])
    found = event_cells(rec, event(terms=["Nausea"]), BOTH)
    assert found.of("EG000").low == 70
    assert [d for d in found.decisions if "more participants than with any other event" in d.rule]


def test_bounds_collapse_where_all_rows_but_one_are_zero():
    rec = record([row("other", "Nausea", [7, 0]), row("other", "Vomiting", [0, 2])])
    assert cells(rec, event(terms=["Nausea", "Vomiting"])) == [("exact", 7, 7, 100), ("exact", 2, 2, 100)]


@pytest.mark.parametrize("systems", [("", ""), ("Gastrointestinal disorders", "General disorders")])
def test_same_term_twice_in_a_section_is_never_added_up_even_where_counts_are_the_same(systems):
    rows = [
        row("other", "Nausea", [6, 1], system=systems[0]),
        row("other", "NAUSEA", [6, 0], system=systems[1], place=1),
    ]
    found = event_cells(record(rows), event(terms=["Nausea"]), BOTH)
    assert [(c.low, c.high) for c in found.cells] == [(6, 12), (1, 1)]
    assert next(d.before for d in found.decisions if "several rows is not added up" in d.rule).startswith(
        "other 'Nausea' in 2 rows"
    )


@pytest.mark.parametrize(
    ("threshold", "n", "high"),
    [
        ("5", 100, 4),
        ("5", 101, 5),
        ("5", 99, 4),
        ("3.3", 1000, 32),
        ("1", 172, 1),
        ("5", 20, 0),
        ("1", 100, 0),
        ("100", 40, 39),
    ],
)
def test_not_listed_under_other_is_up_to_one_below_the_threshold(threshold, n, high):
    rec = record(threshold=threshold, groups=[group(0, serious=(0, n), other=(0, n)), group(1)])
    status = "exact" if high == 0 else "bounds"
    assert cells(rec, event(terms=["Nausea"]))[0] == (status, 0, high, n)


@pytest.mark.parametrize("threshold", ["0", "0.05", "0.99"])
def test_low_threshold_with_nothing_listed_is_unknown(threshold):
    found = event_cells(record(threshold=threshold), event(terms=["Nausea"]), BOTH)
    assert {cell.status for cell in found.cells} == {"unknown"}
    assert "meant as a share" in found.cells[0].reason
    listed = record([row("other", "Rash", [4, 4])], threshold=threshold)
    assert cells(listed, event(terms=["Nausea"]))[0] == ("exact", 0, 0, 100)


def test_threshold_arithmetic_is_exact():
    # 0.07 * 100 is 7.000000000000001 in floating point: listed from 7, not from 8
    rec = record(threshold="7")
    assert cells(rec, event(terms=["Nausea"]))[0] == ("bounds", 0, 6, 100)


def test_listed_as_serious_but_not_as_other():
    rec = record([row("serious", "Nausea", [3, 1])])
    assert cells(rec, event(terms=["Nausea"])) == [("bounds", 3, 7, 100), ("bounds", 1, 5, 100)]


def test_threshold_zero_means_none_with_a_decision():
    rec = record([row("other", "Rash", [90, 1])], threshold="0")
    found = event_cells(rec, event(terms=["Nausea"]), BOTH)
    assert [(c.status, c.low) for c in found.cells] == [("exact", 0), ("exact", 0)]
    assert "the reporting threshold is 0" in found.of("EG000").reason
    assert any("threshold is 0" in decision.rule for decision in found.decisions)


def test_rows_that_do_not_account_for_the_total_leave_room_for_the_event():
    short = record([row("other", "Rash", [4, 0])], threshold="0", groups=[group(0, other=(9, 100)), group(1)])
    assert cells(short, event(terms=["Nausea"])) == [("bounds", 0, 9, 100), ("exact", 0, 0, 100)]
    no_rows = record(groups=[group(0, serious=(2, 100)), group(1)])
    assert cells(no_rows, event('sections = ["serious"]', terms=["Nausea"]))[0] == ("bounds", 0, 2, 100)


@pytest.mark.parametrize(
    ("groups", "threshold", "reason"),
    [
        ([group(0, other=None), group(1, other=None)], "5", "reports no other events"),
        ([group(0), group(1)], None, "states no threshold"),
        ([group(0, serious=None), group(1, serious=None)], "5", "does not say whether there were serious events"),
        ([group(0, serious=(None, 100)), group(1)], "5", "does not say whether there were serious events"),
        ([group(0, other=(None, 100)), group(1)], "0", "does not say whether there were other events"),
    ],
)
def test_unreported_is_unknown_and_never_zero(groups, threshold, reason):
    found = event_cells(record(threshold=threshold, groups=groups), event(terms=["Nausea"]), BOTH)
    cell = found.of("EG000")
    assert (cell.status, cell.low, cell.high) == ("unknown", None, None)
    assert reason in cell.reason


def test_row_without_stated_threshold_is_exact():
    rec = record([row("other", "Nausea", [7, 3])], threshold=None)
    assert cells(rec, event(terms=["Nausea"])) == [("exact", 7, 7, 100), ("exact", 3, 3, 100)]


def test_nobody_at_risk_is_not_assessed():
    zero = record([row("other", "Nausea", [None, 3], at_risk=[0, 100])])
    assert cells(zero, event(terms=["Nausea"])) == [("not assessed", None, None, None), ("exact", 3, 3, 100)]
    whole = record(groups=[group(0, other=(0, 0)), group(1)])
    assert cells(whole, event(terms=["Nausea"]))[0][0] == "not assessed"


def test_row_that_is_not_assessed_leaves_a_composite_to_its_other_rows():
    rec = record([row("other", "Balanitis", [None, 1], at_risk=[0, 50]), row("other", "Vulvitis", [6, 0])])
    found = event_cells(rec, event(terms=["Balanitis", "Vulvitis"]), BOTH)
    assert [(c.status, c.low, c.n) for c in found.cells] == [("exact", 6, 100), ("exact", 1, 100)]
    assert any("not assessed in this group" in decision.rule for decision in found.decisions)


@pytest.mark.parametrize(("affected", "at_risk"), [(None, 100), (120, 100), (-1, 100), (3, None)])
def test_number_that_cannot_be_used_is_unknown(affected, at_risk):
    rec = record(
        [row("other", "Nausea", [affected, 3], at_risk=[at_risk, 100])], groups=[group(0, other=(None, 100)), group(1)]
    )
    assert cells(rec, event(terms=["Nausea"])) == [("unknown", None, None, None), ("exact", 3, 3, 100)]


def test_missing_number_of_one_row_makes_a_composite_unknown():
    rec = record([row("other", "Nausea", [None, 3]), row("other", "Vomiting", [8, 0])])
    assert cells(rec, event(terms=["Nausea", "Vomiting"])) == [("unknown", None, None, None), ("exact", 3, 3, 100)]


def test_row_without_a_cell_for_the_group_is_unknown():
    rec = record([row("other", "Nausea", [7])], groups=[group(0), group(1, other=(None, 100))])
    assert cells(rec, event(terms=["Nausea"]))[1][0] == "unknown"


def test_each_unlisted_term_of_a_composite_may_be_just_below_the_threshold():
    rec = record([row("other", "Nausea", [7, 3])])
    assert cells(rec, event(terms=["Nausea", "Vomiting", "Retching"])) == [
        ("bounds", 7, 15, 100),
        ("bounds", 3, 11, 100),
    ]
    together = event('unlisted = "together"', terms=["Nausea", "Vomiting", "Retching"])
    found = event_cells(rec, together, BOTH)
    assert [(c.low, c.high) for c in found.cells] == [(7, 11), (3, 7)]
    assert any("an assumption of the definition" in decision.rule for decision in found.decisions)


def test_organ_system_holds_an_unknown_number_of_unlisted_terms():
    rec = record([row("other", "Nausea", [7, 3], system="Gastrointestinal disorders")])
    of_system = 'organ_systems = ["Gastrointestinal disorders"]\n'
    assert cells(rec, event(of_system))[0][0] == "unknown"
    assert cells(rec, event(of_system + 'unlisted = "together"'))[0] == ("bounds", 7, 11, 100)
    everything = record(
        [row("other", "Nausea", [7, 3], system="Gastrointestinal disorders")],
        threshold="0",
        groups=[group(0), group(1)],
    )
    assert cells(everything, event(of_system))[0] == ("exact", 7, 7, 100)


def test_several_dictionaries_are_a_decision_and_are_kept():
    rows = [
        row("other", "Nausea", [7, 3], vocabulary="MedDRA 20.0"),
        row("serious", "Nausea", [0, 0], vocabulary="CTCAE 4.0"),
    ]
    found = event_cells(record(rows), event(terms=["Nausea"]), BOTH)
    assert found.vocabulary == "CTCAE 4.0; MedDRA 20.0"
    assert any("several dictionaries" in decision.rule for decision in found.decisions)
    assert found.assessment == "systematic"


@pytest.mark.parametrize(
    ("total", "given", "expected"),
    [
        ("deaths", {"deaths": (3, 100)}, ("exact", 3, 3, 100)),
        ("deaths", {"deaths": None}, ("unknown", None, None, None)),
        ("deaths", {"deaths": (None, 100)}, ("unknown", None, None, None)),
        ("deaths", {"deaths": (0, 0)}, ("not assessed", None, None, 0)),
        ("deaths", {"deaths": (101, 100)}, ("unknown", None, None, None)),
        ("serious", {"serious": (12, 90)}, ("exact", 12, 12, 90)),
    ],
)
def test_totals_of_the_group(total, given, expected):
    rec = record(groups=[group(0, **given), group(1)])
    assert cells(rec, event(f'total = "{total}"'), ("EG000",)) == [expected]


def test_every_cell_names_its_field():
    rec = record([row("serious", "Nausea", [4, 0]), row("other", "Nausea", [7, 6], place=3)])
    found = event_cells(rec, event(terms=["Nausea"]), BOTH)
    assert found.of("EG000").paths == ("seriousEvents[0].stats[0].numAffected", "otherEvents[3].stats[0].numAffected")
    unlisted = event_cells(record(), event(terms=["Nausea"]), BOTH)
    assert unlisted.of("EG001").paths == ("eventGroups[1]",)
