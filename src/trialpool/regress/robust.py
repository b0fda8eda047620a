"""Cluster-robust variance with small-sample correction: CR2, Satterthwaite degrees of freedom, approximate Hotelling test.

Effects of one trial that share participants are correlated in a way that the weights leave out. The estimates stay; their
covariance is made of the residuals of whole clusters, adjusted so that it is unbiased where the weights are right (Bell &
McCaffrey 2002, Survey Methodology 28:169; Tipton 2015, Psychological Methods 20:375; Tipton & Pustejovsky 2015, Journal of
Educational and Behavioral Statistics 40:604).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import NotEstimableError
from trialpool.numerics.columns import Array

__all__ = ["JointTest", "Robust", "cluster_robust"]

_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True)
class JointTest:
    """An F test; ``df_denominator`` is that of the approximate Hotelling test."""

    statistic: float
    df_numerator: int
    df_denominator: float


@dataclass(frozen=True, slots=True, eq=False)
class Robust:
    """The CR2 covariance, and what its degrees of freedom are made of.

    Attributes
    ----------
    covariance : array of shape (p, p)
    own, shared : arrays of shape (m, p, p)
        By cluster, matrices S and H: under the weights' model, the products of the parts that clusters i and j add to two
        combinations a and b of the coefficients have the expectation ``[i = j] a'S_i b - a'H_i H_j' b``.
    """

    covariance: Array
    own: Array
    shared: Array

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return int(self.own.shape[0])

    def df(self, combination: Array) -> float:
        """Satterthwaite degrees of freedom of the t test of a combination (p,) of the coefficients."""
        own = np.einsum("p,mpq,q->m", combination, self.own, combination)
        shared = np.einsum("p,mpq->mq", combination, self.shared)
        lengths = (shared * shared).sum(axis=1)
        trace = float((own - lengths).sum())
        squares = float((own * own - 2.0 * own * lengths).sum() + ((shared.T @ shared) ** 2).sum())
        return trace * trace / squares

    def joint_test(self, estimate: Array, combinations: Array) -> JointTest:
        """Approximate Hotelling test (HTZ) that combinations (q, p) of the coefficients are all zero.

        Raises
        ------
        NotEstimableError
            Too few clusters for that many coefficients.
        """
        q = combinations.shape[0]
        found = combinations @ estimate
        wald = float(found @ np.linalg.solve(combinations @ self.covariance @ combinations.T, found))
        df = q * (q + 1) / self._total_variance(combinations)
        denominator = df - q + 1
        if denominator <= 0:
            raise NotEstimableError(f"{self.clusters} clusters are too few to test {q} coefficients together")
        return JointTest(denominator / (df * q) * wald, q, denominator)

    def _total_variance(self, combinations: Array) -> float:
        """Sum of the variances of the elements of the standardised covariance matrix."""
        own = combinations @ self.own @ combinations.T
        shared = combinations @ self.shared
        expected = own.sum(axis=0) - np.einsum("msu,mtu->st", shared, shared)
        values, vectors = np.linalg.eigh(expected)
        root = vectors @ np.diag(values**-0.5) @ vectors.T
        own, shared = root @ own @ root, root @ shared
        lengths = (shared * shared).sum(axis=2)
        diagonal = np.einsum("mss->ms", own)
        products = np.einsum("msu,mtw->stuw", shared, shared)
        mixed = np.einsum("mst,msu,mtu->", own, shared, shared)
        first = float((own * own).sum() - 2.0 * mixed + np.einsum("stuw,tsuw->", products, products))
        second = float(
            np.einsum("ms,mt->", diagonal, diagonal)
            - 2.0 * np.einsum("ms,mt->", diagonal, lengths)
            + (products**2).sum()
        )
        return first + second


def cluster_robust(
    x: Array, w: Array, residual: Array, bread: Array, clusters: NDArray[np.intp], names: tuple[str, ...]
) -> Robust:
    """CR2 with the working model that the effects are independent with variances 1 / w.

    Parameters
    ----------
    x : array of shape (K, p)
    w, residual : arrays of shape (K,)
    bread : array of shape (p, p)
        ``(X'WX)^-1``.
    clusters : array of shape (K,)
        Number of the cluster of each row, from 0.
    names : tuple of str
        Of the clusters, for errors.

    Raises
    ------
    NotEstimableError
        A coefficient that rests on one cluster alone.
    """
    p, count = x.shape[1], len(names)
    root = np.linalg.cholesky(bread)
    meat = np.zeros((p, p))
    own, shared = np.empty((count, p, p)), np.empty((count, p, p))
    for j in range(count):
        rows = np.flatnonzero(clusters == j)
        xj, wj = x[rows], w[rows]
        adjusted = bread @ (xj * wj[:, None]).T @ _adjustment(xj, wj, bread, names[j])
        score = adjusted @ residual[rows]
        meat += np.outer(score, score)
        g = adjusted / np.sqrt(wj)
        own[j], shared[j] = g @ g.T, adjusted @ xj @ root
    return Robust(meat, own, shared)


def _adjustment(x: Array, w: Array, bread: Array, name: str) -> Array:
    """The matrix A of a cluster for which the expected ``A e e' A'`` is the working covariance."""
    deviation = w**-0.5
    scaled = x * w[:, None] ** 0.5
    values, vectors = np.linalg.eigh(np.eye(w.size) - scaled @ bread @ scaled.T)
    if values[0] < _SINGULAR:
        raise NotEstimableError(
            f"a coefficient rests on the trials of {name!r} alone, so its cluster-robust variance is not estimable; leave out the "
            "term, or fit without clusters"
        )
    # of D (Phi - X M X') D with D = Phi^1/2, as Phi may differ within a cluster
    left = deviation**2
    middle = (vectors * values) @ vectors.T
    values, vectors = np.linalg.eigh(left[:, None] * middle * left[None, :])
    return np.asarray(deviation[:, None] * ((vectors * values**-0.5) @ vectors.T) * deviation[None, :])
