"""The likelihood of listed tables, against enumeration of every table and a dense grid."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from trialpool.numerics.listed_tables import listed_tables

TABLES = np.array([[2.0, 7, 0, 12], [10, 100, 40, 120], [1, 3, 6, 4], [10, 90, 45, 118]])
UP = np.array([1.0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1])  # of ten events: listed where one arm has seven or more (nine)
SPLIT = np.array([1.0, 0.9, 0.35, 0.1, 0.2, 0.6, 1.0])
CHANCES = [None, UP, SPLIT, np.ones(17)]


def weights(i: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Ways of each treatment count that the margins allow, its chance to be listed, and where the observed one stands."""
    a, n1, c, n2 = (int(x) for x in TABLES[:, i])
    counts = range(max(0, a + c - n2), min(n1, a + c) + 1)
    ways = np.array([math.comb(n1, t) * math.comb(n2, a + c - t) for t in counts], dtype=float)
    chance = np.ones(ways.size) if CHANCES[i] is None else CHANCES[i]
    return ways / ways.sum(), chance, a - counts[0]


def by_enumeration(i: int, theta: float, tau2: float) -> float:
    """P(observed and listed) / P(listed) given the margins, each the mean over log odds ratios; without the known chance."""
    ways, chance, observed = weights(i)
    z = np.linspace(-10, 10, 2001) if tau2 > 0 else np.zeros(1)
    share = norm.pdf(z) / norm.pdf(z).sum() if tau2 > 0 else np.ones(1)
    psi = theta + math.sqrt(tau2) * z
    tilted = ways[:, None] * np.exp(psi * (np.arange(ways.size)[:, None] - observed))
    probability = tilted / tilted.sum(axis=0)
    return math.log(probability[observed] @ share) - math.log((chance @ probability) @ share)


def evaluated(theta: float, tau2: float):
    tables = listed_tables(TABLES, CHANCES, random=True)
    mean = np.stack([np.zeros(4), np.full(4, theta)])
    return tables.evaluate(mean, np.array([0.0, tau2]), mean)


@pytest.mark.parametrize("theta", [-3.0, 0.0, 0.8])
@pytest.mark.parametrize("tau2", [0.0, 0.01, 0.3, 1.0, 6.0])
def test_likelihood(theta: float, tau2: float) -> None:
    expected = [by_enumeration(i, theta, tau2) for i in range(4)]
    np.testing.assert_allclose(evaluated(theta, tau2).log_likelihood, expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("tau2", [0.0, 0.3, 2.0])
def test_derivatives(tau2: float) -> None:
    at, h = evaluated(0.4, tau2), 1e-4
    above, below = evaluated(0.4 + h, tau2), evaluated(0.4 - h, tau2)
    np.testing.assert_allclose(at.gradient[:, 2], (above.log_likelihood - below.log_likelihood) / (2 * h), 1e-5, 1e-6)
    np.testing.assert_allclose(at.hessian[:, 2, 2], (above.gradient - below.gradient)[:, 2] / (2 * h), 1e-5, 1e-6)
    if tau2 == 0:
        rise = (evaluated(0.4, 1e-5).log_likelihood - at.log_likelihood) / 1e-5
        np.testing.assert_allclose(at.gradient[:, 3], rise, rtol=1e-2, atol=1e-3)
        return
    above, below = evaluated(0.4, tau2 * math.exp(h)), evaluated(0.4, tau2 * math.exp(-h))
    np.testing.assert_allclose(at.gradient[:, 3], (above.log_likelihood - below.log_likelihood) / (2 * h), 1e-5, 1e-6)
    np.testing.assert_allclose(at.hessian[:, 2:, 3], (above.gradient - below.gradient)[:, 2:] / (2 * h), 1e-5, 1e-6)


def test_the_selection_divides_the_integral_and_not_the_integrand() -> None:
    """Tables drawn as the registry lists them: their shares are those of the likelihood, not of its short cut."""
    rng, tau2, events, n = np.random.default_rng(4), 1.0, 10, 40
    psi = rng.normal(0.7, math.sqrt(tau2), 200_000)
    counts = np.arange(events + 1)
    ways = np.array([math.comb(n, t) * math.comb(n, events - t) for t in counts], dtype=float)
    probability = ways * np.exp(psi[:, None] * counts)
    probability /= probability.sum(axis=1, keepdims=True)
    drawn = (probability.cumsum(axis=1) < rng.uniform(size=(psi.size, 1))).sum(axis=1)
    chance = np.where((counts >= 7) | (events - counts >= 7), 1.0, 0.0)
    kept = drawn[chance[drawn] > 0]
    shares = np.bincount(kept, minlength=events + 1) / kept.size
    expected = []
    for t in counts[chance > 0]:
        table = listed_tables(np.array([[float(t)], [n], [events - t], [n]]), [chance], random=True)
        mean = np.array([[0.0], [0.7]])
        expected.append(math.exp(table.evaluate(mean, np.array([0.0, tau2]), mean).log_likelihood[0]))
    assert sum(expected) == pytest.approx(1.0, abs=1e-7)
    np.testing.assert_allclose(shares[chance > 0], expected, atol=5 * math.sqrt(0.25 / kept.size))


def test_huge_totals_are_summed_all_the_same() -> None:
    tables = np.array([[1600.0], [30_000.0], [900.0], [30_000.0]])
    chance = np.where(np.abs(np.arange(2501) - 1250) > 250, 1.0, 0.0)
    mean = np.array([[0.0], [0.5]])
    at = listed_tables(tables, [chance], random=True).evaluate(mean, np.array([0.0, 0.1]), mean)
    plain = listed_tables(tables, [None], random=True).evaluate(mean, np.array([0.0, 0.1]), mean)
    assert plain.log_likelihood[0] < at.log_likelihood[0] < 0.0
