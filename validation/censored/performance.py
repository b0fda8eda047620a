"""From answers to rows: bias, coverage and width, each with what chance leaves open."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from trialpool.pool.interval_censored_contrasts import BoundedContrast
from validation.censored.cells import Cell, generate
from validation.censored.methods import METHODS, answers

__all__ = ["ANSWER_COLUMNS", "COLUMNS", "Row", "answer_rows", "performance"]

Row = Mapping[str, Any]

ANSWER_COLUMNS = ("data_set", "listed", "method", "estimate", "std_error", "low", "high")
COLUMNS = (
    *("threshold", "risk", "odds_ratio", "tau", "k", "population", "method", "datasets", "listed_share", "estimated"),
    *("bias", "bias_error", "coverage", "coverage_error", "median_width"),
)
"""``estimated`` counts the data sets with an interval; the rest is over those. Errors are Monte Carlo standard errors."""


def answer_rows(cell: Cell, block: int) -> list[Row]:
    """What every method says of every data set of a block."""
    rows: list[Row] = []
    for number, contrasts in enumerate(generate(cell, block)):
        listed = sum(_listed(contrast) for contrast in contrasts)
        for method, numbers in answers(contrasts).items():
            shown = ["" if math.isnan(value) else f"{value:.6f}" for value in numbers]
            rows.append(dict(zip(ANSWER_COLUMNS, (number, listed, method, *shown), strict=True)))
    return rows


def _listed(contrast: BoundedContrast) -> bool:
    treatment, control, elsewhere = contrast
    return elsewhere or any(p.low >= (p.listed_from or 0) for p in (*treatment, *control))


def performance(cell: Cell, rows: Sequence[Row]) -> list[Row]:
    """One row a method, from the answers to all data sets of a cell."""
    by_method = {method: [row for row in rows if row["method"] == method] for method in METHODS}
    return [_row(cell, method, found) for method, found in by_method.items() if found]


def _row(cell: Cell, method: str, rows: Sequence[Row]) -> Row:
    given = [row for row in rows if row["low"] != ""]
    listed = float(np.mean([int(row["listed"]) for row in rows])) / cell.k
    about = {**cell.columns, "method": method, "datasets": len(rows), "listed_share": f"{listed:.3f}"}
    numbers = _numbers(math.log(cell.odds_ratio), given) if given else {}
    return {name: {**about, "estimated": len(given), **numbers}.get(name, "") for name in COLUMNS}


def _numbers(truth: float, rows: Iterable[Row]) -> dict[str, str]:
    estimate, low, high = np.array([[float(row[name]) for name in ("estimate", "low", "high")] for row in rows]).T
    coverage = float(((low <= truth) & (truth <= high)).mean())
    values = {
        "bias": float((estimate - truth).mean()),
        "coverage": coverage,
        "coverage_error": math.sqrt(coverage * (1.0 - coverage) / estimate.size),
        "median_width": float(np.median(high - low)),
    }
    if estimate.size > 1:
        values["bias_error"] = float(estimate.std(ddof=1)) / math.sqrt(estimate.size)
    return {name: f"{value:.4f}" for name, value in values.items()}
