"""Posteriors against brute force in R, bayesmeta, and an older grid."""

from __future__ import annotations

import math

import numpy as np
import pytest
from reference.entries import Entry, comparison, identifiers, load

from trialpool.pool.bayes import HypergeometricFit, NormalNormalFit, bayes_hypergeometric, bayes_normal_normal

BRUTE_FORCE = load("bayes")
OLDER = load("bayesmeta")
BAYESMETA = [entry for entry in OLDER if entry["settings"]["method"] == "normal-normal"]
COARSE = [entry for entry in OLDER if entry["settings"]["method"] == "hypergeometric"]


def fit_of(entry: Entry) -> NormalNormalFit | HypergeometricFit:
    settings = entry["settings"]
    priors = {name: settings[name] for name in ("tau_prior", "effect_prior", "conf_level")}
    if settings["method"] == "normal-normal":
        return bayes_normal_normal(settings["y"], settings["v"], **priors)
    if "tables" in settings:
        return bayes_hypergeometric(np.array(settings["tables"], dtype=float), **priors)
    return bayes_hypergeometric(comparison(entry["dataset"]).tables(), **priors)


def ours(fit: NormalNormalFit | HypergeometricFit, name: str) -> float:
    of, _, what = name.partition("_")
    if of == "first":
        of, what = "first_study", name.removeprefix("first_study_")
    posterior = fit.study_effect(0) if of == "first_study" else getattr(fit, of)
    if what in ("low", "high"):
        return posterior.interval(fit.conf_level)[what == "high"]
    if what == "below_zero":
        return posterior.probability_below(0.0)
    return getattr(posterior, what)


@pytest.mark.parametrize("entry", BRUTE_FORCE, ids=identifiers(BRUTE_FORCE))
def test_brute_force_in_r(entry: Entry) -> None:
    fit, tolerance = fit_of(entry), entry["tolerance"]
    for name, value in entry["values"].items():
        if "absolute" in tolerance:
            assert math.isclose(ours(fit, name), value, rel_tol=0, abs_tol=tolerance["absolute"]), name
            continue
        # ends of intervals of tau are read off a grid
        relative = 3e-5 if name.startswith("tau") else tolerance["relative"]
        assert math.isclose(ours(fit, name), value, rel_tol=relative, abs_tol=1e-9), name


@pytest.mark.parametrize("entry", BAYESMETA, ids=identifiers(BAYESMETA))
def test_bayesmeta(entry: Entry) -> None:
    fit, values = fit_of(entry), entry["values"]
    for name, value in values.items():
        # its mixtures are of few components; in units of the standard deviation that is all alike
        unit = 1.0 if name.endswith("zero") else values[f"{name.partition('_')[0]}_std_dev"]
        bound = 2e-5 if name.startswith("tau") else 6e-4 if name.endswith(("median", "mean", "zero")) else 5e-3
        assert abs(ours(fit, name) - value) < bound * unit, name


@pytest.mark.parametrize("entry", COARSE, ids=identifiers(COARSE))
def test_older_grid_of_counts(entry: Entry) -> None:
    fit = fit_of(entry)
    for name, value in entry["values"].items():
        bound = 1e-4 if name in ("effect_median", "effect_mean") else 3e-3
        assert abs(ours(fit, name) - value) < bound, name
