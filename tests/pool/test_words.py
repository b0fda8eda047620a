"""Options as words: each one is used or refused, never accepted and ignored."""

from __future__ import annotations

import itertools
import re
import types
import typing
from dataclasses import fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from harmonise.builders import make_comparison

from trialpool.choices import METHOD_WORDS, word_names
from trialpool.effects import MEASURES, ZeroCells
from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool import (
    PROFILES,
    WORDS,
    Automatic,
    Bayes,
    BetaBinomial,
    BinomialNormal,
    Exact,
    HypergeometricNormal,
    IntervalCensored,
    InverseVariance,
    Logistic,
    MantelHaenszel,
    PenalisedLogistic,
    Peto,
    Poisson,
    Request,
    RequestWords,
    pool_request,
    request_from_words,
)
from trialpool.pool.request import METHODS

NUMBERS: dict[str, tuple[float, ...]] = {"increment": (0.25, 0.1), "relevant": (0.8, 1.5), "conf_level": (0.9, 0.99)}
PRIORS = {"tau_prior": ("half-normal(0.2)", "half-cauchy(0.5)"), "effect_prior": ("normal(0, 1)", "normal(0.2, 3)")}
VALUES: dict[str, tuple[Any, ...]] = {**WORDS, **NUMBERS, **PRIORS}
# Both solve the same equation (Morris 1983; Paule & Mandel 1982).
SAME = {("PM", "EB")}

# Much heterogeneity, arms of unequal size, a study without events on one side and one without any.
UNEVEN = make_comparison(
    (4, 100, 11, 90), (30, 200, 12, 100), (0, 150, 5, 60), (0, 40, 0, 80), (20, 90, 40, 85), (9, 300, 3, 120)
)
# No heterogeneity at all, so that rules which differ only there show it.
ALIKE = make_comparison((10, 100, 20, 100), (21, 200, 40, 200), (5, 50, 10, 51), (15, 150, 29, 150))
FIXTURES = (UNEVEN, ALIKE)


def words(**given: Any) -> Request:
    return request_from_words(RequestWords(**given))


def stated(request: Request, name: str) -> object:
    """The value of an option as the request states it."""
    data = request.to_dict()
    data.setdefault("options", {})
    zero_cells = data["options"].get("zero_cells", {})
    places = {"zero_cells": (zero_cells, "rule"), "increment": (zero_cells, "increment")}
    if name == "double_zero":
        return zero_cells.get(name)
    if name == "profile":
        return data["profile"].removesuffix(" (changed)")
    holder, key = places.get(name, (data if name in data else data["options"], name))
    return holder[key]


def numbers(comparison, request) -> dict[str, Any] | str:
    """The numbers of a result without the request that asked for them; the reason where there is none."""
    try:
        result = pool_request(comparison, request).to_dict()
    except (NotEstimableError, OptionError) as error:
        return str(error)
    if result["posterior"]:
        # which priors and which interval were asked for is no number
        result["posterior"] = {name: v for name, v in result["posterior"].items() if not isinstance(v, str)}
    return {
        key: value for key, value in result.items() if key not in {"request", "selection", "notes", "term", "scale"}
    }


# --- every word is used or refused -----------------------------------------------------------------------------------


def test_every_field_has_its_words_or_is_a_number():
    assert set(word_names()) == set(VALUES) == {f.name for f in fields(RequestWords)}


CONTEXTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "common effect": {"model": "common"},
    "corrected": {"zero_cells": "constant"},
    "Mantel-Haenszel": {"method": "mantel-haenszel"},
    "Mantel-Haenszel difference": {"method": "mantel-haenszel", "measure": "risk difference"},
    "Peto": {"method": "peto"},
    "exact": {"method": "exact"},
    "conditional": {"method": "hypergeometric-normal"},
    "binomial": {"method": "binomial-normal"},
    "logistic": {"method": "logistic"},
    "Poisson": {"method": "poisson"},
    "Bayes": {"method": "bayes"},
    "interval-censored": {"method": "interval-censored"},
    "interval-censored, listed": {"method": "interval-censored", "likelihood": "hypergeometric"},
    "Bayes, odds": {"method": "bayes", "measure": "odds ratio"},
    "automatic": {"method": "auto"},
    **{f"profile {name}": {"profile": name} for name in PROFILES},
}


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in VALUES.items() for value in values])
def test_word_stands_in_the_request_or_is_refused_by_name(context, name, value):
    given = {**CONTEXTS[context], name: value}
    refusal = ""
    try:
        request = words(**given)
    except OptionError as error:
        refusal = str(error)
    if refusal:
        assert any(option in refusal for option in given)
        assert re.search("leave it out|choose|its interval is|pools nothing else", refusal)
        return
    if value == "odds ratio" and isinstance(request, Request) and request.method_name == "peto":
        value = "Peto odds ratio"
    assert stated(request, name) == value
    for other, kept in CONTEXTS[context].items():
        if other != name and not (value == "peto" and kept == "odds ratio"):
            assert stated(request, other) == kept


@pytest.mark.parametrize("name", [name for name in VALUES if name != "profile"])
def test_no_two_values_of_an_option_give_the_same_result_everywhere(name):
    """For each pair of values there is a context and a comparison where the results differ, or one of the two is refused."""
    for one, other in itertools.combinations(VALUES[name], 2):
        pairs = itertools.product(CONTEXTS.values(), FIXTURES)
        differ = (one, other) not in SAME
        assert differ == any(result_of(f, c, name, one) != result_of(f, c, name, other) for c, f in pairs), (
            name,
            one,
            other,
        )


def result_of(comparison, context, name, value):
    try:
        return numbers(comparison, words(**{**context, name: value}))
    except OptionError as error:
        return str(error)


# --- every closed option of the methods ------------------------------------------------------------------------------


def closed_options(kind: type) -> dict[str, tuple[str, ...]]:
    """The fields of a record whose values come from a fixed set, with that set."""
    found = {}
    for name, hint in get_type_hints(kind).items():
        parts = get_args(hint) if get_origin(hint) in {typing.Union, types.UnionType} else (hint,)
        for part in parts:
            if get_origin(part) is Literal:
                found[name] = get_args(part)
    return found


BASES: dict[type, list[Request]] = {
    InverseVariance: [Request(measure="odds ratio", method=InverseVariance())],
    MantelHaenszel: [Request(measure="risk difference", method=MantelHaenszel())],
    Exact: [Request(measure="odds ratio", method=Exact())],
    HypergeometricNormal: [Request(measure="odds ratio", method=HypergeometricNormal())],
    BinomialNormal: [Request(measure="risk ratio", method=BinomialNormal())],
    Logistic: [Request(measure="odds ratio", method=Logistic())],
    Poisson: [Request(measure="risk ratio", method=Poisson())],
    Bayes: [Request(measure="odds ratio", method=Bayes())],
    IntervalCensored: [Request(measure="odds ratio", method=IntervalCensored())],
    ZeroCells: [
        Request(measure=measure, method=InverseVariance(zero_cells=ZeroCells(rule="constant")))
        for measure in ("risk ratio", "risk difference")
    ],
}


@pytest.mark.parametrize("kind", BASES)
def test_every_closed_option_of_a_method_changes_a_number(kind):
    options = closed_options(kind)
    assert options
    for name, allowed in options.items():
        for one, other in itertools.combinations(allowed, 2):
            differ = (one, other) not in SAME
            assert differ == any(
                set_option(fixture, base, kind, name, one) != set_option(fixture, base, kind, name, other)
                for fixture in FIXTURES
                for base in BASES[kind]
            ), (kind.__name__, name, one, other)


def set_option(comparison, base, kind, name, value):
    method = base.method
    try:
        if kind is ZeroCells:
            # the other choices of a rule have no meaning without a correction
            zero_cells = ZeroCells() if value == "none" else replace(method.zero_cells, **{name: value})
            method = replace(method, zero_cells=zero_cells)
        elif (name, value) == ("model", "common"):
            method = type(method)(model="common")
        else:
            method = replace(method, **{name: value})
    except OptionError as error:
        return str(error)
    return numbers(comparison, replace(base, method=method))


@pytest.mark.parametrize("kind", BASES)
def test_every_closed_option_of_a_method_refuses_another_word(kind):
    for name in closed_options(kind):
        shown = "zero_cells" if (kind, name) == (ZeroCells, "rule") else name
        with pytest.raises(OptionError, match=rf"{shown}='nonsense' is not allowed.*; choose one of"):
            kind(**{name: "nonsense"})


def test_every_option_of_the_methods_can_be_said_in_words():
    said = {f.name for kind in METHODS.values() for f in fields(kind)}
    assert said <= set(word_names())
    assert all(fields(kind) == () for kind in (Peto, PenalisedLogistic, BetaBinomial))


@pytest.mark.parametrize("measure", [m for m in MEASURES if m != "Peto odds ratio"])
def test_measures_differ(measure):
    others = [m for m in MEASURES if m not in {measure, "Peto odds ratio"}]
    mine = numbers(UNEVEN, words(measure=measure))
    assert all(mine != numbers(UNEVEN, words(measure=other)) for other in others)


# --- what the words mean together ------------------------------------------------------------------------------------


def test_nothing_said_is_the_recommended_default():
    request = words()
    assert request == Request(measure="risk ratio", method=InverseVariance(), profile="trialpool")
    assert (request.method_name, request.model, request.zero_cells.rule) == ("inverse-variance", "random", "none")


def test_peto_and_its_measure_bring_each_other():
    expected = Request(measure="Peto odds ratio", method=Peto(), profile="trialpool")
    assert (
        words(method="peto")
        == words(measure="Peto odds ratio")
        == words(method="peto", measure="odds ratio")
        == expected
    )


def test_words_say_the_same_as_the_objects():
    said = words(measure="odds ratio", tau2="DL", interval="wald", prediction="k-1", i2="Q", zero_cells="constant")
    method = InverseVariance(
        tau2="DL", interval="wald", prediction="k-1", i2="Q", zero_cells=ZeroCells(rule="constant")
    )
    assert said == Request(measure="odds ratio", method=method, profile="trialpool (changed)")
    said = words(measure="risk difference", method="mantel-haenszel", risk_difference_variance="Greenland-Robins")
    assert said.method == MantelHaenszel(risk_difference_variance="Greenland-Robins")


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("method", ["inverse-variance", "mantel-haenszel"])
def test_words_change_what_they_name_and_keep_the_rest_of_the_profile(name, method):
    base = words(profile=name, method=method).method
    for rule in ("treatment-arm", "empirical"):
        changed = words(profile=name, method=method, zero_cells=rule).method
        assert changed == replace(base, zero_cells=replace(base.zero_cells, rule=rule))
    assert words(profile=name, method=method, zero_cells="none").method == replace(base, zero_cells=ZeroCells())


def test_profile_s_double_zero_studies_stay_corrected_under_another_rule():
    assert words(profile="metafor", zero_cells="treatment-arm").zero_cells.double_zero == "corrected"
    assert words(profile="metafor", double_zero="not estimable").zero_cells.double_zero == "not estimable"


def test_profile_s_choices_for_random_effects_do_not_stop_a_common_effect():
    for name in PROFILES:
        request = words(profile=name, model="common")
        assert (request.model, request.method.interval, request.method.i2) == ("common", "wald", "Q")
        assert request.method.tau2 is request.method.prediction is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tau2": "REML", "model": "common"}, "tau2 has no meaning with model='common'"),
        ({"prediction": "k-1", "model": "common"}, "prediction has no meaning with model='common'"),
        (
            {"interval": "hartung-knapp", "model": "common"},
            "interval='hartung-knapp' has no meaning with model='common'",
        ),
        ({"i2": "tau2", "model": "common"}, "i2='tau2' has no meaning with model='common'"),
        ({"model": "random", "method": "peto"}, "'peto' is a common-effect method; leave model out"),
        (
            {"model": "random", "method": "mantel-haenszel"},
            "'mantel-haenszel' is a common-effect method; leave model out",
        ),
        ({"tau2": "DL", "method": "mantel-haenszel"}, "tau2 has no meaning with method 'mantel-haenszel'"),
        ({"zero_cells": "constant", "method": "peto"}, "zero_cells has no meaning with method 'peto'"),
        ({"increment": 0.5}, "increment has no meaning with zero_cells='none'"),
        ({"double_zero": "corrected"}, "double_zero='corrected' has no meaning with zero_cells='none'"),
        (
            {"measure": "Peto odds ratio", "method": "inverse-variance"},
            "measure='Peto odds ratio' does not go with method",
        ),
        ({"measure": "risk ratio", "method": "peto"}, "measure='risk ratio' does not go with method 'peto'"),
        (
            {"risk_difference_variance": "Sato"},
            "risk_difference_variance has no meaning with method 'inverse-variance'",
        ),
        (
            {"risk_difference_variance": "Sato", "method": "mantel-haenszel"},
            "risk_difference_variance has a meaning for the risk difference alone",
        ),
        ({"measure": "hazards ratio"}, "measure='hazards ratio' is not allowed (did you mean 'hazard ratio'?)"),
        (
            {"measure": "risk ratio", "method": "exact"},
            "does not go with method 'exact', which pools 'odds ratio', 'rate ratio'; choose",
        ),
        ({"model": "common", "method": "hypergeometric-normal"}, "is a random-effects method; leave model out"),
        ({"interval": "wald", "method": "exact"}, "interval='wald' is not allowed; choose one of 'mid-p', 'exact'"),
        ({"tau2_interval": "profile-likelihood", "tau2": "DL"}, "does not go with tau2='DL', which maximises no"),
        ({"zero_cells": "constant", "method": "bayes", "likelihood": "hypergeometric"}, "zero_cells has no meaning"),
        ({"tau_prior": "half-normal(0)", "method": "bayes"}, "half-normal(0)"),
        ({"relevant": float("nan"), "method": "bayes"}, "relevant=nan is not allowed"),
        (
            {"measure": "risk ratio", "method": "bayes", "likelihood": "hypergeometric"},
            "does not go with likelihood='hypergeometric', which estimates the odds ratio",
        ),
        ({"tau_prior": "half-normal(0.5)"}, "tau_prior has no meaning with method 'inverse-variance'; leave it out"),
        ({"tau2": "DL", "method": "auto"}, "tau2 has no meaning with method 'auto', which chooses it; leave it out"),
        ({"method": "MH"}, "method='MH' is not allowed; choose one of 'inverse-variance', 'mantel-haenszel', 'peto'"),
        ({"tau2": "reml"}, "tau2='reml' is not allowed (did you mean 'REML'?)"),
        ({"profile": "revman"}, "profile='revman' is not allowed (did you mean 'revman5'?)"),
        ({"zero_cells": "constant", "increment": 0}, "increment=0 is not a positive number"),
        ({"zero_cells": "constant", "increment": "0.5"}, "increment='0.5' is not a positive number"),
        ({"conf_level": 95}, "conf_level=95 is not a probability; give a number between 0 and 1, such as 0.95"),
        ({"conf_level": None}, "conf_level=None is not a probability"),
    ],
)
def test_choices_that_do_not_go_together(given, message):
    with pytest.raises(OptionError) as caught:
        words(**given)
    assert message in str(caught.value)


def test_methods_are_those_of_the_requests():
    assert tuple(words(method=name).method_name for name in METHODS) == tuple(METHODS)
    assert (*METHODS, "auto") == METHOD_WORDS
    assert isinstance(words(method="auto"), Automatic)
