"""The log likelihood of counts within bounds, against exact sums and differences."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom

from trialpool.numerics.interval_arms import interval_arms

BOTH = {"trial": np.array([0, 0]), "side": np.array([0, 1])}


def arms_of(low, high, n, **where):
    return interval_arms(*(np.asarray(values, dtype=float) for values in (low, high, n)), **(where or BOTH))


def log_probability(low: int, high: int, n: int, p: Fraction) -> float:
    """Exact, then rounded: numerator and denominator are whole numbers of any length."""
    total = sum(math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(low, high + 1))
    return math.log(total.numerator) - math.log(total.denominator)


def test_the_deepest_tails_keep_their_digits() -> None:
    for low, high, n, p in [
        (0, 4, 100, Fraction(9, 10)),
        (0, 0, 400, Fraction(1, 3)),
        (150, 200, 200, Fraction(1, 50)),
        (3, 6, 50, Fraction(1, 1000)),
        (0, 24, 500, Fraction(1, 10**9)),
        (40, 60, 100, Fraction(1, 2)),
    ]:
        arms, constant = arms_of([low, 0], [high, 1], [n, 1])
        eta = math.log(p / (1 - p))
        # with an intercept of eta / 2 and an effect of eta the treatment arm is at eta
        value = arms.terms(np.array([[0.5 * eta]]), np.array([[eta]])).value[0, 0] + constant
        assert value == pytest.approx(log_probability(low, high, n, p), rel=1e-12, abs=1e-13)


def test_an_exact_count_is_binomial() -> None:
    arms, constant = arms_of([3, 7], [3, 7], [40, 55])
    value = arms.terms(np.array([[-1.0]]), np.array([[0.6]])).value[0, 0] + constant
    expected = binom.logpmf(3, 40, 1 / (1 + math.exp(0.7))) + binom.logpmf(7, 55, 1 / (1 + math.exp(1.3)))
    assert value == pytest.approx(expected, rel=1e-13)


def test_a_side_of_several_arms_is_their_product() -> None:
    trial, side = np.array([0, 0, 0, 0]), np.array([0, 1, 0, 0])
    arms, constant = arms_of([0, 2, 3, 1], [4, 2, 3, 9], [90, 60, 40, 30], trial=trial, side=side)
    p, q = 1 / (1 + math.exp(1.8)), 1 / (1 + math.exp(2.2))
    expected = binom.logcdf(4, 90, p) + binom.logpmf(3, 40, p) + math.log(binom.cdf(9, 30, p) - binom.cdf(0, 30, p))
    expected += binom.logpmf(2, 60, q)
    value = arms.terms(np.array([[-2.0]]), np.array([[0.4]])).value[0, 0] + constant
    assert value == pytest.approx(expected, rel=1e-12)


def test_values_are_the_terms_and_order_of_arms_does_not_matter() -> None:
    low, high, n = [0, 2, 5, 0], [4, 2, 8, 0], [90, 60, 40, 30]
    trial, side = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    arms, _ = arms_of(low, high, n, trial=trial, side=side)
    turned, _ = arms_of(low[::-1], high[::-1], n[::-1], trial=trial[::-1], side=side[::-1])
    alpha, psi = np.linspace(-6, 2, 5) * np.ones((2, 1)), np.linspace(3, -2, 5) * np.ones((2, 1))
    terms = arms.terms(alpha, psi)
    np.testing.assert_allclose(
        arms.values(np.stack([alpha + psi / 2, alpha - psi / 2])).sum(axis=0), terms.value, 1e-12
    )
    np.testing.assert_array_equal(turned.terms(alpha, psi).value, terms.value)
    np.testing.assert_array_equal(arms.take(np.array([1])).terms(alpha[1:], psi[1:]).value, terms.value[1:])


def test_derivatives_are_those_of_the_value_and_it_is_concave() -> None:
    arms, _ = arms_of([0, 5], [12, 8], [250, 40])
    alpha, psi = (x.reshape(1, -1) for x in np.meshgrid(np.linspace(-8, 3, 12), np.linspace(-4, 4, 9)))
    h, at = 1e-5, arms.terms(alpha, psi)
    ahead, behind = arms.terms(alpha + h, psi), arms.terms(alpha - h, psi)
    up, down = arms.terms(alpha, psi + h), arms.terms(alpha, psi - h)
    for got, plus, minus in [
        (at.score[0], ahead.value, behind.value),
        (at.score[1], up.value, down.value),
        (at.aa, ahead.score[0], behind.score[0]),
        (at.ap, up.score[0], down.score[0]),
        (at.pp, up.score[1], down.score[1]),
    ]:
        np.testing.assert_allclose(got, (plus - minus) / (2 * h), rtol=1e-6, atol=1e-6)
    assert (at.aa <= 0).all()
    assert (at.aa * at.pp - at.ap**2 >= -1e-9).all()


def test_bounds_that_exclude_nothing_say_nothing() -> None:
    arms, constant = arms_of([0, 0], [30, 45], [30, 45])
    at = arms.terms(np.array([[-2.0, 5.0]]), np.array([[1.0, -3.0]]))
    assert (constant, at.value.tolist(), at.score[0].tolist()) == (0.0, [[0.0, 0.0]], [[0.0, 0.0]])
