"""Subgroups as a reader sees them, in a terminal and in a notebook."""

from __future__ import annotations

import html
from typing import Any

from harmonise.builders import make_comparison

from trialpool.pool import SubgroupResult, make_request, subgroup_request
from trialpool.trials import Comparison

TABLES = [(4, 100, 11, 90), (30, 200, 12, 100), (7, 150, 15, 160), (20, 90, 40, 85)]


def subgroups(comparison: Comparison, by: str, **options: Any) -> SubgroupResult:
    return subgroup_request(comparison, by, make_request(**options))


def test_text_has_a_row_a_group_the_test_and_the_notes():
    comparison = make_comparison(*TABLES[:4], (0, 50, 0, 50), covariates={"by": ["x", "x", "z", None, "y"]})
    result = subgroups(comparison, "by", measure="odds ratio", conf_level=0.9)
    lines = str(result).splitlines()
    assert lines[0].split() == ["By", "by", "Studies", "OR", "(90", "%", "CI)", "tau2", "I2"]
    assert [line.split()[0] for line in lines[2:6]] == ["x", "z", "y", "not"]
    assert lines[4].split() == ["y", "1", "not", "estimable"]
    assert lines[7].startswith(f"Test of interaction: Q = {result.q:.2f}, df = 1, p ")
    assert lines[8:] == [
        "Note: by = y: nothing to pool: no study has an estimable odds ratio.",
        "Warning: Studies without a value of 'by' are not part of the test of interaction.",
        f"Warning: {result.notes[-1].message}",
    ]
    assert result.notes[-1].code == "small-subgroups"
    shown = result._repr_html_()
    assert "Subgroups by by" in shown
    assert all(html.escape(line) in shown for line in lines[7:])


def test_one_study_is_shown_with_its_own_effect_wherever_it_stands_in_its_group():
    comparison = make_comparison(*TABLES[:2], (0, 50, 0, 50), (4, 100, 11, 90), covariates={"by": ["x", "x", "y", "y"]})
    row = next(line for line in str(subgroups(comparison, "by")).splitlines() if line.startswith("y"))
    assert row.split(maxsplit=2)[1:] == ["2", "0.33 (0.11 to 0.99)"]  # as in a table of studies


def test_without_a_test_there_is_none_to_read():
    result = subgroups(make_comparison(*TABLES[:3], covariates={"by": ["x"] * 3}), "by")
    assert "Test of interaction" not in str(result)
    assert str(result).endswith("Note: No test of interaction: it needs two subgroups with an effect.")
