"""CR2: unbiased where the weights are right, the known formula for single rows, degrees of freedom by large matrices."""

from __future__ import annotations

import numpy as np
import pytest
from regress.made import close, random_problem

from trialpool.errors import NotEstimableError
from trialpool.regress.robust import Robust, cluster_robust

CLUSTERS = np.array([0, 0, 1, 2, 2, 2, 3, 4, 4, 5, 6, 6])
NAMES = tuple("abcdefg")


def made(seed: int, clusters=CLUSTERS, names=NAMES):
    y, v, x = random_problem(seed)
    w = 1 / (v + 0.1)
    bread = np.linalg.inv((x.T * w) @ x)
    residual = y - x @ bread @ (x.T * w) @ y
    return x, w, residual, bread, cluster_robust(x, w, residual, bread, clusters, names)


def quadratic_form(x, w, bread, j: int) -> np.ndarray:
    """The matrix of the variance of coefficient j as a quadratic form in the residuals, by polarisation."""

    def variance(residual):
        return cluster_robust(x, w, residual, bread, CLUSTERS, NAMES).covariance[j, j]

    unit = np.eye(12)
    own = [variance(unit[i]) for i in range(12)]
    return np.array([[(variance(unit[a] + unit[b]) - own[a] - own[b]) / 2 for b in range(12)] for a in range(12)])


@pytest.mark.parametrize("seed", range(4))
def test_covariance_is_unbiased_where_the_weights_are_right(seed):
    """The covariance is quadratic in the residuals: its expectation, term by term, is (X'WX)^-1."""
    x, w, _, bread, _ = made(seed)
    annihilator = np.eye(12) - x @ bread @ (x.T * w)
    of_residuals = annihilator @ np.diag(1 / w) @ annihilator.T
    values, vectors = np.linalg.eigh(of_residuals)
    expected = sum(
        value * cluster_robust(x, w, vector, bread, CLUSTERS, NAMES).covariance
        for value, vector in zip(values, vectors.T, strict=True)
    )
    np.testing.assert_allclose(expected, bread, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("seed", range(4))
def test_clusters_of_one_row_are_adjusted_by_their_leverage(seed):
    x, w, residual, bread, robust = made(seed, np.arange(12), tuple(map(str, range(12))))
    leverage = np.einsum("ij,jk,ik->i", x, bread, x) * w
    scores = bread @ (x.T * (w * residual / np.sqrt(1 - leverage)))
    np.testing.assert_allclose(robust.covariance, scores @ scores.T, rtol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_degrees_of_freedom_are_those_of_the_quadratic_form(seed):
    """Satterthwaite: 2 E^2 / Var of the variance estimate, a quadratic form in normal residuals."""
    x, w, _, bread, robust = made(seed)
    annihilator = np.eye(12) - x @ bread @ (x.T * w)
    covariance = annihilator @ np.diag(1 / w) @ annihilator.T
    for j in range(3):
        form = quadratic_form(x, w, bread, j)
        product = form @ covariance
        df = np.trace(product) ** 2 / np.trace(product @ product)
        assert close(robust.df(np.eye(3)[j]), df, 1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_joint_test_of_one_coefficient_is_its_t_test(seed):
    *_, robust = made(seed)
    estimate = np.array([0.3, -0.2, 0.5])
    test = robust.joint_test(estimate, np.eye(3)[[1]])
    assert close(test.statistic, 0.04 / robust.covariance[1, 1])
    assert test.df_numerator == 1
    assert close(test.df_denominator, robust.df(np.eye(3)[1]))


def test_joint_test_does_not_depend_on_how_the_hypothesis_is_written():
    *_, robust = made(1)
    estimate = np.array([0.3, -0.2, 0.5])
    first = robust.joint_test(estimate, np.eye(3)[1:])
    second = robust.joint_test(estimate, np.array([[0, 1.0, 1.0], [0, 2.0, -3.0]]))
    assert close(first.statistic, second.statistic)
    assert close(first.df_denominator, second.df_denominator)


def test_few_clusters_for_many_coefficients_are_refused():
    *_, robust = made(1)
    few = Robust(robust.covariance, robust.own[:2], robust.shared[:2])
    with pytest.raises(NotEstimableError, match="2 clusters are too few to test 3 coefficients together"):
        few.joint_test(np.ones(3), np.eye(3))


def test_a_coefficient_of_one_cluster_is_refused_by_its_name():
    y, v, _ = random_problem(2)
    x = np.column_stack([np.ones(12), CLUSTERS == 4])
    w = 1 / v
    bread = np.linalg.inv((x.T * w) @ x)
    with pytest.raises(NotEstimableError, match="rests on the trials of 'e' alone"):
        cluster_robust(x, w, y - y.mean(), bread, CLUSTERS, NAMES)
