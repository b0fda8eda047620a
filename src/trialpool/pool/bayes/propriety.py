"""Whether a posterior exists, and which of its moments do.

Far out, the likelihood of k effects given tau falls like ``tau ** -(k - 1)`` under a flat prior of the mean and like
``tau ** -k`` under a normal one; with the tail of the prior of tau that tells which integrals exist.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trialpool.errors import NotEstimableError
from trialpool.pool.bayes.effect_priors import EffectPrior
from trialpool.pool.bayes.priors import TauPrior

__all__ = ["moments_of_effect", "moments_of_tau", "require_proper"]

Counts = NDArray[np.int64]


def require_proper(k: Counts, tau_prior: TauPrior, effect_prior: EffectPrior) -> None:
    """Refuse problems without a study, and those whose posterior cannot be normalised.

    Raises
    ------
    NotEstimableError
        Names the reason, and the first such problem of a batch.
    """
    least = 1 if tau_prior.proper else (2 if effect_prior.proper else 3)
    lacking = np.flatnonzero(k < least)
    if lacking.size == 0:
        return
    first = int(lacking[0])
    where = f"problem {first} of the batch: " if k.size > 1 else ""
    if k[first] == 0:
        raise NotEstimableError(f"{where}nothing to pool: no study has an effect")
    raise NotEstimableError(
        f"{where}the posterior is improper: with tau ~ {tau_prior} and effect ~ {effect_prior} it needs at least {least} "
        f"studies and has {int(k[first])}; choose a proper prior of tau, such as 'half-normal(0.5)'"
    )


def moments_of_tau(k: Counts, tau_prior: TauPrior, effect_prior: EffectPrior) -> Counts:
    """How many moments of tau, and of the effect in a new trial, exist: 0, 1 or 2."""
    power = tau_prior.tail_index + k - (0 if effect_prior.proper else 1)
    return np.where(power > 3, 2, np.where(power > 2, 1, 0))


def moments_of_effect(k: Counts, tau_prior: TauPrior, effect_prior: EffectPrior) -> Counts:
    """How many moments of the mean effect exist; a normal prior secures both."""
    return np.full(k.shape, 2) if effect_prior.proper else moments_of_tau(k, tau_prior, effect_prior)
