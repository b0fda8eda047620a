"""Rows that may hold the event: never taken for none, never for all."""

from __future__ import annotations

from itertools import product

import pytest
from registry.events.small import event, group, record, row

from trialpool.registry.events import event_cells, read_definition
from trialpool.registry.events.near import near_misses
from trialpool.registry.model import AdverseEvents

BOTH = ("EG000", "EG001")
EXACT, BOUNDS, UNKNOWN = "exact", "bounds", "unknown"

# record, event, group -> status, low, high, n; every number was read in the record itself
REAL = [
    # serious 6 and other 22 in lists that name hyperkalaemia; the description says that chosen symptoms were collected
    ("NCT02285920", "hyperkalaemia", "EG000", (UNKNOWN, None, None, None)),
    # other 25 by name; serious 2 in "Hypertension, hypotension, thrombosis"
    ("NCT02285920", "hypotension", "EG000", (BOUNDS, 25, 27, 51)),
    ("NCT02285920", "hypotension", "EG002", (EXACT, 13, 13, 26)),
    ("NCT04730947", "genital infection", "EG000", (BOUNDS, 0, 3, 21)),
    ("NCT04730947", "urinary tract infection", "EG001", (BOUNDS, 0, 1, 17)),
    ("NCT04955626", "diarrhoea", "EG003", (EXACT, 109, 109, 1453)),
    # 0 as other and 82 as solicited
    ("NCT05168813", "nausea", "EG000", (EXACT, 82, 82, 558)),
    # 1 and 58
    ("NCT05168813", "nausea", "EG001", (BOUNDS, 58, 59, 692)),
    # 2 and 37, and 5 below 5 % of 103; 46, and 5 below 5 % of 120
    ("NCT00119262", "diarrhoea", "EG000", (BOUNDS, 0, 44, 103)),
    ("NCT00119262", "diarrhoea", "EG001", (BOUNDS, 0, 51, 120)),
    ("NCT04646109", "nausea", "EG000", (BOUNDS, 0, 2, 30)),
    ("NCT04646109", "vomiting", "EG001", (EXACT, 0, 0, 30)),
    ("NCT01544998", "vomiting", "EG000", (BOUNDS, 0, 2, 21)),
    ("NCT01754259", "nausea", "EG000", (BOUNDS, 0, 9, 23)),
    ("NCT02636439", "vomiting", "EG000", (BOUNDS, 0, 2, 44)),
    ("NCT02713126", "diarrhoea", "EG001", (BOUNDS, 0, 12, 37)),
    ("NCT03030222", "hypoglycaemia", "EG000", (BOUNDS, 0, 1, 33)),
    ("NCT03877224", "genital infection", "EG000", (UNKNOWN, None, None, None)),
    ("NCT03030235", "genital infection", "EG000", (UNKNOWN, None, None, None)),
]


@pytest.mark.parametrize(("nct_id", "name", "group_id", "expected"), REAL)
def test_cells_of_real_records(real, nct_id, name, group_id, expected):
    cell = event_cells(real(nct_id), read_definition(name), [group_id]).of(group_id)
    assert (cell.status, cell.low, cell.high, cell.n if cell.usable else None) == expected, cell.reason


def nears(definition, *terms):
    events = AdverseEvents(terms=tuple(row("other", term, [1]) for term in terms))
    return {near.row.term: near.counted for near in near_misses(definition, events, ())}


def test_terms_that_contain_the_event():
    names = [
        "Nausea/Vomiting",
        "Nausea, headache",
        "Rash and NAUSEA",
        "Nausea w/o vomiting",
        "Vomiting, no fever, nausea",
        "Non-nausea",
        "Dizziness without nausea",
        "Dizziness w/o nausea",
        "No nausea",
        "Nauseating",
        "Rash",
    ]
    assert nears(event(terms=["Nausea"]), *names) == dict.fromkeys(names[:5], True) | dict.fromkeys(names[5:9], False)


def test_a_form_within_a_list_and_an_inflammation_that_is_none():
    names = (
        "Bronchitis, cystitis, cellulitis",
        "Cystitis interstitial",
        "Cholecystitis",
        "Urinary tract infection NEC",
    )
    assert nears(read_definition("urinary tract infection"), *names) == {
        "Bronchitis, cystitis, cellulitis": True,
        "Cystitis interstitial": False,
        "Urinary tract infection NEC": True,
    }


def test_spellings_and_typing_errors():
    diarrhoea = event(terms=["Diarrhoea"])
    assert nears(diarrhoea, "Diarhea", "Diarrhoeaa", "Loose stools, cramps", "Non-infectious diarrhea", "Dairrhea") == {
        "Diarhea": True,
        "Diarrhoeaa": True,
        "Loose stools, cramps": True,
        "Non-infectious diarrhea": True,
    }
    assert nears(event(terms=["Hypotension"]), "Hypertension", "Hypotensions, rash") == {"Hypotensions, rash": True}
    assert nears(event(terms=["Nausea"]), "Nausa") == {}
    uti = read_definition("urinary tract infection")
    assert nears(uti, "Infection, urinary tract, bacterial", "Respiratory tract infection") == {
        "Infection, urinary tract, bacterial": True
    }


def test_what_the_definition_excludes_is_told_and_not_counted():
    names = ("Orthostatic hypotension", "Orthostatic hypotension, dizziness", "Orthostatic hypotension or hypotension")
    assert nears(read_definition("hypotension"), *names) == dict(zip(names, (False, False, True), strict=True))
    assert nears(read_definition("genital infection"), "Genital infection viral", "Genital infection NEC") == {
        "Genital infection viral": False,
        "Genital infection NEC": True,
    }


def test_a_row_that_may_hold_the_event_raises_the_upper_bound_alone():
    rows = [row("other", "Nausea", [7, 0]), row("other", "Nausea and vomiting", [5, 0], place=1)]
    found = event_cells(record(rows), event(terms=["Nausea"]), BOTH)
    assert [(c.status, c.low, c.high) for c in found.cells] == [(BOUNDS, 7, 12), (EXACT, 0, 0)]
    near = [d for d in found.decisions if d.rule.startswith("may hold the event: ")]
    assert [(d.step, d.confidence, d.path) for d in near] == [("terms", 0.5, "otherEvents[1]")]
    assert "otherEvents[1].stats[0].numAffected" in found.of("EG000").paths
    told = event_cells(record([row("other", "No nausea", [60, 0])]), event(terms=["Nausea"]), BOTH)
    assert told.of("EG000").high == 4
    assert [d.after for d in told.decisions if d.rule.startswith("not counted: ")] == ["not counted"]


def test_a_missing_number_may_be_everybody():
    rec = record(
        [row("other", "Nausea/Vomiting", [None, 2])], threshold="0", groups=[group(0), group(1, other=(2, 100))]
    )
    found = event_cells(rec, event(terms=["Nausea"]), BOTH)
    assert [(c.status, c.low, c.high) for c in found.cells] == [(BOUNDS, 0, 100), (BOUNDS, 0, 2)]


def test_maybe_names_rows_without_the_words():
    definition = event('maybe = ["genito-?urinary"]', terms=["Cystitis"])
    found = event_cells(record([row("other", "Genitourinary infections", [3, 0])], threshold="0"), definition, BOTH)
    assert [(c.low, c.high) for c in found.cells] == [(0, 3), (0, 0)]


@pytest.mark.parametrize("words", ["Nausea/Vomiting", "Nausea and vomiting"])
def test_bounds_hold_for_every_way_in_which_the_people_may_have_had_it(words):
    """Each of 3 people has nothing, nausea alone, the combined row by nausea or by vomiting alone, or both rows."""
    for people in product(range(5), repeat=3):
        named, combined = sum(p in (1, 4) for p in people), sum(p >= 2 for p in people)
        truth = sum(p in (1, 2, 4) for p in people)
        rows = [row("other", "Nausea", [named, 1], at_risk=[3, 3])] if named else []
        rows += [row("other", words, [combined, 1], at_risk=[3, 3], place=1)] if combined else []
        totals = group(0, other=(sum(p > 0 for p in people), 3), serious=(0, 3))
        rec = record([*rows, row("other", "Rash", [0, 3], at_risk=[3, 3])], threshold="0", groups=[totals, group(1)])
        cell = event_cells(rec, event(terms=["Nausea"]), ["EG000"]).cells[0]
        assert cell.low <= truth <= cell.high, (people, cell)
        assert cell.high == min(3, named + combined)
