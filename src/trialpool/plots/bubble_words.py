"""The words of a bubble plot: axis, slope, what is drawn, and the text alternative."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialpool.display import clean_text, covariate_words, format_estimate, p_value_phrase, plural, sentence_case
from trialpool.plots.bubble_data import BubbleData
from trialpool.plots.forest_words import effect_text, level_text, model_words
from trialpool.plots.styles import Style

__all__ = ["bubble_description", "bubble_footers", "effect_axis_name"]


def effect_axis_name(data: BubbleData) -> str:
    """The measure, and that its scale is logarithmic."""
    return sentence_case(data.fit.request.measure) + (" (log scale)" if data.fit.scale.logarithmic else "")


def bubble_footers(data: BubbleData, style: Style, *, prediction: bool, unnamed: int) -> Iterator[str]:
    """What line, band and circles are; where the other covariates are held; what is not shown."""
    fit, level = data.fit, level_text(data.fit.request)
    model = f"{model_words(fit.request)}, {clean_text(fit.formula)}"
    yield f"Line: mean effect by meta-regression ({model}); band: its {level} interval."
    slope = _slope(data, style)
    if slope:
        yield slope
    if data.held:
        yield f"Other covariates held at: {clean_text('; '.join(data.held))}."
    if prediction:
        yield f"Dashed curves: {level} prediction interval of a new trial."
    yield "Area of a circle: the study's weight in the regression. Horizontal line: no difference."
    if any(any(study.increments) for study, _, _, _ in data.studies):
        yield f"Open circle: counts corrected for an empty cell ({fit.request.zero_cells})."
    if absent := fit.k - len(data.studies):
        yield f"Not shown: {plural(absent, 'study')} not used in the regression."
    if unnamed:
        yield f"{plural(unnamed, 'study')} not named for want of room."


def _slope(data: BubbleData, style: Style) -> str:
    """The coefficient, where the covariate stands for itself and in no other term."""
    fit, name = data.fit, clean_text(data.covariate)
    with_it = [c for c in fit.coefficients if name in c.term]
    if len(with_it) != 1 or with_it[0].term != name:
        return ""
    found = with_it[0]
    words, display = style.wording, fit.scale.display
    values = (display(found.estimate), display(found.conf_low), display(found.conf_high))
    shown = format_estimate(*values, digits=3, style=words.interval)
    p = p_value_phrase(found.p_value, symbol=words.p, leading_zero=words.leading_zero)
    what = "Ratio" if fit.scale.logarithmic else "Difference"
    return f"{what} of effects for 1 more of {covariate_words(name)}: {shown}, {p}."


def bubble_description(data: BubbleData, style: Style, footers: Sequence[str]) -> str:
    """The plot in words, for those who cannot see it."""
    fit = data.fit
    start = f"Bubble plot of {plural(len(data.studies), 'study')} by {clean_text(covariate_words(data.covariate))}."
    ends = []
    for position, point in ((data.positions[0], data.line[0]), (data.positions[-1], data.line[-1])):
        shown = effect_text((point.estimate, point.conf_low, point.conf_high), fit.scale, style)
        ends.append(f"{shown} at {position:g}")
    line = f"Mean {fit.request.measure} {ends[0]}, {ends[1]}."
    return " ".join([start, line, *footers])
