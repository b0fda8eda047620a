"""Weighted least squares for a batch: one design, many columns of effects and weights.

The columns of the design are made orthogonal one after the other in the weighted inner product (modified Gram-Schmidt),
which keeps its digits where weights differ by many orders of magnitude (Gulliksson 1995, BIT 35:453). With the orthogonal
columns ``u_j`` of squared length ``d_j``, ``P = W - sum_j W u_j u_j' W / d_j`` is the matrix of Viechtbauer (2005, Journal of
Educational and Behavioral Statistics 30:261) for which ``P y`` is the weighted residual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.columns import Array, Mask, columns_to_keep

__all__ = [
    "EXTREME",
    "Design",
    "Projection",
    "dependent_columns",
    "design_of",
    "evaluate",
    "extreme_column",
    "project",
]

_SATURATED = 1e-10
"""What is left of 1 - leverage by rounding where a row has a coefficient to itself."""

_CANCELS = 1e-4
"""Share of 1, of a leverage or of the sum of them, below which a difference from it has lost digits."""


_DEPENDENT = 1e-9
_LARGEST = 1e100

EXTREME = "has values too large or too small to compute with; change its unit"


@dataclass(frozen=True, slots=True)
class Design:
    """A design matrix and its saturated rows.

    Attributes
    ----------
    x : array of shape (K, p)
        Of full column rank.
    saturated : mask of shape (K,)
        Rows whose coefficient rests on them alone: their residual is zero whatever the weights.
    """

    x: Array
    saturated: Mask

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return int(self.x.shape[0] - self.x.shape[1])


@dataclass(frozen=True, slots=True)
class Projection:
    """The weighted fit of each of b columns.

    ``basis`` are the orthogonal columns (K, b), ``weighted`` the same times the weights, ``lengths`` their squared lengths
    (b,), ``steps[j][i]`` what was taken of basis column i from design column j, ``parts`` the effects' share of each basis
    column, ``residual`` the effects' residual (K, b).
    """

    basis: Sequence[Array]
    weighted: Sequence[Array]
    lengths: Sequence[Array]
    steps: Sequence[Sequence[Array]]
    parts: Sequence[Array]
    residual: Array


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Sums at one tau2 of each column, all of shape (b,): ``y'Py``, ``y'PPy``, ``tr P``, ``sum w``, ``log det X'WX``."""

    q: Array
    spread: Array
    trace: Array
    total: Array
    lengths: Sequence[Array]


def design_of(x: Array) -> Design:
    """The design of a matrix of full column rank."""
    orthonormal, _ = np.linalg.qr(x)
    return Design(x, 1.0 - (orthonormal * orthonormal).sum(axis=1) < _SATURATED)


def _dot(a: Array, b: Array) -> Array:
    """Sum of the products over rows, in their order whatever the number of columns (einsum chooses its own)."""
    return np.asarray(np.add.reduce(a * b))


def project(y: Array, w: Array, x: Array) -> Projection:
    """Fit y (K, b) with weights w (K, b) on x (K, p)."""
    basis: list[Array] = []
    weighted: list[Array] = []
    lengths: list[Array] = []
    steps: list[list[Array]] = []
    parts: list[Array] = []
    residual = y
    for j in range(x.shape[1]):
        column = np.broadcast_to(x[:, j : j + 1], w.shape)
        taken = []
        for u, wu, d in zip(basis, weighted, lengths, strict=True):
            share = _dot(wu, column) / d
            column = column - u * share
            taken.append(share)
        wu = w * column
        d = _dot(wu, column)
        part = _dot(wu, residual) / d
        residual = residual - column * part
        basis.append(column)
        weighted.append(wu)
        lengths.append(d)
        steps.append(taken)
        parts.append(part)
    return Projection(basis, weighted, lengths, steps, parts, residual)


def evaluate(y: Array, v: Array, tau2: Array, design: Design) -> Evaluation:
    """The sums that estimators of tau2 are made of, at weights ``1 / (v + tau2)``.

    Parameters
    ----------
    y, v : arrays of shape (K, b)
    tau2 : array of shape (b,)
    design : Design
    """
    w = 1.0 / (v + tau2)
    fit = project(y, w, design.x)
    wr = w * fit.residual
    q, spread = _dot(wr, fit.residual), _dot(wr, wr)
    total = np.add.reduce(w)
    taken = [_dot(wu, wu) / d for wu, d in zip(fit.weighted, fit.lengths, strict=True)]
    trace = total - np.add.reduce(taken)
    lost = trace < _CANCELS * total
    if lost.any():
        keep = columns_to_keep(lost)
        keep = columns_to_keep(lost)
        spread[keep], trace[keep] = _without_cancellation(np.take(y, keep, axis=1), np.take(w, keep, axis=1), design)
    return Evaluation(q, spread, trace, total, fit.lengths)


def _without_cancellation(y: Array, w: Array, design: Design) -> tuple[Array, Array]:
    """``y'PPy`` and ``tr P`` where a row outweighs the others so far that ``1 - leverage`` loses its digits.

    For such a row, ``P_ii = 1 / (1 / w_i + x_i' (X'WX without i)^-1 x_i)`` and ``(P y)_i = P_ii`` times its residual from the
    fit to the other rows.
    """
    fit = project(y, w, design.x)
    shares = [wu * u / d for wu, u, d in zip(fit.weighted, fit.basis, fit.lengths, strict=True)]
    rest: Array = 1.0 - np.add.reduce(shares)
    diagonal, wr = w * rest, w * fit.residual
    diagonal[design.saturated] = wr[design.saturated] = 0.0
    heavy: NDArray[np.intp] = np.flatnonzero((rest < _CANCELS).any(axis=1) & ~design.saturated)
    for i in heavy:
        others = w.copy()
        others[i] = 0.0
        alone = project(y, others, design.x)
        reach = sum(u[i] * u[i] / d for u, d in zip(alone.basis, alone.lengths, strict=True))
        diagonal[i] = 1.0 / (1.0 / w[i] + reach)
        wr[i] = diagonal[i] * alone.residual[i]
    return _dot(wr, wr), np.add.reduce(diagonal)


def extreme_column(x: Array) -> int | None:
    """The first column whose squares would leave the range of numbers, if there is one."""
    size = np.abs(x).max(axis=0)
    extreme = (size > _LARGEST) | ((size > 0) & (size < 1 / _LARGEST))
    return int(np.argmax(extreme)) if extreme.any() else None


def dependent_columns(x: Array) -> list[int]:
    """Positions of the columns that are combinations of those before them."""
    found = []
    basis: list[Array] = []
    for j, column in enumerate(x.T):
        rest = column
        for _ in range(2):  # twice is enough
            for u in basis:
                rest = rest - u * (u @ rest)
        length = float(np.linalg.norm(rest))
        if length <= _DEPENDENT * float(np.linalg.norm(column)):
            found.append(j)
        else:
            basis.append(rest / length)
    return found
