"""The binomial-normal model: relations, and its kinship with the hypergeometric-normal one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from reference.entries import comparison

from trialpool.errors import NotEstimableError
from trialpool.pool.binomial_normal import binomial_normal, binomial_normal_tau2_interval
from trialpool.pool.exact import exact_common_rate_ratio
from trialpool.pool.hypergeometric_normal import hypergeometric_normal

RATES = np.array(
    [
        [7.0, 8, 3, 6, 1, 1, 17, 3, 2],
        [1344, 1600, 12012, 1536, 370, 729, 6760, 1107, 320],
        [11, 8, 14, 10, 1, 8, 15, 7, 3],
        [1988, 1461, 10962, 1503, 483, 913, 6840, 1015, 440],
    ]
)
NUMBERS = ("estimate", "std_error", "tau2", "conf_low", "conf_high", "p_value", "log_likelihood")


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e6])
def test_the_unit_of_time_does_not_matter(scale: float) -> None:
    other = RATES.copy()
    other[[1, 3]] *= scale
    one, same = binomial_normal(RATES), binomial_normal(other)
    for name in NUMBERS:
        assert math.isclose(getattr(one, name), getattr(same, name), rel_tol=1e-9), name


def test_twice_the_control_time_shifts_the_estimate_by_log_two() -> None:
    other = RATES.copy()
    other[3] *= 2
    one, shifted = binomial_normal(RATES), binomial_normal(other)
    for name in ("estimate", "conf_low", "conf_high"):
        assert math.isclose(getattr(shifted, name) - getattr(one, name), math.log(2), rel_tol=1e-8), name
    assert math.isclose(one.std_error, shifted.std_error, rel_tol=1e-9)


def test_swapping_arms_turns_the_sign_and_order_does_not_matter() -> None:
    one, other = binomial_normal(RATES), binomial_normal(RATES[[2, 3, 0, 1]][:, ::-1])
    assert math.isclose(one.estimate, -other.estimate, rel_tol=1e-9)
    assert math.isclose(one.conf_low, -other.conf_high, rel_tol=1e-9)
    assert math.isclose(one.p_value, other.p_value, rel_tol=1e-9)
    np.testing.assert_allclose(one.weights, other.weights[::-1], rtol=1e-8)


def test_without_heterogeneity_it_is_the_exact_common_rate_ratio() -> None:
    homogeneous = np.array([[4.0, 8, 6], [100, 200, 150], [5, 9, 7], [100, 190, 160]])
    fit, exact = binomial_normal(homogeneous, interval="wald"), exact_common_rate_ratio(homogeneous)
    assert fit.tau2 == 0
    assert math.isclose(fit.estimate, exact.estimate, rel_tol=1e-12)
    assert math.isclose(fit.std_error, exact.std_error, rel_tol=1e-12)


def test_with_rare_events_it_approaches_the_hypergeometric_normal_model() -> None:
    tables = comparison("nielweise2007").tables()
    diluted = tables.copy()
    diluted[[1, 3]] *= 1000
    exact, approximate = hypergeometric_normal(diluted), binomial_normal(diluted)
    for name in NUMBERS:
        assert math.isclose(getattr(exact, name), getattr(approximate, name), rel_tol=2e-3), name
    gap = abs(hypergeometric_normal(tables).estimate - binomial_normal(tables).estimate)
    assert gap > 20 * abs(exact.estimate - approximate.estimate)


def test_pairs_without_events_and_empty_slots_change_no_bit() -> None:
    silent = np.array([[0.0, 0], [500, 0], [0, 0], [400, 0]])
    one, other = binomial_normal(RATES), binomial_normal(np.concatenate([RATES, silent], axis=1))
    for name in NUMBERS:
        assert getattr(one, name) == getattr(other, name), name
    assert other.k_informative == 9


def test_a_batch_gives_bit_for_bit_what_its_problems_give() -> None:
    rng = np.random.default_rng(8)
    time = rng.uniform(50, 900, (2, 30, 6))
    tables = np.stack([rng.poisson(0.002 * time[0]), time[0], rng.poisson(0.004 * time[1]), time[1]], axis=1)
    batch = binomial_normal(tables)
    assert 0 < sum(map(bool, batch.reasons)) < 25
    for i, reason in enumerate(batch.reasons):
        if reason:
            with pytest.raises(NotEstimableError) as caught:
                binomial_normal(tables[i])
            assert str(caught.value) == reason
            continue
        alone = binomial_normal(tables[i])
        for name in NUMBERS:
            value = getattr(alone, name)
            np.testing.assert_array_equal(np.nan if value is None else value, getattr(batch, name)[i])


def test_the_interval_of_tau2_holds_its_estimate_and_shrinks_with_the_level() -> None:
    tau2 = binomial_normal(RATES, interval="wald").tau2
    wide, narrow = (binomial_normal_tau2_interval(RATES, conf_level=level) for level in (0.95, 0.5))
    assert wide[0] <= narrow[0] < tau2 < narrow[1] < wide[1]
