"""Does the conclusion depend on a choice? Each table pools the same question another way."""

from trialpool.sensitivity.alternatives import Alternative, SensitivityTable
from trialpool.sensitivity.leave_one_out import leave_one_out
from trialpool.sensitivity.methods import estimator_and_interval, zero_cell_handling
from trialpool.sensitivity.multi_arm import multi_arm_handling
from trialpool.sensitivity.rare_events import rare_event_panel
from trialpool.sensitivity.within_bounds import counts_within_bounds

__all__ = [
    "Alternative",
    "SensitivityTable",
    "counts_within_bounds",
    "estimator_and_interval",
    "leave_one_out",
    "multi_arm_handling",
    "rare_event_panel",
    "zero_cell_handling",
]
