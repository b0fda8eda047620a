"""Nodes for integrals over tau, whatever the scale of the data.

The nodes are equally spaced in x, with ``log tau = c + a sinh(x)``: dense around the mode c of the posterior of log tau, at
its width a, and reaching far enough on both sides that what is left out weighs nothing (after Takahasi & Mori 1974,
Publications of the Research Institute for Mathematical Sciences 9:721). The trapezoidal rule then gains digits with every node.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.pool.bayes.gridded import end_weights

__all__ = ["NODES", "TauNodes", "tau_nodes"]

Array = NDArray[np.float64]
LogDensity = Callable[[Array], Array]
"""From log tau of shape (n, b) to the log of the unnormalised density of log tau, (n, b)."""

NODES = 160
_SCAN = 64
_ZOOM = np.linspace(-1.0, 1.0, 9)[:, None]
_ZOOMS = 6
_REACH = 250.0  # on the log scale: the far tails of a t distribution of log tau2
_DROP = 36.0  # exp(-36) is the last bit
_STEP = 1e-3
_POLISHES = 3
_MOST_LOG_TAU = 340.0  # tau2 must not overflow


@dataclass(frozen=True, slots=True)
class TauNodes:
    """Nodes of shape (n, b).

    Attributes
    ----------
    log_tau : array of shape (n, b)
    spacing : array of shape (n, b)
        Derivative of log tau in the number of the node.
    mass : array of shape (n, b)
        Derivative of the cumulative posterior probability in the number of the node, up to a factor.
    """

    log_tau: Array
    spacing: Array
    mass: Array

    @property
    def weight(self) -> Array:
        """The posterior probability that each node stands for; sums to 1."""
        weight = self.mass * end_weights(NODES)[:, None]
        return np.asarray(weight / np.add.reduce(weight))


def tau_nodes(log_density: LogDensity, low: Array, high: Array, end: Array) -> TauNodes:
    """Nodes and posterior weights.

    Parameters
    ----------
    log_density : callable
        Log density of log tau, up to a constant.
    low, high : array of shape (b,)
        Log tau between which the mode is looked for.
    end : array of shape (b,)
        Log of the upper end of the support; infinite where there is none.
    """
    mode, width = _mode(log_density, np.minimum(low, end - 1.0), np.minimum(high, end), end)
    stop_log = np.minimum(np.minimum(mode + _REACH, _MOST_LOG_TAU), end)
    start_log = np.maximum(mode - _REACH, -_MOST_LOG_TAU)
    start, stop = np.arcsinh((start_log - mode) / width), np.arcsinh((stop_log - mode) / width)
    start, stop = _trim(log_density, mode, width, start, stop)
    x = start + (stop - start) * np.linspace(0.0, 1.0, NODES)[:, None]
    log_tau = np.minimum(mode + width * np.sinh(x), end)
    spacing = width * np.cosh(x) * (stop - start) / (NODES - 1.0)
    log_mass = log_density(log_tau) + np.log(spacing)
    return TauNodes(log_tau, spacing, np.exp(log_mass - log_mass.max(axis=0)))


def _mode(log_density: LogDensity, low: Array, high: Array, end: Array) -> tuple[Array, Array]:
    """Mode of log tau by scan and zoom, and the width of the peak, at most 1."""
    column = np.arange(low.size)
    grid = low + (high - low) * np.linspace(0.0, 1.0, _SCAN)[:, None]
    mode = grid[np.argmax(log_density(grid), axis=0), column]
    reach = (high - low) / (_SCAN - 1.0)
    for _ in range(_ZOOMS):
        grid = np.minimum(mode + reach * _ZOOM, end)
        mode = grid[np.argmax(log_density(grid), axis=0), column]
        reach = 0.25 * reach
    # Newton's method, for peaks narrower than the zoom: a prior may leave tau next to no freedom
    curvature = np.ones_like(mode)
    for _ in range(_POLISHES):
        centre = np.minimum(mode, end - _STEP)
        left, middle, right = log_density(centre + _STEP * np.array([[-1.0], [0.0], [1.0]]))
        curvature = np.maximum((2.0 * middle - left - right) / _STEP**2, 1.0)
        move = np.clip(0.5 * (right - left) / (_STEP * curvature), -reach, reach)
        mode = np.where(centre < mode, mode, np.minimum(centre + move, end))
    return mode, 1.0 / np.sqrt(curvature)


def _trim(log_density: LogDensity, mode: Array, width: Array, start: Array, stop: Array) -> tuple[Array, Array]:
    """The part of [start, stop] that weighs anything."""
    part = np.linspace(0.0, 1.0, _SCAN)[:, None]
    x = start + (stop - start) * part
    height = log_density(mode + width * np.sinh(x)) + np.log(width * np.cosh(x))
    heavy = height > height.max(axis=0) - _DROP
    first = np.maximum(np.argmax(heavy, axis=0) - 1, 0)
    last = np.minimum(_SCAN - np.argmax(heavy[::-1], axis=0), _SCAN - 1)
    column = np.arange(mode.size)
    return x[first, column], x[last, column]
