"""The words of a forest plot: headings, tests, method, footnotes and the text alternative."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialpool.display import (
    decimals_of_width,
    format_estimate,
    format_interval,
    format_number,
    format_percent,
    p_value_phrase,
    plural,
    sentence_case,
    typographic,
)
from trialpool.effects import Scale, measure_name
from trialpool.plots.forest_data import ForestData, Interaction
from trialpool.plots.forest_ranges import drawn_ranges
from trialpool.plots.styles import Style
from trialpool.pool import Bayes, Heterogeneity, Pooled, Request, posterior_text

__all__ = [
    "description",
    "digits_of",
    "effect_heading",
    "effect_text",
    "interaction_line",
    "level_text",
    "method_line",
    "model_words",
    "statistics_lines",
]


def level_text(request: Request) -> str:
    """The confidence level, such as ``95%``."""
    return f"{100 * request.conf_level:g}%"


def digits_of(scale: Scale) -> int:
    """Decimals of an effect: a difference of risks needs one more than a ratio."""
    return scale.digits


def effect_text(values: tuple[float, float, float], scale: Scale, style: Style) -> str:
    """An effect with its interval, given on the working scale."""
    estimate, low, high = (scale.display(value) for value in values)
    digits = digits_of(scale)
    if not scale.logarithmic:
        digits = decimals_of_width(high - low, digits)
    return format_estimate(estimate, low, high, digits=digits, style=style.wording.interval)


def model_words(request: Request) -> str:
    """The model in words."""
    return "random effects" if request.model == "random" else "common effect"


_REVMAN_METHODS = {"mantel-haenszel": "M-H", "peto": "Peto", "inverse-variance": "IV"}


def effect_heading(request: Request, style: Style, name: str = "") -> str:
    """The heading of the effects; ``name`` is what the table calls them, where it does."""
    level, name = level_text(request), name or request.measure
    if not style.wording.revman:
        return f"{sentence_case(name)}\n({level} CI)"
    method = _REVMAN_METHODS.get(request.method_name, sentence_case(request.method_name))
    model = "Random" if request.model == "random" else "Fixed"
    measure = " ".join(word[0].upper() + word[1:] for word in name.split())
    return f"{measure}\n{method}, {model}, {level} CI"


def statistics_lines(pooled: Pooled, style: Style) -> Iterator[str]:
    """Heterogeneity and the test of the pooled effect."""
    if pooled.heterogeneity is not None:
        yield _unbroken(heterogeneity_line(pooled.heterogeneity, pooled.request, style))
    yield _unbroken(overall_line(pooled, style))


def _unbroken(line: str) -> str:
    """A line that does not break beside a sign between numbers."""
    return re.sub(r" ([=<>−]) ", "\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", line)


def heterogeneity_line(h: Heterogeneity, request: Request, style: Style) -> str:
    """Tau2 with its interval, Q with df and p, I2."""
    words = style.wording
    parts = []
    if h.tau2 is not None:
        interval = ""
        if h.tau2_low is not None and h.tau2_high is not None:
            interval = f" {_interval(h.tau2_low, h.tau2_high, request, style)}"
        parts.append(f"{words.tau2} = {format_number(h.tau2)}{interval}")
    if h.q is not None:
        p = p_value_phrase(h.q_p_value, symbol=words.p, leading_zero=words.leading_zero)
        parts.append(f"{words.q} = {format_number(h.q)}, df = {h.q_df} ({p})")
    if h.i2 is not None:
        parts.append(f"I² = {format_percent(h.i2, 0)}")
    return f"Heterogeneity: {'; '.join(parts)}"


def _interval(low: float, high: float, request: Request, style: Style) -> str:
    level = f"{level_text(request)} {'CrI' if isinstance(request.method, Bayes) else 'CI'} "
    shown = format_interval(low, high, 2, style.wording.interval)
    return shown[0] + level + shown[1:]


def overall_line(pooled: Pooled, style: Style) -> str:
    """The test that there is no effect."""
    words = style.wording
    if pooled.posterior is not None:
        return f"Posterior: {posterior_text(pooled.posterior, pooled.scale)}"
    if pooled.statistic is None:
        p = p_value_phrase(pooled.p_value, symbol=words.p, leading_zero=words.leading_zero)
        return f"Test for overall effect: {p} ({pooled.test})"
    statistic = format_number(abs(pooled.statistic) if words.revman else pooled.statistic)
    test = f"{words.z} = {statistic}" if pooled.df is None else f"t = {statistic}, df = {pooled.df}"
    p = p_value_phrase(pooled.p_value, symbol=words.p, leading_zero=words.leading_zero)
    return f"Test for overall effect: {test} ({p})"


def interaction_line(interaction: Interaction, style: Style) -> str:
    """The test for differences between groups."""
    words = style.wording
    if interaction.q is None:
        return f"Test for subgroup differences: {interaction.message}"
    p = p_value_phrase(interaction.q_p_value, symbol=words.p, leading_zero=words.leading_zero)
    test = f"{words.q} = {format_number(interaction.q)}, df = {interaction.q_df} ({p})"
    return _unbroken(f"Test for subgroup differences: {test}")


def method_line(request: Request) -> str:
    """Measure, model, estimator, interval method and zero-cell rule."""
    return _unbroken(f"Method: {typographic(request.method_text)}.")


def description(data: ForestData, style: Style) -> str:
    """The plot in words, for those who cannot see it."""
    comparison, scale, level = data.comparison, data.scale, level_text(data.request)
    arms = f"{comparison.treatment} against {comparison.control}"
    sentences = [
        f"Forest plot of {plural(len(data.studies), 'study')}, {arms}, {measure_name(comparison, data.request.measure)}."
    ]
    for group in data.groups:
        answer = _answer(group.pooled, scale, style, level) if group.pooled else group.message
        sentences.append(f"{group.label}: {answer}.")
    if drawn := len(drawn_ranges(data)):
        sentences.append(
            f"{plural(drawn, 'study')} with events known within bounds alone: an open bar from the lowest to the highest odds ratio "
            "that the bounds allow."
        )
    if data.pooled is None:
        sentences.append(f"Not pooled: {data.message}.")
    else:
        sentences.append(f"Pooled, {model_words(data.request)}: {_answer(data.pooled, scale, style, level)}.")
        if data.pooled.prediction is not None:
            low, high = scale.display(data.pooled.prediction.low), scale.display(data.pooled.prediction.high)
            sentences.append(f"{level} prediction interval {format_interval(low, high, digits_of(scale))}.")
        sentences += [f"{line}." for line in statistics_lines(data.pooled, style)]
    return " ".join(sentences)


def _answer(pooled: Pooled, scale: Scale, style: Style, level: str) -> str:
    values = (pooled.estimate, pooled.conf_low, pooled.conf_high)
    text = effect_text(values, scale, style)
    return f"{text}, {level} interval, from {plural(pooled.k_informative, 'study')}"
