"""The hypergeometric-normal model against brute force over psi, theta and tau, its limits, and relations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from properties.strategies import tables as random_tables
from reference.entries import comparison
from scipy import stats
from scipy.special import gammaln

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.bayes import HalfNormal, HalfStudentT, bayes_hypergeometric, bayes_normal_normal
from trialpool.pool.bayes.count_likelihood import count_likelihood

RARE = np.array([[0.0, 1, 3, 2], [50, 60, 90, 40], [4, 5, 4, 0], [50, 62, 91, 41]])


def columns(*rows) -> np.ndarray:
    return np.array(rows, dtype=float).T


def log_probability(table: np.ndarray, psi: np.ndarray) -> np.ndarray:
    a, n1, c, n2 = table
    t = np.arange(max(0, a + c - n2), min(n1, a + c) + 1)

    def ways(n, k):
        return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

    e = (ways(n1, t) + ways(n2, a + c - t))[:, None] + t[:, None] * psi.ravel()
    top = e.max(axis=0)
    total = top + np.log(np.exp(e - top).sum(axis=0))
    return (ways(n1, a) + ways(n2, c) + a * psi.ravel() - total).reshape(psi.shape)


def brute_mixed(table: np.ndarray, theta: np.ndarray, tau: float) -> np.ndarray:
    z = np.linspace(-9, 9, 361)
    value = log_probability(table, theta[:, None] + tau * z)
    top = value.max(axis=1)
    return top + np.log(np.exp(value - top[:, None]) @ stats.norm.pdf(z) * (z[1] - z[0]))


@pytest.mark.parametrize("tau", [0.01, 0.25, 0.35, 1.0, 3.0])
@pytest.mark.parametrize(
    "table", [(2, 40, 5, 40), (0, 40, 3, 40), (3, 40, 0, 40), (30, 40, 25, 60), (40, 40, 35, 41), (1, 2000, 4, 900)]
)
def test_the_mixed_likelihood_is_the_integral(table, tau: float) -> None:
    theta = np.array([-6.0, -2.0, -0.5, 0.0, 1.0, 4.0])
    mixed = count_likelihood(columns(table)).mixed(theta, np.full(6, tau), 15)
    exact = brute_mixed(np.array(table, dtype=float), theta, tau)
    near = exact > exact.max() - 12  # where a posterior weighs anything
    np.testing.assert_allclose(mixed.log_likelihood[near], exact[near], atol=2e-5)
    step = 1e-4
    after, before = (brute_mixed(np.array(table, dtype=float), theta + s, tau) for s in (step, -step))
    np.testing.assert_allclose(mixed.score[near], ((after - before) / (2 * step))[near], atol=2e-4)
    np.testing.assert_allclose(mixed.curvature[near], ((after + before - 2 * exact) / step**2)[near], atol=2e-3)


def test_brute_force_over_three_dimensions() -> None:
    fit = bayes_hypergeometric(RARE, tau_prior=HalfStudentT(0.3, 8), effect_prior="normal(0.5, 1.5)")
    theta = np.linspace(-6, 6, 241)
    x, w = np.polynomial.legendre.leggauss(60)
    u = 0.5 * (x + 1)
    tau = 0.3 * u**2 / (1 - u)  # to infinity
    weight = 0.5 * w * u * (2 - u) / (1 - u) ** 2
    keep = tau < 12
    log_joint = np.zeros((theta.size, int(keep.sum())))
    for table in RARE.T:
        log_joint += np.stack([brute_mixed(table, theta, t) for t in tau[keep]], axis=1)
    log_joint += stats.norm.logpdf(theta, 0.5, 1.5)[:, None] + stats.t.logpdf(tau[keep] / 0.3, 8)
    mass = np.exp(log_joint - log_joint.max()) * weight[keep]
    mass /= mass.sum()
    margin = mass.sum(axis=1)
    mean = (margin * theta).sum()
    assert math.isclose(fit.effect.mean, mean, abs_tol=2e-5)
    assert math.isclose(fit.effect.std_dev, math.sqrt((margin * (theta - mean) ** 2).sum()), abs_tol=2e-5)
    for p in (0.025, 0.5, 0.975):
        at = fit.effect.quantile(p)
        step = theta[1] - theta[0]
        nodes = np.concatenate([[0], np.cumsum(0.5 * (margin[1:] + margin[:-1]))])
        slope = np.gradient(margin, step) * step
        corrected = nodes - (slope - slope[0]) / 12
        assert math.isclose(np.interp(at, theta, corrected), p, abs_tol=2e-4)
    assert math.isclose((mass.sum(axis=0) * (tau[keep] < fit.tau.median)).sum(), 0.5, abs_tol=0.03)


def test_small_tau_gives_the_posterior_of_a_common_odds_ratio() -> None:
    fit = bayes_hypergeometric(RARE, tau_prior=HalfNormal(1e-6))
    theta = np.linspace(-8, 6, 20001)
    log_density = sum(log_probability(table, theta) for table in RARE.T) + stats.norm.logpdf(theta, 0, 2.82)
    density = np.exp(log_density - log_density.max())
    below = np.cumsum(density) / density.sum()
    for p in (0.025, 0.5, 0.975):
        assert math.isclose(
            fit.effect.quantile(p), np.interp(p, below, theta + 0.5 * (theta[1] - theta[0])), abs_tol=2e-5
        )


def test_many_events_give_the_normal_normal_answer() -> None:
    table = columns((4000, 20000, 4400, 20000), (3000, 9000, 3100, 9000), (5200, 30000, 6000, 30000))
    a, n1, c, n2 = table
    y = np.log(a * (n2 - c) / (c * (n1 - a)))
    v = 1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c)
    counts, normal = bayes_hypergeometric(table), bayes_normal_normal(y, v, effect_prior="normal(0, 2.82)")
    assert math.isclose(counts.estimate, normal.estimate, abs_tol=2e-4)
    np.testing.assert_allclose(counts.effect.interval(), normal.effect.interval(), atol=1e-3)
    assert math.isclose(counts.tau.median, normal.tau.median, rel_tol=1e-2)


@given(random_tables(zero=True, least=1, most=5))
@settings(max_examples=15, deadline=None)
def test_swapping_the_arms_turns_the_sign(rows) -> None:
    table = columns(*rows)
    a, n1, c, n2 = table
    assume(((a + c > 0) & (a + c < n1 + n2)).any())
    one, other = bayes_hypergeometric(table), bayes_hypergeometric(table[[2, 3, 0, 1]])
    assert math.isclose(one.estimate, -other.estimate, abs_tol=2e-5)
    np.testing.assert_allclose(one.effect.interval(), [-x for x in other.effect.interval()[::-1]], atol=5e-5)
    assert math.isclose(one.tau.median, other.tau.median, rel_tol=1e-4)


def test_order_and_double_zero_trials_change_nothing() -> None:
    base = bayes_hypergeometric(RARE)
    other = bayes_hypergeometric(
        np.concatenate([RARE[:, ::-1], columns((0, 30, 0, 40), (9, 9, 8, 8), (0, 0, 0, 0))], axis=1)
    )
    assert math.isclose(other.estimate, base.estimate, abs_tol=1e-9)
    assert math.isclose(other.prediction.quantile(0.9), base.prediction.quantile(0.9), abs_tol=1e-9)
    assert other.k_informative == base.k_informative == 4


def test_a_batch_gives_what_its_problems_give_alone() -> None:
    one = columns((0, 50, 4, 50), (1, 60, 5, 62), (0, 0, 0, 0), (0, 0, 0, 0))
    batch = bayes_hypergeometric(np.stack([one, RARE]), interval="shortest")
    assert batch.k_informative.tolist() == [2, 4]
    for row, table in enumerate((one[:, :2], RARE)):
        alone = bayes_hypergeometric(table, interval="shortest")
        assert alone.estimate == batch.estimate[row]
        assert math.isclose(alone.conf_low, batch.conf_low[row], rel_tol=1e-12)
        assert alone.tau.median == batch.tau.median[row]
        assert math.isclose(alone.prediction.quantile(0.9), batch.prediction.quantile(0.9)[row], rel_tol=1e-12)


HARD = {
    "one arm without events": columns((0, 50, 4, 50), (0, 60, 5, 62), (0, 40, 1, 41)),
    "the other arm without events": columns((4, 50, 0, 50), (5, 60, 0, 62)),
    "one arm all events": columns((40, 40, 35, 40), (40, 40, 37, 40)),
    "one trial": columns((2, 40, 5, 40)),
    "one trial, one event": columns((0, 40, 1, 40)),
    "two trials against each other": columns((0, 40, 15, 40), (15, 40, 0, 40)),
    "very large and very small": columns((500_000, 8_000_000, 600_000, 8_000_000), (1, 5, 0, 5)),
    "only double-zero beside one": columns((0, 40, 0, 40), (1, 50, 3, 30)),
    "fifty trials of few": np.tile(RARE, (1, 13)),
}


@pytest.mark.parametrize("table", HARD.values(), ids=HARD)
@pytest.mark.parametrize(
    "prior", ["half-normal(0.5)", "half-cauchy(0.5)", "uniform(2)", "turner(pain, drug v placebo)", "rhodes(any)"]
)
def test_hard_cases_give_finite_ordered_numbers(table, prior) -> None:
    if table is HARD["very large and very small"] and prior in {"half-cauchy(0.5)", "rhodes(any)"}:
        with pytest.raises(NotEstimableError, match="too many events for the grid .* heavy-tailed prior"):
            bayes_hypergeometric(table, tau_prior=prior)
        return
    fit = bayes_hypergeometric(table, tau_prior=prior)
    low, high = fit.prediction.interval()
    assert np.isfinite([fit.conf_low, fit.estimate, fit.conf_high, low, high, fit.tau.median]).all()
    assert low <= fit.conf_low + 0.05
    assert fit.conf_low < fit.estimate < fit.conf_high <= high + 0.05
    assert abs(fit.estimate) < 20
    assert math.isclose(fit.effect.cdf(fit.conf_high) - fit.effect.cdf(fit.conf_low), 0.95, abs_tol=1e-9)


def test_published_data_have_the_shape_of_their_papers() -> None:
    # Crins et al. 2014, acute rejection: protection; Nissen & Wolski 2007: probability of harm about 0.97
    assert bayes_hypergeometric(comparison("crins2014").tables()).conf_high < -0.9
    harm = bayes_hypergeometric(comparison("rosiglitazone_mi").tables()).effect.probability_above(0.0)
    assert 0.96 < harm < 0.98


def test_nothing_but_double_zeros_is_refused() -> None:
    with pytest.raises(NotEstimableError, match="so the posterior is the prior"):
        bayes_hypergeometric(columns((0, 40, 0, 50), (30, 30, 20, 20)))
    with pytest.raises(NotEstimableError, match="problem 1 of the batch"):
        bayes_hypergeometric(np.stack([columns((1, 40, 0, 50)), columns((0, 40, 0, 50))]))


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        (columns((5, 4, 0, 3)), {}, "more events than participants"),
        (columns((1.5, 4, 0, 3)), {}, "a fraction"),
        (columns((-1, 4, 0, 3)), {}, "negative"),
        ([1, 2, 3, 4], {}, "give (4, K) or (B, 4, K)"),
        (np.zeros((4, 0)), {}, "at least one table"),
        (RARE, {"effect_prior": "flat"}, "the prior flat is improper"),
        (RARE, {"tau_prior": "uniform(inf)"}, "the prior uniform(inf) is improper"),
        (columns((0, 40, 5, 40)), {"effect_prior": "normal(0, 1000)"}, "give a narrower prior of the effect"),
        (RARE, {"interval": "hpd"}, "interval='hpd'"),
        (RARE, {"conf_level": 2}, "conf_level=2"),
    ],
)
def test_what_cannot_be_used_is_refused(given, options, words) -> None:
    with pytest.raises(OptionError) as caught:
        bayes_hypergeometric(given, **options)
    assert words in str(caught.value)


def test_text_names_priors_level_and_kind() -> None:
    text = str(bayes_hypergeometric(RARE, conf_level=0.9))
    assert "90 % central credible interval" in text
    assert "log odds ratio ~ normal(0, 2.82)" in text
