"""Measures beyond those of 2x2 tables, single arms and conversions against R (`validation/measures.R`)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from reference.entries import DATA, Entry, close, identifiers, load, ours

from trialpool.effects import ZeroCells, compute_effects
from trialpool.effects.continuous import hedges_correction
from trialpool.effects.proportions import double_arcsine_back, transformed_back
from trialpool.harmonise import compare, single_arm
from trialpool.harmonise.conversions import (
    mean_and_sd_from_five_numbers,
    mean_and_sd_from_quartiles,
    mean_and_sd_from_range,
    sd_from_interval,
    standard_error_from_p_value,
)
from trialpool.pool import InverseVariance, MantelHaenszel, Pooled, Request, pool_request, pool_single_arm
from trialpool.pool.single_arm_result import PooledSingleArm
from trialpool.read import read_table
from trialpool.trials import Comparison, Rates
from trialpool.trials.single_arm import SingleArm

ENTRIES = load("measures")
SIDES = {
    "nielweise2008": ("infection", "anti-infective", "standard"),
    "hart1999": ("stroke", "warfarin", "control"),
    "normand1999": ("length of stay", "specialist", "routine"),
    "fleiss1993_days": ("hospital days", "psychotherapy", "control"),
    "senn2013": ("change in HbA1c", "active", "control"),
    "steurer2006": ("death", "purine antagonist", "alkylator"),
}


def of(*kinds: str) -> list[Entry]:
    return [entry for entry in ENTRIES if entry["id"].split("/")[0] in kinds]


def named(identifier: str) -> Entry:
    return next(entry for entry in ENTRIES if entry["id"] == identifier)


@cache
def comparison(dataset: str, multi_arm: str = "combine") -> Comparison:
    outcome, treatment, control = SIDES.get(dataset, ("event", "treatment", "control"))
    table = read_table(DATA / f"{dataset}.csv", **({} if dataset in SIDES else {"outcome": "event"}))
    return compare(table.trials, outcome=outcome, treatment=treatment, control=control, multi_arm=multi_arm)


def with_events(dataset: str, treatment: list[float], control: list[float]) -> Comparison:
    """A comparison of rates with other events in the same person-years."""
    data = comparison(dataset)
    contrasts = [
        replace(c, rates=(Rates(a, c.rates[0].person_years), Rates(b, c.rates[1].person_years)))
        for c, a, b in zip(data.contrasts, treatment, control, strict=True)
    ]
    return replace(data, contrasts=tuple(contrasts))


def of_used(values: list[float | None], used: np.ndarray) -> np.ndarray:
    return np.array([np.nan if values[i] is None else values[i] for i in used], dtype=float)


def assert_pinned(result: Pooled, pinned: Entry, skip: frozenset[str] = frozenset()) -> None:
    pairs = {name: (ours(result, name), value) for name, value in pinned.items() if name not in skip}
    assert not {name: pair for name, pair in pairs.items() if not close(*pair)}


@pytest.mark.parametrize("entry", of("effects"), ids=identifiers(of("effects")))
def test_effects_of_single_trials(entry: Entry) -> None:
    effects = compute_effects(comparison(entry["dataset"]), entry["settings"]["measure"])
    values = entry["values"]
    np.testing.assert_allclose(effects.estimate, of_used(values["y"], effects.used), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(effects.variance, of_used(values["v"], effects.used), rtol=1e-10)
    assert len(effects.used) == sum(y is not None for y in values["y"])


SEEN_BY_R_ALONE = frozenset({"weights", "tau2_interval_empty", "i2_tau2_low", "i2_tau2_high"})


@pytest.mark.parametrize("entry", of("pooled"), ids=identifiers(of("pooled")))
def test_inverse_variance(entry: Entry) -> None:
    settings = entry["settings"]
    method = InverseVariance(model="common")
    if settings["model"] == "random":
        method = InverseVariance(interval=settings["interval"], prediction=settings["prediction"])
    result = pool_request(comparison(entry["dataset"]), Request(measure=settings["measure"], method=method))
    assert_pinned(result, entry["values"], SEEN_BY_R_ALONE)
    if "weights" in entry["values"]:
        mine = [study.weight or 0.0 for study in result.studies]
        np.testing.assert_allclose(mine, entry["values"]["weights"], rtol=1e-8)


@pytest.mark.parametrize("entry", of("mantel-haenszel"), ids=identifiers(of("mantel-haenszel")))
def test_mantel_haenszel_rates(entry: Entry) -> None:
    request = Request(measure=entry["settings"]["measure"], method=MantelHaenszel())
    result = pool_request(comparison(entry["dataset"]), request)
    assert_pinned(result, entry["values"], frozenset({"weights"}))
    np.testing.assert_allclose([s.weight for s in result.studies], entry["values"]["weights"], rtol=1e-8)


@pytest.mark.parametrize("entry", of("zeros"), ids=identifiers(of("zeros")))
def test_rates_without_events(entry: Entry) -> None:
    settings, values = entry["settings"], entry["values"]
    data = with_events(entry["dataset"], settings["events_treatment"], settings["events_control"])
    if settings["zero_cells"] == "none":
        result = pool_request(data, Request(measure=settings["measure"], method=MantelHaenszel()))
        assert_pinned(result, values)
        return
    double_zero = "corrected" if settings["double_zero"] == "corrected" else "not estimable"
    effects = compute_effects(data, settings["measure"], ZeroCells(rule="constant", double_zero=double_zero))
    np.testing.assert_allclose(effects.estimate, of_used(values["y"], effects.used), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(effects.variance, of_used(values["v"], effects.used), rtol=1e-10)


@pytest.mark.parametrize("entry", of("combined"), ids=identifiers(of("combined")))
def test_active_arms_with_means_are_combined(entry: Entry) -> None:
    effects = compute_effects(comparison(entry["dataset"]), entry["settings"]["measure"])
    np.testing.assert_allclose(effects.estimate, entry["values"]["y"], rtol=1e-10)
    np.testing.assert_allclose(effects.variance, entry["values"]["v"], rtol=1e-10)


@pytest.mark.parametrize("entry", of("shared"), ids=identifiers(of("shared")))
def test_active_arms_with_means_share_their_control(entry: Entry) -> None:
    data, measure, values = comparison(entry["dataset"], "shared"), entry["settings"]["measure"], entry["values"]
    effects = compute_effects(data, measure)
    np.testing.assert_allclose(effects.estimate, values["y"], rtol=1e-10)
    np.testing.assert_allclose(effects.variance, values["v"], rtol=1e-10)
    assert effects.covariance is not None
    off_diagonal = effects.covariance[np.triu_indices(len(effects.used), 1)]
    np.testing.assert_allclose(off_diagonal.max(), values["covariance_of_first_pair"], rtol=1e-10)
    result = pool_request(data, Request(measure=measure, method=InverseVariance(model="common")))
    assert_pinned(result, {n: values[n] for n in ("estimate", "std_error", "conf_low", "conf_high", "q")})


def test_a_hazard_ratio_with_its_interval() -> None:
    values = named("given/steurer2006/interval")["values"]
    effects = compute_effects(comparison("steurer2006"), "hazard ratio")
    np.testing.assert_allclose(effects.estimate, values["y"], rtol=1e-12)
    np.testing.assert_allclose(effects.variance, values["v"], rtol=1e-12)


def test_a_hazard_ratio_with_its_p_value() -> None:
    pinned = named("given/steurer2006/p-value")["values"]
    logs = compute_effects(comparison("steurer2006"), "hazard ratio").estimate
    mine = [standard_error_from_p_value(y, p) for y, p in zip(logs, pinned["p"], strict=True)]
    np.testing.assert_allclose(mine, pinned["std_error"], rtol=1e-10)


@pytest.mark.parametrize("level", [0.9, 0.99])
def test_the_level_of_a_given_interval_counts(level: float) -> None:
    lines = (DATA / "steurer2006.csv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=True), conf_level=level) for line in lines[1:]]
    data = compare(read_table(rows).trials, outcome="death", treatment="purine antagonist", control="alkylator")
    effects = compute_effects(data, "hazard ratio")
    np.testing.assert_allclose(effects.variance, named(f"given/steurer2006/level-{level:g}")["values"]["v"], rtol=1e-12)


# --- single arms -----------------------------------------------------------------------------------------------------

SINGLE = {"PR": "raw proportion", "PLO": "logit proportion", "PFT": "double arcsine proportion"}
CORRECTED = ZeroCells(rule="constant")


@cache
def one_arm(dataset: str, outcome: str, treatment: str) -> SingleArm:
    return single_arm(read_table(DATA / f"{dataset}.csv").trials, outcome=outcome, treatment=treatment)


def pooled_arm(measure: str, model: str) -> PooledSingleArm:
    options = {} if measure == "double arcsine proportion" else {"zero_cells": CORRECTED}
    method = InverseVariance(model=model, interval="wald", **options)
    return pool_single_arm(one_arm("pritz1997", "improvement", "hemodilution"), measure=measure, method=method)


@pytest.mark.filterwarnings("ignore:Transformed back")
@pytest.mark.parametrize("measure", SINGLE)
def test_transformed_proportions_of_single_trials(measure: str) -> None:
    values = named(f"single/pritz1997/{measure}")["values"]
    result = pooled_arm(SINGLE[measure], "common")
    n = np.array([study.arm.n for study in result.studies])
    z = 1.959963984540054
    shown = np.array([(s.estimate, s.conf_low, s.conf_high) for s in result.studies])
    limits = np.array([values["y"] + k * z * np.sqrt(values["v"]) for k in (0, -1, 1)]).T
    expected = transformed_back(SINGLE[measure], limits, n[:, None])
    np.testing.assert_allclose(shown, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("ignore:Transformed back")
@pytest.mark.parametrize("entry", of("single-pooled"), ids=identifiers(of("single-pooled")))
def test_pooled_single_arms(entry: Entry) -> None:
    settings, values = entry["settings"], entry["values"]
    if settings["measure"] == "IRLN":
        arms = one_arm("nielweise2008", "infection", "standard")
        method = InverseVariance(model=settings["model"], interval="wald")
        result = pool_single_arm(arms, measure="log rate", method=method)
    else:
        result = pooled_arm(SINGLE[settings["measure"]], settings["model"])
        np.testing.assert_allclose(result.displayed, values["displayed"], rtol=1e-9)
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert close(getattr(result, name), values[name]), name
    assert close(result.heterogeneity.q, values["q"])
    if settings["model"] == "random":
        assert close(result.heterogeneity.tau2, values["tau2"])


def test_the_binomial_normal_model_of_proportions_is_that_of_lme4() -> None:
    values = named("single-glmm/pritz1997")["values"]
    result = pool_single_arm(one_arm("pritz1997", "improvement", "hemodilution"))
    assert close(result.estimate, values["estimate"], relative=1e-6)
    assert close(result.heterogeneity.tau2, values["tau2"], relative=1e-5)


def test_the_way_back_of_a_double_arcsine() -> None:
    values = named("back/PFT")["values"]
    found = double_arcsine_back(np.array(values["x"]), np.array(values["n"], dtype=float))
    np.testing.assert_allclose(found, values["p"], rtol=1e-10, atol=1e-12)


# --- conversions -----------------------------------------------------------------------------------------------------


def test_conversions_of_medians() -> None:
    pinned = named("conversion/quartiles")["values"]
    for n, q1, m, q3, mean, sd in zip(*(pinned[k] for k in ("n", "q1", "median", "q3", "mean", "sd")), strict=True):
        found = mean_and_sd_from_quartiles(q1, m, q3, n)
        np.testing.assert_allclose((found.mean, found.sd), (mean, sd), rtol=1e-12)
    pinned = named("conversion/range")["values"]
    names = ("n", "minimum", "median", "maximum", "mean", "sd")
    for n, low, m, high, mean, sd in zip(*(pinned[k] for k in names), strict=True):
        found = mean_and_sd_from_range(low, m, high, n)
        np.testing.assert_allclose((found.mean, found.sd), (mean, sd), rtol=1e-12)
    pinned = named("conversion/five-numbers")["values"]
    numbers = zip(*(pinned[k] for k in ("minimum", "q1", "median", "q3", "maximum")), strict=True)
    for n, five, mean, sd in zip(pinned["n"], numbers, pinned["mean"], pinned["sd"], strict=True):
        found = mean_and_sd_from_five_numbers(five, n)
        np.testing.assert_allclose((found.mean, found.sd), (mean, sd), rtol=1e-12)


def test_conversion_of_the_interval_of_a_mean() -> None:
    pinned = named("conversion/interval-of-a-mean")["values"]
    for level in ("90", "95"):
        rows = zip(pinned["low"], pinned["high"], pinned["n"], pinned[f"sd_{level}"], strict=True)
        for low, high, n, sd in rows:
            assert close(sd_from_interval(low, high, n, int(level) / 100), sd)


def test_the_exact_correction_of_hedges() -> None:
    pinned = named("conversion/hedges")["values"]
    np.testing.assert_allclose(hedges_correction(np.array(pinned["df"], dtype=float)), pinned["factor"], rtol=1e-12)
