"""What becomes of trials whose events are known within bounds alone: left out, at their extremes, or in the likelihood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trialpool.checks import instance
from trialpool.pool import POOL_FIRST, HypergeometricNormal, IntervalCensored, MantelHaenszel, Method, Pooled, Request
from trialpool.sensitivity.alternatives import (
    Alternative,
    SensitivityTable,
    alternative,
    not_applicable,
    sensitivity_table,
)
from trialpool.sensitivity.labels import method_label
from trialpool.trials import Comparison, Completion, Contrast, complete

__all__ = ["completed", "counts_within_bounds"]

_NAME = "Counts within bounds"

_COMPLETIONS: dict[Completion, str] = {
    "favours treatment": "fewest with treatment, most with control",
    "favours control": "most with treatment, fewest with control",
    "low": "fewest in both arms",
}
"""Every count at one end of its bounds. The first two are the extremes that no truth leaves behind."""

_LIKELIHOODS = (IntervalCensored(), IntervalCensored(likelihood="hypergeometric"))


def completed(comparison: Comparison, completion: Completion) -> Comparison:
    """The comparison with every count at one end of its bounds.

    Examples
    --------
    >>> from trialpool.trials import Bounded, Piece
    >>> bounds = Bounded((Piece(0, 4, 100),), (Piece(0, 5, 102),))
    >>> hart = Contrast("Hart", "Hart", "drug", "placebo", None, 100, None, 102, bounds=bounds)
    >>> comparison = Comparison("rash", ("drug",), ("placebo",), "combine", (hart,))
    >>> completed(comparison, "favours control").contrasts[0].counts
    (4, 100, 0, 102)
    """
    return replace(comparison, contrasts=tuple(_completed(c, completion) for c in comparison.contrasts))


def _completed(contrast: Contrast, completion: Completion) -> Contrast:
    bounds = contrast.bounds
    if bounds is None or not contrast.bounded_only:
        return contrast
    a, n1, c, n2 = complete(bounds.treatment, bounds.control, completion)
    return replace(contrast, events_treatment=a, n_treatment=n1, events_control=c, n_control=n2, bounds=None)


def counts_within_bounds(comparison: Comparison, pooled: Pooled) -> SensitivityTable:
    """The same question with the trials whose counts have bounds left out, at both extremes, and in either likelihood.

    Parameters
    ----------
    comparison : Comparison
        With all its contrasts, as it was before a method left any out.
    pooled : Pooled
        The reference.

    Returns
    -------
    SensitivityTable
        Without rows where every count is known.
    """
    instance("pooled", pooled, Pooled, POOL_FIRST)
    if not any(contrast.bounded_only for contrast in comparison.contrasts):
        return not_applicable(_NAME, "Every count is known, so the choice does not arise.")
    request = pooled.request
    label = method_label(request)
    censored = isinstance(request.method, IntervalCensored)
    others = list(_others(comparison, request, censored=censored))
    return sensitivity_table(_NAME, pooled, label if censored else f"left out: {label}", others, varies_studies=True)


def _others(comparison: Comparison, request: Request, *, censored: bool) -> Iterator[Alternative]:
    counted = _counted_request(request) if censored else request
    if censored:
        yield alternative(f"left out: {method_label(counted)}", comparison, counted)
    for completion, words in _COMPLETIONS.items():
        yield alternative(words, completed(comparison, completion), counted)
    for method in _LIKELIHOODS:
        way = replace(request, measure="odds ratio", method=method, profile=None)
        if way.method != request.method:
            yield alternative(method_label(way), comparison, way)


def _counted_request(request: Request) -> Request:
    """A method of counts beside an interval-censored one: without corrections, of the same model."""
    method: Method = MantelHaenszel() if request.model == "common" else HypergeometricNormal()
    return replace(request, method=method, profile=None)
