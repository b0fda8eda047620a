"""From words, as a review file and the command line give them, to a Request; every word is used or refused."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from trialpool.checks import choice
from trialpool.choices import AUTOMATIC, WORDS, RequestWords, word_names
from trialpool.effects import ZeroCells
from trialpool.errors import OptionError
from trialpool.pool.automatic import Automatic
from trialpool.pool.methods import InverseVariance
from trialpool.pool.profiles import profile
from trialpool.pool.request import METHODS, Method, Request, usual_measure

__all__ = ["CHANGED", "WORDS", "RequestWords", "request_from_words"]

_ZERO_CELLS = {"zero_cells": "rule", "increment": "increment", "double_zero": "double_zero"}
"""The words that make a rule for empty cells, and the parts of it that they name."""

_NOT_OF_THE_METHOD = ("measure", "method", "model", "profile", "conf_level")


def request_from_words(words: RequestWords) -> Request | Automatic:
    """The request that the words make, on the ground of the profile; method ``auto`` leaves the choice to the evidence.

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
    if words.method == AUTOMATIC:
        return _automatic(words)
    name = words.method or ("peto" if words.measure == "Peto odds ratio" else "inverse-variance")
    measure = words.measure or ("odds ratio" if words.likelihood == "hypergeometric" else usual_measure(METHODS[name]))
    if name == "peto" and measure == "odds ratio":
        measure = "Peto odds ratio"  # what Peto's method estimates of the odds ratio
    base = profile(words.profile or "trialpool")
    own = base.method(name, measure)
    _refuse_meaningless(words, own)
    method = _changed(words, own)
    if isinstance(own, InverseVariance) and words.model == "common":
        own = InverseVariance(model="common", zero_cells=own.zero_cells)
    named = base.name if method == own else f"{base.name}{CHANGED}"
    return Request(measure=measure, method=method, conf_level=words.conf_level, profile=named)  # type: ignore[arg-type]


def _automatic(words: RequestWords) -> Automatic:
    for name in word_names():
        if name not in ("measure", "method", "conf_level") and getattr(words, name) is not None:
            raise OptionError(
                f"{name} has no meaning with method 'auto', which chooses it; leave it out, or choose a method"
            )
    return Automatic(measure=words.measure, conf_level=words.conf_level)  # type: ignore[arg-type]


CHANGED = " (changed)"
"""Behind the name of a profile of which a choice was overridden: its program would not give this result."""


def _refuse_meaningless(words: RequestWords, method: Method) -> None:
    """Refuse what the method does not have."""
    has = {f.name for f in fields(method)}
    for name in word_names():
        needs = "zero_cells" if name in _ZERO_CELLS else name
        if getattr(words, name) is not None and name not in _NOT_OF_THE_METHOD and needs not in has:
            raise OptionError(f"{name} has no meaning with method {method.name!r}; leave it out")
    if "model" not in has and words.model not in (None, method.model):
        other = (
            "'inverse-variance' for random effects"
            if method.model == "common"
            else "'inverse-variance' for a common effect"
        )
        raise OptionError(
            f"method {method.name!r} is a {method.model}-effect{'s' * (method.model == 'random')} method; leave model out, or "
            f"choose method {other}"
        )


def _changed(words: RequestWords, base: Method) -> Method:
    """The profile's method with the words in the places they name."""
    has = [f.name for f in fields(base) if f.name != "zero_cells"]
    given: dict[str, Any] = {name: getattr(words, name) for name in has if getattr(words, name) is not None}
    if hasattr(base, "zero_cells"):
        given["zero_cells"] = _zero_cells(words, base.zero_cells)
    if isinstance(base, InverseVariance) and given.get("model", base.model) == "common":
        return InverseVariance(**{**given, "model": "common"})
    return replace(base, **given)


def _zero_cells(words: RequestWords, base: ZeroCells) -> ZeroCells:
    given: dict[str, Any] = {
        part: getattr(words, word) for word, part in _ZERO_CELLS.items() if getattr(words, word) is not None
    }
    # without a correction nothing of the profile's is left to keep
    return replace(ZeroCells() if words.zero_cells == "none" else base, **given)
