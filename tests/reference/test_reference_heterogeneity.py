"""Every estimator of tau2 and every interval for it, against R.

R's values come from metafor where it has them, each checked there against its own equation, and from the equation itself
where metafor's root finding stops early.
"""

from __future__ import annotations

import numpy as np
import pytest
from reference.entries import Entry, close, comparison, identifiers, load, zero_cells

from trialpool.effects import binary_effects
from trialpool.heterogeneity import generalised_q_interval, profile_likelihood_interval, q_profile
from trialpool.heterogeneity.tau2 import TAU2_KERNELS
from trialpool.pool import InverseVariance, Request, pool_request
from trialpool.pool.arrays import random_effects

ENTRIES = load("heterogeneity")
TABLES = [entry for entry in ENTRIES if "measure" in entry["settings"]]
INTERVALS = {
    "Q-profile": q_profile,
    "generalised-Q": generalised_q_interval,
    "profile-likelihood/REML": profile_likelihood_interval,
    "profile-likelihood/ML": lambda y, v, level: profile_likelihood_interval(y, v, level, likelihood="ML"),
}


def effects(entry: Entry) -> tuple[np.ndarray, np.ndarray]:
    settings = entry["settings"]
    if "y" in settings:
        return np.array(settings["y"]), np.array(settings["v"])
    found = binary_effects(comparison(entry["dataset"]), settings["measure"], zero_cells(settings))
    return found.estimate, found.variance


@pytest.mark.parametrize("entry", ENTRIES, ids=identifiers(ENTRIES))
def test_estimators(entry: Entry) -> None:
    y, v = effects(entry)
    values = entry["values"]
    assert set(values["tau2"]) == set(TAU2_KERNELS)
    for name in TAU2_KERNELS:
        fit = random_effects(y, v, tau2=name, interval="wald")
        assert close(fit.tau2, values["tau2"][name]), name
        assert close(fit.estimate, values["estimate"][name]), name
        assert close(fit.std_error, values["std_error"][name]), name


@pytest.mark.parametrize("entry", ENTRIES, ids=identifiers(ENTRIES))
def test_intervals(entry: Entry) -> None:
    y, v = effects(entry)
    levels = {
        float(name.removeprefix("limits/")): limits for name, limits in entry["values"].items() if "limits/" in name
    }
    assert levels
    for level, limits in levels.items():
        for name, (low, high) in limits.items():
            mine = INTERVALS[name](y, v, level)
            assert close(mine[0], low), (level, name, mine, low)
            assert close(mine[1], high), (level, name, mine, high)


@pytest.mark.parametrize("entry", TABLES, ids=identifiers(TABLES))
def test_the_pooled_result_carries_them(entry: Entry) -> None:
    settings, values = entry["settings"], entry["values"]
    for name, (low, high) in values["limits/0.95"].items():
        interval, _, likelihood = name.partition("/")
        for tau2 in (likelihood,) if likelihood else TAU2_KERNELS:
            method = InverseVariance(tau2=tau2, tau2_interval=interval, zero_cells=zero_cells(settings))
            result = pool_request(comparison(entry["dataset"]), Request(measure=settings["measure"], method=method))
            assert close(result.heterogeneity.tau2, values["tau2"][tau2])
            assert close(result.heterogeneity.tau2_low, low)
            assert close(result.heterogeneity.tau2_high, high)


def test_enough_is_pinned() -> None:
    of_one = [3 * len(TAU2_KERNELS) + 8 * sum("limits/" in name for name in entry["values"]) for entry in ENTRIES]
    assert sum(of_one) > 1000
