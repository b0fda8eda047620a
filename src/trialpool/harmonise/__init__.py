"""Trials to comparisons: each step returns new records and the decisions it took."""

from trialpool.harmonise.arms import compare
from trialpool.harmonise.single_arms import single_arm

__all__ = ["compare", "single_arm"]
