"""Residual between-study variance of a meta-regression: every estimator, on (K, b) columns with one design.

With only an intercept they are the estimators of :mod:`trialpool.heterogeneity`. P is that of
:mod:`trialpool.regress.least_squares`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.columns import Array
from trialpool.numerics.falling_roots import falling_roots
from trialpool.regress.least_squares import Design, evaluate, project
from trialpool.regress.likelihood import ml, reml, spread_around_fit

__all__ = ["RESIDUAL_TAU2_ESTIMATORS", "RESIDUAL_TAU2_KERNELS", "ResidualTau2Estimator", "generalised_q_root"]

ResidualTau2Estimator = Literal["REML", "ML", "DL", "DL2", "HE", "HS", "SJ", "PM", "EB"]
RESIDUAL_TAU2_ESTIMATORS: tuple[ResidualTau2Estimator, ...] = get_args(ResidualTau2Estimator)

ResidualKernel = Callable[[Array, Array, Design], Array]
"""From y and v, both (K, b), and the design, to tau2 (b,)."""


def generalised_q_root(y: Array, v: Array, design: Design, target: Array) -> Array:
    """The tau2 at which ``y'Py`` equals ``target`` (b,); 0 where it is at most that at zero.

    Newton is not needed: ``Q(tau2) <= RSS / tau2`` with the unweighted residual sum of squares bounds the root.
    """
    zero = np.zeros(y.shape[1])
    tau2 = zero.copy()
    some = np.flatnonzero((evaluate(y, v, zero, design).q > target) & (target > 0))
    if not some.size:
        return tau2
    some = np.repeat(some, 2) if some.size == 1 else some
    y, v, target = np.take(y, some, axis=1), np.take(v, some, axis=1), target[some]
    high = spread_around_fit(y, design) / target

    def function(t: Array, active: NDArray[np.intp]) -> Array:
        q = evaluate(np.take(y, active, axis=1), np.take(v, active, axis=1), t, design).q
        return np.asarray(1.0 - target[active] / q)

    tau2[some] = falling_roots(function, zero[some], high, 1e-7 * v.min(axis=0))
    return tau2


def _paule_mandel(y: Array, v: Array, design: Design) -> Array:
    """Paule & Mandel (1982); with moderators, DerSimonian & Kacker (2007, Contemporary Clinical Trials 28:105).

    The empirical Bayes estimator of Morris (1983, JASA 78:47) solves the same equation.
    """
    return generalised_q_root(y, v, design, np.full(y.shape[1], float(design.df)))


def _method_of_moments(y: Array, v: Array, weights_variance: Array, design: Design) -> Array:
    """``max(0, (y'Py - tr(P V)) / tr(P))`` for any fixed weights (DerSimonian & Kacker 2007); weights are 1 / variance."""
    zero = np.zeros(y.shape[1])
    sums = evaluate(y, weights_variance, zero, design)
    if weights_variance is v:
        expected: Array | float = float(design.df)  # tr(P V)
    else:
        w = 1.0 / weights_variance
        fit = project(y, w, design.x)
        rest = w - sum(wu * wu / d for wu, d in zip(fit.weighted, fit.lengths, strict=True))
        expected = np.add.reduce(rest * v)
    return np.asarray(np.maximum(0.0, (sums.q - expected) / sums.trace))


def _dersimonian_laird(y: Array, v: Array, design: Design) -> Array:
    """DerSimonian & Laird (1986), with moderators Raudenbush (2009, Handbook of Research Synthesis, chapter 16)."""
    return _method_of_moments(y, v, v, design)


def _two_step(y: Array, v: Array, design: Design) -> Array:
    """Two-step DerSimonian-Laird: weights from the first step (DerSimonian & Kacker 2007)."""
    first = _dersimonian_laird(y, v, design)
    return np.where(first > 0, _method_of_moments(y, v, v + first, design), _method_of_moments(y, v, v, design))


def _hedges(y: Array, v: Array, design: Design) -> Array:
    """Hedges & Olkin (1985): the method of moments with equal weights."""
    return _method_of_moments(y, v, np.ones_like(v), design)


def _hunter_schmidt(y: Array, v: Array, design: Design) -> Array:
    """Hunter & Schmidt (2004): ``max(0, (Q - K) / sum w)``."""
    sums = evaluate(y, v, np.zeros(y.shape[1]), design)
    return np.asarray(np.maximum(0.0, (sums.q - y.shape[0]) / sums.total))


def _sidik_jonkman(y: Array, v: Array, design: Design) -> Array:
    """Sidik & Jonkman (2005, Biometrical Journal 47:787), from the variance of the effects around their plain mean."""
    centred = y - np.add.reduce(y) / y.shape[0]
    start = np.add.reduce(centred * centred) / y.shape[0]
    q = evaluate(y, v, start, design).q
    return np.asarray(start * q / design.df)


RESIDUAL_TAU2_KERNELS: Mapping[str, ResidualKernel] = {
    "REML": reml,
    "ML": ml,
    "DL": _dersimonian_laird,
    "DL2": _two_step,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
}
"""The kernel of each estimator."""
