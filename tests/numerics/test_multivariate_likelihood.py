"""The likelihood against scipy's normal density, its derivatives against differences, its maximum against scipy's optimisers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import block_diag, null_space
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from trialpool.numerics.multivariate_likelihood import Blocks, covariance_of, evaluate, pad_blocks
from trialpool.numerics.multivariate_maximum import maximum, no_between_variance


def simulated(trials: int, components: int, seed: int, between: float = 1.0, regressor: bool = False) -> list:
    """Trials that report one to all components."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(trials):
        n = components if i < 2 else int(rng.integers(1, components + 1))
        z = np.eye(components)[np.sort(rng.choice(components, n, replace=False))]
        a = rng.normal(size=(n, n))
        s = a @ a.T / n + 0.2 * np.eye(n)
        y = rng.multivariate_normal(np.zeros(n), s + between * (0.5 + 0.5 * np.eye(n)))
        rows.append((y, s, np.column_stack([z, rng.normal(size=n)]) if regressor else z, z))
    return rows


def triangle(p: int) -> np.ndarray:
    basis = []
    for j in range(p):
        for k in range(j + 1):
            one = np.zeros((p, p))
            one[j, k] = 1.0
            basis.append(one)
    return np.array(basis)


def whole(rows: list, psi: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y, X and the covariance of all rows."""
    return (
        np.concatenate([y for y, _, _, _ in rows]),
        np.vstack([x for _, _, x, _ in rows]),
        block_diag(*(s + z @ psi @ z.T for _, s, _, z in rows)),
    )


def test_plain_likelihood_is_the_normal_density_at_the_least_squares_mean():
    rows, theta = simulated(6, 3, 1, regressor=True), np.random.default_rng(2).normal(size=6)
    at = evaluate(pad_blocks(rows), theta, triangle(3), restricted=False)
    y, x, v = whole(rows, covariance_of(theta, triangle(3)))
    w = np.linalg.inv(v)
    beta = np.linalg.solve(x.T @ w @ x, x.T @ w @ y)
    np.testing.assert_allclose(at.coefficients, beta, rtol=1e-10)
    np.testing.assert_allclose(at.covariance, np.linalg.inv(x.T @ w @ x), rtol=1e-9)
    assert np.isclose(at.log_likelihood, multivariate_normal(x @ beta, v).logpdf(y), rtol=1e-12)


def test_restricted_likelihood_is_the_density_of_orthonormal_error_contrasts():
    rows, theta = simulated(6, 3, 3, regressor=True), np.random.default_rng(4).normal(size=6)
    at = evaluate(pad_blocks(rows), theta, triangle(3), restricted=True)
    y, x, v = whole(rows, covariance_of(theta, triangle(3)))
    k = null_space(x.T)
    assert np.isclose(
        at.log_likelihood, multivariate_normal(np.zeros(k.shape[1]), k.T @ v @ k).logpdf(k.T @ y), rtol=1e-11
    )


@pytest.mark.parametrize("restricted", [True, False])
def test_derivatives_are_those_of_the_likelihood(restricted):
    blocks, basis = pad_blocks(simulated(7, 3, 5, regressor=True)), triangle(3)
    theta, h = np.random.default_rng(6).normal(size=6), 1e-5
    at = evaluate(blocks, theta, basis, restricted=restricted)
    up = [evaluate(blocks, theta + h * e, basis, restricted=restricted) for e in np.eye(6)]
    down = [evaluate(blocks, theta - h * e, basis, restricted=restricted) for e in np.eye(6)]
    slope = [(a.log_likelihood - b.log_likelihood) / (2 * h) for a, b in zip(up, down, strict=True)]
    bend = [(a.gradient - b.gradient) / (2 * h) for a, b in zip(up, down, strict=True)]
    np.testing.assert_allclose(at.gradient, slope, atol=1e-7)
    np.testing.assert_allclose(at.hessian, bend, atol=1e-7)


def test_empty_rows_carry_nothing():
    rows = simulated(5, 2, 7)
    blocks = pad_blocks(rows)
    wider = Blocks(
        np.pad(blocks.y, ((0, 0), (0, 3))),
        np.array([block_diag(s, np.eye(3)) for s in blocks.s]),
        np.pad(blocks.x, ((0, 0), (0, 3), (0, 0))),
        np.pad(blocks.z, ((0, 0), (0, 3), (0, 0))),
        blocks.rows,
    )
    theta = np.array([0.5, 0.2, 0.7])
    one, two = (evaluate(b, theta, triangle(2), restricted=True) for b in (blocks, wider))
    assert np.isclose(one.log_likelihood, two.log_likelihood, rtol=1e-13)
    np.testing.assert_allclose(one.hessian, two.hessian, rtol=1e-10)


def brute_force(blocks: Blocks, build, parameters: int, restricted: bool) -> float:
    """The highest log likelihood that scipy finds from many starts."""

    def fall(x):
        factor = build(x)
        return -evaluate(blocks, np.ones(1), factor[None], restricted=restricted, derivatives=False).log_likelihood

    rng = np.random.default_rng(0)
    starts = [rng.normal(size=parameters) * scale for scale in (0.05, 0.5, 1.5) for _ in range(2)]
    return max(-minimize(fall, start, method="BFGS").fun for start in starts)


def lower(p):
    def build(x):
        factor = np.zeros((p, p))
        factor[np.tril_indices(p)] = x
        return factor

    return build


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("between", [0.0, 1.0])
def test_maximum_is_no_lower_than_scipys_and_as_high_as_it_says(seed, between, restricted):
    blocks = pad_blocks(simulated(6, 2, 20 + seed, between))
    cases = {
        "unstructured": (lower(2), 3),
        "diagonal": (np.diag, 2),
        "compound-symmetric": (lambda x: x[0] * (np.eye(2) - 0.5) + x[1] * 0.5, 2),
    }
    for structure, (build, parameters) in cases.items():
        found = maximum(blocks, structure, None, restricted=restricted)
        best = brute_force(blocks, build, parameters, restricted)
        assert found.at.log_likelihood > best - 1e-7, structure
        root = np.linalg.cholesky(found.between + 1e-14 * np.eye(2))
        again = evaluate(blocks, np.ones(1), root[None], restricted=restricted).log_likelihood
        assert np.isclose(found.at.log_likelihood, again, atol=1e-6)
        assert np.linalg.eigvalsh(found.between)[0] > -1e-12


def test_structures_are_nested():
    blocks = pad_blocks(simulated(9, 3, 40))
    fits = {
        name: maximum(blocks, structure, rho, restricted=True).at.log_likelihood
        for name, structure, rho in (
            ("fixed", "compound-symmetric", 0.5),
            ("symmetric", "compound-symmetric", None),
            ("diagonal", "diagonal", None),
            ("unstructured", "unstructured", None),
        )
    }
    assert fits["fixed"] <= fits["symmetric"] + 1e-9
    assert max(fits["symmetric"], fits["diagonal"]) <= fits["unstructured"] + 1e-9


def test_without_between_variance_the_mean_is_that_of_least_squares():
    rows = simulated(5, 2, 50)
    at = no_between_variance(pad_blocks(rows))
    y, x, v = whole(rows, np.zeros((2, 2)))
    w = np.linalg.inv(v)
    np.testing.assert_allclose(at.coefficients, np.linalg.solve(x.T @ w @ x, x.T @ w @ y), rtol=1e-10)
    residual = y - x @ at.coefficients
    assert np.isclose(at.rss, residual @ w @ residual)
