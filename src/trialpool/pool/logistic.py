"""Logistic models with trial intercepts: odds ratios without any correction.

Fixed intercepts: stratified logistic regression, and its extension to odds ratios that vary between trials (Turner et al.
2000, Statistics in Medicine 19:3417; model 4 of Jackson et al. 2018, Statistics in Medicine 37:1059). Random intercepts:
model 5 there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import choice
from trialpool.effects.zero_cells import uninformative
from trialpool.errors import NotEstimableError
from trialpool.numerics.counting import log_choose
from trialpool.numerics.mixed_likelihood import TwoArms
from trialpool.numerics.mixed_maximum import Model
from trialpool.pool.unconditional import (
    Intercepts,
    PoolingModel,
    Task,
    UnconditionalFit,
    fit_unconditional,
    infinite,
)

__all__ = ["logistic"]

Array = NDArray[np.float64]

_WAYS_OUT = "use the penalised (Firth) model, the exact one-sided limit, or the risk difference"


def logistic(
    tables: Array,
    *,
    intercepts: Intercepts = "fixed",
    model: PoolingModel = "random",
    profile: bool = True,
    conf_level: float = 0.95,
) -> UnconditionalFit:
    """Log odds ratio by a logistic model with trial intercepts, fitted by maximum likelihood.

    Treatment is coded +1/2 and -1/2, so that the variance between trials is split evenly over the arms and swapping them
    turns the sign and nothing else; with 0/1 it would depend on which arm is called treatment.

    Parameters
    ----------
    tables : array of shape (4, K)
        Treatment events, treatment n, control events, control n; whole numbers.
    intercepts : {"fixed", "random"}
        One parameter a trial; or normal over trials, independent of the odds ratios. With fixed intercepts trials
        without events, or without non-events, in both arms change nothing; with random ones they count, through what
        they say of the intercepts. Random intercepts use differences between trials, against which randomisation does
        not protect.
    model : {"common", "random"}
        One odds ratio, or log odds ratios that are normal over trials.
    profile : bool
        Profile-likelihood interval and likelihood-ratio p-value; else Wald's.
    conf_level : float

    Returns
    -------
    UnconditionalFit

    Raises
    ------
    NotEstimableError
        The odds ratio is zero or infinite, or a variance grows without bound.

    Examples
    --------
    >>> import numpy as np
    >>> tables = np.array([[2.0, 5, 1], [50, 60, 40], [8, 9, 6], [50, 62, 41]])
    >>> fit = logistic(tables, model="common")
    >>> round(fit.estimate, 4), round(fit.std_error, 4)
    (-1.1453, 0.4283)
    """
    choice("intercepts", intercepts, ("fixed", "random"))
    choice("model", model, ("common", "random"))
    own = intercepts == "fixed"
    used = tables[:, ~uninformative(tables)] if own else tables
    _refuse_infinite(used, own=own)
    a, n1, c, n2 = used
    events, total = (a + c, n1 + n2) if own else (np.full(a.size, (a + c).sum()), np.full(a.size, (n1 + n2).sum()))
    task = Task(
        model=Model(TwoArms("binomial", used), own, (not own, model == "random")),
        intercepts=np.log(events / (total - events)),
        constant=float(log_choose(n1, a).sum() + log_choose(n2, c).sum()),
    )
    return fit_unconditional(task, profile=profile, conf_level=conf_level)


def _refuse_infinite(tables: Array, *, own: bool) -> None:
    """A stratified odds ratio is infinite where each trial alone is; an unstratified one where the totals are."""
    a, n1, c, n2 = tables if own else tables.sum(axis=1, keepdims=True)
    if a.size == 0 or (a + c).sum() in (0, (n1 + n2).sum()):
        raise NotEstimableError("no trial has both events and non-events, so that nothing is known of the odds ratio")
    for positive, at_end in ((True, (c == 0) | (a == n1)), (False, (a == 0) | (c == n2))):
        if at_end.all():
            raise infinite("odds ratio", positive=positive, ways_out=_WAYS_OUT)
