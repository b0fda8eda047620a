"""The exact common odds ratio against enumeration and against SciPy's conditional odds ratio of one table."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import nchypergeom_fisher
from scipy.stats.contingency import odds_ratio

from trialpool.errors import NotEstimableError
from trialpool.pool.exact import exact_common_odds_ratio

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
