"""Every option of pool, forest and funnel changes what comes out, or is refused by name.

The cases are a table by option. An option of a parser that stands in no row fails the test, so no option can be added
that does nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli.tables import RASH, SIDES, example_table, write_table

from trialpool.choices import word_names
from trialpool.cli.parser import VERBS, build_parser
from trialpool.effects import MEASURES, numbers_of
from trialpool.pool import WORDS

INFECTIONS = (
    "dupilumab.csv",
    "--treatment",
    "dupilumab",
    "--control",
    "placebo",
    "--outcome",
    "infections and infestations",
)
SKIN = (*INFECTIONS[:-1], "skin infection")


@dataclass(frozen=True)
class Case:
    """Arguments without the option, and the values that must each give another output."""

    common: tuple[str, ...]
    values: tuple[str, ...]


def words(option: str) -> tuple[str, ...]:
    return WORDS[option.removeprefix("--").replace("-", "_")]


OF_COUNTS = tuple(measure for measure in MEASURES if numbers_of(measure) == "counts")
BAYES = ("bcg.csv", "--method", "bayes")

COMPARISON = {
    "FILE": Case(("--measure", "risk ratio"), ("bcg.csv", "catheters.csv")),
    "--outcome": Case(SKIN[:-2], ("skin infection", "infections and infestations", "EASI-50")),
    "--treatment": Case(("doses.csv", "--control", "placebo"), ("low dose", "high dose")),
    "--control": Case(("doses.csv", "--treatment", "high dose"), ("placebo", "low dose")),
    "--multi-arm": Case(INFECTIONS, ("combine", "split", "shared")),
    "--column": Case(("two-counts.csv", *SIDES), ("events=all", "events=severe")),
}
REQUEST = {
    # the measures that counts of events have; each of the others is refused by name below
    "--measure": Case(("bcg.csv",), OF_COUNTS),
    # auto chooses one of the others: test_selector has its table
    "--method": Case(("bcg.csv",), tuple(word for word in words("--method") if word != "auto")),
    "--model": Case(("bcg.csv",), words("--model")),
    # empirical Bayes solves Paule and Mandel's equation
    "--tau2": Case(("bcg.csv",), tuple(word for word in words("--tau2") if word != "EB")),
    "--tau2-interval": Case(("bcg.csv",), words("--tau2-interval")),
    "--interval": Case(("alike.csv", *SIDES), words("--interval")[:3]),
    "--intercepts": Case(("bcg.csv", "--method", "logistic"), words("--intercepts")),
    "--likelihood": Case((*BAYES, "--measure", "odds ratio"), ("normal", "hypergeometric")),
    "--tau-prior": Case(BAYES, ("half-normal(0.5)", "half-cauchy(0.1)", "turner(infection, drug v placebo)")),
    "--effect-prior": Case(BAYES, ("normal(0, 4)", "normal(0, 0.1)")),
    "--relevant": Case(BAYES, ("0.8", "0.6")),
    "--prediction": Case(("bcg.csv", "--interval", "wald"), words("--prediction")),
    "--i2": Case(("bcg.csv",), words("--i2")),
    "--zero-cells": Case(("catheters.csv", "--measure", "odds ratio"), words("--zero-cells")),
    "--double-zero": Case(("catheters.csv", "--zero-cells", "constant"), words("--double-zero")),
    "--increment": Case(("catheters.csv", "--zero-cells", "treatment-arm"), ("0.5", "0.1", "1")),
    "--risk-difference-variance": Case(
        ("small.csv", *SIDES, "--measure", "risk difference", "--method", "mantel-haenszel"),
        words("--risk-difference-variance"),
    ),
    "--profile": Case(("catheters.csv",), words("--profile")),
    "--conf-level": Case(("bcg.csv",), ("0.9", "0.95", "0.99")),
}
POOL = {
    **COMPARISON,
    **REQUEST,
    "--subgroup": Case(("bcg.csv",), ("allocation", "latitude")),
    "--baseline-risk": Case(("bcg.csv",), ("0.01", "0.05")),
    "--format": Case(("bcg.csv",), ("text", "json", "csv")),
}
PLOT = {
    **COMPARISON,
    **REQUEST,
    "--layout": Case(("bcg.csv",), ("trialpool", "revman5", "jama", "bmj")),
    "--title": Case(("bcg.csv",), ("tuberculosis", "another title", "")),
    "--dpi": Case(("bcg.csv",), ("50", "72.5", "100")),
}
FOREST = {
    **PLOT,
    "--subgroup": Case(("bcg.csv",), ("allocation", "latitude")),
    "--better": Case(("bcg.csv",), ("fewer", "more")),
}
NOT_IN_A_FUNNEL = {"--prediction", "--i2", "--tau2-interval", "--relevant"}
FUNNEL = {option: case for option, case in PLOT.items() if option not in NOT_IN_A_FUNNEL}
CASES = {"pool": POOL, "forest": FOREST, "funnel": FUNNEL}
EACH = [(verb, option) for verb, cases in CASES.items() for option in cases]


@pytest.fixture
def tables(here: Path) -> Path:
    for name in ("bcg", "catheters", "dupilumab"):
        example_table(name, here)
    doses = (f"{trial},{arm},rash,{events},90" for trial, arms in DOSES.items() for arm, events in arms.items())
    write_table(here / "doses.csv", *doses)
    counts = (f"{row[0]},{row[1]},rash,{row[3]},{int(row[3]) - 1},{row[4]}" for row in (r.split(",") for r in RASH))
    write_table(here / "two-counts.csv", *counts, header="trial,treatment,outcome,all,severe,n")
    # effects closer to each other than chance allows: Hartung-Knapp is narrower than Wald
    write_table(
        here / "alike.csv", *arms(("Alba", 10, 20), ("Bern", 11, 20), ("Cork", 10, 21), ("Dover", 10, 20), n=100)
    )
    write_table(here / "small.csv", *arms(("Alba", 1, 4), ("Bern", 2, 3), ("Cork", 5, 1), n=6))
    return here


def arms(*trials: tuple[str, int, int], n: int) -> list[str]:
    return [
        f"{name},{arm},rash,{events},{n}"
        for name, *both in trials
        for arm, events in zip(SIDES[1::2], both, strict=True)
    ]


DOSES = {
    "Alba": {"low dose": 4, "high dose": 8, "placebo": 2},
    "Bern": {"low dose": 5, "high dose": 6, "placebo": 7},
    "Cork": {"low dose": 9, "high dose": 3, "placebo": 5},
}


def parser_of(verb: str) -> argparse.ArgumentParser:
    verbs = next(a for a in build_parser(verb)._actions if isinstance(a, argparse._SubParsersAction))
    return verbs.choices[verb]


def names_of(verb: str) -> set[str]:
    actions = [action for action in parser_of(verb)._actions if action.dest != "help"]
    return {action.option_strings[-1] if action.option_strings else str(action.metavar) for action in actions}


@pytest.mark.parametrize("verb", CASES)
def test_every_option_of_the_parser_is_in_the_table(verb):
    assert names_of(verb) - {"--output"} == set(CASES[verb])


def test_every_word_of_a_request_is_an_option():
    assert {f"--{name.replace('_', '-')}" for name in word_names()} == set(REQUEST)


def output(trialpool, verb: str, argv: list[str], number: int) -> str | bytes:
    """What a command gives, without the echo of the request: other words alone are no other result."""
    if verb == "pool":
        form = [] if "--format" in argv else ["--format", "json"]
        done = trialpool("pool", *argv, *form)
        assert done.code == 0, done.err
        if not form:
            return done.out
        document = json.loads(done.out)
        echoes = (
            document,
            document.get("subgroups", {}),
            *(g["pooled"] or {} for g in document.get("subgroups", {}).get("groups", [])),
        )
        for echo in echoes:
            echo.pop("request", None)
        return json.dumps(document)
    path = Path(f"plot{number}.{'png' if '--dpi' in argv else 'svg'}")
    done = trialpool(verb, *argv, "-o", path)
    assert done.code == 0, done.err
    assert done.out == f"{path}\n"
    return path.read_bytes()


@pytest.mark.parametrize(("verb", "option"), EACH)
def test_each_value_of_an_option_gives_another_output(trialpool, tables, verb, option):
    case = CASES[verb][option]
    outputs = {}
    for number, value in enumerate(case.values):
        given = [value] if option == "FILE" else [option, value]
        outputs[value] = output(trialpool, verb, [*case.common, *given], number)
    same = [pair for pair in itertools.combinations(outputs, 2) if outputs[pair[0]] == outputs[pair[1]]]
    assert same == []


# a forest plot names the variance only where it was asked for; a relevant effect has no default
DEFAULTS = [
    each
    for each in EACH
    if each[1] in {*REQUEST, "--multi-arm"} - {"--relevant"} and each != ("forest", "--risk-difference-variance")
]


@pytest.mark.parametrize(("verb", "option"), DEFAULTS)
def test_default_of_an_option_is_the_one_that_its_help_names(trialpool, tables, verb, option):
    action = parser_of(verb)._option_string_actions[option]
    default = action.help.rpartition("(default: ")[2].removesuffix(")").partition(";")[0]
    common = list(CASES[verb][option].common)
    explicit = output(trialpool, verb, [*common, option, default], 0)
    assert output(trialpool, verb, common, 1) == explicit


# --- refused where they mean nothing ----------------------------------------------------------------------------------

PETO = ("bcg.csv", "--method", "peto")
MANTEL_HAENSZEL = ("bcg.csv", "--method", "mantel-haenszel")
COMMON = ("bcg.csv", "--model", "common")
REFUSED = [
    *((PETO, option, value) for option, value in [("--model", "random"), ("--tau2", "DL"), ("--interval", "wald")]),
    *(
        (PETO, option, value)
        for option, value in [("--prediction", "k-1"), ("--i2", "Q"), ("--zero-cells", "constant")]
    ),
    *((PETO, option, value) for option, value in [("--increment", "0.1"), ("--double-zero", "corrected")]),
    (PETO, "--risk-difference-variance", "Sato"),
    (PETO, "--measure", "risk ratio"),
    (("bcg.csv",), "--interval", "profile-likelihood"),
    (("bcg.csv", "--method", "exact"), "--interval", "wald"),
    (("bcg.csv", "--method", "exact"), "--measure", "risk ratio"),
    (("bcg.csv", "--method", "hypergeometric-normal"), "--zero-cells", "constant"),
    (("bcg.csv", "--method", "auto"), "--tau2", "DL"),
    (("bcg.csv", "--method", "auto"), "--profile", "revman5"),
    (("bcg.csv", "--tau2", "DL"), "--tau2-interval", "profile-likelihood"),
    (("bcg.csv",), "--tau-prior", "half-normal(0.5)"),
    (BAYES, "--tau-prior", "half-normal(-1)"),
    (BAYES, "--effect-prior", "half-normal(1)"),
    (BAYES, "--relevant", "1"),
    (BAYES, "--relevant", "-1"),
    (BAYES, "--intercepts", "random"),
    *(
        (MANTEL_HAENSZEL, option, value)
        for option, value in [("--model", "random"), ("--tau2", "DL"), ("--interval", "wald")]
    ),
    *((MANTEL_HAENSZEL, option, value) for option, value in [("--prediction", "k-1"), ("--i2", "Q")]),
    (MANTEL_HAENSZEL, "--risk-difference-variance", "Sato"),
    (MANTEL_HAENSZEL, "--measure", "Peto odds ratio"),
    *(
        (COMMON, option, value)
        for option, value in [("--tau2", "DL"), ("--interval", "hartung-knapp"), ("--i2", "tau2")]
    ),
    (COMMON, "--prediction", "normal"),
    (("bcg.csv",), "--increment", "0.1"),
    (("bcg.csv",), "--double-zero", "corrected"),
    (("bcg.csv",), "--risk-difference-variance", "Sato"),
    (("bcg.csv", "--zero-cells", "constant"), "--increment", "0"),
    (("bcg.csv", "--zero-cells", "constant"), "--increment", "-1"),
    (("bcg.csv", "--zero-cells", "constant"), "--increment", "nan"),
    (("bcg.csv",), "--conf-level", "95"),
    (("bcg.csv",), "--conf-level", "nan"),
    (("bcg.csv",), "--baseline-risk", "5"),
    (("bcg.csv",), "--subgroup", "continent"),
    (("bcg.csv",), "--subgroup", ""),
    (("bcg.csv",), "--outcome", "leprosy"),
    (("bcg.csv",), "--column", "events=tpos"),
    (("bcg.csv", "--column", "trial=trial"), "--column", "trial=year"),
    (INFECTIONS[:3] + INFECTIONS[5:], "--control", "dupilumab"),
    (SKIN, "--multi-arm", "all"),
    ((*INFECTIONS, "--method", "peto"), "--multi-arm", "shared"),
]


@pytest.mark.parametrize(("common", "option", "value"), REFUSED)
def test_option_without_meaning_is_refused_by_name(trialpool, tables, common, option, value):
    before = sorted(tables.iterdir())
    done = trialpool("pool", *common, f"{option}={value}")
    assert (done.code, done.out) == (2, "")
    assert len(done.errors) == 1
    name = option.removeprefix("--")
    assert any(word in done.err for word in (name, name.replace("-", "_"), value or "''"))
    assert sorted(tables.iterdir()) == before


ONE_VALUE = [
    (verb, action.option_strings[-1])
    for verb in VERBS
    for action in parser_of(verb)._actions
    if action.option_strings and action.nargs is None and not isinstance(action, argparse._AppendAction)
]


@pytest.mark.parametrize(("verb", "option"), ONE_VALUE)
@pytest.mark.parametrize("joined", [False, True])
def test_option_of_one_value_is_refused_a_second_time(trialpool, here, verb, option, joined):
    action = parser_of(verb)._option_string_actions[option]
    values = {"--output": "plot.svg", "--layout": "bmj", "--better": "more", "--multi-arm": "split", "--format": "csv"}
    values |= {
        "--plot": "plot.svg",
        "--permutations": "500",
        "--seed": "1",
        "--page-size": "5",
        "--as-of": "2020-03-01",
    }
    value = values.get(option) or WORDS.get(action.dest, ("0.5",))[0]
    given = [f"{option}={value}"] if joined else [option, value]
    done = trialpool(*verb.split(), "name", *given, *given)
    assert (done.code, done.out) == (2, "")
    assert done.err == (f"trialpool: error: {option} is given twice; give it once; see trialpool {verb} --help\n")
    assert list(here.iterdir()) == []


def test_options_of_one_value_are_all_there():
    assert {option for verb, option in ONE_VALUE if " " not in verb} == {  # registries: test_registry*.py
        *(set(POOL) | set(PLOT) | set(FOREST)) - {"FILE", "--treatment", "--control", "--column", "--baseline-risk"},
        *("--out", "--to", "--output"),
        *("--formula", "--cluster", "--permutations", "--seed", "--plot", "--along"),  # walked in test_regress.py
    }


def test_two_names_of_an_option_are_one_option(trialpool, bcg):
    done = trialpool("forest", bcg, "-o", "one.svg", "--output", "two.svg")
    assert done.code == 2
    assert "--output is given twice" in done.err


def test_options_of_one_command_are_not_those_of_the_next(trialpool, bcg):
    assert trialpool("pool", bcg, "--tau2", "DL").code == trialpool("pool", bcg, "--tau2", "DL").code == 0


def test_several_treatments_make_one_side(trialpool, tables):
    done = trialpool("pool", "doses.csv", "--treatment", "low dose", "--treatment", "high dose", "--control", "placebo")
    assert "12/180" in done.out
    assert done.out.startswith("rash: low dose or high dose v placebo\n")


def test_repeated_baseline_risks_are_all_shown(trialpool, tables):
    document = json.loads(
        trialpool("pool", "bcg.csv", "--baseline-risk", "0.01", "--baseline-risk", "0.2", "--format", "json").out
    )
    assert [effect["baseline_risk"] for effect in document["absolute"]] == [0.01, 0.2]


@pytest.mark.parametrize("given", ["tuberculosis", "Tuberculosis", "TUBERCULOSIS"])
def test_case_of_a_name_does_not_count(trialpool, tables, given):
    assert trialpool("pool", "bcg.csv", "--outcome", given).out == trialpool("pool", "bcg.csv").out


def test_outcome_has_to_be_chosen_where_there_are_several(trialpool, tables):
    done = trialpool("pool", *INFECTIONS[:-2])
    assert done.code == 2
    assert "dupilumab.csv has several outcomes; choose one with --outcome: 'EASI-50', " in done.err


@pytest.mark.parametrize("side", ["treatment", "control"])
def test_sides_have_to_be_chosen_in_a_table_with_a_row_per_arm(trialpool, rash, side):
    other = dict(zip(SIDES[::2], SIDES[1::2], strict=True))
    del other[f"--{side}"]
    done = trialpool("pool", rash, *itertools.chain(*other.items()))
    assert done.code == 2
    assert done.err == f"trialpool: error: --{side} is missing; the treatments of rash.csv are 'drug', 'placebo'\n"


def test_sides_of_a_table_with_a_row_per_trial_can_be_named(trialpool, bcg):
    done = trialpool("pool", bcg, "--treatment", "vaccine", "--control", "none")
    assert done.out.startswith("tuberculosis: vaccine v none\n")
    assert trialpool("pool", bcg).out.startswith("tuberculosis: treatment v control\n")
