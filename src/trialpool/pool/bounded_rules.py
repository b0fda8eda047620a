"""The rule for counts that are known within bounds alone: what to pool by, and why."""

from __future__ import annotations

from trialpool.display import plural
from trialpool.effects import Measure
from trialpool.pool.automatic import Thresholds
from trialpool.pool.common_rules import Choice
from trialpool.pool.evidence import Evidence
from trialpool.pool.interval_censored_method import IntervalCensored
from trialpool.pool.rare_event_methods import HypergeometricNormal

__all__ = ["applies", "bounded_choice"]

_WORKS = ("turnbull1976", "jackson2018")


def applies(evidence: Evidence, measure: Measure | None) -> bool:
    """Whether trials would be lost to a method of counts, and the measure is one that their bounds can answer."""
    return evidence.bounded > 0 and measure in (None, "odds ratio")


def bounded_choice(evidence: Evidence, limits: Thresholds) -> Choice:
    """A likelihood of all trials; beside it the one of the listed trials given that they were listed."""
    reason = (
        f"In {plural(evidence.bounded, 'trial')} the events are known within bounds alone. To leave these out would select trials by "
        "their outcome, and to take them for zero would bias the result; the likelihood uses each count by the probability of its "
        "interval."
    )
    return Choice(
        "counts within bounds",
        reason,
        "odds ratio",
        IntervalCensored(),
        _WORKS,
        (("odds ratio", IntervalCensored(likelihood="hypergeometric")),),
        fallback=HypergeometricNormal() if evidence.informative >= limits.few_trials else None,
    )
