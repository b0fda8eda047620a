"""The binomial model of counts within bounds: against the logistic one, dense grids, and hard cases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_expit
from scipy.stats import norm

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.interval_censored import interval_censored_binomial
from trialpool.pool.logistic import logistic

TABLES = np.array(
    [
        [9.0, 3, 2, 12, 3, 9, 15, 1, 0, 4],
        [100, 110, 80, 150, 60, 200, 90, 120, 70, 95],
        [2, 1, 6, 4, 4, 3, 2, 1, 0, 4],
        [100, 105, 85, 148, 61, 190, 95, 118, 68, 90],
    ]
)
NAMES = (
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "p_value",
    "log_likelihood",
    "intercept_mean",
    "intercept_variance",
)


def rows(tables: np.ndarray = TABLES, threshold: float = 0.0):
    """Bounds (3, 2K) as a registry with that threshold shows them, with the trial of each arm and its side."""
    events, n = tables[[0, 2]], tables[[1, 3]]
    listed_from = np.maximum(1.0, np.ceil(threshold * n))
    listed = (events >= listed_from).any(axis=0)
    low, high = np.where(listed, events, 0.0), np.where(listed, events, listed_from - 1.0)
    k = tables.shape[1]
    where = {"trial": np.tile(np.arange(k), 2), "treated": np.repeat([True, False], k)}
    return np.stack([low.ravel(), high.ravel(), n.ravel()]), where


def fit_of(tables: np.ndarray = TABLES, threshold: float = 0.05, **choices):
    bounds, where = rows(tables, threshold)
    return interval_censored_binomial(bounds, **where, **choices)


@pytest.mark.parametrize("model", ["random", "common"])
@pytest.mark.parametrize("profile", [True, False])
def test_exact_counts_are_the_logistic_model(model, profile: bool) -> None:
    """Threshold 0 lists every event: what is not listed is zero."""
    fit = fit_of(threshold=0.0, model=model, profile=profile)
    plain = logistic(TABLES, intercepts="random", model=model, profile=profile)
    for name in NAMES:
        # the quadrature of the logistic model is good to 1e-8
        assert getattr(fit, name) == pytest.approx(getattr(plain, name), rel=1e-7, abs=1e-9), name
    assert (fit.tau2 is None) == (plain.tau2 is None)
    assert fit.tau2 is None or fit.tau2 == pytest.approx(plain.tau2, rel=1e-7, abs=1e-9)


def log_likelihood(mu: float, variance: float, theta: float, tau2: float, threshold: float = 0.05) -> float:
    """By a dense grid of intercepts and effects."""
    z, u = np.linspace(-7.5, 7.5, 81), np.linspace(-7.5, 7.5, 81) if tau2 > 0 else np.zeros(1)
    alpha, psi = mu + math.sqrt(variance) * z[:, None], theta + math.sqrt(tau2) * u
    wz, wu = norm.pdf(z) * (z[1] - z[0]), norm.pdf(u) * (u[1] - u[0]) if tau2 > 0 else np.ones(1)
    (low, high, n), where = rows(threshold=threshold)
    total = 0.0
    for i in range(TABLES.shape[1]):
        value = np.ones((z.size, u.size))
        for j in np.flatnonzero(where["trial"] == i):
            eta = alpha + (0.5 if where["treated"][j] else -0.5) * psi
            counts = range(int(low[j]), int(high[j]) + 1)
            ways = sum(math.comb(int(n[j]), x) * np.exp(x * eta) for x in counts)
            value = value * ways * np.exp(n[j] * log_expit(-eta))
        total += math.log(wz @ value @ wu)
    return total


@pytest.mark.parametrize("model", ["random", "common"])
def test_maximum_and_limits_by_dense_grids(model) -> None:
    fit = fit_of(model=model)
    at = [fit.intercept_mean, fit.intercept_variance, fit.estimate, fit.tau2 or 0.0]
    assert fit.log_likelihood == pytest.approx(log_likelihood(*at), rel=1e-8)
    free = [j for j in range(4) if at[j] != 0]
    h = 1e-3
    slopes, bends = np.zeros(4), np.zeros((4, 4))
    for i in free:
        for j in free:
            ends = {}
            for a in (-h, h):
                for b in (-h, h):
                    moved = np.array(at)
                    moved[i] += a
                    moved[j] += b
                    ends[a, b] = log_likelihood(*moved)
            bends[i, j] = (ends[h, h] - ends[h, -h] - ends[-h, h] + ends[-h, -h]) / (4 * h * h)
            slopes[i] = (ends[h, h] + ends[h, -h] - ends[-h, h] - ends[-h, -h]) / (4 * h)
    np.testing.assert_allclose(slopes, 0.0, atol=2e-4)
    inside = np.ix_(free, free)
    variance = np.linalg.inv(-bends[inside])[free.index(2), free.index(2)]
    assert fit.std_error == pytest.approx(math.sqrt(variance), rel=1e-3)


def test_a_limit_is_where_the_profile_falls_that_far() -> None:
    """The best intercept and variance beside each limit, by another search."""
    fit = fit_of(model="common")
    cut = fit.log_likelihood - 0.5 * 3.841458820694124
    for limit in (fit.conf_low, fit.conf_high):

        def beside(x: np.ndarray, limit: float = limit) -> float:
            return -log_likelihood(x[0], math.exp(x[1]), limit, 0.0)

        best = minimize(beside, [fit.intercept_mean, math.log(fit.intercept_variance)], method="Nelder-Mead")
        assert -best.fun == pytest.approx(cut, abs=1e-4)


@pytest.mark.parametrize("model", ["random", "common"])
def test_swapped_arms_turn_the_sign_and_nothing_else(model) -> None:
    fit, turned = fit_of(model=model), fit_of(TABLES[[2, 3, 0, 1]], model=model)
    expected = (-fit.estimate, -fit.conf_high, fit.std_error, fit.log_likelihood, fit.intercept_variance)
    found = (turned.estimate, turned.conf_low, turned.std_error, turned.log_likelihood, turned.intercept_variance)
    assert found == pytest.approx(expected, rel=1e-7)


def test_order_of_arms_and_labels_of_trials() -> None:
    bounds, where = rows(threshold=0.05)
    fit = interval_censored_binomial(bounds, **where)
    order = np.random.default_rng(1).permutation(bounds.shape[1])
    names = np.array([f"trial {9 - i}" for i in where["trial"]])
    mixed = interval_censored_binomial(bounds[:, order], trial=names[order], treated=where["treated"][order])
    assert (mixed.estimate, mixed.std_error) == pytest.approx((fit.estimate, fit.std_error), rel=1e-8)


def test_arms_of_a_side_are_their_sum_where_they_are_exact() -> None:
    whole = fit_of(threshold=0.0)
    bounds, where = rows(threshold=0.0)
    parts = np.array([[4.0, 5], [4, 5], [30, 70]])  # of the 9 of 100 in the first treatment arm
    split = interval_censored_binomial(
        np.concatenate([bounds[:, 1:], parts], axis=1),
        trial=[*where["trial"][1:], 0, 0],
        treated=np.array([*where["treated"][1:], True, True]),
    )
    assert (split.estimate, split.std_error) == pytest.approx((whole.estimate, whole.std_error), rel=1e-8)


def test_a_trial_whose_bounds_exclude_nothing_changes_nothing() -> None:
    bounds, where = rows(threshold=0.05)
    fit = interval_censored_binomial(bounds, **where)
    more = np.concatenate([bounds, [[0.0, 0], [40, 50], [40, 50]]], axis=1)
    same = interval_censored_binomial(more, trial=[*where["trial"], 99, 99], treated=[*where["treated"], True, False])
    assert same == fit


def test_wider_bounds_know_less() -> None:
    """Common effect: the information on it falls as the bounds of listed counts are drawn apart."""
    errors = []
    for by in (0, 1, 2, 3):
        (low, high, n), where = rows(threshold=0.0)
        wide = np.stack([np.maximum(low - by, 0.0), np.minimum(high + by, n), n])
        errors.append(interval_censored_binomial(wide, **where, model="common", profile=False).std_error)
    assert errors == sorted(errors)
    assert errors[-1] > 1.02 * errors[0]


def test_level() -> None:
    wide, narrow = (fit_of(model="common", conf_level=level) for level in (0.99, 0.8))
    assert wide.conf_low < narrow.conf_low < wide.estimate < narrow.conf_high < wide.conf_high


def test_events_and_non_events_are_alike() -> None:
    (low, high, n), where = rows(threshold=0.05)
    fit = interval_censored_binomial([low, high, n], **where)
    turned = interval_censored_binomial([n - high, n - low, n], **where)
    assert turned.estimate == pytest.approx(-fit.estimate, rel=1e-7)
    assert turned.intercept_mean == pytest.approx(-fit.intercept_mean, rel=1e-7)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ([[1.0], [2.0]], r"shape \(2, 1\)"),
        ([[1, 0], [2, 1], [3.5, 2]], r"\(1, 2, 3.5\) are impossible"),
        ([[3, 0], [2, 1], [9, 2]], r"\(3, 2, 9\) are impossible"),
        ([[0, 0], [10, 1], [9, 2]], "impossible"),
        ([[0, 0], [0, 1], [0, 2]], "impossible"),
        ([[0, math.nan], [0, 1], [1, 2]], "missing or infinite"),
    ],
)
def test_bounds_that_are_none(bounds, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        interval_censored_binomial(bounds, trial=[1, 1], treated=[True, False])


def test_a_trial_with_one_side() -> None:
    bounds = [[1, 1, 1], [2, 2, 2], [9, 9, 9]]
    with pytest.raises(OptionError, match="trial b has no control arm"):
        interval_censored_binomial(bounds, trial=["a", "a", "b"], treated=[True, False, True])
    with pytest.raises(OptionError, match="True or False for each"):
        interval_censored_binomial(bounds, trial=["a", "a", "b"], treated=[1, 0, 1])


UNLISTED = [(0, 4, 90, 0, 4, 88), (0, 5, 110, 0, 3, 70)]


@pytest.mark.parametrize(
    ("trials", "model", "message"),
    [
        (UNLISTED, "common", "no trial is known to have had an event"),
        ([*UNLISTED, (7, 7, 80, 3, 3, 80)], "random", "one trial alone is known to have had events"),
        (
            [*UNLISTED, (7, 7, 80, 0, 0, 80), (4, 4, 50, 0, 2, 60)],
            "random",
            "infinite: no control arm is known",
        ),
        (
            [*UNLISTED, (0, 0, 80, 6, 6, 80), (0, 1, 50, 3, 3, 60)],
            "common",
            "zero: no treatment arm is known",
        ),
        ([(80, 80, 80, 70, 75, 80), (60, 60, 60, 50, 50, 66)], "common", "infinite"),
        ([(80, 80, 80, 75, 80, 80), (60, 60, 60, 66, 66, 66)], "random", "no trial is known"),
    ],
)
def test_not_estimable(trials, model, message: str) -> None:
    bounds = np.array(trials).reshape(-1, 3).T
    where = {"trial": np.repeat(np.arange(len(trials)), 2), "treated": np.tile([True, False], len(trials))}
    with pytest.raises(NotEstimableError, match=message):
        interval_censored_binomial(bounds, **where, model=model)


@pytest.mark.filterwarnings("error")
def test_hard_cases_give_numbers_or_reasons() -> None:
    """Few, huge, empty and contradictory trials: a finite answer or NotEstimableError, and no warning."""
    rng, answered = np.random.default_rng(7), 0
    for _ in range(16):
        k = int(rng.integers(2, 7))
        n = rng.integers(1, 10 ** rng.integers(1, 4), (2, k)).astype(float)
        risk = rng.choice([0.0, 0.001, 0.03, 0.5, 0.98, 1.0], (2, k))
        events = rng.binomial(n.astype(int), risk)
        tables = np.array([events[0], n[0], events[1], n[1]], dtype=float)
        try:
            fit = fit_of(
                tables, float(rng.choice([0.01, 0.05, 0.2])), model="random" if rng.uniform() < 0.5 else "common"
            )
        except NotEstimableError:
            continue
        answered += 1
        assert fit.conf_low < fit.estimate < fit.conf_high
        assert np.isfinite([fit.estimate, fit.std_error, fit.conf_low, fit.conf_high, fit.p_value]).all()
    assert answered > 4


def test_an_intercept_variance_that_vanishes_while_the_other_is_looked_for() -> None:
    tables = np.array([[699.0, 5, 30], [1427, 11, 62], [58, 632, 161], [206, 1807, 616]])
    fit, plain = fit_of(tables, 0.0, profile=False), logistic(tables, intercepts="random", profile=False)
    assert (fit.estimate, fit.tau2) == pytest.approx((plain.estimate, plain.tau2), rel=1e-7)
    assert fit.intercept_variance == plain.intercept_variance == 0.0
