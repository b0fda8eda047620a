"""What all models of counts share at the door: which tables they use, and how their parts become a Core."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trialpool.effects import Effects
from trialpool.effects.zero_cells import uninformative
from trialpool.errors import OptionError
from trialpool.heterogeneity import prediction_interval
from trialpool.pool.core import Core, OwnInference, heterogeneity_from_q, require_two
from trialpool.pool.pooled import Heterogeneity, PredictionInterval
from trialpool.results import Note

__all__ = ["NO_HETEROGENEITY", "Counts", "counts_of", "model_core", "shares"]

Array = NDArray[np.float64]
Counts = tuple[NDArray[np.intp], Array]
"""Positions of the contrasts that are used, and their counts, shape (4, k): events and exposure of both arms."""


NO_HETEROGENEITY = Heterogeneity(None, None, None, None, None, None, None, None, None, None)
"""Where fewer than two studies have an effect of their own."""


def counts_of(effects: Effects, method: str, *, all_tables: bool = False) -> Counts:
    """The counts that a model of counts works on.

    Parameters
    ----------
    effects : Effects
    method : str
        Its name, for the refusal.
    all_tables : bool
        Whether tables without events (or without non-events) in both arms hold information for the model.

    Raises
    ------
    OptionError
        Contrasts share a control arm, or a control arm was split into fractions.
    NotEstimableError
        Fewer than two contrasts with information.
    """
    comparison = effects.comparison
    if comparison.has_shared_controls:
        raise OptionError(f"method {method!r} has no shared-control covariance; use multi_arm='combine'")
    if effects.measure == "rate ratio":
        rates = comparison.rates()
        informative = np.ones(rates.shape[1], dtype=np.bool_) if all_tables else rates[0] + rates[2] > 0
        used = np.flatnonzero(informative)
        require_two(used.size, "has events")
        return used, rates[:, used]
    tables = comparison.tables()
    if (tables % 1 != 0).any():
        raise OptionError(
            f"method {method!r} needs whole counts, and multi_arm='split' makes fractions; use multi_arm='combine'"
        )
    informative = np.ones(tables.shape[1], dtype=np.bool_) if all_tables else ~uninformative(tables)
    used = np.flatnonzero(informative)
    require_two(used.size, "was given" if all_tables else "has events and non-events")
    return used, tables[:, used]


def shares(information: Array, tau2: float = 0.0) -> Array:
    """Weight of each table: what its information is worth beside the variance between trials, ``1 / (1 / I + tau2)``."""
    weight = information / (1.0 + tau2 * information)
    return np.asarray(weight / weight.sum())


def model_core(
    effects: Effects,
    estimate: float,
    std_error: float,
    own: OwnInference,
    *,
    weights: dict[int, float | None],
    tau2: float | None = None,
    conf_level: float = 0.95,
    notes: tuple[Note, ...] = (),
) -> Core:
    """The parts of a model of counts; Q and I2 are over the trials that have an effect of their own."""
    heterogeneity = heterogeneity_from_q(effects.estimate, effects.variance)
    prediction = None
    if tau2 is not None:
        heterogeneity = replace(heterogeneity or NO_HETEROGENEITY, tau2=tau2)
        limits = prediction_interval(
            estimate, std_error, tau2, k=len(weights), distribution="k-2", conf_level=conf_level
        )
        if limits:
            # the method's own limits need not be symmetric: a new trial is never foretold more surely than the mean is known
            low, high, df = limits
            prediction = PredictionInterval(min(low, own.conf_low), max(high, own.conf_high), df)
    if tau2 is not None and prediction is None:
        notes = (*notes, Note("no-prediction-interval", "No prediction interval: it needs at least three studies."))
    return Core(estimate, std_error, None, weights, heterogeneity, prediction, notes, own)
