"""Numbers at risk that differ: the bounds hold for every way in which participants can have had the rows."""

from __future__ import annotations

from itertools import combinations

import pytest
from registry.events.small import event, group, record, row

from trialpool.registry.events import event_cells


def subsets(people):
    return [set(chosen) for size in range(len(people) + 1) for chosen in combinations(people, size)]


@pytest.mark.parametrize(("assessed", "also"), [(3, 5), (5, 3), (4, 4)])
def test_sections_of_which_one_assessed_fewer(assessed, also):
    """Serious events among ``assessed`` participants, other events among ``also``, the smaller set within the larger."""
    fewer = set(range(min(assessed, also)))
    for serious in range(assessed + 1):
        for other in range(also + 1):
            rows = [
                row("serious", "Nausea", [serious], at_risk=assessed),
                row("other", "Nausea", [other], at_risk=also),
            ]
            groups = [group(0, serious=(serious, assessed), other=(other, also))]
            cell = event_cells(record(rows, groups=groups), event(terms=["Nausea"]), ["EG000"]).of("EG000")
            possible = {
                len((a | b) & fewer)
                for a in subsets(range(assessed))
                if len(a) == serious
                for b in subsets(range(also))
                if len(b) == other
            }
            assert (cell.low, cell.high, cell.n) == (min(possible), max(possible), len(fewer))


def test_the_smaller_number_is_a_decision():
    rows = [row("serious", "Nausea", [0], at_risk=400), row("other", "Nausea", [2], at_risk=50)]
    found = event_cells(
        record(rows, groups=[group(0, serious=(3, 400), other=(9, 50))]), event(terms=["Nausea"]), ["EG000"]
    )
    assert (found.cells[0].low, found.cells[0].high, found.cells[0].n) == (2, 2, 50)
    assert [d.before.rpartition(": ")[2] for d in found.decisions if "the smaller number is used" in d.rule] == [
        "50, 400"
    ]


@pytest.mark.parametrize(
    ("women", "men", "whole", "n"),
    [(45, 55, 100, 100), (40, 55, 100, 55), (100, 55, 100, 100)],
    ids=["parts of the whole", "no parts", "one is the whole"],
)
def test_rows_of_women_and_of_men(women, men, whole, n):
    rows = [
        row("other", "Vaginal infection", [3], at_risk=women),
        row("other", "Balanitis", [2], at_risk=men, place=1),
    ]
    both = event(terms=["Vaginal infection", "Balanitis"])
    cell = event_cells(record(rows, groups=[group(0, serious=(0, whole), other=(5, whole))]), both, ["EG000"]).cells[0]
    assert (cell.low, cell.high, cell.n) == (3, 5, n)
