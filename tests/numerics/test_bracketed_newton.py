"""Newton's method inside brackets: roots, fallbacks, and columns that do not touch each other."""

from __future__ import annotations

import numpy as np

from trialpool.numerics.bracketed_newton import bracketed_newton

Array = np.ndarray


def solve(function, slope, low, high, **given) -> Array:
    calls = []

    def evaluate(x: Array, c: Array) -> tuple[Array, Array]:
        calls.append(x.size)
        return function(x, c), -function(x, c) / slope(x, c)

    root = bracketed_newton(evaluate, (given["c"],), low, high, start=given["start"], resolution=np.zeros(low.size))
    assert len(calls) < 200
    return root


def test_roots_of_very_different_size() -> None:
    c = np.array([1e-18, 1e-3, 1.0, 1e12])
    found = solve(lambda x, c: c - x**2, lambda x, c: -2 * x, np.zeros(4), np.sqrt(c) * 7, c=c, start=c * 0)
    np.testing.assert_allclose(found, np.sqrt(c), rtol=1e-12)


def test_a_step_out_of_the_bracket_is_bisected() -> None:
    """Newton's method on arctan runs away from this start."""
    c = np.array([2.0, 5.0])
    found = solve(
        lambda x, c: -np.arctan(x - c), lambda x, c: -1 / (1 + (x - c) ** 2), np.zeros(2), c + 900, c=c, start=c + 800
    )
    np.testing.assert_allclose(found, c, rtol=1e-12)


def test_no_step_at_all_is_bisected() -> None:
    c = np.array([0.3, 7.0])
    found = bracketed_newton(
        lambda x, c: (c - x, np.full(x.size, np.nan)), (c,), np.zeros(2), c * 3, start=c, resolution=np.zeros(2)
    )
    np.testing.assert_allclose(found, c, rtol=1e-12)


def test_the_bracket_given_is_left_alone() -> None:
    low, high, c = np.zeros(2), np.full(2, 9.0), np.array([2.0, 3.0])
    solve(lambda x, c: c - x, lambda x, c: -np.ones(x.size), low, high, c=c, start=c)
    assert low.tolist() == [0.0, 0.0]
    assert high.tolist() == [9.0, 9.0]
