"""Tables that leave a common ratio at zero or at infinity: why, and the exact one-sided limit."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trialpool.numerics.conditional_family import ExactFamily
from trialpool.numerics.ragged import starts
from trialpool.numerics.roots import increasing_root
from trialpool.pool.count_tables import CountTables

__all__ = ["MakeFamily", "infinite_reasons"]

MakeFamily = Callable[[NDArray[np.float64]], ExactFamily]
"""From tables (4, K) to the distributions of their counts."""


def infinite_reasons(counts: CountTables, make: MakeFamily, conf_level: float) -> list[str]:
    """Why each problem has no finite common ratio, with the one-sided limit; empty where it has one."""
    family = make(counts.tables)
    reasons = []
    for k, first in zip(counts.size.tolist(), starts(counts.size).tolist(), strict=True):
        here = slice(first, first + k)
        at_bottom, at_top = family.lowest[here].sum() == 0, family.highest[here].sum() == 0
        if k == 0:
            reasons.append("each study has no events at all, or nothing but events, so they say nothing of the ratio")
        elif at_bottom or at_top:
            reasons.append(_one_sided(family.take(np.arange(first, first + k)), bool(at_bottom), conf_level))
        else:
            reasons.append("")
    return reasons


def _one_sided(family: ExactFamily, at_bottom: bool, conf_level: float) -> str:
    """The whole error probability is on the side that is bounded."""
    tail = math.log(1 - conf_level)
    ones = np.ones((len(family), 1))

    def excess(psi: float) -> float:
        return float(family.log_probability(psi * ones).sum()) - tail

    bound = math.exp(increasing_root(lambda psi: -excess(psi) if at_bottom else excess(psi)))
    limit, arm = ("below", "treatment") if at_bottom else ("above", "control")
    return (
        f"the conditional ratio is {'zero' if at_bottom else 'infinite'}: no events in any {arm} arm (or no non-events in the "
        f"other); with {100 * conf_level:g} % confidence it lies {limit} {bound:.3g}"
    )
