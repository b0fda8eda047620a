"""The highest of several maxima, against a dense search of functions made with as many peaks as wanted."""

from __future__ import annotations

import numpy as np
import pytest

from trialpool.numerics.highest_maximum import highest_maximum

GRID = np.linspace(0.0, 12.0, 25)[:, None] * np.ones(40)


def peaks(seed: int):
    """Sums of three bumps, a column each, some of them falling from the start."""
    rng = np.random.default_rng(seed)
    at, height = rng.uniform(-2.0, 11.0, (3, 40)), rng.uniform(0.5, 2.0, (3, 40))

    def value(x, keep):
        return (height[:, keep] * np.exp(-((x - at[:, keep]) ** 2) / 2)).sum(axis=0)

    def slope(x, keep):
        return (height[:, keep] * (at[:, keep] - x) * np.exp(-((x - at[:, keep]) ** 2) / 2)).sum(axis=0)

    return value, slope


def found_by(value, slope):
    rising = np.array([slope(x, slice(None)) > 0 for x in GRID])
    rising[-1] = False

    def solve(keep, low, high):
        for _ in range(60):
            middle = 0.5 * (low + high)
            up = slope(middle, keep) > 0
            low, high = np.where(up, middle, low), np.where(up, high, middle)
        return 0.5 * (low + high)

    return highest_maximum(GRID, rising, solve=solve, likelihood=lambda keep, x: value(x, keep))


@pytest.mark.parametrize("seed", range(5))
def test_no_point_of_a_dense_search_is_higher(seed):
    value, slope = peaks(seed)
    found = found_by(value, slope)
    dense = np.array([value(np.full(40, x), slice(None)) for x in np.linspace(0.0, 12.0, 6001)])
    best = dense.max(axis=0)
    assert np.all(value(found, slice(None)) >= best - 1e-6)
    assert len(np.unique(dense.argmax(axis=0))) > 10
    assert (found == 0).any()


def test_a_column_does_not_depend_on_the_others():
    value, slope = peaks(7)
    together = found_by(value, slope)
    order = np.random.default_rng(1).permutation(40)
    shuffled = found_by(lambda x, keep: value(x, order[keep]), lambda x, keep: slope(x, order[keep]))
    assert np.allclose(shuffled, together[order], rtol=0, atol=1e-12)
