"""Poisson models with trial intercepts: rate ratios, and risk ratios of rare events.

Fixed intercepts: Poisson regression with a term a trial, and its extension to rate ratios that vary between trials (Stijnen,
Hamza & Özdemir 2010, Statistics in Medicine 29:3046). Random intercepts: Böhning, Mylona & Kimber (2015, Biometrical Journal
57:633), Beisemann, Doebler & Holling (2020, Biometrical Journal 62:1597).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from trialpool.checks import choice
from trialpool.errors import NotEstimableError, OptionError
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

__all__ = ["poisson"]

Array = NDArray[np.float64]

_WAYS_OUT = "use the exact one-sided limit, or the rate (risk) difference"


def poisson(
    rates: Array,
    *,
    intercepts: Intercepts = "fixed",
    model: PoolingModel = "random",
    profile: bool = True,
    conf_level: float = 0.95,
) -> UnconditionalFit:
    """Log rate ratio by a Poisson model with trial intercepts, fitted by maximum likelihood.

    With numbers of participants for person-time it is a log risk ratio. The Poisson variance is then larger than the
    binomial by ``1 / (1 - risk)``: near enough where events are rare, too wide an interval where they are not.

    Parameters
    ----------
    rates : array of shape (4, K)
        Treatment events, treatment person-time (or n), control events, control person-time (or n). Events are whole
        numbers, person-times positive, in any unit.
    intercepts : {"fixed", "random"}
        One parameter a trial; or normal over trials, independent of the rate ratios. With fixed intercepts trials without
        events change nothing; with random ones they count, through what they say of the rates. Random intercepts use
        differences between trials, against which randomisation does not protect.
    model : {"common", "random"}
        One rate ratio, or log rate ratios that are normal over trials. The common one with fixed intercepts is that of
        the events of the treatment arm given all events of the trial.
    profile : bool
        Profile-likelihood interval and likelihood-ratio p-value; else Wald's.
    conf_level : float

    Returns
    -------
    UnconditionalFit
        ``intercept_mean`` is a log rate in the unit of the person-times given.

    Raises
    ------
    NotEstimableError
        No events in one arm of all trials, or a variance grows without bound.
    OptionError
        A person-time is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> rates = np.array([[2.0, 5, 1], [510.0, 600, 390], [8, 9, 6], [480.0, 620, 400]])
    >>> fit = poisson(rates, model="common")
    >>> round(fit.estimate, 4), round(fit.std_error, 4)
    (-1.0555, 0.4105)
    """
    choice("intercepts", intercepts, ("fixed", "random"))
    choice("model", model, ("common", "random"))
    if not ((rates[[1, 3]] > 0) & np.isfinite(rates[[1, 3]])).all():
        raise OptionError("a person-time is zero, negative or missing; leave that trial out")
    own = intercepts == "fixed"
    used = rates[:, rates[0] + rates[2] > 0] if own else rates
    a, t1, c, t2 = used
    _refuse_infinite(float(a.sum()), float(c.sum()))
    # in a unit of the trials' own, results do not depend on that of the person-times
    unit = t1 + t2 if own else np.full(a.size, (t1 + t2).sum())
    scaled = np.stack([a, t1 / unit, c, t2 / unit])
    events = a + c if own else np.full(a.size, (a + c).sum())
    task = Task(
        model=Model(TwoArms("poisson", scaled), own, (not own, model == "random")),
        intercepts=np.log(events),
        constant=float((a * np.log(scaled[1]) + c * np.log(scaled[3]) - gammaln(a + 1) - gammaln(c + 1)).sum()),
        intercept_shift=-math.log(unit[0]),
    )
    return fit_unconditional(task, profile=profile, conf_level=conf_level)


def _refuse_infinite(treatment: float, control: float) -> None:
    if treatment == 0 and control == 0:
        raise NotEstimableError("no trial has an event, so that nothing is known of the rate ratio")
    if treatment == 0 or control == 0:
        raise infinite("rate ratio", positive=control == 0, ways_out=_WAYS_OUT)
