"""Absolute effects: what a relative effect means per 1000 people at a stated baseline risk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from trialpool.checks import instance, probability
from trialpool.display import format_interval, format_number
from trialpool.effects import Measure
from trialpool.errors import OptionError
from trialpool.pool.pooled import POOL_FIRST, Pooled

__all__ = ["AbsoluteEffect", "absolute_effect", "has_absolute_effect", "observed_control_risk"]

_PER = 1000.0


@dataclass(frozen=True, slots=True)
class AbsoluteEffect:
    """Events per 1000 people without and with treatment, and their difference with its interval.

    ``limited`` says that a predicted risk left 0 to 1 and was held at that bound.
    """

    baseline_risk: float
    control_per_1000: float
    treatment_per_1000: float
    difference_per_1000: float
    conf_low_per_1000: float
    conf_high_per_1000: float
    limited: bool

    def to_dict(self) -> dict[str, Any]:
        """The effect as JSON-ready data."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        interval = format_interval(self.conf_low_per_1000, self.conf_high_per_1000, 1)
        return (
            f"Per 1000 people: {format_number(self.control_per_1000, 1)} without treatment, "
            f"{format_number(self.treatment_per_1000, 1)} with; difference {format_number(self.difference_per_1000, 1)} "
            f"{interval}{'; a risk beyond 0 to 1 was held there' if self.limited else ''}"
        )


_HAZARD_RATIOS = ("hazard ratio", "complementary log-log hazard ratio")
_ODDS_RATIOS = ("odds ratio", "Peto odds ratio")
_OF_RISKS = ("risk ratio", "risk difference", "arcsine difference", *_ODDS_RATIOS, *_HAZARD_RATIOS)


def has_absolute_effect(measure: Measure) -> bool:
    """Whether a baseline risk and an effect of this measure give a risk.

    >>> has_absolute_effect("hazard ratio"), has_absolute_effect("mean difference")
    (True, False)
    """
    return measure in _OF_RISKS


def absolute_effect(pooled: Pooled, baseline_risk: float) -> AbsoluteEffect:
    """Apply a pooled effect to a baseline risk (Cochrane Handbook, section 15.4.4).

    A hazard ratio gives the risk at the time that the baseline risk is of.

    Parameters
    ----------
    pooled : Pooled
    baseline_risk : float
        Risk without treatment, between 0 and 1.

    Returns
    -------
    AbsoluteEffect

    Raises
    ------
    OptionError
        The measure does not act on a risk.

    Examples
    --------
    >>> import trialpool as tp
    >>> comparison = tp.compare(tp.load_dataset("bcg").trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")
    >>> effect = absolute_effect(tp.pool(comparison), 0.02)
    >>> print(effect)
    Per 1000 people: 20.0 without treatment, 9.8 with; difference −10.2 (−13.4 to −5.5)
    """
    instance("pooled", pooled, Pooled, POOL_FIRST)
    probability("baseline_risk", baseline_risk, example=0.05)
    if not has_absolute_effect(pooled.request.measure):
        raise OptionError(f"a {pooled.request.measure} does not act on a risk: it has no effect per 1000 people")
    risks = [_risk(pooled.request.measure, value, baseline_risk) for value in pooled.displayed]
    held = [min(1.0, max(0.0, risk)) for risk in risks]
    treatment, low, high = held
    return AbsoluteEffect(
        baseline_risk=baseline_risk,
        control_per_1000=_PER * baseline_risk,
        treatment_per_1000=_PER * treatment,
        difference_per_1000=_PER * (treatment - baseline_risk),
        conf_low_per_1000=_PER * (low - baseline_risk),
        conf_high_per_1000=_PER * (high - baseline_risk),
        limited=held != risks,
    )


def _risk(measure: Measure, effect: float, baseline: float) -> float:
    if measure == "risk ratio":
        return baseline * effect
    if measure == "risk difference":
        return baseline + effect
    if measure == "arcsine difference":
        angle = math.asin(math.sqrt(baseline)) + effect
        if 0 <= angle <= math.pi / 2:
            return math.sin(angle) ** 2
        return -1.0 if angle < 0 else 2.0  # beyond every risk; held at the bound
    if measure in _HAZARD_RATIOS:
        return -math.expm1(effect * math.log1p(-baseline))
    # both odds ratios; written so that an infinite limit gives risk 1
    return baseline / (baseline + (1 - baseline) / effect) if effect > 0 else 0.0


def observed_control_risk(pooled: Pooled) -> float | None:
    """Events over participants in the control arms of all contrasts; None if there were no events, only events, or no counts.

    A control arm that several contrasts share counts once.
    """
    arms = {
        (s.contrast.trial, s.contrast.control_arm, s.contrast.events_control, s.contrast.n_control): s
        for s in pooled.studies
    }
    contrasts = (
        [s.contrast for s in arms.values()]
        if pooled.comparison.has_shared_controls
        else [s.contrast for s in pooled.studies]
    )
    counts = [c.counts for c in contrasts if c.counts is not None]
    if not counts:
        return None
    risk = sum(events for _, _, events, _ in counts) / sum(n for _, _, _, n in counts)
    return risk if 0 < risk < 1 else None
