"""Interpolation by the polynomial through Chebyshev nodes (Trefethen 2013, Approximation Theory and Approximation Practice)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["chebyshev_nodes", "interpolation_matrix", "interpolation_to"]

Array = NDArray[np.float64]


def chebyshev_nodes(n: int) -> Array:
    """The n nodes on [0, 1], ascending.

    >>> chebyshev_nodes(2).round(4).tolist()
    [0.1464, 0.8536]
    """
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n))


def interpolation_to(n: int, points: Array) -> Array:
    """From values at the n nodes to values at points of [0, 1], of shape (points, n).

    The barycentric formula (Berrut & Trefethen 2004, SIAM Review 46:501).

    >>> (interpolation_to(3, np.array([0.25, 1.0])) @ chebyshev_nodes(3) ** 2).round(12).tolist()
    [0.0625, 1.0]
    """
    difference = points[:, None] - chebyshev_nodes(n)
    hit = np.abs(difference) < 1e-15
    signs = np.where(np.arange(n) % 2 == 0, 1.0, -1.0) * np.sin(np.pi * (np.arange(n) + 0.5) / n)
    terms = signs / np.where(hit, 1.0, difference)
    matrix = terms / terms.sum(axis=1, keepdims=True)
    on_node = hit.any(axis=1)
    matrix[on_node] = hit[on_node].astype(np.float64)
    return np.asarray(matrix)


@lru_cache(maxsize=64)
def interpolation_matrix(n: int, m: int) -> Array:
    """From values at the n nodes to values at m equally spaced points of [0, 1], of shape (m, n)."""
    matrix = interpolation_to(n, np.linspace(0.0, 1.0, m))
    matrix.setflags(write=False)
    return matrix
