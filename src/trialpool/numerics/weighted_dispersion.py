"""The law of a weighted sum of squares about the weighted mean of independent normals with one mean.

``Q = sum w (y - m)^2``, ``m = sum w y / sum w``, ``y_j ~ N(mu, s_j)``, is a sum of chi-squares on one degree of freedom with
unlike weights. Its Laplace transform needs no eigenvalues: with ``d_j = 1 + 2 p w_j s_j``, the matrix determinant lemma gives
``E exp(-p Q) = (prod d_j * sum (w_j / sum w) / d_j)^(-1/2)``, and P(Q <= q) is the integral of
``exp(p q) E exp(-p Q) / (2 pi i p)`` along any path that leaves the negative axis, where its singularities lie, on the left.
The path here is a hyperbola through the saddle point on the positive axis (Rice 1980, SIAM Journal on Scientific and
Statistical Computing 1:438; hyperbolas: Weideman & Trefethen 2007, Mathematics of Computation 76:1341). Each factor of the
integrand falls all along it, and the trapezoidal rule converges geometrically: errors stay below 1e-12.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.columns import Array

__all__ = ["dispersion_law"]

Complex = NDArray[np.complex128]

_STEP = 0.08
_TILT = 0.55  # tangent of the angle by which the arms of the hyperbola bend back
_NODES = np.arange(62) * _STEP
_ALONG = 1j * np.sinh(_NODES) - _TILT * (np.cosh(_NODES) - 1.0)
_LOG_SPEED = np.log((1j * np.cosh(_NODES) - _TILT * np.sinh(_NODES)) * (_STEP / np.pi))
_LOG_SPEED[0] -= np.log(2.0)  # the path has a second half, its mirror image
_TOGETHER = 10_000  # complex numbers held at once, to stay in the cache
_LEAST_TOGETHER = 32  # numbers side by side, below which NumPy's loops cost more than the arithmetic
_MOST_STEPS = 80
_NEAR = 1e-2  # of the saddle's width: nearer than that to the saddle point is no better
_LEAST_Q = 1e-30


def dispersion_law(q: Array, weight: Array, scaled_variance: Array) -> tuple[Array, Array]:
    """P(Q <= q), and its derivative with respect to a variance added to every observation.

    Parameters
    ----------
    q : array of shape (b,)
    weight : array of shape (K, b)
        The weights w; 0 for an empty slot. At least two are positive.
    scaled_variance : array of shape (K, b)
        ``w s``, each weight times the variance of its observation; 0 for an empty slot.

    Returns
    -------
    tuple of arrays of shape (b,)

    Examples
    --------
    Weights that are inverse variances make Q a chi-square on K - 1 degrees of freedom:

    >>> below, slope = dispersion_law(np.full(2, 7.814728), np.ones((4, 2)), np.ones((4, 2)))
    >>> below.round(6).tolist()
    [0.95, 0.95]
    """
    total_weight = np.add.reduce(weight)
    share = weight / total_weight
    positive = q > _LEAST_Q
    q = np.where(positive, q, 1.0)
    saddle, width = _saddle_point(q, share, scaled_variance)
    log_width = np.log(width)
    below, slope = np.empty((_NODES.size, q.size)), np.empty((_NODES.size, q.size))
    together = max(1, _TOGETHER // weight.size, _LEAST_TOGETHER // q.size)
    for first in range(0, _NODES.size, together):
        some = slice(first, first + together)
        p = saddle + width * _ALONG[some, None]
        log_speed = log_width + _LOG_SPEED[some, None]
        below[some], slope[some] = _integrands(p, q, share, scaled_variance, log_speed)
    cdf = np.clip(np.add.reduce(below), 0.0, 1.0)
    return np.where(positive, cdf, 0.0), np.where(positive, total_weight * np.add.reduce(slope), 0.0)


def _integrands(p: Complex, q: Array, share: Array, scaled_variance: Array, log_speed: Complex) -> tuple[Array, Array]:
    """Of P(Q <= q), and of its derivative over the sum of weights, at points p of the path, (nodes, b).

    In real numbers: NumPy takes eight times as long for complex logarithms, and rounds products of complex numbers by where
    they stand in an array, while a batch shall give bit for bit what its problems give alone.
    """
    double = 2.0 * scaled_variance[:, None]
    real, imaginary = 1.0 + p.real[None] * double, p.imag[None] * double
    squared = real * real + imaginary * imaginary
    log_divisor = 0.5 * np.add.reduce(np.log(squared)) + 1j * np.add.reduce(np.arctan2(imaginary, real))
    scaled = share[:, None] / squared
    real, imaginary = scaled * real, -scaled * imaginary
    total, total_imaginary = np.add.reduce(real), np.add.reduce(imaginary)
    squared = total * total + total_imaginary * total_imaginary
    log_total = 0.5 * np.log(squared) + 1j * np.arctan2(total_imaginary, total)
    total, total_imaginary = total / squared, total_imaginary / squared
    # f, the part of each observation in the total, and the sum of f (1 - f)
    real, imaginary = real * total + imaginary * total_imaginary, imaginary * total - real * total_imaginary
    spread = np.add.reduce(real * (1.0 - real) + imaginary * imaginary)
    twist = np.add.reduce(imaginary * (1.0 - 2.0 * real))
    exponent = p * q - 0.5 * (log_divisor + log_total) + log_speed
    scale = np.exp(exponent + log_total)
    return np.exp(exponent - np.log(p)).imag, -(scale.real * twist + scale.imag * spread)


def _saddle_point(q: Array, share: Array, scaled_variance: Array) -> tuple[Array, Array]:
    """Where on the positive axis the integrand is least, roughly, and the width of the pass: 1 / sqrt(second derivative).

    Its logarithm is convex there, with the least value between 1 / q and (K + 1) / (2 q).
    """
    low, high = 1.0 / q, 0.5 * ((share > 0).sum(axis=0) + 1.0) / q
    p = np.sqrt(low * high)
    found = np.zeros(q.size, dtype=np.bool_)
    for _ in range(_MOST_STEPS):
        first, second = _log_derivatives(p, q, share, scaled_variance)
        low, high = np.where(first > 0, low, p), np.where(first > 0, p, high)
        step = -first / second
        inside = (p + step >= low) & (p + step <= high)
        found |= inside & (step * step * second <= _NEAR * _NEAR)
        p = np.where(found, p, np.where(inside, p + step, np.sqrt(low * high)))
        if found.all():
            break
    return p, 1.0 / np.sqrt(_log_derivatives(p, q, share, scaled_variance)[1])


def _log_derivatives(p: Array, q: Array, share: Array, scaled_variance: Array) -> tuple[Array, Array]:
    """Of ``p q + log E exp(-p Q) - log p``: first and second derivative."""
    divisor = 1.0 + 2.0 * p * scaled_variance
    x = 2.0 * scaled_variance / divisor
    part = share / divisor
    part = part / np.add.reduce(part)
    mean, square = np.add.reduce(part * x), np.add.reduce(part * x * x)
    first = 0.5 * (mean - np.add.reduce(x))
    second = 0.5 * (np.add.reduce(x * x) - 2.0 * square + mean * mean)
    # the second derivative of log E exp(-p Q) is not negative; rounding may make it so
    return q + first - 1.0 / p, np.maximum(second, 0.0) + 1.0 / (p * p)
