"""Sums of independent counts against enumeration and binomial identities."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from trialpool.numerics import sum_distribution as module
from trialpool.numerics.sum_distribution import sum_distribution, trimmed

part = st.tuples(st.integers(-3, 3), st.lists(st.floats(0.01, 1), min_size=1, max_size=4))


@given(parts=st.lists(part, min_size=1, max_size=5))
def test_it_is_the_enumeration(parts: list[tuple[int, list[float]]]) -> None:
    low, probabilities = sum_distribution([(float(low), np.array(p)) for low, p in parts])
    expected: dict[int, float] = {}
    for choice in itertools.product(*(range(len(p)) for _, p in parts)):
        value = sum(low + i for (low, _), i in zip(parts, choice, strict=True))
        weight = math.prod(p[i] for (_, p), i in zip(parts, choice, strict=True))
        expected[value] = expected.get(value, 0.0) + weight
    assert low == min(expected)
    np.testing.assert_allclose(probabilities, [expected[v] for v in sorted(expected)], rtol=1e-12)


@pytest.mark.parametrize("fourier_from", [2_000_000, 100])
def test_binomials_add_up_to_a_binomial(monkeypatch: pytest.MonkeyPatch, fourier_from: int) -> None:
    monkeypatch.setattr(module, "_FOURIER_FROM", fourier_from)
    parts = [trimmed(0.0, binom.pmf(np.arange(n + 1), n, 0.3)) for n in (400, 700, 20, 1000, 3)]
    low, probabilities = sum_distribution(parts)
    t = low + np.arange(probabilities.size)
    expected = binom.pmf(t, 2123, 0.3)
    middle = expected > 1e-6
    np.testing.assert_allclose(probabilities[middle], expected[middle], rtol=1e-9)
    assert math.isclose(probabilities.sum(), 1, rel_tol=1e-12)


def test_trimming_drops_nothing_that_counts() -> None:
    p = binom.pmf(np.arange(5001), 5000, 0.4)
    low, kept = trimmed(0.0, p)
    assert kept.size < 1300
    assert math.isclose(kept.sum(), 1, rel_tol=1e-14)
    assert kept[0] == p[int(low)]
