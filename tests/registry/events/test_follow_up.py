"""Time frames of real records in weeks, read by a person."""

from __future__ import annotations

import pytest

from trialpool.registry.events import follow_up

WEEKS = [
    ("Up to Week 72", 72),
    ("52 weeks", 52),
    ("From baseline to 24 months", 104.36),
    ("Day 1 to Day 28", 4),
    ("Up to 2.5 years", 130.45),
    ("approximately 26 weeks plus 4 weeks", 30),
    ("median 3.1 years", 161.75),
    ("Weeks 0-52", 52),
    ("up to 24, 36, and 52 weeks", 52),
    ("Week 0 to 24 months", 104.36),
    ("1,826 days", 260.86),
    ("6-month", 26.09),
    ("five years", 260.89),
    ("one year (52 weeks)", 52.18),
    ("Up to 97 weeks plus 30 days", 101.29),
    ("through study completion, an average of 2 years", 104.36),
    ("From the first dose through 30 days after the last dose of study medication (Up to 15 months)", 65.22),
    ("Adverse events were assessed every 4 weeks from the first dose up to the last day at 12 weeks.", 12),
    ("Overall study - Up to approximately 6 years 3 Sub-studies - Up to 18 weeks", 313.07),
    ("From baseline (week -2) until the end of the posttreatment follow-up period (week 109).", 109),
    ("Serious adverse events are collected until month 12. Mortality until month 18.", 78.27),
    ("Up to approximately 93 days after the start of study drug", 13.29),
    ("within 24h", 0.14),
]
NO_WEEKS = [
    "",
    "until death",
    "Overall length of study",
    "Adverse events were collected for the duration of the study.",
    "Through 30 days post final infusion of study drug.",
    "Up to 28 days post-therapy",
    "30 days after the last dose",
    "Every 3 months",
    "Assessed every cycle (1 cycle=4 weeks) and for 30 days after the end of treatment",
    "\u221e weeks",
]


@pytest.mark.parametrize(("text", "weeks"), WEEKS)
def test_time_frames_become_weeks(text, weeks):
    found = follow_up(text)
    assert found.weeks == pytest.approx(weeks, abs=0.006)
    assert found.text == text


@pytest.mark.parametrize("text", NO_WEEKS)
def test_what_says_no_duration_is_not_guessed(text):
    found = follow_up(text)
    assert (found.weeks, found.text) == (None, text)
    assert found.rule


def test_choice_among_several_is_told():
    assert follow_up("Day 1 to Day 28").rule == "the longest of day 1, day 28"
    assert follow_up("26 weeks plus 4 weeks").rule == "26 weeks plus 4 weeks"
    assert follow_up("52 weeks").rule == ""


def test_hostile_text_takes_no_time():
    for text in ("1 to " * 5000, "1, " * 9000, "1 day of a " * 3000, "9" * 10_000 + " weeks"):
        follow_up(text)
