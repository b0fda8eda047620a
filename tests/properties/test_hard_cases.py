"""Data that break other programs: a number, or not estimable with the reason."""

from __future__ import annotations

import math

import numpy as np
import pytest
from properties.strategies import comparison_of

from trialpool.effects import ZeroCells
from trialpool.errors import NotEstimableError, OptionError
from trialpool.heterogeneity import cochran_q, paule_mandel, q_profile, reml
from trialpool.pool import InverseVariance, MantelHaenszel, Peto, Request, pool_request
from trialpool.pool.arrays import common_effect, random_effects

RATIO_METHODS = [
    Request(measure="risk ratio", method=InverseVariance()),
    Request(measure="odds ratio", method=InverseVariance(zero_cells=ZeroCells(rule="constant"))),
    Request(measure="odds ratio", method=MantelHaenszel()),
    Request(measure="Peto odds ratio", method=Peto()),
]


@pytest.mark.parametrize("request_", RATIO_METHODS, ids=str)
def test_all_double_zero(request_: Request) -> None:
    with pytest.raises(NotEstimableError, match="nothing to pool: no study"):
        pool_request(comparison_of([(0, 50, 0, 50), (0, 40, 0, 80)]), request_)


@pytest.mark.parametrize("request_", RATIO_METHODS, ids=str)
def test_one_trial(request_: Request) -> None:
    with pytest.raises(NotEstimableError, match=r"only one study .* of trial 0 alone is \d"):
        pool_request(comparison_of([(3, 50, 7, 50)]), request_)


def test_one_arm_without_events_in_every_trial() -> None:
    rows = comparison_of([(0, 50, 4, 50), (0, 40, 2, 40)])
    with pytest.raises(NotEstimableError, match="no events in any treatment arm"):
        pool_request(rows, Request(measure="odds ratio", method=MantelHaenszel()))
    with pytest.raises(NotEstimableError, match="no study has an estimable"):
        pool_request(rows, Request(measure="odds ratio", method=InverseVariance()))
    assert math.isfinite(pool_request(rows, Request(measure="Peto odds ratio", method=Peto())).estimate)


def test_the_control_arm_without_events_names_the_control() -> None:
    rows = comparison_of([(4, 50, 0, 50), (2, 40, 0, 40)])
    with pytest.raises(NotEstimableError, match="no events in any control arm"):
        pool_request(rows, Request(measure="risk ratio", method=MantelHaenszel()))


def test_empirical_correction_without_a_complete_trial() -> None:
    request = Request(measure="odds ratio", method=InverseVariance(zero_cells=ZeroCells(rule="empirical")))
    with pytest.raises(NotEstimableError, match="at least one trial without a zero cell"):
        pool_request(comparison_of([(0, 50, 4, 50), (0, 40, 2, 40)]), request)


def test_everybody_had_the_event() -> None:
    rows = comparison_of([(50, 50, 50, 50), (40, 40, 39, 40), (30, 31, 28, 30)])
    result = pool_request(rows, Request(measure="risk ratio", method=InverseVariance()))
    assert "every participant of both arms" in result.studies[0].reason
    assert result.k_informative == 2


def test_identical_effects() -> None:
    y, v = np.full(6, 0.3), np.linspace(0.1, 0.6, 6)
    assert reml(y, v) == paule_mandel(y, v) == 0.0
    assert q_profile(y, v) == (0.0, 0.0)
    fit = random_effects(y, v)
    assert math.isclose(fit.estimate, 0.3)
    assert fit.std_error == common_effect(y, v).std_error


def test_identical_effects_have_no_unsafe_hartung_knapp_interval() -> None:
    with pytest.raises(NotEstimableError, match="hartung-knapp-safe"):
        random_effects([1.0, 1.0, 1.0], [0.1, 0.1, 0.1], interval="hartung-knapp")


def test_variances_over_twelve_orders_of_magnitude() -> None:
    rng = np.random.default_rng(7)
    v = np.geomspace(1e-9, 1e3, 25)
    y = rng.normal(0, np.sqrt(v + 0.2))
    for estimator in (reml, paule_mandel):
        tau2 = estimator(y, v)
        assert 0.02 < tau2 < 2
    assert math.isclose(cochran_q(y, v + paule_mandel(y, v)), 24, rel_tol=1e-9)


def test_five_thousand_trials() -> None:
    rng = np.random.default_rng(11)
    v = rng.gamma(2, 0.1, 5000) + 1e-3
    y = rng.normal(0.25, np.sqrt(v + 0.09))
    fit = random_effects(y, v)
    assert abs(fit.estimate - 0.25) < 5 * fit.std_error
    assert abs(fit.tau2 - 0.09) < 0.02


def test_a_likelihood_with_two_maxima() -> None:
    """The better maximum wins wherever the search starts (a grid is the judge)."""
    y = np.array([0.0, 0.0, 0.0, 0.0, 4.0, -4.0])
    v = np.array([1e-4, 1e-4, 1e-4, 1e-4, 9.0, 9.0])

    def minus_log_likelihood(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        return 0.5 * (np.log(v + tau2).sum() + math.log(w.sum()) + (w * (y - mean) ** 2).sum())

    grid = np.concatenate([[0.0], np.geomspace(1e-8, 100, 400)])
    assert minus_log_likelihood(reml(y, v)) <= min(map(minus_log_likelihood, grid)) + 1e-9


@pytest.mark.parametrize(
    ("y", "v", "message"),
    [
        ([0.1, 0.2], [0.1, 0.0], "zero, negative or missing"),
        ([0.1, 0.2], [0.1, -1.0], "zero, negative or missing"),
        ([0.1, 0.2], [0.1, math.nan], "zero, negative or missing"),
        ([0.1, math.nan], [0.1, 0.1], "missing or infinite"),
        ([0.1], [0.1, 0.1], "same shape"),
        ([], [], "at least one study"),
    ],
)
def test_bad_arrays_are_refused(y: list[float], v: list[float], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        reml(y, v)


def test_an_empty_slot_may_hold_anything() -> None:
    assert reml([0.1, 0.9, math.nan], [0.1, 0.1, math.inf]) == reml([0.1, 0.9], [0.1, 0.1])


def test_one_study_in_a_batch_is_refused_by_random_effects() -> None:
    with pytest.raises(NotEstimableError, match="at least two studies"):
        random_effects([[0.1, 0.2], [0.1, 0.0]], [[0.1, 0.1], [0.1, math.inf]])


def test_one_study_has_no_between_study_variance() -> None:
    assert reml([0.4], [0.1]) == paule_mandel([0.4], [0.1]) == 0.0
