"""Trials to effects: measures, zero-cell rules, estimates and variances."""

from trialpool.effects.effects import compute_effects
from trialpool.effects.from_counts import binary_effects
from trialpool.effects.measures import MEASURES, Measure, Scale, measure_name, numbers_of, scale_of, takes_zero_cells
from trialpool.effects.needs import comparison_for
from trialpool.effects.record import Effects
from trialpool.effects.with_bounds import effects_with_bounds, odds_ratio_range, range_words
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
    "comparison_for",
    "compute_effects",
    "effects_with_bounds",
    "measure_name",
    "numbers_of",
    "odds_ratio_range",
    "range_words",
    "scale_of",
    "takes_zero_cells",
]
