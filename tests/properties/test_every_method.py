"""Every method at the public door: hard data give a number or a reason, and relations between data sets hold."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import pytest
from hypothesis import given, settings
from properties.strategies import Row, comparison_of, tables

from trialpool.errors import NotEstimableError
from trialpool.pool import (
    Automatic,
    Bayes,
    IntervalCensored,
    InverseVariance,
    Logistic,
    Poisson,
    Pooled,
    Request,
    pool_request,
)
from trialpool.pool.request import METHODS

HARD: dict[str, list[Row]] = {
    "one arm without events": [(0, 50, 4, 52), (0, 60, 5, 61), (0, 70, 1, 66), (0, 44, 2, 47), (0, 90, 3, 88)],
    "the other arm without events": [(4, 52, 0, 50), (5, 61, 0, 60), (1, 66, 0, 70)],
    "no events anywhere": [(0, 50, 0, 52), (0, 60, 0, 61), (0, 70, 0, 66)],
    "everybody had the event": [(50, 50, 52, 52), (60, 60, 61, 61)],
    "one trial": [(3, 50, 6, 52)],
    "one trial with events": [(3, 50, 6, 52), (0, 60, 0, 61)],
    "two trials": [(3, 50, 6, 52), (5, 60, 9, 61)],
    "two opposite trials": [(1, 50, 20, 52), (20, 60, 1, 61)],
    "the same trial six times": [(10, 100, 20, 100)] * 6,
    "people of one": [(0, 1, 1, 1), (1, 1, 0, 1), (1, 1, 1, 2), (0, 1, 1, 2)],
    "sizes over seven orders": [(1, 3, 1, 4), (2000, 10**7, 3000, 10**7), (12, 500, 9, 30000), (3, 10**5, 8, 90)],
    "all but one in an arm": [(49, 50, 1, 52), (59, 60, 2, 61), (69, 70, 1, 66), (43, 44, 1, 47)],
}
ONE_STEP = [kind() for kind in METHODS.values()]
OTHERS = [
    InverseVariance(model="common"),
    Logistic(model="common"),
    Logistic(intercepts="random", interval="wald"),
    Poisson(intercepts="random", interval="wald"),
    Bayes(likelihood="hypergeometric"),
    IntervalCensored(model="common"),
    IntervalCensored(likelihood="hypergeometric", interval="wald"),
    Bayes(interval="shortest", tau_prior="half-cauchy(0.5)"),
]
REQUESTS: list[Request | Automatic] = [
    Automatic(),
    *(
        Request(measure=measure, method=method)
        for method in [*ONE_STEP, *OTHERS]
        for measure in ("risk ratio", "odds ratio", "risk difference", "Peto odds ratio")
        if measure in method.measures
        and (measure == "odds ratio" or getattr(method, "likelihood", "") != "hypergeometric")
    ),
]


def answer(rows: list[Row], request: Request | Automatic) -> Pooled | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return pool_request(comparison_of(rows), request)
    except NotEstimableError as error:
        assert len(str(error)) > 20  # noqa: PT017 (a number or a reason: either is right)
        return None


def holds(result: Pooled) -> None:
    """A number, in every place."""
    numbers = [result.estimate, result.std_error, result.conf_low, result.conf_high]
    assert all(math.isfinite(number) for number in numbers), result.request
    assert 0 < result.std_error < 1e3, result.request
    assert result.conf_low <= result.estimate <= result.conf_high, result.request
    assert result.p_value is None or 0 <= result.p_value <= 1
    assert (result.p_value is None) == (result.posterior is not None)
    if result.heterogeneity and result.heterogeneity.tau2 is not None:
        assert 0 <= result.heterogeneity.tau2 < math.inf
    if result.prediction:
        assert result.prediction.low <= result.estimate <= result.prediction.high


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
@pytest.mark.parametrize("name", HARD)
def test_hard_data_give_a_number_or_a_reason(name, request_):
    result = answer(HARD[name], request_)
    if result is not None:
        holds(result)


@given(rows=tables(zero=True, least=1, most=6))
@settings(max_examples=12, deadline=None)
def test_random_data_give_a_number_or_a_reason(rows):
    for request in REQUESTS:
        result = answer(rows, request)
        if result is not None:
            holds(result)


RATIOS = [r for r in REQUESTS if isinstance(r, Request) and r.measure == "odds ratio"]
TRIALS: list[Row] = [
    (4, 120, 9, 118),
    (1, 60, 5, 61),
    (0, 80, 3, 40),
    (7, 300, 9, 310),
    (2, 90, 1, 95),
    (6, 100, 14, 104),
]


@pytest.mark.parametrize("request_", RATIOS, ids=str)
def test_arms_that_change_places_turn_the_odds_ratio_over(request_):
    one, other = answer(TRIALS, request_), answer([(c, n2, a, n1) for a, n1, c, n2 in TRIALS], request_)
    assert math.isclose(one.estimate, -other.estimate, rel_tol=1e-6, abs_tol=1e-7)
    assert math.isclose(one.conf_low, -other.conf_high, rel_tol=1e-5, abs_tol=1e-6)
    assert math.isclose(one.std_error, other.std_error, rel_tol=1e-5)


@pytest.mark.parametrize("request_", RATIOS, ids=str)
def test_order_of_trials_does_not_matter(request_):
    one, other = answer(TRIALS, request_), answer(TRIALS[::-1], request_)
    assert math.isclose(one.estimate, other.estimate, rel_tol=1e-8)
    assert math.isclose(one.conf_high, other.conf_high, rel_tol=1e-6, abs_tol=1e-8)


USES_ALL = ("beta-binomial",)


@pytest.mark.parametrize("request_", RATIOS, ids=str)
def test_trial_without_events_changes_only_what_can_use_it(request_):
    one, more = answer(TRIALS, request_), answer([*TRIALS, (0, 400, 0, 410)], request_)
    random_intercepts = getattr(request_.method, "intercepts", "") == "random"
    random_intercepts |= isinstance(request_.method, IntervalCensored) and request_.method.likelihood == "binomial"
    changes = request_.method_name in USES_ALL or random_intercepts
    assert changes == (not math.isclose(one.estimate, more.estimate, rel_tol=1e-9))


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_higher_level_widens_the_interval(request_):
    narrow, wide = answer(TRIALS, replace(request_, conf_level=0.8)), answer(TRIALS, replace(request_, conf_level=0.99))
    assert wide.conf_low < narrow.conf_low < narrow.conf_high < wide.conf_high
    assert math.isclose(narrow.estimate, wide.estimate, rel_tol=1e-9)
