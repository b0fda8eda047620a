"""Patterns are found in both spellings, and what is invalid or slow is refused."""

from __future__ import annotations

import time

import pytest

from trialpool.registry.events.patterns import TermPattern, pattern_problem


@pytest.mark.parametrize(
    ("pattern", "term", "fits"),
    [
        ("diarrhoea", "Chronic DIARRHEA", True),
        ("diarrhea", "Diarrhoea", True),
        ("^nausea$", "Nausea", True),
        ("^nausea$", "Procedural nausea", False),
        (r"\boedema\b", "Oedema peripheral", True),
        ("genital.*infection", "Genital tract infection fungal", True),
        ("hypo(gly|kal)", "Hypokalaemia", True),
        (r"[^\W\d]+aemia", "Hyperkalaemia", True),
        ("needle", "x" * 200 + "needle", False),
    ],
)
def test_pattern_is_looked_for_in_both_spellings(pattern, term, fits):
    assert not pattern_problem(pattern)
    assert TermPattern(pattern).fits(term) is fits


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "unterminated subpattern at character 1"),
        ("nausea[", "unterminated character set at character 7"),
        ("*", "nothing to repeat at character 1"),
        (".*", "matches every term"),
        ("nausea|", "matches every term"),
        ("(a+)+$", "repeats a group (character 5)"),
        ("(a|aa)*b", "repeats a group"),
        ("(?:ab){2,}", "repeats a group"),
        ("a*a*a*b", "3 repeats"),
        ("a?a?a?a?a?aaaaa", "5 optional parts"),
        (r"(a)\1", "names a group"),
        ("(?P<x>a)(?P=x)", "names a group"),
        ("a" * 301, "301 characters"),
        ("(?i", "not a regular expression"),
    ],
)
def test_invalid_and_slow_patterns_are_refused(pattern, says):
    assert says in pattern_problem(pattern)


@pytest.mark.parametrize("pattern", ["a.*a.*b", r"\w+\s+b", "[a-z]*x*y", "(a|aa)?(a|aa)?a*a*b", "a{1,99}a{1,99}b"])
def test_no_pattern_that_is_allowed_is_slow_on_a_hostile_term(pattern):
    assert not pattern_problem(pattern)
    started = time.perf_counter()
    TermPattern(pattern).fits("a" * 10_000)
    assert time.perf_counter() - started < 2
