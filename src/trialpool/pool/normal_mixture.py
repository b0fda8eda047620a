"""Maximum likelihood of random effects on the log ratios of tables given their margins, and its profile likelihood."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.marginal_likelihood import Mixtures, common_maximum, evaluate
from trialpool.numerics.marginal_search import FIXED, FREE, LIMIT, MOST_TAU2, Curve, Peaks, Scan, peaks, scan, tau2_grid
from trialpool.numerics.ragged import Index
from trialpool.numerics.roots import rising_root

__all__ = ["Maxima", "ProfileLimits", "maximise", "profile_limits", "tau2_interval", "why_not"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_RUNAWAY = "the between-study variance grows without bound: the likelihood has no maximum; use a common effect, or a Bayesian model"
_FLAT = (
    "the likelihood is all but flat around its maximum: too few events for random effects; "
    "use a common effect, or a Bayesian model"
)
_UNSETTLED = "the search for the maximum of the likelihood did not settle"
_WIDEST = 10.0  # a standard error of 10 log units says nothing


@dataclass(frozen=True, slots=True)
class Maxima:
    """Maximum of each of P likelihoods, all of shape (P,); ``common`` is the log likelihood at the best tau2 = 0.

    ``grid`` and ``grid_theta`` (P, points) hold the tau2 that were looked at and the best theta for each.
    """

    theta: Array
    tau2: Array
    std_error: Array
    log_likelihood: Array
    common: Array
    runaway: Mask
    settled: Mask
    grid: Array
    grid_theta: Array
    grid_log_likelihood: Array

    def take(self, chosen: Index) -> Maxima:
        """The maxima of the problems ``chosen``."""
        return Maxima(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class ProfileLimits:
    """Profile-likelihood limits, +-inf where open, and the log likelihood at theta = 0; all (P,)."""

    low: Array
    high: Array
    null: Array
    settled: Mask


def maximise(mixtures: Mixtures) -> Maxima:
    """The highest of all maxima over theta and tau2 >= 0; the standard error is from the observed information.

    At tau2 = 0 the information is that of a common effect.
    """
    p = len(mixtures)
    common = common_maximum(mixtures)
    grid = tau2_grid(mixtures, common)
    owner = np.repeat(np.arange(p), grid.shape[1])
    looked = scan(mixtures.take(owner), common[owner], grid.ravel(), Curve.of(owner.size, FREE))
    found = peaks(mixtures, Curve.of(p, FREE), looked, np.zeros(p))
    at_zero = evaluate(mixtures, common, np.zeros(p), common[mixtures.owner])
    values, rise = looked.log_likelihood.reshape(grid.shape), looked.rise.reshape(grid.shape)
    theta, tau2 = common.copy(), np.zeros(p)
    best = np.where(rise[:, 0] <= 0, at_zero.log_likelihood, -np.inf)
    std_error, settled = 1.0 / np.sqrt(-at_zero.theta_theta), np.ones(p, dtype=np.bool_)
    if found.owner.size:
        inside = mixtures.take(found.owner)
        at = evaluate(inside, found.theta, found.tau2, found.theta[inside.owner])
        for i in _highest(found.owner, at.log_likelihood, best):
            q = found.owner[i]
            theta[q], tau2[q], best[q], settled[q] = (
                found.theta[i],
                found.tau2[i],
                at.log_likelihood[i],
                found.settled[i],
            )
            information = at.theta_theta[i] - at.cross[i] ** 2 / at.tau2_tau2[i]
            std_error[q] = 1.0 / np.sqrt(-information) if information < 0 else np.inf
    runaway = (rise[:, -1] > 0) & (values[:, -1] > best)
    by_grid = looked.theta.reshape(grid.shape)
    return Maxima(theta, tau2, std_error, best, at_zero.log_likelihood, runaway, settled, grid, by_grid, values)


def why_not(maxima: Maxima) -> list[str]:
    """Why each problem has no usable maximum; empty where it has one."""
    flat = ~(maxima.std_error <= _WIDEST)
    words = [(maxima.runaway, _RUNAWAY), (flat, _FLAT), (~maxima.settled, _UNSETTLED)]
    return [next((word for mask, word in words if mask[i]), "") for i in range(maxima.theta.size)]


def _highest(owner: Index, value: Array, floor: Array) -> list[int]:
    """Of the candidates of each problem the one with the highest value, where it is above the floor."""
    chosen: dict[int, int] = {}
    for i, q in enumerate(owner.tolist()):
        if value[i] > (value[chosen[q]] if q in chosen else floor[q]):
            chosen[q] = i
    return list(chosen.values())


def profile_limits(mixtures: Mixtures, maxima: Maxima, cut: float) -> ProfileLimits:
    """Where twice the fall of the profile log likelihood reaches ``cut``, and its value at theta = 0."""
    p = len(mixtures)
    grid, theta, value = _with_maximum(maxima)
    level = maxima.log_likelihood - 0.5 * cut
    lines = np.tile(np.arange(p), 3)
    curve = Curve(
        np.repeat(np.array([LIMIT, LIMIT, FIXED], dtype=np.int8), p),
        np.repeat(np.array([-1.0, 1.0, 0.0]), p),
        np.concatenate([level, level, np.zeros(p)]),
    )
    grid, theta = grid[lines], np.concatenate([theta, theta, np.zeros_like(theta)])
    reachable = np.concatenate([value >= level[:, None]] * 2 + [np.ones_like(value, dtype=np.bool_)])
    looked = _scan_where(mixtures, lines, curve, (theta, grid, reachable))
    at_lines = mixtures.take(lines)
    found = peaks(at_lines, curve, looked, maxima.tau2[lines])
    return _limits_of(at_lines, curve, looked, found)


def tau2_interval(mixtures: Mixtures, maxima: Maxima, cut: float) -> tuple[float, float]:
    """Where twice the fall of the likelihood, theta at its best, reaches ``cut``; of one problem, infinite where open."""
    level, tau2 = float(maxima.log_likelihood[0]) - 0.5 * cut, float(maxima.tau2[0])

    def fall(at: float) -> float:
        found = scan(mixtures, maxima.theta, np.array([at]), Curve.of(1, FREE), close=1e-6)
        return level - float(found.log_likelihood[0])

    low = 0.0 if fall(0.0) <= 0 else tau2 - rising_root(lambda x: fall(tau2 - x), start=tau2)
    if fall(MOST_TAU2) <= 0:
        return low, np.inf
    return low, tau2 + rising_root(lambda x: fall(tau2 + x), start=max(tau2, float(maxima.grid[0, 1])))


def _with_maximum(maxima: Maxima) -> tuple[Array, Array, Array]:
    """The grid with the maximum itself as one more point, in order."""
    grid = np.concatenate([maxima.grid, maxima.tau2[:, None]], axis=1)
    theta = np.concatenate([maxima.grid_theta, maxima.theta[:, None]], axis=1)
    value = np.concatenate([maxima.grid_log_likelihood, maxima.log_likelihood[:, None]], axis=1)
    order = np.argsort(grid, axis=1, kind="stable")
    return tuple(np.take_along_axis(x, order, axis=1) for x in (grid, theta, value))  # type: ignore[return-value]


def _scan_where(mixtures: Mixtures, lines: Index, curve: Curve, start: tuple[Array, Array, Mask]) -> Scan:
    """Scan the grid points that can be reached; the others have no curve."""
    theta, grid, reachable = start
    flat = np.flatnonzero(reachable.ravel())
    line = flat // grid.shape[1]
    part = scan(mixtures.take(lines[line]), theta.ravel()[flat], grid.ravel()[flat], curve.take(line))
    whole = Scan(
        theta.ravel().copy(),
        grid.ravel(),
        np.full(grid.size, -np.inf),
        np.zeros(grid.size),
        np.zeros(grid.size, dtype=np.bool_),
    )
    for field in fields(Scan):
        if field.name != "tau2":
            getattr(whole, field.name)[flat] = getattr(part, field.name)
    return whole


def _limits_of(lines: Mixtures, curve: Curve, looked: Scan, found: Peaks) -> ProfileLimits:
    n = len(lines)
    p = n // 3
    theta, rise = looked.theta.reshape(n, -1), looked.rise.reshape(n, -1)
    exists, value = looked.exists.reshape(n, -1), looked.log_likelihood.reshape(n, -1)
    limit = curve.kind == LIMIT
    # what each line is maximised for: how far out it reaches, or the likelihood
    reach = np.where(limit[:, None], curve.side[:, None] * theta, value)
    best = np.where(exists[:, 0] & (rise[:, 0] <= 0), reach[:, 0], -np.inf)
    settled = np.ones(n, dtype=np.bool_)
    if found.owner.size:
        inside = lines.take(found.owner)
        at = evaluate(inside, found.theta, found.tau2, found.theta[inside.owner])
        height = np.where(limit[found.owner], curve.side[found.owner] * found.theta, at.log_likelihood)
        for i in _highest(found.owner, height, best):
            best[found.owner[i]], settled[found.owner[i]] = height[i], found.settled[i]
    rising = exists[:, -1] & (rise[:, -1] > 0) & (reach[:, -1] > best)
    best = np.where(rising, np.where(limit, np.inf, reach[:, -1]), best)
    return ProfileLimits(-best[:p], best[p : 2 * p], best[2 * p :], np.logical_and.reduce(settled.reshape(3, p)))
