"""The range of odds ratios within bounds is that of every table within them."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialpool.effects import odds_ratio_range, range_words
from trialpool.trials import Bounded, Piece


@st.composite
def pieces(draw):
    n = draw(st.integers(1, 7))
    low = draw(st.integers(0, n))
    return Piece(low, draw(st.integers(low, n)), n)


def every_odds_ratio(treatment, control):
    """The odds ratio of each table within the bounds that has one."""
    for a in range(treatment.low, treatment.high + 1):
        for c in range(control.low, control.high + 1):
            above, below = a * (control.n - c), (treatment.n - a) * c
            if above or below:
                yield Fraction(above, below) if below else math.inf


@given(pieces(), pieces())
def test_the_ends_are_the_least_and_the_most_of_all_tables(treatment, control):
    found = odds_ratio_range(Bounded((treatment,), (control,)))
    every = list(every_odds_ratio(treatment, control))
    assert found == (pytest.approx((float(min(every)), float(max(every)))) if every else None)


def test_arms_of_a_side_are_added():
    treatment, control = (Piece(1, 2, 10), Piece(3, 3, 20)), (Piece(2, 4, 30),)
    assert odds_ratio_range(Bounded(treatment, control)) == pytest.approx((4 * 26 / (26 * 4), 5 * 28 / (25 * 2)))


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.784, 7.436), "between 0.78 and 7.44"),
        ((1.25, math.inf), "1.25 or more"),
        ((0.0, 3.4), "3.40 or less"),
        ((0.0, math.inf), "not bounded"),
        ((math.inf, math.inf), "infinite where it is defined"),
        ((0.0, 0.0), "zero where it is defined"),
    ],
)
def test_a_range_in_words(ends, words):
    assert range_words(*ends) == words
