"""Intervals for tau2: the exact law of Q, and the profile likelihood."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from properties.strategies import effects
from scipy import stats

from trialpool.errors import NotEstimableError, OptionError
from trialpool.heterogeneity import cochran_q, generalised_q_interval, ml, profile_likelihood_interval, q_profile, reml
from trialpool.heterogeneity.dersimonian_laird_law import q_law

INTERVALS: dict[str, Callable] = {
    "Q-profile": q_profile,
    "generalised-Q": generalised_q_interval,
    "REML": profile_likelihood_interval,
    "ML": partial(profile_likelihood_interval, likelihood="ML"),
}
EVERY = pytest.mark.parametrize("name", list(INTERVALS))
Y, V = np.array([-0.9, -1.6, 0.4, 0.1, -2.2]), np.array([0.3, 0.2, 0.1, 0.6, 0.05])


def twice_log_likelihood(tau2: float, y: np.ndarray, v: np.ndarray, name: str) -> float:
    w = 1 / (v + tau2)
    mean = (w * y).sum() / w.sum()
    return float(np.log(w).sum() - (w * (y - mean) ** 2).sum() - (np.log(w.sum()) if name == "REML" else 0))


@given(data=effects(least=2))
@settings(max_examples=80, deadline=None)
@pytest.mark.parametrize("name", ["REML", "ML"])
def test_the_profile_likelihood_is_at_the_cut_at_its_limits(name: str, data: tuple[np.ndarray, np.ndarray]) -> None:
    y, v = data
    low, high = INTERVALS[name](y, v, 0.9)
    tau2 = {"REML": reml, "ML": ml}[name](y, v)
    assert 0 <= low <= tau2 < high
    cut = twice_log_likelihood(tau2, y, v, name) - stats.chi2.ppf(0.9, 1)
    assert twice_log_likelihood(high, y, v, name) == pytest.approx(cut, abs=1e-8)
    if low > 0:
        assert twice_log_likelihood(low, y, v, name) == pytest.approx(cut, abs=1e-8)
    else:
        assert twice_log_likelihood(0.0, y, v, name) >= cut - 1e-8


def test_a_likelihood_with_two_peaks_gives_the_outermost_limits() -> None:
    y = np.array([0.0, 0.0, 0.0, 0.0, 4.0, -4.0])
    v = np.array([1e-4, 1e-4, 1e-4, 1e-4, 1.0, 1.0])
    for level in (0.5, 0.95, 0.999):
        low, high = profile_likelihood_interval(y, v, level, likelihood="ML")
        grid = np.append(0.0, np.geomspace(1e-7, 1e3, 3000))
        at = np.array([twice_log_likelihood(t, y, v, "ML") for t in grid])
        inside = grid[at >= twice_log_likelihood(ml(y, v), y, v, "ML") - stats.chi2.ppf(level, 1)]
        assert low <= inside[0] * 1.02
        assert inside[-1] <= high <= inside[-1] * 1.02


def test_generalised_q_limits_hold_the_data_at_half_the_error() -> None:
    """By drawing Q at the limits themselves."""
    low, high = generalised_q_interval(Y, V, 0.9)
    rng, q = np.random.default_rng(1), cochran_q(Y, V)
    for tau2, below in ((low, 0.95), (high, 0.05)):
        y = rng.normal(0, np.sqrt(V + tau2), (200_000, 5))
        drawn = cochran_q(y, np.broadcast_to(V, y.shape))
        assert abs((drawn <= q).mean() - below) < 4 * np.sqrt(0.05 * 0.95 / 200_000)


def test_generalised_q_is_q_profile_where_variances_are_equal() -> None:
    v = np.full(5, 0.17)
    assert generalised_q_interval(Y, v) == pytest.approx(q_profile(Y, v), rel=1e-10)


@pytest.mark.parametrize("name", ["Q-profile", "generalised-Q"])
def test_too_little_variation_gives_an_interval_at_zero(name: str) -> None:
    assert INTERVALS[name]([0.3, 0.3001, 0.2999, 0.3], [0.3, 0.2, 0.1, 0.2]) == (0.0, 0.0)


@EVERY
def test_equal_effects(name: str) -> None:
    low, high = INTERVALS[name](np.full(4, 0.3), V[:4])
    assert low == 0
    assert (high > 0) == (name in ("REML", "ML"))


@EVERY
def test_order_shift_sign_and_scale(name: str) -> None:
    interval = INTERVALS[name]
    one = np.array(interval(Y, V))
    assert one[0] > 0
    order = [3, 0, 4, 2, 1]
    np.testing.assert_allclose(interval(Y[order], V[order]), one, rtol=1e-9)
    np.testing.assert_allclose(interval(7 - Y, V), one, rtol=1e-9)
    for scale in (1e-6, 1e6):
        np.testing.assert_allclose(interval(scale * Y, scale**2 * V), scale**2 * one, rtol=1e-9)


@EVERY
def test_a_higher_level_is_wider(name: str) -> None:
    widths = [INTERVALS[name](Y, V, level) for level in (0.5, 0.8, 0.95, 0.999999)]
    lows, highs = np.array(widths).T
    assert (np.diff(lows) < 0).all() or lows[-1] == 0
    assert (np.diff(highs) > 0).all()


@EVERY
def test_a_batch_is_its_problems(name: str) -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.02, 3, (40, 8))
    y = rng.normal(0, np.sqrt(v + rng.choice([0, 0.1, 2], (40, 1))))
    v[::3, 6:] = np.inf
    low, high = INTERVALS[name](y, v)
    assert [INTERVALS[name](y[i], v[i]) for i in range(40)] == list(zip(low.tolist(), high.tolist(), strict=True))
    used = np.isfinite(v[0])
    assert INTERVALS[name](y[0][used], v[0][used]) == pytest.approx((low[0], high[0]), rel=1e-9)


def test_a_batch_of_many_shapes_solves_its_equations() -> None:
    """Ten thousand problems, some far in the flat part of the law of Q; a warning would be an error."""
    rng = np.random.default_rng(20_250_101)
    v = rng.uniform(0.02, 0.6, (10_000, 10))
    y = rng.normal(0.2, np.sqrt(v + 0.1))
    low, high = generalised_q_interval(y, v)
    assert ((low >= 0) & (low <= high) & np.isfinite(high)).all()
    q = cochran_q(y, v)
    for limit, below in ((low, 0.975), (high, 0.025)):
        some = limit > 0
        found, _ = q_law(q[some], np.ascontiguousarray(v[some].T), limit[some])
        np.testing.assert_allclose(found, below, atol=1e-11)


@EVERY
def test_one_study_is_refused(name: str) -> None:
    with pytest.raises(NotEstimableError, match="at least two studies"):
        INTERVALS[name]([0.4], [0.1])
    with pytest.raises(NotEstimableError, match="at least two studies"):
        INTERVALS[name]([[0.4, 0.3], [0.1, 0.0]], [[0.1, 0.1], [0.1, np.inf]])


@EVERY
def test_two_studies(name: str) -> None:
    low, high = INTERVALS[name]([0.1, 1.3], [0.04, 0.11])
    assert 0 <= low < high < 1e5


@EVERY
def test_variances_over_twelve_orders_of_magnitude(name: str) -> None:
    rng = np.random.default_rng(7)
    v = np.geomspace(1e-9, 1e3, 25)
    y = rng.normal(0, np.sqrt(v + 0.2))
    low, high = INTERVALS[name](y, v)
    assert 1e-3 < low < high < 2


@EVERY
def test_five_thousand_trials(name: str) -> None:
    rng = np.random.default_rng(11)
    v = rng.gamma(2, 0.1, 5000) + 1e-3
    low, high = INTERVALS[name](rng.normal(0.25, np.sqrt(v + 0.09)), v)
    assert 0.06 < low < 0.09 < high < 0.13


@EVERY
def test_bad_levels_are_refused(name: str) -> None:
    for level in (0, 1, 95, np.nan):
        with pytest.raises(OptionError, match="conf_level"):
            INTERVALS[name](Y, V, level)


def test_an_unknown_likelihood_is_refused() -> None:
    with pytest.raises(OptionError, match="likelihood='DL' is not allowed"):
        profile_likelihood_interval(Y, V, likelihood="DL")  # type: ignore[arg-type]


def test_coverage_of_generalised_q_is_exact() -> None:
    rng = np.random.default_rng(2)
    v = np.array([0.02, 0.1, 0.4, 0.9])
    y = rng.normal(0, np.sqrt(v + 0.3), (4000, 4))
    low, high = generalised_q_interval(y, np.broadcast_to(v, y.shape), 0.8)
    assert abs(((low <= 0.3) & (high >= 0.3)).mean() - 0.8) < 3.5 * np.sqrt(0.8 * 0.2 / 4000)
