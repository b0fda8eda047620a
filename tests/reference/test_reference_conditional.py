"""Exact and hypergeometric-normal fits against R, within what R's own root finders and integration are good for."""

from __future__ import annotations

import math

import pytest
from reference.entries import Entry, comparison, identifiers, load

from trialpool.pool.exact import exact_common_odds_ratio
from trialpool.pool.hypergeometric_normal import hypergeometric_normal

ENTRIES = load("conditional")
EXACT = [entry for entry in ENTRIES if entry["settings"]["method"] == "exact"]
NORMAL = [entry for entry in ENTRIES if entry["settings"]["method"] == "hypergeometric-normal"]


@pytest.mark.parametrize("entry", EXACT, ids=identifiers(EXACT))
def test_exact(entry: Entry) -> None:
    fit = exact_common_odds_ratio(
        comparison(entry["dataset"]).tables(), mid_p=False, conf_level=entry["settings"]["conf_level"]
    )
    ours = {"odds_ratio": fit.estimate, "conf_low": fit.conf_low, "conf_high": fit.conf_high}
    for name, value in entry["values"].items():
        assert math.isclose(math.exp(ours[name]), value, rel_tol=entry["tolerance"]["relative"]), name


@pytest.mark.parametrize("entry", NORMAL, ids=identifiers(NORMAL))
def test_hypergeometric_normal(entry: Entry) -> None:
    fit = hypergeometric_normal(comparison(entry["dataset"]).tables(), profile=False)
    pinned, tolerance = entry["values"], entry["tolerance"]
    for name in ("estimate", "tau2"):
        assert math.isclose(getattr(fit, name), pinned[name], rel_tol=tolerance["relative"]), name
    assert math.isclose(fit.log_likelihood, pinned["log_likelihood"], rel_tol=1e-6)
    assert math.isclose(fit.std_error, pinned["std_error"], rel_tol=tolerance["std_error"])
