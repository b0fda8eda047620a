"""Exact common ratios against enumeration, SciPy's conditional odds ratio of one table and the limits of Clopper and Pearson."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import beta, binom, fisher_exact, nchypergeom_fisher
from scipy.stats.contingency import odds_ratio

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.exact import exact_common_odds_ratio, exact_common_rate_ratio, minimum_likelihood_p_value

SMALL = np.array([[2.0, 1, 3], [9, 7, 8], [1, 2, 5], [6, 8, 9]])


def tails_by_enumeration(tables: np.ndarray, psi: float) -> tuple[float, float, float]:
    """Probability that the sum of treatment events is below, at, above the observed one, over all combinations."""
    supports, probabilities = [], []
    for a, n1, c, n2 in tables.T.astype(int):
        support = range(max(0, a + c - n2), min(n1, a + c) + 1)
        weights = [math.comb(n1, t) * math.comb(n2, a + c - t) * math.exp(psi * t) for t in support]
        supports.append(list(support))
        probabilities.append([w / sum(weights) for w in weights])
    observed = tables[0].sum()
    below = at = above = 0.0
    for choice in itertools.product(*(range(len(s)) for s in supports)):
        total = sum(s[i] for s, i in zip(supports, choice, strict=True))
        p = math.prod(q[i] for q, i in zip(probabilities, choice, strict=True))
        below, at, above = below + p * (total < observed), at + p * (total == observed), above + p * (total > observed)
    return below, at, above


@pytest.mark.parametrize("mid_p", [False, True])
def test_limits_leave_the_error_probability_in_each_tail(mid_p: bool) -> None:
    fit = exact_common_odds_ratio(SMALL, mid_p=mid_p, conf_level=0.9)
    half = 0.5 if mid_p else 1.0
    _, at, above = tails_by_enumeration(SMALL, fit.conf_low)
    assert math.isclose(above + half * at, 0.05, rel_tol=1e-9)
    below, at, _ = tails_by_enumeration(SMALL, fit.conf_high)
    assert math.isclose(below + half * at, 0.05, rel_tol=1e-9)
    below, at, above = tails_by_enumeration(SMALL, 0.0)
    assert math.isclose(fit.p_value, min(1.0, 2 * min(below + half * at, above + half * at)), rel_tol=1e-9)


def test_the_estimate_makes_observed_equal_to_expected() -> None:
    fit = exact_common_odds_ratio(SMALL)
    expected = sum(nchypergeom_fisher.mean(n1 + n2, n1, a + c, math.exp(fit.estimate)) for a, n1, c, n2 in SMALL.T)
    assert math.isclose(expected, SMALL[0].sum(), rel_tol=1e-9)
    variance = sum(nchypergeom_fisher.var(n1 + n2, n1, a + c, math.exp(fit.estimate)) for a, n1, c, n2 in SMALL.T)
    assert math.isclose(fit.std_error, 1 / math.sqrt(variance), rel_tol=1e-6)


@pytest.mark.parametrize("table", [(3, 20, 9, 22), (12, 15, 4, 30), (1, 400, 6, 380)])
def test_one_table_equals_scipy(table: tuple[int, int, int, int]) -> None:
    a, n1, c, n2 = table
    scipy_result = odds_ratio([[a, n1 - a], [c, n2 - c]], kind="conditional")
    interval = scipy_result.confidence_interval(0.95)
    fit = exact_common_odds_ratio(np.array([table], dtype=float).T, mid_p=False)
    assert math.isclose(math.exp(fit.estimate), scipy_result.statistic, rel_tol=1e-6)
    assert math.isclose(math.exp(fit.conf_low), interval.low, rel_tol=1e-6)
    assert math.isclose(math.exp(fit.conf_high), interval.high, rel_tol=1e-6)


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 12), st.integers(12, 40), st.integers(0, 12), st.integers(12, 40)),
        min_size=1,
        max_size=6,
    )
)
def test_relations(rows: list[tuple[int, int, int, int]]) -> None:
    tables = np.array(rows, dtype=float).T
    try:
        fit = exact_common_odds_ratio(tables)
    except NotEstimableError:
        assume(False)
    assert fit.conf_low < fit.estimate < fit.conf_high
    swapped = exact_common_odds_ratio(tables[[2, 3, 0, 1]])
    assert math.isclose(fit.estimate, -swapped.estimate, rel_tol=1e-8, abs_tol=1e-9)
    assert math.isclose(fit.conf_low, -swapped.conf_high, rel_tol=1e-8, abs_tol=1e-9)
    double_zero = np.concatenate([tables, [[0.0], [50], [0], [30]]], axis=1)
    with_it = exact_common_odds_ratio(double_zero)
    assert math.isclose(fit.conf_high, with_it.conf_high, rel_tol=1e-10, abs_tol=1e-12)
    exact = exact_common_odds_ratio(tables, mid_p=False)
    assert exact.conf_low <= fit.conf_low
    assert exact.conf_high >= fit.conf_high


def test_no_events_in_one_arm_gives_the_one_sided_limit() -> None:
    with pytest.raises(NotEstimableError, match=r"is zero: no events in any treatment arm .* lies below 0\.\d+"):
        exact_common_odds_ratio(np.array([[0.0, 0], [50, 60], [4, 5], [50, 60]]))
    with pytest.raises(NotEstimableError, match="is infinite: no events in any control arm"):
        exact_common_odds_ratio(np.array([[4.0, 5], [50, 60], [0, 0], [50, 60]]))


def test_the_one_sided_limit_has_its_probability() -> None:
    tables = np.array([[0.0], [30.0], [5.0], [30.0]])
    with pytest.raises(NotEstimableError) as caught:
        exact_common_odds_ratio(tables, conf_level=0.95)
    bound = float(str(caught.value).rsplit(" ", 1)[1])
    assert math.isclose(nchypergeom_fisher.pmf(0, 60, 30, 5, bound), 0.05, rel_tol=0.02)


def test_nothing_but_double_zero_says_nothing() -> None:
    with pytest.raises(NotEstimableError, match="say nothing"):
        exact_common_odds_ratio(np.array([[0.0, 0], [50, 60], [0, 0], [50, 60]]))


@pytest.mark.parametrize("table", [(3, 20, 9, 22), (12, 15, 4, 30), (1, 400, 6, 380)])
def test_the_minimum_likelihood_p_value_of_one_table_is_fishers(table: tuple[int, int, int, int]) -> None:
    a, n1, c, n2 = table
    ours = minimum_likelihood_p_value(np.array([table], dtype=float).T)
    assert math.isclose(ours, fisher_exact([[a, n1 - a], [c, n2 - c]]).pvalue, rel_tol=1e-9)


def test_the_minimum_likelihood_p_value_of_several_tables_by_enumeration() -> None:
    sums: dict[int, float] = {}
    margins = [(int(n1), int(a + c), int(n2)) for a, n1, c, n2 in SMALL.T]
    supports = [range(max(0, m - n2), min(n1, m) + 1) for n1, m, n2 in margins]
    for choice in itertools.product(*supports):
        ways = math.prod(
            math.comb(n1, t) * math.comb(n2, m - t) for t, (n1, m, n2) in zip(choice, margins, strict=True)
        )
        sums[sum(choice)] = sums.get(sum(choice), 0) + ways
    observed = sums[int(SMALL[0].sum())]
    expected = sum(w for w in sums.values() if w <= observed * (1 + 1e-7)) / sum(sums.values())
    assert math.isclose(minimum_likelihood_p_value(SMALL), expected, rel_tol=1e-12)
    assert minimum_likelihood_p_value(np.zeros((4, 2))) == 1.0


@pytest.mark.parametrize("conf_level", [0.5, 0.95, 0.999])
def test_one_pair_of_rates_has_the_limits_of_clopper_and_pearson(conf_level: float) -> None:
    a, t1, c, t2 = 7.0, 1344.0, 11.0, 1988.0
    fit = exact_common_rate_ratio([[a], [t1], [c], [t2]], mid_p=False, conf_level=conf_level)
    tail = (1 - conf_level) / 2
    shares = (beta.ppf(tail, a, c + 1), beta.ppf(1 - tail, a + 1, c))
    low, high = (math.log(p / (1 - p)) - math.log(t1 / t2) for p in shares)
    assert math.isclose(fit.estimate, math.log(a / t1 / (c / t2)), rel_tol=1e-12)
    assert math.isclose(fit.conf_low, low, rel_tol=1e-10)
    assert math.isclose(fit.conf_high, high, rel_tol=1e-10)
    assert math.isclose(fit.std_error, math.sqrt(1 / a + 1 / c), rel_tol=1e-12)


def test_rates_with_the_same_exposure_ratio_add_up() -> None:
    tables = np.array([[3.0, 5, 1], [100, 240, 40], [6, 9, 2], [50, 120, 20]])
    summed = np.array([[tables[0].sum()], [2.0], [tables[2].sum()], [1.0]])
    one, other = exact_common_rate_ratio(tables), exact_common_rate_ratio(summed)
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        assert math.isclose(getattr(one, name), getattr(other, name), rel_tol=1e-10), name
    share = 1 / (1 + 0.5 * math.exp(-one.conf_low))
    total, events = int(tables[[0, 2]].sum()), int(tables[0].sum())
    assert math.isclose(binom.sf(events, total, share) + 0.5 * binom.pmf(events, total, share), 0.025, rel_tol=1e-9)


def test_rates_without_events_in_one_arm_name_the_bound() -> None:
    with pytest.raises(NotEstimableError, match=r"is zero: no events in any treatment arm .* lies below") as caught:
        exact_common_rate_ratio([[0], [100], [5], [100]])
    bound = float(str(caught.value).rsplit(" ", 1)[1])
    assert math.isclose((1 / (1 + bound)) ** 5, 0.05, rel_tol=0.01)


@pytest.mark.parametrize("function", [exact_common_odds_ratio, exact_common_rate_ratio])
def test_a_batch_gives_bit_for_bit_what_its_problems_give(function: object) -> None:
    rng = np.random.default_rng(11)
    n1, n2 = rng.integers(20, 300, (2, 60, 5))
    tables = np.stack([rng.binomial(n1, 0.004), n1, rng.binomial(n2, 0.006), n2], axis=1).astype(float)
    batch = function(tables, conf_level=0.9)
    assert len(batch.reasons) == 60
    assert 0 < sum(map(bool, batch.reasons)) < 30
    for i, reason in enumerate(batch.reasons):
        if reason:
            with pytest.raises(NotEstimableError) as caught:
                function(tables[i], conf_level=0.9)
            assert str(caught.value) == reason
            assert np.isnan(batch.estimate[i])
            continue
        alone = function(tables[i], conf_level=0.9)
        for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
            assert getattr(alone, name) == getattr(batch, name)[i], name
        np.testing.assert_array_equal(alone.information, batch.information[i])


def test_empty_slots_change_nothing() -> None:
    padded = np.concatenate([np.zeros((4, 2)), SMALL, np.zeros((4, 3))], axis=1)
    one, other = exact_common_odds_ratio(SMALL), exact_common_odds_ratio(padded)
    assert (one.estimate, one.conf_low, one.conf_high) == (other.estimate, other.conf_low, other.conf_high)
    np.testing.assert_array_equal(other.information, [0, 0, *one.information, 0, 0, 0])


def test_large_counts_agree_with_the_normal_limit() -> None:
    rng = np.random.default_rng(2)
    n = np.full(30, 400_000)
    tables = np.stack([rng.binomial(n, 0.25), n, rng.binomial(n, 0.249), n]).astype(float)
    fit = exact_common_odds_ratio(tables)
    assert math.isclose(fit.conf_high - fit.estimate, 1.959964 * fit.std_error, rel_tol=1e-3)
    assert math.isclose(fit.estimate - fit.conf_low, 1.959964 * fit.std_error, rel_tol=1e-3)
    z = abs(fit.estimate / fit.std_error)
    assert math.isclose(fit.p_value, math.erfc(z / math.sqrt(2)), rel_tol=1e-3)


def test_five_thousand_tables() -> None:
    rng = np.random.default_rng(4)
    n = np.full(5000, 150)
    tables = np.stack([rng.binomial(n, 0.02), n, rng.binomial(n, 0.015), n]).astype(float)
    fit = exact_common_odds_ratio(tables)
    assert abs(fit.estimate - math.log(0.02 / 0.98 * 0.985 / 0.015)) < 4 * fit.std_error
    assert math.isclose(fit.conf_high - fit.estimate, 1.959964 * fit.std_error, rel_tol=5e-3)


def test_a_p_value_far_beyond_the_normal_keeps_its_digits() -> None:
    tables = np.array([[60.0], [100], [5], [100]])
    fit = exact_common_odds_ratio(tables, mid_p=False)
    upper = sum(math.comb(100, t) * math.comb(100, 65 - t) for t in range(60, 66)) / math.comb(200, 65)
    assert upper < 1e-17
    assert math.isclose(fit.p_value, 2 * upper, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ([[3.5], [30], [5], [30]], "broken count"),
        ([[-1], [30], [5], [30]], "negative"),
        ([[33], [30], [5], [30]], "33 events in 30"),
        ([[3], [30], [5]], r"\(3, 1\)"),
        ([[np.nan], [30], [5], [30]], "missing"),
    ],
)
def test_impossible_tables_are_refused(tables: list[list[float]], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        exact_common_odds_ratio(tables)


def test_a_rate_needs_its_time() -> None:
    with pytest.raises(OptionError, match="give the time at risk"):
        exact_common_rate_ratio([[3], [0], [5], [30]])


@pytest.mark.parametrize("conf_level", [0, 1, 95])
def test_the_level_is_a_probability(conf_level: float) -> None:
    with pytest.raises(OptionError, match="conf_level"):
        exact_common_odds_ratio(SMALL, conf_level=conf_level)
