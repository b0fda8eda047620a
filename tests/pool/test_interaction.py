"""The test of interaction between subgroups, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from harmonise.builders import make_comparison

from trialpool.pool import (
    InverseVariance,
    MantelHaenszel,
    Peto,
    SubgroupResult,
    make_request,
    pool_request,
    subgroup_request,
)
from trialpool.trials import Comparison

COMMON = InverseVariance(model="common")
TABLES = [
    (4, 100, 11, 90),
    (30, 200, 12, 100),
    (7, 150, 15, 160),
    (20, 90, 40, 85),
    (9, 310, 13, 320),
    (25, 120, 26, 118),
]
LEVELS = ["low", "high", "low", "high", "low", "high"]
COMPARISON = make_comparison(*TABLES, covariates={"dose": LEVELS})


def subgroups(comparison: Comparison = COMPARISON, by: str = "dose", **options: Any) -> SubgroupResult:
    return subgroup_request(comparison, by, make_request(**options))


def test_q_by_hand():
    result = subgroups(method=COMMON)
    (e1, s1), (e2, s2) = [(g.estimate, g.std_error) for g in result.groups]
    # with two groups Q is the squared difference over the sum of the squared standard errors
    expected = (e1 - e2) ** 2 / (s1**2 + s2**2)
    assert result.q == pytest.approx(expected, rel=1e-12)
    assert result.q_df == 1
    # chi-square with 1 df is the square of a standard normal
    assert result.q_p_value == pytest.approx(math.erfc(math.sqrt(expected / 2)), rel=1e-10)


def test_q_of_three_groups_by_hand():
    comparison = make_comparison(*TABLES, covariates={"by": ["a", "b", "c", "a", "b", "c"]})
    result = subgroups(comparison, "by", method=COMMON)
    weights = [1 / g.std_error**2 for g in result.groups]
    mean = sum(w * g.estimate for w, g in zip(weights, result.groups, strict=True)) / sum(weights)
    expected = sum(w * (g.estimate - mean) ** 2 for w, g in zip(weights, result.groups, strict=True))
    assert (result.q, result.q_df) == (pytest.approx(expected, rel=1e-12), 2)
    assert result.q_p_value == pytest.approx(math.exp(-expected / 2), rel=1e-10)  # chi-square with 2 df


def test_common_effect_q_splits_into_within_and_between():
    """Cochran's Q of all studies is the sum of those within the groups and the one between them."""
    whole = pool_request(COMPARISON, make_request(method=COMMON)).heterogeneity
    result = subgroups(method=COMMON)
    within = sum(g.pooled.heterogeneity.q for g in result.groups)
    assert result.q + within == pytest.approx(whole.q, rel=1e-10)
    assert result.q_df + sum(g.pooled.heterogeneity.q_df for g in result.groups) == whole.q_df


@pytest.mark.parametrize("method", [InverseVariance(), COMMON, MantelHaenszel(), Peto()])
def test_groups_with_the_same_studies_do_not_differ(method):
    comparison = make_comparison(*TABLES[:3], *TABLES[:3], covariates={"by": ["x"] * 3 + ["y"] * 3})
    result = subgroups(comparison, "by", method=method)
    assert result.q == pytest.approx(0, abs=1e-20)
    assert result.q_p_value == pytest.approx(1)


def test_order_of_the_studies_does_not_matter_to_the_test():
    turned = make_comparison(*reversed(TABLES), covariates={"dose": LEVELS[::-1]})
    assert subgroups(turned).q == pytest.approx(subgroups().q, rel=1e-9)
