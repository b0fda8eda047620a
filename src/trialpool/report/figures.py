"""The figures of a report, each with the name of its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from trialpool.analysis import Analysis, AnalysisResult
from trialpool.display import covariate_words
from trialpool.plots import Figure, ForestData, forest, funnel, sensitivity_plot
from trialpool.plots.forest_content import FavoursLow
from trialpool.report.slugs import slug, unique_slugs

__all__ = ["FUNNEL_STUDIES", "FigureKind", "NamedFigure", "draw_figures", "funnel_studies"]

FigureKind = Literal["forest", "subgroups", "sensitivity", "funnel"]

FUNNEL_STUDIES = 10
"""Fewest studies for a funnel plot (Sterne et al. 2011, BMJ 343:d4002)."""


@dataclass(frozen=True, slots=True)
class NamedFigure:
    """A figure of an analysis: its kind, the table or covariate it is about, and its name."""

    analysis: str
    kind: FigureKind
    about: str
    name: str
    figure: Figure


def funnel_studies(result: AnalysisResult) -> int:
    """How many studies a funnel plot would show."""
    return sum(study.estimate is not None for study in result.studies)


def draw_figures(analysis: Analysis) -> tuple[NamedFigure, ...]:
    """Every figure of every analysis, in reading order."""
    wanted = [item for result in analysis.results for item in _of_result(result)]
    names = unique_slugs(
        ("-".join([a, kind, *([slug(about)] if about else [])]) for a, kind, about, _ in wanted), "figure"
    )
    return tuple(NamedFigure(*item[:3], name, item[3]) for item, name in zip(wanted, names, strict=True))


_Unnamed = tuple[str, FigureKind, str, Figure]


def _of_result(result: AnalysisResult) -> Iterator[_Unnamed]:
    spec = result.spec
    if result.comparison is None:
        return
    favours_low: FavoursLow = "treatment" if spec.outcome.better == "fewer" else "control"
    data = ForestData(
        comparison=result.comparison,
        request=spec.request,
        studies=result.studies,
        pooled=result.pooled,
        message=result.impossible,
    )
    yield spec.id, "forest", "", forest(data, title=spec.title, favours_low=favours_low)
    for subgroups in result.subgroups:
        title = f"{spec.title}, by {covariate_words(subgroups.by)}"
        yield (
            spec.id,
            "subgroups",
            subgroups.by,
            forest(data, subgroups=subgroups, title=title, favours_low=favours_low),
        )
    for table in result.sensitivity:
        if table.rows:
            title = f"{spec.title}: {table.name[0].lower()}{table.name[1:]}"
            yield spec.id, "sensitivity", table.name, sensitivity_plot(table, title=title, favours_low=favours_low)
    if result.pooled is not None and funnel_studies(result) >= FUNNEL_STUDIES:
        yield spec.id, "funnel", "", funnel(result.pooled, title=f"{spec.title}: funnel plot")
