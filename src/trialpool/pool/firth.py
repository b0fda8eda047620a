"""Penalised logistic regression with a term a trial: a finite odds ratio even where an arm has no events.

The log likelihood plus half the log determinant of its information (Jeffreys' prior): Firth (1993, Biometrika 80:27), with
the intervals of Heinze & Schemper (2002, Statistics in Medicine 21:2409).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import NotEstimableError
from trialpool.numerics.ascent import NEAR, THERE, profile_interval
from trialpool.numerics.counting import log_choose

__all__ = ["FirthFit", "firth"]

Array = NDArray[np.float64]

_MOST_STEPS = 500
_MOST_HALVINGS = 40
_LONGEST_STEP = 2.0


@dataclass(frozen=True, slots=True)
class FirthFit:
    """Maximum of the penalised likelihood; effects are log odds ratios.

    Attributes
    ----------
    estimate : float
    std_error : float
        By the expected information at the maximum.
    conf_low, conf_high, p_value : float
        By the profile of the penalised likelihood, and its ratio test.
    log_likelihood : float
        Penalised, with its constants.
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class _Place:
    """A point with the penalised log likelihood and its derivatives; ``rank_one`` is taken off the arrow-shaped Hessian.

    ``own`` (K,) and ``effect`` are gradients in the trials' intercepts and in the effect; ``own_own``, ``own_effect``,
    ``effect_effect`` the Hessian without the part that couples trials, ``coupling`` the vector of that part.
    """

    intercepts: Array
    theta: float
    value: float
    own: Array
    effect: float
    own_own: Array
    own_effect: Array
    effect_effect: float
    coupling: tuple[Array, float]
    expected: tuple[Array, Array, float]
    information: float


def firth(tables: Array, *, conf_level: float = 0.95) -> FirthFit:
    """Common log odds ratio by penalised logistic regression with fixed trial intercepts.

    Parameters
    ----------
    tables : array of shape (4, K)
        Treatment events, treatment n, control events, control n; whole numbers. Trials without events (or without
        non-events) in both arms stay in: the penalty gives them a finite risk, and so they add a little information and
        draw the estimate slightly towards their allocation's even odds.
    conf_level : float

    Returns
    -------
    FirthFit

    Raises
    ------
    NotEstimableError
        No trial has an event, or none a non-event: the penalty alone would speak.

    Examples
    --------
    >>> nothing_in_control = np.array([[3.0, 5], [50, 120], [0, 0], [50, 60]])
    >>> fit = firth(nothing_in_control)
    >>> round(fit.estimate, 3), round(fit.conf_low, 3), round(fit.conf_high, 3)
    (2.513, 0.394, 7.383)
    """
    events, size = (tables[0] + tables[2]).sum(), (tables[1] + tables[3]).sum()
    if events in (0, size):
        what = "has an event" if events == 0 else "has a non-event"
        raise NotEstimableError(f"no trial {what}: the penalised odds ratio would rest on the penalty alone")
    m, n = tables[0] + tables[2], tables[1] + tables[3]
    start = _place(tables, np.log((m + 0.5) / (n - m + 0.5)), 0.0)
    best = _climb(tables, start, free=True)
    std_error = 1.0 / math.sqrt(best.information)

    def deviance(effect: float) -> tuple[float, float]:
        at = _climb(tables, _place(tables, best.intercepts, effect), free=False)
        return 2.0 * (best.value - at.value), -2.0 * at.effect

    low, high, p_value = profile_interval(deviance, best.theta, std_error, conf_level)
    a, n1, c, n2 = tables
    return FirthFit(
        best.theta, std_error, low, high, p_value, best.value + float(log_choose(n1, a).sum() + log_choose(n2, c).sum())
    )


def _place(tables: Array, intercepts: Array, theta: float) -> _Place:
    """Derivatives in the two linear predictors of each trial, turned into intercept (sum) and effect (half difference)."""
    a, n1, c, n2 = tables
    value1, score1, w1, dw1, ddw1 = _arm(a, n1, intercepts + 0.5 * theta)
    value2, score2, w2, dw2, ddw2 = _arm(c, n2, intercepts - 0.5 * theta)
    total = w1 + w2
    share1, share2 = w1 / total, w2 / total
    information = float((w1 * share2).sum())
    value = float((value1 + value2).sum() + 0.5 * np.log(total).sum()) + 0.5 * math.log(information)
    # of the information on the effect, which couples the trials
    s1, s2 = dw1 * share2**2, dw2 * share1**2
    s11 = ddw1 * share2**2 - 2.0 * (dw1 * share2) ** 2 / total
    s22 = ddw2 * share1**2 - 2.0 * (dw2 * share1) ** 2 / total
    s12 = 2.0 * (dw1 * share1) * (dw2 * share2) / total
    g1 = score1 + 0.5 * dw1 / total + 0.5 * s1 / information
    g2 = score2 + 0.5 * dw2 / total + 0.5 * s2 / information
    h11 = -w1 + 0.5 * (ddw1 / total - (dw1 / total) ** 2) + 0.5 * s11 / information
    h22 = -w2 + 0.5 * (ddw2 / total - (dw2 / total) ** 2) + 0.5 * s22 / information
    h12 = -0.5 * (dw1 / total) * (dw2 / total) + 0.5 * s12 / information
    scale = math.sqrt(0.5) / information
    return _Place(
        intercepts=intercepts,
        theta=theta,
        value=value,
        own=g1 + g2,
        effect=0.5 * float((g1 - g2).sum()),
        own_own=h11 + 2.0 * h12 + h22,
        own_effect=0.5 * (h11 - h22),
        effect_effect=0.25 * float((h11 - 2.0 * h12 + h22).sum()),
        coupling=(scale * (s1 + s2), 0.5 * scale * float((s1 - s2).sum())),
        expected=(-total, -0.5 * (w1 - w2), -0.25 * float(total.sum())),
        information=information,
    )


def _arm(events: Array, n: Array, eta: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Log likelihood of an arm, its score, its information and two derivatives of that, in the linear predictor."""
    small = np.exp(-np.abs(eta))
    other = 1.0 / (1.0 + small)
    p = np.where(eta >= 0, other, small * other)
    spread = small * other * other
    weight = n * spread
    # 1 - 2p, without cancellation near p = 1
    tilt = np.where(eta >= 0, -1.0, 1.0) * (1.0 - small) * other
    value = events * eta - n * (np.maximum(eta, 0.0) + np.log1p(small))
    return value, events - n * p, weight, weight * tilt, weight * (1.0 - 6.0 * spread)


def _climb(tables: Array, place: _Place, *, free: bool) -> _Place:
    """Newton's method, in the intercepts alone or with the effect, halving steps that do not rise."""
    for _ in range(_MOST_STEPS):
        own, effect = _newton(place, free=free)
        own, effect = np.clip(own, -_LONGEST_STEP, _LONGEST_STEP), max(-_LONGEST_STEP, min(_LONGEST_STEP, effect))
        decrement = float((own * place.own).sum()) + effect * place.effect
        new = _place(tables, place.intercepts + own, place.theta + effect)
        for _ in range(_MOST_HALVINGS):
            if new.value >= place.value or decrement < NEAR:
                break
            own, effect = 0.5 * own, 0.5 * effect
            new = _place(tables, place.intercepts + own, place.theta + effect)
        place = new
        if decrement < THERE:
            return place
    raise NotEstimableError(f"the penalised likelihood was not maximised within {_MOST_STEPS} steps of Newton's method")


def _newton(place: _Place, *, free: bool) -> tuple[Array, float]:
    """Newton's step; Fisher's where the penalised likelihood is not concave."""
    step = _step(place, (place.own_own, place.own_effect, place.effect_effect), place.coupling, free=free)
    if step is not None:
        return step
    nothing = (np.zeros_like(place.own), 0.0)
    scoring = _step(place, place.expected, nothing, free=free)
    return scoring if scoring is not None else nothing


def _step(
    place: _Place, arrow: tuple[Array, Array, float], coupling: tuple[Array, float], *, free: bool
) -> tuple[Array, float] | None:
    """Solve with minus the arrow plus the outer square of the coupling (Sherman & Morrison 1950); None if not positive."""
    diagonal, border, corner = -arrow[0], -arrow[1], -arrow[2]
    if not (diagonal > 0).all():
        return None
    pivot = corner - float((border**2 / diagonal).sum())
    if free and not pivot > 0:
        return None

    def solved(own: Array, effect: float) -> tuple[Array, float]:
        last = (effect - float((border * own / diagonal).sum())) / pivot if free else 0.0
        return (own - border * last) / diagonal, last

    x, x_last = solved(place.own, place.effect)
    y, y_last = solved(*coupling)
    along = float((coupling[0] * x).sum()) + coupling[1] * x_last * free
    ahead = along / (1.0 + float((coupling[0] * y).sum()) + coupling[1] * y_last * free)
    return x - y * ahead, x_last - y_last * ahead
