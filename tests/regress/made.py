"""Comparisons with covariates, and meta-regression by plain matrices to compare with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from trialpool.datasets import load
from trialpool.harmonise import compare
from trialpool.read import read_table
from trialpool.trials import Comparison

ARMS = {"outcome": "tuberculosis", "treatment": "BCG vaccine", "control": "no vaccine"}


def bcg() -> Comparison:
    return compare(load("bcg").trials, **ARMS)


def comparison(counts: Sequence[tuple[float, float, float, float]], **covariates: Sequence[object]) -> Comparison:
    """A trial per row of counts; an empty text is a covariate that is not reported."""
    rows = [
        {
            "trial": f"T{i}",
            "outcome": "event",
            "events_treatment": a,
            "n_treatment": n1,
            "events_control": c,
            "n_control": n2,
            **{name: values[i] for name, values in covariates.items()},
        }
        for i, (a, n1, c, n2) in enumerate(counts)
    ]
    return compare(read_table(rows).trials, outcome="event", treatment="treatment", control="control")


COUNTS = [
    (4, 120, 11, 130),
    (6, 300, 29, 300),
    (8, 230, 11, 220),
    (62, 1300, 95, 1280),
    (33, 500, 47, 580),
    (18, 150, 20, 150),
]


def multi_arm(multi: str) -> Comparison:
    """Six trials, two of them with two doses against one control."""
    rows: list[Mapping[str, object]] = []
    for i, (a, n1, c, n2) in enumerate(COUNTS):
        for arm, events, n, dose in (("low", a, n1, 1), ("high", a + 3, n1, 2), ("none", c, n2, "")):
            if arm != "high" or i in (1, 3, 4):
                level = dose if arm != "none" else ""
                rows.append(
                    {
                        "trial": f"T{i}",
                        "treatment": arm,
                        "outcome": "event",
                        "events": events,
                        "n": n,
                        "dose": level,
                        "year": i,
                    }
                )
    trials = read_table(rows).trials
    return compare(trials, outcome="event", treatment=["low", "high"], control="none", multi_arm=multi)


def random_problem(seed: int, k: int = 12, p: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    x = np.column_stack([np.ones(k), generator.normal(size=(k, p - 1))])
    v = np.exp(generator.normal(-2.5, 1.0, k))
    y = x @ generator.normal(size=p) + generator.normal(size=k) * np.sqrt(v + 0.2)
    return y, v, x


def p_matrix(v: np.ndarray, tau2: float, x: np.ndarray) -> np.ndarray:
    w = np.diag(1 / (v + tau2))
    return w - w @ x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w


def log_likelihood(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float, *, restricted: bool) -> float:
    w = np.diag(1 / (v + tau2))
    value = -np.log(v + tau2).sum() - y @ p_matrix(v, tau2, x) @ y
    if restricted:
        value -= np.linalg.slogdet(x.T @ w @ x)[1]
    return 0.5 * float(value)


def close(a: float, b: float, relative: float = 1e-9, absolute: float = 1e-12) -> bool:
    return math.isclose(a, b, rel_tol=relative, abs_tol=absolute)
