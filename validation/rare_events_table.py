"""Rare events, method by method, on seven published data sets: our numbers beside those of other programs.

    python validation/rare_events_table.py

prints every cell of ``rare_events_table.csv`` with what it is held to and where that is from, then the differences between our
own two routes to a number where there are two (tolerance 1e-8). Exit code 1 where any is off.
"""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trialpool.pool.bayes.hypergeometric import bayes_hypergeometric
from trialpool.pool.beta_binomial import beta_binomial
from trialpool.pool.exact import exact_common_odds_ratio, minimum_likelihood_p_value
from trialpool.pool.hypergeometric_normal import hypergeometric_normal
from trialpool.pool.mantel_haenszel import mantel_haenszel_odds_ratio

HERE = Path(__file__).parent
Array = NDArray[np.float64]


def tables_of(name: str) -> Array:
    """Counts of a data set, shape (4, K)."""
    with (HERE / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ("events_treatment", "n_treatment", "events_control", "n_control")
    return np.array([[float(row[column]) for row in rows] for column in columns])


def cells_of(tables: Array) -> dict[str, float]:
    """Every number of the table for one data set."""
    a, n1, c, n2 = tables
    haenszel, variance, _ = mantel_haenszel_odds_ratio(*tables)
    expected, total = n1 * (a + c) / (n1 + n2), n1 + n2
    v = (n1 * n2 * (a + c) * (total - a - c) / (total**2 * (total - 1))).sum()
    conditional, arms = hypergeometric_normal(tables, interval="wald"), beta_binomial(tables)
    mid, exact = exact_common_odds_ratio(tables), exact_common_odds_ratio(tables, mid_p=False)
    bayes = bayes_hypergeometric(tables)
    return {
        "Mantel-Haenszel log OR": haenszel,
        "Mantel-Haenszel SE": math.sqrt(variance),
        "Peto log OR": float((a - expected).sum() / v),
        "Peto SE": 1 / math.sqrt(v),
        "conditional log OR": conditional.estimate,
        "conditional SE": conditional.std_error,
        "conditional tau2": conditional.tau2,
        "beta-binomial log OR": arms.estimate,
        "beta-binomial SE": arms.std_error,
        "beta-binomial rho": arms.rho,
        "exact OR": math.exp(exact.estimate),
        "exact lower": math.exp(exact.conf_low),
        "exact upper": math.exp(exact.conf_high),
        "exact p": minimum_likelihood_p_value(tables),
        "mid-P lower": math.exp(mid.conf_low),
        "mid-P upper": math.exp(mid.conf_high),
        "Bayes median": bayes.estimate,
        "Bayes lower": bayes.conf_low,
        "Bayes upper": bayes.conf_high,
    }


def second_routes(name: str) -> dict[str, float]:
    """Differences between two routes of our own to the same number; empty where there is one route."""
    from trialpool.harmonise import compare
    from trialpool.pool import Exact, HypergeometricNormal, Peto, pool_request
    from trialpool.pool.request import Request
    from trialpool.read import read_table

    tables = tables_of(name)
    rows = [
        {"trial": f"{i}", "events_treatment": a, "n_treatment": n1, "events_control": c, "n_control": n2}
        for i, (a, n1, c, n2) in enumerate(tables.T.astype(int).tolist())
    ]
    comparison = compare(
        read_table(rows, outcome="event").trials, outcome="event", treatment="treatment", control="control"
    )
    cells = cells_of(tables)
    door = {
        "conditional log OR": Request(measure="odds ratio", method=HypergeometricNormal()),
        "Peto log OR": Request(measure="Peto odds ratio", method=Peto()),
    }
    found = {
        f"{cell} at the door": pool_request(comparison, request).estimate - cells[cell]
        for cell, request in door.items()
    }
    exact = pool_request(comparison, Request(measure="odds ratio", method=Exact())).estimate
    found["exact OR at the door"] = math.exp(exact) - cells["exact OR"]
    if cells["conditional tau2"] == 0:
        # without heterogeneity the two models are one
        found["exact and conditional log OR"] = exact - cells["conditional log OR"]
    return found


def main() -> int:
    """Print the table; the exit code."""
    with (HERE / "rare_events_table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    off = 0
    found = {name: cells_of(tables_of(name)) for name in dict.fromkeys(row["data"] for row in rows)}
    for row in rows:
        value, expected = found[row["data"]][row["cell"]], float(row["expected"])
        good = abs(value - expected) <= float(row["tolerance"])
        off += not good
        print(
            f"{row['data']:24}{row['cell']:24}{value:15.8f}{expected:15.8f}  {'ok ' if good else 'OFF'}  {row['made by']}"
        )
    routes = [(name, what, value) for name in found for what, value in second_routes(name).items()]
    for name, what, value in routes:
        good = abs(value) <= 1e-8
        off += not good
        print(f"{name:24}{what:36}{value:12.1e}  {'ok' if good else 'OFF'}")
    print(f"{len(rows)} cells and {len(routes)} second routes, {off} off")
    return int(off > 0)


if __name__ == "__main__":
    sys.exit(main())
