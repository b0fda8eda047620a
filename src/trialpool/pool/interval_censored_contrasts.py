"""Contrasts with bounds to one log odds ratio, by either likelihood of what a registry lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.interval_censored import interval_censored_binomial
from trialpool.pool.interval_censored_method import IntervalCensored
from trialpool.pool.listed_hypergeometric import listed_hypergeometric
from trialpool.pool.listing import chance_of_listing
from trialpool.pool.unconditional import UnconditionalFit
from trialpool.trials.bounds import Bounds

__all__ = ["BoundedContrast", "IntervalCensoredFit", "pool_interval_censored"]

BoundedContrast = tuple[Bounds, Bounds, bool]
"""Treatment arms, control arms, and whether another arm of the trial alone brought the event into the list."""

_SILENT = "its bounds exclude nothing"
_BOUNDED = "its events are known within bounds alone, and the conditional likelihood is of counts"
_EMPTY = "no events, or nothing but events, in both arms"
_SINGLE = "given its events in both arms together, no other counts would have been listed"


@dataclass(frozen=True, slots=True)
class IntervalCensoredFit:
    """A log odds ratio from contrasts with bounds.

    Attributes
    ----------
    fit : UnconditionalFit
        Estimate, standard error, tau2, interval, p-value and, with the binomial likelihood, the normal intercepts.
    used : tuple of int
        Positions of the contrasts that the likelihood depends on.
    left_out : tuple of (int, str)
        Positions of the others, each with the reason.
    counted : int
        How many of those used have exact counts in every arm.
    """

    fit: UnconditionalFit
    used: tuple[int, ...]
    left_out: tuple[tuple[int, str], ...]
    counted: int


def pool_interval_censored(
    contrasts: Sequence[BoundedContrast], method: IntervalCensored, conf_level: float = 0.95
) -> IntervalCensoredFit:
    """Pool contrasts whose counts are known, or known within bounds.

    Parameters
    ----------
    contrasts : sequence of (treatment, control, listed_elsewhere)
        Arms of both sides as tuples of Piece, and whether another arm of the trial alone has events enough for the registry
        to list the event.
    method : IntervalCensored
    conf_level : float

    Raises
    ------
    OptionError
        A side without arms, or a count that was listed although no arm has the events that this takes.
    NotEstimableError
        The likelihood has no maximum; the message says why, and what to do.

    Examples
    --------
    >>> from trialpool.trials.bounds import Piece
    >>> def arms(*counts):
    ...     return tuple((Piece(count, count, 100, listed_from=5),) for count in counts)
    >>> unlisted = (Piece(0, 4, 100, listed_from=5),)
    >>> contrasts = [(*arms(9, 4), False), (*arms(12, 5), False), (*arms(6, 3), False), (unlisted, unlisted, False)]
    >>> found = pool_interval_censored(contrasts, IntervalCensored(likelihood="hypergeometric", model="common"))
    >>> round(found.fit.estimate, 3), found.used, found.left_out[0][0]
    (0.864, (0, 1, 2), 3)
    """
    if not contrasts or any(not treatment or not control for treatment, control, _ in contrasts):
        raise OptionError("a contrast has a side without arms, or there is none; give one Piece or more to each side")
    reasons = [_reason(contrast, method) for contrast in contrasts]
    used = [i for i, reason in enumerate(reasons) if not reason]
    if len(used) < 2:
        only = "no contrast" if not used else "only one contrast"
        raise NotEstimableError(f"nothing to pool: {only} says anything of the odds ratio ({_summary(reasons)})")
    fit = (_binomial if method.likelihood == "binomial" else _hypergeometric)(
        [contrasts[i] for i in used], method, conf_level
    )
    left_out = tuple((i, reason) for i, reason in enumerate(reasons) if reason)
    return IntervalCensoredFit(fit, tuple(used), left_out, sum(_exact(contrasts[i]) for i in used))


def _exact(contrast: BoundedContrast) -> bool:
    return all(piece.exact for piece in (*contrast[0], *contrast[1]))


def _reason(contrast: BoundedContrast, method: IntervalCensored) -> str:
    """Why a contrast says nothing; empty where it does."""
    treatment, control, _ = contrast
    if method.likelihood == "binomial":
        return _SILENT if all(p.low == 0 and p.high == p.n for p in (*treatment, *control)) else ""
    if not _exact(contrast):
        return _BOUNDED
    events, n = (sum(getattr(p, name) for p in (*treatment, *control)) for name in ("low", "n"))
    if events in (0, n):
        return _EMPTY
    chance = _chance(contrast)
    return _SINGLE if chance is not None and (chance > 0).sum() == 1 and _was_possible(contrast) else ""


def _chance(contrast: BoundedContrast) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    treatment, control, elsewhere = contrast
    events = sum(piece.low for piece in (*treatment, *control))
    return None if elsewhere else chance_of_listing(treatment, control, events)


def _was_possible(contrast: BoundedContrast) -> bool:
    """Whether an arm has the events that a listing takes."""
    return any(piece.listed_from is None or piece.low >= piece.listed_from for piece in (*contrast[0], *contrast[1]))


def _summary(reasons: Sequence[str]) -> str:
    """The reasons, each once with how often."""
    given = [reason for reason in reasons if reason]
    return "; ".join(f"{given.count(reason)}: {reason}" for reason in dict.fromkeys(given)) or "one was given"


def _binomial(contrasts: Sequence[BoundedContrast], method: IntervalCensored, conf_level: float) -> UnconditionalFit:
    rows = [
        (piece.low, piece.high, piece.n, i, side == 0)
        for i, (treatment, control, _) in enumerate(contrasts)
        for side, pieces in enumerate((treatment, control))
        for piece in pieces
    ]
    low, high, n, trial, treated = zip(*rows, strict=True)
    return interval_censored_binomial(
        [low, high, n],
        trial=trial,
        treated=np.array(treated),
        model=method.model,
        profile=method.interval == "profile-likelihood",
        conf_level=conf_level,
    )


def _hypergeometric(
    contrasts: Sequence[BoundedContrast], method: IntervalCensored, conf_level: float
) -> UnconditionalFit:
    tables = [
        [sum(getattr(p, name) for p in side) for side in (treatment, control) for name in ("low", "n")]
        for treatment, control, _ in contrasts
    ]
    return listed_hypergeometric(
        np.array(tables, dtype=np.float64).T,
        [_chance(contrast) for contrast in contrasts],
        model=method.model,
        profile=method.interval == "profile-likelihood",
        conf_level=conf_level,
    )
