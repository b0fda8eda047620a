"""The methods of the study, and the automatic choice among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialpool.effects import Measure, ZeroCells
from trialpool.errors import NotEstimableError
from trialpool.pool import (
    Bayes,
    BetaBinomial,
    Exact,
    HypergeometricNormal,
    InverseVariance,
    MantelHaenszel,
    PenalisedLogistic,
    Peto,
    Request,
    select,
)
from validation.coverage.answers import Answers, answers_at
from validation.coverage.routes import answer, comparison_of

__all__ = ["AUTOMATIC_CHOICE", "METHODS", "Chosen", "automatic_answers"]

Array = NDArray[np.float64]

_HALF = ZeroCells(rule="constant")

METHODS: Mapping[str, Request] = {
    "Mantel-Haenszel": Request(measure="odds ratio", method=MantelHaenszel()),
    "Peto": Request(measure="Peto odds ratio", method=Peto()),
    "exact, mid-P": Request(measure="odds ratio", method=Exact()),
    "hypergeometric-normal, profile": Request(measure="odds ratio", method=HypergeometricNormal()),
    "hypergeometric-normal, Wald": Request(measure="odds ratio", method=HypergeometricNormal(interval="wald")),
    "hypergeometric-normal, t": Request(measure="odds ratio", method=HypergeometricNormal(interval="t")),
    "Firth logistic": Request(measure="odds ratio", method=PenalisedLogistic()),
    "beta-binomial": Request(measure="odds ratio", method=BetaBinomial()),
    "inverse variance, no correction": Request(measure="odds ratio", method=InverseVariance()),
    "inverse variance, + 0.5": Request(measure="odds ratio", method=InverseVariance(zero_cells=_HALF)),
    "Bayes, hypergeometric": Request(measure="odds ratio", method=Bayes(likelihood="hypergeometric")),
    "Bayes, normal, + 0.5": Request(measure="odds ratio", method=Bayes(zero_cells=_HALF)),
}
"""By the name of the tables. Inverse variance is by REML with the safe Hartung-Knapp interval."""

AUTOMATIC_CHOICE = "automatic choice"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The answers of the automatic choice: what it chose for each data set and in which situation, with its measure."""

    answers: Answers
    choices: tuple[str, ...]
    measures: tuple[Measure | None, ...]


def automatic_answers(tables: Array, known: Mapping[str, Answers]) -> Chosen:
    """The automatic choice for data sets (B, 4, K), whose answers by the methods of the study are ``known``."""
    parts: list[tuple[NDArray[np.intp], Answers]] = []
    choices = ["none"] * len(tables)
    measures: list[Measure | None] = [None] * len(tables)
    groups: dict[Request, list[int]] = {}
    for i, one in enumerate(tables):
        try:
            selection = select(comparison_of(one))
        except NotEstimableError as error:
            parts.append((np.array([i]), Answers.nothing(reason=str(error))))
            continue
        groups.setdefault(selection.request, []).append(i)
        choices[i] = f"{_name(selection.request)}: {selection.situation}"
        measures[i] = selection.request.measure
    for request, members in groups.items():
        positions, studied = np.array(members), _studied(request)
        parts.append((positions, known[studied].take(positions) if studied else answer(tables[positions], request)))
    return Chosen(answers_at(len(tables), parts), tuple(choices), tuple(measures))


def _studied(request: Request) -> str | None:
    """The name of the method of the study that is the same request."""
    same = (name for name, own in METHODS.items() if (own.measure, own.method) == (request.measure, request.method))
    return next(same, None)


def _name(request: Request) -> str:
    return _studied(request) or f"{request.method_name} ({request.measure})"
