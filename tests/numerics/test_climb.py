from __future__ import annotations

import math

import numpy as np
import pytest

from trialpool.numerics.climb import climb


def bowl(point):
    """Concave, its top at (1, -2)."""
    d = point - np.array([1.0, -2.0])
    shape = np.array([[3.0, 1.0], [1.0, 2.0]])
    return float(-0.5 * d @ shape @ d), -shape @ d, -shape


def two_tops(point):
    """A saddle at 0, tops at -1 and 1."""
    x = float(point[0])
    return -((x * x - 1) ** 2), np.array([-4 * x * (x * x - 1)]), np.array([[-12 * x * x + 4]])


def test_top_of_a_bowl_is_reached_at_once():
    peak = climb(bowl, np.array([50.0, 50.0]), longest=1e3)
    assert peak.settled
    np.testing.assert_allclose(peak.point, [1.0, -2.0], rtol=1e-12)


@pytest.mark.parametrize("start", [-3.0, -0.1, 0.1, 0.9, 3.0])
def test_side_of_the_saddle_decides(start):
    peak = climb(two_tops, np.array([start]))
    assert peak.settled
    assert math.isclose(float(peak.point[0]), math.copysign(1.0, start), rel_tol=1e-10)


def test_flat_top_of_fourth_order_is_reached_to_rounding():
    def flat(point):
        x = float(point[0])
        return -((x - 2) ** 4), np.array([-4 * (x - 2) ** 3]), np.array([[-12 * (x - 2) ** 2]])

    assert abs(float(climb(flat, np.zeros(1)).point[0]) - 2) < 1e-3


def test_endless_climb_ends_and_says_so():
    peak = climb(lambda p: (float(p[0]), np.ones(1), np.array([[-1e-300]])), np.zeros(1), longest=0.1)
    assert not peak.settled


def test_edge_of_where_there_is_a_value_is_not_crossed():
    def inside(point):
        x = float(point[0])
        if x >= 1:
            return -math.inf, np.zeros(1), np.zeros((1, 1))
        return math.log1p(-x) + 2 * x, np.array([2 - 1 / (1 - x)]), np.array([[-1 / (1 - x) ** 2]])

    assert math.isclose(float(climb(inside, np.array([-5.0])).point[0]), 0.5, rel_tol=1e-10)
