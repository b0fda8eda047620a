"""Sums by stretches against sums step by step."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gammaln

from trialpool.numerics.rising_sums import rising_sum


def by_steps(lengths: np.ndarray, x: float, phi: float) -> list[float]:
    """Value, both first and all three second derivatives, with every step written out."""
    steps = np.arange(int(lengths.max()), dtype=np.longdouble)
    count = (lengths[:, None] > steps).sum(axis=0)
    base = x + steps * np.longdouble(phi)
    return [
        float((count * term).sum())
        for term in (np.log(base), 1 / base, steps / base, -1 / base**2, -steps / base**2, -((steps / base) ** 2))
    ]


@pytest.mark.parametrize(("x", "phi"), [(0.02, 0.05), (0.98, 0.05), (1.0, 1e-6), (1e-4, 0.3), (0.5, 0.0), (0.3, 50.0)])
@pytest.mark.parametrize("lengths", [[3, 0, 1], [33, 40, 2000, 2013], [100_000, 70_001, 5], [64, 64, 128, 129]])
def test_sums_and_derivatives(lengths: list[int], x: float, phi: float) -> None:
    counts = np.array(lengths, dtype=float)
    value, gradient, hessian = rising_sum(counts).at(x, phi)
    ours = [value, *gradient, hessian[0, 0], hessian[0, 1], hessian[1, 1]]
    np.testing.assert_allclose(ours, by_steps(counts, x, phi), rtol=1e-12, atol=1e-15)
    assert hessian[0, 1] == hessian[1, 0]


def test_it_is_a_ratio_of_gamma_functions() -> None:
    x, phi, m = 0.3, 0.2, 500
    value, _, _ = rising_sum(np.array([float(m)])).at(x, phi)
    expected = gammaln(x / phi + m) - gammaln(x / phi) + m * math.log(phi)
    assert math.isclose(value, expected, rel_tol=1e-12)


def test_a_million_participants_need_few_steps() -> None:
    assert rising_sum(np.array([1e6, 5e5])).step.size < 400


def test_nothing_adds_nothing() -> None:
    value, gradient, hessian = rising_sum(np.zeros(3)).at(0.1, 0.1)
    assert value == 0
    assert not gradient.any()
    assert not hessian.any()
