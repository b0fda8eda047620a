"""Tables of counts on their way into the conditional models."""

from __future__ import annotations

import numpy as np
import pytest

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.count_tables import count_tables

# informative, double zero, all events, empty slot
PEOPLE = np.array([[2.0, 0, 9, 0], [20, 30, 9, 0], [1, 0, 8, 0], [21, 30, 8, 0]])


def test_only_tables_with_events_and_non_events_are_kept() -> None:
    counts = count_tables(PEOPLE, "participants")
    assert counts.tables.T.tolist() == [[2, 20, 1, 21]]
    assert (counts.size.tolist(), counts.slot.tolist(), counts.batch) == ([1], [0], False)


def test_for_rates_every_table_with_an_event_is_kept() -> None:
    assert count_tables(PEOPLE, "time").slot.tolist() == [0, 2]


def test_a_table_with_one_empty_arm_says_nothing() -> None:
    assert count_tables([[0, 2], [0, 20], [5, 3], [30, 20]], "participants").slot.tolist() == [1]


def test_problems_of_a_batch_keep_their_slots() -> None:
    batch = np.stack([PEOPLE, PEOPLE[:, ::-1], np.zeros((4, 4))])
    counts = count_tables(batch, "participants")
    assert counts.size.tolist() == [1, 1, 0]
    assert counts.slot.tolist() == [0, 7]
    spread = counts.by_slot(np.array([5.0, 6.0]), np.arange(2))
    assert spread.tolist() == [[5, 0, 0, 0], [0, 0, 0, 6], [0, 0, 0, 0]]
    np.testing.assert_array_equal(counts.restore(np.array([1.0, 2, 3])), [1, 2, 3])
    assert counts.reason(["", "why", ""]) == ("", "why", "")


def test_one_problem_raises_its_reason() -> None:
    counts = count_tables(PEOPLE, "participants")
    assert counts.reason([""]) == ""
    assert counts.restore(np.array([4.0])) == 4.0
    with pytest.raises(NotEstimableError, match="why"):
        counts.reason(["why"])


def test_blocks_hold_every_problem_once() -> None:
    batch = np.repeat(PEOPLE[None], 25, axis=0)
    counts = count_tables(batch, "participants")
    blocks = counts.blocks(np.arange(25), most_tables=4)
    assert np.concatenate(blocks).tolist() == list(range(25))
    assert max(block.size for block in blocks) <= 5
    assert counts.blocks(np.arange(0), most_tables=4) == []


@pytest.mark.parametrize("shape", [(4,), (3, 2), (2, 3, 4), (1, 2, 4, 3), (4, 0)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(OptionError, match="give \\(4, K\\)"):
        count_tables(np.ones(shape), "participants")
