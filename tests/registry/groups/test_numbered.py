"""Numbers of cohorts and parts in titles, and which arms have them."""

from __future__ import annotations

import pytest

from trialpool.registry.groups.numbered import number_fits, numbers_of


@pytest.mark.parametrize(
    ("title", "numbers"),
    [
        ("Cohort 1b + Cohort 4 (8 weeks)", {"cohort": {"1b", "4"}}),
        ("Cohorts 6, 7, 8 and 12", {"cohort": {"6", "7", "8", "12"}}),
        ("Cohorts 12 to 15: Drug X", {"cohort": {"12", "13", "14", "15"}}),
        ("Cohort A, Part 1: Active", {"cohort": {"a"}, "part": {"1"}}),
        ("Arm II (Drug X)", {"arm": {"2"}}),
        ("Phase 1 and 2", {"phase": {"1", "2"}}),
        ("Part A 2.5 mg", {"part": {"a"}}),
        ("Group 5 mg", {}),
        ("Group 12.5", {}),
        ("Arm 10%", {}),
        ("Active arm and placebo", {}),
    ],
)
def test_numbers_of_a_title(title, numbers):
    assert numbers_of(title) == numbers


def fits(groups, arms):
    return number_fits([numbers_of(title) for title in groups], [numbers_of(label) for label in arms])


def test_a_letter_behind_a_number_is_a_part_of_it_unless_an_arm_is_called_so():
    assert fits(["Cohort 5a", "Cohort 1b"], ["Cohort 5", "Cohort 1", "Cohort 1b"]) == [[1, 0, 0], [0, 0, 1]]
    assert fits(["Cohort B0"], ["Part A", "Part B"]) == [[0, 1]]


def test_a_group_of_several_arms_has_a_share_of_each():
    assert fits(["Cohort 1 + Cohort 4"], ["Cohort 1", "Cohort 4", "Cohort 5"]) == [[0.5, 0.5, 0]]


def test_letters_for_numbers_in_the_same_order():
    assert fits(["Arm A", "Arm B"], ["Arm I", "Arm II"]) == [[1, 0], [0, 1]]
    assert fits(["Arm A", "Arm C"], ["Arm I", "Arm II"]) == [[0, 0], [0, 0]]


def test_other_nouns_tell_nothing_where_texts_number_several():
    assert fits(["Cohort 1"], ["Part 1: Group 2", "Part 2: Group 1"]) == [[None, None]]
    assert fits(["Placebo"], ["Arm 1", "Arm 2"]) == [[None, None]]


def test_every_noun_must_agree():
    assert fits(["Part 2: Cohort A"], ["Cohort A, Part 1", "Cohort A, Part 2"]) == [[0, 1]]


def test_a_long_list_and_a_huge_range_cost_nothing():
    assert numbers_of("Cohort " + ", ".join(str(n % 90) for n in range(3000)))
    assert numbers_of("Cohorts 1 to 99") == {"cohort": {"1", "99"}}
