"""Meta-analysis of randomised trials: read the trials, compare their arms, pool the effects, plot and report.

A name is imported when it is first used, so that ``import trialpool`` costs next to nothing.

>>> import trialpool
>>> trialpool.InverseVariance(tau2="DL").model
'random'
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialpool.analysis import Review, read_review
    from trialpool.analysis.run import run
    from trialpool.datasets import load as load_dataset
    from trialpool.effects import ZeroCells
    from trialpool.errors import InputError, NotEstimableError, TrialpoolError, TrialpoolWarning
    from trialpool.harmonise import compare, single_arm
    from trialpool.plots import bubble, forest, funnel
    from trialpool.pool import (
        PROFILES,
        Automatic,
        Bayes,
        BetaBinomial,
        BinomialNormal,
        Exact,
        HypergeometricNormal,
        IntervalCensored,
        InverseVariance,
        Logistic,
        MantelHaenszel,
        PenalisedLogistic,
        Peto,
        Poisson,
        Pooled,
        Selection,
        Thresholds,
        absolute_effect,
        pool,
        pool_single_arm,
        pool_subgroups,
        profile,
        select,
    )
    from trialpool.pool.dose_one_stage import OneStage
    from trialpool.pool.dose_response import compare_shapes, dose_response
    from trialpool.pool.multivariate import pool_multivariate
    from trialpool.pool.multivariate_method import Multivariate
    from trialpool.read import read_table
    from trialpool.regress import Permutations, meta_regression
    from trialpool.report import write_report
    from trialpool.sensitivity import leave_one_out, rare_event_panel

__version__ = "0.1.0"

__all__ = [
    "PROFILES",
    "Automatic",
    "Bayes",
    "BetaBinomial",
    "BinomialNormal",
    "Exact",
    "HypergeometricNormal",
    "InputError",
    "IntervalCensored",
    "InverseVariance",
    "Logistic",
    "MantelHaenszel",
    "Multivariate",
    "NotEstimableError",
    "OneStage",
    "PenalisedLogistic",
    "Permutations",
    "Peto",
    "Poisson",
    "Pooled",
    "Review",
    "Selection",
    "Thresholds",
    "TrialpoolError",
    "TrialpoolWarning",
    "ZeroCells",
    "__version__",
    "absolute_effect",
    "bubble",
    "compare",
    "compare_shapes",
    "dose_response",
    "forest",
    "funnel",
    "leave_one_out",
    "load_dataset",
    "meta_regression",
    "pool",
    "pool_multivariate",
    "pool_single_arm",
    "pool_subgroups",
    "profile",
    "rare_event_panel",
    "read_review",
    "read_table",
    "run",
    "select",
    "single_arm",
    "write_report",
]

_PLACES = {
    "Automatic": "trialpool.pool:Automatic",
    "Bayes": "trialpool.pool:Bayes",
    "BetaBinomial": "trialpool.pool:BetaBinomial",
    "BinomialNormal": "trialpool.pool:BinomialNormal",
    "Exact": "trialpool.pool:Exact",
    "HypergeometricNormal": "trialpool.pool:HypergeometricNormal",
    "InputError": "trialpool.errors:InputError",
    "IntervalCensored": "trialpool.pool:IntervalCensored",
    "InverseVariance": "trialpool.pool:InverseVariance",
    "Logistic": "trialpool.pool:Logistic",
    "MantelHaenszel": "trialpool.pool:MantelHaenszel",
    "Multivariate": "trialpool.pool.multivariate_method:Multivariate",
    "NotEstimableError": "trialpool.errors:NotEstimableError",
    "OneStage": "trialpool.pool.dose_one_stage:OneStage",
    "PROFILES": "trialpool.pool:PROFILES",
    "PenalisedLogistic": "trialpool.pool:PenalisedLogistic",
    "Permutations": "trialpool.regress:Permutations",
    "Peto": "trialpool.pool:Peto",
    "Poisson": "trialpool.pool:Poisson",
    "Pooled": "trialpool.pool:Pooled",
    "Review": "trialpool.analysis:Review",
    "Selection": "trialpool.pool:Selection",
    "Thresholds": "trialpool.pool:Thresholds",
    "TrialpoolError": "trialpool.errors:TrialpoolError",
    "TrialpoolWarning": "trialpool.errors:TrialpoolWarning",
    "ZeroCells": "trialpool.effects:ZeroCells",
    "absolute_effect": "trialpool.pool:absolute_effect",
    "bubble": "trialpool.plots:bubble",
    "compare": "trialpool.harmonise:compare",
    "compare_shapes": "trialpool.pool.dose_response:compare_shapes",
    "dose_response": "trialpool.pool.dose_response:dose_response",
    "forest": "trialpool.plots:forest",
    "funnel": "trialpool.plots:funnel",
    "leave_one_out": "trialpool.sensitivity:leave_one_out",
    "load_dataset": "trialpool.datasets:load",
    "meta_regression": "trialpool.regress:meta_regression",
    "pool": "trialpool.pool:pool",
    "pool_multivariate": "trialpool.pool.multivariate:pool_multivariate",
    "pool_single_arm": "trialpool.pool:pool_single_arm",
    "pool_subgroups": "trialpool.pool:pool_subgroups",
    "profile": "trialpool.pool:profile",
    "rare_event_panel": "trialpool.sensitivity:rare_event_panel",
    "read_review": "trialpool.analysis:read_review",
    "read_table": "trialpool.read:read_table",
    "run": "trialpool.analysis.run:run",
    "select": "trialpool.pool:select",
    "single_arm": "trialpool.harmonise:single_arm",
    "write_report": "trialpool.report:write_report",
}
"""Where each public name lives: ``module:name``."""


class _Package(ModuleType):
    """Keeps a public verb in place when the folder of the same name (``pool``) is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        # the import system binds each submodule to its package; an eager import of the verb would win over it too
        if not (name in _PLACES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'trialpool' has no attribute {name!r}")
    module, _, attribute = _PLACES[name].partition(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


sys.modules[__name__].__class__ = _Package
