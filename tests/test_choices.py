"""The closed options stand in modules of their own: here, that they name what there is, no more and no less."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from trialpool import choices
from trialpool.cli.options import _DEFAULTS
from trialpool.pool import PROFILES, WORDS, Bayes, IntervalCensored, Logistic, MantelHaenszel, make_request
from trialpool.pool.request import METHODS
from trialpool.registry import choices as registry_choices
from trialpool.registry.events import read_definition, ready_definitions
from trialpool.registry.extract import read_treatment, ready_treatments

MODULES = [Path(choices.__file__), Path(registry_choices.__file__)]


def test_words_are_those_of_the_methods_profiles_and_styles():
    assert tuple(METHODS) == choices.METHOD_NAMES
    assert tuple(PROFILES) == choices.PROFILE_NAMES


def test_ready_names_are_those_that_can_be_read():
    assert [read_treatment([name]).name for name in ready_treatments()] == list(ready_treatments())
    assert all(read_definition(name).concepts or read_definition(name).total for name in ready_definitions())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.parent.name)
def test_choices_import_the_standard_library_alone(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert {name.partition(".")[0] for name in names} <= {
        "__future__",
        "collections",
        "dataclasses",
        "importlib",
        "tomllib",
        "typing",
    }


def test_defaults_of_the_help_are_those_of_a_request_without_words():
    request = make_request().to_dict()
    own = {**request["options"], **request["options"]["zero_cells"], **request}
    said = {name: text.partition(";")[0] for name, text in _DEFAULTS.items()}
    assert set(said) == set(WORDS)
    assert said["zero_cells"] == request["options"]["zero_cells"]["rule"]
    asked = {
        "measure",
        "method",
        "model",
        "profile",
        "tau2",
        "tau2_interval",
        "interval",
        "prediction",
        "i2",
        "double_zero",
    }
    assert {name: said[name] for name in asked} == {name: own[name] for name in asked}


def test_defaults_of_the_help_are_those_of_the_methods_that_have_them():
    of_mantel_haenszel = make_request(measure="risk difference", method=MantelHaenszel()).to_dict()["options"]
    assert _DEFAULTS["risk_difference_variance"] == of_mantel_haenszel["risk_difference_variance"]
    assert _DEFAULTS["intercepts"] == Logistic().intercepts
    assert _DEFAULTS["likelihood"] == f"{Bayes().likelihood}; {IntervalCensored().likelihood} of interval-censored"


def test_every_word_of_a_request_that_is_no_number_or_prior_is_closed():
    free = {"tau_prior", "effect_prior", "relevant", "increment", "conf_level"}
    assert {f.name for f in fields(choices.RequestWords)} - free == set(choices.WORDS)
