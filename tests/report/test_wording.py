"""Sentences: each says what the numbers force, and no more."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.builders import analysis_of

from trialpool.analysis import OutcomeSpec
from trialpool.display import covariate_words
from trialpool.pool import (
    AbsoluteEffect,
    IntervalCensored,
    InverseVariance,
    MantelHaenszel,
    Peto,
    Request,
    StudyResult,
    pool_request,
)
from trialpool.report.wording import (
    change_in_words,
    difference_per_1000,
    effect_text,
    effect_words,
    joined,
    per_1000,
    sentence,
    statement,
    study_effect_text,
)
from trialpool.trials import Bounded, Comparison, Contrast, Piece

FEWER = OutcomeSpec("rash", "Rash", "fewer", (), "")
MORE = OutcomeSpec("cure", "Cure", "more", (), "")
LOWER = ((4, 100, 20, 100), (6, 120, 25, 118), (5, 90, 19, 95))
HIGHER = tuple((c, n2, a, n1) for a, n1, c, n2 in LOWER)
MIXED = ((10, 100, 11, 100), (12, 120, 10, 118), (9, 90, 10, 95))


def pooled_of(tables, measure="risk ratio", method=None):
    contrasts = tuple(Contrast(str(i), str(i), "drug", "placebo", *table) for i, table in enumerate(tables))
    comparison = Comparison("rash", ("drug",), ("placebo",), "combine", contrasts)
    method = method or InverseVariance(model="common")
    return pool_request(comparison, Request(measure=measure, method=method))


def words_of(pooled, outcome=FEWER):
    from trialpool.report.wording import _meaning_sentence

    return _meaning_sentence(pooled, outcome)


@pytest.mark.parametrize(
    ("words", "expected"), [(["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_joined(words, expected):
    assert joined(words) == expected


def test_joined_takes_another_last_word():
    assert joined(["A", "B"], "or") == "A or B"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("nothing to pool", "Nothing to pool."), ("Done.", "Done."), ("why?", "Why?"), ("", ""), ("  a ", "A.")],
)
def test_sentence_has_a_capital_and_a_stop(text, expected):
    assert sentence(text) == expected


@pytest.mark.parametrize(("name", "expected"), [("background_tcs", "background tcs"), ("weeks", "weeks"), ("_", "_")])
def test_covariate_words(name, expected):
    assert covariate_words(name) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.83, "17% lower"),
        (1.16, "16% higher"),
        (1.0, "the same"),
        (0.9999, "<0.1% lower"),
        (0.0001, "more than 99.9% lower"),
        (1.004, "0.4% higher"),
        (0.004, "99.6% lower"),
        (1.994, "99.4% higher"),
        (2.0, "2.0 times as high"),
        (12.34, "12.3 times as high"),
    ],
)
def test_change_of_a_ratio(value, expected):
    assert change_in_words(value, "risk ratio") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-0.017, "17 per 1000 lower"),
        (0.0032, "3.2 per 1000 higher"),
        (0.0, "the same"),
        (0.00012, "0.12 per 1000 higher"),
    ],
)
def test_change_of_a_risk_difference(value, expected):
    assert change_in_words(value, "risk difference") == expected


@given(st.floats(1e-6, 1e6))
def test_change_never_calls_a_rise_a_fall(value):
    words = change_in_words(value, "odds ratio")
    assert ("lower" in words) <= (value < 1)
    assert ("higher" in words or "times" in words) <= (value > 1)


@pytest.mark.parametrize(
    ("value", "baseline", "expected"), [(83.4, 120.0, "83"), (3.6, 50.0, "4"), (2.53, 8.1, "2.5"), (0.214, 0.4, "0.21")]
)
def test_people_have_decimals_only_where_the_baseline_is_low(value, baseline, expected):
    assert per_1000(value, baseline) == expected


def test_difference_says_fewer_more_or_none():
    effect = AbsoluteEffect(0.05, 50.0, 50.0, 0.0, -12.4, 8.2, False)
    assert difference_per_1000(effect) == ("0", "(12 fewer to 8 more)")


def test_effect_has_as_many_decimals_as_its_measure_needs():
    ratio, difference = pooled_of(LOWER), pooled_of(LOWER, "risk difference")
    assert effect_text(ratio).count(".") == 3
    assert effect_text(difference).startswith("\N{MINUS SIGN}0.1")
    assert len(effect_text(difference).split()[0]) == len("-0.155")


def test_effect_in_a_sentence_names_its_level():
    pooled = pooled_of(LOWER)
    assert effect_words(pooled).replace("95% CI ", "") == effect_text(pooled)


def test_study_without_effect_says_whether_it_counts_all_the_same():
    pooled = pooled_of([(0, 50, 5, 50), *LOWER], method=MantelHaenszel())
    none = pooled_of([(0, 50, 0, 50), *LOWER])
    assert study_effect_text(pooled.studies[0], pooled.request) == "not estimable alone"
    assert study_effect_text(none.studies[0], none.request) == "not estimable"
    assert study_effect_text(none.studies[1], none.request) == "0.20 (0.07 to 0.56)"


def test_study_within_bounds_says_which_odds_ratios_they_allow():
    bounds = Bounded((Piece(5, 8, 100),), (Piece(2, 4, 100),))
    contrast = Contrast("G", "G", "drug", "placebo", None, 100, None, 100, bounds=bounds)
    study = StudyResult(contrast, None, None, None, None, True, None, "known within bounds alone", (0.0, 0.0))
    request = Request(measure="odds ratio", method=IntervalCensored())
    expected = f"between {5 * 96 / (95 * 4):.2f} and {8 * 98 / (92 * 2):.2f}"
    assert study_effect_text(study, request) == expected
    assert study_effect_text(study, Request(measure="risk ratio", method=MantelHaenszel())) == "not estimable alone"


def test_interval_below_no_difference_favours_the_treatment_where_fewer_are_better():
    text = words_of(pooled_of(LOWER))
    assert text.startswith("The whole interval lies below no difference: the risk is 76% lower with drug")
    assert text.endswith("in favour of drug.")
    assert "(from 59% lower to 86% lower)" in text


@pytest.mark.parametrize(
    ("tables", "outcome", "favoured"),
    [(LOWER, FEWER, "drug"), (LOWER, MORE, "placebo"), (HIGHER, FEWER, "placebo"), (HIGHER, MORE, "drug")],
)
def test_who_is_favoured(tables, outcome, favoured):
    assert words_of(pooled_of(tables), outcome).endswith(f"in favour of {favoured}.")


def test_interval_around_no_difference_is_not_called_no_effect():
    text = words_of(pooled_of(MIXED))
    assert text.startswith("The interval includes no difference: it is compatible with a risk from")
    assert "favour" not in text
    assert "no effect" not in text


@pytest.mark.parametrize(
    ("measure", "method", "words"),
    [
        ("odds ratio", None, "the odds are"),
        ("Peto odds ratio", Peto(), "the odds are"),
        ("risk ratio", None, "the risk is"),
    ],
)
def test_quantity_suits_the_measure(measure, method, words):
    assert words in words_of(pooled_of(LOWER, measure, method))


def test_good_outcome_is_not_called_a_risk():
    assert "the probability is" in words_of(pooled_of(LOWER), MORE)


def test_statement_counts_the_trials_and_people_that_contribute(little):
    first = next(iter(statement(little.result("rash"))))
    assert first == "In 3 trials, 23 of 281 participants given drug and 37 of 232 given placebo had the outcome."


def test_shared_control_counts_once(little):
    assert next(iter(statement(little.result("rash-shared")))) == next(iter(statement(little.result("rash"))))


def test_statement_without_an_answer_gives_the_reason(little):
    (only,) = statement(little.result("fever"))
    assert only.startswith("There is no pooled result. Nothing to pool: only one study has")


def test_prediction_interval_that_includes_no_difference_is_pointed_out(dupilumab):
    result = dupilumab.result("skin-infections")
    low, high = (f"{math.exp(limit):.2f}" for limit in (result.pooled.prediction.low, result.pooled.prediction.high))
    *_, prediction = statement(result)
    assert f"between {low} and {high} (95% prediction interval), which includes no difference" in prediction


def test_common_effect_has_no_prediction_sentence(little):
    assert list(statement(little.result("rash-haenszel")))[-1] == ""


def test_every_number_of_the_statement_is_that_of_the_result(dupilumab):
    result = dupilumab.result("herpesvirus-as-published")
    text = " ".join(statement(result))
    estimate, low, high = (f"{value:.2f}" for value in result.pooled.displayed)
    assert f"risk ratio is {estimate} (95% CI {low} to {high})" in text
    assert math.isclose(float(estimate), 1.16)


def test_level_is_the_one_asked_for(tmp_path):
    from report.builders import REVIEW

    review = REVIEW.replace('comment = "The main question"', "conf_level = 0.9")
    text = " ".join(statement(analysis_of(tmp_path, review=review).result("rash")))
    assert "(90% CI" in text
    assert "90% prediction interval" in text
    assert "95%" not in text
