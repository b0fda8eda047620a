"""Trials to effects: measures, zero-cell rules, estimates and variances."""

from trialpool.effects.effects import Effects, binary_effects
from trialpool.effects.measures import MEASURES, Measure, Scale, scale_of
from trialpool.effects.zero_cells import ZERO_CELL_RULES, ZeroCellRule, ZeroCells

__all__ = [
    "MEASURES",
    "ZERO_CELL_RULES",
    "Effects",
    "Measure",
    "Scale",
    "ZeroCellRule",
    "ZeroCells",
    "binary_effects",
    "scale_of",
]
