"""Trials to comparisons: each step returns new records and the decisions it took."""

from trialpool.harmonise.arms import compare

__all__ = ["compare"]
