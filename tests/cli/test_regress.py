"""trialpool regress: the numbers of Python, every option used or refused, the plot that Python draws."""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import json

import pytest
from cli.tables import everything_in

import trialpool as tp
from trialpool.cli.parser import build_parser
from trialpool.harmonise import compare
from trialpool.pool import WORDS
from trialpool.read import read_table

pytestmark = pytest.mark.filterwarnings("ignore::trialpool.TrialpoolWarning")

LATITUDE = ("--formula", "~ latitude")


def comparison(path):
    return compare(read_table(path).trials, outcome="tuberculosis", treatment="treatment", control="control")


def test_it_prints_what_python_prints(trialpool, bcg):
    done = trialpool("regress", bcg, *LATITUDE)
    fit = tp.meta_regression(comparison(bcg), "~ latitude")
    assert (done.code, done.out, done.err) == (0, f"{fit}\n", "")


def test_json_is_the_dictionary_of_the_result(trialpool, bcg):
    argv = ("--permutations", "500", "--seed", "4", "--at", "latitude=40")
    done = trialpool("regress", bcg, *LATITUDE, *argv, "--format", "json")
    fit = tp.meta_regression(comparison(bcg), "~ latitude", permutations=tp.Permutations(draws=500, seed=4))
    document = json.loads(done.out)
    assert document.pop("prediction") == json.loads(json.dumps(fit.predict({"latitude": 40.0}).to_dict()))
    assert document == json.loads(json.dumps(fit.to_dict()))


def test_csv_has_a_row_per_coefficient_and_the_prediction(trialpool, bcg):
    done = trialpool("regress", bcg, *LATITUDE, "--at", "latitude=40", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["term"] for row in rows] == [
        "intercept",
        "latitude",
        "mean effect at latitude = 40.0",
        "prediction interval at latitude = 40.0",
    ]
    fit = tp.meta_regression(comparison(bcg), "~ latitude")
    assert float(rows[1]["estimate"]) == fit.coefficients[1].estimate
    assert float(rows[3]["conf_high"]) == fit.predict({"latitude": 40}).prediction.high
    assert {row["formula"] for row in rows} == {"~ latitude"}


def test_prediction_is_a_line_of_the_text(trialpool, bcg):
    out = trialpool(
        "regress", bcg, "--formula", "~ latitude + allocation", "--at", "latitude=40", "--at", "allocation=random"
    ).out
    assert "RR at latitude = 40, allocation = random: 0.34 (" in out
    assert "; prediction interval (" in out.splitlines()[-1]


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_plot_is_the_one_of_python(trialpool, bcg, form):
    before = everything_in(bcg.parent)
    done = trialpool("regress", bcg, "--formula", "~ latitude + year", "--plot", f"plot.{form}", "--along", "year")
    assert done.code == 0
    after = everything_in(bcg.parent)
    written = after.pop(f"plot.{form}")
    assert after == before
    if form == "svg":
        fit = tp.meta_regression(comparison(bcg), "~ latitude + year")
        assert written.decode() == tp.bubble(fit, "year").svg


# --- every option ------------------------------------------------------------------------------------------------------

AT = (*LATITUDE, "--at", "latitude=40")
CASES = {
    "FILE": None,  # walked with the options of pool
    "--outcome": None,
    "--treatment": None,
    "--control": None,
    "--multi-arm": None,
    "--column": None,
    "--formula": (
        (),
        ("~ latitude", "~ year", "~ latitude + year", "~ 0 + latitude", "~ log(latitude)", "~ allocation"),
    ),
    "--cluster": (LATITUDE, ("trial", "year")),
    "--permutations": (LATITUDE, ("200", "300")),
    "--seed": ((*LATITUDE, "--permutations", "200"), ("1", "2")),
    "--measure": (LATITUDE, ("risk ratio", "odds ratio", "risk difference")),
    "--model": (LATITUDE, WORDS["model"]),
    "--tau2": (LATITUDE, tuple(word for word in WORDS["tau2"] if word != "EB")),  # EB solves the equation of PM
    "--interval": (("--formula", "~ latitude + year", "--tau2", "SJ"), ("wald", "hartung-knapp", "hartung-knapp-safe")),
    "--prediction": ((*AT, "--interval", "wald"), ("k-1", "k-2", "normal")),
    "--i2": (LATITUDE, WORDS["i2"]),
    "--zero-cells": None,
    "--increment": None,
    "--double-zero": None,
    "--profile": (LATITUDE, ("trialpool", "metafor", "revman5")),
    "--conf-level": (LATITUDE, ("0.9", "0.95")),
    "--at": (LATITUDE, ("latitude=40", "latitude=20")),
    "--format": (LATITUDE, ("text", "json", "csv")),
    "--plot": None,
    "--along": None,
}


def options() -> dict[str, argparse.Action]:
    verbs = next(a for a in build_parser("regress")._actions if isinstance(a, argparse._SubParsersAction))
    actions = [action for action in verbs.choices["regress"]._actions if action.dest != "help"]
    return {a.option_strings[-1] if a.option_strings else str(a.metavar): a for a in actions}


def test_every_option_of_the_parser_is_in_the_table():
    assert set(options()) == set(CASES)


@pytest.mark.parametrize("option", [option for option, case in CASES.items() if case])
def test_each_value_of_an_option_gives_another_output(trialpool, bcg, option):
    common, values = CASES[option]
    outputs = {}
    for value in values:
        form = [] if option == "--format" else ["--format", "json"]
        done = trialpool("regress", bcg, *common, option, value, *form)
        assert done.code == 0, done.err
        if form:
            document = json.loads(done.out)
            document.pop("request")
            outputs[value] = json.dumps(document)
        else:
            outputs[value] = done.out
    same = [pair for pair in itertools.combinations(outputs, 2) if outputs[pair[0]] == outputs[pair[1]]]
    assert same == []


def test_zero_cell_options_change_the_result(trialpool, catheters):
    """The catheters have no covariate: their sizes stand in for one."""
    text = catheters.read_text(encoding="utf-8").splitlines()
    header, *rows = text
    numbered = [f"{header},order", *(f"{row},{i}" for i, row in enumerate(rows))]
    catheters.write_text("\n".join([*numbered, ""]), encoding="utf-8")
    base = ("regress", catheters, "--formula", "~ order", "--measure", "odds ratio", "--format", "csv")
    found = [
        trialpool(*base, *more).out
        for more in (
            (),
            ("--zero-cells", "constant"),
            ("--zero-cells", "treatment-arm"),
            ("--zero-cells", "constant", "--increment", "0.1"),
            ("--zero-cells", "constant", "--double-zero", "corrected"),
        )
    ]
    assert all(found)
    assert len(set(found)) == 5


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--formula", "__import__('os').system('id')"), "is not allowed; allowed are covariates"),
        (("--formula", "~ lattitude"), "no covariate 'lattitude' (did you mean 'latitude'?)"),
        ((*LATITUDE, "--seed", "3"), "--seed has no meaning without --permutations"),
        ((*LATITUDE, "--along", "latitude"), "--along has no meaning without --plot"),
        ((*LATITUDE, "--plot", "plot.jpg"), "'plot.jpg' has no ending that says its format"),
        ((*LATITUDE, "--permutations", "10"), "draws=10 is too low"),
        ((*LATITUDE, "--permutations", "many"), "'many' is not a whole number"),
        ((*LATITUDE, "--at", "latitude"), "'latitude' is not a pair"),
        ((*LATITUDE, "--at", "latitude=1", "--at", "latitude=2"), "--at gives 'latitude' twice"),
        ((*LATITUDE, "--at", "year=1960"), "'year' is no covariate of the formula"),
        ((*LATITUDE, "--cluster", "trail"), "did you mean 'trial'"),
        ((*LATITUDE, "--cluster", "trial", "--permutations", "500"), "leave out cluster or permutations"),
        ((*LATITUDE, "--tau2-interval", "Q-profile"), "option '--tau2-interval' is not known"),
        ((*LATITUDE, "--method", "peto"), "option '--method' is not known"),
        ((*LATITUDE, "--measure", "Peto odds ratio"), "meta-regression is by inverse variance"),
        ((*LATITUDE, "--interval", "mid-p"), "mid-p"),
        ((), "--formula"),
    ],
)
def test_what_has_no_meaning_is_refused_and_nothing_is_written(trialpool, bcg, argv, message):
    before = everything_in(bcg.parent)
    done = trialpool("regress", bcg, *argv)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert everything_in(bcg.parent) == before


def test_what_the_trials_do_not_determine_has_exit_code_one(trialpool, bcg):
    done = trialpool("regress", bcg, "--formula", "~ latitude + I(2 * latitude)", "--plot", "plot.svg")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "trialpool: error: 'I(2 * latitude)' follows from 'latitude' in the trials used, so their coefficients cannot be told "
        "apart; leave one of them out\n"
    )
    assert not (bcg.parent / "plot.svg").exists()


def test_warnings_go_to_stderr(trialpool, bcg):
    done = trialpool("regress", bcg, "--formula", "~ latitude + year", "--format", "json")
    assert [line for line in done.warnings if "13 trials for 2 coefficients" in line] == done.warnings
    assert json.loads(done.out)["k_used"] == 13
