"""Roots and the safeguard of Newton's method."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trialpool.numerics.roots import increasing_root, rising_root, safeguarded


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_root_is_relative_to_its_size(scale: float) -> None:
    assert math.isclose(rising_root(lambda x: (x / scale) ** 3 - 2, start=scale), scale * 2 ** (1 / 3), rel_tol=1e-13)


@pytest.mark.parametrize("root", [-40.0, -0.3, 0.0, 7.0])
def test_an_increasing_function_is_met_on_either_side(root: float) -> None:
    assert math.isclose(increasing_root(lambda x: math.tanh(x - root)), root, rel_tol=1e-12, abs_tol=1e-12)


def test_a_step_is_taken_only_within_the_bracket_and_if_shorter_than_the_last() -> None:
    x, low, high = np.full(5, 1.0), np.array([0.0, 0, 0, -np.inf, 0]), np.array([3.0, 3, 3, 3, np.inf])
    step, last = np.array([0.5, 2.5, 0.5, -9.0, 9.0]), np.array([9.0, 9.0, 0.6, 1.0, 1.0])
    assert safeguarded(x, step, low, high, last).tolist() == [1.5, 1.5, 1.5, -8.0, 10.0]
    assert safeguarded(x[:1], step[:1] + 0.1, low[:1], high[:1], last[2:3]).tolist() == [1.5]
