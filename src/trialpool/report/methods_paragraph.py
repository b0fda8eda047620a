"""The methods in words, made from the requests that were used, with their references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from trialpool.analysis import Analysis, AnalysisResult
from trialpool.display import covariate_words, plural
from trialpool.effects import Measure, numbers_of
from trialpool.plots.forest_words import level_text
from trialpool.pool import InverseVariance
from trialpool.report.document import Inlines, Paragraph, inlines
from trialpool.report.figures import FUNNEL_STUDIES, NamedFigure
from trialpool.report.method_words import method_keys, way_of_pooling
from trialpool.report.references import Citations
from trialpool.report.wording import joined
from trialpool.trials import MULTI_ARM, MultiArm, Numbers

__all__ = ["methods_paragraphs"]

_PREDICTIONS = {
    "k-1": "the t distribution with k \N{MINUS SIGN} 1 degrees of freedom for k trials",
    "k-2": "the t distribution with k \N{MINUS SIGN} 2 degrees of freedom for k trials",
    "normal": "the normal distribution",
    "confidence-distribution": "the confidence distribution of τ²",
}
_TAU2_INTERVALS: Mapping[str, tuple[str, str]] = {
    "Q-profile": ("Q-profile", "viechtbauer2007"),
    "generalised-Q": ("generalised-Q", "jackson2013"),
    "profile-likelihood": ("profile-likelihood", "hardy1996"),
}
_MULTI_ARM: Mapping[MultiArm, tuple[str, tuple[str, ...]]] = {
    "combine": ("Where a trial had several active arms, these were combined into one group.", ("cochrane",)),
    "split": ("Where a trial had several active arms, its control group was split among them.", ("cochrane",)),
    "shared": (
        (
            "Where a trial had several active arms, each was compared with the whole control group, with the covariance "
            "that this gives their effects (generalised least squares)."
        ),
        ("gleser2009",),
    ),
}


_NUMBERS: Mapping[Numbers, str] = {
    "counts": "the participants with an event, of those at risk, in each arm",
    "rates": "the events and the person-years of each arm",
    "means": "mean, standard deviation and participants of each arm, or what they were computed from",
    "estimate": "an effect with its precision",
}


def methods_paragraphs(analysis: Analysis, figures: Iterable[NamedFigure], cite: Citations) -> tuple[Paragraph, ...]:
    """Data and effects; pooling; heterogeneity; further analyses; software."""
    results = analysis.results
    funnels = any(figure.kind == "funnel" for figure in figures)
    parts = (
        (*_data(analysis, cite), *_zero_cells(results, cite)),
        tuple(_pooling(results, cite)),
        tuple(_heterogeneity(results, cite)),
        (*_further(results, cite), *_sensitivity(results, cite), *_funnels(funnels, cite)),
        tuple(_software(analysis, cite)),
    )
    return tuple(Paragraph(sum(part, ())) for part in parts if part)


def _data(analysis: Analysis, cite: Citations) -> Iterator[Inlines]:
    review = analysis.review
    sides = f"{joined(review.treatments, 'or')} was compared with {joined(review.controls, 'or')}"
    text = f"{sides} on {plural(len(review.outcomes), 'outcome')}."
    forms = dict.fromkeys(numbers_of(result.spec.request.measure) for result in analysis.results)
    given = "; ".join(_NUMBERS[form] for form in forms)
    yield cite.sentence(f"{text[0].upper()}{text[1:]} Each trial gave {given}.")
    used = {result.spec.multi_arm for result in analysis.results}
    for multi_arm in MULTI_ARM:
        if multi_arm in used:
            text, keys = _MULTI_ARM[multi_arm]
            yield cite.sentence(text, *keys)
    if any(r.spec.multi_arm == "shared" and r.spec.request.model == "random" for r in analysis.results):
        yield cite.sentence("Random effects of arms of one trial were given a correlation of one half.", "higgins1996")


def _zero_cells(results: Iterable[AnalysisResult], cite: Citations) -> Iterator[Inlines]:
    results = [r for r in results if numbers_of(r.spec.request.measure) in ("counts", "rates")]
    rules = dict.fromkeys(result.spec.request.zero_cells for result in results)
    for rule in rules:
        keys = {"none": (), "constant": ("cochrane",)}.get(rule.rule, ("sweeting2004",))
        where = "" if len(rules) == 1 else f" ({_titles(r for r in results if r.spec.request.zero_cells == rule)})"
        text = "No correction was made for empty cells" if rule.rule == "none" else f"Empty cells: {rule}"
        yield cite.sentence(f"{text}{where}.", *keys)
    if any(rule.double_zero == "not estimable" for rule in rules):
        yield cite.sentence(
            "Trials without events (or without non-events) in both arms hold no information on a ratio; they are listed, and "
            "named as not estimable."
        )


def _titles(results: Iterable[AnalysisResult]) -> str:
    return "; ".join(result.spec.title for result in results)


def _pooling(results: Iterable[AnalysisResult], cite: Citations) -> Iterator[Inlines]:
    """A sentence per way of pooling; the analyses are named where there are several."""
    results = tuple(results)
    yield from _planning(results, cite)
    ways: dict[tuple[Measure, object], list[AnalysisResult]] = {}
    for result in results:
        ways.setdefault((result.spec.request.measure, result.spec.request.method), []).append(result)
    for members in ways.values():
        request = members[0].spec.request
        where = "" if len(ways) == 1 else f" ({_titles(members)})"
        yield cite.sentence(f"{way_of_pooling(request)}{where}.", *method_keys(request))
    levels = joined(dict.fromkeys(level_text(result.spec.request) for result in results))
    yield cite.sentence(f"Confidence intervals are {levels} intervals; tests are two-sided.")


def _planning(results: tuple[AnalysisResult, ...], cite: Citations) -> Iterator[Inlines]:
    """Which methods were planned, and which the rules chose when the evidence was seen."""
    chosen = [result for result in results if result.spec.automatic is not None]
    if not chosen:
        yield cite.sentence(
            "Every measure and method was named in the review file before the data were seen by the program."
        )
        return
    where = "" if len(chosen) == len(results) else f" for {_titles(chosen)}"
    thresholds = next((result.selection.thresholds for result in chosen if result.selection), None)
    limits = f" Thresholds: {thresholds}." if thresholds else ""
    works = dict.fromkeys(key for result in chosen if result.selection for key in result.selection.works)
    yield cite.sentence(
        f"The method{where} was chosen automatically, by fixed rules on the number of trials, events and empty cells, and not by the "
        f"results.{limits}",
        *works,
    )


def _heterogeneity(results: Iterable[AnalysisResult], cite: Citations) -> Iterator[Inlines]:
    methods = [result.spec.request.method for result in results]
    random = [m for m in methods if isinstance(m, InverseVariance) and m.model == "random"]
    yield cite.sentence("Heterogeneity is described by Q and I².", "higgins2002")
    if random:
        for word in dict.fromkeys(method.tau2_interval or "Q-profile" for method in random):
            name, key = _TAU2_INTERVALS[word]
            yield cite.sentence(f"τ² has its {name} interval.", key)
        definitions = {method.i2 for method in random}
        if definitions == {"tau2"} and len(random) == len(methods):
            yield cite.sentence("I² is computed from τ².")
        elif "tau2" in definitions:
            yield cite.sentence("I² is computed from τ² or from Q, as each analysis states.")
        distributions = joined(dict.fromkeys(_PREDICTIONS[m.prediction or "k-2"] for m in random), "or")
        yield cite.sentence(f"Prediction intervals use {distributions}.", "higgins2009")
        if any(method.prediction == "confidence-distribution" for method in random):
            yield cite.sentence("The confidence distribution accounts for the uncertainty of τ².", "nagashima2019")
    yield cite.sentence("The choice between common and random effects did not rest on a test of heterogeneity.")


def _further(results: Iterable[AnalysisResult], cite: Citations) -> Iterator[Inlines]:
    results = tuple(results)
    names = dict.fromkeys(covariate_words(subgroups.by) for result in results for subgroups in result.subgroups)
    if names:
        yield cite.sentence(
            f"Subgroups by {joined(names)} were each pooled by themselves and compared by a test of interaction.",
            "borenstein2013",
        )
    if any(result.absolute for result in results):
        yield cite.sentence("Absolute effects apply the pooled effect to baseline risks.", "cochrane")


def _sensitivity(results: Iterable[AnalysisResult], cite: Citations) -> Iterator[Inlines]:
    """The choices that were varied, with the works behind the alternatives."""
    tables = [table for result in results for table in result.sensitivity if table.rows]
    if not tables:
        return
    names = joined(f"{name[0].lower()}{name[1:]}" for name in dict.fromkeys(table.name for table in tables))
    requests = [row.pooled.request for table in tables for row in table.rows if row.pooled]
    keys = dict.fromkeys(key for request in requests for key in method_keys(request))
    if {"treatment-arm", "empirical"} & {request.zero_cells.rule for request in requests}:
        keys["sweeting2004"] = None
    yield cite.sentence(f"In sensitivity analyses these choices were varied: {names}.", *keys)
    yield cite.sentence(
        "A conclusion is said to depend on a choice if, for any alternative, the interval lies elsewhere relative to no "
        "difference (below it, above it, or including it)."
    )


def _funnels(drawn: bool, cite: Citations) -> Iterator[Inlines]:
    text = f"Funnel plots are drawn for {FUNNEL_STUDIES} studies or more"
    yield cite.sentence(f"{text}." if drawn else f"{text}; no analysis has as many.", "sterne2011")


def _software(analysis: Analysis, cite: Citations) -> Iterator[Inlines]:
    versions = joined(f"{name} {version}" for name, version in analysis.versions.items())
    yield cite.sentence(f"Computed with {versions}.")
    yield inlines()
