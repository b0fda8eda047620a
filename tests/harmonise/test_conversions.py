"""Conversions: worked examples, ways there and back, and what simulated data say; R's own values are in the reference tests."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.harmonise.conversions import (
    combined_means,
    mean_and_sd_from_five_numbers,
    mean_and_sd_from_quartiles,
    mean_and_sd_from_range,
    person_years_from_follow_up,
    sd_from_interval,
    sd_from_standard_error,
    standard_error_from_interval,
    standard_error_from_p_value,
)
from trialpool.numerics.distributions import quantile, two_sided_p_value


def test_worked_examples_of_the_cochrane_handbook():
    """Sections 6.3.1 (a 95 % interval is 3.92 standard errors wide), 6.5.2.2 (5.1 from 30.0 to 34.2 in 25 people)."""
    assert standard_error_from_interval(0.0, 3.92, 0.95) == pytest.approx(1.0, abs=2e-5)
    assert round(sd_from_interval(30.0, 34.2, 25, 0.95), 1) == 5.1


@given(st.floats(1e-3, 1e3), st.floats(-50, 50), st.integers(2, 500), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_an_interval_gives_the_standard_deviation_it_was_made_of(sd, mean, n, level):
    half = quantile(level, n - 1) * sd / math.sqrt(n)
    assert sd_from_interval(mean - half, mean + half, n, level) == pytest.approx(sd, rel=1e-9)
    assert sd_from_standard_error(sd / math.sqrt(n), n) == pytest.approx(sd)


@given(st.floats(0.01, 20), st.floats(0.01, 5), st.sampled_from([0.9, 0.95]))
def test_an_interval_and_a_p_value_give_the_same_standard_error(z, std_error, level):
    estimate = z * std_error
    half = quantile(level, None) * std_error
    assert standard_error_from_interval(estimate - half, estimate + half, level) == pytest.approx(std_error)
    assert standard_error_from_p_value(estimate, two_sided_p_value(z, None)) == pytest.approx(std_error, rel=1e-9)


def test_a_tiny_p_value_keeps_its_digits():
    assert standard_error_from_p_value(2.0, two_sided_p_value(20.0, None)) == pytest.approx(0.1, rel=1e-9)


def of_normal(n, size=20_000):
    rng = np.random.default_rng(n)
    return np.sort(rng.normal(10.0, 3.0, (size, n)), axis=1)


@pytest.mark.parametrize("n", [9, 25, 101])
def test_medians_of_normal_samples_give_back_mean_and_standard_deviation(n):
    samples = of_normal(n, 4_000)
    q1, median, q3 = np.quantile(samples, [0.25, 0.5, 0.75], axis=1)
    low, high = samples[:, 0], samples[:, -1]
    found = {
        "quartiles": [mean_and_sd_from_quartiles(*row, n) for row in zip(q1, median, q3, strict=True)],
        "range": [mean_and_sd_from_range(*row, n) for row in zip(low, median, high, strict=True)],
        "five": [
            mean_and_sd_from_five_numbers(row, n) for row in zip(low, q1, median, q3, high, strict=True)
        ],
    }  # fmt: skip
    for name, results in found.items():
        means, sds = np.array([r.mean for r in results]), np.array([r.sd for r in results])
        assert abs(means.mean() - 10.0) < 4 * means.std() / math.sqrt(means.size), name
        assert abs(sds.mean() / 3.0 - 1) < 0.03, name


def test_more_numbers_make_the_standard_deviation_surer():
    n, samples = 41, of_normal(41, 3_000)
    q1, median, q3 = np.quantile(samples, [0.25, 0.5, 0.75], axis=1)
    rows = list(zip(samples[:, 0], q1, median, q3, samples[:, -1], strict=True))
    five = np.std([mean_and_sd_from_five_numbers(row, n).sd for row in rows])
    assert five < np.std([mean_and_sd_from_range(row[0], row[2], row[4], n).sd for row in rows])
    assert five < np.std([mean_and_sd_from_quartiles(row[1], row[2], row[3], n).sd for row in rows])


@given(st.floats(-100, 100), st.floats(1e-3, 1e3), st.integers(2, 1000))
def test_medians_move_and_scale(shift, unit, n):
    numbers = (1.0, 4.0, 6.0, 9.0, 17.0)
    moved = tuple(unit * (x + shift) for x in numbers)
    pairs = [
        (mean_and_sd_from_five_numbers(moved, n), mean_and_sd_from_five_numbers(numbers, n)),
        (mean_and_sd_from_quartiles(*moved[1:4], n), mean_and_sd_from_quartiles(*numbers[1:4], n)),
        (mean_and_sd_from_range(*moved[::2], n), mean_and_sd_from_range(*numbers[::2], n)),
    ]
    for one, other in pairs:
        assert one.mean == pytest.approx(unit * (other.mean + shift), rel=1e-9, abs=1e-9 * unit * 200)
        assert one.sd == pytest.approx(unit * other.sd, rel=1e-9)


def test_even_numbers_have_their_middle_as_mean():
    for n in (5, 50, 500):
        assert mean_and_sd_from_quartiles(2.0, 5.0, 8.0, n).mean == pytest.approx(5.0)
        assert mean_and_sd_from_range(2.0, 5.0, 8.0, n).mean == pytest.approx(5.0)
        assert mean_and_sd_from_five_numbers((0.0, 2.0, 5.0, 8.0, 10.0), n).mean == pytest.approx(5.0)


def test_groups_combined_are_their_pooled_raw_data():
    rng = np.random.default_rng(7)
    groups = [rng.normal(m, s, n) for m, s, n in ((1.0, 2.0, 11), (4.0, 1.0, 30), (-2.0, 3.0, 7))]
    mean, sd, n = combined_means([(g.mean(), g.std(ddof=1), float(g.size)) for g in groups])
    whole = np.concatenate(groups)
    assert (mean, sd, n) == pytest.approx((whole.mean(), whole.std(ddof=1), whole.size))


def test_person_years_are_people_times_years():
    assert person_years_from_follow_up(120, 0.25) == 30.0
