"""Single proportions and rates: the transformed value, its variance, and the way back; arrays in, arrays out."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

__all__ = [
    "SINGLE_ARM_MEASURES",
    "SingleArmMeasure",
    "double_arcsine",
    "double_arcsine_back",
    "log_rate",
    "logit",
    "raw_proportion",
    "transformed_back",
]

Array = NDArray[np.float64]

SingleArmMeasure = Literal["logit proportion", "double arcsine proportion", "raw proportion", "log rate"]
SINGLE_ARM_MEASURES: tuple[SingleArmMeasure, ...] = get_args(SingleArmMeasure)


def logit(x: Array, n: Array) -> tuple[Array, Array]:
    """Log odds of a proportion and its variance 1/x + 1/(n - x).

    >>> y, v = logit(np.array([4.0]), np.array([8.0]))
    >>> float(y[0]), float(v[0])
    (0.0, 0.5)
    """
    return np.log(x / (n - x)), 1 / x + 1 / (n - x)


def double_arcsine(x: Array, n: Array) -> tuple[Array, Array]:
    """Freeman & Tukey's double arcsine (1950, Annals of Mathematical Statistics 21:607), halved, and its variance 1/(4 n + 2).

    >>> y, v = double_arcsine(np.array([4.0]), np.array([8.0]))
    >>> round(float(y[0]), 6), round(float(v[0]), 6)
    (0.785398, 0.029412)
    """
    return 0.5 * (np.arcsin(np.sqrt(x / (n + 1))) + np.arcsin(np.sqrt((x + 1) / (n + 1)))), 0.25 / (n + 0.5)


def double_arcsine_back(value: Array, n: Array) -> Array:
    """The proportion of a double arcsine in ``n`` participants (Miller 1978, The American Statistician 32:138).

    It needs a number of participants. For a mean over trials the harmonic mean of theirs is usual, and can mislead badly where
    they differ much (Schwarzer, Chemaitelly, Abu-Raddad & Ruecker 2019, Research Synthesis Methods 10:476). Values beyond those
    of 0 and n events give 0 and 1.

    >>> [round(float(p), 6) for p in double_arcsine_back(np.array([0.05, 0.785398, 1.55]), np.array([8.0]))]
    [0.0, 0.5, 1.0]
    """
    value, n = np.broadcast_arrays(np.asarray(value, dtype=np.float64), n)
    lowest, highest = double_arcsine(np.zeros_like(n), n)[0], double_arcsine(n, n)[0]
    held = np.clip(value, lowest, highest)
    sine = np.sin(2 * held)
    root = np.sqrt(np.maximum(0.0, 1 - (sine + (sine - 1 / sine) / n) ** 2))
    proportion = 0.5 * (1 - np.sign(np.cos(2 * held)) * root)
    return np.asarray(np.where(value <= lowest, 0.0, np.where(value >= highest, 1.0, proportion)))


def raw_proportion(x: Array, n: Array) -> tuple[Array, Array]:
    """A proportion and its binomial variance p (1 - p) / n."""
    p = x / n
    return p, p * (1 - p) / n


def log_rate(x: Array, t: Array) -> tuple[Array, Array]:
    """Log of events over person-time and its variance 1/x.

    >>> y, v = log_rate(np.array([10.0]), np.array([10.0]))
    >>> float(y[0]), float(v[0])
    (0.0, 0.1)
    """
    return np.log(x / t), 1 / x


def transformed_back(measure: SingleArmMeasure, value: Array, n: Array) -> Array:
    """A value of the working scale as a proportion or rate; only the double arcsine uses ``n``."""
    if measure == "logit proportion":
        return np.asarray(expit(value), dtype=np.float64)
    if measure == "double arcsine proportion":
        return double_arcsine_back(value, n)
    return np.exp(np.minimum(value, 709.0)) if measure == "log rate" else np.asarray(value, dtype=np.float64)
