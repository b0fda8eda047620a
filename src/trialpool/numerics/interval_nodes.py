"""Where the nodes stand that integrate a trial whose counts are known within bounds.

They are even, and reach to where the integrand has all but vanished, intercept and effect each for itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.interval_arms import IntervalArms
from trialpool.numerics.ragged import Index

__all__ = ["Nodes", "Windows", "windows"]

Array = NDArray[np.float64]

_STEP = 0.9  # in standard deviations of the sharpest normal that the integrand may hold: for 1e-10 of the integral
# for 1e-15, where the counts tell next to nothing: derivatives in a small variance are small differences, divided by it
_FINE_STEP = 0.74
_FALL = 34.0  # of the log integrand from mode to the last node
_TAIL_STEPS = 5
_BLOCK_NODES = 40_000  # of a work array, so that it stays in the cache
_MANY = 2500  # nodes of a trial from which it is worth to look for the tails of its integrand
_FLAT = 1e-100  # a slope below it is none
_NEAR = 1.0  # of the fall: a tail that is missed by more is given up

# columns of a search: intercept low and high, effect low and high
_OWN = np.array([0, 0, 1, 1])
_SIDES = np.array([[-1.0, 1.0, 0.0, 0.0], [0.0, 0.0, -1.0, 1.0]])
_IS_OWN = (np.array([[0], [1]]) == _OWN)[:, None, :]


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes of each trial, even in intercept and effect; a lone node stands still.

    ``low`` and ``step`` (2, K) are the first node and the distance, ``count`` (2,) how many there are. Where both vary, the
    log odds of a side lie on a line of points, too: ``pace`` of them to a step in the intercept, and in half of the effect.
    """

    low: Array
    step: Array
    count: tuple[int, int]
    pace: tuple[int, int]

    @property
    def line(self) -> int:
        """Points on the line of a side."""
        return self.pace[0] * (self.count[0] - 1) + self.pace[1] * (self.count[1] - 1) + 1

    def along(self, j: int) -> Array:
        """The nodes of intercept (0) or effect (1), (K, count)."""
        return np.asarray(self.low[j][:, None] + self.step[j][:, None] * np.arange(float(self.count[j])))


@dataclass(frozen=True, slots=True)
class Windows:
    """Where the integrand of each trial is, low and high of intercept and effect, (2, 2, K), and the largest steps, (2, K)."""

    ends: Array
    step: Array

    def blocks(self, random: NDArray[np.bool_]) -> list[Index]:
        """Trials that take about as many nodes, together."""
        needed = np.where(random[:, None], (self.ends[:, 1] - self.ends[:, 0]) / self.step, 1.0).prod(axis=0)
        order = np.argsort(needed, kind="stable")
        parts, rest = [], order.size
        while rest:
            most = needed[order[rest - 1]]
            width = min(max(1, int(_BLOCK_NODES / most)), int((needed[order[:rest]] > 0.2 * most).sum()))
            parts.append(order[rest - width : rest])
            rest -= width
        return parts

    def nodes(self, rows: Index, mean: Array, random: NDArray[np.bool_]) -> Nodes:
        """Nodes of the trials ``rows``; a variable that is not random has one, its mean."""
        low, high, step = self.ends[:, 0, rows], self.ends[:, 1, rows], self.step[:, rows]
        pace = (1, 1)
        if random.all():
            ratio = float(np.median(2.0 * step[0] / step[1]))
            pace = (int(ratio), 1) if ratio >= 1 else (1, int(1.0 / ratio))
            point = np.minimum(step[0] / pace[0], 0.5 * step[1] / pace[1])
            step = np.stack([pace[0] * point, 2.0 * pace[1] * point])
        needed = np.ceil(((high - low) / step).max(axis=1)).astype(int) + 1
        count = tuple(int(needed[j]) if random[j] else 1 for j in (0, 1))
        # what the nodes reach too far is shared by both ends
        first = 0.5 * (low + high - (needed - 1)[:, None] * step)
        return Nodes(np.where(random[:, None], first, mean[:, rows]), step, (count[0], count[1]), pace)


def windows(arms: IntervalArms, mean: Array, variance: Array, modes: Array) -> Windows:
    """Windows around the modes (2, K) of the integrands, at means (2, K) and variances (2,)."""
    at_mode = arms.terms(modes[0][:, None], modes[1][:, None])
    sharpest = np.maximum((arms.sharpness + 4.4 * (arms.size > 0)).sum(axis=0), -1.2 * at_mode.aa[:, 0])
    # by the variance of each: a share of what the counts tell of it
    told = np.array([[1.0], [0.25]]) * sharpest * variance[:, None]
    step = np.where(told < 1.0, _FINE_STEP, _STEP) * np.sqrt(
        np.where(variance > 0, variance, 1.0)[:, None] / (1.0 + told)
    )
    # the normal factor alone falls far enough there, and the other only falls faster
    reach = np.sqrt(2.0 * _FALL * variance)[:, None]
    ends = np.stack([modes - reach, modes + reach], axis=1)
    many = np.flatnonzero(np.where(reach > 0, 2.0 * reach / step, 1.0).prod(axis=0) > _MANY)
    if many.size:
        ends[:, :, many] = _tails(arms.take(many), mean[:, many], variance, modes[:, many])
    return Windows(ends, step)


def _tails(arms: IntervalArms, mean: Array, variance: Array, modes: Array) -> Array:
    """Where the integrand, the other variable at its best, has all but vanished: (2, 2, K), variable by low and high.

    Newton's method from outside on the profile of a concave function. Where it does not arrive the normal factor, which
    alone falls that far, is bound enough.
    """
    random = variance > 0
    precision = np.where(random, 1.0 / np.where(random, variance, 1.0), 0.0)
    reach = np.sqrt(2.0 * _FALL * variance)[:, None, None] * _SIDES[:, None, :]
    middle = modes[:, :, None]
    level = _integrand(arms, middle, mean, precision)[0] - _FALL
    at = farthest = middle + reach
    own = _of((at[0], at[1]), _OWN)
    ends = modes[_OWN].T, own
    inner, outer = np.minimum(*ends), np.maximum(*ends)
    arrived = np.zeros((len(arms), 4), dtype=np.bool_)
    for last in [False] * _TAIL_STEPS + [True] if random.any() else []:
        value, gradient, curvature, cross = _integrand(arms, at, mean, precision)
        mine, other = _of(gradient, _OWN), _of(gradient, 1 - _OWN)
        bend = np.where(random[1 - _OWN], _of(curvature, 1 - _OWN), np.inf)
        # the best of the other variable is a Newton step away
        gain, response = 0.5 * other * other / bend, cross / bend
        excess = value + gain - level
        if last:
            arrived = (excess < _NEAR) & (gain < _NEAR)
            break
        slope = mine - response * other
        step = np.clip(-excess / np.where(np.abs(slope) < _FLAT, _FLAT, slope), inner - own, outer - own)
        own = own + step
        at = np.where(_IS_OWN, own, at + (other / bend - response * step))
    found = np.where(arrived, at, farthest)
    return np.stack([found[0, :, :2], found[1, :, 2:]]).transpose(0, 2, 1)


def _of(pair: tuple[Array, Array], which: NDArray[np.intp]) -> Array:
    """Of each column the one of two arrays (K, 4)."""
    return np.where(which == 0, pair[0], pair[1])


def _integrand(
    arms: IntervalArms, at: Array, mean: Array, precision: Array
) -> tuple[Array, tuple[Array, Array], tuple[Array, Array], Array]:
    """Log integrand at (2, K, Q), its gradient, its negative second derivatives and the negative mixed one."""
    terms = arms.terms(at[0], at[1])
    d = at - mean[:, :, None]
    p = precision[:, None, None]
    value = terms.value - 0.5 * (p * d * d).sum(axis=0)
    gradient = terms.score[0] - precision[0] * d[0], terms.score[1] - precision[1] * d[1]
    return value, gradient, (precision[0] - terms.aa, precision[1] - terms.pp), -terms.ap
