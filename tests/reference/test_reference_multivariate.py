"""Multivariate pooling against metafor::rma.mv, given the covariance between trials that maximises the likelihood by hand.

The maximum by hand is found with numerical derivatives: variances are good to 1e-6, the rest to 1e-7. Where rma.mv's own
optimiser ends at the same height, its estimates are pinned too, good to what a flat top leaves of them.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache

import numpy as np
import pytest
from reference.entries import DATA, Entry, identifiers, load

from trialpool.harmonise import compare
from trialpool.pool.multivariate import pool_multivariate
from trialpool.pool.multivariate_fit import MultivariateFit, multivariate_effects
from trialpool.pool.multivariate_method import Multivariate
from trialpool.read import read_table

ENTRIES = load("multivariate")


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    with (DATA / f"{name}.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


@cache
def shared(name: str):
    table = read_table([{**row, "outcome": "event"} for row in rows_of(name)])
    return compare(table.trials, outcome="event", treatment="active", control="control", multi_arm="shared")


def matrices(name: str, within: float | None) -> list[np.ndarray]:
    """Covariance within each trial: as published, from published correlations, or as assumed."""
    trials = defaultdict(list)
    for row in rows_of(name):
        trials[row["trial"]].append(row)
    if name == "berkey1998":
        return [np.array([[float(r["c1"]), float(r["c2"])] for r in rows]) for rows in trials.values()]
    found = []
    for rows in trials.values():
        if name == "hypertension":
            sd, correlation = np.array([float(r["se"]) for r in rows]), float(rows[0]["correlation"])
        else:
            sd, correlation = np.array([float(r["v"]) ** 0.5 for r in rows]), within
        found.append(np.outer(sd, sd) * ((1 - correlation) * np.eye(len(sd)) + correlation))
    return found


def design(name: str, regressors: str | None) -> np.ndarray | None:
    """An own slope for each component."""
    if regressors is None:
        return None
    rows = rows_of(name)
    names = list(dict.fromkeys(row["component"] for row in rows))
    x = np.array([[float(row["component"] == n) for n in names] for row in rows])
    value = {"year-1983": lambda row: float(row["year"]) - 1983, "isolated": lambda row: float(row["isolated"])}[
        regressors
    ]
    return np.hstack([x, x * np.array([[value(row)] for row in rows])])


def fit_of(entry: Entry) -> MultivariateFit:
    s, name = entry["settings"], entry["dataset"]
    method = Multivariate(**{k: s[k] for k in ("model", "between", "tau2", "interval", "correlation") if k in s})
    if "measure" in s:
        return pool_multivariate(shared(name), measure=s["measure"], method=method).fit
    rows = rows_of(name)
    return multivariate_effects(
        [float(row["y"]) for row in rows],
        matrices(name, s.get("within")),
        trial=[row["trial"] for row in rows],
        component=[row["component"] for row in rows],
        design=design(name, s.get("regressors")),
        method=method,
    )


@pytest.mark.parametrize("entry", ENTRIES, ids=identifiers(ENTRIES))
def test_multivariate(entry: Entry) -> None:
    fit, pinned = fit_of(entry), entry["values"]
    scale = float(np.max(pinned["std_error"]))
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(getattr(fit, name), pinned[name], rtol=1e-7, atol=1e-6 * scale, err_msg=name)
    np.testing.assert_allclose(fit.statistic, pinned["statistic"], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(fit.p_value, pinned["p_value"], rtol=2e-5, atol=1e-300)
    np.testing.assert_allclose(fit.covariance.ravel(), pinned["covariance"], rtol=1e-6, atol=1e-6 * scale**2)
    np.testing.assert_allclose(fit.between.ravel(), pinned["between"], rtol=1e-5, atol=1e-6 * scale**2)
    assert np.isclose(fit.log_likelihood, pinned["log_likelihood"], rtol=1e-9, atol=1e-9)
    assert np.isclose(fit.q, pinned["q"], rtol=1e-9)
    assert fit.q_df == pinned["q_df"]
    assert np.isclose(fit.q_p_value, pinned["q_p_value"], rtol=1e-7)
    np.testing.assert_allclose(fit.i2, pinned["i2"], rtol=1e-5, atol=1e-6)
    assert np.isclose(fit.i2_joint, pinned["i2_joint"], rtol=1e-5, atol=1e-6)
    if "equality_statistic" in pinned:
        test = fit.test_of_equality()
        assert np.isclose(test.statistic, pinned["equality_statistic"], rtol=1e-6)
        assert np.isclose(test.p_value, pinned["equality_p_value"], rtol=1e-5)
    if "rma_mv_estimate" in pinned:
        np.testing.assert_allclose(fit.estimate, pinned["rma_mv_estimate"], rtol=1e-3, atol=1e-3 * scale)


def test_gleser_and_olkin() -> None:
    """The Handbook of Research Synthesis and Meta-Analysis (2009), chapter 19: common effects, here with their sign."""
    common = Multivariate(model="common")
    difference = pool_multivariate(shared("gleser_olkin2009"), measure="risk difference", method=common).fit
    assert np.abs(difference.estimate).round(4).tolist() == [0.0200, 0.0043, 0.0211]
    assert (difference.covariance * 1e6).round(3).tolist() == [
        [24.612, 19.954, 13.323],
        [19.954, 28.538, 13.255],
        [13.323, 13.255, 69.806],
    ]
    assert round(difference.q, 4) == 7.1907
    ratio = pool_multivariate(shared("gleser_olkin2009"), measure="odds ratio", method=common).fit
    assert np.abs(ratio.estimate).round(4).tolist() == [0.5099, 0.0044, 0.4301]
    assert round(ratio.q, 4) == 2.0563
