"""What a measure needs: contrasts without it leave with a reason, and conversions become decisions once they are used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from effects.builders import comparison_of, make_given, make_means, make_rates
from harmonise.builders import make_comparison

from trialpool.effects import comparison_for, compute_effects
from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool import pool
from trialpool.trials import Decision, Exclusion, GivenEffect

CONVERSION = Decision("conversion", "A", "standard deviation from the standard error of the mean", "SE 1", "SD 3")
COUNTS = make_comparison((4, 123, 11, 139), (6, 306, 29, 303), (9, 306, 12, 303))
MEANS = make_means((5, 1, 10, 4, 1, 11), (6, 2, 12, 4, 1, 13), (7, 2, 12, 4, 1, 13))


def mixed():
    """One trial with means alone among trials with counts; its means were converted."""
    stranger = replace(MEANS.contrasts[0], label="M", trial="M", conversions={"means": (CONVERSION,)})
    return replace(COUNTS, contrasts=(*COUNTS.contrasts, stranger))


def test_contrasts_without_the_numbers_are_excluded_with_the_reason():
    found = comparison_for(mixed(), "odds ratio")
    assert found.labels == ("A", "B", "C")
    assert found.excluded == (Exclusion("M", "reports no counts of events and participants in both arms"),)
    assert found.decisions == ()
    assert pool(mixed()).comparison.excluded == found.excluded


def test_conversions_join_the_decisions_of_the_measure_that_uses_them_alone():
    found = comparison_for(mixed(), "mean difference")
    assert found.labels == ("M",)
    assert found.decisions == (CONVERSION,)
    assert [e.trial for e in found.excluded] == ["A", "B", "C"]


def test_a_comparison_brought_to_its_measure_stays_as_it_is():
    once = comparison_for(mixed(), "mean difference")
    assert comparison_for(once, "mean difference") is once
    assert comparison_for(COUNTS, "risk ratio") is COUNTS


@pytest.mark.parametrize(
    ("comparison", "measure", "columns", "suits"),
    [
        (MEANS, "risk ratio", "'events' and 'n'", "suits measure 'mean difference'"),
        (
            COUNTS,
            "rate ratio",
            "'events' and 'person_years' (or 'n' and 'follow_up_years')",
            "suits measure 'risk ratio'",
        ),
        (make_rates((1, 2, 3, 4)), "mean difference", "'mean', 'sd' and 'n'", "suits measure 'rate ratio'"),
        (
            make_given(GivenEffect(0.1, 0.2, True)),
            "odds ratio",
            "'events' and 'n'",
            "suits measure 'hazard ratio', 'generic ratio' or 'generic difference'",
        ),
        (COUNTS, "hazard ratio", "'estimate' with 'std_error'", "suits measure 'risk ratio'"),
    ],
)
def test_a_measure_that_no_contrast_can_have_is_refused(comparison, measure, columns, suits):
    with pytest.raises(NotEstimableError) as caught:
        compute_effects(comparison, measure)
    message = str(caught.value)
    assert f"the {measure} needs the columns {columns}" in message
    assert "'A'" in message
    assert suits in message


def test_many_trials_are_not_all_named():
    many = make_means(*[(5, 1, 10, 4, 1, 11)] * 12)
    with pytest.raises(NotEstimableError, match="'J' and 2 more lack;"):
        compute_effects(many, "risk ratio")


def test_tables_and_rates_are_refused_where_there_are_none():
    with pytest.raises(OptionError, match="'A', 'B', 'C' have no counts of events in both arms"):
        MEANS.tables()
    with pytest.raises(OptionError, match="'A' has no person-years in both arms"):
        comparison_of(COUNTS.contrasts[:1]).rates()
    assert make_rates((1, 2, 3, 4)).rates().tolist() == [[1], [2], [3], [4]]
