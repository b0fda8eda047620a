"""Binomial splits against SciPy's binomial distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from trialpool.numerics.conditional_binomial import binomial_splits

TABLES = np.array([[7.0, 0, 3, 12], [1344, 50, 12012, 3.5], [11, 4, 14, 0], [1988, 60, 10962, 9.25]])


@pytest.mark.parametrize("psi", [-3.0, 0.0, 1.2, 400.0])
def test_probability_score_and_information(psi: float) -> None:
    log_probability, score, information = binomial_splits(TABLES).moments(np.full((4, 1), psi))
    for i, (a, t1, c, t2) in enumerate(TABLES.T):
        share = 1 / (1 + t2 / t1 * math.exp(-psi))
        reference = binom(a + c, share)
        assert math.isclose(score[i, 0], a - reference.mean(), rel_tol=1e-12, abs_tol=1e-12)
        assert math.isclose(information[i, 0], reference.var(), rel_tol=1e-9, abs_tol=1e-12)
        if psi < 100:
            assert math.isclose(log_probability[i, 0], reference.logpmf(a), rel_tol=1e-12, abs_tol=1e-12)


def test_distributions_are_those_of_scipy_from_the_lowest_departure_on() -> None:
    splits = binomial_splits(np.array([[700.0], [10], [650], [9]]))
    ((low, probability),) = splits.distributions(np.array([0.1]))
    t = low + 700 + np.arange(probability.size)
    share = 1 / (1 + 0.9 * math.exp(-0.1))
    np.testing.assert_allclose(probability, binom.pmf(t, 1350, share), rtol=1e-9)
    assert binom.cdf(t[0] - 1, 1350, share) + binom.sf(t[-1], 1350, share) < 1e-16


def test_only_the_ratio_of_the_times_counts() -> None:
    one, other = TABLES.copy(), TABLES.copy()
    other[[1, 3]] *= 1e-6
    psi = np.full((4, 1), 0.3)
    np.testing.assert_allclose(
        binomial_splits(one).log_probability(psi), binomial_splits(other).log_probability(psi), rtol=1e-12, atol=1e-12
    )
