"""Dose-response curves against R: rma.mv with random slopes, glm, glmer, and the binomial likelihood by hand.

The likelihoods by hand are maximised by Newton's method with numerical derivatives. Their standard errors are good to 1e-5 (the
numerical Hessian of a profile), those of metafor and glm to rounding; glmer stops at 1e-4.
"""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
import pytest
from reference.entries import DATA, Entry, identifiers, load

from trialpool.pool.dose_one_stage import OneStage
from trialpool.pool.dose_record import DoseResponse
from trialpool.pool.dose_response import dose_response
from trialpool.pool.dose_shapes import LogDose, Spline
from trialpool.pool.multivariate_method import Multivariate
from trialpool.read import read_table

ENTRIES = load("dose_response")
TWO_STAGE = [entry for entry in ENTRIES if entry["settings"]["method"] == "two-stage"]
ONE_STAGE = [entry for entry in ENTRIES if entry["settings"]["method"] == "one-stage"]
SHAPES = {"log": LogDose(offset=10), "spline": Spline(knots=(5, 20, 40))}


@cache
def trials(name: str):
    with (DATA / f"{name}.csv").open(encoding="utf-8") as file:
        rows = [
            {**row, "treatment": "placebo" if row["dose"] == "0" else "drug", "outcome": "event"}
            for row in csv.DictReader(file)
        ]
    return read_table(rows).trials


@cache
def fitted(name: str, measure: str, shape: str, method) -> DoseResponse:
    return dose_response(
        trials(name),
        outcome="event",
        control="placebo",
        doses="dose",
        shape=SHAPES.get(shape, shape),
        measure=measure,
        method=method,
    )


def result_of(entry: Entry) -> DoseResponse:
    s = entry["settings"]
    method = OneStage(model=s["model"], departure=s.get("departure"))
    if s["method"] == "two-stage":
        method = Multivariate(model=s["model"], tau2=s.get("tau2"))
    return fitted(entry["dataset"], s["measure"], s["shape"], method)


@pytest.mark.parametrize("entry", TWO_STAGE, ids=identifiers(TWO_STAGE))
def test_two_stage(entry: Entry) -> None:
    result, pinned = result_of(entry), entry["values"]
    rows = result.tidy()
    size = np.abs(pinned["estimate"])
    np.testing.assert_allclose([row["estimate"] for row in rows], pinned["estimate"], rtol=1e-6)
    np.testing.assert_allclose([row["std_error"] for row in rows], pinned["std_error"], rtol=1e-6)
    np.testing.assert_allclose([row["p_value"] for row in rows], pinned["p_value"], rtol=1e-5, atol=1e-300)
    np.testing.assert_allclose(result.curve.covariance.ravel(), np.ravel(pinned["covariance"]), rtol=1e-6)
    sd = result.between_sd or (0.0,) * len(rows)
    np.testing.assert_allclose(sd, pinned["between_sd"], rtol=1e-5, atol=1e-6 * size.min())
    assert np.isclose(result.log_likelihood, pinned["log_likelihood"], rtol=1e-9, atol=1e-9)
    assert np.isclose(result.two_stage.q, pinned["q"], rtol=1e-9)
    assert np.isclose(result.two_stage.q_p_value, pinned["q_p_value"], rtol=1e-7)
    points = result.predict(pinned["doses"])
    np.testing.assert_allclose([p.estimate for p in points], pinned["effect"], rtol=1e-6)
    np.testing.assert_allclose([p.std_error for p in points], pinned["effect_std_error"], rtol=1e-6)


@pytest.mark.parametrize("entry", ONE_STAGE, ids=identifiers(ONE_STAGE))
def test_one_stage(entry: Entry) -> None:
    result, pinned = result_of(entry), entry["values"]
    exact = "glm(" in entry["call"]
    loose, se = (1e-8, 1e-8) if exact else (2e-6, 2e-5)
    rows = result.tidy()
    np.testing.assert_allclose([row["estimate"] for row in rows], np.atleast_1d(pinned["estimate"]), rtol=loose)
    np.testing.assert_allclose([row["std_error"] for row in rows], np.atleast_1d(pinned["std_error"]), rtol=se)
    assert np.isclose(result.log_likelihood, pinned["log_likelihood"], rtol=1e-9)
    assert result.glance()["k_informative"] == pinned["trials"]
    if pinned["between_sd"] is None:
        assert result.between_sd == ()
    else:
        assert np.isclose(result.between_sd[0], pinned["between_sd"], rtol=2e-5, atol=1e-12)
    points = result.predict(pinned["doses"])
    np.testing.assert_allclose([p.estimate for p in points], pinned["effect"], rtol=loose)
    np.testing.assert_allclose([p.std_error for p in points], pinned["effect_std_error"], rtol=se)
    if "glmer_estimate" in pinned:
        assert np.isclose(rows[0]["estimate"], pinned["glmer_estimate"], rtol=1e-3)
        assert np.isclose(result.between_sd[0], pinned["glmer_between_sd"], rtol=1e-3, atol=1e-6)


def test_eletriptan_is_as_computed_before() -> None:
    result = fitted("eletriptan", "odds ratio", "emax", OneStage(departure="from zero"))
    emax, ed50 = result.tidy()
    assert [round(emax["estimate"], 4), round(emax["std_error"], 4)] == [2.3615, 0.1589]
    assert [round(ed50["estimate"], 4), round(ed50["std_error"], 4)] == [2.5415, 0.2491]
    assert result.between_sd == (0.0,)
    assert [round(float(np.exp(p.estimate)), 3) for p in result.at_trial_doses()] == [4.239, 6.004, 7.675]
