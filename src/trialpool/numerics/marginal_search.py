"""Maxima over tau2 >= 0 along a curve in (theta, tau2), for the marginal likelihood of a normal mixture.

Three questions are one: the maximum of the likelihood, its maximum at a given theta, and the end of the profile-likelihood
interval. Along a curve theta(tau2) the derivative of the likelihood in tau2 falls through zero at the answer, be the curve
the best theta for each tau2, a fixed theta, or the outer theta at which the likelihood has fallen to a level (the set of all
theta with a likelihood above the level reaches out furthest where that derivative is zero). At given tau2 the likelihood is
concave in theta (Prékopa 1973, Acta Scientiarum Mathematicarum 34:335), so the curve is found by Newton's method. Its
maxima are bracketed by the signs of the derivative on a grid from tau2 = 0 to ``MOST_TAU2``, and each is solved for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.marginal_likelihood import Evaluation, Mixtures, evaluate, quadrature_groups
from trialpool.numerics.ragged import Index
from trialpool.numerics.roots import safeguarded

__all__ = ["FIXED", "FREE", "LIMIT", "MOST_TAU2", "Curve", "Peaks", "Scan", "peaks", "scan", "tau2_grid"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST_TAU2 = 49.0
"""A standard deviation of 7 log units between trials is no estimate: a likelihood that rises up to here has no maximum."""

FREE, FIXED, LIMIT = 0, 1, 2
"""Kinds of curve: the best theta, a given theta, the outer theta at a level of the likelihood."""

_GRID = 8
_LOWEST = 0.02  # of the smallest variance of a table: below it the derivative is as good as at 0
_MOST_STEPS = 60
_LONGEST = 8.0  # log units that theta moves at a time, where the likelihood is nearly straight
_ON_CURVE = 0.02  # distance from the curve in standard errors whose square no longer matters to the scan
_ENOUGH = 1e-7  # relative Newton step whose square, the next error, is below 1e-13
_NEAR, _CERTAIN = (
    0.1,
    0.01,
)  # distances from the curve at which tau2 may move, and at which the sign of the rise is believed
_NOISE = 1e-15  # rounding of a derivative in tau2, times the number of tables over tau2


@dataclass(frozen=True, slots=True)
class Curve:
    """Which curve each point follows: its kind, the side (-1 or 1) and level of a limit; all of shape (P,)."""

    kind: NDArray[np.int8]
    side: Array
    level: Array

    @classmethod
    def of(cls, size: int, kind: int = FREE, side: float = 0.0, level: Array | float = 0.0) -> Curve:
        """The same kind of curve for ``size`` points."""
        return cls(np.full(size, kind, dtype=np.int8), np.full(size, side), np.zeros(size) + level)

    def take(self, chosen: Index) -> Curve:
        """The curves of the points ``chosen``."""
        return Curve(self.kind[chosen], self.side[chosen], self.level[chosen])

    def step(self, at: Evaluation) -> tuple[Array, Mask]:
        """Newton's step in theta towards the curve, and whether there is a curve at this tau2."""
        bend = np.maximum(-at.theta_theta, 1e-300)
        above = at.log_likelihood - self.level
        slope = self.side * at.theta
        inside = above >= 0
        # inside: the root of the parabola; outside: Newton's step, which stays outside of a concave function
        root = np.sqrt(slope * slope + 2.0 * bend * np.maximum(above, 0.0))
        out = np.where(slope > 0, (slope + root) / bend, 2.0 * above / np.where(root > slope, root - slope, 1.0))
        back = above / np.where(slope < 0, -slope, 1.0)
        limit = self.side * np.where(inside, out, back)
        steps = np.where(self.kind == LIMIT, limit, np.where(self.kind == FREE, at.theta / bend, 0.0))
        steps = np.clip(steps, -_LONGEST, _LONGEST)
        return steps, (self.kind != LIMIT) | inside | (slope < 0)

    def slope(self, at: Evaluation) -> Array:
        """How theta changes with tau2 along the curve."""
        free = -at.cross / at.theta_theta
        limit = -at.tau2 / np.where(at.theta == 0, 1e-300, at.theta)
        return np.where(self.kind == LIMIT, limit, np.where(self.kind == FREE, free, 0.0))


@dataclass(frozen=True, slots=True)
class Scan:
    """Points on their curves. ``rise``: derivative in tau2; ``exists``: whether the curve exists at this tau2."""

    theta: Array
    tau2: Array
    log_likelihood: Array
    rise: Array
    exists: Mask


def tau2_grid(mixtures: Mixtures, theta: Array) -> Array:
    """0, then points in equal ratios from a share of the smallest variance up to the largest tau2; shape (P, points)."""
    _, _, information = mixtures.family.moments(theta[mixtures.owner, None])
    largest = np.maximum.reduceat(information[:, 0], mixtures.first)
    lowest = np.minimum(_LOWEST / np.maximum(largest, 1e-3), 0.1)
    grid = np.zeros((theta.size, _GRID + 1))
    grid[:, 1:] = lowest[:, None] * np.exp(np.linspace(0.0, 1.0, _GRID) * np.log(MOST_TAU2 / lowest)[:, None])
    grid[:, -1] = MOST_TAU2
    return grid


def scan(mixtures: Mixtures, theta: Array, tau2: Array, curve: Curve, *, close: float = _ON_CURVE) -> Scan:
    """Bring each point onto its curve at its tau2, so close in standard errors; all arrays of shape (P,)."""
    found = Scan(theta.copy(), tau2, np.empty_like(theta), np.empty_like(theta), np.ones(theta.size, dtype=np.bool_))
    for group in quadrature_groups(tau2):
        # at tau2 = 0 the curve itself may be the answer
        tolerance = close if tau2[group[0]] > 0 else _ENOUGH
        _scan_group(mixtures.take(group), group, curve.take(group), found, tolerance)
    return found


def _scan_group(part: Mixtures, active: Index, curve: Curve, found: Scan, tolerance: float) -> None:
    """Newton's method for points that are integrated alike, into ``found``."""
    tau2 = found.tau2[active]
    modes = found.theta[active][part.owner]
    low, high, last = (np.full(active.size, end) for end in (-np.inf, np.inf, np.inf))
    for _ in range(_MOST_STEPS):
        theta = found.theta[active]
        at = evaluate(part, theta, tau2, modes)
        step, here = curve.step(at)
        close = np.abs(step) * np.sqrt(-at.theta_theta) <= tolerance
        # towards the best theta Newton's step may be too long either way; towards a limit it corrects itself
        free, rising = curve.kind == FREE, at.theta > 0
        low, high = np.where(free & rising, theta, low), np.where(free & ~rising, theta, high)
        moved = np.where(free, safeguarded(theta, step, low, high, last), theta + step)
        last = np.where(np.isfinite(high - low), np.abs(moved - theta), np.inf)
        found.theta[active] = np.where(here, moved, theta)
        found.rise[active] = at.tau2 + (np.where(close, at.cross * step, 0.0) if tau2[0] > 0 else 0.0)
        found.log_likelihood[active] = at.log_likelihood + 0.5 * at.theta * step
        found.exists[active] = here
        keep = np.flatnonzero(~close & here)
        if keep.size == 0:
            break
        modes = at.modes
        if keep.size < active.size:
            modes = modes[part.rows(keep)]
            active, tau2, part, curve = active[keep], tau2[keep], part.take(keep), curve.take(keep)
            low, high, last = low[keep], high[keep], last[keep]


@dataclass(frozen=True, slots=True)
class Peaks:
    """Maxima along curves: which point's curve, where, and whether the solver settled; arrays of shape (N,)."""

    owner: Index
    theta: Array
    tau2: Array
    settled: Mask


def peaks(mixtures: Mixtures, curve: Curve, grid: Scan, turn: Array) -> Peaks:
    """Every maximum between neighbouring grid points where the derivative in tau2 falls through zero.

    Parameters
    ----------
    mixtures, curve : of P problems
    grid : Scan
        Of P times G points, G of each problem in rising tau2.
    turn : array of shape (P,)
        A tau2 at which the curve exists; a grid point without a curve counts as rising below it, as falling above.

    Returns
    -------
    Peaks
    """
    p = len(mixtures)
    tau2, theta = grid.tau2.reshape(p, -1), grid.theta.reshape(p, -1)
    exists = grid.exists.reshape(p, -1)
    rise = np.where(exists, grid.rise.reshape(p, -1), np.where(tau2 < turn[:, None], np.inf, -np.inf))
    owner, at = np.nonzero((rise[:, :-1] > 0) & (rise[:, 1:] <= 0) & (tau2[:, 1:] > tau2[:, :-1]))
    owner, at = owner.astype(np.intp), at.astype(np.intp)
    if owner.size == 0:
        nothing = np.empty(0)
        return Peaks(owner, nothing, nothing, np.empty(0, dtype=np.bool_))
    low, high = tau2[owner, at], tau2[owner, at + 1]
    rise_low, rise_high = rise[owner, at], rise[owner, at + 1]
    known = np.isfinite(rise_low) & np.isfinite(rise_high)
    span = np.where(known, rise_low, 1.0) - np.where(known, rise_high, -1.0)
    # from where the straight line between both ends is zero; where one end has no curve, from the other end
    share = np.clip(np.where(known, rise_low, 0.0) / span, 0.01, 0.99)
    share = np.where(known, share, np.where(np.isfinite(rise_low), 0.0, 1.0))
    start = theta[owner, at] + share * (theta[owner, at + 1] - theta[owner, at])
    bracket = _Bracket(low, high, turn[owner], _outer(theta, exists, curve.side)[owner])
    return _solved(mixtures.take(owner), curve.take(owner), owner, start, low + share * (high - low), bracket)


@dataclass(frozen=True, slots=True)
class _Bracket:
    """Ends of tau2; where the curve is known to exist; a theta beyond the curve, for limits."""

    low: Array
    high: Array
    turn: Array
    outer: Array

    def take(self, chosen: Index) -> _Bracket:
        return _Bracket(self.low[chosen], self.high[chosen], self.turn[chosen], self.outer[chosen])


def _outer(theta: Array, exists: Mask, side: Array) -> Array:
    """A theta further out than any on the grid, by half of what those span."""
    out = theta * side[:, None]
    furthest = np.where(exists, out, -np.inf).max(axis=1)
    nearest = np.where(exists, out, np.inf).min(axis=1)
    return np.asarray(side * (furthest + 0.5 * (furthest - nearest) + 0.5))


def _solved(mixtures: Mixtures, curve: Curve, owner: Index, theta: Array, tau2: Array, bracket: _Bracket) -> Peaks:
    """Newton's method on (theta, tau2) at once; tau2 moves only near the curve, and stays within its bracket."""
    modes = theta[mixtures.owner]
    found_theta, found_tau2, settled = theta.copy(), tau2.copy(), np.zeros(theta.size, dtype=np.bool_)
    active = np.arange(theta.size)
    beyond = np.zeros(theta.size, dtype=np.bool_)
    for _ in range(_MOST_STEPS):
        at = evaluate(mixtures, theta, tau2, modes)
        theta, tau2, bracket, beyond, still = _advance(mixtures, curve, at, (theta, tau2, bracket, beyond))
        found_theta[active], found_tau2[active], settled[active] = theta, tau2, still
        keep = np.flatnonzero(~still)
        if keep.size == 0:
            break
        modes = at.modes
        if keep.size < theta.size:
            modes, active = modes[mixtures.rows(keep)], active[keep]
            mixtures, curve, bracket = mixtures.take(keep), curve.take(keep), bracket.take(keep)
            theta, tau2, beyond = theta[keep], tau2[keep], beyond[keep]
    return Peaks(owner, found_theta, found_tau2, settled)


def _advance(
    mixtures: Mixtures, curve: Curve, at: Evaluation, state: tuple[Array, Array, _Bracket, Mask]
) -> tuple[Array, Array, _Bracket, Mask, Mask]:
    """One step of each point: where it goes, its new bracket, and whether it has settled."""
    theta, tau2, bracket, beyond = state
    to_curve, exists = curve.step(at)
    away = np.abs(to_curve) * np.sqrt(-at.theta_theta)
    # seen from within, a missing curve may only be further out: it is looked for from beyond before it is given up
    lost = ~exists & ~beyond
    missing = ~exists & beyond
    rise = np.where(exists, at.tau2 + at.cross * to_curve, np.where(tau2 < bracket.turn, 1.0, -1.0))
    certain = missing | (exists & (away <= _CERTAIN))
    low = np.where(certain & (rise > 0), tau2, bracket.low)
    high = np.where(certain & (rise <= 0), tau2, bracket.high)
    along = curve.slope(at)
    bend = at.tau2_tau2 + at.cross * along
    usable = exists & (bend < 0)
    step = np.where(usable, rise / np.where(usable, -bend, 1.0), np.inf)
    near = missing | (exists & (away <= _NEAR))
    proposal = np.where(near, tau2 + step, tau2)
    outside = near & ~((proposal > low) & (proposal < high))
    still = near & exists & (away <= _ENOUGH) & (np.abs(step) <= _ENOUGH * tau2)
    still |= near & exists & (away <= _ENOUGH) & (np.abs(rise) * tau2 <= _NOISE * mixtures.size)
    still |= near & (high - low <= 1e-14 * high)
    new = np.where(outside, np.where(still, tau2, 0.5 * (low + high)), proposal)
    moved = theta + np.where(exists, to_curve + np.where(near, along * (new - tau2), 0.0), 0.0)
    lost |= missing
    beyond = lost | (beyond & (new == tau2))
    new_bracket = _Bracket(low, high, bracket.turn, bracket.outer)
    return np.where(lost, bracket.outer, moved), new, new_bracket, beyond, still
