"""Counts within bounds, and listed counts given their listing, held to brute force in R."""

from __future__ import annotations

import math

import pytest
from reference.entries import Entry, identifiers, load

from trialpool.pool.interval_censored_contrasts import pool_interval_censored
from trialpool.pool.interval_censored_method import IntervalCensored
from trialpool.trials.bounds import Bounds, Piece

ENTRIES = load("interval_censored")


def contrasts(arms: dict[str, list[float]]) -> list[tuple[Bounds, Bounds, bool]]:
    columns = ("trial", "treated", "low", "high", "n", "listed_from")
    rows = [tuple(int(x) for x in row) for row in zip(*(arms[name] for name in columns), strict=True)]
    sides: dict[int, tuple[list[Piece], list[Piece]]] = {}
    for trial, treated, *numbers in rows:
        sides.setdefault(trial, ([], []))[1 - treated].append(Piece(*numbers))
    return [(tuple(treatment), tuple(control), False) for treatment, control in sides.values()]


@pytest.mark.parametrize("entry", ENTRIES, ids=identifiers(ENTRIES))
def test_both_likelihoods(entry: Entry) -> None:
    settings = entry["settings"]
    method = IntervalCensored(
        likelihood=settings["likelihood"],
        model=settings["model"],
        interval="profile-likelihood" if "conf_low" in entry["values"] else "wald",
    )
    fit = pool_interval_censored(contrasts(settings["arms"]), method).fit
    for name, value in entry["values"].items():
        absolute = 1e-6 * fit.std_error if name == "estimate" else 1e-9
        assert math.isclose(getattr(fit, name), value, rel_tol=1e-6, abs_tol=absolute), name
