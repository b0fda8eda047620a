"""Cells that differ between two versions of a table."""

from __future__ import annotations

import trialpool as tp
from trialpool.registry.update import cell_changes

HART = {"trial": "Hart", "registry_id": "NCT00000001", "outcome": "rash", "source": "old path"}
EMPTY = dict.fromkeys(("events_low", "events_high", "listed_from", "arm"))


def rows(*, events=3, n=20, **more):
    return [
        {**HART, **EMPTY, "treatment": "drug", "events": events, "n": n, **more},
        {**HART, **EMPTY, "treatment": "placebo", "events": 5, "n": 21},
    ]


def trials(table):
    return tp.read_table(table).trials


def changes(before, after):
    return [(c.arm, c.change, c.number, c.before, c.after) for c in cell_changes(trials(before), trials(after))]


def test_the_same_table_has_no_changes():
    assert changes(rows(), rows()) == []
    assert changes(rows(), rows()[::-1]) == []


def test_numbers_that_differ():
    assert changes(rows(), rows(events=4, n=22)) == [
        ("drug", "changed", "events", "3", "4"),
        ("drug", "changed", "n", "20", "22"),
    ]


def test_a_new_name_of_the_trial_is_no_change_where_the_identifier_is_the_same():
    assert changes(rows(), [row | {"trial": "Hart 1977"} for row in rows()]) == []


def test_without_identifiers_the_trial_goes_by_its_label():
    before = [row | {"registry_id": None} for row in rows()]
    after = [row | {"trial": "Hart 1977"} for row in before]
    assert {(change, number) for _, change, number, _, _ in changes(before, after)} == {
        ("added", "events"),
        ("added", "n"),
        ("removed", "events"),
        ("removed", "n"),
    }


def test_a_count_that_is_no_longer_listed_becomes_bounds():
    after = rows(events=None, events_low=0, events_high=2, listed_from=3)
    assert changes(rows(), after) == [
        ("drug", "changed", "events", "3", ""),
        ("drug", "changed", "events_low", "", "0"),
        ("drug", "changed", "events_high", "", "2"),
        ("drug", "changed", "listed_from", "", "3"),
    ]


def test_arms_that_came_and_went():
    third = {**HART, **EMPTY, "treatment": "drug", "arm": "high dose", "events": 1, "n": 9}
    assert changes(rows(), [*rows(), third]) == [
        ("high dose", "added", "events", "", "1"),
        ("high dose", "added", "n", "", "9"),
    ]
    assert changes([*rows(), third], rows()) == [
        ("high dose", "removed", "events", "1", ""),
        ("high dose", "removed", "n", "9", ""),
    ]


def test_both_sources_are_kept():
    (change,) = cell_changes(trials(rows()), trials(rows(events=4, source="new path")))
    assert (change.source_before, change.source_after) == ("old path", "new path")
    assert (change.trial, change.registry_id, change.treatment, change.outcome) == (
        "Hart",
        "NCT00000001",
        "drug",
        "rash",
    )
