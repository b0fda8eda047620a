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


# --- standard errors of the test -------------------------------------------------------------------------------------

ALIKE = [
    (20, 100, 30, 100),
    (22, 100, 31, 100),
    (19, 100, 29, 100),
    (30, 100, 31, 100),
    (31, 100, 32, 100),
    (29, 98, 31, 100),
]


def alike(**options: Any) -> SubgroupResult:
    """Two groups, each of three studies with nearly one effect: their plain Hartung-Knapp intervals are far too short."""
    comparison = make_comparison(*ALIKE, covariates={"by": ["x"] * 3 + ["y"] * 3})
    return subgroups(comparison, "by", **options)


@pytest.mark.parametrize("tau2", ["REML", "DL", "PM"])
def test_standard_errors_of_the_test_are_never_below_wald_s(tau2):
    plain, safe, wald = (
        alike(method=InverseVariance(tau2=tau2, interval=interval))
        for interval in ("hartung-knapp", "hartung-knapp-safe", "wald")
    )
    assert all(one.std_error < other.std_error / 4 for one, other in zip(plain.groups, wald.groups, strict=True))
    assert plain.q == safe.q == pytest.approx(wald.q, rel=1e-9)
    assert plain.q_p_value == safe.q_p_value


def test_result_of_each_group_stays_as_it_was_asked_for():
    request = make_request(method=InverseVariance(interval="hartung-knapp"))
    for group, rows in zip(alike(method=request.method).groups, (ALIKE[:3], ALIKE[3:]), strict=True):
        alone = pool_request(make_comparison(*rows), request)
        assert group.pooled is not None
        assert group.pooled.tidy() == alone.tidy()
        assert group.std_error == alone.std_error


def test_hartung_knapp_wider_than_wald_enters_as_it_is():
    far = [
        (5, 100, 30, 100),
        (25, 100, 20, 100),
        (12, 100, 29, 100),
        (30, 100, 10, 100),
        (9, 100, 32, 100),
        (29, 98, 31, 100),
    ]
    comparison = make_comparison(*far, covariates={"by": ["x"] * 3 + ["y"] * 3})
    result = subgroups(comparison, "by", method=InverseVariance(tau2="DL", interval="hartung-knapp"))
    wald = subgroups(comparison, "by", method=InverseVariance(tau2="DL", interval="wald"))
    assert all(one.std_error > other.std_error for one, other in zip(result.groups, wald.groups, strict=True))
    (e1, s1), (e2, s2) = [(g.estimate, g.std_error) for g in result.groups]
    assert result.q == pytest.approx((e1 - e2) ** 2 / (s1**2 + s2**2), rel=1e-12)


# --- groups too small for it -----------------------------------------------------------------------------------------


def small(levels: list[str | None], **options: Any) -> list[str]:
    comparison = make_comparison(*TABLES, covariates={"by": levels})
    return [n.message for n in subgroups(comparison, "by", **options).notes if n.code == "small-subgroups"]


def test_groups_of_fewer_than_three_studies_make_the_test_unreliable():
    (message,) = small(["a", "b", "b", "c", "c", "c"])
    assert message == (
        "by = a, b: fewer than 3 studies, so the test of interaction is unreliable (one-study groups enter with their own "
        "standard error, which leaves out the variation between studies)."
    )


@pytest.mark.parametrize(
    ("levels", "options"),
    [
        (["a", "a", "a", "b", "b", "b"], {}),
        (["a", "b", "b", "c", "c", "c"], {"method": COMMON}),  # no variation between studies is left out
        (["a", "b", "b", "c", "c", "c"], {"method": MantelHaenszel()}),
        (["a", "a", None, None, None, None], {}),  # no test
    ],
)
def test_without_small_groups_variation_or_a_test_there_is_no_such_warning(levels, options):
    assert small(levels, **options) == []


def test_studies_that_are_not_tested_do_not_make_a_group_small():
    assert small(["a", "a", "a", "b", "b", None]) != []
    seven = make_comparison(*TABLES, TABLES[0], covariates={"by": ["a", "a", "a", "b", "b", "b", None]})
    assert [note.code for note in subgroups(seven, "by").notes] == ["covariate-missing"]
