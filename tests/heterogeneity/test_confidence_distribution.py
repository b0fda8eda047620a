"""The prediction interval of Nagashima, Noma & Furukawa: published numbers, draws, relations, hard data."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats

from trialpool.errors import NotEstimableError, OptionError
from trialpool.heterogeneity import confidence_distribution_interval

SBP = (
    np.array([0, 0.1, -0.4, -0.8, -0.63, 0.22, -0.34, -0.51, 0.03, -0.81]),
    np.array(
        [
            0.17933291351, 0.048132757519, 0.00065079428385, 0.039594333781, 0.090616616553, 0.090616616553,
            0.0051022277568, 0.010412710582, 0.014994303729, 0.090616616553,
        ]
    ),
)  # fmt: skip
"""The hypothetical trials of Riley, Higgins & Deeks (2011, BMJ 342:d549)."""

Y, V = np.array([-0.9, -1.6, 0.4, 0.1, -2.2]), np.array([0.3, 0.2, 0.1, 0.6, 0.05])


def drawn(y: np.ndarray, v: np.ndarray, level: float, draws: int, seed: int) -> np.ndarray:
    """The authors' way: draw tau2 by inverting its confidence distribution, then the effect of a new trial."""
    rng = np.random.default_rng(seed)
    k, w = y.size, 1 / v
    q = (w * (y - (w * y).sum() / w.sum()) ** 2).sum()
    # Q is distributed as sum (1 + tau2 m) chi-square: for each draw of the chi-squares, the tau2 at which it equals q
    root = np.sqrt(w)
    u = root / np.sqrt(w.sum())
    basis = np.linalg.svd(np.eye(k) - np.outer(u, u))[0][:, : k - 1]
    m = np.linalg.eigvalsh(basis.T @ (w[:, None] * basis))
    chi2 = rng.standard_normal((draws, k - 1)) ** 2
    tau2 = np.maximum(0.0, (q - chi2.sum(1)) / (chi2 * m).sum(1))
    weight = 1 / (v + tau2[:, None])
    mean = (weight * y).sum(1) / weight.sum(1)
    variance = (weight * (y - mean[:, None]) ** 2).sum(1) / ((k - 1) * weight.sum(1))
    new = mean + rng.standard_normal(draws) * np.sqrt(tau2) - rng.standard_t(k - 1, draws) * np.sqrt(variance)
    return np.quantile(new, [0.5 * (1 - level), 0.5 * (1 + level)])


def test_published_interval() -> None:
    """R package pimeta 1.1.3, 25,000 draws."""
    assert confidence_distribution_interval(*SBP) == pytest.approx((-0.8807, 0.2240), abs=0.015)


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize(
    "data",
    [SBP, (Y, V), (Y[:3], V[:3]), (np.array([0.1, 0.15, 0.2, 0.1]), V[:4]), (Y, np.array([1e-3, 0.01, 0.1, 1, 10]))],
    ids=["sbp", "five", "three", "no more than chance", "unlike"],
)
def test_agrees_with_draws(data: tuple[np.ndarray, np.ndarray], level: float) -> None:
    low, high = confidence_distribution_interval(*data, level)
    several = np.array([drawn(*data, level, 200_000, seed) for seed in range(6)])
    error = several.std(axis=0, ddof=1) / np.sqrt(6)
    assert (np.abs(several.mean(axis=0) - (low, high)) < 5 * error + 1e-6).all()


def test_equal_variances_and_much_heterogeneity_have_a_closed_form() -> None:
    """Where v is negligible tau2 is S / chi-square and s^2 is S / (k (k - 1)), S the sum of squares, whatever tau2 is."""
    y, v = np.array([0.0, 1.0, 3.0, 7.0]), np.full(4, 1e-9)
    low, high = confidence_distribution_interval(y, v)
    total = ((y - y.mean()) ** 2).sum()
    chi2 = stats.chi2.ppf((np.arange(1500) + 0.5) / 1500, 3)
    t = stats.t.ppf((np.arange(1500) + 0.5) / 1500, 3)
    for limit, probability in ((low, 0.025), (high, 0.975)):
        z = (limit - y.mean() + t[:, None] * np.sqrt(total / 12)) / np.sqrt(total / chi2)
        assert stats.norm.cdf(z).mean() == pytest.approx(probability, abs=1e-4)


def test_order_shift_sign_and_scale() -> None:
    low, high = confidence_distribution_interval(Y, V)
    order = [3, 0, 4, 2, 1]
    assert confidence_distribution_interval(Y[order], V[order]) == pytest.approx((low, high), rel=1e-9)
    assert confidence_distribution_interval(Y + 7, V) == pytest.approx((low + 7, high + 7), rel=1e-9)
    assert confidence_distribution_interval(-Y, V) == pytest.approx((-high, -low), rel=1e-9)
    for scale in (1e-6, 1e6):
        scaled = confidence_distribution_interval(scale * Y, scale**2 * V)
        assert scaled == pytest.approx((scale * low, scale * high), rel=1e-9)


def test_a_higher_level_is_wider() -> None:
    limits = np.array([confidence_distribution_interval(Y, V, level) for level in (0.5, 0.9, 0.99)])
    assert (np.diff(limits[:, 0]) < 0).all()
    assert (np.diff(limits[:, 1]) > 0).all()


def test_an_empty_slot_changes_nothing() -> None:
    assert confidence_distribution_interval(np.append(Y, np.nan), np.append(V, np.inf)) == (
        confidence_distribution_interval(Y, V)
    )


def test_fewer_than_three_studies_and_equal_effects_are_refused() -> None:
    with pytest.raises(NotEstimableError, match="at least three studies"):
        confidence_distribution_interval(Y[:2], V[:2])
    with pytest.raises(NotEstimableError, match="all effects are equal"):
        confidence_distribution_interval(np.full(4, 0.3), V[:4])
    with pytest.raises(OptionError, match="conf_level"):
        confidence_distribution_interval(Y, V, 95)
    with pytest.raises(OptionError, match="one problem"):
        confidence_distribution_interval([Y, Y], [V, V])


@pytest.mark.parametrize(
    ("y", "v"),
    [
        (np.random.default_rng(7).normal(0, 1, 25), np.geomspace(1e-9, 1e3, 25)),
        (np.array([0.0, 0.0, 1e-9]), np.array([0.1, 0.1, 0.1])),
        (np.array([0.0, 1e5, -1e5]), np.array([1e-3, 1e-3, 1e-3])),
        (np.array([5.0, -5.0, 0.1]), np.array([1e-4, 1e-4, 1.0])),
        (np.random.default_rng(8).normal(0, 0.5, 400), np.random.default_rng(9).uniform(0.01, 0.5, 400)),
    ],
    ids=["twelve orders", "nearly equal", "far apart", "two precise", "many"],
)
def test_hard_data_give_finite_limits_in_little_time(y: np.ndarray, v: np.ndarray) -> None:
    start = time.process_time()
    low, high = confidence_distribution_interval(y, v)
    assert np.isfinite([low, high]).all()
    assert low < high
    assert time.process_time() - start < 2


def test_coverage_with_few_studies() -> None:
    """Where t intervals fall short, with three studies: near nominal, within the error of the draws."""
    rng = np.random.default_rng(4)
    v = np.array([0.05, 0.1, 0.3])
    held = 0
    for _ in range(150):
        low, high = confidence_distribution_interval(rng.normal(0, np.sqrt(v + 0.2)), v, 0.9)
        held += low <= rng.normal(0, np.sqrt(0.2)) <= high
    assert 0.9 - 4 * np.sqrt(0.09 / 150) < held / 150
