"""Meta-regression against metafor and clubSandwich: coefficients, tests, tau2, permutations, clusters, predictions."""

from __future__ import annotations

import csv
from functools import cache
from typing import Any

import numpy as np
import pytest
from reference.entries import DATA, Entry, close, identifiers, load

from trialpool.harmonise import compare
from trialpool.pool import InverseVariance
from trialpool.read import read_table
from trialpool.regress import Permutations, meta_regression
from trialpool.regress.design import make_design
from trialpool.regress.fit import FittedModel, fit_model
from trialpool.regress.formula import read_formula

pytest.importorskip("formulaic")

ENTRIES = load("meta_regression")


def of(kind: str) -> list[Entry]:
    kinds = ("predict", "permutation", "clusters")
    return [e for e in ENTRIES if (e["id"].partition("/")[0] if e["id"].startswith(kinds) else "fit") == kind]


def test_there_are_enough_numbers() -> None:
    def count(value: Any) -> int:
        return sum(map(count, value)) if isinstance(value, list) else int(isinstance(value, int | float))

    assert sum(count(list(entry["values"].values())) for entry in ENTRIES) > 2000


def number(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


@cache
def table(name: str) -> list[dict[str, Any]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = [{key: number(value) for key, value in row.items()} for row in csv.DictReader(file)]
    if name == "bcg_covariates":
        for row in rows:
            a, n1, c, n2 = (row[key] for key in ("events_treatment", "n_treatment", "events_control", "n_control"))
            row["y"], row["v"] = np.log(a / n1 / (c / n2)), 1 / a - 1 / n1 + 1 / c - 1 / n2
    return rows


def method(settings: Entry) -> InverseVariance:
    if settings.get("model") == "common":
        return InverseVariance(model="common")
    return InverseVariance(tau2=settings["tau2"], interval=settings.get("interval", "wald"))


def fitted(entry: Entry, **options: Any) -> FittedModel:
    settings, rows = entry["settings"], table(entry["dataset"])[: entry["settings"].get("first")]
    names = list(rows[0])
    formula = read_formula(settings["formula"], {name: [row[name] for row in rows] for name in names})
    design = make_design(formula, rows, [str(row["trial"]) for row in rows])
    y, v = (np.array([row[name] for row in rows]) for name in ("y", "v"))
    clusters = None
    if "cluster" in settings:
        labels = [str(row[settings["cluster"]]) for row in rows]
        order = {label: i for i, label in enumerate(dict.fromkeys(labels))}
        clusters = np.array([order[label] for label in labels]), tuple(order)
    options = {"clusters": clusters, "permutations": None} | options
    return fit_model(y, v, design, method(settings), settings.get("conf_level", 0.95), **options)


def assert_coefficients(fit: FittedModel, pinned: Entry, relative: float = 1e-8) -> None:
    for name in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high", "df"):
        if name in pinned:
            for c, value in zip(fit.coefficients, pinned[name], strict=True):
                assert close(getattr(c, name), value, relative=relative, absolute=1e-11), (c.term, name)


@pytest.mark.parametrize("entry", of("fit"), ids=identifiers(of("fit")))
def test_fit(entry: Entry) -> None:
    fit, pinned = fitted(entry), entry["values"]
    # metafor inverts X'WX, which loses digits where a column is nearly the intercept
    assert_coefficients(fit, pinned, 1e-7)
    assert close(fit.omnibus.statistic, pinned["omnibus"], relative=1e-7)
    assert close(fit.omnibus.p_value, pinned["omnibus_p_value"], relative=1e-7)
    for name in ("q", "q_df", "q_p_value", "tau2", "tau2_low", "tau2_high", "i2", "r2"):
        if name in pinned:
            assert close(getattr(fit.residual, name), pinned[name], absolute=1e-10), name


@pytest.mark.parametrize("entry", of("permutation"), ids=identifiers(of("permutation")))
def test_permutation(entry: Entry) -> None:
    test, pinned = fitted(entry, permutations=Permutations()).permutation, entry["values"]
    assert test is not None
    assert test.exact
    assert test.arrangements == pinned["arrangements"]
    assert test.p_values == pytest.approx(pinned["p_values"], rel=1e-12)
    assert test.omnibus_p_value == pytest.approx(pinned["omnibus_p_value"], rel=1e-12)


@pytest.mark.parametrize("entry", of("clusters"), ids=identifiers(of("clusters")))
def test_clusters(entry: Entry) -> None:
    fit, pinned = fitted(entry), entry["values"]
    assert_coefficients(fit, pinned, 1e-7)
    assert fit.omnibus.df_numerator == pinned["omnibus_df"]
    assert close(fit.omnibus.statistic, pinned["omnibus"], relative=1e-7)
    assert close(fit.omnibus.df_denominator, pinned["omnibus_df_denominator"], relative=1e-7)
    assert close(fit.omnibus.p_value, pinned["omnibus_p_value"], relative=1e-7)


@pytest.mark.filterwarnings("ignore::trialpool.TrialpoolWarning")
@pytest.mark.parametrize("entry", of("predict"), ids=identifiers(of("predict")))
def test_prediction(entry: Entry) -> None:
    settings, pinned = entry["settings"], entry["values"]
    data = compare(
        read_table(DATA / "bcg_covariates.csv", outcome="event").trials,
        outcome="event",
        treatment="treatment",
        control="control",
    )
    how = InverseVariance(tau2=settings["tau2"], interval=settings["interval"], prediction=settings["prediction"])
    at = meta_regression(data, settings["formula"], method=how).predict(settings["at"])
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert close(getattr(at, name), pinned[name]), name
    assert at.prediction is not None
    assert close(at.prediction.low, pinned["prediction_low"])
    assert close(at.prediction.high, pinned["prediction_high"])
