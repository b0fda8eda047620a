"""Priors from their text, such as ``half-normal(0.5)`` or ``turner(infection, drug v placebo)``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from trialpool.checks import instance, nearest
from trialpool.errors import OptionError
from trialpool.pool.bayes.effect_priors import EffectPrior, Flat, Normal
from trialpool.pool.bayes.empirical_priors import rhodes_prior, turner_prior
from trialpool.pool.bayes.log_tau2_priors import LogNormalTau2, LogStudentTTau2
from trialpool.pool.bayes.priors import HalfCauchy, HalfNormal, HalfStudentT, TauPrior, Uniform

__all__ = ["as_effect_prior", "as_tau_prior", "prior_from_text"]

_Maker = Callable[..., Any]

_OF_TAU: dict[str, tuple[_Maker, tuple[int, ...], str]] = {
    "half-normal": (HalfNormal, (1,), "half-normal(0.5)"),
    "half-t": (HalfStudentT, (2,), "half-t(0.5, 4)"),
    "half-cauchy": (HalfCauchy, (1,), "half-cauchy(0.5)"),
    "uniform": (Uniform, (1,), "uniform(2)"),
    "log-normal-tau2": (LogNormalTau2, (2,), "log-normal-tau2(-2.49, 1.52)"),
    "log-t-tau2": (LogStudentTTau2, (2, 3), "log-t-tau2(-3.44, 2.59, 5)"),
}
_EMPIRICAL: dict[str, tuple[_Maker, tuple[int, ...], str]] = {
    "turner": (turner_prior, (1, 2), "turner(infection, drug v placebo)"),
    "rhodes": (rhodes_prior, (1, 2, 3), "rhodes(pain, drug v placebo, other)"),
}
_OF_EFFECT: dict[str, tuple[_Maker, tuple[int, ...], str]] = {
    "normal": (Normal, (2,), "normal(0, 2.82)"),
    "flat": (Flat, (0,), "flat"),
}
_ALL = {**_OF_TAU, **_EMPIRICAL, **_OF_EFFECT}
_FORM = re.compile(r"\s*([a-z][a-z0-9-]*)\s*(?:\((.*)\))?\s*", re.IGNORECASE | re.DOTALL)


def prior_from_text(text: str) -> TauPrior | EffectPrior:
    """The prior that a text names; the text of a prior reads back as the same prior.

    Parameters
    ----------
    text : str
        ``half-normal(scale)``, ``half-t(scale, df)``, ``half-cauchy(scale)``, ``uniform(upper)``,
        ``log-normal-tau2(mean, sd)``, ``log-t-tau2(location, scale, df)``, ``turner(outcome, comparison)``,
        ``rhodes(outcome, comparison, area)`` for tau; ``normal(mean, sd)`` or ``flat`` for the effect.

    Raises
    ------
    OptionError
        The text names no prior, or its numbers or words are not allowed.

    Examples
    --------
    >>> prior_from_text("half-normal(0.5)")
    HalfNormal(scale=0.5)
    >>> print(prior_from_text("turner(pain, drug v drug)"))
    turner(pain, drug v drug)
    """
    instance("prior", text, str, "give its text, such as 'half-normal(0.5)'")
    form = _FORM.fullmatch(text)
    word = form[1].lower() if form else text.strip()
    if form is None or word not in _ALL:
        examples = ", ".join(f"'{example}'" for _, _, example in _ALL.values())
        raise OptionError(f"prior {text!r} is not known{nearest(word, _ALL)}; give one such as {examples}")
    maker, counts, example = _ALL[word]
    given = [part.strip() for part in form[2].split(",")] if form[2] and form[2].strip() else []
    if len(given) not in counts:
        needed = " or ".join(str(count) for count in counts)
        raise OptionError(f"prior {text!r} has {len(given)} values in brackets and needs {needed}, as in '{example}'")
    try:
        made = maker(*(given if word in _EMPIRICAL else [_number(part) for part in given]))
    except OptionError as error:
        raise OptionError(f"prior {text!r}: {error}") from None
    return made  # type: ignore[no-any-return]


def as_tau_prior(prior: TauPrior | str) -> TauPrior:
    """A prior of tau from its text or as it is.

    Raises
    ------
    OptionError
        It is no prior, or one of the effect.
    """
    found = prior_from_text(prior) if isinstance(prior, str) else prior
    if isinstance(found, TauPrior):
        return found
    raise OptionError(f"tau_prior={_shown(prior)} is not a prior of tau; give one such as 'half-normal(0.5)'")


def as_effect_prior(prior: EffectPrior | str) -> EffectPrior:
    """A prior of the mean effect from its text or as it is.

    Raises
    ------
    OptionError
        It is no prior, or one of tau.
    """
    found = prior_from_text(prior) if isinstance(prior, str) else prior
    if isinstance(found, (Normal, Flat)):
        return found
    raise OptionError(f"effect_prior={_shown(prior)} is not a prior of the effect; give 'normal(mean, sd)' or 'flat'")


def _shown(prior: object) -> str:
    return f"'{prior}'" if isinstance(prior, (str, TauPrior, Normal, Flat)) else f"of type {type(prior).__name__}"


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise OptionError(f"{text!r} is not a number") from None
    if math.isnan(value):
        raise OptionError(f"{text!r} is not a number")
    return value
