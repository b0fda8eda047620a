"""The array door: relations that hold whatever the data, what is refused, and hard cases."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.arrays import random_effects
from trialpool.pool.multivariate_fit import multivariate_effects
from trialpool.pool.multivariate_method import Multivariate

Y = np.array([0.47, -0.32, 0.20, -0.60, 0.40, -0.12, 0.26, -0.31, 0.56, -0.39])
S = [
    np.array([[a, c], [c, b]])
    for a, c, b in (
        (0.0075, 0.0030, 0.0077),
        (0.0057, 0.0009, 0.0008),
        (0.0021, 0.0007, 0.0014),
        (0.0029, 0.0009, 0.0015),
        (0.0148, 0.0072, 0.0304),
    )
]
TRIAL = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
COMPONENT = ["PD", "AL"] * 5
STRUCTURES = [
    Multivariate(),
    Multivariate(tau2="ML"),
    Multivariate(between="compound-symmetric"),
    Multivariate(between="compound-symmetric", correlation=0.5),
    Multivariate(between="diagonal"),
    Multivariate(model="common"),
]


def berkey(method=None, y=Y, s=S, **options):
    return multivariate_effects(y, s, trial=TRIAL, component=COMPONENT, method=method, **options)


def whole(matrices) -> np.ndarray:
    k = sum(len(m) for m in matrices)
    out, at = np.zeros((k, k)), 0
    for m in matrices:
        out[at : at + len(m), at : at + len(m)] = m
        at += len(m)
    return out


# --- relations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", STRUCTURES, ids=str)
def test_one_matrix_and_one_a_trial_are_the_same_and_order_does_not_count(method):
    one, other = berkey(method), berkey(method, s=whole(S))
    np.testing.assert_array_equal(one.estimate, other.estimate)
    order = np.random.default_rng(1).permutation(10)
    mixed = multivariate_effects(
        Y[order],
        whole(S)[np.ix_(order, order)],
        trial=[TRIAL[i] for i in order],
        component=[COMPONENT[i] for i in order],
        method=method,
    )
    at = [mixed.terms.index(term) for term in one.terms]
    np.testing.assert_allclose(mixed.estimate[at], one.estimate, rtol=1e-9)
    np.testing.assert_allclose(mixed.between[np.ix_(at, at)], one.between, rtol=1e-8, atol=1e-14)
    assert np.isclose(mixed.log_likelihood, one.log_likelihood, rtol=1e-10)


@pytest.mark.parametrize("method", STRUCTURES, ids=str)
@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_results_scale_with_the_effects(method, scale):
    one, other = berkey(method), berkey(method, y=scale * Y, s=[scale**2 * m for m in S])
    np.testing.assert_allclose(other.estimate, scale * one.estimate, rtol=1e-11)
    np.testing.assert_allclose(other.std_error, scale * one.std_error, rtol=1e-11)
    np.testing.assert_allclose(other.between, scale**2 * one.between, rtol=1e-10, atol=1e-30)
    assert np.isclose(other.q, one.q, rtol=1e-11)


def test_each_component_has_its_own_unit_where_variances_are_its_own():
    unit = np.array([1e6, 1e-6])
    one = berkey()
    other = berkey(y=(Y.reshape(-1, 2) * unit).ravel(), s=[m * np.outer(unit, unit) for m in S])
    np.testing.assert_allclose(other.estimate, unit * one.estimate, rtol=1e-10)
    np.testing.assert_allclose(other.between, one.between * np.outer(unit, unit), rtol=1e-9)


def test_shifted_effects_shift_the_means_alone():
    shift = np.tile([3.0, -7.0], 5)
    one, other = berkey(), berkey(y=Y + shift)
    np.testing.assert_allclose(other.estimate, one.estimate + shift[:2], rtol=1e-11)
    np.testing.assert_allclose(other.between, one.between, rtol=1e-9)


@pytest.mark.parametrize("method", [m for m in STRUCTURES if m.between != "compound-symmetric"], ids=str)
def test_swapped_sign_of_one_component_swaps_its_correlations(method):
    flip = np.array([1.0, -1.0])
    one, other = (
        berkey(method),
        berkey(method, y=(Y.reshape(-1, 2) * flip).ravel(), s=[m * np.outer(flip, flip) for m in S]),
    )
    np.testing.assert_allclose(other.estimate, flip * one.estimate, rtol=1e-10)
    np.testing.assert_allclose(other.between, one.between * np.outer(flip, flip), rtol=1e-9, atol=1e-14)


def test_one_component_is_the_random_effects_mean():
    y, v = Y[::2], [m[0, 0] for m in S]
    for tau2 in ("REML", "ML"):
        fit = multivariate_effects(
            y, np.diag(v), trial=range(5), component=["PD"] * 5, method=Multivariate(tau2=tau2, between="diagonal")
        )
        alone = random_effects(y, v, tau2=tau2, interval="wald")
        assert np.isclose(fit.estimate[0], alone.estimate, rtol=1e-9)
        assert np.isclose(fit.std_error[0], alone.std_error, rtol=1e-9)
        assert np.isclose(fit.between[0, 0], alone.tau2, rtol=1e-9)
    assert fit.test_of_equality() is None


def test_uncorrelated_components_are_two_means_apart():
    s = [np.diag(np.diag(m)) for m in S]
    fit = berkey(Multivariate(between="diagonal"), s=s)
    for j in range(2):
        alone = random_effects(Y[j::2], [m[j, j] for m in S], interval="wald")
        assert np.isclose(fit.estimate[j], alone.estimate, rtol=1e-9)
        assert np.isclose(fit.between_sd[j] ** 2, alone.tau2, rtol=1e-9)


def test_interval_widens_with_the_level_and_t_is_wider_than_normal():
    narrow, wide = berkey(conf_level=0.9), berkey(conf_level=0.99)
    assert (wide.conf_low < narrow.conf_low).all()
    assert (wide.conf_high > narrow.conf_high).all()
    t = berkey(Multivariate(interval="t"))
    assert t.df == 8
    assert (t.conf_high - t.conf_low > berkey().conf_high - berkey().conf_low).all()
    np.testing.assert_array_equal(t.estimate, berkey().estimate)


def test_test_of_equality_is_that_of_the_difference():
    fit = berkey()
    c = fit.covariance
    z = (fit.estimate[0] - fit.estimate[1]) / np.sqrt(c[0, 0] + c[1, 1] - 2 * c[0, 1])
    test = fit.test_of_equality()
    assert np.isclose(test.statistic, z * z)
    assert (test.df, test.df_denominator) == (1, None)
    by_t = berkey(Multivariate(interval="t")).test_of_equality()
    assert (by_t.df, by_t.df_denominator) == (1, 8)
    assert by_t.p_value > test.p_value


def test_design_of_indicators_is_none_and_a_common_mean_lies_between():
    x = np.array([[float(c == "PD"), float(c == "AL")] for c in COMPONENT])
    np.testing.assert_allclose(berkey(design=x, terms=["PD", "AL"]).estimate, berkey().estimate, rtol=1e-12)
    one = berkey(design=np.ones((10, 1)))
    assert one.terms == ("x1",)
    assert berkey().estimate.min() < one.estimate[0] < berkey().estimate.max()


def test_regressors_in_another_unit_give_coefficients_in_another_unit():
    year = np.repeat([1983.0, 1982, 1979, 1987, 1988], 2)
    x = np.array([[float(c == "PD"), float(c == "AL")] for c in COMPONENT])
    one = berkey(design=np.column_stack([x, year - 1983]))
    other = berkey(design=np.column_stack([x, 1e9 * (year - 1983)]))
    assert np.isclose(other.estimate[2], one.estimate[2] * 1e-9, rtol=1e-9)
    assert np.isclose(other.log_likelihood, one.log_likelihood, rtol=1e-9)


def test_more_between_trials_more_i2():
    apart = Y.reshape(-1, 2) + np.array([[0.5], [-0.5], [1.0], [-1.0], [0.0]])
    less, more = berkey(), berkey(y=apart.ravel())
    assert more.i2_joint > less.i2_joint > 0
    assert berkey(Multivariate(model="common")).i2.tolist() == [0.0, 0.0]


# --- what the estimates do not tell -----------------------------------------------------------------------------------


def test_one_trial_has_common_effects_alone():
    one = {"trial": [1, 1], "component": ["PD", "AL"]}
    with pytest.raises(NotEstimableError, match="one trial alone .*model='common'"):
        multivariate_effects(Y[:2], S[:1], **one)
    fit = multivariate_effects(Y[:2], S[:1], **one, method=Multivariate(model="common"))
    np.testing.assert_allclose(fit.estimate, Y[:2])
    assert (fit.q_df, fit.q_p_value) == (0, None)
    with pytest.raises(NotEstimableError, match="no degree of freedom for interval='t'"):
        multivariate_effects(Y[:2], S[:1], **one, method=Multivariate(model="common", interval="t"))


def test_components_that_no_trial_reports_together_have_no_correlation():
    apart = {"trial": range(6), "component": ["PD", "AL"] * 3}
    y, v = Y[:6], np.diag([0.01] * 6)
    with pytest.raises(NotEstimableError, match="no trial reports both 'PD' and 'AL'"):
        multivariate_effects(y, v, **apart)
    with pytest.raises(NotEstimableError, match="no trial reports two of the effects"):
        multivariate_effects(y, v, **apart, method=Multivariate(between="compound-symmetric"))
    for method in (Multivariate(between="diagonal"), Multivariate(between="compound-symmetric", correlation=0.5)):
        fit = multivariate_effects(y, v, **apart, method=method)
        assert np.isfinite(fit.std_error).all()


def test_component_of_one_trial_has_no_variance_of_its_own():
    lone = {"trial": [1, 1, 2, 3], "component": ["PD", "AL", "PD", "PD"]}
    with pytest.raises(NotEstimableError, match="'AL': reported by one trial alone"):
        multivariate_effects(Y[:4], [S[0], [[0.01]], [[0.02]]], **lone)
    method = Multivariate(between="compound-symmetric", correlation=0.5)
    assert multivariate_effects(Y[:4], [S[0], [[0.01]], [[0.02]]], **lone, method=method).rows == 4


def test_as_many_coefficients_as_estimates_show_no_variance():
    with pytest.raises(NotEstimableError, match="4 estimates for 4 coefficients"):
        multivariate_effects(Y[:4], S[:2], trial=TRIAL[:4], component=COMPONENT[:4], design=np.eye(4))


def test_collinear_regressors_are_named():
    x = np.column_stack([np.ones(10), np.arange(10.0), 3 + 2 * np.arange(10.0)])
    with pytest.raises(NotEstimableError, match="'one', 'dose', 'weeks' are collinear"):
        berkey(design=x, terms=["one", "dose", "weeks"])
    with pytest.raises(NotEstimableError, match="'none' is 0 in every row"):
        berkey(design=np.column_stack([np.ones(10), np.zeros(10)]), terms=["one", "none"])
    with pytest.raises(NotEstimableError, match="3 coefficients of 2 estimates"):
        multivariate_effects(Y[:2], S[:1], trial=[1, 1], component=["a", "b"], design=np.ones((2, 3)))


def test_estimates_that_say_the_same_are_refused():
    with pytest.raises(NotEstimableError, match="has no inverse"):
        berkey(s=[np.full((2, 2), 0.01), *S[1:]])


# --- what does not fit together ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": [1.0, np.nan] * 5}, "missing or infinite at position"),
        ({"y": [[1.0]]}, "y has shape"),
        ({"trial": [1, 2]}, "trial has length 2 for 10 estimates"),
        ({"covariance": S[:2]}, "2 matrices for 5 trials"),
        ({"covariance": [[[1.0]], *S[1:]]}, "has shape .* for a trial with 2 estimates"),
        ({"covariance": [-S[0], *S[1:]]}, "zero or negative"),
        ({"covariance": [np.array([[1.0, 0.5], [0.1, 1.0]]), *S[1:]]}, "not symmetric"),
        ({"covariance": whole(S) + 1e-3}, "between two trials"),
        ({"design": np.ones(10)}, "design has shape"),
        ({"design": np.ones((10, 1)), "terms": ["a", "b"]}, "terms names 2 regressors, the design has 1"),
        ({"method": "REML"}, "method is 'REML'"),
        ({"conf_level": 95}, "not a probability"),
    ],
)
def test_arrays_that_do_not_fit_together(change, message):
    given = {"y": Y, "covariance": S, "trial": TRIAL, "component": COMPONENT, **change}
    with pytest.raises(OptionError, match=message):
        multivariate_effects(given.pop("y"), given.pop("covariance"), **given)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "fixed"}, "model='fixed' is not allowed"),
        ({"between": "banded"}, "between='banded' is not allowed"),
        ({"tau2": "DL"}, "tau2='DL' is not allowed"),
        ({"interval": "hartung-knapp"}, "interval='hartung-knapp' is not allowed"),
        ({"model": "common", "tau2": "ML"}, "tau2 has no meaning with model='common'"),
        ({"model": "common", "between": "diagonal"}, "between has no meaning"),
        ({"correlation": 0.5}, "correlation has no meaning with between='unstructured'"),
        ({"between": "compound-symmetric", "correlation": 1.5}, "not a correlation"),
        ({"zero_cells": "constant"}, "zero_cells is 'constant'"),
    ],
)
def test_choices_that_do_not_go_together(options, message):
    with pytest.raises(OptionError, match=message):
        Multivariate(**options)


def test_correlation_that_so_many_components_can_not_have():
    three = {"trial": [1, 1, 1, 2, 2, 2], "component": ["a", "b", "c"] * 2}
    with pytest.raises(OptionError, match="impossible between 3 effects"):
        multivariate_effects(
            Y[:6], [np.eye(3)] * 2, **three, method=Multivariate(between="compound-symmetric", correlation=-0.6)
        )


# --- hard cases -------------------------------------------------------------------------------------------------------


def test_equal_effects_do_not_vary_and_say_so():
    fit = berkey(y=np.tile([1.0, 2.0], 5))
    np.testing.assert_allclose(fit.estimate, [1.0, 2.0], rtol=1e-12)
    assert fit.between.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert fit.boundary == ("nothing varies between trials",)
    assert fit.between_correlation(0, 1) is None


def test_correlation_at_its_edge_is_reported_as_such():
    y = np.tile([[2.0], [1.0], [-1.0], [-2.0], [0.5]], 2).ravel()
    fit = berkey(y=y, s=[0.01 * np.eye(2)] * 5)
    assert fit.boundary == ("the correlation of PD and AL between trials is +1",)
    assert fit.between_correlation(0, 1) == pytest.approx(1.0)
    np.testing.assert_allclose(fit.between_sd[0], fit.between_sd[1], rtol=1e-6)


def test_variance_of_one_component_at_its_edge_is_reported_as_such():
    y = Y.copy()
    y[1::2] = -0.3
    fit = berkey(Multivariate(between="diagonal"), y=y)
    assert fit.boundary == ("the variance of AL between trials is 0",)
    assert fit.between_sd[0] > 0


@pytest.mark.parametrize("method", STRUCTURES, ids=str)
def test_variances_over_twelve_orders(method):
    rng = np.random.default_rng(4)
    sd = 10.0 ** np.linspace(-4, 2, 12)
    y = rng.normal(size=(12, 2)) * np.sqrt(sd[:, None] ** 2 + 0.1)
    s = [v * v * np.array([[1.0, 0.3], [0.3, 1.0]]) for v in sd]
    fit = multivariate_effects(
        y.ravel(), s, trial=np.repeat(np.arange(12), 2), component=["a", "b"] * 12, method=method
    )
    for name in ("estimate", "std_error", "p_value", "conf_low", "conf_high", "between"):
        assert np.isfinite(getattr(fit, name)).all(), name
    assert fit.std_error.max() < 1.0


def test_five_thousand_trials_take_seconds():
    rng = np.random.default_rng(5)
    y = rng.normal(size=(5000, 2)) * 1.2
    start = time.perf_counter()
    fit = multivariate_effects(
        y.ravel(), [np.eye(2)] * 5000, trial=np.repeat(np.arange(5000), 2), component=["a", "b"] * 5000
    )
    assert time.perf_counter() - start < 60
    np.testing.assert_allclose(fit.between_sd, np.sqrt(1.44 - 1), rtol=0.1)


def test_two_trials_are_enough_for_one_variance():
    method = Multivariate(between="compound-symmetric", correlation=0.5)
    fit = multivariate_effects(Y[:4], S[:2], trial=TRIAL[:4], component=COMPONENT[:4], method=method)
    assert np.isfinite(fit.std_error).all()
    assert berkey().trials == 5


def test_rows_of_one_component_in_one_trial_share_their_departure():
    """Two rows of a component are as one row of their weighted mean."""
    s = [np.diag([0.02, 0.04]), *([[v]] for v in (0.01, 0.02, 0.03))]
    two = multivariate_effects([0.2, 0.8, 0.5, -0.3, 1.0], s, trial=[1, 1, 2, 3, 4], component=["a"] * 5)
    mean, v = (0.2 / 0.02 + 0.8 / 0.04) / 75, 1 / 75
    one = multivariate_effects(
        [mean, 0.5, -0.3, 1.0], np.diag([v, 0.01, 0.02, 0.03]), trial=[1, 2, 3, 4], component=["a"] * 4
    )
    for name in ("estimate", "std_error"):
        np.testing.assert_allclose(getattr(two, name), getattr(one, name), rtol=1e-9)
    np.testing.assert_allclose(two.between, one.between, rtol=1e-8)


def test_every_choice_changes_the_result():
    values = [tuple(np.round([*f.estimate, *f.std_error, *f.conf_low], 10)) for f in map(berkey, STRUCTURES)]
    values.append(tuple(np.round([*(t := berkey(Multivariate(interval="t"))).estimate, *t.std_error, *t.conf_low], 10)))
    assert all(a != b for a, b in itertools.combinations(values, 2))
