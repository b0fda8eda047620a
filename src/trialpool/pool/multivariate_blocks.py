"""What multivariate pooling is given: checked, grouped by trial, and told apart from what holds no answer."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialpool.checks import finite_array, quoted
from trialpool.display import plural
from trialpool.effects import Effects
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.multivariate_likelihood import Blocks, pad_blocks
from trialpool.pool.multivariate_method import Multivariate

__all__ = ["MultivariateData", "array_data", "mixed_data", "refuse_unidentified", "trial_matrices"]

Array = NDArray[np.float64]

_SINGULAR = 1e-12  # smallest eigenvalue of a correlation matrix that can be inverted with any digit left
_COLLINEAR = 1e-10
_SYMMETRIC = 1e-8


@dataclass(frozen=True, slots=True)
class MultivariateData:
    """Estimates by trial; regressors are scaled to unit length, ``lengths`` (q,) scale the coefficients back."""

    blocks: Blocks
    components: tuple[str, ...]
    terms: tuple[str, ...]
    lengths: Array

    def unscaled(self, coefficients: Array, covariance: Array) -> tuple[Array, Array]:
        """Coefficients and covariance in the units of the regressors as they were given."""
        return coefficients / self.lengths, covariance / np.outer(self.lengths, self.lengths)


def array_data(
    y: ArrayLike,
    covariance: ArrayLike | Sequence[ArrayLike],
    *,
    trial: Sequence[Hashable],
    component: Sequence[Hashable],
    design: ArrayLike | None,
    terms: Sequence[str] | None,
) -> MultivariateData:
    """Data of the array door, where a random effect belongs to a component."""
    estimates = finite_array("y", y)
    k = estimates.size
    if estimates.ndim != 1 or k == 0:
        raise OptionError(f"y has shape {estimates.shape}; give one estimate a row, shape (k,)")
    for name, labels in (("trial", trial), ("component", component)):
        if len(labels) != k:
            raise OptionError(f"{name} has length {len(labels)} for {plural(k, 'estimate')}; give one label a row")
    names = list(dict.fromkeys(component))
    z = np.array([[float(label == name) for name in names] for label in component])
    x = z if design is None else finite_array("design", design)
    if x.ndim != 2 or x.shape[0] != k:
        raise OptionError(f"design has shape {x.shape} for {plural(k, 'estimate')}; give one row each, shape (k, q)")
    shown = [str(name) for name in names]
    given = terms or (shown if design is None else [f"x{j + 1}" for j in range(x.shape[1])])
    if len(given) != x.shape[1]:
        raise OptionError(f"terms names {plural(len(given), 'regressor')}, the design has {x.shape[1]}; name each")
    rows = _rows_of_trials(trial)
    return mixed_data(estimates, _matrices(covariance, rows, k), rows, (x, z), (tuple(shown), tuple(given)))


def mixed_data(
    y: Array,
    matrices: Sequence[Array],
    rows: Sequence[Sequence[int]],
    regressors: tuple[Array, Array],
    names: tuple[tuple[str, ...], tuple[str, ...]],
) -> MultivariateData:
    """Data of a mixed model.

    Parameters
    ----------
    y : array of shape (k,)
    matrices : sequence of arrays
        Covariance within each trial.
    rows : sequence of sequences of int
        Rows of each trial.
    regressors : arrays of shape (k, q) and (k, p)
        Of the means and of the random effects.
    names : tuples of str
        Of the p random effects and of the q regressors of the means.

    Raises
    ------
    NotEstimableError
        Collinear regressors, or a covariance matrix that can not be inverted.
    """
    x, z = regressors
    components, terms = names
    lengths = np.sqrt((x * x).sum(axis=0))
    _refuse_collinear(x, lengths, terms)
    for matrix in matrices:
        _refuse_singular(matrix)
    x = x / lengths
    trials = [(y[list(i)], s, x[list(i)], z[list(i)]) for i, s in zip(rows, matrices, strict=True)]
    return MultivariateData(pad_blocks(trials), components, terms, lengths)


def trial_matrices(effects: Effects) -> tuple[list[list[int]], list[Array]]:
    """Rows of each trial among the effects that are estimable, and their covariance, which a shared control makes."""
    rows = _rows_of_trials(effects.comparison.clusters()[effects.used].tolist())
    if effects.covariance is None:
        return rows, [np.diag(effects.variance[i]) for i in rows]
    return rows, [effects.covariance[np.ix_(i, i)] for i in rows]


def _rows_of_trials(trial: Sequence[Hashable]) -> list[list[int]]:
    rows: dict[Hashable, list[int]] = {}
    for i, label in enumerate(trial):
        rows.setdefault(label, []).append(i)
    return list(rows.values())


def _matrices(covariance: ArrayLike | Sequence[ArrayLike], rows: list[list[int]], k: int) -> list[Array]:
    """One symmetric matrix a trial."""
    whole = _as_matrix(covariance, k)
    if whole is not None:
        whole = finite_array("covariance", whole)
        apart = whole.copy()
        for i in rows:
            apart[np.ix_(i, i)] = 0.0
        if apart.any():
            where = np.argwhere(apart)[0].tolist()
            raise OptionError(f"covariance is not 0 at {where}, which is between two trials; trials are independent")
        return [_symmetric(whole[np.ix_(i, i)], len(i)) for i in rows]
    given = list(covariance)  # type: ignore[arg-type]
    if len(given) != len(rows):
        raise OptionError(
            f"covariance holds {plural(len(given), 'matrix').replace('matrixs', 'matrices')} for {plural(len(rows), 'trial')}; "
            "give one a trial, or one of shape (k, k)"
        )
    return [_symmetric(finite_array("covariance", s), len(i)) for s, i in zip(given, rows, strict=True)]


def _as_matrix(covariance: object, k: int) -> Array | None:
    """The covariance as one matrix of shape (k, k), where it is given so."""
    try:
        whole = np.asarray(covariance, dtype=np.float64)
    except (TypeError, ValueError):
        return None  # matrices of several sizes
    return whole if whole.shape == (k, k) else None


def _symmetric(matrix: Array, n: int) -> Array:
    matrix = np.atleast_2d(matrix)
    if matrix.shape != (n, n):
        raise OptionError(f"a covariance matrix has shape {matrix.shape} for a trial with {plural(n, 'estimate')}")
    if not (np.diag(matrix) > 0).all():
        raise OptionError("a variance is zero or negative; leave that estimate out")
    sd = np.sqrt(np.diag(matrix))
    if np.abs((matrix - matrix.T) / np.outer(sd, sd)).max() > _SYMMETRIC:
        raise OptionError("a covariance matrix is not symmetric; give variances and both covariances")
    return np.asarray(0.5 * (matrix + matrix.T))


def _refuse_singular(matrix: Array) -> None:
    sd = np.sqrt(np.diag(matrix))
    if np.linalg.eigvalsh(matrix / np.outer(sd, sd))[0] < _SINGULAR:
        raise NotEstimableError(
            "the covariance matrix of a trial's estimates has no inverse: some of them say the same (several arms without a "
            "variance of their own against one control, or a correlation of 1); combine them, or leave one out"
        )


def _refuse_collinear(x: Array, lengths: Array, terms: tuple[str, ...]) -> None:
    empty = [term for term, length in zip(terms, lengths, strict=True) if length == 0]
    if empty:
        raise NotEstimableError(f"{quoted(empty)} is 0 in every row: its coefficient is not estimable; leave it out")
    if x.shape[0] < x.shape[1]:
        raise NotEstimableError(
            f"{plural(x.shape[1], 'coefficient')} of {plural(x.shape[0], 'estimate')}: leave some out"
        )
    _, values, vectors = np.linalg.svd(x / lengths, full_matrices=False)
    if values[-1] < _COLLINEAR * values[0]:
        involved = [term for term, weight in zip(terms, vectors[-1], strict=True) if abs(weight) > 1e-6]
        raise NotEstimableError(f"{quoted(involved)} are collinear in these estimates: leave one of them out")


def refuse_unidentified(data: MultivariateData, method: Multivariate) -> None:
    """Refuse a model of which the estimates can not tell a parameter.

    Raises
    ------
    NotEstimableError
        One trial; a component of one trial alone; a pair of components that no trial reports together.
    """
    blocks = data.blocks
    spare = blocks.rows - len(data.terms)
    if method.interval == "t" and spare == 0:
        raise NotEstimableError(
            f"{plural(blocks.rows, 'estimate')} for {plural(len(data.terms), 'coefficient')} leave no degree of freedom for "
            "interval='t'; choose 'wald'"
        )
    if method.model == "common":
        return
    way_out = "; choose model='common'"
    if len(blocks.y) == 1:
        raise NotEstimableError(f"one trial alone can not show how effects vary between trials{way_out}")
    if spare == 0:
        raise NotEstimableError(
            f"{plural(blocks.rows, 'estimate')} for {plural(len(data.terms), 'coefficient')} can not show how effects vary "
            f"between trials{way_out}"
        )
    reported = (blocks.z != 0).any(axis=1).astype(np.float64)
    together = reported.T @ reported
    if method.between == "compound-symmetric":
        estimated = method.correlation is None and len(data.components) > 1
        if estimated and not (together - np.diag(np.diag(together))).any():
            raise NotEstimableError(
                "no trial reports two of the effects, so that nothing shows their correlation between trials; fix it "
                "(correlation=0.5), or choose between='diagonal'"
            )
        return
    _refuse_lone(together, data.components, method, way_out)


def _refuse_lone(together: Array, components: tuple[str, ...], method: Multivariate, way_out: str) -> None:
    lone = [name for name, count in zip(components, np.diag(together), strict=True) if count < 2]
    if lone:
        raise NotEstimableError(
            f"{quoted(lone)}: reported by one trial alone, so that nothing shows its variance between trials; choose "
            f"between='compound-symmetric'{way_out.replace('; choose', ' or')}"
        )
    apart = np.argwhere(np.triu(together == 0, 1))
    if method.between == "unstructured" and apart.size:
        first, second = (components[i] for i in apart[0])
        raise NotEstimableError(
            f"no trial reports both {first!r} and {second!r}, so that nothing shows their correlation between trials; choose "
            "between='compound-symmetric' or 'diagonal'"
        )
