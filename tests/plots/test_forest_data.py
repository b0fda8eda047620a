"""Forest data from results: groups match the whole, and what does not is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plots.builders import (
    make_comparison,
    make_contrast,
    make_pooled,
    make_request,
    make_study,
    weighted,
    without_pooled,
)
from plots.test_forest_layout import assert_well_laid_out, texts

from trialpool.errors import OptionError
from trialpool.plots import ForestData, forest_layout
from trialpool.plots.forest_data import counted_totals
from trialpool.pool import Subgroup, SubgroupResult

STUDIES = weighted([make_study(make_contrast(f"Study {i}", (3 + i, 99, 5, 95))) for i in range(5)])
POOLED = make_pooled(STUDIES)


def subgroup(level, studies, message=""):
    pooled = make_pooled(studies) if len(studies) > 1 else None
    estimate = pooled.estimate if pooled else studies[0].estimate
    return Subgroup(level, tuple(studies), pooled, estimate, 0.1, message)


def result(*groups, q=2.0, request=None):
    df, p_value = (1, 0.16) if q is not None else (None, None)
    return SubgroupResult(request or POOLED.request, "dose", groups, q, df, p_value, ())


TWO = result(subgroup("low", STUDIES[:3]), subgroup("high", STUDIES[3:]))


def test_a_pooled_result_is_data_without_groups():
    data = ForestData.from_pooled(POOLED)
    assert data.studies == POOLED.studies
    assert data.groups == ()
    assert data.interaction is None
    assert data.scale.abbreviation == "RR"


def test_subgroups_become_groups_with_their_test():
    data = ForestData.from_pooled(POOLED, TWO)
    assert [group.label for group in data.groups] == ["dose: low", "dose: high"]
    assert (data.interaction.q, data.interaction.q_df, data.interaction.q_p_value) == (2.0, 1, 0.16)
    layout = forest_layout(POOLED, subgroups=TWO)
    assert_well_laid_out(layout)
    assert layout == forest_layout(data)
    assert "Test for subgroup differences: Q = 2.00, df = 1 (p = 0.16)" in texts(layout)


def test_a_group_of_one_study_and_a_test_that_cannot_be_made_say_so():
    one = result(subgroup("low", STUDIES[:4]), subgroup("high", STUDIES[4:], "one study: its own effect"), q=None)
    found = texts(forest_layout(POOLED, subgroups=one))
    assert "one study: its own effect" in found
    assert any(text.startswith("Test for subgroup differences: not estimable") for text in found)


def test_groups_without_a_whole_count_their_own_studies():
    bare = [replace(study, contributes=False, weight=None) for study in STUDIES]
    data = without_pooled(bare, "no answer for the whole").with_subgroups(TWO)
    layout = forest_layout(data)
    assert_well_laid_out(layout)
    subtotals = layout.of_kind("subtotal")
    assert [row.cells["treatment"][0].text for row in subtotals] == ["12 / 297", "13 / 198"]
    assert [row.cells["weight"][0].text for row in subtotals] == ["–", "–"]
    assert "Not pooled: no answer for the whole" in texts(layout)


def test_subgroups_of_another_request_are_refused():
    other = result(*TWO.groups, request=make_request(conf_level=0.9))
    with pytest.raises(OptionError, match=r"pooled by another request .*90 % intervals.* than the whole .*95 %"):
        forest_layout(POOLED, subgroups=other)


def test_subgroups_of_other_studies_are_refused():
    with pytest.raises(OptionError, match="do not hold the same studies"):
        forest_layout(POOLED, subgroups=result(subgroup("low", STUDIES[:3])))


def test_totals_are_those_of_contributing_studies():
    assert counted_totals([], shared=False) == (0, 0, 0, 0)
    assert counted_totals(STUDIES, shared=False) == (25, 495, 25, 475)
    out = [replace(STUDIES[0], contributes=False), *STUDIES[1:]]
    assert counted_totals(out, shared=False) == (22, 396, 20, 380)


def test_a_shared_control_is_told_by_trial_and_arm():
    arms = [
        make_study(make_contrast("A 1", (1, 10, 2, 20), trial="A", arm="1"), weight=0.5),
        make_study(make_contrast("A 2", (2, 11, 2, 20), trial="A", arm="2"), weight=0.3),
        make_study(make_contrast("A 3", (2, 12, 3, 30), trial="A", arm="3", control_arm="usual care"), weight=0.1),
        make_study(make_contrast("B 1", (4, 13, 2, 20), trial="B", arm="1"), weight=0.1),
    ]
    assert counted_totals(arms, shared=True) == (9, 46, 7, 70)
    assert counted_totals(arms, shared=False) == (9, 46, 9, 90)
    comparison = make_comparison((s.contrast for s in arms), multi_arm="shared")
    assert comparison.has_shared_controls
