"""Effects that publications give as such, to Effects; what they are must agree with the measure asked for."""

from __future__ import annotations

import numpy as np

from trialpool.checks import quoted
from trialpool.effects.measures import Measure, scale_of
from trialpool.effects.record import Effects, uncorrected_effects
from trialpool.errors import OptionError
from trialpool.trials import Comparison, GivenEffect

__all__ = ["given_effects"]


def given_effects(comparison: Comparison, measure: Measure) -> Effects:
    """Effects as they were given.

    Raises
    ------
    OptionError
        Ratios and differences together, or effects that publications name otherwise than the measure (or than each other).
    """
    if comparison.has_shared_controls:
        raise OptionError(
            f"the {measure} is as publications give it: what contrasts share through their control is not known; "
            "name one treatment, or use multi_arm='combine' or 'split'"
        )
    given = [contrast.given for contrast in comparison.contrasts if contrast.given]
    _refuse_other_scale(comparison, measure)
    _refuse_other_measure(given, measure)
    used = np.arange(len(given), dtype=np.intp)
    estimate = np.array([effect.estimate for effect in given])
    variance = np.array([effect.variance for effect in given])
    return uncorrected_effects(comparison, measure, (used, estimate, variance), None, {})


def _refuse_other_scale(comparison: Comparison, measure: Measure) -> None:
    wanted = scale_of(measure).logarithmic
    other = [c.label for c in comparison.contrasts if c.given and c.given.logarithmic != wanted]
    if other:
        have, use = ("difference", "'generic difference'") if wanted else ("ratio", "'hazard ratio' or 'generic ratio'")
        raise OptionError(
            f"the {measure} does not go with {quoted(other)}: the table gives a {have} there; use measure {use}"
        )


def _refuse_other_measure(given: list[GivenEffect], measure: Measure) -> None:
    stated = list(dict.fromkeys(effect.measure.casefold() for effect in given if effect.measure))
    if measure == "hazard ratio":
        other = [word for word in stated if "hazard" not in word and "hr" not in word.split()]
        if other:
            raise OptionError(f"the table calls its estimates {quoted(other)}, not hazard ratio; use 'generic ratio'")
    elif len(stated) > 1:
        raise OptionError(
            f"the table has estimates of {quoted(stated)}, which are different effects; keep one kind in a comparison"
        )
