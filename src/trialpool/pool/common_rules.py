"""Rules for common events and for numbers other than counts: what to pool by, and why."""

from __future__ import annotations

from dataclasses import dataclass

from trialpool.display import format_number
from trialpool.effects import Measure
from trialpool.pool.automatic import Thresholds
from trialpool.pool.bayes_method import Bayes
from trialpool.pool.evidence import Evidence
from trialpool.pool.methods import InverseVariance, MantelHaenszel
from trialpool.pool.request import Method

__all__ = ["Choice", "Companions", "common_choice", "usual_measure"]

Companions = tuple[tuple[Measure, Method], ...]
"""What should stand beside a result."""

_FEW_WORKS = ("rover2021", "felsch2022")
_COMMON_WORKS = ("cochrane", "rover2015")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a rule chooses: the situation it is for, the reason, the works it rests on."""

    situation: str
    reason: str
    measure: Measure
    method: Method
    works: tuple[str, ...]
    companions: Companions = ()
    fallback: Method | None = None


def usual_measure(evidence: Evidence) -> Measure:
    """The measure of common events, and of other numbers, where none is fixed."""
    if evidence.given == "hazard ratio":
        return "hazard ratio"
    if evidence.numbers == "estimate":
        return "generic ratio" if evidence.logarithmic else "generic difference"
    by_form: dict[str, Measure] = {"counts": "risk ratio", "rates": "rate ratio", "means": "mean difference"}
    return by_form[evidence.numbers]


def common_choice(evidence: Evidence, measure: Measure | None, limits: Thresholds) -> Choice:
    """The choice where every arm has events enough, and for means, rates and given estimates."""
    timed = measure is None and evidence.numbers == "counts" and (evidence.follow_up or 1.0) >= limits.follow_up
    chosen = measure or ("complementary log-log hazard ratio" if timed else usual_measure(evidence))
    time = _time_words(evidence, timed)
    k = evidence.informative
    haenszel: Companions = ((chosen, MantelHaenszel()),) if chosen in MantelHaenszel.measures else ()
    safe: Companions = ((chosen, InverseVariance()),)
    if k >= limits.few_trials or not _has_scale_for_prior(chosen):
        return _by_inverse_variance(evidence, chosen, time, haenszel, limits)
    bayes = Bayes()
    if k >= 3:
        reason = (
            f"With {k} trials the variance between them is hardly estimable; a weakly informative prior keeps the interval "
            f"neither too short nor uselessly wide.{time}"
        )
        return Choice(f"common events, {k} trials", reason, chosen, bayes, _FEW_WORKS, (*safe, *haenszel))
    reason = (
        "With two trials a Hartung-Knapp interval is so wide that it says nothing, and a variance between trials cannot be "
        f"estimated; a weakly informative prior is used.{time}"
    )
    common: Companions = ((chosen, InverseVariance(model="common")),)
    return Choice("common events, two trials", reason, chosen, bayes, _FEW_WORKS, (*common, *haenszel))


def _by_inverse_variance(
    evidence: Evidence, measure: Measure, time: str, haenszel: Companions, limits: Thresholds
) -> Choice:
    k = evidence.informative
    enough = k >= limits.few_trials
    what = "common events" if evidence.numbers in ("counts", "rates") else f"{measure}s"
    situation = f"{what}, {f'{limits.few_trials} or more' if enough else k} trials"
    reason = f"Every arm has enough events for effects with variances. {time}" if what == "common events" else ""
    if k < 3:
        reason += "With fewer than three trials a Hartung-Knapp interval says nothing; a common effect is all that can be estimated."
        return Choice(situation, reason.strip(), measure, InverseVariance(model="common"), _COMMON_WORKS, haenszel)
    reason += "REML with the safe Hartung-Knapp interval keeps its coverage where trials differ in size."
    companions: Companions = (*haenszel, (measure, Bayes())) if _has_scale_for_prior(measure) else haenszel
    return Choice(situation, reason.strip(), measure, InverseVariance(), _COMMON_WORKS, companions)


def _has_scale_for_prior(measure: Measure) -> bool:
    """Whether a prior of the variance between trials can be stated without the unit of the outcome."""
    return measure not in (
        "mean difference",
        "generic difference",
        "rate difference",
        "risk difference",
        "arcsine difference",
    )


def _time_words(evidence: Evidence, timed: bool) -> str:
    if evidence.follow_up is None:
        return ""
    if timed:
        return (
            f" Follow-up differs {format_number(evidence.follow_up, 1)}-fold between trials, which a risk ratio would mix; the "
            "hazard ratio from counts does not depend on its length if hazards are proportional."
        )
    return ""
