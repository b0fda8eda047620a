"""The integrated likelihood of counts within bounds, against sums over a dense grid, and its derivatives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import bdtr, expit, log_expit
from scipy.stats import binom, norm

from trialpool.numerics.interval_arms import interval_arms
from trialpool.numerics.interval_likelihood import IntervalModel
from trialpool.numerics.mixed_likelihood import TwoArms
from trialpool.numerics.mixed_likelihood import evaluate as evaluate_exact

# treatment low, high, n; control low, high, n
TRIALS = [
    (0, 4, 100, 0, 24, 500),
    (0, 0, 50, 0, 0, 60),
    (5, 8, 200, 0, 3, 210),
    (12, 12, 300, 30, 30, 310),
    (0, 12, 250, 0, 12, 250),
    (3, 3, 40, 2, 9, 80),
    (0, 20, 20, 0, 60, 1200),
    (5, 40, 40, 0, 25, 30),
]
MOMENTS = [
    ((-3.0, 0.5), (1.0, 0.09)),
    ((-2.0, -0.7), (2.0, 1.0)),
    ((-3.5, 0.2), (0.04, 0.01)),
    ((-3.0, 0.4), (0.5, 1e-4)),  # the effect varies so little that the points of a line are too many
    ((-3.0, 0.4), (1e-4, 0.5)),
    ((-4.0, 1.0), (3.0, 2.0)),
    ((-1.0, -1.5), (0.25, 4.0)),  # where no trial is
    ((-3.0, 1.0), (4.0, 0.0)),
    ((-3.0, 1.0), (0.0, 0.5)),
    ((-3.0, 1.0), (0.0, 0.0)),
]


def model(trials=TRIALS) -> tuple[IntervalModel, np.ndarray]:
    """With the constants that the log likelihood of each trial lacks."""
    low, high, n = np.array(trials, dtype=float).reshape(-1, 3).T
    trial, side = np.repeat(np.arange(len(trials)), 2), np.tile([0, 1], len(trials))
    arms, _ = interval_arms(low, high, n, trial=trial, side=side)
    constant = np.where(low == high, binom.logpmf(low, n, 0.5) + n * math.log(2), 0.0)
    return IntervalModel(arms, (True, True)), constant.reshape(-1, 2).sum(axis=1)


def evaluated(which: IntervalModel, mean, variance):
    means = np.repeat(np.array(mean)[:, None], len(which.arms), axis=1)
    return which.evaluate(means, np.array(variance), means)


def probability(low: int, high: int, n: int, eta: np.ndarray) -> np.ndarray:
    """By the distribution function from the side where it is small."""
    if low == high:
        return np.exp(low * log_expit(eta) + (n - low) * log_expit(-eta)) * math.comb(n, low)
    if 2 * low < n and high < n:
        return bdtr(high, n, expit(eta)) - (bdtr(low - 1, n, expit(eta)) if low else 0.0)
    return bdtr(n - low, n, expit(-eta)) - (bdtr(n - high - 1, n, expit(-eta)) if high < n else 0.0)


def by_sums(trial, mean, variance) -> float:
    """Log of the sum over a dense grid of 14 standard deviations to either side."""
    nodes, weights = [], []
    for m, v in zip(mean, variance, strict=True):
        z = np.linspace(-14, 14, 401) if v > 0 else np.zeros(1)
        nodes.append(m + math.sqrt(v) * z)
        weights.append(norm.pdf(z) * (z[1] - z[0]) if v > 0 else np.ones(1))
    alpha, psi = nodes[0][:, None], nodes[1]
    both = probability(*trial[:3], alpha + psi / 2) * probability(*trial[3:], alpha - psi / 2)
    return math.log(weights[0] @ both @ weights[1])


@pytest.mark.parametrize(("mean", "variance"), MOMENTS, ids=str)
def test_likelihood(mean, variance) -> None:
    which, constant = model()
    expected = [by_sums(trial, mean, variance) for trial in TRIALS]
    found = evaluated(which, mean, variance).log_likelihood + constant
    np.testing.assert_allclose(found, expected, rtol=2e-8, atol=2e-8)


@pytest.mark.parametrize(("mean", "variance"), MOMENTS, ids=str)
def test_derivatives(mean, variance) -> None:
    which, h = model()[0], 1e-4
    at = evaluated(which, mean, variance)
    free = [j for j in range(4) if j in (0, 2) or variance[j // 2] > 0]
    for j in free:
        ends = []
        for by in (-h, h):
            moved = [list(mean), list(variance)]
            moved[j % 2][j // 2] = moved[j % 2][j // 2] * math.exp(by) if j % 2 else moved[j % 2][j // 2] + by
            ends.append(evaluated(which, *moved))
        slope = (ends[1].log_likelihood - ends[0].log_likelihood) / (2 * h)
        np.testing.assert_allclose(at.gradient[:, j], slope, rtol=1e-4, atol=2e-4)
        bend = (ends[1].gradient - ends[0].gradient)[:, free] / (2 * h)
        np.testing.assert_allclose(at.hessian[:, j][:, free], bend, rtol=1e-4, atol=5e-4)


@pytest.mark.parametrize("j", [0, 1])
def test_slope_in_a_variance_of_zero(j: int) -> None:
    which, tiny = model()[0], 1e-5
    zero = [0.7, 0.5]
    zero[j] = 0.0
    above = list(zero)
    above[j] = tiny
    at, near = evaluated(which, (-3.0, 0.3), zero), evaluated(which, (-3.0, 0.3), above)
    np.testing.assert_allclose(
        at.gradient[:, 2 * j + 1], (near.log_likelihood - at.log_likelihood) / tiny, rtol=2e-2, atol=1e-3
    )


def test_exact_counts_are_the_likelihood_of_two_arms() -> None:
    trials = [(3, 3, 10, 5, 5, 10), (0, 0, 50, 2, 2, 40), (12, 12, 300, 30, 30, 310)]
    mean, variance = np.array([[-1.5] * 3, [0.3] * 3]), np.array([0.8, 0.3])
    tables = np.array(trials, dtype=float)[:, [1, 2, 4, 5]].T
    expected = evaluate_exact(TwoArms("binomial", tables), mean, variance, mean, nodes=(61, 41))
    found = evaluated(model(trials)[0], (-1.5, 0.3), variance)
    np.testing.assert_allclose(found.log_likelihood, expected.log_likelihood, rtol=1e-9)
    np.testing.assert_allclose(found.gradient, expected.gradient, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found.hessian, expected.hessian, rtol=1e-6, atol=1e-7)


def test_a_trial_does_not_depend_on_its_company() -> None:
    together = evaluated(model()[0], (-2.5, 0.4), (1.2, 0.2))
    for i, trial in enumerate(TRIALS):
        alone = evaluated(model([trial])[0], (-2.5, 0.4), (1.2, 0.2))
        np.testing.assert_allclose(alone.log_likelihood[0], together.log_likelihood[i], rtol=1e-8)
