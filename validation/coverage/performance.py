"""From answers to rows: bias, coverage and width, each with what chance leaves open."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from validation.coverage.answers import Answers
from validation.coverage.cells import Cell, generate
from validation.coverage.methods import AUTOMATIC_CHOICE, METHODS, Chosen, automatic_answers
from validation.coverage.routes import answer
from validation.coverage.truth import true_effect

__all__ = ["COLUMNS", "Row", "row", "rows_of"]

Array = NDArray[np.float64]
Row = Mapping[str, Any]

COLUMNS = (
    *("k", "risk", "tau", "allocation", "log_odds_ratio", "baseline"),
    *("method", "chosen", "measure", "datasets", "estimated", "not_estimable", "failures"),
    *("bias", "bias_error", "coverage", "coverage_error", "median_width"),
)
"""Of a row. ``chosen`` is empty, but in the rows that tell the answers of the automatic choice apart by what it chose.
``estimated``, ``not_estimable`` and ``failures`` count data sets; the rest is over those estimated. Errors are Monte Carlo
standard errors."""

_BLOCK = 50  # data sets whose work arrays are held at a time


def rows_of(cell: Cell, datasets: int) -> tuple[list[Row], list[str]]:
    """The rows of a cell, and in words what failed."""
    tables = generate(cell, datasets)
    blocks = np.split(tables, range(_BLOCK, datasets, _BLOCK))
    known = {name: Answers.joined([answer(block, request) for block in blocks]) for name, request in METHODS.items()}
    rows = []
    for name, answers in known.items():
        measure = METHODS[name].measure
        rows.append(
            row(cell, answers, np.full(datasets, true_effect(cell, measure)), {"method": name, "measure": measure})
        )
    automatic = automatic_answers(tables, known)
    rows += _automatic_rows(cell, automatic)
    every = {**known, AUTOMATIC_CHOICE: automatic.answers}
    failed = [
        f"{cell.name}, data set {i}, {name}: {answers.crashes[i] or 'a number beyond reason'}"
        for name, answers in every.items()
        for i in np.flatnonzero(answers.failed)
    ]
    return rows, failed


def _automatic_rows(cell: Cell, automatic: Chosen) -> list[Row]:
    """One row over all data sets, and one for each choice that was made."""
    truths = {measure: true_effect(cell, measure) for measure in set(automatic.measures) if measure}
    truth = np.array([truths[measure] if measure else np.nan for measure in automatic.measures])
    used = "; ".join(sorted(truths))
    rows = [row(cell, automatic.answers, truth, {"method": AUTOMATIC_CHOICE, "measure": used})]
    choices = np.array(automatic.choices)
    for choice in sorted(set(automatic.choices)):
        own = np.flatnonzero(choices == choice)
        about = {"method": AUTOMATIC_CHOICE, "chosen": choice, "measure": automatic.measures[own[0]] or ""}
        rows.append(row(cell, automatic.answers.take(own), truth[own], about))
    return rows


def row(cell: Cell, answers: Answers, truth: Array, about: Mapping[str, str]) -> Row:
    """One row; ``truth`` has a number for each data set.

    >>> answers = Answers.of(np.array([[-0.5, -0.7], [0.2, 0.2], [-0.9, -1.1], [-0.1, -0.6]]))
    >>> one = row(Cell(5, 0.02, 0.0, 1), answers, np.full(2, -0.5), {"method": "any", "measure": "odds ratio"})
    >>> one["bias"], one["coverage"], one["median_width"]
    ('-0.1000', '0.5000', '0.6500')
    """
    given, failed = answers.given, answers.failed
    number = int(given.sum())
    counts = {
        "datasets": len(answers),
        "estimated": number,
        "not_estimable": int((~given & ~failed).sum()),
        "failures": int(failed.sum()),
    }
    numbers = _numbers(answers, truth, given) if number else {}
    return {name: {"chosen": "", **cell.columns, **about, **counts, **numbers}.get(name, "") for name in COLUMNS}


def _numbers(answers: Answers, truth: Array, given: NDArray[np.bool_]) -> dict[str, str]:
    number = int(given.sum())
    estimate, _, low, high = answers.numbers[:, given]
    difference = estimate - truth[given]
    coverage = float(((low <= truth[given]) & (truth[given] <= high)).mean())
    values = {
        "bias": difference.mean(),
        "coverage": coverage,
        "coverage_error": math.sqrt(coverage * (1 - coverage) / number),
        "median_width": np.median(high - low),
    }
    if number > 1:
        values["bias_error"] = difference.std(ddof=1) / math.sqrt(number)
    return {name: f"{value:.4f}" for name, value in values.items()}
