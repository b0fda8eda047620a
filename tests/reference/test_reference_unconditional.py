"""Unconditional models held to R: glm, brute-force likelihoods, brglm2; and to lme4 and metafor as near as they stop."""

from __future__ import annotations

import csv
import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from reference.entries import DATA, Entry, comparison, identifiers, load

from trialpool.pool.beta_binomial import beta_binomial
from trialpool.pool.firth import firth
from trialpool.pool.logistic import logistic
from trialpool.pool.poisson import poisson

ENTRIES = load("unconditional")
MIXED = [entry for entry in ENTRIES if "family" in entry["settings"]]
FIRTH = [entry for entry in ENTRIES if entry["settings"]["model"] == "firth"]
BETA_BINOMIAL = [entry for entry in ENTRIES if entry["settings"]["model"] == "beta-binomial"]


@cache
def tables(dataset: str) -> np.ndarray:
    if dataset == "no_events_in_control":
        return np.array([[3.0, 5], [50, 120], [0, 0], [50, 60]])
    if dataset in ("nielweise2008", "hart1999"):
        with (DATA / f"{dataset}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        arms = [
            [row for row in rows if (row["treatment"] in ("control", "standard")) == control]
            for control in (False, True)
        ]
        return np.array([[float(row[name]) for row in arm] for arm in arms for name in ("events", "person_years")])
    return comparison(dataset).tables()


@pytest.mark.parametrize("entry", MIXED, ids=identifiers(MIXED))
def test_mixed(entry: Entry) -> None:
    settings = entry["settings"]
    function: Any = logistic if settings["family"] == "binomial" else poisson
    fit = function(
        tables(entry["dataset"]),
        intercepts=settings["intercepts"],
        model=settings["model"],
        profile="conf_low" in entry["values"],
    )
    tolerance = entry.get("tolerance", {"relative": 1e-6, "of_std_error": 1e-7})
    for name, value in entry["values"].items():
        absolute = tolerance["of_std_error"] * fit.std_error if name == "estimate" else 0.0
        assert math.isclose(getattr(fit, name), value, rel_tol=tolerance["relative"], abs_tol=absolute), name


@pytest.mark.parametrize("entry", FIRTH, ids=identifiers(FIRTH))
def test_firth(entry: Entry) -> None:
    fit = firth(tables(entry["dataset"]))
    for name, value in entry["values"].items():
        assert math.isclose(getattr(fit, name), value, rel_tol=1e-9), name


@pytest.mark.parametrize("entry", BETA_BINOMIAL, ids=identifiers(BETA_BINOMIAL))
def test_beta_binomial(entry: Entry) -> None:
    for measure in ("odds ratio", "risk ratio", "risk difference"):
        fit = beta_binomial(tables(entry["dataset"]), measure=measure)
        for name, value in {**entry["values"], **entry["values"][measure]}.items():
            if " " not in name:
                assert math.isclose(getattr(fit, name), value, rel_tol=1e-6), (measure, name)
