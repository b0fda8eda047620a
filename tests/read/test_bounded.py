"""Events known within bounds alone, and the number from which a registry lists them."""

from __future__ import annotations

import pytest

import trialpool as tp
from trialpool.errors import TableError
from trialpool.trials import Counts, Piece

NAMES = {"trial": "Hart", "outcome": "rash"}


def table(*rows):
    return tp.read_table([{**NAMES, **row} for row in rows])


def outcomes(*rows):
    (trial,) = table(*rows).trials
    return [arm.outcomes[0] for arm in trial.arms]


def test_bounds_stand_in_the_place_of_a_count():
    drug, placebo = outcomes(
        {"treatment": "drug", "n": 100, "events_low": 0, "events_high": 4, "listed_from": 5},
        {"treatment": "placebo", "n": 98, "events": 7, "listed_from": 5},
    )
    assert (drug.counts, drug.bounds) == (None, Piece(0, 4, 100, 5))
    assert (placebo.counts, placebo.bounds) == (Counts(7, 98, listed_from=5), None)


def test_a_table_of_bounds_alone_needs_the_column_of_events_all_the_same():
    with pytest.raises(TableError, match="'events'"):
        table({"treatment": "drug", "n": 100, "events_low": 0, "events_high": 4})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"events": 3, "events_low": 0, "events_high": 4}, "row 0, column 'events_low': bounds beside a number"),
        ({"events_low": 4, "events_high": 0}, "row 0, column 'events_low': 4 is above the events_high of 0"),
        ({"events_low": 0, "events_high": 101}, "row 0, column 'events_high': 101 events in 100 participants"),
        ({"events_low": 0}, "row 0, column 'events_high': the cell is empty"),
        ({"events_high": 3}, "row 0, column 'events_low': the cell is empty"),
        ({"events_low": "0.5", "events_high": 3}, "row 0, column 'events_low': '0.5' is a fraction"),
        ({"events_low": 0, "events_high": 3, "person_years": 9}, "row 0, column 'person_years': time at risk beside"),
        ({"events_low": 0, "events_high": 3, "listed_from": 101}, "row 0, column 'listed_from': 101 events in 100"),
        ({"events": 3, "listed_from": 0}, "row 0, column 'listed_from': 0"),
    ],
)
def test_mistakes(row, message):
    full = dict.fromkeys(("events", "events_low", "events_high", "listed_from", "person_years"))
    with pytest.raises(TableError, match=message):
        table({"treatment": "drug", "n": 100, **full, **row})


def test_bounds_that_meet_are_a_count():
    (drug,) = outcomes(
        {"treatment": "drug", "n": 50, "events": None, "events_low": 5, "events_high": 5, "listed_from": 3}
    )
    assert (drug.counts, drug.bounds) == (Counts(5, 50, listed_from=3), None)
