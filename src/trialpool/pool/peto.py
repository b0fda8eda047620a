"""Peto's one-step odds ratio."""

from __future__ import annotations

import math

from trialpool.effects import Effects
from trialpool.pool.core import Core, heterogeneity_from_q, normalised, require_two
from trialpool.results import Note

__all__ = ["pool_peto"]

_UNEVEN = 2.0  # allocation ratio from which Brockhaus et al. (2016) saw bias grow


def pool_peto(effects: Effects) -> Core:
    """``sum(O - E) / sum(V)`` with variance ``1 / sum(V)`` (Yusuf et al. 1985), plus a warning where it is known to be biased.

    Raises
    ------
    NotEstimableError
        Fewer than two studies with events.
    """
    v = 1 / effects.variance
    require_two(v.size, "has events and non-events")
    estimate = float((effects.estimate * v).sum() / v.sum())
    return Core(
        estimate=estimate,
        std_error=1 / math.sqrt(v.sum()),
        df=None,
        weights=normalised(effects.used, v),
        heterogeneity=heterogeneity_from_q(effects.estimate, effects.variance),
        notes=_bias_notes(effects, estimate),
    )


def _bias_notes(effects: Effects, estimate: float) -> tuple[Note, ...]:
    notes = []
    contrasts = [effects.comparison.contrasts[i] for i in effects.used]
    uneven = tuple(
        c.label for c in contrasts if max(c.n_treatment / c.n_control, c.n_control / c.n_treatment) >= _UNEVEN
    )
    if uneven:
        notes.append(
            Note(
                "peto-uneven-allocation",
                f"Peto's odds ratio is biased where arms are uneven (Brockhaus 2016): {len(uneven)} of {len(contrasts)} "
                f"studies allocate {_UNEVEN:g}:1 or more; compare with Mantel-Haenszel.",
                "warning",
                uneven,
            )
        )
    if abs(estimate) > math.log(2):
        notes.append(
            Note(
                "peto-large-effect",
                "Peto's odds ratio is biased towards 1 where the effect is large (here beyond 0.5 or 2); "
                "compare with Mantel-Haenszel.",
                "warning",
            )
        )
    return tuple(notes)
