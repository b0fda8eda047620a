"""The maximum of the likelihood of a generalised linear mixed model of two-armed trials.

Trials either have intercepts of their own, which are profiled out trial by trial, or normal ones. At given variances the
log likelihood is concave in intercepts and effect (Prékopa 1973, Acta Scientiarum Mathematicarum 34:335); a variance of
zero is a place of its own, decided by the slope there and by comparison with what is found inside.
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import NotEstimableError
from trialpool.numerics.ascent import THERE, newton_step, shortened
from trialpool.numerics.mixed_likelihood import NODES, Evaluation, TwoArms, evaluate

__all__ = ["AnyModel", "Model", "Point", "maximum", "std_error", "with_effect"]

Array = NDArray[np.float64]
Free = tuple[bool, bool, bool, bool]
"""Which of mean and variance of the intercept, and of the effect, may move."""

_MOST_STEPS = 60
_MOST_HALVINGS = 40
_LONGEST_STEP = 2.0
# Newton's decrement below which the score decides; further out where the likelihood rises no more
_NEAR, _STALLED = 1e-6, 1e-2
# on a profile: the step that is taken all the same squares it
_THERE_BESIDE = 1e-8
_STARTS = (0.01, 0.1, 0.5, 2.0)
_LEAST, _RUNAWAY = 1e-9, 100.0  # a standard deviation of 10 log units between trials is no estimate
_NAMES = ("trial intercepts", "effects")


@dataclass(frozen=True, slots=True)
class Model:
    """What varies between trials.

    ``own_intercepts`` gives each trial its own intercept; otherwise intercepts have one mean, and vary if ``varying[0]``.
    Effects vary if ``varying[1]``. ``nodes`` are of the quadrature.
    """

    arms: TwoArms
    own_intercepts: bool
    varying: tuple[bool, bool]
    nodes: tuple[int, int] = NODES

    def evaluate(self, mean: Array, variance: Array, start: Array) -> Evaluation:
        """Log likelihood of each trial at means (2, K) and variances (2,) of intercept and effect, searched from modes."""
        return evaluate(self.arms, mean, variance, start, nodes=self.nodes)


class AnyModel(Protocol):
    """What the search for a maximum asks of a model: see Model."""

    @property
    def arms(self) -> Sized:
        """The trials."""

    @property
    def own_intercepts(self) -> bool:
        """Whether intercepts are profiled out."""

    @property
    def varying(self) -> tuple[bool, bool]:
        """Whether intercepts, and effects, vary."""

    def evaluate(self, mean: Array, variance: Array, start: Array) -> Evaluation:
        """Log likelihood of each trial, its derivatives and modes."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the likelihood: means of intercept and effect (2, K), their variances (2,), and the evaluation there."""

    mean: Array
    variance: Array
    at: Evaluation

    @property
    def log_likelihood(self) -> float:
        """Of all trials, without its constants."""
        return float(self.at.log_likelihood.sum())

    @property
    def effect(self) -> float:
        """The mean effect."""
        return float(self.mean[1, 0])

    @property
    def effect_slope(self) -> float:
        """Of the log likelihood in the mean effect; where all else is at its best, that of the profile likelihood."""
        return float(self.at.gradient[:, 2].sum())

    def slope(self, j: int) -> float:
        """Of the log likelihood in a variance that is zero."""
        return float(self.at.gradient[:, 2 * j + 1].sum())


def maximum(model: AnyModel, intercepts: Array) -> Point:
    """The highest point of the likelihood.

    Parameters
    ----------
    model : Model
    intercepts : array of shape (K,)
        Where to start.

    Returns
    -------
    Point

    Raises
    ------
    NotEstimableError
        A variance grows without bound, or no maximum was reached.

    Examples
    --------
    >>> arms = TwoArms("binomial", np.array([[3.0, 4.0], [10.0, 10.0], [5.0, 7.0], [10.0, 10.0]]))
    >>> round(maximum(Model(arms, True, (False, False)), np.zeros(2)).effect, 4)
    -1.051
    """
    mean = np.stack([intercepts, np.zeros(len(model.arms))])
    best = _climb(model, _at(model, mean, np.zeros(2), mean), (True, False, True, False))
    varying = [j for j in (0, 1) if model.varying[j]]
    for j in varying + varying[:-1]:
        if best.variance[j] == 0:
            best = _with_variance(model, best, j, effect_free=True)
    return best


def with_effect(model: AnyModel, effect: float, near: Point) -> Point:
    """The highest point where the mean effect is given; ``near`` starts the search."""
    mean = np.stack([near.mean[0], np.full(len(model.arms), effect)])
    start = _at(model, mean, near.variance, near.at.modes)
    free = (True, bool(near.variance[0] > 0), False, bool(near.variance[1] > 0))
    inside = _varied(model, _climb(model, start, free, there=_THERE_BESIDE))
    if inside.variance[1] == 0 or inside.variance[1] > 0.25 * near.variance[1]:
        return inside
    # it has shrunk: there may be a second maximum at zero
    common = _at(model, inside.mean, inside.variance * (1, 0), inside.at.modes)
    common = _climb(model, common, (True, bool(inside.variance[0] > 0), False, False), there=_THERE_BESIDE)
    return inside if inside.log_likelihood >= common.log_likelihood else common


def std_error(model: AnyModel, best: Point) -> float:
    """Of the mean effect, by the observed information in all that is free at the maximum."""
    free = (True, best.variance[0] > 0, True, best.variance[1] > 0)
    position = _shared(model, free).index(2)
    information = -_reduced(model, best, free)[1]
    try:
        variance = float(np.linalg.inv(information)[position, position])
    except np.linalg.LinAlgError:
        variance = 0.0
    if not variance > 0:
        raise NotEstimableError("the likelihood is flat at its maximum: the data hold no information on the effect")
    return float(np.sqrt(variance))


def _varied(model: AnyModel, point: Point) -> Point:
    """The same with each variance raised that is zero and should not be; the mean effect stays where it is."""
    for j in (0, 1):
        if model.varying[j] and point.variance[j] == 0 and point.slope(j) > 0:
            point = _with_variance(model, point, j, effect_free=False)
    return point


def _with_variance(model: AnyModel, zero: Point, j: int, *, effect_free: bool) -> Point:
    """The better of a point whose variance ``j`` is zero and the points found inside."""
    rises = zero.slope(j) > 0
    best = zero
    for value in _STARTS[1:2] if rises else _STARTS:
        variance = zero.variance.copy()
        variance[j] = value
        free = (True, bool(variance[0] > 0), effect_free, bool(variance[1] > 0))
        held = (free[0], free[1] and j != 0, free[2], free[3] and j != 1)
        start = _climb(model, _at(model, zero.mean, variance, zero.at.modes), held)
        if not rises and start.log_likelihood <= zero.log_likelihood:
            continue
        # the other variance may have vanished on the way
        free = (True, bool(start.variance[0] > 0), effect_free, bool(start.variance[1] > 0))
        found = _climb(model, start, free)
        if found.log_likelihood > best.log_likelihood:
            best = found
    return best


def _at(model: AnyModel, mean: Array, variance: Array, modes: Array) -> Point:
    return Point(mean, variance, model.evaluate(mean, variance, modes))


def _climb(model: AnyModel, point: Point, free: Free, *, there: float = THERE) -> Point:
    """Newton's method in what is free; a variance that shrinks to nothing is set to zero and stays there."""
    stalled = False
    for _ in range(_MOST_STEPS):
        gradient, hessian = _reduced(model, point, free)
        step = shortened(newton_step(gradient, hessian), _LONGEST_STEP)
        own = np.clip(_own_steps(model, point, free, step), -_LONGEST_STEP, _LONGEST_STEP)
        decrement = float(gradient @ step) + _own_decrement(model, point)
        new = _moved(model, point, free, step, own, near=decrement < (_STALLED if stalled else _NEAR))
        stalled = new.log_likelihood - point.log_likelihood < 1e-6 * decrement
        point = new
        for j in np.flatnonzero(point.variance > _RUNAWAY):
            raise NotEstimableError(
                f"the variance of the {_NAMES[j]} between trials grows beyond {_RUNAWAY:g}, without bound"
            )
        vanished = (point.variance > 0) & (point.variance < _LEAST)
        if vanished.any():
            point = _at(model, point.mean, np.where(vanished, 0.0, point.variance), point.at.modes)
            free = (free[0], free[1] and not vanished[0], free[2], free[3] and not vanished[1])
        elif decrement < there:
            return point
    raise NotEstimableError(
        f"the likelihood of the model was not maximised within {_MOST_STEPS} steps of Newton's method"
    )


def _shared(model: AnyModel, free: Free) -> list[int]:
    """Positions of the free parameters that trials share."""
    return [j for j in range(4) if free[j] and not (j == 0 and model.own_intercepts)]


def _reduced(model: AnyModel, point: Point, free: Free) -> tuple[Array, Array]:
    """Gradient and Hessian in the shared parameters, the trials' own intercepts profiled out."""
    shared = _shared(model, free)
    gradient = point.at.gradient[:, shared]
    hessian = point.at.hessian[:, shared][:, :, shared]
    if model.own_intercepts:
        cross = point.at.hessian[:, 0, shared]
        own = point.at.hessian[:, 0, 0]
        gradient = gradient - cross * (point.at.gradient[:, 0] / own)[:, None]
        hessian = hessian - cross[:, :, None] * cross[:, None, :] / own[:, None, None]
    return gradient.sum(axis=0), hessian.sum(axis=0)


def _own_steps(model: AnyModel, point: Point, free: Free, step: Array) -> Array:
    if not model.own_intercepts:
        return np.zeros(len(model.arms))
    cross = point.at.hessian[:, 0, _shared(model, free)]
    return np.asarray(-(point.at.gradient[:, 0] + cross @ step) / point.at.hessian[:, 0, 0])


def _own_decrement(model: AnyModel, point: Point) -> float:
    """What a Newton step in the trials' own intercepts alone would add to the log likelihood, twice."""
    if not model.own_intercepts:
        return 0.0
    return float((point.at.gradient[:, 0] ** 2 / -point.at.hessian[:, 0, 0]).sum())


def _moved(model: AnyModel, point: Point, free: Free, step: Array, own: Array, *, near: bool) -> Point:
    """The point a step further, halved until the likelihood does not fall.

    Near the maximum the step is taken as it is: the score decides, as the likelihood has but half of its digits there.
    """
    whole = np.zeros(4)
    whole[_shared(model, free)] = step
    for _ in range(_MOST_HALVINGS):
        mean = point.mean + np.stack([whole[0] + own, np.full(own.size, whole[2])])
        new = _at(model, mean, point.variance * np.exp(whole[[1, 3]]), point.at.modes)
        if near or new.log_likelihood >= point.log_likelihood:
            break
        whole, own = 0.5 * whole, 0.5 * own
    return new
