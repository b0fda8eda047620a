"""The generalised Q statistic Q(tau2) = sum w (y - mean)^2 with w = 1 / (v + tau2), and its inverse.

Q is convex and decreasing in tau2 (DerSimonian & Kacker 2007, Contemporary Clinical Trials 28:105), so Newton's method from
zero rises to the root without overshooting.
"""

from __future__ import annotations

import numpy as np

from trialpool.numerics.columns import Array, columns_to_keep

__all__ = ["generalised_q_root"]

_MOST_STEPS = 400
_ENOUGH = 1e-7  # relative step whose square, Newton's next error, is below rounding


def generalised_q_root(y: Array, v: Array, target: Array) -> Array:
    """The tau2 >= 0 at which Q equals ``target``, by column; 0 where Q is at most ``target`` at zero.

    Parameters
    ----------
    y, v : arrays of shape (K, b)
    target : array of shape (b,)

    Returns
    -------
    array of shape (b,)
    """
    tau2 = np.zeros(y.shape[1])
    active = np.arange(y.shape[1])
    t = tau2
    smallest = v.min(axis=0)
    for _ in range(_MOST_STEPS):
        w = 1.0 / (v + t)
        residual = y - np.add.reduce(w * y) / np.add.reduce(w)
        wr = w * residual
        excess = np.add.reduce(wr * residual) - target
        slope = np.add.reduce(wr * wr)
        step = np.where((excess > 0) & (target > 0), excess / np.where(slope > 0, slope, 1.0), 0.0)
        t = t + step
        going = step > _ENOUGH * (t + 1e-7 * smallest)
        if going.all():
            continue
        tau2[active] = t
        if not going.any():
            return tau2
        keep = columns_to_keep(going)
        active, t, target, smallest = active[keep], t[keep], target[keep], smallest[keep]
        y, v = np.ascontiguousarray(y[:, keep]), np.ascontiguousarray(v[:, keep])
    raise ArithmeticError("Newton's method on the generalised Q statistic did not settle")  # pragma: no cover
