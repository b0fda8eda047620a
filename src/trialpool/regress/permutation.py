"""Permutation tests of a meta-regression (Higgins & Thompson 2004, Statistics in Medicine 23:1663).

Under the null hypothesis any trial could have had any row of covariates. The rows are dealt out anew, all ways or many at
random, the model is fitted to each, and a p-value is the share of test statistics at least as far from zero as the one found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import instance
from trialpool.errors import OptionError
from trialpool.numerics.columns import Array
from trialpool.pool.methods import Interval
from trialpool.regress.least_squares import Design
from trialpool.regress.mixed_effects import ColumnFit, block_width, fit_columns

__all__ = ["PermutationTest", "Permutations", "arrangements", "permutation_test"]

_SAME = 1e-8
"""Relative difference within which two statistics are the same: those of one arrangement differ by rounding."""

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Permutations:
    """A request for permutation p-values.

    Attributes
    ----------
    draws : int, default 10,000
        How many arrangements are drawn; where there are no more than that, each is taken once and the test is exact.
    seed : int, default 1
        Of the random numbers; it is part of the result.
    """

    draws: int = 10_000
    seed: int = 1

    def __post_init__(self) -> None:
        for name, least in (("draws", 100), ("seed", 0)):
            value = instance(name, getattr(self, name), int, "give a whole number")
            if isinstance(value, bool) or value < least:
                raise OptionError(f"{name}={value!r} is too low; give a whole number of {least} or more")


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """Permutation p-values.

    Attributes
    ----------
    exact : bool
        Whether every distinct arrangement was taken once; then p is their share, else ``(1 + count) / (1 + draws)``.
    arrangements : int
        How many were fitted.
    seed : int or None
        None for an exact test.
    p_values : tuple of float
        Of each coefficient.
    omnibus_p_value : float
    """

    exact: bool
    arrangements: int
    seed: int | None
    p_values: tuple[float, ...]
    omnibus_p_value: float

    def to_dict(self) -> dict[str, Any]:
        """The test as JSON-ready data."""
        return {
            "exact": self.exact,
            "arrangements": self.arrangements,
            "seed": self.seed,
            "p_values": list(self.p_values),
            "omnibus_p_value": self.omnibus_p_value,
        }


def permutation_test(
    y: Array, v: Array, design: Design, request: Permutations, *, tau2: str | None, interval: Interval
) -> PermutationTest:
    """P-values of each coefficient and of all together, by the statistics of the model that was asked for.

    Parameters
    ----------
    y, v : arrays of shape (K,)
    design : Design
    request : Permutations
    tau2, interval
        As for :func:`trialpool.regress.mixed_effects`.
    """
    groups = np.unique(design.x, axis=0, return_inverse=True)[1].reshape(-1)
    exact = arrangements(groups) <= request.draws
    own = fit_columns(np.repeat(y[:, None], 2, axis=1), np.repeat(v[:, None], 2, axis=1), design, tau2, interval)
    found = [values[..., :1] * (1.0 - _SAME) for values in _statistics(own)]
    drawn = _all_orders(groups) if exact else _random_orders(y.size, request)
    beyond, beyond_omnibus, count = np.zeros(design.x.shape[1]), 0.0, 0
    for order in drawn:
        fit = fit_columns(y[order], v[order], design, tau2, interval)
        coefficients, omnibus = _statistics(fit)
        beyond += (coefficients >= found[0]).sum(axis=1)
        beyond_omnibus += float((omnibus >= found[1]).sum())
        count += order.shape[1]
    own_one = 0 if exact else 1  # the arrangement found counts as one of those drawn
    p_values = (beyond + own_one) / (count + own_one)
    omnibus_p_value = (beyond_omnibus + own_one) / (count + own_one)
    seed = None if exact else request.seed
    return PermutationTest(exact, count, seed, tuple(p_values.tolist()), omnibus_p_value)


def _statistics(fit: ColumnFit) -> tuple[Array, Array]:
    """Distances from zero: of each coefficient (p, b), of all together (b,). A perfect fit is the farthest of all."""
    flat = fit.std_error == 0
    return np.where(flat, np.inf, np.abs(fit.estimate) / np.where(flat, 1.0, fit.std_error)), fit.omnibus


def arrangements(groups: Positions) -> int:
    """How many ways there are to deal out rows of which some are alike.

    >>> arrangements(np.array([0, 0, 1]))
    3
    """
    ways = math.factorial(groups.size)
    for count in np.bincount(groups):
        ways //= math.factorial(int(count))
    return ways


def _random_orders(k: int, request: Permutations) -> Iterator[Positions]:
    """Blocks of random orders, a column each."""
    generator = np.random.default_rng(request.seed)
    width = block_width(k)
    for start in range(0, request.draws, width):
        count = min(width, request.draws - start)
        yield np.ascontiguousarray(np.argsort(generator.random((count, k)), axis=1).T)


def _all_orders(groups: Positions) -> Iterator[Positions]:
    """Blocks of orders of the trials, one for each distinct way to give them the rows."""
    places = np.argsort(groups, kind="stable")
    labels = _all_labels(np.bincount(groups))
    width = block_width(groups.size)
    for start in range(0, labels.shape[0], width):
        trials = np.argsort(labels[start : start + width], axis=1, kind="stable").T
        orders = np.empty(trials.shape, dtype=np.intp)
        orders[places] = trials
        yield orders


def _all_labels(counts: Positions) -> Positions:
    """Every distinct sequence that has label g ``counts[g]`` times, of shape (ways, K)."""
    left = counts[None, :].copy()
    sequences = np.empty((1, 0), dtype=np.intp)
    for _ in range(int(counts.sum())):
        state, label = np.nonzero(left)
        sequences = np.column_stack([sequences[state], label])
        left = left[state]
        left[np.arange(label.size), label] -= 1
    return sequences
