"""Interpolation by the polynomial through Chebyshev nodes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["chebyshev_nodes", "coefficient_matrix", "interpolation_matrix", "polynomial"]

Array = NDArray[np.float64]


def chebyshev_nodes(n: int) -> Array:
    """The n nodes on [0, 1], ascending.

    >>> chebyshev_nodes(2).round(4).tolist()
    [0.1464, 0.8536]
    """
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n))


@lru_cache(maxsize=64)
def interpolation_matrix(n: int, m: int) -> Array:
    """From values at the n nodes to values at m equally spaced points of [0, 1], of shape (m, n).

    The barycentric formula of the second kind (Berrut & Trefethen 2004, SIAM Review 46:501).

    >>> matrix = interpolation_matrix(3, 5)
    >>> (matrix @ chebyshev_nodes(3) ** 2).round(12).tolist()
    [0.0, 0.0625, 0.25, 0.5625, 1.0]
    """
    difference = np.linspace(0.0, 1.0, m)[:, None] - chebyshev_nodes(n)
    hit = np.abs(difference) < 1e-15
    signs = np.where(np.arange(n) % 2 == 0, 1.0, -1.0) * np.sin(np.pi * (np.arange(n) + 0.5) / n)
    terms = signs / np.where(hit, 1.0, difference)
    matrix = terms / terms.sum(axis=1, keepdims=True)
    on_node = hit.any(axis=1)
    matrix[on_node] = hit[on_node].astype(np.float64)
    matrix.setflags(write=False)
    return matrix


@lru_cache(maxsize=64)
def coefficient_matrix(n: int) -> Array:
    """From values at the n nodes to coefficients of Chebyshev polynomials of ``2 x - 1``, of shape (n, n)."""
    angle = np.pi * (np.arange(n) + 0.5) / n
    matrix = 2.0 / n * np.cos(np.arange(n)[:, None] * (np.pi - angle))
    matrix[0] *= 0.5
    matrix.setflags(write=False)
    return matrix


def polynomial(coefficients: Array, x: Array) -> Array:
    """Clenshaw's sum: rows of coefficients of shape (n, m), at x in [0, 1] of shape (a, m).

    >>> square = coefficient_matrix(3) @ chebyshev_nodes(3)[:, None] ** 2
    >>> polynomial(square, np.array([[0.25], [0.5]])).round(12).tolist()
    [[0.0625], [0.25]]
    """
    twice = 4.0 * x - 2.0
    current, before = np.zeros(x.shape), np.zeros(x.shape)
    for row in coefficients[:0:-1]:
        current, before = row + twice * current - before, current
    return np.asarray(coefficients[0] + 0.5 * twice * current - before)
