"""Every estimator of tau2: its defining equation, relations, hard data, and batches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.strategies import effects

from trialpool.heterogeneity import (
    cochran_q,
    dersimonian_laird,
    dersimonian_laird_two_step,
    empirical_bayes,
    hedges,
    hunter_schmidt,
    ml,
    paule_mandel,
    reml,
    sidik_jonkman,
)
from trialpool.heterogeneity.tau2 import TAU2_KERNELS
from trialpool.pool.arrays import random_effects
from trialpool.pool.methods import TAU2_ESTIMATORS

DOORS: dict[str, Callable] = {
    "REML": reml,
    "ML": ml,
    "DL": dersimonian_laird,
    "DL2": dersimonian_laird_two_step,
    "PM": paule_mandel,
    "EB": empirical_bayes,
    "HE": hedges,
    "HS": hunter_schmidt,
    "SJ": sidik_jonkman,
}
EVERY = pytest.mark.parametrize("name", list(DOORS))
Y, V = np.array([-0.9, -1.6, 0.4, 0.1, -2.2]), np.array([0.3, 0.2, 0.1, 0.6, 0.05])


def test_every_word_has_its_kernel_and_door() -> None:
    assert set(TAU2_KERNELS) == set(TAU2_ESTIMATORS) == set(DOORS)


@EVERY
def test_the_door_is_what_random_effects_uses(name: str) -> None:
    assert random_effects(Y, V, tau2=name).tau2 == DOORS[name](Y, V) > 0


def test_moment_estimators_solve_their_equation_by_matrices() -> None:
    """E Q = tr(P V) + tau2 tr(P) with P = W - w w' / sum w."""
    for door, w in (
        (hedges, np.ones(5)),
        (dersimonian_laird, 1 / V),
        (dersimonian_laird_two_step, 1 / (V + dersimonian_laird(Y, V))),
    ):
        p = np.diag(w) - np.outer(w, w) / w.sum()
        assert np.trace(p @ np.diag(V)) + door(Y, V) * np.trace(p) == pytest.approx(Y @ p @ Y, rel=1e-12)


def test_hedges_is_the_sample_variance_less_the_mean_variance() -> None:
    assert hedges(Y, V) == pytest.approx(Y.var(ddof=1) - V.mean(), rel=1e-13)


def test_hunter_schmidt_by_hand() -> None:
    assert hunter_schmidt(Y, V) == pytest.approx((cochran_q(Y, V) - 5) / (1 / V).sum(), rel=1e-13)


def test_sidik_jonkman_by_hand() -> None:
    start = Y.var()
    r = V / start + 1
    mean = (Y / r).sum() / (1 / r).sum()
    assert sidik_jonkman(Y, V) == pytest.approx(((Y - mean) ** 2 / r).sum() / 4, rel=1e-13)


@given(data=effects())
@settings(max_examples=100, deadline=None)
def test_empirical_bayes_equation_is_paule_mandel_s(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, v = data
    k, tau2 = y.size, empirical_bayes(y, v)
    w = 1 / (v + tau2)
    residual = y - (w * y).sum() / w.sum()
    morris = (w * (k / (k - 1) * residual**2 - (v + tau2))).sum()
    assert morris == pytest.approx(0, abs=1e-8 * k) if tau2 > 0 else morris <= 1e-8 * k


@pytest.mark.parametrize("name", list(DOORS))
def test_equal_variances_leave_one_answer_to_most(name: str) -> None:
    v = np.full(5, 0.1)
    between = Y.var(ddof=1) - 0.1
    expected = {
        "ML": Y.var() - 0.1,
        "HS": ((Y**2).sum() - 5 * Y.mean() ** 2) / 5 - 0.1,
        "SJ": Y.var() * (Y.var(ddof=1) / (Y.var() + 0.1)),
    }
    assert DOORS[name](Y, v) == pytest.approx(expected.get(name, between), rel=1e-10)


@EVERY
def test_order_shift_sign_and_scale(name: str) -> None:
    door = DOORS[name]
    one = door(Y, V)
    order = [3, 0, 4, 2, 1]
    assert door(Y[order], V[order]) == pytest.approx(one, rel=1e-10)
    assert door(Y + 7, V) == pytest.approx(one, rel=1e-9)
    assert door(-Y, V) == pytest.approx(one, rel=1e-12)
    for scale in (1e-6, 1e6):
        assert door(scale * Y, scale**2 * V) == pytest.approx(scale**2 * one, rel=1e-11)


@EVERY
def test_equal_effects_one_study_and_two(name: str) -> None:
    door = DOORS[name]
    assert door(np.full(4, 0.3), V[:4]) == pytest.approx(0.0, abs=1e-30)
    assert door([0.4], [0.1]) == 0.0
    assert door([0.1, 1.3], [0.04, 0.11]) > 0


@EVERY
def test_variances_over_twelve_orders_of_magnitude(name: str) -> None:
    rng = np.random.default_rng(7)
    v = np.geomspace(1e-9, 1e3, 25)
    tau2 = DOORS[name](rng.normal(0, np.sqrt(v + 0.2)), v)
    assert 0 <= tau2 < 1e3
    if name not in ("HE", "SJ", "HS"):  # equal weights, or a bias of the greatest variances
        assert tau2 < 2


@EVERY
def test_five_thousand_trials(name: str) -> None:
    rng = np.random.default_rng(11)
    v = rng.gamma(2, 0.1, 5000) + 1e-3
    off = DOORS[name](rng.normal(0.25, np.sqrt(v + 0.09)), v) - 0.09
    assert abs(off) < 0.025 if name != "SJ" else 0.05 < off < 0.1, "SJ stays too large however many the trials"


@EVERY
def test_a_batch_is_its_problems(name: str) -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.02, 3, (60, 8))
    y = rng.normal(0, np.sqrt(v + rng.choice([0, 0.1, 2], (60, 1))))
    v[::3, 6:], y[::3, 7] = np.inf, np.nan
    batch = DOORS[name](y, v)
    for i in range(60):
        used = np.isfinite(v[i])
        assert DOORS[name](y[i], v[i]) == batch[i], "the same slots, bit for bit"
        assert DOORS[name](y[i][used], v[i][used]) == pytest.approx(batch[i], rel=1e-11, abs=1e-15)


def log_likelihood(tau2: np.ndarray, y: np.ndarray, v: np.ndarray) -> np.ndarray:
    w = 1 / (v[:, None] + tau2)
    mean = (w * y[:, None]).sum(0) / w.sum(0)
    return 0.5 * (np.log(w).sum(0) - (w * (y[:, None] - mean) ** 2).sum(0))


@given(seed=st.integers(0, 10**6), ratio=st.sampled_from([10.0, 1e3, 1e5]), k=st.integers(2, 12))
@settings(max_examples=200, deadline=None)
def test_ml_is_never_beaten_by_a_fine_grid(seed: int, ratio: float, k: int) -> None:
    rng = np.random.default_rng(seed)
    v = np.exp(rng.uniform(0, np.log(ratio), k))
    y = rng.normal(0, np.sqrt(v * rng.choice([0.01, 0.1, 1, 3, 10], k)))
    grid = np.concatenate([[0.0], np.geomspace(1e-4, 1e3 * ratio, 1500)])
    assert log_likelihood(np.array([ml(y, v)]), y, v)[0] >= log_likelihood(grid, y, v).max() - 1e-6


def test_ml_takes_the_higher_of_two_maxima() -> None:
    y = np.array([0.0, 0.0, 0.0, 0.0, 4.0, -4.0])
    v = np.array([1e-4, 1e-4, 1e-4, 1e-4, 1.0, 1.0])
    grid = np.concatenate([[0.0], np.geomspace(1e-8, 100, 4000)])
    found = log_likelihood(grid, y, v)
    inner = (np.diff(np.sign(np.diff(found))) < 0).sum() + (found[0] > found[1])
    assert inner == 2, "the case has two maxima"
    assert log_likelihood(np.array([ml(y, v)]), y, v)[0] >= found.max() - 1e-9
