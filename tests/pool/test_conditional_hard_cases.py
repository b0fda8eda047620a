"""Hard cases of the conditional models: a number, or a reason; never anything else."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from trialpool.errors import NotEstimableError
from trialpool.pool.binomial_normal import binomial_normal
from trialpool.pool.exact import exact_common_odds_ratio, exact_common_rate_ratio
from trialpool.pool.hypergeometric_normal import hypergeometric_normal

Model = Callable[..., object]
RANDOM = [hypergeometric_normal, binomial_normal]
EVERY = [*RANDOM, exact_common_odds_ratio, exact_common_rate_ratio]


def rows(*tables: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(tables, dtype=float).T


@pytest.mark.parametrize("model", EVERY)
@pytest.mark.parametrize("intervening", [(), ((0, 10, 0, 12),)])
def test_an_arm_without_events_has_a_bound_in_words(model: Model, intervening: tuple) -> None:
    with pytest.raises(NotEstimableError, match=r"zero: no events in any treatment arm .* lies below 0\.\d+$"):
        model(rows((0, 50, 4, 50), *intervening, (0, 60, 5, 60)))
    with pytest.raises(NotEstimableError, match=r"infinite: no events in any control arm .* lies above \d"):
        model(rows((4, 50, 0, 50), *intervening, (5, 60, 0, 60)))


@pytest.mark.parametrize("model", EVERY)
def test_no_events_at_all(model: Model) -> None:
    with pytest.raises(NotEstimableError, match="say nothing"):
        model(rows((0, 50, 0, 50), (0, 60, 0, 30)))
    with pytest.raises(NotEstimableError, match="say nothing"):
        model(np.zeros((4, 3)))


@pytest.mark.parametrize("model", RANDOM)
def test_one_table_has_no_between_study_variance(model: Model) -> None:
    with pytest.raises(NotEstimableError, match="one study alone"):
        model(rows((3, 50, 5, 60)))
    with pytest.raises(NotEstimableError, match="one study alone"):
        model(rows((3, 50, 5, 60), (0, 10, 0, 12)))


@pytest.mark.parametrize("model", RANDOM)
@pytest.mark.parametrize("interval", ["profile-likelihood", "wald", "t"])
def test_two_tables_are_enough(model: Model, interval: str) -> None:
    fit = model(rows((3, 50, 5, 60), (9, 70, 4, 70)), interval=interval)
    assert fit.conf_low < fit.estimate < fit.conf_high
    assert fit.k_informative == 2
    assert 0 < fit.p_value < 1


@pytest.mark.parametrize("model", RANDOM)
def test_identical_tables_have_no_heterogeneity(model: Model) -> None:
    fit = model(np.repeat(rows((3, 50, 5, 60)), 12, axis=1))
    assert fit.tau2 == 0
    assert math.isclose(fit.estimate, model(np.repeat(rows((3, 50, 5, 60)), 2, axis=1)).estimate, rel_tol=1e-10)
    np.testing.assert_allclose(fit.weights, 1 / 12, rtol=1e-12)


@pytest.mark.parametrize("model", RANDOM)
def test_a_variance_that_runs_away_is_named(model: Model) -> None:
    with pytest.raises(NotEstimableError, match="grows without bound"):
        model(rows((9, 50, 0, 50), (0, 50, 9, 50), (7, 40, 0, 40), (0, 40, 7, 40)))


def test_a_variance_that_creeps_to_zero_takes_no_time() -> None:
    # at the boundary by a hair: the estimate must be exactly zero, or a clean small number
    rng = np.random.default_rng(1)
    tables = rng.integers(0, 4, (300, 2, 6))
    n = rng.integers(20, 90, (300, 2, 6))
    fit = hypergeometric_normal(np.stack([tables[:, 0], n[:, 0], tables[:, 1], n[:, 1]], axis=1))
    fine = np.array([not reason for reason in fit.reasons])
    assert fine.sum() > 280
    assert ((fit.tau2[fine] == 0) | (fit.tau2[fine] > 1e-7)).all()
    assert (fit.std_error[fine] <= 10).all()
    assert np.isfinite(fit.estimate[fine] + fit.p_value[fine] + fit.log_likelihood[fine]).all()
    assert not any("settle" in reason for reason in fit.reasons)


def test_a_problem_that_fails_does_not_stop_its_batch() -> None:
    good, none, zero = rows((3, 50, 5, 60), (9, 70, 4, 70)), np.zeros((4, 2)), rows((0, 50, 5, 60), (0, 70, 4, 70))
    away = rows((9, 50, 0, 50), (0, 50, 9, 50))
    fit = hypergeometric_normal(np.stack([zero, good, none, away, good]))
    alone = hypergeometric_normal(good)
    assert [bool(reason) for reason in fit.reasons] == [True, False, True, True, False]
    assert fit.estimate[1] == fit.estimate[4] == alone.estimate
    assert fit.conf_low[4] == alone.conf_low
    failed = [0, 2, 3]
    for name in ("estimate", "std_error", "tau2", "conf_low", "conf_high", "p_value"):
        assert np.isnan(getattr(fit, name)[failed]).all(), name
    assert (fit.weights[failed] == 0).all()


def test_five_thousand_tables_show_the_model_that_made_them() -> None:
    rng = np.random.default_rng(1)
    psi, n, events = rng.normal(0.2, 0.6, 5000), 150.0, 6
    t = np.arange(events + 1)
    ways = np.array([math.comb(150, i) * math.comb(150, events - i) for i in t], dtype=float)
    weight = ways * np.exp(psi[:, None] * t)
    a = (np.cumsum(weight, axis=1) < rng.random((5000, 1)) * weight.sum(axis=1, keepdims=True)).sum(axis=1)
    fit = hypergeometric_normal(np.stack([a, np.full(5000, n), events - a, np.full(5000, n)]))
    assert abs(fit.estimate - 0.2) < 3 * fit.std_error
    assert abs(fit.tau2 - 0.36) < 0.06
    assert math.isclose(fit.conf_high - fit.estimate, 1.96 * fit.std_error, rel_tol=0.02)
    assert math.isclose(fit.weights.sum(), 1, rel_tol=1e-12)


@pytest.mark.parametrize("interval", ["wald", "profile-likelihood"])
def test_a_hundred_thousand_events_a_table(interval: str) -> None:
    rng = np.random.default_rng(1)
    n = np.full(4, 400_000)
    tables = np.stack([rng.binomial(n, 0.25), n, rng.binomial(n, 0.249), n]).astype(float)
    fit, exact = hypergeometric_normal(tables, interval=interval), exact_common_odds_ratio(tables)
    assert abs(fit.estimate - exact.estimate) < fit.std_error
    assert fit.conf_low < fit.estimate < fit.conf_high


def test_tables_of_every_size_together() -> None:
    tables = rows((1, 20, 2, 20), (90_000, 300_000, 89_000, 300_000), (0, 15, 1, 14), (3, 1e6, 9, 1e6))
    fit = hypergeometric_normal(tables)
    largest = rows((90_000, 300_000, 89_000, 300_000))
    assert abs(fit.estimate - exact_common_odds_ratio(largest).estimate) < 1e-3
    assert fit.conf_low < fit.estimate < fit.conf_high


def test_an_open_interval_says_so() -> None:
    tables = rows((0, 80, 1, 80), (0, 200, 1, 100), (2, 150, 1, 150))
    fit = hypergeometric_normal(tables)
    assert fit.conf_low is None
    assert fit.conf_high > fit.estimate
    assert fit.open_interval.endswith("the interval has no lower limit")
    swapped = hypergeometric_normal(tables[[2, 3, 0, 1]])
    assert swapped.conf_high is None
    assert swapped.open_interval.endswith("the interval has no upper limit")
    batch = hypergeometric_normal(tables[None])
    assert np.isnan(batch.conf_low[0])
    assert batch.open_interval == (fit.open_interval,)
    assert batch.reasons == ("",)
    assert batch.estimate[0] == fit.estimate
