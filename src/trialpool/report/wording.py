"""Sentences about results, each a plain statement that the numbers force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from trialpool.analysis import AnalysisResult, OutcomeSpec
from trialpool.display import (
    MISSING,
    format_estimate,
    format_number,
    format_percent,
    p_value_phrase,
    plural,
)
from trialpool.effects import Measure, numbers_of, range_words, scale_of
from trialpool.plots.forest_data import contributing
from trialpool.plots.forest_ranges import study_range
from trialpool.plots.forest_words import digits_of, level_text
from trialpool.pool import AbsoluteEffect, Pooled, Request, StudyResult, evidence_text
from trialpool.sensitivity.alternatives import conclusion_of
from trialpool.trials import Numbers
from trialpool.trials.show import arm_totals

__all__ = [
    "TAU2_WORDS",
    "change_in_words",
    "difference_per_1000",
    "effect_text",
    "effect_words",
    "joined",
    "per_1000",
    "sentence",
    "statement",
    "study_effect_text",
]

TAU2_WORDS: Mapping[str, str] = {
    "REML": "restricted maximum likelihood",
    "ML": "maximum likelihood",
    "DL": "the DerSimonian-Laird estimator",
    "DL2": "the two-step DerSimonian-Laird estimator",
    "PM": "the Paule-Mandel estimator",
    "EB": "empirical Bayes",
    "HE": "the Hedges estimator",
    "HS": "the Hunter-Schmidt estimator",
    "SJ": "the Sidik-Jonkman estimator",
}


def joined(words: Iterable[str], last: str = "and") -> str:
    """Words in a row, as in a sentence.

    >>> joined(["A", "B", "C"]), joined(["A"])
    ('A, B and C', 'A')
    """
    *some, end = list(words)
    return f"{', '.join(some)} {last} {end}" if some else end


def sentence(text: str) -> str:
    """A text with a capital at its start and a full stop at its end.

    >>> sentence("nothing to pool")
    'Nothing to pool.'
    """
    text = text.strip()
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}" + ("" if text[-1] in ".!?" else ".")


def effect_text(pooled: Pooled) -> str:
    """A pooled effect as displayed.

    >>> import trialpool as tp
    >>> trials = tp.load_dataset("bcg").trials
    >>> comparison = tp.compare(trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")
    >>> effect_text(tp.pool(comparison))
    '0.49 (0.33 to 0.73)'
    """
    return format_estimate(*pooled.displayed, digits=digits_of(pooled.scale))


def study_effect_text(study: StudyResult, request: Request) -> str:
    """The own effect of a study as displayed; a study may have none, or a range, and still enter the pooled estimate."""
    if found := study_range(study, request.measure):
        return range_words(*found)
    if study.estimate is None:
        return "not estimable alone" if study.contributes else "not estimable"
    scale = scale_of(request.measure)
    estimate, low, high = (scale.display_optional(x) for x in (study.estimate, study.conf_low, study.conf_high))
    return format_estimate(estimate, low, high, digits=digits_of(scale))


def effect_words(pooled: Pooled) -> str:
    """A pooled effect with its level named, for a sentence."""
    estimate, interval = effect_text(pooled).split(" ", 1)
    kind = "CI" if pooled.posterior is None else "CrI"
    return f"{estimate} ({level_text(pooled.request)} {kind} {interval[1:]}"


def per_1000(value: float, baseline: float) -> str:
    """People per 1000, with decimals only where the baseline (per 1000 too) is low.

    >>> per_1000(83.4, 120), per_1000(2.53, 8.1), per_1000(0.214, 0.4)
    ('83', '2.5', '0.21')
    """
    return format_number(value, 0 if baseline >= 10 else 1 if baseline >= 1 else 2)


def change_in_words(value: float, measure: Measure) -> str:
    """A displayed effect as a change against the control side.

    >>> change_in_words(0.83, "risk ratio"), change_in_words(2.5, "odds ratio"), change_in_words(-0.017, "risk difference")
    ('17% lower', '2.5 times as high', '17 per 1000 lower')
    """
    if not scale_of(measure).logarithmic:
        return _difference_in_words(value, measure)
    if value >= 2:
        return f"{format_number(value, 1)} times as high"
    percent = format_percent(abs(value - 1), 0 if 0.005 <= abs(value - 1) < 0.985 else 1)
    if value == 1:
        return "the same"
    if value < 0.0005:
        return "more than 99.9% lower"
    return f"{percent} {'lower' if value < 1 else 'higher'}"


_UNITS: Mapping[Measure, str] = {
    "risk difference": " per 1000",
    "rate difference": " per 1000 person-years",
    "standardised mean difference": " standard deviations",
    "arcsine difference": " (arcsine of the root risk)",
}


def _difference_in_words(value: float, measure: Measure) -> str:
    """A difference as a change, in people or in the outcome's own units.

    >>> _difference_in_words(-1.5, "mean difference"), _difference_in_words(0.004, "rate difference")
    ('1.50 lower', '4.0 per 1000 person-years higher')
    """
    if value == 0:
        return "the same"
    people = 1000 * abs(value)
    in_people = measure in ("risk difference", "rate difference")
    size = per_1000(people, people) if in_people else format_number(abs(value))
    return f"{size}{_UNITS.get(measure, '')} {'lower' if value < 0 else 'higher'}"


def difference_per_1000(effect: AbsoluteEffect) -> tuple[str, str]:
    """A difference and its interval, in people.

    >>> difference_per_1000(AbsoluteEffect(0.1, 100.0, 53.7, -46.3, -68.8, 7.6, False))
    ('46 fewer', '(69 fewer to 8 more)')
    """
    difference, low, high = (
        _fewer_or_more(value, effect.control_per_1000)
        for value in (effect.difference_per_1000, effect.conf_low_per_1000, effect.conf_high_per_1000)
    )
    return difference, f"({low} to {high})"


def _fewer_or_more(value: float, baseline: float) -> str:
    size = per_1000(abs(value), baseline)
    return "0" if not size.strip("0.") else f"{size} {'fewer' if value < 0 else 'more'}"


def _quantity(measure: Measure, outcome: OutcomeSpec) -> tuple[str, str, str]:
    """What the measure compares, in the words that suit the outcome: its name with either article, and its verb."""
    if measure in {"odds ratio", "Peto odds ratio"}:
        return "odds", "the odds", "are"
    names: Mapping[Numbers, str] = {"rates": "rate", "means": "mean", "estimate": "value"}
    name = names.get(numbers_of(measure), "risk" if outcome.better == "fewer" else "probability")
    name = "hazard" if "hazard" in measure else name
    return f"a {name}", f"the {name}", "is"


def _counts_sentence(result: AnalysisResult) -> str:
    """How many people had the outcome on each side, over the trials that contribute."""
    comparison = result.comparison
    if result.pooled is None or comparison is None:
        return ""
    contrasts, controls = contributing(result.studies, shared=comparison.has_shared_controls)
    trials, form = plural(len({c.trial for c in contrasts}), "trial"), numbers_of(result.pooled.request.measure)
    totals = arm_totals(contrasts, controls, form)
    sides = (comparison.treatment, comparison.control)
    if form in ("means", "estimate"):
        if MISSING in totals:
            return f"{trials[0].upper()}{trials[1:]} compared {sides[0]} with {sides[1]}."
        return f"In {trials}, {totals[0]} participants were given {sides[0]} and {totals[1]} were given {sides[1]}."
    (a, n1), (c, n2) = (total.split("/") for total in totals)
    if form == "rates":
        return (
            f"In {trials}, there were {a} events in {n1} person-years with {sides[0]} and {c} in {n2} person-years with "
            f"{sides[1]}."
        )
    return (
        f"In {trials}, {a} of {n1} participants given {comparison.treatment} and {c} of {n2} given "
        f"{comparison.control} had the outcome."
    )


def _result_sentence(pooled: Pooled) -> str:
    """The pooled effect."""
    if pooled.posterior is not None:
        return f"The posterior {pooled.request.measure} is {effect_words(pooled)}; {evidence_text(pooled)}."
    test = f" ({pooled.test})" if pooled.statistic is None else ""
    return f"The pooled {pooled.request.measure} is {effect_words(pooled)}, {p_value_phrase(pooled.p_value)}{test}."


def _meaning_sentence(pooled: Pooled, outcome: OutcomeSpec) -> str:
    """What the interval says; one that includes no difference is not called no effect."""
    measure, comparison = pooled.request.measure, pooled.comparison
    estimate, low, high = (change_in_words(value, measure) for value in pooled.displayed)
    some, the, verb = _quantity(measure, outcome)
    sides = f"with {comparison.treatment} compared with {comparison.control}"
    conclusion = conclusion_of(pooled)
    if conclusion == "uncertain":
        return f"The interval includes no difference: it is compatible with {some} from {low} to {high} {sides}."
    where, near, far = ("below", high, low) if conclusion == "lower" else ("above", low, high)
    favoured = comparison.treatment if (conclusion == "lower") == (outcome.better == "fewer") else comparison.control
    return (
        f"The whole interval lies {where} no difference: {the} {verb} {estimate} {sides} (from {near} to {far}), "
        f"in favour of {favoured}."
    )


def _prediction_sentence(pooled: Pooled) -> str:
    """Where a new trial is expected, and whether that is another conclusion than the mean's."""
    if pooled.prediction is None:
        return ""
    low, high = pooled.prediction.low, pooled.prediction.high
    shown = [format_number(pooled.scale.display(limit), digits_of(pooled.scale)) for limit in (low, high)]
    text = (
        f"The {pooled.request.measure} of a new, similar trial is expected between {shown[0]} and {shown[1]} "
        f"({level_text(pooled.request)} prediction interval)"
    )
    across = low < 0 < high
    if across and conclusion_of(pooled) != "uncertain":
        return f"{text}, which includes no difference: the average effect may not hold in every setting."
    return f"{text}."


def statement(result: AnalysisResult) -> Iterator[str]:
    """The result of an analysis in words, or why there is none."""
    if result.pooled is None:
        yield f"There is no pooled result. {sentence(result.impossible)}"
        return
    yield _counts_sentence(result)
    yield _result_sentence(result.pooled)
    yield _meaning_sentence(result.pooled, result.spec.outcome)
    yield _prediction_sentence(result.pooled)
