"""The beta-binomial model against scipy's distribution, and its relations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from properties.strategies import tables as random_tables
from reference.entries import comparison
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import betabinom

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.beta_binomial import beta_binomial

NIEL_WEISE = comparison("nielweise2007").tables()
MEASURES = ("odds ratio", "risk ratio", "risk difference")


def log_likelihood(tables: np.ndarray, logits: np.ndarray, rho: float) -> float:
    a, n1, c, n2 = tables
    size = (1 - rho) / rho
    (p, q), (p_other, q_other) = expit(logits), expit(-logits)
    return float(
        betabinom.logpmf(a, n1, p * size, p_other * size).sum()
        + betabinom.logpmf(c, n2, q * size, q_other * size).sum()
    )


def test_likelihood_is_that_of_the_distribution() -> None:
    fit = beta_binomial(NIEL_WEISE)
    risks = np.array([fit.risk_treatment, fit.risk_control])
    expected = log_likelihood(NIEL_WEISE, np.log(risks / (1 - risks)), fit.rho)
    assert math.isclose(fit.log_likelihood, expected, rel_tol=1e-9)


@pytest.mark.parametrize("dataset", ["nielweise2007", "okumura2014", "yuan2018", "rosiglitazone_cv_death"])
def test_no_other_point_is_higher(dataset: str) -> None:
    tables = comparison(dataset).tables()
    fit = beta_binomial(tables)
    found = max(
        -minimize(lambda b: -log_likelihood(tables, b[:2], expit(b[2])), [-3, -3, start], method="Nelder-Mead").fun
        for start in (-6.0, -3.0, 0.0)
    )
    assert fit.log_likelihood >= found - 1e-9


@pytest.mark.parametrize(
    ("dataset", "estimate", "std_error", "rho"),
    [  # SAS-like fits of other programs agree to these digits
        ("nielweise2007", -1.01214, 0.34330, 0.021352),
        ("okumura2014", 0.00140, 0.31857, 0.25638),
        ("yuan2018", 0.38353, 0.49879, 0.078194),
        ("bcg", -0.35434, 0.35803, 0.050787),
    ],
)
def test_known_fits(dataset: str, estimate: float, std_error: float, rho: float) -> None:
    fit = beta_binomial(comparison(dataset).tables())
    assert (round(fit.estimate, 5), round(fit.std_error, 5)) == (estimate, std_error)
    assert math.isclose(fit.rho, rho, rel_tol=3e-5)


def test_one_model_three_scales() -> None:
    odds, ratio, difference = (beta_binomial(NIEL_WEISE, measure=measure) for measure in MEASURES)
    assert odds.rho == ratio.rho == difference.rho
    p, q = odds.risk_treatment, odds.risk_control
    assert math.isclose(odds.estimate, math.log(p / (1 - p) / (q / (1 - q))), rel_tol=1e-12)
    assert math.isclose(ratio.estimate, math.log(p / q), rel_tol=1e-12)
    assert math.isclose(difference.estimate, p - q, rel_tol=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_swapping_arms_turns_the_sign(measure: str) -> None:
    one, other = beta_binomial(NIEL_WEISE, measure=measure), beta_binomial(NIEL_WEISE[[2, 3, 0, 1]], measure=measure)
    assert math.isclose(one.estimate, -other.estimate, rel_tol=1e-9)
    assert math.isclose(one.std_error, other.std_error, rel_tol=1e-9)
    assert math.isclose(one.conf_low, -other.conf_high, rel_tol=1e-9)


def test_without_overdispersion_it_is_binomial() -> None:
    tables = np.repeat([[5.0], [50], [8], [50]], 6, axis=1)
    fit = beta_binomial(tables)
    assert fit.rho == 0
    assert math.isclose(fit.estimate, math.log(5 * 42 / (8 * 45)), rel_tol=1e-12)
    assert math.isclose(fit.std_error, math.sqrt((1 / 5 + 1 / 45 + 1 / 8 + 1 / 42) / 6), rel_tol=1e-12)
    ratio, difference = (beta_binomial(tables, measure=measure) for measure in MEASURES[1:])
    assert math.isclose(ratio.std_error, math.sqrt((1 / 5 - 1 / 50 + 1 / 8 - 1 / 50) / 6), rel_tol=1e-12)
    assert math.isclose(difference.std_error, math.sqrt((5 * 45 + 8 * 42) / 50**3 / 6), rel_tol=1e-12)


def test_the_standard_error_is_that_of_the_curvature() -> None:
    fit = beta_binomial(NIEL_WEISE)
    top = np.log([fit.risk_treatment / (1 - fit.risk_treatment), fit.risk_control / (1 - fit.risk_control)])
    phi = math.log(fit.rho / (1 - fit.rho))
    point, h = np.array([*top, phi]), 1e-3
    hessian = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            e, f = h * np.eye(3)[i], h * np.eye(3)[j]
            values = [
                log_likelihood(NIEL_WEISE, (point + s * e + t * f)[:2], expit((point + s * e + t * f)[2]))
                for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            hessian[i, j] = (values[0] - values[1] - values[2] + values[3]) / (4 * h * h)
    covariance = np.linalg.inv(-hessian)
    expected = math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert math.isclose(fit.std_error, expected, rel_tol=1e-4)


def test_double_zero_trials_count() -> None:
    more = np.concatenate([NIEL_WEISE, [[0.0], [300], [0], [300]]], axis=1)
    one, other = beta_binomial(NIEL_WEISE), beta_binomial(more)
    assert other.risk_control < one.risk_control
    assert other.estimate != one.estimate


def test_refusals() -> None:
    none = np.array([[0.0, 0], [50, 60], [4, 5], [50, 60]])
    for measure in MEASURES:
        with pytest.raises(NotEstimableError, match="no events in any treatment arm; use"):
            beta_binomial(none, measure=measure)
    with pytest.raises(NotEstimableError, match="nothing but events in any control arm"):
        beta_binomial(np.array([[3.0, 4], [50, 60], [50, 60], [50, 60]]))
    with pytest.raises(NotEstimableError, match="intraclass correlation .* grows to 1"):
        beta_binomial(np.array([[50.0, 0, 30], [50, 40, 30], [40, 0, 30], [40, 40, 30]]))
    with pytest.raises(OptionError, match="did you mean 'risk ratio'"):
        beta_binomial(NIEL_WEISE, measure="riskratio")


def test_a_million_participants_are_no_matter() -> None:
    fit = beta_binomial(np.array([[500.0, 30], [1e6, 2e4], [600, 10], [1e6, 2e4]]))
    assert 0 < fit.std_error < 2


@given(random_tables(zero=True, least=1))
def test_a_number_or_a_reason(rows: list[tuple[int, int, int, int]]) -> None:
    try:
        fit = beta_binomial(np.array(rows, dtype=float).T)
    except NotEstimableError:
        return
    assert 0 <= fit.rho < 1
    assert 0 < fit.std_error < 1e3
