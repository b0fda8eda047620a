"""From words, as a review file and the command line give them, to a Request; every word is used or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_args

from trialpool.checks import choice
from trialpool.effects import MEASURES, ZERO_CELL_RULES, ZeroCells
from trialpool.errors import OptionError
from trialpool.pool.methods import (
    I2_DEFINITIONS,
    INTERVALS,
    MODELS,
    PREDICTIONS,
    TAU2_ESTIMATORS,
    InverseVariance,
    MantelHaenszel,
    Peto,
    Request,
    RiskDifferenceVariance,
)  # fmt: skip
from trialpool.pool.profiles import PROFILES, profile

__all__ = ["CHANGED", "METHOD_WORDS", "WORDS", "RequestWords", "request_from_words"]

METHOD_WORDS = ("inverse-variance", "mantel-haenszel", "peto")

WORDS: Mapping[str, tuple[str, ...]] = {
    "measure": MEASURES,
    "method": METHOD_WORDS,
    "model": MODELS,
    "tau2": TAU2_ESTIMATORS,
    "interval": INTERVALS,
    "prediction": PREDICTIONS,
    "i2": I2_DEFINITIONS,
    "zero_cells": ZERO_CELL_RULES,
    "double_zero": ("not estimable", "corrected"),
    "risk_difference_variance": get_args(RiskDifferenceVariance),
    "profile": tuple(PROFILES),
}
"""The closed options and their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWords:
    """The options of one analysis as words; None means: as the profile has it.

    The words of each are in :data:`WORDS`; ``increment`` and ``conf_level`` are numbers.
    """

    measure: str | None = None
    method: str | None = None
    model: str | None = None
    tau2: str | None = None
    interval: str | None = None
    prediction: str | None = None
    i2: str | None = None
    zero_cells: str | None = None
    increment: float | None = None
    double_zero: str | None = None
    risk_difference_variance: str | None = None
    profile: str | None = None
    conf_level: float = 0.95


def request_from_words(words: RequestWords) -> Request:
    """The request that the words make, on the ground of the profile.

    Raises
    ------
    OptionError
        A word that is not allowed, or has no meaning beside the others.

    Examples
    --------
    >>> print(request_from_words(RequestWords(measure="odds ratio", method="mantel-haenszel")))
    odds ratio; Mantel-Haenszel, common effect; Wald interval; I2 from Q; no zero-cell correction; 95 % intervals [profile trialpool]
    """
    for name, allowed in WORDS.items():
        value = getattr(words, name)
        if value is not None:
            choice(name, value, allowed)
    name = words.method or ("peto" if words.measure == "Peto odds ratio" else "inverse-variance")
    measure = words.measure or ("Peto odds ratio" if name == "peto" else "risk ratio")
    if name == "peto" and measure == "odds ratio":
        measure = "Peto odds ratio"  # what Peto's method estimates of the odds ratio
    base = profile(words.profile or "trialpool")
    method = base.method(name, measure)
    if isinstance(method, Peto):
        _refuse(words, name, (*_RANDOM, "zero_cells", "increment", "double_zero", "risk_difference_variance"))
    elif isinstance(method, MantelHaenszel):
        _refuse(words, name, _RANDOM)
        method = replace(method, zero_cells=_zero_cells(words, method.zero_cells))
        if words.risk_difference_variance:
            method = replace(method, risk_difference_variance=words.risk_difference_variance)  # type: ignore[arg-type]
    else:
        _refuse(words, name, ("risk_difference_variance",))
        method = _inverse_variance(words, method)
    own = base.method(name, measure)
    if isinstance(own, InverseVariance) and words.model == "common":
        own = InverseVariance(model="common", zero_cells=own.zero_cells)
    named = base.name if method == own else f"{base.name}{CHANGED}"
    return Request(measure=measure, method=method, conf_level=words.conf_level, profile=named)  # type: ignore[arg-type]


CHANGED = " (changed)"
"""Behind the name of a profile of which a choice was overridden: its program would not give this result."""

_RANDOM = ("tau2", "interval", "prediction", "i2")


def _refuse(words: RequestWords, method: str, names: tuple[str, ...]) -> None:
    for name in names:
        if getattr(words, name) is not None:
            raise OptionError(f"{name} has no meaning with method {method!r}; leave it out")
    if method != "inverse-variance" and words.model == "random":
        raise OptionError(
            f"method {method!r} is a common-effect method; leave model out, or choose method 'inverse-variance' for random effects"
        )


def _inverse_variance(words: RequestWords, base: InverseVariance) -> InverseVariance:
    zero_cells = _zero_cells(words, base.zero_cells)
    given: dict[str, Any] = {name: getattr(words, name) for name in _RANDOM if getattr(words, name) is not None}
    if (words.model or base.model) == "common":
        return InverseVariance(model="common", zero_cells=zero_cells, **given)
    return replace(base, zero_cells=zero_cells, **given)


def _zero_cells(words: RequestWords, base: ZeroCells) -> ZeroCells:
    fields_of = {"zero_cells": "rule", "increment": "increment", "double_zero": "double_zero"}
    given: dict[str, Any] = {
        f: getattr(words, word) for word, f in fields_of.items() if getattr(words, word) is not None
    }
    # without a correction nothing of the profile's is left to keep
    return replace(ZeroCells() if words.zero_cells == "none" else base, **given)


def word_names() -> tuple[str, ...]:
    """Every option name."""
    return tuple(f.name for f in fields(RequestWords))
