"""What a measure needs of a contrast: contrasts that lack it leave the comparison, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from trialpool.checks import quoted
from trialpool.display import format_number
from trialpool.effects.measures import Measure, numbers_of
from trialpool.errors import NotEstimableError
from trialpool.trials import Comparison, Contrast, Decision, Exclusion, Numbers, shown_bounds

__all__ = ["COLUMNS_OF", "comparison_for", "excluded_for", "within_bounds"]

COLUMNS_OF: dict[Numbers, str] = {
    "counts": "'events' and 'n'",
    "rates": "'events' and 'person_years' (or 'n' and 'follow_up_years')",
    "means": "'mean', 'sd' and 'n' (or what they can be computed from)",
    "estimate": "'estimate' with 'std_error', 'variance', 'conf_low' and 'conf_high', or 'p_value'",
    "bounds": "'events_low', 'events_high' and 'n'",
}
"""The columns of a table that give the numbers of each form."""

_LACKS: dict[Numbers, str] = {
    "counts": "reports no counts of events and participants in both arms",
    "rates": "reports no events with person-years in both arms",
    "means": "reports no mean and standard deviation in both arms",
    "estimate": "reports no estimate of an effect",
    "bounds": "reports no counts of events, and no bounds of them, in both arms",
}
_MOST_NAMED = 10


def comparison_for(comparison: Comparison, measure: Measure) -> Comparison:
    """The comparison as a measure sees it.

    Contrasts without the numbers that the measure needs become exclusions, and what was converted to get these numbers joins
    the decisions. A comparison that was brought to a measure before stays as it is.

    Raises
    ------
    NotEstimableError
        No contrast has the numbers; the message names the trials and the columns.

    Examples
    --------
    >>> from trialpool.trials import Means
    >>> groups = (Means(5.0, 4.7, 13), Means(6.5, 3.8, 13))
    >>> davis = Contrast("Davis", "Davis", "drug", "placebo", None, 13, None, 13, means=groups)
    >>> hart = Contrast("Hart", "Hart", "drug", "placebo", 4, 20, 9, 21)
    >>> both = Comparison("pain", ("drug",), ("placebo",), "combine", (davis, hart))
    >>> print(comparison_for(both, "mean difference").excluded[0].reason)
    reports no mean and standard deviation in both arms
    """
    numbers = numbers_of(measure)
    kept = tuple(contrast for contrast in comparison.contrasts if contrast.has(numbers))
    lacking = [contrast for contrast in comparison.contrasts if not contrast.has(numbers)]
    if not kept and lacking:
        raise NotEstimableError(
            f"the {measure} needs the columns {COLUMNS_OF[numbers]} of both arms, which {_named(lacking)} "
            f"{'lack' if len(lacking) > 1 else 'lacks'}{_instead(lacking)}"
        )
    taken = [d for contrast in kept for d in (*contrast.conversions.get(numbers, ()), *_offset(contrast, measure))]
    new = [decision for decision in dict.fromkeys(taken) if decision not in comparison.decisions]
    if not lacking and not new:
        return comparison
    return replace(
        comparison,
        contrasts=kept,
        excluded=(*comparison.excluded, *excluded_for(lacking, numbers)),
        decisions=(*comparison.decisions, *new),
    )


def _named(contrasts: Iterable[Contrast]) -> str:
    labels = list(dict.fromkeys(contrast.label for contrast in contrasts))
    more = f" and {len(labels) - _MOST_NAMED} more" if len(labels) > _MOST_NAMED else ""
    return quoted(labels[:_MOST_NAMED]) + more


def _instead(contrasts: Iterable[Contrast]) -> str:
    """Where all of them have numbers of one other form, which measures that form has."""
    others: dict[Numbers, str] = {
        "counts": "'risk ratio'",
        "rates": "'rate ratio'",
        "means": "'mean difference'",
        "estimate": "'hazard ratio', 'generic ratio' or 'generic difference'",
    }
    if all(contrast.bounded_only for contrast in contrasts):
        return "; their events are known within bounds alone: use method 'interval-censored'"
    fit = [measure for form, measure in others.items() if all(contrast.has(form) for contrast in contrasts)]
    return f"; what they have suits measure {' or '.join(fit)}" if fit else ""


def excluded_for(contrasts: Iterable[Contrast], numbers: Numbers) -> Iterator[Exclusion]:
    """The exclusions of contrasts that lack numbers of a form."""
    for contrast in contrasts:
        bounded = numbers == "counts" and contrast.bounded_only
        yield Exclusion(contrast.label, within_bounds(contrast) if bounded else _LACKS[numbers])


def within_bounds(contrast: Contrast) -> str:
    """Why a contrast has no effect of its own: its events are known within bounds alone.

    >>> from trialpool.trials import Bounded, Piece
    >>> bounds = Bounded((Piece(0, 4, 100),), (Piece(0, 5, 102),))
    >>> print(within_bounds(Contrast("Hart", "Hart", "drug", "placebo", None, 100, None, 102, bounds=bounds)))
    its events are known within bounds alone, 0–4/100 v 0–5/102
    """
    bounds = contrast.bounds
    shown = f", {shown_bounds(bounds.treatment)} v {shown_bounds(bounds.control)}" if bounds else ""
    return f"its events are known within bounds alone{shown}"


def _offset(contrast: Contrast, measure: Measure) -> Iterator[Decision]:
    """The offset of the complementary log-log hazard ratio, where the follow-up of the arms differs."""
    if measure != "complementary log-log hazard ratio" or contrast.follow_up_years is None:
        return
    treatment, control = contrast.follow_up_years
    if treatment != control:
        yield Decision(
            "follow-up",
            contrast.trial,
            "log hazard ratio less the log of the ratio of the follow-up times",
            f"{format_number(treatment)} and {format_number(control)} years",
            f"divided by {format_number(treatment / control, 3)}",
        )
