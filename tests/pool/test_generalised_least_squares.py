"""Trials whose arms share a control: maximum likelihood, and choices that have no form there."""

from __future__ import annotations

import numpy as np
import pytest

from trialpool.effects import binary_effects
from trialpool.errors import OptionError
from trialpool.pool import InverseVariance, Pooled, Request, pool_request
from trialpool.trials import Comparison, Contrast

ROWS = [
    ("T1", 30, 100, 20, 100), ("T1", 44, 100, 20, 100), ("T2", 12, 90, 25, 91), ("T3", 50, 210, 41, 205),
    ("T3", 70, 200, 41, 205), ("T4", 9, 80, 15, 80),
]  # fmt: skip


def shared(rows: list[tuple[str, int, int, int, int]]) -> Comparison:
    contrasts = tuple(
        Contrast(trial, f"{trial}: {i}", f"arm {i}", "placebo", a, n1, c, n2)
        for i, (trial, a, n1, c, n2) in enumerate(rows)
    )
    return Comparison("rash", ("drug",), ("placebo",), "shared", contrasts)


def pooled(method: InverseVariance) -> Pooled:
    return pool_request(shared(ROWS), Request(measure="odds ratio", method=method))


def matrices() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    effects = binary_effects(shared(ROWS), "odds ratio")
    trial = np.array([row[0] for row in ROWS])
    between = np.where(trial[:, None] == trial[None, :], 0.5, 0.0) + 0.5 * np.eye(len(ROWS))
    return effects.estimate, effects.covariance, between


def log_likelihood(tau2: float, restricted: bool) -> float:
    y, v, g = matrices()
    inverse = np.linalg.inv(v + tau2 * g)
    x = np.ones(y.size)
    r = y - (x @ inverse @ y) / (x @ inverse @ x)
    mean = np.log(x @ inverse @ x) if restricted else 0.0
    return float(np.linalg.slogdet(inverse)[1] - mean - r @ inverse @ r)


@pytest.mark.parametrize(("tau2", "restricted"), [("ML", False), ("REML", True)])
def test_likelihood_estimates_are_at_the_top(tau2: str, restricted: bool) -> None:
    found = pooled(InverseVariance(tau2=tau2)).heterogeneity.tau2
    assert found > 0.01
    top = log_likelihood(found, restricted)
    grid = np.append(0.0, np.geomspace(1e-4, 10, 400))
    assert top >= max(log_likelihood(t, restricted) for t in grid)
    step = 1e-4 * found
    assert log_likelihood(found + step, restricted) < top > log_likelihood(found - step, restricted)


def test_empirical_bayes_is_paule_mandel() -> None:
    eb, pm = (pooled(InverseVariance(tau2=tau2)) for tau2 in ("EB", "PM"))
    assert eb.estimate == pm.estimate
    assert eb.heterogeneity == pm.heterogeneity


@pytest.mark.parametrize(
    ("choice", "way_out"),
    [
        ({"tau2": "DL2"}, "'REML', 'ML', 'DL', 'PM', 'EB'"),
        ({"tau2": "HE"}, "'REML'"),
        ({"tau2": "HS"}, "'REML'"),
        ({"tau2": "SJ"}, "'REML'"),
        ({"tau2_interval": "generalised-Q"}, "'Q-profile'"),
        ({"tau2_interval": "profile-likelihood"}, "'Q-profile'"),
        ({"prediction": "confidence-distribution"}, "'k-1', 'k-2', 'normal'"),
    ],
)
def test_choices_without_a_form_are_refused_with_the_way_out(choice: dict, way_out: str) -> None:
    (name, value) = next(iter(choice.items()))
    with pytest.raises(OptionError, match=f"{name}='{value}' has no form") as caught:
        pooled(InverseVariance(**choice))
    assert way_out in str(caught.value)
    assert "multi_arm='combine'" in str(caught.value)
