"""Effect and variance of single 2x2 tables; arrays in, arrays out, nothing decided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "arcsine_difference",
    "log_cumulative_hazard",
    "log_hazard_ratio",
    "log_odds_ratio",
    "log_risk_ratio",
    "peto_log_odds_ratio",
    "peto_o_minus_e",
    "risk_difference",
]

Array = NDArray[np.float64]


def log_risk_ratio(a: Array, n1: Array, c: Array, n2: Array) -> tuple[Array, Array]:
    """Log risk ratio and its variance 1/a - 1/n1 + 1/c - 1/n2 (Katz et al. 1978, Biometrics 34:469).

    >>> import numpy as np
    >>> y, v = log_risk_ratio(*np.array([[4.0], [123.0], [11.0], [139.0]]))
    >>> round(float(y[0]), 6), round(float(v[0]), 6)
    (-0.889311, 0.325585)
    """
    return np.log((a / n1) / (c / n2)), (1 / a - 1 / n1) + (1 / c - 1 / n2)


def log_odds_ratio(a: Array, n1: Array, c: Array, n2: Array) -> tuple[Array, Array]:
    """Log odds ratio and its variance 1/a + 1/b + 1/c + 1/d (Woolf 1955, Annals of Human Genetics 19:251)."""
    b, d = n1 - a, n2 - c
    return np.log((a / b) / (c / d)), 1 / a + 1 / b + 1 / c + 1 / d


def risk_difference(a: Array, n1: Array, c: Array, n2: Array) -> tuple[Array, Array]:
    """Risk difference and its binomial variance."""
    p1, p2 = a / n1, c / n2
    return p1 - p2, p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2


def arcsine_difference(a: Array, n1: Array, c: Array, n2: Array) -> tuple[Array, Array]:
    """Difference of the arcsines of the root risks and its variance 1/(4 n1) + 1/(4 n2), which no empty cell spoils.

    Ruecker, Schwarzer, Carpenter & Olkin (2009), Statistics in Medicine 28:721.

    >>> import numpy as np
    >>> y, v = arcsine_difference(*np.array([[4.0], [123.0], [11.0], [139.0]]))
    >>> round(float(y[0]), 6), round(float(v[0]), 6)
    (-0.103836, 0.003831)
    """
    return np.arcsin(np.sqrt(a / n1)) - np.arcsin(np.sqrt(c / n2)), 0.25 / n1 + 0.25 / n2


def log_hazard_ratio(a: Array, n1: Array, c: Array, n2: Array) -> tuple[Array, Array]:
    """Difference of the complementary log-logs of the risks, and its variance by the delta method.

    ``log(-log(1 - p))`` is the log cumulative hazard, so the difference is the log hazard ratio where hazards are proportional
    and both arms are followed for the same time (Prentice & Gloeckler 1978, Biometrics 34:57). The variance of an arm is
    ``p / (n (1 - p) log(1 - p)^2)``.

    >>> import numpy as np
    >>> y, v = log_hazard_ratio(*np.array([[4.0], [123.0], [11.0], [139.0]]))
    >>> round(float(y[0]), 6), round(float(v[0]), 6)
    (-0.913765, 0.340983)
    """
    (y1, v1), (y2, v2) = (log_cumulative_hazard(events, n) for events, n in ((a, n1), (c, n2)))
    return y1 - y2, v1 + v2


def log_cumulative_hazard(events: Array, n: Array) -> tuple[Array, Array]:
    """``log(-log(1 - p))`` of one arm and its variance."""
    survival_log = np.log1p(-events / n)
    return np.log(-survival_log), events / (n - events) / n / survival_log**2


def peto_o_minus_e(a: Array, n1: Array, c: Array, n2: Array) -> tuple[Array, Array]:
    """Observed minus expected events and the hypergeometric variance V.

    Yusuf, Peto, Lewis, Collins & Sleight (1985), Progress in Cardiovascular Diseases 27:335. The log odds ratio is
    (O - E) / V with variance 1 / V.
    """
    total, events = n1 + n2, a + c
    expected = events * (n1 / total)
    variance = events * ((total - events) / total) * (n1 / total) * (n2 / np.maximum(total - 1, 1))
    return a - expected, variance


def peto_log_odds_ratio(a: Array, n1: Array, c: Array, n2: Array) -> tuple[Array, Array]:
    """Peto's one-step log odds ratio (O - E) / V and its variance 1 / V."""
    o_minus_e, v = peto_o_minus_e(a, n1, c, n2)
    return o_minus_e / v, 1 / v
