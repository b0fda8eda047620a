"""Parts of a trial and orders of treatments, as titles name them."""

from __future__ import annotations

import pytest
from registry.groups.planned import arm, group, record

from trialpool.registry.groups.dose_order import dose_order
from trialpool.registry.groups.naming import substances_of
from trialpool.registry.groups.phases import phase_of, without_phase
from trialpool.registry.groups.sequences import is_sequence, is_switch


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Drug X (Double-Blind)", "main"),
        ("Core Phase - Drug X", "main"),
        ("Drug X - Open Label Extension", "extension"),
        ("Drug X OLE Epoch", "extension"),
        ("Long-term extension study: Drug X", "extension"),
        ("Valsartan Run-in 40 mg", "run-in"),
        ("Pre-randomisation", "run-in"),
        ("Lead-in Phase: Drug X", "run-in"),
        ("Drug X (PK Sub-Study)", "sub-study"),
        ("Drug X Follow-up Period", "period"),
        ("Drug X (Baseline Through 26 Weeks)", "period"),
        ("Drug X Day 1-92", "period"),
        ("Maintenance phase: Drug X", "period"),
        ("Drug X, Treatment Period 2", "period"),
        ("Part A: Drug X", "part"),
        ("Drug X 10 mg once weekly", ""),
        ("Placebo", ""),
        ("Extended release drug", ""),
        ("Drug X partial response", ""),
    ],
)
def test_parts_of_a_trial(title, kind):
    assert phase_of(title).kind == kind


@pytest.mark.parametrize(
    ("title", "rest"),
    [
        ("Double-blind Phase: Drug X", "drug x"),
        ("Drug X (Double-Blind)", "drug x"),
        ("Part 2: Drug X 5 mg", "drug x 5 mg"),
    ],
)
def test_a_title_without_its_part(title, rest):
    assert without_phase(title) == rest


KNOWN = substances_of(record([arm("A", "", "Alphamab", "Betamab", "Placebo")], [group("x")]))


@pytest.mark.parametrize(
    ("title", "parallel", "crossover"),
    [
        ("Alphamab, then Betamab", True, True),
        ("Alphamab followed by placebo", True, True),
        ("Placebo to Alphamab", True, True),
        ("Alphamab First, Then Placebo", True, True),
        ("Alphamab/Betamab", False, True),
        ("Alphamab first", False, True),
        ("Sequence 1", False, True),
        ("ABBA", False, True),
        ("Alphamab + Betamab", False, False),
        ("Placebo to match Alphamab", False, False),
        ("Alphamab 5 mg", False, False),
    ],
)
def test_orders_of_treatments(title, parallel, crossover):
    assert is_sequence(title, KNOWN, crossover=False) is parallel
    assert is_sequence(title, KNOWN, crossover=True) is crossover


@pytest.mark.parametrize(
    ("title", "switch"),
    [
        ("Placebo to Alphamab", True),
        ("Placebo/Alphamab", True),
        ("Placebo then Alphamab", True),
        ("Alphamab then Betamab", False),
        ("Alphamab + Placebo", False),
        ("Placebo to match Alphamab", False),
    ],
)
def test_switches_between_placebo_and_treatment(title, switch):
    assert is_switch(title, KNOWN) is switch


def test_low_and_high_dose_follow_the_order_of_doses():
    pairs = dose_order(
        [frozenset({"1mg"}), frozenset({"20mg"}), frozenset()], ["High dose", "Low dose", "Placebo low dose"]
    )
    assert pairs == {(0, 0): 0.0, (0, 1): 1.0, (1, 0): 1.0, (1, 1): 0.0}


def test_levels_without_as_many_doses_say_nothing():
    assert dose_order([frozenset({"1mg"})], ["High dose", "Low dose"]) == {}
    assert dose_order([frozenset({"1mg", "2mg"}), frozenset({"3mg"})], ["High dose", "Low dose"]) == {}
