"""The chance to be listed, against enumeration of every way in which the events fall on the arms."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from trialpool.pool.listing import chance_of_listing
from trialpool.trials.bounds import Piece


def by_enumeration(treatment, control, events: int) -> list[float]:
    """Share of listed ones among all ways to choose who has the event, by treatment count."""
    owners = [
        (side, j) for side, arms in enumerate((treatment, control)) for j, arm in enumerate(arms) for _ in range(arm.n)
    ]
    listed: dict[int, list[bool]] = {}
    for chosen in combinations(range(len(owners)), events):
        count: dict[tuple[int, int], int] = {}
        for i in chosen:
            count[owners[i]] = count.get(owners[i], 0) + 1
        reached = any(
            count.get((side, j), 0) >= arm.listed_from
            for side, arms in enumerate((treatment, control))
            for j, arm in enumerate(arms)
        )
        listed.setdefault(sum(owners[i][0] == 0 for i in chosen), []).append(reached)
    return [float(np.mean(listed[t])) for t in sorted(listed)]


@pytest.mark.parametrize(
    ("treatment", "control", "events"),
    [
        ([(4, 3), (3, 2)], [(5, 3)], 3),
        ([(4, 3), (3, 2)], [(5, 3)], 4),
        ([(3, 2), (2, 2), (3, 3)], [(2, 2), (3, 2)], 4),
        ([(6, 4)], [(6, 4)], 5),
        ([(6, 1)], [(2, 9)], 7),
        ([(2, 3)], [(6, 4)], 3),
    ],
)
def test_every_way(treatment, control, events: int) -> None:
    sides = [tuple(Piece(0, 0, n, at) for n, at in side) for side in (treatment, control)]
    expected = by_enumeration(*sides, events)
    found = chance_of_listing(*sides, events)
    if found is None:
        assert expected == [1.0] * len(expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_without_a_threshold_and_from_one_event_on_it_is_certain() -> None:
    arm, free = Piece(3, 3, 50, 2), Piece(3, 3, 50)
    assert chance_of_listing((arm,), (free,), 2) is None
    assert chance_of_listing((Piece(3, 3, 50, 1),), (Piece(0, 0, 40, 1),), 3) is None


def test_large_arms_do_not_overflow() -> None:
    sides = (Piece(200, 200, 5000, 250), Piece(180, 180, 4000, 200)), (Piece(190, 190, 5000, 250),)
    found = chance_of_listing(*sides, 570)
    assert found is not None
    assert ((found >= 0) & (found <= 1)).all()
    assert (found[0], found[-1]) == (1.0, 1.0)
    assert 0 < found.min() < 0.2
