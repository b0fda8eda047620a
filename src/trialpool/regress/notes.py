"""What a reader of a meta-regression must know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from trialpool.display import plural
from trialpool.pool import StudyResult
from trialpool.regress.design import INTERCEPT, FormulaDesign
from trialpool.regress.least_squares import design_of
from trialpool.regress.result import Coefficient
from trialpool.results import Note

__all__ = ["design_notes", "few_degrees_of_freedom", "missing_covariates"]

_ENOUGH = 10
_FEWEST_DF = 4.0


def missing_covariates(studies: Sequence[StudyResult], reasons: dict[int, str]) -> Iterator[Note]:
    """Studies with an effect that are not used for want of a covariate."""
    if reasons:
        yield Note(
            "covariate-missing",
            f"{plural(len(reasons), 'study')} without a value of a covariate left out: {'; '.join(sorted(set(reasons.values())))}.",
            "warning",
            tuple(studies[i].contrast.label for i in sorted(reasons)),
        )


def design_notes(
    design: FormulaDesign, labels: Sequence[str], trials: Sequence[str], clustered: bool
) -> Iterator[Note]:
    """Few trials, trials that a coefficient fits alone, contrasts of one trial, and what a regression across trials is not."""
    count = sum(term != INTERCEPT for term in design.terms)
    k = len(set(trials))
    if k < _ENOUGH * count:
        yield Note(
            "few-trials",
            f"{plural(k, 'trial')} for {plural(count, 'coefficient')} beside the intercept: fewer than {_ENOUGH} for each, so "
            "chance findings are likely (Cochrane Handbook 10.11).",
            "warning",
        )
    alone = np.flatnonzero(design_of(design.x).saturated).tolist()
    if alone:
        yield Note(
            "fitted-exactly",
            f"{plural(len(alone), 'study')} fitted exactly, as a coefficient rests on each alone: a category of one study adds "
            "nothing to the rest.",
            studies=tuple(labels[i] for i in alone),
        )
    if k < len(trials) and not clustered:
        yield Note(
            "contrasts-of-one-trial",
            f"{len(trials)} contrasts of {plural(k, 'trial')} are taken as independent; cluster='trial' allows for their correlation.",
        )
    yield Note(
        "ecological-bias",
        "A regression across trials is observational, and what holds between trials need not hold for the participants within "
        "them (ecological bias).",
    )


def few_degrees_of_freedom(coefficients: Sequence[Coefficient]) -> Iterator[Note]:
    """Cluster-robust tests that are not to be trusted (Tipton 2015, Psychological Methods 20:375)."""
    some = [c.term for c in coefficients if c.term != INTERCEPT and c.df is not None and c.df < _FEWEST_DF]
    if some:
        yield Note(
            "few-clusters",
            f"Fewer than {_FEWEST_DF:g} degrees of freedom for {', '.join(some)}: cluster-robust intervals and p-values are not to be "
            "trusted there.",
            "warning",
        )
