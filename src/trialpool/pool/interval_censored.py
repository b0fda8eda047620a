"""The binomial-normal model of both arms, with counts that are known within bounds.

A registry that lists an event from a threshold on says of a trial that it does not list: in every arm fewer had it than the
threshold takes. The likelihood of that is the probability of an interval, and that of a listed trial the probability of its
counts. Intercepts are normal over trials (model 5 of Jackson et al. 2018, Statistics in Medicine 37:1059): one of its own would
let an unlisted trial fit perfectly with no event at all, whatever the odds ratio, and say nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialpool.checks import choice, finite_array, probability
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.interval_arms import interval_arms
from trialpool.numerics.interval_likelihood import IntervalModel
from trialpool.pool.unconditional import PoolingModel, Task, UnconditionalFit, fit_unconditional

__all__ = ["interval_censored_binomial"]

Array = NDArray[np.float64]

_WAYS_OUT = "use the best and the worst case instead"


def interval_censored_binomial(
    bounds: ArrayLike,
    *,
    trial: ArrayLike,
    treated: ArrayLike,
    model: PoolingModel = "random",
    profile: bool = True,
    conf_level: float = 0.95,
) -> UnconditionalFit:
    """Log odds ratio from counts that are known within bounds, by maximum likelihood with normal trial intercepts.

    Treatment is coded +1/2 and -1/2, as in :func:`trialpool.pool.logistic.logistic` with ``intercepts="random"``, which is
    this model where every count is exact.

    Parameters
    ----------
    bounds : array of shape (3, A)
        Least events, most events and participants of each arm; whole numbers. A count that is known has the two alike.
    trial : array of shape (A,)
        What trial each arm is of: any labels. Several arms of a side have a common probability of the event.
    treated : array of shape (A,)
        Whether it is a treatment arm.
    model : {"common", "random"}
        One odds ratio, or log odds ratios that are normal over trials.
    profile : bool
        Profile-likelihood interval and likelihood-ratio p-value; else Wald's.
    conf_level : float

    Returns
    -------
    UnconditionalFit
        ``k_informative`` counts the trials with bounds that exclude anything.

    Raises
    ------
    OptionError
        Impossible bounds, or a trial without treatment or without control arm.
    NotEstimableError
        No trial is known to have had events, one alone is and effects vary, the odds ratio is zero or infinite, or a variance
        grows without bound.

    Examples
    --------
    >>> low = [9, 4, 0, 0, 12, 5, 6, 3]
    >>> high = [9, 4, 4, 4, 12, 5, 6, 3]
    >>> n = [100, 100, 100, 99, 120, 118, 90, 92]
    >>> fit = interval_censored_binomial(
    ...     [low, high, n], trial=[1, 1, 2, 2, 3, 3, 4, 4], treated=[True, False] * 4, model="common"
    ... )
    >>> round(fit.estimate, 3), round(fit.std_error, 3)
    (0.775, 0.342)
    """
    choice("model", model, ("common", "random"))
    probability("conf_level", conf_level)
    (low, high, n), position, side = _checked(bounds, trial, treated)
    silent = (low == 0) & (high == n)
    speaking = np.unique(position[~silent])
    kept = np.isin(position, speaking)
    low, high, n, side = low[kept], high[kept], n[kept], side[kept]
    position = np.searchsorted(speaking, position[kept])
    _refuse(low, high, n, position, side, random=model == "random")
    arms, constant = interval_arms(low, high, n, trial=position, side=side)
    middle = 0.5 * (low + high)
    start = np.log(middle.sum() / (n - middle).sum())
    task = Task(IntervalModel(arms, (True, model == "random")), np.full(len(arms), start), constant)
    return fit_unconditional(task, profile=profile, conf_level=conf_level)


def _checked(
    bounds: ArrayLike, trial: ArrayLike, treated: ArrayLike
) -> tuple[Array, NDArray[np.intp], NDArray[np.intp]]:
    """Bounds (3, A), the position of each arm's trial, and its side: 0 for treatment."""
    given = finite_array("bounds", bounds)
    labels, treatment = np.asarray(trial), np.asarray(treated)
    if given.ndim != 2 or given.shape[0] != 3 or given.size == 0:
        raise OptionError(f"bounds of shape {given.shape}: give (3, A): least events, most events, participants")
    if labels.shape != given.shape[1:] or treatment.shape != given.shape[1:] or treatment.dtype != np.bool_:
        raise OptionError(
            "trial and treated have another shape than the arms; give a label and a True or False for each"
        )
    low, high, n = given
    wrong = np.flatnonzero((given % 1 != 0).any(axis=0) | ~((low >= 0) & (low <= high) & (high <= n) & (n > 0)))
    if wrong.size:
        shown = ", ".join(f"{number:g}" for number in given[:, wrong[0]])
        raise OptionError(
            f"bounds ({shown}) are impossible; give whole numbers, 0 <= low <= high <= n with n of 1 or more"
        )
    names, position = np.unique(labels, return_inverse=True)
    for word, side in (("treatment", treatment), ("control", ~treatment)):
        without = np.setdiff1d(np.arange(names.size), position[side])
        if without.size:
            raise OptionError(f"trial {names[without[0]]!s} has no {word} arm; leave it out")
    return given, position.astype(np.intp), np.where(treatment, 0, 1)


def _refuse(
    low: Array, high: Array, n: Array, position: NDArray[np.intp], side: NDArray[np.intp], *, random: bool
) -> None:
    """Refuse what has no maximum: the likelihood does not fall where a side has no events, or nothing but events."""
    none = [bool((low[side == s] == 0).all()) for s in (0, 1)]
    everybody = [bool((high[side == s] == n[side == s]).all()) for s in (0, 1)]
    if all(none) or all(everybody):
        raise NotEstimableError(
            "no trial is known to have had an event (or a participant without one): the event is listed nowhere, and "
            f"its odds may be as small as they like on both sides; {_WAYS_OUT}"
        )
    for empty, word, one, other in (
        (none[1] or everybody[0], "infinite", "control", "treatment"),
        (none[0] or everybody[1], "zero", "treatment", "control"),
    ):
        if empty:
            raise NotEstimableError(
                f"the maximum likelihood odds ratio is {word}: no {one} arm is known to have had an event (or no {other} arm "
                f"a participant without one); {_WAYS_OUT}"
            )
    if random and np.unique(position[low > 0]).size < 2:
        raise NotEstimableError(
            "one trial alone is known to have had events: it says nothing of the variance between trials; use model='common'"
        )
