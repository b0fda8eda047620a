"""The normal-normal model against limits that are known in closed form, brute-force integration, relations and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.strategies import effects
from scipy import stats
from scipy.integrate import quad

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.bayes import HalfCauchy, HalfNormal, Normal, Uniform, bayes_normal_normal

Y = np.array([-0.9, -1.6, 0.4, -0.2])
V = np.array([0.3, 0.2, 0.1, 0.5])


def summary(fit) -> np.ndarray:
    return np.array(
        [fit.estimate, fit.conf_low, fit.conf_high, *fit.tau.interval(), fit.tau.median, *fit.prediction.interval()]
    )


def test_tau_near_zero_gives_the_conjugate_common_effect_answer() -> None:
    fit = bayes_normal_normal(Y, V, tau_prior=HalfNormal(1e-9), effect_prior=Normal(0.5, 2))
    precision = (1 / V).sum() + 1 / 4
    mean, sd = ((Y / V).sum() + 0.5 / 4) / precision, 1 / math.sqrt(precision)
    assert math.isclose(fit.estimate, mean, rel_tol=1e-12)
    assert math.isclose(fit.conf_low, mean - 1.959963984540054 * sd, rel_tol=1e-12)
    assert math.isclose(fit.effect.std_dev, sd, rel_tol=1e-12)
    assert math.isclose(fit.study_effect(0).median, mean, rel_tol=1e-9)


def test_a_known_tau_gives_the_conjugate_random_effects_answer() -> None:
    tau = 0.7
    fit = bayes_normal_normal(Y, V, tau_prior=f"log-normal-tau2({2 * math.log(tau)!r}, 1e-7)", effect_prior="flat")
    w = 1 / (V + tau**2)
    mean, variance = (w * Y).sum() / w.sum(), 1 / w.sum()
    assert math.isclose(fit.estimate, mean, rel_tol=1e-9)
    assert math.isclose(fit.effect.std_dev, math.sqrt(variance), rel_tol=1e-7)
    assert math.isclose(fit.prediction.std_dev, math.sqrt(variance + tau**2), rel_tol=1e-7)
    own = tau**2 / (tau**2 + V[1])
    assert math.isclose(fit.study_effect(1).mean, own * Y[1] + (1 - own) * mean, rel_tol=1e-7)


def test_double_integration_by_scipy() -> None:
    fit = bayes_normal_normal(Y, V, tau_prior=HalfCauchy(0.4), effect_prior=Normal(0.2, 1.3))

    # tau = 0.4 u / (1 - u): to infinity
    x, w = np.polynomial.legendre.leggauss(60)
    u = 0.5 * (x + 1)
    nodes, weight = u / (1 - u), 0.5 * w / (1 - u) ** 2

    def joint(mu: float, tau: float) -> float:
        variance = V + tau * tau
        likelihood = math.exp(-0.5 * float((np.log(variance) + (Y - mu) ** 2 / variance).sum()))
        return likelihood * math.exp(-0.5 * ((mu - 0.2) / 1.3) ** 2) / (1 + (tau / 0.4) ** 2)

    def over_tau(mu: float) -> float:
        return 0.4 * (weight * np.array([joint(mu, 0.4 * t) for t in nodes])).sum()

    centre = fit.estimate
    below = quad(over_tau, -9, centre, epsrel=1e-9)[0]
    total = below + quad(over_tau, centre, 9, epsrel=1e-9)[0]
    assert math.isclose(below / total, 0.5, abs_tol=1e-8)
    assert math.isclose(quad(over_tau, -9, fit.conf_low, epsrel=1e-9)[0] / total, 0.025, abs_tol=1e-8)
    assert math.isclose(quad(over_tau, -9, 0, epsrel=1e-9)[0] / total, fit.effect.probability_below(0), abs_tol=1e-8)
    assert math.isclose(over_tau(0.3) / total, fit.effect.density(0.3), rel_tol=1e-7)


def test_one_study_leaves_tau_to_its_prior() -> None:
    prior = HalfNormal(0.5)
    fit = bayes_normal_normal([0.3], [0.2], effect_prior="flat", tau_prior=prior)
    for p in (0.1, 0.5, 0.975):
        assert math.isclose(fit.tau.quantile(p), float(prior.quantile(np.array(p))), rel_tol=2e-6)
    assert math.isclose(fit.estimate, 0.3, rel_tol=1e-12)
    assert math.isclose(fit.effect.std_dev, math.sqrt(0.2 + 0.25), rel_tol=1e-9)
    assert fit.k == 1


@pytest.mark.parametrize("factor", [1e-30, 1e-6, 1e6, 1e30, -1.0])
def test_results_scale_with_the_effects(factor: float) -> None:
    size = abs(factor)
    one = bayes_normal_normal(Y, V)
    other = bayes_normal_normal(
        factor * Y, V * size**2, tau_prior=HalfNormal(0.5 * size), effect_prior=Normal(0, 4 * size)
    )
    assert math.isclose(other.estimate, factor * one.estimate, rel_tol=1e-11)
    expected = sorted([factor * one.conf_low, factor * one.conf_high])
    np.testing.assert_allclose([other.conf_low, other.conf_high], expected, rtol=1e-11)
    assert math.isclose(other.tau.quantile(0.9), size * one.tau.quantile(0.9), rel_tol=1e-10)


@given(effects(least=1))
@settings(max_examples=30, deadline=None)
def test_the_order_of_studies_changes_nothing(problem) -> None:
    y, v = problem
    one, other = bayes_normal_normal(y, v), bayes_normal_normal(y[::-1], v[::-1])
    np.testing.assert_allclose(summary(other), summary(one), rtol=1e-9, atol=1e-12)


@given(st.lists(effects(least=1, most=5), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_a_batch_gives_what_its_problems_give_alone(problems) -> None:
    most = max(len(y) for y, _ in problems)
    y, v = np.zeros((len(problems), most)), np.full((len(problems), most), np.inf)
    for row, (effect, variance) in enumerate(problems):
        y[row, : len(effect)], v[row, : len(effect)] = effect, variance
    batch = bayes_normal_normal(y, v, interval="shortest")
    for row in range(len(problems)):
        alone = bayes_normal_normal(y[row], v[row], interval="shortest")
        assert alone.estimate == batch.estimate[row]
        assert math.isclose(alone.conf_low, batch.conf_low[row], rel_tol=1e-12, abs_tol=1e-14)
        assert alone.tau.median == batch.tau.median[row]
        assert alone.prediction.quantile(0.9) == batch.prediction.quantile(0.9)[row]
        assert alone.study_effect(0).median == batch.study_effect(0).median[row]
        assert alone.k == batch.k[row]


def test_many_problems_take_the_same_bits_in_other_blocks() -> None:
    random = np.random.default_rng(1)
    y, v = random.normal(0, 1, (301, 10)), random.uniform(0.1, 1, (301, 10))
    batch = bayes_normal_normal(y, v)
    assert bayes_normal_normal(y[300], v[300]).estimate == batch.estimate[300]
    assert bayes_normal_normal(y[:77], v[:77]).conf_high[76] == batch.conf_high[76]


def test_an_empty_slot_has_the_posterior_of_a_new_trial() -> None:
    fit = bayes_normal_normal([*Y, 7.0], [*V, np.inf])
    assert math.isclose(fit.study_effect(4).quantile(0.9), fit.prediction.quantile(0.9), rel_tol=1e-12)
    assert fit.k == 4
    with pytest.raises(OptionError, match="from 0 to 4"):
        fit.study_effect(5)


def test_shortest_interval_is_shorter_and_as_dense_at_both_ends() -> None:
    fit = bayes_normal_normal(Y, V, interval="shortest")
    for posterior in (fit.effect, fit.prediction, fit.study_effect(2)):
        low, high = posterior.interval(0.95, "shortest")
        central = posterior.interval(0.95, "central")
        assert high - low < central[1] - central[0]
        assert math.isclose(posterior.density(low), posterior.density(high), rel_tol=1e-5)
        assert math.isclose(posterior.cdf(high) - posterior.cdf(low), 0.95, abs_tol=1e-7)
    assert (fit.conf_low, fit.conf_high) == fit.effect.interval(0.95, "shortest")


def test_shortest_interval_of_a_falling_density_starts_at_zero() -> None:
    fit = bayes_normal_normal([0.1, 0.1, 0.1], [0.2, 0.3, 0.4])
    low, high = fit.tau.interval(0.9, "shortest")
    assert low == 0.0
    assert math.isclose(high, fit.tau.quantile(0.9), rel_tol=1e-6)


def test_a_symmetric_posterior_has_one_interval() -> None:
    fit = bayes_normal_normal([-0.4, 0.4], [0.2, 0.2])
    np.testing.assert_allclose(fit.effect.interval(0.9, "shortest"), fit.effect.interval(0.9), atol=1e-6)


def test_level_and_priors_change_the_answer() -> None:
    base = bayes_normal_normal(Y, V)
    assert bayes_normal_normal(Y, V, conf_level=0.8).conf_high < base.conf_high
    assert bayes_normal_normal(Y, V, tau_prior="half-normal(1)").conf_high > base.conf_high
    assert abs(bayes_normal_normal(Y, V, effect_prior="normal(0, 0.1)").estimate) < abs(base.estimate)


def test_simulated_truths_rank_uniformly_in_their_posteriors() -> None:
    # simulation-based calibration (Talts et al. 2018): truth drawn from the prior
    random = np.random.default_rng(20)
    b, k = 2000, 5
    tau, mu = np.abs(random.normal(0, 0.5, b)), random.normal(0, 1, b)
    v = random.uniform(0.05, 0.5, (b, k))
    theta = random.normal(mu[:, None], tau[:, None], (b, k + 1))
    y = random.normal(theta[:, :k], np.sqrt(v))
    fit = bayes_normal_normal(y, v, effect_prior="normal(0, 1)")
    ranks = {
        "effect": fit.effect.cdf(mu),
        "tau": fit.tau.cdf(tau),
        "new": fit.prediction.cdf(theta[:, k]),
        "study": fit.study_effect(3).cdf(theta[:, 3]),
    }
    for name, rank in ranks.items():
        assert stats.kstest(rank, "uniform").pvalue > 0.001, name


HARD = {
    "equal effects, tiny variances": ([0.5, 0.5], [1e-12, 1e-12]),
    "variances over 12 orders": (np.linspace(-1, 1, 13), 10.0 ** -np.arange(13)),
    "far from the prior": (Y + 1000, V),
    "units of another scale": (1e6 * Y, 1e12 * V),
    "five thousand": (np.sin(np.arange(5000)), np.full(5000, 0.3)),
}


@pytest.mark.parametrize(("y", "v"), HARD.values(), ids=HARD)
@pytest.mark.parametrize(
    "prior", ["half-normal(0.5)", "half-cauchy(0.5)", "uniform(2)", "rhodes(any)", "half-normal(1e-6)"]
)
def test_hard_cases_give_finite_ordered_numbers(y, v, prior) -> None:
    fit = bayes_normal_normal(y, v, tau_prior=prior)
    values = summary(fit)
    assert np.isfinite(values).all()
    assert fit.conf_low < fit.estimate < fit.conf_high
    assert 0 <= values[3] <= values[5] <= values[4]
    assert math.isclose(fit.effect.cdf(fit.conf_high) - fit.effect.cdf(fit.conf_low), 0.95, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("k", "tau_prior", "effect_prior", "proper"),
    [
        (1, "half-cauchy(0.5)", "flat", True),
        (1, "uniform(inf)", "normal(0, 4)", False),
        (2, "uniform(inf)", "normal(0, 4)", True),
        (2, "uniform(inf)", "flat", False),
        (3, "uniform(inf)", "flat", True),
    ],
)
def test_an_improper_posterior_is_refused(k, tau_prior, effect_prior, proper) -> None:
    def fit():
        return bayes_normal_normal(Y[:k], V[:k], tau_prior=tau_prior, effect_prior=effect_prior)

    if proper:
        assert math.isfinite(fit().estimate)
    else:
        with pytest.raises(NotEstimableError, match=f"improper.*needs at least {k + 1} studies and has {k}"):
            fit()


@pytest.mark.parametrize(("k", "mean", "sd"), [(1, False, False), (2, True, False), (3, True, True)])
def test_moments_that_do_not_exist_are_refused(k: int, mean: bool, sd: bool) -> None:
    fit = bayes_normal_normal(Y[:k], V[:k], tau_prior="half-cauchy(0.5)", effect_prior="flat")
    for exists, read in ((mean, lambda: fit.prediction.mean), (sd, lambda: fit.prediction.std_dev)):
        if exists:
            assert math.isfinite(read())
        else:
            with pytest.raises(NotEstimableError, match="tails are too heavy"):
                read()


def test_a_problem_without_studies_is_named() -> None:
    with pytest.raises(NotEstimableError, match="problem 1 of the batch: nothing to pool"):
        bayes_normal_normal([[0.1, 0.2], [0.1, 0.2]], [[0.1, 0.2], [np.inf, np.inf]])


@pytest.mark.parametrize(
    "options", [{"conf_level": 95}, {"interval": "hpd"}, {"tau_prior": "flat"}, {"effect_prior": Uniform(1)}]
)
def test_options_without_meaning_are_refused(options) -> None:
    with pytest.raises(OptionError):
        bayes_normal_normal(Y, V, **options)


def test_text_names_priors_level_and_kind() -> None:
    text = str(bayes_normal_normal(Y, V, interval="shortest", conf_level=0.9))
    assert "90 % shortest credible interval" in text
    assert "tau ~ half-normal(0.5), effect ~ normal(0, 4)" in text
