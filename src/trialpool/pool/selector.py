"""Rules that choose measure and method for the evidence at hand, and say why.

The rules and their thresholds are judgements on published simulations; each names the works it rests on.
"""

from __future__ import annotations

from dataclasses import replace

from trialpool.display import plural
from trialpool.effects import Measure, comparison_for, numbers_of
from trialpool.errors import NotEstimableError
from trialpool.pool.automatic import AUTOMATIC, Automatic, Selection, Thresholds
from trialpool.pool.bounded_rules import applies, bounded_choice
from trialpool.pool.common_rules import Choice, common_choice, usual_measure
from trialpool.pool.evidence import Evidence, evidence_of
from trialpool.pool.methods import InverseVariance, MantelHaenszel, Peto
from trialpool.pool.rare_event_rules import rare_choice
from trialpool.pool.request import Method, Request
from trialpool.trials import Comparison

__all__ = ["select"]


def select(comparison: Comparison, automatic: Automatic | None = None) -> Selection:
    """The request that suits a comparison, with the reason.

    Parameters
    ----------
    comparison : Comparison
    automatic : Automatic, optional
        The measure, if it is fixed, and the thresholds.

    Returns
    -------
    Selection

    Raises
    ------
    NotEstimableError
        There are no events at all, or no contrast has the numbers that the measure needs.

    Examples
    --------
    >>> import trialpool as tp
    >>> trials = tp.load_dataset("rosiglitazone").trials
    >>> comparison = tp.compare(trials, outcome="myocardial infarction", treatment="rosiglitazone", control="control")
    >>> chosen = select(comparison)
    >>> chosen.request.measure, chosen.request.method_name, chosen.situation
    ('odds ratio', 'hypergeometric-normal', 'rare events, 5 or more trials')
    """
    automatic = automatic or Automatic()
    measure = automatic.measure
    evidence = evidence_of(comparison, numbers_of(measure) if measure else None)
    if measure is not None and not applies(evidence, measure):
        comparison = comparison_for(comparison, measure)
        evidence = evidence_of(comparison, numbers_of(measure))
    rates = _rates_instead(comparison, evidence, automatic)
    evidence = rates or evidence
    bounded = applies(evidence, measure)
    if not bounded and evidence.events_treatment == 0 and evidence.events_control == 0:
        raise NotEstimableError(
            f"no events in any arm of {plural(evidence.trials, 'trial')}: no method can estimate an effect"
        )
    limits = automatic.thresholds
    choice = bounded_choice(evidence, limits) if bounded else _choice(evidence, measure, limits)

    def request(measure: Measure, method: Method) -> Request:
        return Request(measure=measure, method=method, conf_level=automatic.conf_level, profile=AUTOMATIC)

    return Selection(
        request=request(choice.measure, choice.method),
        situation=choice.situation,
        reason=choice.reason,
        works=choice.works,
        companions=tuple(request(*companion) for companion in choice.companions),
        evidence=evidence,
        thresholds=automatic.thresholds,
        fallback=request(choice.measure, choice.fallback) if choice.fallback else None,
    )


def _rates_instead(comparison: Comparison, evidence: Evidence, automatic: Automatic) -> Evidence | None:
    """The evidence as rates, where follow-up differs and every contrast has person-time."""
    differs = evidence.follow_up is not None and evidence.follow_up >= automatic.thresholds.follow_up
    if automatic.measure is not None or evidence.numbers != "counts" or not differs:
        return None
    return evidence_of(comparison, "rates") if all(c.has("rates") for c in comparison.contrasts) else None


def _choice(evidence: Evidence, measure: Measure | None, limits: Thresholds) -> Choice:
    if measure == "Peto odds ratio":
        reason = "Peto's odds ratio was asked for, and is pooled by his method alone."
        return Choice(
            "Peto odds ratio asked for", reason, measure, Peto(), ("yusuf1985",), (("odds ratio", MantelHaenszel()),)
        )
    if evidence.shared_controls or evidence.fractional:
        return _correlated(evidence, measure, limits)
    if evidence.numbers in ("counts", "rates") and _rare(evidence, limits):
        return rare_choice(evidence, measure, limits)
    return common_choice(evidence, measure, limits)


def _rare(evidence: Evidence, limits: Thresholds) -> bool:
    few = evidence.fewest_events is not None and evidence.fewest_events < limits.few_events
    return few or (evidence.risk is not None and evidence.risk < limits.rare_risk)


def _correlated(evidence: Evidence, measure: Measure | None, limits: Thresholds) -> Choice:
    """Arms that share a control, or a part of one: models of counts take whole and independent arms alone."""
    chosen = measure or usual_measure(evidence)
    if evidence.shared_controls:
        reason = (
            "Contrasts share control arms; inverse variance keeps the covariance, models of counts have no form for it."
        )
        return Choice("shared control arms", reason, chosen, InverseVariance(), ("gleser2009",))
    if chosen in MantelHaenszel.measures and _rare(evidence, limits):
        reason = "Split control arms have fractions of people, which models of counts refuse; Mantel-Haenszel needs no correction."
        return Choice("rare events, split control arms", reason, chosen, MantelHaenszel(), ("cochrane",))
    made = common_choice(evidence, chosen, limits)
    return replace(made, situation=f"{made.situation}, split control arms")
