"""Mantel-Haenszel pooling of 2x2 tables and of rates."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trialpool.effects import Effects, numbers_of
from trialpool.effects.zero_cells import corrected_tables, uninformative
from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.core import Core, heterogeneity_from_q, normalised, require_two
from trialpool.pool.methods import MantelHaenszel

__all__ = [
    "mantel_haenszel_odds_ratio",
    "mantel_haenszel_rate_difference",
    "mantel_haenszel_rate_ratio",
    "mantel_haenszel_risk_difference",
    "mantel_haenszel_risk_ratio",
    "pool_mantel_haenszel",
]

Array = NDArray[np.float64]
Summary = tuple[float, float, Array]
"""Estimate and variance on the working scale, and the weight of each table, shape (K,)."""


def mantel_haenszel_odds_ratio(a: Array, n1: Array, c: Array, n2: Array) -> Summary:
    """Log odds ratio with the variance of Robins, Breslow & Greenland (1986, Biometrics 42:311).

    >>> import numpy as np
    >>> estimate, variance, _ = mantel_haenszel_odds_ratio(*np.array([[4.0, 6], [123, 306], [11, 29], [139, 303]]))
    >>> round(estimate, 6), round(variance, 6)
    (-1.421503, 0.129252)
    """
    b, d, total = n1 - a, n2 - c, n1 + n2
    r, s = a * d / total, b * c / total
    p, q = (a + d) / total, (b + c) / total
    big_r, big_s = _positive(r.sum(), s.sum(), "odds ratio")
    variance = 0.5 * ((p * r).sum() / big_r**2 + (p * s + q * r).sum() / (big_r * big_s) + (q * s).sum() / big_s**2)
    return math.log(big_r / big_s), float(variance), s


def mantel_haenszel_risk_ratio(a: Array, n1: Array, c: Array, n2: Array) -> Summary:
    """Log risk ratio with the variance of Greenland & Robins (1985, Biometrics 41:55)."""
    total = n1 + n2
    r, s = a * n2 / total, c * n1 / total
    big_r, big_s = _positive(r.sum(), s.sum(), "risk ratio")
    variance = (((a + c) * n1 * n2 / total - a * c) / total).sum() / (big_r * big_s)
    return math.log(big_r / big_s), float(variance), s


def mantel_haenszel_risk_difference(a: Array, n1: Array, c: Array, n2: Array, *, form: str = "Sato") -> Summary:
    """Risk difference with the variance of Sato (1989, Biometrics 45:1323), or of Greenland & Robins (1985)."""
    b, d, total = n1 - a, n2 - c, n1 + n2
    weight = n1 * n2 / total
    estimate = float(((a * n2 - c * n1) / total).sum() / weight.sum())
    if form == "Greenland-Robins":
        numerator = ((a * b * n2**3 + c * d * n1**3) / (n1 * n2 * total**2)).sum()
    else:
        p = (c * (n1 / total) ** 2 - a * (n2 / total) ** 2 + (n1 / total) * (n2 / total) * (n2 - n1) / 2).sum()
        q = ((a * d + c * b) / total).sum() / 2
        numerator = estimate * p + q
    return estimate, float(numerator / weight.sum() ** 2), weight


def mantel_haenszel_rate_ratio(x1: Array, t1: Array, x2: Array, t2: Array) -> Summary:
    """Log rate ratio with the variance of Greenland & Robins (1985, Biometrics 41:55); Rothman (1986), Modern Epidemiology.

    >>> import numpy as np
    >>> estimate, variance, _ = mantel_haenszel_rate_ratio(*np.array([[7.0, 8], [1344, 1600], [11, 8], [1988, 1461]]))
    >>> round(estimate, 6), round(variance, 6)
    (-0.075129, 0.1208)
    """
    total = t1 + t2
    r, s = x1 * (t2 / total), x2 * (t1 / total)
    big_r, big_s = _positive(r.sum(), s.sum(), "rate ratio")
    return math.log(big_r / big_s), float((t1 / total * (t2 / total) * (x1 + x2)).sum() / (big_r * big_s)), s


def mantel_haenszel_rate_difference(x1: Array, t1: Array, x2: Array, t2: Array) -> Summary:
    """Rate difference with the variance of Greenland & Robins (1985)."""
    total = t1 + t2
    weight = t1 * (t2 / total)
    estimate = float((x1 * (t2 / total) - x2 * (t1 / total)).sum() / weight.sum())
    numerator = (x1 * (t2 / total) ** 2 + x2 * (t1 / total) ** 2).sum()
    return estimate, float(numerator / weight.sum() ** 2), weight


def pool_mantel_haenszel(effects: Effects, method: MantelHaenszel) -> Core:
    """Pooled ratio or difference of risks or rates, or odds ratio; heterogeneity is over the studies with an effect of their own.

    Raises
    ------
    NotEstimableError
        Fewer than two informative studies, or one arm has no events (or no non-events) in all of them.
    """
    if effects.comparison.has_shared_controls:
        raise OptionError("Mantel-Haenszel has no shared-control covariance; use multi_arm='combine' or 'split'")
    if numbers_of(effects.measure) == "rates":
        return _pool_rates(effects)
    # R's meta, too, adds to all four cells of the tables that it sums up for a ratio
    everywhere = (
        method.zero_cells if effects.measure == "risk difference" else replace(method.zero_cells, convention="cells")
    )
    tables, for_variance = corrected_tables(
        effects.comparison.tables(), effects.increments, everywhere, effects.measure
    )
    is_difference = effects.measure == "risk difference"
    contributing = np.flatnonzero(_contributing(tables, effects.measure))
    require_two(contributing.size, "has events and non-events" if not is_difference else "was given")
    tables, for_variance = tables[:, contributing], for_variance[:, contributing]
    if is_difference:
        form = method.risk_difference_variance or "Sato"
        estimate, _, weights = mantel_haenszel_risk_difference(*tables, form=form)
        _, variance, corrected_weights = mantel_haenszel_risk_difference(*for_variance, form=form)
        variance *= (
            corrected_weights.sum() / weights.sum()
        ) ** 2  # where only the variance is corrected, the weights are not
        if not variance > 0:
            raise NotEstimableError(
                "the Mantel-Haenszel risk difference has zero variance: no study has both events and non-events"
            )
    else:
        function = mantel_haenszel_odds_ratio if effects.measure == "odds ratio" else mantel_haenszel_risk_ratio
        estimate, variance, weights = function(*tables)
    return Core(
        estimate=estimate,
        std_error=math.sqrt(variance),
        df=None,
        weights=normalised(contributing, weights),
        heterogeneity=heterogeneity_from_q(effects.estimate, effects.variance, centre=estimate),
    )


def _pool_rates(effects: Effects) -> Core:
    is_difference = effects.measure == "rate difference"
    table = effects.comparison.rates()
    table[[0, 2]] += effects.increments
    events = table[0] + table[2] > 0
    contributing = np.flatnonzero(np.ones_like(events) if is_difference else events)
    require_two(contributing.size, "was given" if is_difference else "has events")
    function = mantel_haenszel_rate_difference if is_difference else mantel_haenszel_rate_ratio
    estimate, variance, weights = function(*table[:, contributing])
    if not variance > 0:
        raise NotEstimableError("the Mantel-Haenszel rate difference has zero variance: no study has events")
    return Core(
        estimate=estimate,
        std_error=math.sqrt(variance),
        df=None,
        weights=normalised(contributing, weights),
        heterogeneity=heterogeneity_from_q(effects.estimate, effects.variance, centre=estimate),
    )


def _contributing(tables: Array, measure: str) -> NDArray[np.bool_]:
    """Which tables enter the sums: all for a difference; for the risk ratio also those in which everybody had the event."""
    if measure == "risk difference":
        return np.ones(tables.shape[1], dtype=np.bool_)
    return ~uninformative(tables) if measure == "odds ratio" else np.asarray((tables[0] > 0) | (tables[2] > 0))


def _positive(r: float, s: float, measure: str) -> tuple[float, float]:
    if r > 0 and s > 0:
        return float(r), float(s)
    arm = "treatment" if r == 0 else "control"
    what = f"the Mantel-Haenszel {measure} is {'zero' if r == 0 else 'infinite'}: no events in any {arm} arm"
    if measure == "rate ratio":
        raise NotEstimableError(f"{what}; use the rate difference, or an exact method")
    raise NotEstimableError(f"{what} (or no non-events in the other); use the risk difference, or an exact method")
