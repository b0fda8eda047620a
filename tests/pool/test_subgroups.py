"""Subgroups: every study in one group, each group as if it stood alone, and the test between them by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from harmonise.builders import make_arm, make_comparison, make_trial
from hypothesis import given
from hypothesis import strategies as st

from trialpool.effects import ZeroCells
from trialpool.errors import OptionError, TrialpoolWarning
from trialpool.harmonise import compare
from trialpool.pool import (
    InverseVariance,
    MantelHaenszel,
    Peto,
    SubgroupResult,
    make_request,
    pool_request,
    pool_subgroups,
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


def levels(result: SubgroupResult) -> dict[str, str]:
    return {group.level: "".join(study.contrast.label for study in group.studies) for group in result.groups}


def codes(result: SubgroupResult) -> list[str]:
    return [note.code for note in result.notes]


# --- the groups ------------------------------------------------------------------------------------------------------


def test_levels_stand_in_order_of_appearance_and_studies_in_theirs():
    assert levels(subgroups()) == {"low": "ACE", "high": "BDF"}


def test_numbers_rise_and_are_written_as_they_are():
    comparison = make_comparison(*TABLES, covariates={"weeks": [52.0, 16.0, 0.5, 52.0, 16.0, 4.0]})
    assert levels(subgroups(comparison, "weeks")) == {"0.5": "C", "4": "F", "16": "BE", "52": "AD"}


def test_numbers_that_differ_only_far_behind_are_two_levels():
    comparison = make_comparison(*TABLES[:4], covariates={"n": [1234567.0, 1234568.0, 1234567.0, 1234568.0]})
    assert levels(subgroups(comparison, "n")) == {"1234567": "AC", "1234568": "BD"}


@pytest.mark.parametrize(
    "method", [InverseVariance(), COMMON, MantelHaenszel(), InverseVariance(tau2="DL", interval="wald")]
)
def test_each_group_is_pooled_as_if_it_stood_alone(method):
    for group, indices in zip(subgroups(method=method).groups, [(0, 2, 4), (1, 3, 5)], strict=True):
        alone = pool_request(make_comparison(*[TABLES[i] for i in indices]), make_request(method=method))
        assert group.pooled is not None
        assert group.pooled.tidy() == alone.tidy()
        assert group.pooled.heterogeneity == alone.heterogeneity
        assert (group.estimate, group.std_error, group.message) == (alone.estimate, alone.std_error, "")


LEVEL = st.sampled_from(["a", "b", "c", "not reported", 1.0, 2.5, None])


@given(st.lists(st.tuples(st.sampled_from(TABLES), LEVEL), min_size=1, max_size=7))
def test_groups_partition_the_studies(rows):
    """Whatever the values are, a missing one and the text "not reported" among them."""
    values = [value for _, value in rows]
    comparison = make_comparison(*(table for table, _ in rows), covariates={"by": values})
    if all(value is None for value in values):
        with pytest.raises(OptionError, match="no covariate 'by'"):
            subgroups(comparison, "by")
        return
    result = subgroups(comparison, "by", method=COMMON)
    placed = [study.contrast.label for group in result.groups for study in group.studies]
    assert sorted(placed) == list(comparison.labels)
    names = [group.level for group in result.groups]
    assert len(names) == len(set(names))


# --- groups of one, of none, and without a value ----------------------------------------------------------------------


def test_group_of_one_study_enters_with_that_study_s_effect():
    comparison = make_comparison(*TABLES[:4], covariates={"by": ["x", "x", "x", "y"]})
    group = subgroups(comparison, "by", method=COMMON).groups[1]
    (study,) = group.studies
    assert group.pooled is None
    assert (group.estimate, group.std_error) == (study.estimate, study.std_error)
    assert group.message == "one study: its own effect"
    a, n1, c, n2 = TABLES[3]
    assert group.estimate == pytest.approx(math.log((a / n1) / (c / n2)))
    assert group.std_error == pytest.approx(math.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2))


def test_study_without_information_changes_nothing_in_a_group_of_one():
    alone = make_comparison(*TABLES[:4], covariates={"by": ["x", "x", "x", "y"]})
    beside = make_comparison(*TABLES[:4], (0, 50, 0, 50), covariates={"by": ["x", "x", "x", "y", "y"]})
    one, other = subgroups(alone, "by"), subgroups(beside, "by")
    assert (one.q, one.q_df) == (other.q, other.q_df)
    assert other.groups[1].message == "one study: its own effect (1 other study not estimable)"
    assert codes(other) == ["small-subgroups"]
    assert subgroups(beside, "by", method=COMMON).notes == ()


def test_group_without_an_effect_says_why_and_the_others_are_tested_without_it():
    comparison = make_comparison(*TABLES[:4], (0, 50, 0, 50), covariates={"by": ["x", "x", "z", "z", "y"]})
    result = subgroups(comparison, "by")
    group = result.groups[2]
    assert (group.pooled, group.estimate, group.std_error) == (None, None, None)
    assert group.message == "nothing to pool: no study has an estimable risk ratio"
    assert [study.reason for study in group.studies] == [
        "no events in either arm: it holds no information on the ratio"
    ]
    assert result.q_df == 1
    assert codes(result) == ["subgroup-not-estimable", "small-subgroups"]
    assert result.notes[0].message == "by = y: nothing to pool: no study has an estimable risk ratio."


def test_zero_cell_rule_that_a_group_cannot_follow_leaves_that_group_without_an_effect():
    """The empirical correction takes an odds ratio from studies without a zero cell: one group has none."""
    comparison = make_comparison(*TABLES[:2], (0, 50, 3, 50), (2, 60, 0, 60), covariates={"by": ["x", "x", "y", "y"]})
    result = subgroups(comparison, "by", method=InverseVariance(zero_cells=ZeroCells(rule="empirical")))
    group = result.groups[1]
    assert (group.pooled, group.estimate) == (None, None)
    assert "needs at least one trial without a zero cell" in group.message
    assert all(study.estimate is None and study.reason == group.message for study in group.studies)
    assert result.groups[0].pooled is not None
    assert codes(result) == ["subgroup-not-estimable", "no-interaction-test"]


def test_one_level_has_nothing_to_be_compared_with():
    result = subgroups(make_comparison(*TABLES[:3], covariates={"by": ["x"] * 3}), "by")
    assert (result.q, result.q_df, result.q_p_value) == (None, None, None)
    assert codes(result) == ["no-interaction-test"]
    assert result.groups[0].pooled is not None


def test_studies_without_a_value_are_shown_but_not_tested():
    values = ["x", "x", "y", "y", None, None]
    comparison = make_comparison(*TABLES, covariates={"by": values})
    with pytest.warns(
        TrialpoolWarning, match="Studies without a value of 'by' are not part of the test of interaction"
    ):
        result = pool_subgroups(comparison, "by", method=COMMON)
    assert levels(result) == {"x": "AB", "y": "CD", "not reported": "EF"}
    assert result.notes[0].studies == ("E", "F")
    assert result.groups[2].pooled is not None
    complete = subgroups(make_comparison(*TABLES[:4], covariates={"by": values[:4]}), "by", method=COMMON)
    assert (result.q, result.q_df) == (complete.q, complete.q_df)


def test_text_not_reported_is_joined_by_the_studies_without_a_value():
    comparison = make_comparison(*TABLES, covariates={"by": ["x", "x", "not reported", None, "y", "y"]})
    result = subgroups(comparison, "by")
    assert levels(result)["not reported"] == "CD"
    assert result.q_df == 1


# --- refused ---------------------------------------------------------------------------------------------------------


def test_unknown_covariate_names_the_nearest_and_all():
    with pytest.raises(OptionError) as caught:
        subgroups(by="doses")
    assert str(caught.value) == "no covariate 'doses' (did you mean 'dose'?); the table has 'dose'"
    with pytest.raises(OptionError, match="no covariate 'dose'; the table has none"):
        subgroups(make_comparison(*TABLES[:3]))


def test_case_of_a_covariate_does_not_count():
    assert subgroups(by=" Dose ").by == "dose"
    twins = make_comparison(*TABLES[:2], covariates={"dose": ["a", "b"], "Dose": ["c", "d"]})
    assert levels(subgroups(twins, "Dose")) == {"c": "A", "d": "B"}
    with pytest.raises(OptionError, match="no covariate 'DOSE'"):
        subgroups(twins, "DOSE")


def doses(multi_arm: str) -> Comparison:
    trials = [
        make_trial(
            f"T{i}",
            make_arm("drug", 10 + i, 100, label="low", dose="low"),
            make_arm("drug", 20 + 2 * i, 100, label="high", dose="high"),
            make_arm("placebo", 15, 100),
        )
        for i in range(3)
    ]
    return compare(trials, outcome="rash", treatment="drug", control="placebo", multi_arm=multi_arm)


def test_arms_combined_that_differ_on_the_covariate_are_refused_by_name():
    with pytest.raises(OptionError) as caught:
        subgroups(doses("combine"))
    assert str(caught.value) == (
        "subgroups by 'dose': the arms combined in 'T0', 'T1', 'T2' differ on it; use multi_arm='split', or another covariate"
    )


def test_control_shared_by_two_subgroups_is_refused_and_split_is_the_way_out():
    with pytest.raises(
        OptionError, match="'T0' has arms in two subgroups that share one control arm.*use multi_arm='split'"
    ):
        subgroups(doses("shared"))
    result = subgroups(doses("split"))
    assert levels(result) == {"low": "T0: lowT1: lowT2: low", "high": "T0: highT1: highT2: high"}
    assert result.q is not None


def test_shared_control_within_one_subgroup_is_fine():
    comparison = doses("shared")
    by_trial = replace(
        comparison,
        contrasts=tuple(
            replace(c, covariates={"region": "west" if c.trial == "T0" else "east"}) for c in comparison.contrasts
        ),
    )
    result = subgroups(by_trial, "region")
    east = result.groups[1].pooled
    assert east is not None
    assert east.comparison.has_shared_controls
    assert result.groups[0].message == "nothing to pool: only one study has an estimable risk ratio"


@pytest.mark.parametrize("method", [MantelHaenszel(), Peto()])
def test_methods_without_a_covariance_refuse_a_shared_control_here_too(method):
    with pytest.raises(OptionError, match="has no shared-control covariance; use multi_arm='combine' or 'split'"):
        subgroups(
            replace(
                doses("shared"), contrasts=tuple(replace(c, covariates={"x": 1.0}) for c in doses("shared").contrasts)
            ),
            "x",
            method=method,
        )


# --- what comes out --------------------------------------------------------------------------------------------------


def test_doors_agree():
    assert pool_subgroups(COMPARISON, "dose", measure="odds ratio", conf_level=0.9) == subgroups(
        measure="odds ratio", conf_level=0.9
    )


def test_tidy_and_glance():
    result = subgroups()
    assert [row["term"] for row in result.tidy()] == ["dose = low", "dose = high"]
    assert [row["estimate"] for row in result.tidy()] == [group.estimate for group in result.groups]
    assert result.glance() == {"by": "dose", "groups": 2, "q": result.q, "q_df": 1, "q_p_value": result.q_p_value}


def test_json_is_strict_and_complete():
    comparison = make_comparison(*TABLES[:4], (0, 50, 0, 50), covariates={"by": ["x", "x", "z", None, "y"]})
    data = subgroups(comparison, "by").to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert [group["level"] for group in data["groups"]] == ["x", "z", "y", "not reported"]
    assert [group["studies"] for group in data["groups"]] == [["A", "B"], ["C"], ["E"], ["D"]]
    assert set(data["interaction"]) == {"q", "q_df", "q_p_value"}
    assert data["groups"][2]["pooled"] is None
