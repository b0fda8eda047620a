"""Posteriors as such: mixtures and grids against SciPy's distributions; nodes, maps and interpolation; prior sensitivity."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.bayes import NormalMixture, bayes_normal_normal, prior_sensitivity, prior_sensitivity_of_counts
from trialpool.pool.bayes.chebyshev import chebyshev_nodes, interpolation_matrix
from trialpool.pool.bayes.gridded import GriddedPosterior, cumulative, end_weights
from trialpool.pool.bayes.tau_map import TauMap

TWO = np.array([2, 2])


def mixture(weight, centre, spread) -> NormalMixture:
    arrays = (np.repeat(np.array(values, dtype=float)[:, None], 2, axis=1) for values in (weight, centre, spread))
    return NormalMixture(*arrays, None, TWO)


def gridded(distribution, low: float, high: float, n: int = 201) -> GriddedPosterior:
    u = np.linspace(0, 1, n)
    at = (low + (high - low) * u)[:, None]
    spacing = np.full((n, 1), (high - low) / (n - 1))
    mass = distribution.pdf(at) * spacing
    below = cumulative(mass)
    return GriddedPosterior(at, spacing, mass / below[-1], below / below[-1], None, np.array([2]))


def test_one_component_is_the_normal_distribution() -> None:
    normal, known = mixture([1.0], [2.0], [0.5]), stats.norm(2, 0.5)
    for p in (1e-12, 0.025, 0.5, 0.9, 1 - 1e-9):
        assert math.isclose(normal.quantile(p), known.ppf(p), rel_tol=1e-10)
    assert math.isclose(normal.probability_above(6.0), known.sf(6.0), rel_tol=1e-12)
    assert math.isclose(normal.density(1.3), known.pdf(1.3), rel_tol=1e-12)
    np.testing.assert_allclose(normal.interval(0.9, "shortest"), known.interval(0.9), atol=1e-6)


def test_far_and_heavy_components_do_no_harm() -> None:
    heavy = mixture([0.97, 0.03 - 1e-13, 1e-13], [0.0, 1.0, 0.0], [1e-6, 1.0, 1e130])
    for p in (0.001, 0.02, 0.5, 0.98, 0.999):
        x = heavy.quantile(p)
        assert math.isclose(heavy.cdf(x), p, rel_tol=1e-10)


@pytest.mark.parametrize("p", [0.001, 0.025, 0.5, 0.8, 0.999])
def test_a_grid_has_the_quantiles_of_its_distribution(p: float) -> None:
    known = stats.gamma(3)
    grid = gridded(known, 0.0, 40.0, 801)
    assert math.isclose(grid.quantile(p), known.ppf(p), rel_tol=3e-5)
    assert math.isclose(grid.cdf(known.ppf(p)), p, abs_tol=3e-6)
    assert math.isclose(grid.density(known.ppf(p)), known.pdf(known.ppf(p)), rel_tol=2e-3)
    assert math.isclose(grid.mean, 3, rel_tol=1e-5)
    assert math.isclose(grid.std_dev, math.sqrt(3), rel_tol=1e-4)


def test_beyond_the_grid_there_is_nothing() -> None:
    grid = gridded(stats.gamma(3), 0.0, 40.0)
    assert (grid.cdf(-1.0), grid.cdf(41.0), grid.density(-1.0), grid.probability_above(50.0)) == (0.0, 1.0, 0.0, 0.0)


def test_shortest_interval_of_a_skewed_grid() -> None:
    grid = gridded(stats.gamma(3), 0.0, 40.0, 801)
    low, high = grid.interval(0.95, "shortest")
    assert math.isclose(low, 0.3035, abs_tol=1e-3)  # densities 0.03399... alike at both ends
    assert math.isclose(stats.gamma(3).pdf(low), stats.gamma(3).pdf(high), rel_tol=1e-3)
    assert high - low < np.diff(stats.gamma(3).interval(0.95))[0]


def test_the_rule_of_the_grid_is_exact_for_polynomials() -> None:
    n = 12
    x = np.arange(n)
    for power in range(4):
        assert math.isclose((end_weights(n) * x**power).sum(), (n - 1) ** (power + 1) / (power + 1), rel_tol=1e-12)
        exact = x ** (power + 1) / (power + 1)
        np.testing.assert_allclose(cumulative((x**power).astype(float)[:, None])[:, 0], exact, rtol=1e-12)


def test_chebyshev_interpolation_is_exact_for_polynomials_and_fine_for_smooth_functions() -> None:
    nodes, points = chebyshev_nodes(14), np.linspace(0, 1, 31)
    matrix = interpolation_matrix(14, 31)
    np.testing.assert_allclose(matrix @ nodes**13, points**13, atol=1e-12)
    np.testing.assert_allclose(matrix @ np.exp(-nodes), np.exp(-points), atol=1e-14)
    np.testing.assert_allclose(interpolation_matrix(3, 5).sum(axis=1), 1)  # the middle point is a node


def test_the_map_of_tau_and_its_slope() -> None:
    to_tau = TauMap(0.7)
    z = np.array([0.1, 0.5, 0.9, 0.99])
    step = 1e-7
    np.testing.assert_allclose(to_tau.slope(z), (to_tau.tau(z + step) - to_tau.tau(z - step)) / (2 * step), rtol=1e-4)
    for value in (1e-12, 0.3, 50.0, 1e30):
        assert math.isclose(float(to_tau.tau(np.array(to_tau.z(value)))), value, rel_tol=1e-9)


@pytest.mark.parametrize("p", [0.0, 1.0, -1, "half", None])
def test_a_probability_is_asked_for(p) -> None:
    with pytest.raises(OptionError, match="is not a probability"):
        mixture([1.0], [0.0], [1.0]).quantile(p)


@pytest.mark.parametrize("x", [np.nan, np.inf, [0.0, 1.0], [[0.0]]])
def test_a_point_is_a_finite_number(x) -> None:
    with pytest.raises(OptionError, match="is not a finite number"):
        mixture([1.0], [0.0], [1.0]).cdf(x)


def test_moments_that_do_not_exist_name_the_problem() -> None:
    posterior = NormalMixture(np.ones((1, 2)), np.zeros((1, 2)), np.ones((1, 2)), 2, np.array([2, 0]))
    with pytest.raises(NotEstimableError, match="no mean in problem 1 of the batch"):
        _ = posterior.mean


def test_text_of_a_posterior() -> None:
    assert str(mixture([1.0], [0.0], [1.0])) == "median 0, 95 % central credible interval -1.96 to 1.96"
    batch = NormalMixture(np.ones((1, 2)), np.zeros((1, 2)), np.ones((1, 2)), 2, TWO)
    assert str(batch) == "2 posterior distributions"


def test_prior_sensitivity_has_a_row_for_each_prior() -> None:
    y, v = [-0.9, -1.6, 0.4], [0.3, 0.2, 0.1]
    priors = ["half-normal(0.5)", "turner(pain, drug v placebo)", "half-normal(0.5)"]
    rows = prior_sensitivity(y, v, tau_priors=priors, conf_level=0.9, interval="shortest")
    assert [row.tau_prior for row in rows] == priors[:2]
    fit = bayes_normal_normal(y, v, conf_level=0.9, interval="shortest")
    assert (rows[0].estimate, rows[0].conf_low) == (fit.estimate, fit.conf_low)
    assert rows[0].prediction_high == fit.prediction.interval(0.9, "shortest")[1]
    assert rows[0].below_zero == fit.effect.probability_below(0.0)
    wider = prior_sensitivity(y, v)
    assert wider[1].conf_high > wider[0].conf_high


def test_prior_sensitivity_keeps_the_reason_of_an_improper_posterior() -> None:
    proper, improper = prior_sensitivity([0.1], [0.2], tau_priors=["half-normal(1)", "uniform(inf)"])
    assert (proper.reason, improper.estimate) == ("", None)
    assert proper.estimate is not None
    assert "improper" in improper.reason


def test_prior_sensitivity_of_counts() -> None:
    tables = np.array([[1.0, 0], [40, 50], [5, 3], [40, 50]])
    rows = prior_sensitivity_of_counts(
        tables, tau_priors=["half-normal(0.5)", "half-normal(2)"], effect_prior="normal(0, 1)"
    )
    assert rows[1].tau > rows[0].tau
    assert rows[1].conf_high > rows[0].conf_high


@pytest.mark.parametrize("priors", [[], "half-normal(1)", ()])
def test_prior_sensitivity_takes_a_list(priors) -> None:
    with pytest.raises(OptionError, match="is not a list of priors"):
        prior_sensitivity([0.1], [0.2], tau_priors=priors)


def test_prior_sensitivity_takes_one_problem() -> None:
    with pytest.raises(OptionError, match="takes one problem"):
        prior_sensitivity([[0.1]], [[0.2]])
    with pytest.raises(OptionError, match="takes one problem"):
        prior_sensitivity_of_counts(np.ones((1, 4, 1)))
