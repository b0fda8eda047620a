"""Special forms: the event where they are listed, nothing where they are not."""

from __future__ import annotations

import pytest
from registry.events.small import event, group, record, row

from trialpool.errors import ReviewError
from trialpool.registry.events import event_cells, read_definition

EVENT = event('forms = ["Cystitis", "Pyelonephritis"]', terms=["Urinary tract infection"])
PLAIN = event(terms=["Urinary tract infection"])
UTI = row("other", "Urinary tract infection", [7, 9])


def cells(rows, definition=EVENT, **named):
    found = event_cells(record(rows, **named), definition, ("EG000", "EG001"))
    return [(cell.low, cell.high) for cell in found.cells]


def test_a_form_that_is_not_listed_leaves_nothing_open():
    assert cells([UTI]) == cells([UTI], PLAIN) == [(7, 7), (9, 9)]


def test_a_form_beside_the_term_is_not_added_up():
    assert cells([UTI, row("other", "Cystitis", [8, 0], place=1)]) == [(8, 15), (9, 9)]
    assert cells([UTI, row("serious", "PYELONEPHRITIS", [2, 0])]) == [(7, 9), (9, 9)]


def test_a_form_alone_is_the_event_and_the_term_may_be_below_the_threshold():
    rash, cystitis = row("other", "Rash", [50, 50], place=1), row("other", "Cystitis", [6, 5])
    assert cells([rash, cystitis]) == [(6, 10), (5, 9)]
    assert cells([rash, cystitis], threshold="0") == [(6, 6), (5, 5)]
    assert cells([rash, cystitis], PLAIN) == [(0, 4), (0, 4)]


def test_forms_and_the_term_together_are_at_most_those_with_any_event():
    groups = [group(0, other=(10, 100)), group(1, other=(9, 100))]
    rows = [UTI, row("other", "Cystitis", [6, 0], place=1)]
    assert cells(rows, groups=groups) == [(7, 10), (9, 9)]


def test_the_decision_names_the_form():
    found = event_cells(record([UTI, row("serious", "Cystitis", [1, 0])]), EVENT, ("EG000",))
    assert [
        (d.rule, d.after, d.confidence) for d in found.decisions if "Cystitis" in d.before and d.step == "terms"
    ] == [("special form 'Cystitis'", "event", 0.95)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('patterns = ["rash"]\nforms = ["Rash pruritic"]', "'forms' has no meaning without terms"),
        ('terms = ["Rash"]\nforms = ["Rash NOS"]', "'Rash NOS', which is 'Rash' in another spelling"),
        ('terms = ["Rash"]\nforms = ["Drug rash", "Rash, drug"]', "'Rash, drug', which is 'Drug rash'"),
        (
            'terms = ["Rash"]\nforms = ["Drug rash"]\nexclude_terms = ["Drug rash"]',
            "'Drug rash', which is one of the terms",
        ),
        ('total = "deaths"\nforms = ["Rash"]', "has no meaning beside 'forms'"),
    ],
)
def test_mistakes(text, says):
    with pytest.raises(ReviewError, match=says):
        event(text)


# record, group -> low, high; rows read in the record itself
REAL = [
    # no urinary tract infection; serious: 1 pyelonephritis acute
    ("NCT00763867", "EG001", (1, 1)),
    # other 256; serious 16, Escherichia 1, bacterial 2, and other forms
    ("NCT01986881", "EG000", (256, 284)),
]


@pytest.mark.parametrize(("nct_id", "key", "expected"), REAL)
def test_real_records(real, nct_id, key, expected):
    cell = event_cells(real(nct_id), read_definition("urinary tract infection"), [key]).of(key)
    assert (cell.low, cell.high) == expected
