"""Likelihood of a multivariate normal mixed model whose within-trial covariance is known.

Trial i reports ``y_i ~ N(X_i beta, S_i + Z_i Psi Z_i')`` with known ``S_i``; ``Psi``, of p random effects, varies between
trials (Berkey et al. 1998, Statistics in Medicine 17:2537; Jackson, Riley & White 2011, Statistics in Medicine 30:2481).
``Psi = L L'`` with a factor that is linear in the parameters, ``L = sum_s theta_s L_s``: any theta gives a covariance matrix,
and one that is singular (a variance of 0, a correlation of 1) is an ordinary point, not the end of an unbounded climb.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blocks", "Evaluation", "covariance_of", "evaluate", "pad_blocks"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blocks:
    """N trials, each filled up to n rows that carry nothing.

    Attributes
    ----------
    y : array of shape (N, n)
    s : array of shape (N, n, n)
        Within-trial covariance; the identity in empty rows.
    x : array of shape (N, n, q)
        Regressors of the means; 0 in empty rows.
    z : array of shape (N, n, p)
        Regressors of the random effects; 0 in empty rows.
    rows : int
        Rows that hold an estimate.
    """

    y: Array
    s: Array
    x: Array
    z: Array
    rows: int

    def scaled(self, units: Array) -> Blocks:
        """The same trials with random effects measured in these units (p,)."""
        return replace(self, z=self.z * units)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The likelihood at one theta.

    ``gradient`` (m,) and ``hessian`` (m, m) are in theta; ``coefficients`` (q,) are the generalised least squares means, with
    ``covariance`` (q, q); ``rss`` is the weighted sum of squared residuals. The log likelihood has all its constants.
    """

    log_likelihood: float
    gradient: Array
    hessian: Array
    coefficients: Array
    covariance: Array
    rss: float


def pad_blocks(trials: list[tuple[Array, Array, Array, Array]]) -> Blocks:
    """Blocks from each trial's ``y`` (n_i,), ``S`` (n_i, n_i), ``X`` (n_i, q) and ``Z`` (n_i, p)."""
    longest = max(y.size for y, _, _, _ in trials)
    count, q, p = len(trials), trials[0][2].shape[1], trials[0][3].shape[1]
    y, x, z = np.zeros((count, longest)), np.zeros((count, longest, q)), np.zeros((count, longest, p))
    s = np.tile(np.eye(longest), (count, 1, 1))
    for i, (yi, si, xi, zi) in enumerate(trials):
        n = yi.size
        y[i, :n], s[i, :n, :n], x[i, :n], z[i, :n] = yi, si, xi, zi
    return Blocks(y, s, x, z, sum(yi.size for yi, _, _, _ in trials))


def covariance_of(theta: Array, basis: Array) -> Array:
    """``Psi`` (p, p) from theta (m,) and the factors ``L_s`` (m, p, p)."""
    factor = np.tensordot(theta, basis, axes=1)
    return np.asarray(factor @ factor.T)


def evaluate(blocks: Blocks, theta: Array, basis: Array, *, restricted: bool, derivatives: bool = True) -> Evaluation:
    """Log likelihood, or restricted log likelihood, with its first two derivatives.

    Parameters
    ----------
    blocks : Blocks
        Of N trials.
    theta : array of shape (m,)
        No parameters (m = 0) for a common effect.
    basis : array of shape (m, p, p)
        The factors ``L_s``.
    restricted : bool
        Restricted likelihood (Patterson & Thompson 1971, Biometrika 58:545), with the constant that makes it the density of
        orthonormal error contrasts (Harville 1974, Biometrika 61:383).
    derivatives : bool
        Without them gradient and Hessian are empty.

    Returns
    -------
    Evaluation

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> trials = [(np.array([y]), 0.1 * one, one, one) for y in (0.2, 0.9, -0.4)]
    >>> at = evaluate(pad_blocks(trials), np.array([0.5]), np.ones((1, 1, 1)), restricted=True)
    >>> round(at.log_likelihood, 6), at.coefficients.round(6).tolist()
    (-1.997579, [0.233333])
    """
    factor = np.tensordot(theta, basis, axes=1) if len(theta) else np.zeros((blocks.z.shape[2],) * 2)
    v = blocks.s + blocks.z @ (factor @ factor.T) @ blocks.z.transpose(0, 2, 1)
    w = np.asarray(np.linalg.inv(v), dtype=np.float64)
    xw = blocks.x.transpose(0, 2, 1) @ w
    information = (xw @ blocks.x).sum(axis=0)
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    beta = covariance @ (xw @ blocks.y[:, :, None]).sum(axis=0)[:, 0]
    residual = blocks.y - blocks.x @ beta
    u = (w @ residual[:, :, None])[:, :, 0]
    rss = float((u * residual).sum())
    log_likelihood = -0.5 * (float(np.linalg.slogdet(v)[1].sum()) + rss)
    if restricted:
        cross = np.einsum("inq,inr->qr", blocks.x, blocks.x)
        log_likelihood += 0.5 * float(np.linalg.slogdet(cross)[1] - np.linalg.slogdet(information)[1])
    free = blocks.rows - (blocks.x.shape[2] if restricted else 0)
    log_likelihood -= 0.5 * free * math.log(2.0 * math.pi)
    gradient, hessian = np.zeros(0), np.zeros((0, 0))
    if derivatives and len(theta):
        gradient, hessian = _derivatives(_Parts.of(blocks, w, xw, u, covariance), factor, basis, restricted=restricted)
    return Evaluation(log_likelihood, gradient, hessian, beta, covariance, rss)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the derivatives need of each trial: ``a = Z'WZ`` (N, p, p), ``b = X'WZ`` (N, q, p), ``u = Z'W r`` (N, p)."""

    a: Array
    b: Array
    u: Array
    c: Array

    @classmethod
    def of(cls, blocks: Blocks, w: Array, xw: Array, u: Array, covariance: Array) -> _Parts:
        zt = blocks.z.transpose(0, 2, 1)
        return cls(zt @ w @ blocks.z, xw @ blocks.z, (zt @ u[:, :, None])[:, :, 0], covariance)


def _derivatives(parts: _Parts, factor: Array, basis: Array, *, restricted: bool) -> tuple[Array, Array]:
    """Gradient and Hessian in theta.

    With ``D_s`` the derivative of Psi, ``V_s = Z D_s Z'`` and P the projection that removes the means, the gradient is
    ``(y'P V_s P y - tr(P V_s)) / 2`` and the Hessian ``tr(P V_s P V_t) / 2 - y'P V_s P V_t P y`` plus the curvature of Psi in
    theta; for the plain likelihood the traces have ``V^-1`` in the place of P.
    """
    a, b, u, c = parts.a, parts.b, parts.u, parts.c
    d = basis @ factor.T
    d = d + d.transpose(0, 2, 1)
    cb = c @ b
    slope = 0.5 * (np.einsum("ip,ir->pr", u, u) - a.sum(axis=0))
    if restricted:
        slope += 0.5 * (b.transpose(0, 2, 1) @ cb).sum(axis=0)
    gradient = np.einsum("pr,spr->s", slope, d)
    ad = a[:, None] @ d  # (N, m, p, p)
    ud = (u[:, None, None, :] @ d)[:, :, 0]  # (N, m, p)
    bud = (b[:, None] @ ud[..., None])[..., 0].sum(axis=0)  # X'W h_s, (m, q)
    quadratic = _inner(ud @ a, ud) - bud @ c @ bud.T
    trace = _inner(ad, ad.transpose(0, 1, 3, 2))
    if restricted:
        bd = b[:, None] @ d  # (N, m, q, p)
        cbdb = c @ (bd @ b.transpose(0, 2, 1)[:, None]).sum(axis=0)  # (m, q, q)
        trace += np.einsum("sql,tlq->st", cbdb, cbdb) - 2.0 * _inner(bd @ a[:, None], c @ bd)
    curvature = 2.0 * np.einsum("pr,spk,trk->st", slope, basis, basis, optimize=True)
    return gradient, 0.5 * trace - quadratic + curvature


def _inner(first: Array, second: Array) -> Array:
    """Inner products over trials and all else, of arrays (N, m, ...) for each pair of the m."""
    m = first.shape[1]
    return np.asarray(np.moveaxis(first, 1, 0).reshape(m, -1) @ np.moveaxis(second, 1, 0).reshape(m, -1).T)
