"""Noncentral hypergeometric distributions against SciPy, and the window against the full sum."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import nchypergeom_fisher

from trialpool.numerics import noncentral_hypergeometric
from trialpool.numerics.noncentral_hypergeometric import conditional_moments, conditionals

TABLES = np.array([[2.0, 30, 0, 9, 1], [9, 60, 40, 9, 400], [3, 12, 7, 4, 6], [20, 50, 12, 11, 380]])
PSI = np.array([-6.0, -1.0, 0.0, 0.4, 5.0])
LARGE = np.array([[1500.0, 2500], [4000, 5000], [1200, 4900], [3500, 5000]])


def test_probability_score_and_information_are_those_of_scipy() -> None:
    log_probability, score, information = conditional_moments(conditionals(TABLES), np.tile(PSI, (5, 1)))
    for i, (a, n1, c, n2) in enumerate(TABLES.T):
        for j, psi in enumerate(PSI):
            reference = nchypergeom_fisher(n1 + n2, n1, a + c, math.exp(psi))
            assert math.isclose(log_probability[i, j], math.log(reference.pmf(a)), rel_tol=1e-9, abs_tol=1e-12)
            assert math.isclose(score[i, j], a - reference.mean(), rel_tol=1e-9, abs_tol=1e-9)
            assert math.isclose(information[i, j], reference.var(), rel_tol=1e-6, abs_tol=1e-9)


@pytest.mark.parametrize("psi", [-700.0, 700.0])
def test_an_extreme_odds_ratio_puts_all_weight_on_an_end(psi: float) -> None:
    distributions = conditionals(TABLES)
    log_probability, score, information = distributions.moments(np.full((5, 1), psi))
    end = distributions.highest if psi > 0 else distributions.lowest
    np.testing.assert_allclose(score[:, 0], -end, atol=1e-12)
    np.testing.assert_allclose(information[:, 0], 0, atol=1e-12)
    assert np.isfinite(log_probability).all()
    assert (log_probability[end != 0, 0] < -690).all()


def test_scores_lie_within_their_range() -> None:
    distributions = conditionals(TABLES)
    _, score, _ = distributions.moments(np.tile(PSI, (5, 1)))
    least, most = distributions.score_range()
    assert (score >= least[:, None]).all()
    assert (score <= most[:, None]).all()


def test_the_information_keeps_its_digits_far_from_the_observed_count() -> None:
    a, n1, c, n2 = 5, 9000, 1900, 9000
    _, _, information = conditionals(np.array([[a], [n1], [c], [n2]], dtype=float)).moments(np.array([[1.0]]))
    assert math.isclose(information[0, 0], nchypergeom_fisher.var(n1 + n2, n1, a + c, math.e), rel_tol=1e-6)


def test_a_window_sums_to_the_same_as_the_whole_support(monkeypatch: pytest.MonkeyPatch) -> None:
    psi = np.tile([-8.0, -2.0, -0.4, 0.0, 0.3, 3.0, 9.0], (2, 1))
    windowed = conditionals(LARGE)
    assert windowed.wide.tolist() == [0, 1]
    assert windowed.departure.size == 2
    monkeypatch.setattr(noncentral_hypergeometric, "_WIDEST", 10**6)
    full = conditionals(LARGE)
    assert full.wide.size == 0
    for ours, whole in zip(windowed.moments(psi), full.moments(psi), strict=True):
        np.testing.assert_allclose(ours, whole, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(windowed.log_probability(psi), full.log_probability(psi), rtol=1e-9, atol=1e-9)
    at = np.array([0.1, -0.3])
    for (low, p), (other, q) in zip(windowed.distributions(at), full.distributions(at), strict=True):
        assert low == other
        np.testing.assert_allclose(p, q, rtol=1e-7, atol=1e-20)


def test_a_million_events_are_summed_in_bounded_memory() -> None:
    table = np.array([[1e6], [3e6], [9e5], [3e6]])
    distributions = conditionals(table)
    log_probability, score, information = distributions.moments(np.array([[0.0]]))
    n, m = 6e6, 1.9e6
    assert math.isclose(score[0, 0], 1e6 - m / 2, rel_tol=1e-9)
    assert math.isclose(information[0, 0], m * 0.25 * (n - m) / (n - 1), rel_tol=1e-9)
    assert log_probability[0, 0] < -1000
    assert distributions.departure.size == 1


def test_neighbours_and_chunks_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    n1, n2 = rng.integers(20, 90, (2, 40)).astype(float)
    tables = np.stack([rng.binomial(n1.astype(int), 0.2), n1, rng.binomial(n2.astype(int), 0.3), n2]).astype(float)
    psi = rng.normal(size=(40, 15))
    together = conditionals(tables).moments(psi)
    monkeypatch.setattr(noncentral_hypergeometric, "_CHUNK", 500)
    in_chunks = conditionals(tables).moments(psi)
    picked = conditionals(tables).take(np.array([7, 3, 7])).moments(psi[[7, 3, 7]])
    for i in range(3):
        np.testing.assert_array_equal(together[i], in_chunks[i])
        np.testing.assert_array_equal(together[i][[7, 3, 7]], picked[i])
        alone = np.concatenate([conditionals(tables[:, [j]]).moments(psi[[j]])[i] for j in range(40)])
        np.testing.assert_array_equal(together[i], alone)
