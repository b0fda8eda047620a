"""The likelihood of 2x2 tables given their margins, mixed over normal log odds ratios.

``L_i(theta, tau) = integral of L_i(psi) N(psi; theta, tau2) dpsi``, with L_i the noncentral hypergeometric probability of the
observed events at the log odds ratio psi. Log L_i is tabulated once, with slope and curvature, and is a polynomial of fifth
degree in each cell; then it costs the same for any number of events. A table with events in both arms is integrated by
Gauss-Hermite quadrature around its mode (Pinheiro & Bates 1995, Journal of Computational and Graphical Statistics 4:12); a
table at an end of its range, whose likelihood falls to one side only, by the trapezoidal rule, where tau is not small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from trialpool.numerics.noncentral_hypergeometric import conditional_moments, conditionals

__all__ = ["CountLikelihood", "Mixed", "count_likelihood"]

Array = NDArray[np.float64]

_STEP = 0.2
_REACH = 20.0  # beyond it, log L is a straight line
_LEAST_TAU = 0.3  # from here on the trapezoidal rule of that step is exact to rounding
_NO_TAU = 3e-6  # a smaller one changes no likelihood, and its square would be lost beside that of psi
_MOST_STEPS = 50
_NEAR = 0.02  # of a standard deviation: the last step leaves less than a thousandth, and nodes need no better centre
_BLOCK_DOUBLES = 300_000
_UNDERFLOW = 1e-250


@dataclass(frozen=True, slots=True)
class Mixed:
    """Log likelihood summed over tables, with its first two derivatives in theta, each of shape (N,)."""

    log_likelihood: Array
    score: Array
    curvature: Array


@dataclass(frozen=True, slots=True)
class CountLikelihood:
    """Tabulated log likelihoods of K tables.

    Attributes
    ----------
    coefficients : array of shape (6, K * cells)
        Of the polynomial in each cell, constant first.
    at_grid : array of shape (K, cells + 1)
        Log likelihood at the nodes of the grid.
    one_sided : array of shape (K,)
        -1 where the observed events are the fewest that the margins allow, 1 where they are the most, else 0.
    peak, information : array of shape (K,)
        Where each likelihood is largest, and its curvature there; 0 where one-sided.
    """

    coefficients: Array
    at_grid: Array
    one_sided: NDArray[np.int64]
    peak: Array
    information: Array

    @property
    def two_sided_count(self) -> int:
        """Tables whose likelihood falls on both sides."""
        return int((self.one_sided == 0).sum())

    def mixed(self, theta: Array, tau: Array, nodes: int) -> Mixed:
        """Mix over N(theta, tau2) at N pairs, by ``nodes`` nodes a table."""
        k = self.one_sided.size
        tau = np.maximum(tau, _NO_TAU)
        width = max(1, _BLOCK_DOUBLES // (k * nodes))
        parts = [self._block(theta[i : i + width], tau[i : i + width], nodes) for i in range(0, theta.size, width)]
        return Mixed(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))

    def _block(self, theta: Array, tau: Array, nodes: int) -> tuple[Array, Array, Array]:
        everything = np.arange(self.one_sided.size)
        wide = tau >= _LEAST_TAU
        curved = everything[self.one_sided == 0]
        out = np.zeros((3, theta.size))
        out += self._by_hermite(curved, theta, tau, nodes)
        ends = everything[self.one_sided != 0]
        if ends.size:
            by_grid = np.zeros((3, theta.size))
            by_grid[:, wide] = self._by_trapezoid(ends, theta[wide], tau[wide])
            # not finite: so far from the data that the sum over the grid underflows
            rest = ~(wide & np.isfinite(by_grid[0]))
            by_grid[:, rest] = self._by_hermite(ends, theta[rest], tau[rest], nodes)
            out += by_grid
        return out[0], out[1], out[2]

    def _by_hermite(self, rows: NDArray[np.intp], theta: Array, tau: Array, nodes: int) -> Array:
        if rows.size == 0 or theta.size == 0:
            return np.zeros((3, theta.size))
        points, log_weights = _hermite_rule(nodes)
        precision = 1.0 / (tau * tau)
        modes, spread = self._modes(rows, theta, precision)
        psi = modes[..., None] + math.sqrt(2.0) * spread[..., None] * points
        d = psi - theta[:, None]
        exponent = self._value(rows, psi) - 0.5 * precision[:, None] * d * d + log_weights
        top = exponent.max(axis=2)
        weight = np.exp(exponent - top[..., None])
        total = weight.sum(axis=2)
        first = (weight * d).sum(axis=2) / total
        second = (weight * d * d).sum(axis=2) / total - first * first
        value = (top + np.log(total * spread)).sum(axis=0) + rows.size * 0.5 * np.log(precision / math.pi)
        curvature = precision * (precision * second.sum(axis=0) - rows.size)
        return np.stack([value, precision * first.sum(axis=0), curvature])

    def _by_trapezoid(self, rows: NDArray[np.intp], theta: Array, tau: Array) -> Array:
        """Sum over the grid; beyond it the likelihood is 1 on the side of the table's end and 0 on the other."""
        if theta.size == 0:
            return np.zeros((3, theta.size))
        z = (_GRID[:, None] - theta) / tau
        kernel = np.exp(-0.5 * z * z) * (_STEP / (math.sqrt(2.0 * math.pi) * tau))
        likelihood = np.exp(self.at_grid[rows])
        edge = np.where(self.one_sided[rows, None] > 0, 1.0, -1.0)
        beyond = edge * (theta - edge * (_REACH + 0.5 * _STEP)) / tau
        density = np.exp(-0.5 * beyond * beyond) / (math.sqrt(2.0 * math.pi) * tau)
        value = likelihood @ kernel + ndtr(beyond)
        first = (likelihood @ (kernel * z)) / tau + edge * density
        second = (likelihood @ (kernel * (z * z - 1.0))) / (tau * tau) - density * beyond / tau
        value = np.where(value > _UNDERFLOW, value, np.nan)
        score = first / value
        return np.stack([np.log(value).sum(axis=0), score.sum(axis=0), (second / value - score * score).sum(axis=0)])

    def _modes(self, rows: NDArray[np.intp], theta: Array, precision: Array) -> tuple[Array, Array]:
        """Mode and standard deviation of each integrand, by Newton's method within a bracket, on a concave function."""
        shape = (rows.size, theta.size)
        table = np.repeat(rows, theta.size)
        centre, weight = np.tile(theta, rows.size), np.tile(precision, rows.size)
        information = self.information[table]
        modes = (weight * centre + information * self.peak[table]) / (weight + information)
        curvature = np.empty(modes.size)
        low, high = np.full(modes.size, -np.inf), np.full(modes.size, np.inf)
        active = np.arange(modes.size)
        for _ in range(_MOST_STEPS):
            x, p = modes[active], weight[active]
            slope, bend = self._derivatives(table[active], x)
            rise = slope - p * (x - centre[active])
            curved = np.maximum(-bend, 0.0) + p
            below, above = np.where(rise >= 0, x, low[active]), np.where(rise <= 0, x, high[active])
            new = x + rise / curved
            # a long Newton step in a straight part may overshoot: no further than three standard deviations of the mixture
            longest = 3.0 / np.sqrt(p)
            new = np.clip(new, x - longest, x + longest)
            outside = (new < below) | (new > above)
            new[outside] = 0.5 * (below[outside] + above[outside])
            modes[active], curvature[active], low[active], high[active] = new, curved, below, above
            active = active[(new - x) ** 2 * curved > _NEAR * _NEAR]
            if active.size == 0:
                break
        return modes.reshape(shape), 1.0 / np.sqrt(curvature).reshape(shape)

    def _value(self, rows: NDArray[np.intp], psi: Array) -> Array:
        """Log likelihood of each table at psi of shape (rows, ...)."""
        index, part = _cell(rows.reshape((rows.size,) + (1,) * (psi.ndim - 1)), psi)
        value = self.coefficients[5].take(index)
        for power in (4, 3, 2, 1, 0):
            value *= part
            value += self.coefficients[power].take(index)
        return np.asarray(value)

    def _derivatives(self, table: NDArray[np.intp], psi: Array) -> tuple[Array, Array]:
        """Slope and curvature of the log likelihood of a table at each psi."""
        index, part = _cell(table, psi)
        c = [row.take(index) for row in self.coefficients[1:]]
        slope = c[0] + part * (2.0 * c[1] + part * (3.0 * c[2] + part * (4.0 * c[3] + part * 5.0 * c[4])))
        bend = 2.0 * c[1] + part * (6.0 * c[2] + part * (12.0 * c[3] + part * 20.0 * c[4]))
        return slope / _STEP, bend / (_STEP * _STEP)


_CELLS = round(2.0 * _REACH / _STEP)
_GRID = np.linspace(-_REACH, _REACH, _CELLS + 1)


def _cell(table: NDArray[np.intp], psi: Array) -> tuple[NDArray[np.intp], Array]:
    """Position of a cell's coefficients, and which part of the cell lies before psi."""
    u = (psi + _REACH) * (1.0 / _STEP)
    cell = np.clip(u, 0.0, _CELLS - 1.0).astype(np.intp)
    return cell + table * _CELLS, u - cell


@lru_cache(maxsize=8)
def _hermite_rule(nodes: int) -> tuple[Array, Array]:
    """Gauss-Hermite nodes, and the logarithms of their weights without the normal factor."""
    points, weights = np.polynomial.hermite.hermgauss(nodes)
    return points, np.log(weights) + points * points


def count_likelihood(tables: Array) -> CountLikelihood:
    """Tabulate the log likelihood of 2x2 tables of shape (4, K), each with more than one possible result."""
    distributions = conditionals(tables)
    value, slope, information = conditional_moments(distributions, np.repeat(_GRID[None, :], tables.shape[1], axis=0))
    coefficients = _quintic(value, slope * _STEP, -information * _STEP * _STEP)
    a, n1, c, n2 = tables
    fewest, most = np.maximum(0.0, a + c - n2) == a, np.minimum(n1, a + c) == a
    one_sided = most.astype(np.int64) - fewest.astype(np.int64)
    best = np.argmax(value, axis=1)
    row = np.arange(best.size)
    bent = np.where(one_sided == 0, np.maximum(information[row, best], 1e-12), 1.0)
    peak = np.where(one_sided == 0, _GRID[best] + slope[row, best] / bent, 0.0)
    return CountLikelihood(coefficients, value, one_sided, peak, np.where(one_sided == 0, bent, 0.0))


def _quintic(value: Array, slope: Array, bend: Array) -> Array:
    """Coefficients of Hermite's quintic on the unit cell; straight lines in the outermost cells go on for ever."""
    left, right = value[:, :-1], value[:, 1:]
    d0, d1, h0, h1 = slope[:, :-1], slope[:, 1:], 0.5 * bend[:, :-1], 0.5 * bend[:, 1:]
    gap = right - left - d0 - h0
    turn = d1 - d0 - 2.0 * h0
    curve = h1 - h0
    c3 = 10.0 * gap - 4.0 * turn + curve
    c4 = -15.0 * gap + 7.0 * turn - 2.0 * curve
    c5 = 6.0 * gap - 3.0 * turn + curve
    table = np.stack([left, d0, h0, c3, c4, c5])
    table[2:, :, [0, -1]] = 0.0
    table[1, :, [0, -1]] = (right - left)[:, [0, -1]].T
    return table.reshape(6, -1)
