"""Inverse-variance pooling with every estimator of tau2, interval for it, and prediction interval."""

from __future__ import annotations

import numpy as np
import pytest
from properties.strategies import comparison_of

from trialpool.effects import binary_effects
from trialpool.errors import OptionError
from trialpool.heterogeneity import (
    confidence_distribution_interval,
    generalised_q_interval,
    profile_likelihood_interval,
    q_profile,
)
from trialpool.pool import InverseVariance, Pooled, Request, pool_request
from trialpool.pool.arrays import random_effects
from trialpool.pool.methods import TAU2_ESTIMATORS

ROWS = [(12, 100, 30, 100), (9, 80, 10, 82), (20, 150, 60, 148), (4, 60, 5, 61), (33, 210, 28, 190)]
EQUAL = [(10, 100, 20, 100), (20, 200, 40, 200), (5, 50, 10, 50)]
ALIKE = [(10, 100, 20, 100), (20, 200, 41, 200), (5, 50, 10, 50), (30, 300, 61, 300)]


def pooled(method: InverseVariance, rows: list = ROWS, conf_level: float = 0.95) -> Pooled:
    return pool_request(comparison_of(rows), Request(measure="risk ratio", method=method, conf_level=conf_level))


def arrays(rows: list = ROWS) -> tuple[np.ndarray, np.ndarray]:
    effects = binary_effects(comparison_of(rows), "risk ratio")
    return effects.estimate, effects.variance


@pytest.mark.parametrize("tau2", TAU2_ESTIMATORS)
@pytest.mark.parametrize("interval", ["wald", "hartung-knapp", "hartung-knapp-safe"])
def test_every_estimator_with_every_interval_is_the_fit_of_the_arrays(tau2: str, interval: str) -> None:
    result = pooled(InverseVariance(tau2=tau2, interval=interval))
    fit = random_effects(*arrays(), tau2=tau2, interval=interval)
    assert result.heterogeneity.tau2 == fit.tau2 > 0
    assert (result.estimate, result.std_error) == (fit.estimate, fit.std_error)
    assert (result.conf_low, result.conf_high) == pytest.approx((fit.conf_low, fit.conf_high), rel=1e-13)
    w = 1 / (arrays()[1] + fit.tau2)
    np.testing.assert_allclose([study.weight for study in result.studies], w / w.sum(), rtol=1e-12)


def test_estimators_differ_except_those_that_are_one() -> None:
    found = {tau2: pooled(InverseVariance(tau2=tau2)).heterogeneity.tau2 for tau2 in TAU2_ESTIMATORS}
    assert found["EB"] == found["PM"]
    assert len({round(value, 10) for value in found.values()}) == len(TAU2_ESTIMATORS) - 1


@pytest.mark.parametrize("conf_level", [0.9, 0.95])
@pytest.mark.parametrize(
    ("tau2", "tau2_interval", "limits"),
    [
        ("REML", "Q-profile", q_profile),
        ("DL", "generalised-Q", generalised_q_interval),
        ("REML", "profile-likelihood", profile_likelihood_interval),
        ("ML", "profile-likelihood", lambda y, v, level: profile_likelihood_interval(y, v, level, likelihood="ML")),
    ],
)
def test_the_interval_for_tau2_is_the_one_asked_for(tau2: str, tau2_interval: str, limits, conf_level: float) -> None:
    result = pooled(InverseVariance(tau2=tau2, tau2_interval=tau2_interval), conf_level=conf_level)
    low, high = limits(*arrays(), conf_level)
    assert (result.heterogeneity.tau2_low, result.heterogeneity.tau2_high) == (low, high)


def test_the_profile_likelihood_needs_a_likelihood() -> None:
    with pytest.raises(OptionError, match="maximises no likelihood"):
        InverseVariance(tau2="DL", tau2_interval="profile-likelihood")


@pytest.mark.parametrize("conf_level", [0.9, 0.95])
def test_prediction_by_the_confidence_distribution(conf_level: float) -> None:
    result = pooled(InverseVariance(prediction="confidence-distribution"), conf_level=conf_level)
    low, high = confidence_distribution_interval(*arrays(), conf_level)
    assert (result.prediction.low, result.prediction.high, result.prediction.df) == (low, high, None)
    assert low < result.conf_low < result.conf_high < high
    assert not [note for note in result.notes if "prediction" in note.code]


def test_two_studies_have_no_prediction_interval() -> None:
    result = pooled(InverseVariance(prediction="confidence-distribution"), ROWS[:2])
    assert result.prediction is None
    assert any("at least three studies" in note.message for note in result.notes)


def test_equal_effects_have_no_interval_by_the_confidence_distribution() -> None:
    result = pooled(InverseVariance(prediction="confidence-distribution"), EQUAL)
    assert result.prediction is None
    assert any("all effects are equal" in note.message for note in result.notes)


def test_a_prediction_interval_inside_the_confidence_interval_is_noted() -> None:
    result = pooled(InverseVariance(prediction="confidence-distribution"), ALIKE)
    assert result.conf_low < result.prediction.low < result.prediction.high < result.conf_high
    assert [note.code for note in result.notes].count("prediction-inside-confidence") == 1


def test_swapping_the_arms_turns_everything_round() -> None:
    method = InverseVariance(tau2="ML", tau2_interval="profile-likelihood", prediction="confidence-distribution")
    one, other = pooled(method), pooled(method, [(c, n2, a, n1) for a, n1, c, n2 in ROWS])
    assert other.estimate == pytest.approx(-one.estimate, rel=1e-10)
    assert other.heterogeneity.tau2_high == pytest.approx(one.heterogeneity.tau2_high, rel=1e-10)
    assert (other.prediction.low, other.prediction.high) == pytest.approx(
        (-one.prediction.high, -one.prediction.low), rel=1e-8
    )


def test_a_double_zero_trial_changes_nothing() -> None:
    method = InverseVariance(tau2="DL2", tau2_interval="generalised-Q", prediction="confidence-distribution")
    one, other = pooled(method), pooled(method, [*ROWS, (0, 50, 0, 50)])
    assert one.heterogeneity == other.heterogeneity
    assert one.prediction == other.prediction
