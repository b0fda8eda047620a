"""Rules for rare events: what to pool by, and why."""

from __future__ import annotations

from trialpool.display import format_count, plural
from trialpool.effects import Measure
from trialpool.pool.automatic import Thresholds
from trialpool.pool.bayes_method import Bayes
from trialpool.pool.common_rules import Choice, Companions, common_choice
from trialpool.pool.evidence import Evidence
from trialpool.pool.methods import InverseVariance, MantelHaenszel
from trialpool.pool.rare_event_methods import (
    BetaBinomial,
    BinomialNormal,
    Exact,
    HypergeometricNormal,
    LikelihoodInterval,
    PenalisedLogistic,
)

__all__ = ["rare_choice"]

_RARE_WORKS = ("stijnen2010", "jansen2023", "ju2020")
_SCARCE_WORKS = ("gunhan2020",)
_EXACT: Companions = (("odds ratio", Exact()),)
_HAENSZEL: Companions = (("odds ratio", MantelHaenszel()),)


def rare_choice(evidence: Evidence, measure: Measure | None, limits: Thresholds) -> Choice:
    """The choice for rare events, by the measure asked for."""
    ratio: Measure = measure or ("rate ratio" if evidence.numbers == "rates" else "odds ratio")
    if ratio in ("risk difference", "arcsine difference", "rate difference"):
        return _difference(ratio)
    if ratio in ("risk ratio", "rate ratio"):
        return _ratio_of_risks(evidence, ratio, limits)
    if ratio != "odds ratio":
        return common_choice(evidence, ratio, limits)
    a, c = evidence.events_treatment or 0.0, evidence.events_control or 0.0
    if a == 0 or c == 0:
        return _one_sided("treatment" if a == 0 else "control")
    if evidence.informative < limits.few_trials or min(a, c) < limits.few_events:
        return _scarce(evidence, min(a, c), limits)
    reason = (
        "The conditional model uses the counts as they are, needs no correction of empty cells, keeps each trial's arms together "
        f"and lets effects vary between trials; its interval is {_interval_words(evidence, limits)}."
    )
    beside: Companions = (("odds ratio", Bayes(likelihood="hypergeometric")), ("odds ratio", BetaBinomial()))
    situation = f"rare events, {limits.few_trials} or more trials"
    return Choice(
        situation,
        reason,
        "odds ratio",
        HypergeometricNormal(interval=_interval(evidence, limits)),
        _RARE_WORKS,
        (*_HAENSZEL, *_EXACT, *beside),
        fallback=Bayes(likelihood="hypergeometric"),
    )


def _interval(evidence: Evidence, limits: Thresholds) -> LikelihoodInterval:
    """Likelihood-ratio intervals rest on large numbers of trials."""
    return "profile-likelihood" if evidence.informative >= limits.enough_trials else "t"


def _interval_words(evidence: Evidence, limits: Thresholds) -> str:
    if _interval(evidence, limits) == "t":
        return "by t with k - 1 degrees of freedom, because a likelihood-ratio interval of so few trials is too short"
    return "by profile likelihood"


def _one_sided(side: str) -> Choice:
    reason = (
        f"No {side} arm has an event, so every estimate without prior knowledge is {'zero' if side == 'treatment' else 'infinite'}; "
        "the exact method gives a one-sided limit, and a weakly informative prior a finite interval."
    )
    beside: Companions = (("odds ratio", PenalisedLogistic()),)
    bayes = Bayes(likelihood="hypergeometric")
    return Choice(f"no events in any {side} arm", reason, "odds ratio", bayes, _SCARCE_WORKS, (*_EXACT, *beside))


def _scarce(evidence: Evidence, fewest: float, limits: Thresholds) -> Choice:
    few_trials = evidence.informative < limits.few_trials
    cause = (
        f"{plural(evidence.informative, 'trial')} with events"
        if few_trials
        else f"{format_count(fewest)} events on one side"
    )
    reason = (
        f"Only {cause}: models fitted without prior knowledge break down; the counts are used as they are, given their margins, "
        "with weakly informative priors."
    )
    situation = "rare events, few trials" if few_trials else "very few events"
    beside: Companions = (("odds ratio", HypergeometricNormal()),)
    companions = (*_EXACT, *_HAENSZEL, *beside)
    bayes = Bayes(likelihood="hypergeometric")
    return Choice(situation, reason, "odds ratio", bayes, _SCARCE_WORKS, companions)


def _ratio_of_risks(evidence: Evidence, measure: Measure, limits: Thresholds) -> Choice:
    """Rare events as rates, or as risks where the risk ratio was asked for."""
    enough = evidence.informative >= limits.few_trials
    exactly = "exactly" if measure == "rate ratio" else "nearly, as the events are rare"
    if enough:
        reason = (
            f"Given all events of a trial, those of the treatment arm are {exactly} binomial; no correction is needed. "
            f"The interval is {_interval_words(evidence, limits)}."
        )
        situation = f"rare events, {limits.few_trials} or more trials, {measure}"
        return Choice(
            situation,
            reason,
            measure,
            BinomialNormal(interval=_interval(evidence, limits)),
            ("stijnen2010", "beisemann2020"),
            ((measure, MantelHaenszel()),),
        )
    reason = "With few trials and rare events the Mantel-Haenszel estimate needs neither a correction nor a variance between trials."
    other: Companions = ((measure, Exact()),) if measure == "rate ratio" else ((measure, BinomialNormal()),)
    return Choice(f"rare events, few trials, {measure}", reason, measure, MantelHaenszel(), ("cochrane",), other)


def _difference(measure: Measure) -> Choice:
    if measure == "arcsine difference":
        reason = "The arcsine difference has a variance that does not depend on the events, so every trial counts."
        return Choice("rare events, arcsine difference", reason, measure, InverseVariance(), ("rucker2009",))
    reason = "Mantel-Haenszel weights do not depend on the events, so trials without events count, as they should for a difference."
    return Choice(f"rare events, {measure}", reason, measure, MantelHaenszel(), ("cochrane",))
