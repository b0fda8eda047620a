"""Maximum of the multivariate likelihood over the between-trial covariance matrix, in each of its structures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.climb import Height, climb
from trialpool.numerics.multivariate_likelihood import Blocks, Evaluation, covariance_of, evaluate

__all__ = ["STRUCTURES", "Maximum", "Structure", "maximum", "no_between_variance"]

Array = NDArray[np.float64]

Structure = Literal["unstructured", "compound-symmetric", "diagonal"]
STRUCTURES: tuple[Structure, ...] = get_args(Structure)

_VANISHED = 1e-12  # of a typical sampling variance, or of the largest variance between trials: nothing but rounding
_LINES = 14  # standard deviations tried along each line of starts
_NARROW, _WIDE = 0.03, 30.0
_UNEVEN = 0.1
_MOST_CLIMBS = 12


@dataclass(frozen=True, slots=True)
class Maximum:
    """The maximum.

    Attributes
    ----------
    between : array of shape (p, p)
        The covariance matrix between trials; directions that vanished are exactly 0.
    at : Evaluation
    parameters : int
        Free parameters of the structure.
    settled : bool
        False where the climb ran out of steps.
    """

    between: Array
    at: Evaluation
    parameters: int
    settled: bool


def no_between_variance(blocks: Blocks) -> Evaluation:
    """The likelihood without any variance between trials: common effects."""
    p = blocks.z.shape[2]
    return evaluate(blocks, np.zeros(0), np.zeros((0, p, p)), restricted=False, derivatives=False)


def maximum(blocks: Blocks, structure: Structure, correlation: float | None, *, restricted: bool) -> Maximum:
    """The highest maximum found from many starts.

    Parameters
    ----------
    blocks : Blocks
    structure : {"unstructured", "compound-symmetric", "diagonal"}
    correlation : float or None
        Compound-symmetric only: fixed at this, or None to estimate it between ``-1 / (p - 1)`` and 1.
    restricted : bool

    Returns
    -------
    Maximum

    Examples
    --------
    >>> from trialpool.numerics.multivariate_likelihood import pad_blocks
    >>> one = np.ones((1, 1))
    >>> trials = [(np.array([y]), v * one, one, one) for y, v in ((-0.9, 0.3), (-1.6, 0.2), (0.4, 0.1))]
    >>> found = maximum(pad_blocks(trials), "diagonal", None, restricted=True)
    >>> found.between.round(6).tolist(), found.at.coefficients.round(6).tolist()
    ([[0.938357]], [-0.659514])
    """
    units, spread = _units(blocks, equal=structure == "compound-symmetric")
    scaled = blocks.scaled(units)
    basis = _basis(structure, correlation, blocks.z.shape[2])

    def height(theta: Array) -> Height:
        at = evaluate(scaled, theta, basis, restricted=restricted)
        return at.log_likelihood, at.gradient, at.hessian

    def value(theta: Array) -> float:
        return evaluate(scaled, theta, basis, restricted=restricted, derivatives=False).log_likelihood

    zero = np.zeros(len(basis))
    best, best_value, settled = zero, value(zero), True
    for start in _starts(value, _lines(structure, spread / units, basis)):
        peak = climb(height, start)
        if peak.value > best_value:
            best, best_value, settled = peak.point, peak.value, peak.settled
    psi = _cleaned(covariance_of(best, basis))
    at = evaluate(scaled, np.ones(1), _root(psi)[None], restricted=restricted, derivatives=False)
    return Maximum(psi * np.outer(units, units), at, len(basis), settled)


def _units(blocks: Blocks, *, equal: bool) -> tuple[Array, Array]:
    """A typical sampling standard deviation of each random effect, and the spread of what the trials show of it."""
    residual = blocks.y - blocks.x @ no_between_variance(blocks).coefficients
    zt = blocks.z.transpose(0, 2, 1)
    information = np.einsum("ijj->ij", zt @ np.linalg.inv(blocks.s) @ blocks.z)
    length = (blocks.z * blocks.z).sum(axis=1)
    shown = (zt @ residual[:, :, None])[:, :, 0]
    units, spread = np.ones(length.shape[1]), np.ones(length.shape[1])
    for j, seen in enumerate((length > 0).T):
        units[j] = 1.0 / np.sqrt(np.median(information[seen, j]))
        spread[j] = np.sqrt(np.mean((shown[seen, j] / length[seen, j]) ** 2))
    if equal:
        units[:], spread[:] = np.median(units), np.sqrt(np.mean(spread**2))
    return units, np.where(spread > 0, spread, units)


def _basis(structure: Structure, correlation: float | None, p: int) -> Array:
    """The factors ``L_s`` (m, p, p)."""
    if structure == "diagonal":
        return np.eye(p)[:, :, None] * np.eye(p)[:, None, :]
    if structure == "unstructured":
        rows, columns = np.tril_indices(p)
        basis = np.zeros((rows.size, p, p))
        basis[np.arange(rows.size), rows, columns] = 1.0
        return basis
    if correlation is not None or p == 1:
        return np.asarray(np.linalg.cholesky(_equicorrelated(p, correlation or 0.0))[None], dtype=np.float64)
    mean = np.full((p, p), 1.0 / p)
    return np.stack([np.eye(p) - mean, mean])  # the two eigenspaces: departures from the mean, and the mean


def _equicorrelated(p: int, correlation: float) -> Array:
    return np.asarray((1.0 - correlation) * np.eye(p) + correlation, dtype=np.float64)


def _lines(structure: Structure, spread: Array, basis: Array) -> list[Array]:
    """Directions of theta along which starts are looked for.

    Variances as the trials show them, and with one of them far above the others; several correlations.
    """
    p = spread.size
    if structure == "compound-symmetric" and len(basis) == 1:
        return [spread[:1]]
    tried = [0.0, 0.95, -0.95 / (p - 1)] if p > 1 else [0.0]
    if structure == "compound-symmetric":
        return [spread[0] * np.sqrt(np.array([1.0 - rho, 1.0 + (p - 1) * rho])) for rho in tried]
    uneven = [np.where(np.arange(p) == j, 1.0, _UNEVEN) * spread for j in range(p)] if p > 1 else []
    if structure == "diagonal":
        return [spread, *uneven]
    factors = [np.linalg.cholesky(_equicorrelated(p, rho)) for rho in tried]
    return [(sd[:, None] * factor)[np.tril_indices(p)] for sd in (spread, *uneven) for factor in factors]


def _starts(value: Callable[[Array], float], lines: list[Array]) -> list[Array]:
    """Along each line, the places that are higher than their neighbours; the highest of them, the best first."""
    starts: list[tuple[float, Array]] = []
    for line in lines:
        places = [scale * line for scale in np.geomspace(_NARROW, _WIDE, _LINES)]
        values = [value(place) for place in places]
        padded = [-np.inf, *values, -np.inf]
        tops = [i for i in range(_LINES) if padded[i + 1] >= padded[i] and padded[i + 1] >= padded[i + 2]]
        starts += [(values[i], places[i]) for i in tops]
    ranked = sorted(starts, key=lambda start: start[0], reverse=True)
    return [place for _, place in ranked[:_MOST_CLIMBS]]


def _cleaned(psi: Array) -> Array:
    """Psi with the variances and directions that are nothing but rounding set to 0."""
    psi = 0.5 * (psi + psi.T)
    vanished = np.diag(psi) <= _VANISHED * max(1.0, float(np.diag(psi).max()))
    psi[vanished, :] = psi[:, vanished] = 0.0
    root = _root(psi)
    return np.asarray(root @ root.T)


def _root(psi: Array) -> Array:
    values, vectors = np.linalg.eigh(psi)
    values = np.where(values <= _VANISHED * max(1.0, float(values[-1])), 0.0, values)
    return np.asarray(vectors * np.sqrt(values))
