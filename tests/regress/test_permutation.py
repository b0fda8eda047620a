"""Permutation p-values: by brute force over every order, and by their guarantees where they are drawn."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from regress.made import random_problem

from trialpool.errors import OptionError
from trialpool.regress import Permutations, mixed_effects
from trialpool.regress.least_squares import design_of
from trialpool.regress.permutation import _all_labels, _all_orders, arrangements, permutation_test


def by_brute_force(y, v, x, tau2, interval) -> tuple[list[float], float]:
    """Every order of the rows, with equal ones counted as often as they come: the same shares."""
    own = mixed_effects(y, v, x, tau2=tau2, interval=interval)
    fits = [
        mixed_effects(y, v, x[list(order)], tau2=tau2, interval=interval)
        for order in itertools.permutations(range(y.size))
    ]
    beyond = [abs(f.statistic) >= abs(own.statistic) * (1 - 1e-8) for f in fits]
    return np.mean(beyond, axis=0).tolist(), float(np.mean([f.omnibus >= own.omnibus * (1 - 1e-8) for f in fits]))


@pytest.mark.parametrize("tau2", ["DL", "REML", None])
@pytest.mark.parametrize("groups", [None, [0, 0, 1, 1, 1, 0]])
def test_exact_p_values_are_the_shares_over_all_orders(tau2, groups):
    y, v, x = random_problem(11, k=6, p=2)
    if groups:
        x = np.column_stack([np.ones(6), groups])
    interval = "wald" if tau2 is None else "hartung-knapp"
    test = permutation_test(y, v, design_of(x), Permutations(), tau2=tau2, interval=interval)
    assert (test.exact, test.seed) == (True, None)
    assert test.arrangements == (20 if groups else 720)
    p_values, omnibus = by_brute_force(y, v, x, tau2, interval)
    assert test.p_values == pytest.approx(p_values)
    assert test.omnibus_p_value == pytest.approx(omnibus)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=7))
def test_each_arrangement_comes_once(groups):
    codes = np.unique(groups, return_inverse=True)[1]
    labels = _all_labels(np.bincount(codes))
    assert len({tuple(row) for row in labels.tolist()}) == labels.shape[0] == arrangements(codes)
    assert arrangements(codes) == len(set(itertools.permutations(codes.tolist())))
    dealt = {tuple(codes[np.argsort(order)].tolist()) for block in _all_orders(codes) for order in block.T}
    assert len(dealt) == labels.shape[0]


def test_drawn_p_values_come_near_the_exact_ones_and_repeat_with_their_seed():
    y, v, x = random_problem(12, k=7, p=2)
    design = design_of(x)
    how = {"tau2": "DL", "interval": "hartung-knapp-safe"}
    exact = permutation_test(y, v, design, Permutations(), **how)
    assert (exact.exact, exact.arrangements) == (True, math.factorial(7))
    drawn = permutation_test(y, v, design, Permutations(draws=4000, seed=5), **how)
    assert (drawn.exact, drawn.arrangements, drawn.seed) == (False, 4000, 5)
    for ours, true in zip(drawn.p_values, exact.p_values, strict=True):
        assert abs(ours - true) < 5 * math.sqrt(true * (1 - true) / 4000) + 1e-3
    assert permutation_test(y, v, design, Permutations(draws=4000, seed=5), **how) == drawn
    assert permutation_test(y, v, design, Permutations(draws=4000, seed=6), **how) != drawn


def test_a_drawn_p_value_is_never_zero():
    x = np.column_stack([np.ones(12), np.arange(12.0)])
    y = 5 * x[:, 1] + np.sin(np.arange(12))
    test = permutation_test(y, np.full(12, 0.01), design_of(x), Permutations(draws=999), tau2="DL", interval="wald")
    assert test.p_values[1] == 1 / 1000


def test_p_values_are_uniform_where_covariates_explain_nothing():
    generator = np.random.default_rng(3)
    x = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    p_values = []
    for _ in range(300):
        v = np.exp(generator.normal(-2, 0.7, 6))
        y = generator.normal(size=6) * np.sqrt(v + 0.3)
        p_values.append(permutation_test(y, v, design_of(x), Permutations(), tau2="DL", interval="wald").p_values[1])
    # 20 arrangements, in pairs of equal distance: p is 0.1, 0.2, ... 1
    assert abs(np.mean(np.array(p_values) <= 0.1 + 1e-9) - 0.1) < 0.06
    assert abs(np.mean(np.array(p_values) <= 0.5 + 1e-9) - 0.5) < 0.1


@pytest.mark.parametrize("interval", ["wald", "hartung-knapp", "hartung-knapp-safe"])
def test_arrangements_that_fit_perfectly_give_numbers(interval):
    x = np.column_stack([np.ones(4), [0, 0, 1, 1]])
    y = np.array([0.1, 0.3, 0.1, 0.3])  # another arrangement explains all of it
    test = permutation_test(y, np.full(4, 0.02), design_of(x), Permutations(), tau2="REML", interval=interval)
    assert test.p_values[1] == 1.0
    assert all(0 < p <= 1 for p in (*test.p_values, test.omnibus_p_value))


def test_ten_thousand_arrangements_of_twenty_trials_take_a_blink():
    y, v, x = random_problem(14, k=20, p=2)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        permutation_test(y, v, design_of(x), Permutations(), tau2="REML", interval="hartung-knapp-safe")
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.4  # 0.1 on a machine that does nothing else


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draws": 99}, "draws=99 is too low; give a whole number of 100 or more"),
        ({"draws": 1e4}, "draws is 10000.0; give a whole number"),
        ({"seed": -1}, "seed=-1 is too low"),
        ({"seed": True}, "seed=True is too low"),
    ],
)
def test_options_are_whole_numbers(options, message):
    with pytest.raises(OptionError, match=message):
        Permutations(**options)
