"""What notes on zero cells and rare events say of each measure, and that what they say is true."""

from __future__ import annotations

from typing import Any

import pytest
from harmonise.builders import make_comparison

from trialpool.pool import MantelHaenszel, Pooled, make_request, pool_request
from trialpool.results import Note

TABLE = (20, 100, 10, 110)
NO_EVENTS = (0, 50, 0, 60)
ONLY_EVENTS = (50, 50, 60, 60)
OPPOSITE = (50, 50, 0, 60)
NONE_TREATED = (0, 100, 12, 110)
NONE_CONTROL = (12, 100, 0, 110)
RARE = make_comparison(*[(3, 1000, 2, 1000)] * 5)
DIFFERENCE: dict[str, Any] = {"measure": "risk difference", "method": MantelHaenszel()}


def note_of(pooled: Pooled, code: str) -> Note:
    (found,) = (note for note in pooled.notes if note.code == code)
    return found


@pytest.mark.parametrize("measure", ["risk ratio", "odds ratio", "risk difference"])
def test_peto_is_recommended_for_the_odds_ratio_alone(measure):
    zero = OPPOSITE if measure == "risk difference" else NONE_TREATED
    left_out = note_of(
        pool_request(make_comparison(TABLE, zero, TABLE), make_request(measure=measure)), "zero-cell-left-out"
    )
    rare = note_of(pool_request(RARE, make_request(measure=measure)), "rare-events")
    for note in (left_out, rare):
        assert "Mantel-Haenszel" in note.message
        assert ("Peto" in note.message) == (measure == "odds ratio")


def test_risk_difference_is_left_out_for_its_variance_and_not_for_a_cell():
    comparison = make_comparison(TABLE, OPPOSITE, TABLE)
    note = note_of(pool_request(comparison, make_request(measure="risk difference")), "zero-cell-left-out")
    assert note.message == (
        "1 study with a variance of zero (all of one arm and none of the other had the event) left out: inverse variance "
        "cannot use it without a correction. This can bias the result; Mantel-Haenszel uses these studies as they are."
    )


def test_double_zero_studies_left_out_of_a_risk_difference_are_a_warning():
    comparison = make_comparison(TABLE, NO_EVENTS, TABLE, ONLY_EVENTS)
    note = note_of(pool_request(comparison, make_request(measure="risk difference")), "double-zero")
    assert (note.level, note.studies) == ("warning", ("B", "D"))
    assert note.message.endswith(
        "They show no difference: leaving them out moves the result away from 0. Mantel-Haenszel uses them."
    )
    left_out, used = (
        pool_request(comparison, make_request(**options)) for options in ({"measure": "risk difference"}, DIFFERENCE)
    )
    assert 0 < used.estimate < left_out.estimate
    assert "double-zero" not in {n.code for n in used.notes}


@pytest.mark.parametrize(
    ("measure", "table", "noted"),
    [
        ("risk ratio", NONE_CONTROL, True),
        ("risk ratio", NONE_TREATED, False),
        ("odds ratio", NONE_CONTROL, True),
        ("odds ratio", (50, 50, 30, 60), True),
        ("risk ratio", (50, 50, 30, 60), False),
        ("risk difference", NONE_CONTROL, False),
    ],
)
def test_weight_of_zero_is_told(measure, table, noted):
    comparison = make_comparison(TABLE, table, TABLE)
    pooled = pool_request(comparison, make_request(measure=measure, method=MantelHaenszel()))
    assert (pooled.studies[1].weight == 0) == noted
    assert ("zero-weight" in {note.code for note in pooled.notes}) == noted
    if noted:
        assert ("or no non-events in the treatment arm" in note_of(pooled, "zero-weight").message) == (
            measure == "odds ratio"
        )
    without = pool_request(comparison.keep([0, 2]), make_request(measure=measure, method=MantelHaenszel()))
    assert pooled.estimate != without.estimate
