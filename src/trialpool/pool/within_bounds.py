"""Counts within bounds at the door: contrasts that are counted and contrasts that are not, in one likelihood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trialpool.display import plural
from trialpool.effects import Effects
from trialpool.errors import OptionError
from trialpool.pool.conditional import LIKELIHOOD_TESTS
from trialpool.pool.core import Core, OwnInference
from trialpool.pool.count_models import model_core
from trialpool.pool.interval_censored_contrasts import BoundedContrast, pool_interval_censored
from trialpool.pool.interval_censored_method import IntervalCensored
from trialpool.results import Note
from trialpool.trials import Comparison, Contrast, Piece

__all__ = ["bounded_note", "pool_within_bounds"]


def pool_within_bounds(effects: Effects, method: IntervalCensored, conf_level: float) -> Core:
    """Pool contrasts with counts and contrasts within bounds; no trial has a weight of its own.

    Raises
    ------
    OptionError
        Contrasts share a control arm, or a control arm was split into fractions.
    NotEstimableError
        The likelihood has no maximum.
    """
    comparison = effects.comparison
    if comparison.has_shared_controls:
        raise OptionError(f"method {method.name!r} has no shared-control covariance; use multi_arm='combine'")
    found = pool_interval_censored([_bounds_of(c, method) for c in comparison.contrasts], method, conf_level)
    fit = found.fit
    own = OwnInference(fit.conf_low, fit.conf_high, fit.p_value, LIKELIHOOD_TESTS[method.interval])
    weights: dict[int, float | None] = dict.fromkeys(found.used)
    core = model_core(effects, fit.estimate, fit.std_error, own, weights=weights, tau2=fit.tau2, conf_level=conf_level)
    return replace(core, notes=(*core.notes, *_notes(comparison, found.used, method)))


def _notes(comparison: Comparison, used: tuple[int, ...], method: IntervalCensored) -> Iterator[Note]:
    """What becomes of the trials whose counts have bounds."""
    bounded = [(i in used, contrast.label) for i, contrast in enumerate(comparison.contrasts) if contrast.bounded_only]
    inside, outside = (tuple(label for is_used, label in bounded if is_used == wanted) for wanted in (True, False))
    if inside:
        message = f"{_count(inside)}: part of the likelihood, by their bounds."
        yield Note("counts-within-bounds", message, studies=inside)
    if outside and method.likelihood == "binomial":
        message = f"{_count(outside)}: they say nothing, since their bounds exclude nothing."
        yield Note("bounds-exclude-nothing", message, studies=outside)
    elif outside:
        message = (
            f"{_count(outside)}: not in the likelihood, which is of the listed trials given that they were listed."
        )
        yield Note("conditional-on-listing", message, studies=outside)


def _count(labels: tuple[str, ...]) -> str:
    return f"{plural(len(labels), 'study')} with events known within bounds alone"


_WIDEST = 20_000
"""Counts between two bounds: the likelihood sums over each of them."""


def _bounds_of(contrast: Contrast, method: IntervalCensored) -> BoundedContrast:
    if contrast.bounds is not None:
        widest = max(p.high - p.low for p in (*contrast.bounds.treatment, *contrast.bounds.control))
        if widest > _WIDEST:
            raise OptionError(
                f"the bounds of {contrast.label} are {widest} events apart, and method {method.name!r} sums over each count between; "
                f"leave the trial out, or give bounds at most {_WIDEST} apart"
            )
        return contrast.bounds.treatment, contrast.bounds.control, contrast.bounds.listed_elsewhere
    counts = contrast.counts
    if counts is None or any(count % 1 for count in counts):
        raise OptionError(
            f"method {method.name!r} needs whole counts, and multi_arm='split' makes fractions; use multi_arm='combine'"
        )
    a, n1, c, n2 = map(int, counts)
    return (Piece(a, a, n1),), (Piece(c, c, n2),), False


def bounded_note(comparison: Comparison) -> tuple[Note, ...]:
    """A warning where a method of counts leaves out the trials whose counts have bounds: what is left is selected."""
    labels = tuple(contrast.label for contrast in comparison.contrasts if contrast.bounded_only)
    if not labels:
        return ()
    message = (
        f"{plural(len(labels), 'study')} with events known within bounds alone left out: a registry lists an event where it is "
        "frequent, so that the trials pooled are selected by their outcome; method 'interval-censored' uses all of them."
    )
    return (Note("bounds-left-out", message, "warning", labels),)
