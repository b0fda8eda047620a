"""Profiles held to their programs' numbers: metafor's as printed by its defaults, meta's by its documented rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from reference.entries import Entry, close, comparison, identifiers, load, ours

from trialpool.effects import binary_effects
from trialpool.pool import InverseVariance, Request, pool_request, profile

ENTRIES = load("profiles")
NOT_OURS = {"tau2_interval_empty", "i2_tau2_low", "i2_tau2_high", "h2_q"}


def request(settings: Entry) -> Request:
    """The profile's own choices; only what the entry varies (estimator, interval, prediction, model) is replaced."""
    chosen = profile(settings["profile"])
    if settings["method"] == "mantel-haenszel":
        return Request(measure=settings["measure"], method=chosen.method("mantel-haenszel", settings["measure"]))
    method = chosen.inverse_variance
    if settings["model"] == "common":
        method = InverseVariance(model="common", zero_cells=method.zero_cells)
    else:
        names = ("tau2", "interval", "prediction")
        method = replace(method, i2="tau2", **{name: settings[name] for name in names if name in settings})
    return Request(measure=settings["measure"], method=method, conf_level=settings["conf_level"])


@pytest.mark.parametrize("entry", ENTRIES, ids=identifiers(ENTRIES))
def test_profile(entry: Entry) -> None:
    settings, pinned = entry["settings"], entry["values"]
    data = comparison(entry["dataset"])
    if "y" in pinned:
        zero_cells = profile(settings["profile"]).inverse_variance.zero_cells
        effects = binary_effects(data, settings["measure"], zero_cells)
        position = {label: i for i, label in enumerate(entry["trials"])}
        places = [position[data.contrasts[i].label] for i in effects.used]
        np.testing.assert_allclose(effects.estimate, np.array(pinned["y"], dtype=float)[places], rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(effects.variance, np.array(pinned["v"], dtype=float)[places], rtol=1e-9)
        return
    result = pool_request(data, request(settings))
    allowed = entry["tolerance"]["absolute"] if entry.get("tolerance") else {}
    for name, value in pinned.items():
        if name in NOT_OURS or (name.startswith("prediction") and result.prediction is None):
            continue
        if name == "k":
            assert sum(study.contributes for study in result.studies) == value
            continue
        # metafor stops early: its printed numbers are held to what that costs, named in the entry
        absolute = allowed.get(name) or 1e-12
        assert close(ours(result, name), value, absolute=absolute), (name, ours(result, name), value)
