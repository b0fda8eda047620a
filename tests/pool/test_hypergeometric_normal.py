"""The hypergeometric-normal model against brute force and its own relations; its likelihood is tested in numerics."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.entries import comparison
from scipy.optimize import minimize
from scipy.stats import chi2, norm, t

from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.marginal_likelihood import Mixtures, evaluate
from trialpool.numerics.noncentral_hypergeometric import conditionals
from trialpool.pool.conditional_fit import ConditionalFit
from trialpool.pool.exact import exact_common_odds_ratio
from trialpool.pool.hypergeometric_normal import hypergeometric_normal, hypergeometric_normal_tau2_interval

NIEL_WEISE = comparison("nielweise2007").tables()
ROSIGLITAZONE = comparison("rosiglitazone_mi").tables()
DATASETS = ["rosiglitazone_mi", "rosiglitazone_cv_death", "yuan2018", "crins2014", "zeros_mixed", "nielweise2007"]
NUMBERS = ("estimate", "std_error", "tau2", "conf_low", "conf_high", "p_value", "log_likelihood", "tau2_p_value")


def log_likelihood(tables: np.ndarray, theta: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    """At every pair of theta and tau2."""
    distributions = conditionals(tables)
    informative = np.flatnonzero(distributions.highest > distributions.lowest)
    one = Mixtures.of(distributions.take(informative), np.array([informative.size]))
    theta, tau2 = (x.ravel().astype(float) for x in np.broadcast_arrays(theta, tau2))
    many = one.take(np.zeros(theta.size, dtype=np.intp))
    return evaluate(many, theta, tau2, theta[many.owner]).log_likelihood


def profile(tables: np.ndarray, theta: float) -> float:
    """Highest log likelihood at theta, on a fine grid of tau2."""
    return log_likelihood(tables, np.array(theta), np.concatenate([[0.0], np.geomspace(1e-3, 49, 600)])).max()


def random_tables(seed: int, problems: int, k: int, risk: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n1, n2 = rng.integers(30, 300, (2, problems, k))
    p = np.minimum(risk * np.exp(rng.normal(0, 0.7, (problems, k))), 0.9)
    return np.stack([rng.binomial(n1, p), n1, rng.binomial(n2, risk), n2], axis=1).astype(float)


def test_without_heterogeneity_it_is_the_conditional_estimate() -> None:
    fit = hypergeometric_normal(ROSIGLITAZONE)
    exact = exact_common_odds_ratio(ROSIGLITAZONE)
    assert fit.tau2 == 0.0
    assert fit.tau2_statistic == 0.0
    assert fit.tau2_p_value == 1.0
    assert math.isclose(fit.estimate, exact.estimate, rel_tol=1e-12)
    assert math.isclose(fit.std_error, exact.std_error, rel_tol=1e-12)


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_maximum_is_not_beaten_by_a_grid(dataset: str) -> None:
    tables = comparison(dataset).tables()
    fit = hypergeometric_normal(tables, interval="wald")
    theta, tau2 = np.meshgrid(fit.estimate + np.linspace(-1, 1, 21), np.geomspace(1e-3, 40, 40))
    assert fit.log_likelihood >= log_likelihood(tables, theta, tau2).max() - 1e-9


@pytest.mark.parametrize("dataset", ["nielweise2007", "okumura2014", "yuan2018"])
def test_the_maximum_is_that_of_a_general_optimiser(dataset: str) -> None:
    tables = comparison(dataset).tables()
    fit = hypergeometric_normal(tables, interval="wald")
    found = minimize(
        lambda x: -log_likelihood(tables, np.array(x[0]), np.array(math.exp(x[1])))[0],
        [0.0, 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 2000},
    )
    assert math.isclose(fit.estimate, found.x[0], rel_tol=1e-5, abs_tol=1e-6)
    assert math.isclose(fit.tau2, math.exp(found.x[1]), rel_tol=1e-5)
    assert math.isclose(fit.log_likelihood, -found.fun, rel_tol=1e-12)


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("conf_level", [0.8, 0.95])
def test_profile_limits_lie_where_the_likelihood_has_fallen_by_the_quantile(dataset: str, conf_level: float) -> None:
    tables = comparison(dataset).tables()
    fit = hypergeometric_normal(tables, conf_level=conf_level)
    cut = chi2.ppf(conf_level, 1)
    for limit, outwards in ((fit.conf_low, -1e-2), (fit.conf_high, 1e-2)):
        if limit is None:  # three tables with an event: even very far out the likelihood has not fallen
            assert 2 * (fit.log_likelihood - profile(tables, fit.estimate + 500 * outwards)) < cut
            continue
        assert math.isclose(2 * (fit.log_likelihood - profile(tables, limit)), cut, rel_tol=1e-3)
        assert 2 * (fit.log_likelihood - profile(tables, limit + outwards)) > cut
    assert math.isclose(fit.p_value, chi2.sf(2 * (fit.log_likelihood - profile(tables, 0.0)), 1), rel_tol=1e-3)


def test_the_p_value_is_that_of_the_interval_that_touches_zero() -> None:
    fit = hypergeometric_normal(NIEL_WEISE)
    touching = hypergeometric_normal(NIEL_WEISE, conf_level=1 - fit.p_value)
    assert abs(touching.conf_high) < 1e-8
    for interval in ("wald", "t"):
        p = hypergeometric_normal(NIEL_WEISE, interval=interval).p_value
        assert abs(hypergeometric_normal(NIEL_WEISE, interval=interval, conf_level=1 - p).conf_high) < 1e-9


def test_wald_and_t_intervals_are_symmetric_with_their_quantiles() -> None:
    wald = hypergeometric_normal(NIEL_WEISE, interval="wald", conf_level=0.9)
    student = hypergeometric_normal(NIEL_WEISE, interval="t", conf_level=0.9)
    assert math.isclose(wald.conf_high - wald.estimate, norm.ppf(0.95) * wald.std_error, rel_tol=1e-12)
    assert student.k_informative == 17
    assert student.df == 16
    assert math.isclose(student.estimate - student.conf_low, t.ppf(0.95, 16) * student.std_error, rel_tol=1e-12)
    assert math.isclose(student.p_value, 2 * t.sf(abs(student.estimate) / student.std_error, 16), rel_tol=1e-10)
    assert math.isclose(wald.p_value, 2 * norm.sf(abs(wald.estimate) / wald.std_error), rel_tol=1e-10)
    assert math.isinf(wald.df)


def test_the_test_of_heterogeneity_is_half_a_chi_square() -> None:
    fit = hypergeometric_normal(NIEL_WEISE)
    theta = exact_common_odds_ratio(NIEL_WEISE).estimate
    common = log_likelihood(NIEL_WEISE, np.array(theta), np.array(0.0))[0]
    assert math.isclose(fit.tau2_statistic, 2 * (fit.log_likelihood - common), rel_tol=1e-9)
    assert math.isclose(fit.tau2_p_value, 0.5 * chi2.sf(fit.tau2_statistic, 1), rel_tol=1e-12)


@pytest.mark.parametrize("dataset", ["nielweise2007", "yuan2018", "rosiglitazone_mi", "okumura2014"])
def test_the_interval_of_tau2_lies_where_the_profile_has_fallen(dataset: str) -> None:
    tables = comparison(dataset).tables()
    fit = hypergeometric_normal(tables, interval="wald")
    low, high = hypergeometric_normal_tau2_interval(tables, conf_level=0.9)
    cut = chi2.ppf(0.9, 1)

    def fall(tau2: float) -> float:
        grid = fit.estimate + np.linspace(-1.5, 1.5, 3001)
        return 2 * (fit.log_likelihood - log_likelihood(tables, grid, np.array(tau2)).max())

    assert low <= fit.tau2 <= high
    assert math.isclose(fall(high), cut, rel_tol=1e-4)
    assert math.isclose(fall(low), cut, rel_tol=1e-4) if low > 0 else fall(0.0) <= cut


def test_the_interval_of_tau2_may_have_no_upper_end() -> None:
    tables = np.array([[1.0, 2, 0], [20, 25, 30], [3, 0, 1], [22, 24, 31]])
    assert hypergeometric_normal_tau2_interval(tables)[1] is None
    with pytest.raises(OptionError, match="one problem"):
        hypergeometric_normal_tau2_interval(tables[None])


def test_information_and_weights_are_those_of_each_table() -> None:
    fit = hypergeometric_normal(NIEL_WEISE)
    distributions = conditionals(NIEL_WEISE)
    _, _, information = distributions.moments(np.full((18, 1), fit.estimate))
    np.testing.assert_allclose(fit.information, information[:, 0], rtol=1e-12)
    silent = fit.information == 0
    assert silent.sum() == 1
    expected = np.where(silent, 0, 1 / (1 / np.where(silent, 1, fit.information) + fit.tau2))
    np.testing.assert_allclose(fit.weights, expected / expected.sum(), rtol=1e-12)


# ---- relations


def close(one: ConditionalFit, other: ConditionalFit, sign: float = 1.0) -> None:
    ends = ("conf_low", "conf_high") if sign > 0 else ("conf_high", "conf_low")
    pairs = [(name, name) for name in NUMBERS if not name.startswith("conf")] + list(
        zip(NUMBERS[3:5], ends, strict=True)
    )
    for name, same in pairs:
        x, y = getattr(one, name), getattr(other, same)
        if x is None or y is None:
            assert x is y
            continue
        y = sign * y if name == "estimate" or name.startswith("conf") else y
        assert math.isclose(x, y, rel_tol=1e-7, abs_tol=1e-8), name


@pytest.mark.parametrize("dataset", DATASETS)
def test_relations(dataset: str) -> None:
    tables = comparison(dataset).tables()
    fit = hypergeometric_normal(tables)
    close(fit, hypergeometric_normal(tables[[2, 3, 0, 1]]), sign=-1.0)
    close(fit, hypergeometric_normal(tables[:, ::-1]))
    complement = np.stack([tables[1] - tables[0], tables[1], tables[3] - tables[2], tables[3]])
    close(fit, hypergeometric_normal(complement), sign=-1.0)


@pytest.mark.parametrize("interval", ["profile-likelihood", "wald", "t"])
def test_tables_that_say_nothing_change_no_bit(interval: str) -> None:
    silent = np.array([[0.0, 40, 0, 0], [50, 40, 0, 12], [0, 30, 0, 0], [30, 30, 0, 0]])
    one = hypergeometric_normal(NIEL_WEISE, interval=interval)
    other = hypergeometric_normal(np.concatenate([silent, NIEL_WEISE, silent], axis=1), interval=interval)
    for name in NUMBERS:
        assert getattr(one, name) == getattr(other, name), name
    np.testing.assert_array_equal(other.weights[4:-4], one.weights)


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), k=st.integers(2, 6), risk=st.sampled_from([0.01, 0.05, 0.3]))
def test_an_estimate_lies_within_its_interval_and_beats_its_neighbours(seed: int, k: int, risk: float) -> None:
    tables = random_tables(seed, 1, k, risk)[0]
    try:
        fit = hypergeometric_normal(tables)
    except NotEstimableError:
        return
    assert fit.conf_low is None or fit.conf_low < fit.estimate
    assert fit.conf_high is None or fit.conf_high > fit.estimate
    assert bool(fit.open_interval) == (fit.conf_low is None or fit.conf_high is None)
    assert 0 < fit.std_error <= 10
    assert 0 <= fit.p_value <= 1
    theta, tau2 = np.meshgrid(fit.estimate + np.linspace(-0.5, 0.5, 5), np.geomspace(1e-4, 49, 25))
    assert fit.log_likelihood >= log_likelihood(tables, theta, tau2).max() - 1e-8
    for limit in (fit.conf_low, fit.conf_high):
        if limit is not None:
            fall = 2 * (fit.log_likelihood - profile(tables, limit))
            assert math.isclose(fall, chi2.ppf(0.95, 1), rel_tol=2e-3)


@pytest.mark.parametrize("interval", ["profile-likelihood", "wald", "t"])
def test_a_batch_gives_bit_for_bit_what_its_problems_give(interval: str) -> None:
    tables = np.concatenate([random_tables(5, 40, 6, 0.003), random_tables(6, 20, 6, 0.1)])
    batch = hypergeometric_normal(tables, interval=interval)
    assert 0 < sum(map(bool, batch.reasons)) < 40
    for i, reason in enumerate(batch.reasons):
        if reason:
            with pytest.raises(NotEstimableError) as caught:
                hypergeometric_normal(tables[i], interval=interval)
            assert str(caught.value) == reason
            assert np.isnan(batch.std_error[i])
            continue
        alone = hypergeometric_normal(tables[i], interval=interval)
        for name in NUMBERS:
            value = getattr(alone, name)
            np.testing.assert_array_equal(np.nan if value is None else value, getattr(batch, name)[i])
        assert alone.open_interval == batch.open_interval[i]
        np.testing.assert_array_equal(alone.weights, batch.weights[i])


def test_options_are_checked() -> None:
    with pytest.raises(OptionError, match="interval='profile'"):
        hypergeometric_normal(NIEL_WEISE, interval="profile")
    with pytest.raises(OptionError, match="conf_level"):
        hypergeometric_normal(NIEL_WEISE, conf_level=95)
