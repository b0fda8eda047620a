"""Prediction intervals: where the effect of a new, similar trial is expected."""

from __future__ import annotations

import math
from typing import Literal

from trialpool.numerics.distributions import quantile

__all__ = ["prediction_interval"]


def prediction_interval(
    estimate: float,
    std_error: float,
    tau2: float,
    *,
    k: int,
    distribution: Literal["k-1", "k-2", "normal"],
    conf_level: float,
) -> tuple[float, float, int | None] | None:
    """Interval ``estimate ± quantile * sqrt(tau2 + SE^2)`` (Higgins, Thompson & Spiegelhalter 2009, JRSS A 172:137).

    Parameters
    ----------
    estimate, std_error, tau2 : float
        Of the random-effects model; the standard error of the interval that is reported.
    k : int
        Number of studies.
    distribution : {"k-1", "k-2", "normal"}
        Degrees of freedom of t, or the normal distribution.
    conf_level : float

    Returns
    -------
    (low, high, df) or None
        None where the degrees of freedom would be zero, or with fewer than three studies.

    Examples
    --------
    >>> low, high, df = prediction_interval(-0.7145, 0.1798, 0.3132, k=13, distribution="k-2", conf_level=0.95)
    >>> round(low, 3), round(high, 3), df
    (-2.008, 0.579, 11)
    """
    if k < 3:
        return None
    df = {"k-1": k - 1, "k-2": k - 2, "normal": None}[distribution]
    half = quantile(conf_level, df) * math.sqrt(tau2 + std_error * std_error)
    return estimate - half, estimate + half, df
