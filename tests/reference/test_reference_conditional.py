"""Exact and conditional random-effects fits against R: its own functions within what they are good for, brute force closely."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from reference.entries import DATA, Entry, comparison, identifiers, load

from trialpool.pool.binomial_normal import binomial_normal, binomial_normal_tau2_interval
from trialpool.pool.exact import exact_common_odds_ratio, exact_common_rate_ratio, minimum_likelihood_p_value
from trialpool.pool.hypergeometric_normal import hypergeometric_normal, hypergeometric_normal_tau2_interval

ENTRIES = load("conditional")
EXACT = [entry for entry in ENTRIES if entry["settings"]["method"] == "exact"]
MIXTURES = [entry for entry in ENTRIES if entry["settings"]["method"] != "exact"]
FITS = {
    "hypergeometric-normal": (hypergeometric_normal, hypergeometric_normal_tau2_interval),
    "binomial-normal": (binomial_normal, binomial_normal_tau2_interval),
}


def rates(dataset: str) -> np.ndarray:
    """Events and person-time of both arms."""
    with (DATA / f"{dataset}.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    arms = {
        standard: [row for row in rows if (row["treatment"] == "standard") == standard] for standard in (False, True)
    }
    columns = [[float(row[name]) for row in arms[arm]] for arm in (False, True) for name in ("events", "person_years")]
    return np.array(columns)


def tables_of(entry: Entry) -> np.ndarray:
    settings = entry["settings"]
    tables = rates(entry["dataset"]) if settings["measure"] == "rate ratio" else comparison(entry["dataset"]).tables()
    trial = settings.get("trial")
    return tables if trial is None else tables[:, [trial - 1]]


@pytest.mark.parametrize("entry", EXACT, ids=identifiers(EXACT))
def test_exact(entry: Entry) -> None:
    settings, tables = entry["settings"], tables_of(entry)
    function = exact_common_rate_ratio if settings["measure"] == "rate ratio" else exact_common_odds_ratio
    fit = function(tables, mid_p=settings.get("mid_p", False), conf_level=settings["conf_level"])
    tolerance = entry.get("tolerance", {"relative": 1e-8})["relative"]
    for name, value in entry["values"].items():
        if name == "minimum_likelihood_p_value":
            assert math.isclose(minimum_likelihood_p_value(tables), value, rel_tol=1e-9), name
        elif "odds_ratio" in entry["values"]:
            ours = fit.estimate if name == "odds_ratio" else getattr(fit, name)
            assert math.isclose(math.exp(ours), value, rel_tol=tolerance), name
        else:
            assert math.isclose(getattr(fit, name), value, rel_tol=tolerance, abs_tol=1e-12), name


@pytest.mark.parametrize("entry", MIXTURES, ids=identifiers(MIXTURES))
def test_random_effects(entry: Entry) -> None:
    settings, tables, tolerance = entry["settings"], tables_of(entry), entry["tolerance"]
    fit_of, tau2_interval = FITS[settings["method"]]
    fit = fit_of(tables, interval=settings["interval"], conf_level=settings["conf_level"])
    for name, value in entry["values"].items():
        relative = tolerance["relative"]
        if "std_error" in tolerance and name in ("std_error", "conf_low", "conf_high", "p_value"):
            relative = tolerance["std_error"] * (10 if name == "p_value" else 1)
        if name in ("tau2_low", "tau2_high"):
            ours = tau2_interval(tables, conf_level=settings["conf_level"])[name == "tau2_high"]
        else:
            ours = getattr(fit, name)
        assert math.isclose(ours, value, rel_tol=relative, abs_tol=1e-10), (name, ours, value)


# Table of published values: Stijnen, Hamza & Özdemir 2010, and what the same models give where rma.glmm has no answer.
TO_FIVE_DIGITS = {
    "rosiglitazone_mi": (0.35484, 0.16626, 0.0),
    "rosiglitazone_cv_death": (0.50847, 0.27255, 0.0),
    "nielweise2007": (-1.35316, 0.35104, 0.69346),
    "okumura2014": (0.01801, 0.28957, 1.31970),
    "yuan2018": (0.66181, 0.31100, 0.17856),
    "bcg": (-0.75381, 0.18007, 0.31164),
    "tausk2021": (-0.16236, 0.19554, 0.0),
}


@pytest.mark.parametrize("dataset", TO_FIVE_DIGITS)
def test_hypergeometric_normal_to_five_digits(dataset: str) -> None:
    fit = hypergeometric_normal(comparison(dataset).tables(), interval="wald")
    np.testing.assert_allclose((fit.estimate, fit.std_error, fit.tau2), TO_FIVE_DIGITS[dataset], atol=1e-5)


def test_published_rates() -> None:
    """Stijnen 2010, tables V to VIII: catheter infections, exact model of rates and approximate model of risks."""
    fit = binomial_normal(rates("nielweise2008"), interval="wald")
    np.testing.assert_allclose((fit.estimate, fit.std_error, math.sqrt(fit.tau2)), (-0.4762, 0.2377, 0.3501), atol=6e-5)
    fit = binomial_normal(comparison("nielweise2007").tables(), interval="wald")
    np.testing.assert_allclose((fit.estimate, fit.std_error), (-1.3027, 0.3386), atol=6e-5)
