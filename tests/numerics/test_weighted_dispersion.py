"""The law of a weighted sum of squares, against chi-square, Imhof's integral, and draws."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from trialpool.numerics.weighted_dispersion import dispersion_law


def law(q: float, w: np.ndarray, s: np.ndarray) -> tuple[float, float]:
    below, slope = dispersion_law(np.full(2, q), np.repeat(w[:, None], 2, 1), np.repeat((w * s)[:, None], 2, 1))
    assert below[0] == below[1]
    return float(below[0]), float(slope[0])


def eigenvalues(w: np.ndarray, s: np.ndarray) -> np.ndarray:
    root = np.sqrt(s)
    a = np.diag(w) - np.outer(w, w) / w.sum()
    return np.linalg.eigvalsh(root[:, None] * a * root)[1:]


def imhof(q: float, w: np.ndarray, s: np.ndarray) -> float:
    """P(Q <= q) by Imhof (1961, Biometrika 48:419), from eigenvalues, period by period."""
    ratio = eigenvalues(w, s) / q

    def integrand(t: float) -> float:
        damping = np.exp(0.25 * np.log1p((ratio * t) ** 2).sum())
        return float(np.sin(0.5 * np.arctan(ratio * t).sum() - 0.5 * t) / (t * damping))

    def between(ends: np.ndarray) -> np.ndarray:
        pieces = [integrate.quad(integrand, a, b, epsabs=1e-12, epsrel=1e-10, limit=400)[0] for a, b in pairwise(ends)]
        return np.array(pieces)

    first = between(np.append(0.0, 2 * np.pi * np.geomspace(1e-9, 1.0, 19))).sum()
    sums = (first + np.cumsum(between(2 * np.pi * np.arange(1, 61))))[20:]
    while sums.size > 1:  # Euler's transformation of an alternating series
        sums = 0.5 * (sums[1:] + sums[:-1])
    return 0.5 - float(sums[0]) / np.pi


@pytest.mark.parametrize("k", [2, 3, 4, 10, 31, 100, 1000, 5000])
@pytest.mark.parametrize("probability", [1e-9, 1e-4, 0.025, 0.3, 0.5, 0.8, 0.975, 1 - 1e-6])
def test_weights_that_are_inverse_variances_make_it_chi_square(k: int, probability: float) -> None:
    w = np.exp(np.random.default_rng(k).uniform(0, 10, k))
    q = stats.chi2.ppf(probability, k - 1)
    assert abs(law(q, w, 1 / w)[0] - stats.chi2.cdf(q, k - 1)) < 2e-12


@pytest.mark.parametrize("probability", [1e-12, 1e-20])
def test_a_small_lower_tail_keeps_its_digits(probability: float) -> None:
    w = np.array([3.0, 1.0, 0.5, 9.0])
    q = stats.chi2.ppf(probability, 3)
    assert law(q, w, 1 / w)[0] == pytest.approx(probability, rel=1e-9)


@pytest.mark.parametrize("k", [2, 3, 5, 12])
@pytest.mark.parametrize("spread", [1.0, 8.0, 16.0])
@pytest.mark.parametrize("tau2", [1e-3, 0.3, 50.0])
def test_agrees_with_imhof(k: int, spread: float, tau2: float) -> None:
    w = np.exp(np.random.default_rng(k).uniform(-spread / 2, spread / 2, k))
    s = 1 / w + tau2
    mean = eigenvalues(w, s).sum()
    for share in (0.05, 0.4, 1.0, 2.5):
        assert abs(law(share * mean, w, s)[0] - imhof(share * mean, w, s)) < 1e-8


def test_agrees_with_draws() -> None:
    rng = np.random.default_rng(5)
    w, s = np.array([8.0, 1.0, 0.2, 3.0]), np.array([0.1, 2.0, 0.7, 1.0])
    y = rng.normal(4.0, np.sqrt(s), (400_000, 4))
    mean = (y * w).sum(1, keepdims=True) / w.sum()
    q = (w * (y - mean) ** 2).sum(1)
    for at in (0.5, 2.0, 5.0, 12.0):
        assert abs(law(at, w, s)[0] - (q <= at).mean()) < 4 * 0.5 / np.sqrt(q.size)


@pytest.mark.parametrize("k", [2, 5, 60])
def test_the_slope_is_the_derivative_in_an_added_variance(k: int) -> None:
    rng = np.random.default_rng(k)
    w, s = rng.uniform(0.5, 40, k), rng.uniform(0.02, 2, k)
    mean, step = eigenvalues(w, s).sum(), 1e-4
    for share in (0.3, 1.0, 2.0):
        difference = (law(share * mean, w, s + step)[0] - law(share * mean, w, s - step)[0]) / (2 * step)
        assert law(share * mean, w, s)[1] == pytest.approx(difference, rel=1e-4, abs=1e-8)


def test_scaling_both_changes_nothing() -> None:
    w, s = np.array([8.0, 1.0, 0.2]), np.array([0.1, 2.0, 0.7])
    one = law(2.0, w, s)
    for scale in (1e-12, 1e-6, 1e6, 1e12):
        other = law(2.0, w / scale, s * scale)
        assert other == (pytest.approx(one[0], rel=1e-12), pytest.approx(one[1] / scale, rel=1e-11))


def test_an_empty_slot_changes_nothing_and_zero_is_below_everything() -> None:
    w, s = np.array([8.0, 1.0, 0.2]), np.array([0.1, 2.0, 0.7])
    assert law(2.0, np.append(w, 0.0), np.append(s, 0.0)) == law(2.0, w, s)
    assert law(0.0, w, s) == (0.0, 0.0)


def test_a_batch_is_its_problems() -> None:
    rng = np.random.default_rng(2)
    w, s, q = rng.uniform(0.1, 20, (7, 40)), rng.uniform(0.1, 3, (7, 40)), rng.uniform(0.1, 60, 40)
    below, slope = dispersion_law(q, w, w * s)
    assert [law(q[i], w[:, i], s[:, i]) for i in range(40)] == list(zip(below.tolist(), slope.tolist(), strict=True))
