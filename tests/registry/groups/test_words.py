"""Spellings of the same thing are one, spellings of different things are not."""

from __future__ import annotations

import pytest

from trialpool.registry.groups.words import dose_text, doses, plain, title_key, tokens, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Drug X 0.5 mg", "drug-x 0.5MG"),
        ("10 μg", "10 mcg"),
        ("10 µg Drug", "0.01 mg Drug"),
        ("1 milligram (mg) Drug", "1 mg Drug"),
        ("Placebos", "placebo"),
        ("Placebo Arm", "Placebo group"),
        ("Drug X®", "Drug X"),
        ("Arm II", "arm 2"),
        ("Randomised, open label", "randomized open-label"),
        ("Tumour", "tumor"),
        ("60-day regimen", "60 days regimen"),
        ("Drug 1,000 mg", "Drug 1000 mg"),
        ("Drug 0,5 mg", "Drug 0.5 mg"),
        (r"\[14C\]-drug", "[14C] drug"),
    ],
)
def test_the_same_thing_in_two_spellings(one, other):
    assert title_key(one) == title_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Drug X 5 mg", "Drug X 50 mg"),
        ("Drug X 1.5 mg", "Drug X 15 mg"),
        ("36 mg-1 Drug", "36 mg-2 Drug"),
        ("Drug X 5 mg", "Drug X 5 mg/kg"),
        ("Drug X 10 mg", "Drug X 10 mcg"),
        ("Arm 1", "Arm 2"),
    ],
)
def test_different_things_stay_different(one, other):
    assert title_key(one) != title_key(other)


def test_the_words_arm_and_group_alone_are_still_words():
    assert title_key("Group") == "group"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.5-5 mg OD", {"2.5mg", "5mg"}),
        ("97/103 mg twice", {"97mg", "103mg"}),
        ("100 mcg/62.5 mcg", {"0.1mg", "0.0625mg"}),
        ("3 microgram per kilogram per minute (μg/kg/min)", {"0.003mg/kg/min"}),
        ("2 g or 4 g", {"2000mg", "4000mg"}),
        ("Cohort 1- 0.17 mg/kg/hr", {"0.17mg/kg/h"}),
        ("week 12, 3 times", set()),
        ("BAY94-8862", set()),
    ],
)
def test_doses(text, expected):
    assert expected <= doses(text) if "per kilogram" in text else doses(text) == expected


def test_the_dose_is_told_in_the_records_words():
    assert dose_text("Drug X 2.5-5 mg + Y 10 mg") == "2.5-5 mg + 10 mg"
    assert dose_text("Placebo") == ""


def test_tokens_keep_what_separates_treatments():
    assert tokens("A + B/C, D") == ("a", "+", "b", "/", "c", ",", "d")


def test_words_that_any_group_has_do_not_count():
    assert words("Participants received the study drug in this arm") == ()


def test_very_long_titles_are_read():
    assert len(plain("Drug X " * 5000)) > 30_000
    assert len(words("Zeta " * 5000)) == 5000
