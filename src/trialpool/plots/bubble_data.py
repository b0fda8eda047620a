"""What a bubble plot shows: the studies, and the line of the model along one covariate with the others held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trialpool.checks import instance, nearest, quoted
from trialpool.display import covariate_words
from trialpool.errors import OptionError
from trialpool.plots.axis import tick_label
from trialpool.pool import StudyResult
from trialpool.regress import MetaRegression, RegressionPrediction, predict
from trialpool.regress.design import level_text
from trialpool.trials import Covariate

__all__ = ["BubbleData", "bubble_data"]

_POINTS = 81


@dataclass(frozen=True, slots=True)
class BubbleData:
    """Studies with their place on the working scale, and the model's line.

    ``line`` holds a prediction at each of evenly spaced values of the covariate; ``held`` says in words where the other
    covariates are held.
    """

    fit: MetaRegression
    covariate: str
    studies: tuple[tuple[StudyResult, float, float, float], ...]
    positions: tuple[float, ...]
    line: tuple[RegressionPrediction, ...]
    held: tuple[str, ...]


def bubble_data(fit: MetaRegression, covariate: str | None, at: Mapping[str, Covariate] | None) -> BubbleData:
    """The data of a bubble plot; see :func:`trialpool.plots.bubble` for the parameters.

    Raises
    ------
    OptionError
        A covariate that is not a number of the formula, or several to choose from.
    """
    instance("fit", fit, MetaRegression, "give the result of meta_regression()")
    covariate = _numeric(fit, covariate)
    others, held = _held(fit, covariate, dict(instance("at", at or {}, Mapping, 'give such as {"year": 1970}')))
    studies = tuple(
        (study, float(study.contrast.covariates[covariate]), study.estimate, study.weight)
        for study in fit.studies
        if study.contributes and study.estimate is not None and study.weight is not None
    )
    values = [x for _, x, _, _ in studies]
    positions = tuple(np.linspace(min(values), max(values), _POINTS).tolist())
    line = tuple(predict(fit, [{**others, covariate: x} for x in positions]))
    return BubbleData(fit, covariate, studies, positions, line, held)


def _numeric(fit: MetaRegression, covariate: str | None) -> str:
    numeric = list(dict.fromkeys(f.name for f in fit.design.formula.factors if not f.categorical))
    if covariate is None:
        if len(numeric) == 1:
            return numeric[0]
        if not numeric:
            raise OptionError("a bubble plot needs a numeric covariate; show categories as subgroups in a forest plot")
        raise OptionError(f"the formula has several numeric covariates; choose one of {quoted(numeric)} as covariate")
    if covariate not in numeric:
        raise OptionError(
            f"covariate={covariate!r} is no numeric covariate of the formula{nearest(str(covariate), numeric)}; choose one of "
            f"{quoted(numeric) or 'none: it has none'}"
        )
    return covariate


def _held(
    fit: MetaRegression, covariate: str, at: dict[str, Covariate]
) -> tuple[dict[str, Covariate], tuple[str, ...]]:
    """The other covariates: as given, else a number at its mean over the studies, a category at its reference."""
    factors = {factor.name: factor for factor in fit.design.formula.factors if factor.name != covariate}
    unknown = [name for name in at if name not in factors]
    if unknown:
        raise OptionError(
            f"at names {unknown[0]!r}, which is not one of the other covariates: {quoted(factors) or 'none'}"
        )
    values: dict[str, Covariate] = {}
    words = []
    for name, factor in factors.items():
        how = ""
        if name in at:
            values[name] = at[name]
        elif factor.categorical:
            values[name], how = fit.design.levels[factor.symbol][0], " (reference)"
        else:
            used = [float(s.contrast.covariates[name]) for s in fit.studies if s.contributes]
            values[name], how = float(np.mean(used)), " (mean)"
        value = values[name]
        shown = level_text(value) if isinstance(value, str) or factor.categorical else tick_label(float(f"{value:.4g}"))
        words.append(f"{covariate_words(name)} = {shown}{how}")
    return values, tuple(words)
