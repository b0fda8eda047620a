"""The assignment has the greatest sum: held to a search of all permutations."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from trialpool.registry.groups.assignment import best_assignment, margins


def greatest_sum(scores):
    rows, columns = scores.shape
    if rows > columns:
        return greatest_sum(scores.T)
    return max(sum(scores[i, p[i]] for i in range(rows)) for p in permutations(range(columns), rows))


@pytest.mark.parametrize("seed", range(60))
def test_the_sum_is_the_greatest_of_all(seed):
    random = np.random.default_rng(seed)
    rows, columns = (int(n) for n in random.integers(1, 7, 2))
    scores = random.random((rows, columns)).round(int(random.integers(1, 4)))
    taken = best_assignment(scores)
    pairs = [(row, column) for row, column in enumerate(taken) if column >= 0]
    assert len(pairs) == min(rows, columns) == len({column for _, column in pairs})
    assert sum(scores[pair] for pair in pairs) == pytest.approx(greatest_sum(scores))


def test_no_rows():
    assert best_assignment(np.zeros((0, 3))) == []


def test_forty_groups_are_quick():
    scores = np.random.default_rng(1).random((40, 40))
    assert sorted(best_assignment(scores)) == list(range(40))


def test_a_clear_pair_has_a_wide_margin_and_a_tie_has_none():
    assert margins(np.array([[1.0, 0.0], [0.0, 1.0]]), [0, 1]) == [2.0, 2.0]
    assert margins(np.array([[0.5, 0.5], [0.5, 0.5]]), [0, 1]) == [0.0, 0.0]


def test_a_free_column_and_a_row_without_column_are_rivals():
    assert margins(np.array([[0.9, 0.8]]), [0]) == [pytest.approx(0.1)]
    assert margins(np.array([[0.9], [0.7]]), [0, -1]) == [pytest.approx(0.2), 1.0]


def test_one_alone_has_nothing_to_be_confused_with():
    assert margins(np.array([[0.2]]), [0]) == [1.0]
