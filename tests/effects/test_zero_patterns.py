"""The six types of Xu et al. (2021), each by a table made for it."""

from __future__ import annotations

import numpy as np
import pytest
from reference.entries import comparison

from trialpool.effects.zero_patterns import classify
from trialpool.errors import OptionError


def rows(*trials: tuple[int, int, int, int]) -> np.ndarray:
    return np.array(trials, dtype=float).T


FULL, SINGLE, OTHER_SINGLE, DOUBLE = (3, 50, 4, 50), (0, 50, 4, 50), (3, 50, 0, 50), (0, 50, 0, 50)


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        ((FULL, FULL), None),
        ((FULL, SINGLE), 1),
        ((SINGLE, OTHER_SINGLE), 1),
        ((FULL, SINGLE, DOUBLE), 2),
        ((FULL, DOUBLE), 3),
        ((SINGLE, SINGLE), 4),
        ((OTHER_SINGLE,), 4),
        ((SINGLE, DOUBLE), 5),
        ((DOUBLE, DOUBLE), 6),
    ],
)
def test_types(trials: tuple[tuple[int, int, int, int], ...], expected: int | None) -> None:
    assert classify(rows(*trials)).type == expected


def test_every_type_has_its_words() -> None:
    cases = [(FULL,), (FULL, SINGLE), (FULL, SINGLE, DOUBLE), (FULL, DOUBLE), (SINGLE,), (SINGLE, DOUBLE), (DOUBLE,)]
    words = [classify(rows(*case)).words for case in cases]
    assert len(set(words)) == 7
    assert words[0] == "no trial lacks events in an arm"
    assert words[-1] == "no trial has any event"


def test_swapping_arms_keeps_the_type_and_swaps_the_sides() -> None:
    tables = rows(SINGLE, DOUBLE, (0, 40, 2, 45))
    one, other = classify(tables), classify(tables[[2, 3, 0, 1]])
    assert one.type == other.type == 5
    assert (one.arms_without_events, other.arms_without_events) == (("treatment",), ("control",))
    assert (one.events_treatment, one.events_control) == (other.events_control, other.events_treatment)


def test_the_mirror_of_all_having_the_event() -> None:
    tables = rows((50, 50, 4, 50), (50, 50, 40, 40), (30, 30, 30, 30))
    pattern = classify(tables)
    assert (pattern.single_full, pattern.double_full) == (1, 2)
    assert pattern.arms_without_non_events == ("treatment",)
    assert pattern.type is None


def test_rosiglitazone() -> None:
    # counts as in Nissen & Wolski (2007), table 4
    pattern = classify(comparison("rosiglitazone_mi").tables())
    assert (pattern.k, pattern.events_treatment, pattern.events_control) == (42, 86, 72)
    assert (pattern.single_zero, pattern.double_zero, pattern.type) == (26, 4, 2)


def test_no_trials() -> None:
    with pytest.raises(OptionError, match="give at least one"):
        classify(np.zeros((4, 0)))
