"""Cases that a statistical review found wrong; each was wrong before, and each value is from R or from the definition."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.strategies import comparison_of

from trialpool.effects import ZeroCells, binary_effects
from trialpool.errors import NotEstimableError, OptionError
from trialpool.heterogeneity import dersimonian_laird, reml
from trialpool.pool import InverseVariance, MantelHaenszel, Request, RequestWords, pool_request, request_from_words
from trialpool.trials import Comparison, Contrast

SAFE = InverseVariance()


def shared(rows: list[tuple[str, int, int, int, int]]) -> Comparison:
    """Contrasts of trials whose control arm is shared: trial, events, n, control events, control n."""
    contrasts = tuple(
        Contrast(trial, f"{trial}: {i}", f"arm {i}", "placebo", a, n1, c, n2)
        for i, (trial, a, n1, c, n2) in enumerate(rows)
    )
    return Comparison("rash", ("drug",), ("placebo",), "shared", contrasts)


def test_shared_control_reml_finds_the_maximum_inside() -> None:
    """metafor 3.8-1, rma.mv(yi, V, random = ~ arm | trial, struct = "CS", rho = 0.5)."""
    data = shared(
        [("T0", 51, 130, 30, 130), ("T0", 107, 130, 30, 130), ("T1", 396, 410, 155, 410), ("T1", 395, 410, 155, 410)]
    )
    result = pool_request(data, Request(measure="risk ratio", method=InverseVariance(interval="wald")))
    assert result.heterogeneity is not None
    assert math.isclose(result.heterogeneity.tau2 or 0.0, 0.167197546, rel_tol=1e-6)
    assert math.isclose(result.estimate, 0.930081159, rel_tol=1e-6)
    assert math.isclose(result.std_error, 0.265315068, rel_tol=1e-6)


def test_reml_on_a_shelf_settles() -> None:
    """metafor 3.8-1, rma.mv on escalc("OR")."""
    rows = [
        (43, 58, 21, 58), (10444, 92598, 9963, 92598), (6912, 20914, 6963, 20914), (217, 1990, 223, 1990),
        (1765, 40874, 1774, 40874), (22, 345, 20, 345),
    ]  # fmt: skip
    result = pool_request(comparison_of(rows), Request(measure="odds ratio", method=InverseVariance(interval="wald")))
    assert result.heterogeneity is not None
    assert math.isclose(result.heterogeneity.tau2 or 0.0, 0.00102774054, rel_tol=1e-6)
    assert math.isclose(result.estimate, 0.01984019279, rel_tol=1e-5)


def restricted_log_likelihood(tau2: float | np.ndarray, y: np.ndarray, v: np.ndarray) -> Any:
    w = 1 / (v[:, None] + np.atleast_1d(tau2))
    mean = (w * y[:, None]).sum(axis=0) / w.sum(axis=0)
    q = (w * (y[:, None] - mean) ** 2).sum(axis=0)
    return 0.5 * (np.log(w).sum(axis=0) - np.log(w.sum(axis=0)) - q)


def test_reml_takes_the_higher_of_two_maxima() -> None:
    rows = [
        (6427, 15976, 6338, 15976), (5429, 18511, 5334, 18511), (37, 38, 9, 38), (2178, 9872, 2241, 9872),
        (4880, 35267, 4949, 35267), (7138, 50168, 6851, 50168),
    ]  # fmt: skip
    effects = binary_effects(comparison_of(rows), "odds ratio")
    tau2 = reml(effects.estimate, effects.variance)
    assert tau2 < 0.01, "the other maximum, near 1.5, is lower"
    grid = np.geomspace(1e-6, 100, 4000)
    at = restricted_log_likelihood(tau2, effects.estimate, effects.variance)[0]
    assert at >= restricted_log_likelihood(grid, effects.estimate, effects.variance).max() - 1e-9


@given(seed=st.integers(0, 10**6), ratio=st.sampled_from([10.0, 1e3, 1e5]), k=st.integers(2, 12))
@settings(max_examples=300, deadline=None)
def test_reml_is_never_beaten_by_a_fine_grid(seed: int, ratio: float, k: int) -> None:
    rng = np.random.default_rng(seed)
    v = np.exp(rng.uniform(0, np.log(ratio), k))
    y = rng.normal(0, np.sqrt(v * rng.choice([0.01, 0.1, 1, 3, 10], k)))
    grid = np.concatenate([[0.0], np.geomspace(1e-4, 1e3 * ratio, 1500)])
    best = restricted_log_likelihood(reml(y, v), y, v)[0]
    assert best >= restricted_log_likelihood(grid, y, v).max() - 1e-6


@pytest.mark.parametrize("rule", ["constant", "treatment-arm", "empirical"])
def test_a_shared_control_arm_has_one_corrected_count(rule: Any) -> None:
    data = shared([("T1", 6, 100, 0, 100), ("T1", 14, 300, 0, 100), ("T2", 12, 100, 10, 100), ("T3", 14, 120, 9, 118)])
    effects = binary_effects(data, "risk ratio", ZeroCells(rule=rule))
    assert effects.increments[1, 0] == effects.increments[1, 1] > 0
    assert effects.covariance is not None
    np.testing.assert_array_equal(effects.covariance, effects.covariance.T)
    for method in (
        InverseVariance(model="common", zero_cells=ZeroCells(rule=rule)),
        InverseVariance(zero_cells=ZeroCells(rule=rule)),
    ):
        result = pool_request(data, Request(measure="risk ratio", method=method))
        assert result.heterogeneity is not None
        assert result.heterogeneity.q >= 0
        assert all(study.weight is not None and study.weight > 0 for study in result.studies)


def test_arms_without_variance_beside_a_shared_control_are_refused() -> None:
    data = shared([("T1", 0, 50, 5, 50), ("T1", 0, 60, 5, 50), ("T2", 4, 50, 5, 50), ("T3", 4, 80, 9, 50)])
    with pytest.raises(NotEstimableError, match="no variance of their own"):
        pool_request(data, Request(measure="risk difference", method=SAFE))


def test_a_common_effect_of_shared_controls_says_so() -> None:
    data = shared([("T1", 6, 100, 9, 100), ("T1", 14, 300, 9, 100), ("T2", 12, 100, 10, 100)])
    result = pool_request(data, Request(measure="risk ratio", method=InverseVariance(model="common")))
    assert any(note.code == "shared-control-covariance" for note in result.notes)


def test_mantel_haenszel_risk_ratio_keeps_trials_in_which_everybody_had_the_event() -> None:
    """metafor 3.8-1, rma.mh(measure = "RR", drop00 = FALSE)."""
    data = comparison_of([(20, 100, 40, 100), (30, 100, 45, 100), (50, 50, 60, 60)])
    result = pool_request(data, Request(measure="risk ratio", method=MantelHaenszel()))
    assert math.isclose(result.estimate, -0.2887684386640, rel_tol=1e-10)
    assert math.isclose(result.std_error, 0.0794115163253, rel_tol=1e-10)
    assert "its variance is zero" in result.studies[2].reason


@pytest.mark.parametrize(
    ("measure", "rows"),
    [
        ("risk difference", [(10, 100, 20, 100)] * 3),
        ("odds ratio", [(7, 93, 13, 101)] * 5),
        ("risk ratio", [(10, 100, 20, 100), (20, 200, 40, 200), (5, 50, 10, 50)]),
    ],
)
def test_equal_effects_have_no_plain_hartung_knapp_interval_whatever_the_rounding(measure: Any, rows: Any) -> None:
    with pytest.raises(NotEstimableError, match="all effects are equal"):
        pool_request(comparison_of(rows), Request(measure=measure, method=InverseVariance(interval="hartung-knapp")))


def test_a_normal_prediction_interval_goes_with_wald_alone() -> None:
    with pytest.raises(OptionError, match="does not go with interval"):
        InverseVariance(prediction="normal")
    assert InverseVariance(prediction="normal", interval="wald").prediction == "normal"


def test_a_changed_profile_is_not_called_by_its_name() -> None:
    assert request_from_words(RequestWords(profile="revman5")).profile == "revman5"
    assert request_from_words(RequestWords(profile="revman5", tau2="REML")).profile == "revman5 (changed)"
    assert request_from_words(RequestWords(profile="revman5", model="common")).profile == "revman5"
    assert request_from_words(RequestWords(profile="revman5", tau2="DL")).profile == "revman5", "that is its choice"


def test_dersimonian_laird_with_one_overwhelming_study() -> None:
    """All sums written over pairs of studies, where nothing cancels."""
    r = 1e16
    y = np.array([0.0, 3e8, -3e8])
    w = np.array([1.0, 1 / r, 1 / (2 * r)])
    exact = 2 * (w[0] * w[1] + w[0] * w[2] + w[1] * w[2]) / w.sum()
    q = sum(w[i] * w[j] * (y[i] - y[j]) ** 2 for i in range(3) for j in range(i)) / w.sum()
    assert math.isclose(dersimonian_laird(y, 1 / w), max(0.0, (q - 2) / exact), rel_tol=1e-9)


def test_an_option_that_meta_s_way_leaves_no_room_for_is_refused() -> None:
    with pytest.raises(OptionError, match="double_zero='corrected' has no meaning for the risk difference"):
        request_from_words(RequestWords(profile="meta", measure="risk difference", double_zero="corrected"))
    request_from_words(RequestWords(profile="meta", measure="risk ratio", double_zero="corrected"))
