"""The array door: coefficients and tests by plain matrices, batches bit for bit, and one clear error for what cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from regress.made import close, p_matrix, random_problem
from scipy import stats

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.arrays import common_effect, random_effects
from trialpool.regress import RESIDUAL_TAU2_ESTIMATORS, mixed_effects
from trialpool.regress.least_squares import dependent_columns


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("interval", ["wald", "hartung-knapp", "hartung-knapp-safe"])
def test_coefficients_and_tests_are_those_of_weighted_least_squares(seed, interval):
    y, v, x = random_problem(seed)
    fit = mixed_effects(y, v, x, interval=interval, conf_level=0.9)
    w = np.diag(1 / (v + fit.tau2))
    covariance = np.linalg.inv(x.T @ w @ x)
    estimate = covariance @ x.T @ w @ y
    factor = y @ p_matrix(v, fit.tau2, x) @ y / 9
    factor = {"wald": 1.0, "hartung-knapp": factor, "hartung-knapp-safe": max(1.0, factor)}[interval]
    law = stats.norm() if interval == "wald" else stats.t(9)
    np.testing.assert_allclose(fit.estimate, estimate, rtol=1e-10)
    np.testing.assert_allclose(fit.covariance, covariance * factor, rtol=1e-9)
    np.testing.assert_allclose(fit.std_error, np.sqrt(np.diag(covariance * factor)), rtol=1e-10)
    np.testing.assert_allclose(fit.statistic, estimate / fit.std_error, rtol=1e-10)
    np.testing.assert_allclose(fit.p_value, 2 * law.sf(abs(fit.statistic)), rtol=1e-9)
    np.testing.assert_allclose(fit.conf_high, estimate + law.isf(0.05) * fit.std_error, rtol=1e-9)
    np.testing.assert_allclose(fit.conf_low, estimate - law.isf(0.05) * fit.std_error, rtol=1e-9)
    wald = estimate[1:] @ np.linalg.inv((covariance * factor)[1:, 1:]) @ estimate[1:]
    if interval == "wald":
        assert close(fit.omnibus, wald)
        assert close(fit.omnibus_p_value, stats.chi2(2).sf(wald))
    else:
        assert close(fit.omnibus, wald / 2)
        assert close(fit.omnibus_p_value, stats.f(2, 9).sf(wald / 2))
    q = y @ p_matrix(v, 0.0, x) @ y
    assert close(fit.qe, q)
    assert close(fit.qe_p_value, stats.chi2(9).sf(q))
    assert (fit.qe_df, fit.omnibus_df) == (9, 2)


@pytest.mark.parametrize("tau2", ["REML", "DL", "PM"])
@pytest.mark.parametrize("interval", ["wald", "hartung-knapp", "hartung-knapp-safe"])
def test_an_intercept_alone_is_the_pooled_effect(tau2, interval):
    y, v, _ = random_problem(3)
    ours = mixed_effects(y, v, np.ones((12, 1)), tau2=tau2, interval=interval)
    pooled = random_effects(y, v, tau2=tau2, interval=interval)
    for name in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
        assert close(getattr(ours, name)[0], getattr(pooled, name)), name
    assert close(ours.tau2, pooled.tau2)


def test_common_effects_are_those_of_the_groups():
    """With a column per group, each coefficient is that group's pooled effect."""
    y, v, _ = random_problem(5)
    group = np.arange(12) % 3
    fit = mixed_effects(y, v, np.eye(3)[group], tau2=None)
    for g in range(3):
        own = common_effect(y[group == g], v[group == g])
        assert close(fit.estimate[g], own.estimate)
        assert close(fit.std_error[g], own.std_error)
    assert fit.tau2 == 0
    assert fit.omnibus_df == 3


@pytest.mark.parametrize("tau2", [*RESIDUAL_TAU2_ESTIMATORS, None])
def test_a_batch_gives_bit_for_bit_what_its_problems_give(tau2):
    generator = np.random.default_rng(1)
    x = np.column_stack([np.ones(15), generator.normal(size=(15, 2))])
    y, v = generator.normal(size=(1100, 15)), np.exp(generator.normal(-1, 1.5, (1100, 15)))
    together = mixed_effects(y, v, x, tau2=tau2)
    for i in (0, 1, 531, 532, 533, 1098, 1099):
        for problem in ((y[i], v[i]), (y[[i]], v[[i]])):
            one = mixed_effects(*problem, x, tau2=tau2)
            for name in (
                "estimate",
                "std_error",
                "covariance",
                "p_value",
                "conf_low",
                "tau2",
                "qe",
                "omnibus",
                "omnibus_p_value",
            ):
                assert np.array_equal(np.squeeze(getattr(one, name)), getattr(together, name)[i]), name


def test_the_place_of_the_intercept_does_not_matter():
    y, v, x = random_problem(2)
    first, last = mixed_effects(y, v, x), mixed_effects(y, v, x[:, [1, 2, 0]])
    np.testing.assert_allclose(first.estimate[[1, 2, 0]], last.estimate, rtol=1e-9)
    np.testing.assert_allclose(first.covariance[np.ix_([1, 2, 0], [1, 2, 0])], last.covariance, rtol=1e-9)
    assert close(first.omnibus, last.omnibus)


def test_order_of_studies_does_not_matter_and_swapping_arms_changes_signs():
    y, v, x = random_problem(6)
    order = np.random.default_rng(0).permutation(12)
    fit, other, swapped = mixed_effects(y, v, x), mixed_effects(y[order], v[order], x[order]), mixed_effects(-y, v, x)
    np.testing.assert_allclose(fit.estimate, other.estimate, rtol=1e-9)
    np.testing.assert_allclose(fit.estimate, -swapped.estimate, rtol=1e-12)
    assert close(fit.tau2, swapped.tau2)


@pytest.mark.parametrize("factor", [1e-6, 1e6])
@pytest.mark.parametrize("tau2", [*RESIDUAL_TAU2_ESTIMATORS, None])
def test_results_scale_with_the_effects(factor, tau2):
    y, v, x = random_problem(7)
    fit, scaled = mixed_effects(y, v, x, tau2=tau2), mixed_effects(y * factor, v * factor**2, x, tau2=tau2)
    np.testing.assert_allclose(scaled.estimate, fit.estimate * factor, rtol=1e-9)
    np.testing.assert_allclose(scaled.std_error, fit.std_error * factor, rtol=1e-9)
    np.testing.assert_allclose(scaled.p_value, fit.p_value, rtol=1e-8)
    assert close(scaled.tau2, fit.tau2 * factor**2, 1e-9, 0.0)


@pytest.mark.parametrize("tau2", [*RESIDUAL_TAU2_ESTIMATORS, None])
def test_hard_cases_give_numbers(tau2):
    generator = np.random.default_rng(8)
    for k in (4, 5000):
        x = np.column_stack([np.ones(k), np.linspace(0, 1, k)])
        v = 10.0 ** np.linspace(-8, 4, k)
        for y in (np.full(k, 0.3), generator.normal(size=k), 1e-9 * generator.normal(size=k)):
            fit = mixed_effects(y, v, x, tau2=tau2)
            assert all(np.isfinite(getattr(fit, name)).all() for name in fit.__slots__ if name != "df")


def test_no_residual_variation_is_no_hartung_knapp_interval():
    x = np.column_stack([np.ones(5), np.arange(5.0)])
    with pytest.raises(NotEstimableError, match="use interval='hartung-knapp-safe'"):
        mixed_effects(np.full(5, 0.2), np.full(5, 0.1), x, interval="hartung-knapp")
    with pytest.raises(NotEstimableError, match="no residual variation"):
        mixed_effects(x @ [0.1, 0.2], np.full(5, 0.1), x, interval="hartung-knapp")
    assert mixed_effects(x @ [0.1, 0.2], np.full(5, 0.1), x).tau2 == 0


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([[1, 2], [1, 3]], OptionError, r"x has shape \(2, 2\); give \(K, p\), a row for each of the 3 studies"),
        ([1, 2, 3], OptionError, r"x has shape \(3,\)"),
        ([[1, 2], [1, 3], [1, np.nan]], OptionError, "x holds a value that is missing"),
        ([[1, 2, 4], [1, 3, 5], [1, 3, 7]], NotEstimableError, "3 studies do not determine 3 coefficients"),
        ([[1, 2], [1, 2], [1, 2]], NotEstimableError, r"columns \[1\] of x follow from the columns before"),
        ([[0, 2], [0, 1], [0, 2]], NotEstimableError, r"columns \[0\] of x"),
        ([[1, 2e200], [1, 1e200], [1, 2e200]], OptionError, "column 1 of x has values too large or too small"),
        ([[1, 2e-200], [1, 1e-200], [1, 2e-200]], OptionError, "column 1 of x has values too large or too small"),
    ],
)
def test_a_design_that_cannot_be_used_is_refused(x, error, message):
    with pytest.raises(error, match=message):
        mixed_effects([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], x)


def test_words_and_empty_slots_are_refused():
    y, v, x = random_problem(1)
    with pytest.raises(OptionError, match="tau2='REM' is not allowed"):
        mixed_effects(y, v, x, tau2="REM")
    with pytest.raises(OptionError, match="interval='hartung-knapp' has no meaning with tau2=None"):
        mixed_effects(y, v, x, tau2=None, interval="hartung-knapp")
    with pytest.raises(OptionError, match="a variance is infinite"):
        mixed_effects(y, np.where(np.arange(12) == 3, np.inf, v), x)
    with pytest.raises(OptionError, match="conf_level=95"):
        mixed_effects(y, v, x, conf_level=95)


def test_dependent_columns_are_found_after_those_they_follow_from():
    generator = np.random.default_rng(4)
    a, b = generator.normal(size=(2, 20))
    assert dependent_columns(np.column_stack([np.ones(20), a, b, 2 * a - b + 3, b * b])) == [3]
    assert (
        dependent_columns(np.column_stack([np.ones(20), 1950 + np.arange(20.0), (1950 + np.arange(20.0)) ** 2])) == []
    )
