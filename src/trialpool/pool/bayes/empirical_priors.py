"""Empirical priors: what earlier meta-analyses show of heterogeneity, by type of outcome and of comparison.

Binary outcomes, on the log odds ratio: Turner, Jackson, Wei, Thompson & Higgins (2015, Statistics in Medicine 34:984),
Table IV; log tau2 is normal. Continuous outcomes, on the standardised mean difference: Rhodes, Turner & Higgins (2015,
Journal of Clinical Epidemiology 68:52), Tables 3 and A.3; log tau2 has a t distribution with 5 degrees of freedom.
"""

from __future__ import annotations

from typing import Literal, get_args

from trialpool.checks import choice
from trialpool.errors import OptionError
from trialpool.pool.bayes.log_tau2_priors import LogNormalTau2, LogStudentTTau2

__all__ = [
    "MEDICAL_AREAS",
    "RHODES_COMPARISONS",
    "RHODES_OUTCOMES",
    "TURNER_COMPARISONS",
    "TURNER_OUTCOMES",
    "MedicalArea",
    "RhodesComparison",
    "RhodesOutcome",
    "TurnerComparison",
    "TurnerOutcome",
    "rhodes_prior",
    "turner_prior",
]

TurnerComparison = Literal[
    "drug v placebo", "drug v drug", "non-drug v placebo", "non-drug v drug", "non-drug v non-drug"
]
TurnerOutcome = Literal[
    "all-cause mortality", "obstetric", "major morbidity", "hospital stay", "surgical success", "withdrawals",
    "internal structure", "physical health", "adverse events", "infection", "signs and symptoms", "pain",
    "quality of life", "mental health", "biological markers", "subjective outcomes", "any",
]  # fmt: skip
RhodesComparison = Literal["drug v placebo", "drug v drug", "non-drug v any"]
RhodesOutcome = Literal[
    "obstetric", "hospital stay", "internal structure", "physical health", "adverse events", "pain", "quality of life",
    "signs and symptoms", "infection", "mental health", "biological markers", "subjective outcomes", "any",
]  # fmt: skip
MedicalArea = Literal["other", "respiratory", "cancer"]

TURNER_COMPARISONS: tuple[TurnerComparison, ...] = get_args(TurnerComparison)
TURNER_OUTCOMES: tuple[TurnerOutcome, ...] = get_args(TurnerOutcome)
RHODES_COMPARISONS: tuple[RhodesComparison, ...] = get_args(RhodesComparison)
RHODES_OUTCOMES: tuple[RhodesOutcome, ...] = get_args(RhodesOutcome)
MEDICAL_AREAS: tuple[MedicalArea, ...] = get_args(MedicalArea)

_Setting = tuple[float, float]

_TURNER_ANY: _Setting = (-2.56, 1.74)
_TURNER: dict[str, tuple[_Setting, ...]] = {
    "all-cause mortality": ((-3.95, 1.34), (-4.18, 1.41), (-4.17, 1.55), (-2.92, 1.02), (-3.5, 1.26)),
    "obstetric": ((-3.52, 1.74), (-3.75, 1.79), (-3.74, 1.91), (-2.49, 1.5), (-3.08, 1.68)),
    "major morbidity": ((-3.71, 1.74), (-3.95, 1.79), (-3.93, 1.91), (-2.68, 1.51), (-3.27, 1.68)),
    "hospital stay": ((-2.34, 1.74), (-2.58, 1.79), (-2.56, 1.91), (-1.31, 1.5), (-1.9, 1.68)),
    "surgical success": ((-2.14, 1.74), (-2.37, 1.79), (-2.36, 1.91), (-1.11, 1.5), (-1.69, 1.68)),
    "withdrawals": ((-2.99, 1.74), (-3.23, 1.79), (-3.21, 1.91), (-1.96, 1.51), (-2.55, 1.68)),
    "internal structure": ((-2.71, 1.74), (-2.94, 1.79), (-2.93, 1.92), (-1.67, 1.51), (-2.26, 1.68)),
    "physical health": ((-2.29, 1.53), (-2.53, 1.58), (-2.51, 1.72), (-1.26, 1.25), (-1.85, 1.46)),
    "adverse events": ((-1.87, 1.52), (-2.1, 1.58), (-2.1, 1.71), (-0.84, 1.24), (-1.43, 1.45)),
    "infection": ((-2.49, 1.52), (-2.73, 1.58), (-2.71, 1.71), (-1.46, 1.24), (-2.05, 1.45)),
    "signs and symptoms": ((-2.06, 1.51), (-2.29, 1.58), (-2.28, 1.71), (-1.03, 1.24), (-1.61, 1.45)),
    "pain": ((-1.83, 1.52), (-2.06, 1.58), (-2.05, 1.71), (-0.8, 1.25), (-1.38, 1.45)),
    "quality of life": ((-2.54, 1.54), (-2.78, 1.6), (-2.77, 1.73), (-1.51, 1.27), (-2.1, 1.47)),
    "mental health": ((-2.12, 1.53), (-2.35, 1.6), (-2.34, 1.72), (-1.09, 1.27), (-1.67, 1.47)),
    "biological markers": ((-1.77, 1.52), (-2, 1.58), (-1.99, 1.71), (-0.74, 1.24), (-1.33, 1.45)),
    "subjective outcomes": ((-2.7, 1.52), (-2.93, 1.58), (-2.92, 1.71), (-1.67, 1.25), (-2.26, 1.45)),
}  # mean and standard deviation of log tau2, one pair a comparison

_RHODES_ANY: _Setting = (-3.44, 2.59)
_RHODES_TOGETHER = {
    "adverse events": "physical health",
    "pain": "physical health",
    "quality of life": "physical health",
    "infection": "signs and symptoms",
}  # Rhodes et al. take these outcomes together
_RHODES: dict[str, dict[str, tuple[_Setting, ...]]] = {
    "other": {
        "obstetric": ((-4.13, 2.34), (-4.4, 2.31), (-3.99, 2.11)),
        "hospital stay": ((-2.55, 2.73), (-2.83, 2.7), (-2.41, 2.57)),
        "internal structure": ((-2.43, 2.5), (-2.7, 2.46), (-2.29, 2.32)),
        "physical health": ((-3.16, 2.5), (-3.44, 2.44), (-3.02, 2.27)),
        "signs and symptoms": ((-3, 2.5), (-3.27, 2.47), (-2.86, 2.33)),
        "mental health": ((-2.99, 2.16), (-3.27, 2.14), (-3.85, 1.93)),
        "biological markers": ((-3.41, 2.83), (-3.68, 2.78), (-3.27, 2.66)),
        "subjective outcomes": ((-2.76, 2.58), (-3.03, 2.59), (-2.62, 2.41)),
    },
    "respiratory": {
        "obstetric": ((-6.03, 2.36), (-6.31, 2.31), (-5.89, 2.21)),
        "hospital stay": ((-4.46, 2.74), (-4.73, 2.7), (-4.32, 2.57)),
        "internal structure": ((-4.33, 2.51), (-4.61, 2.46), (-4.19, 2.33)),
        "physical health": ((-5.07, 2.51), (-5.34, 2.45), (-4.93, 2.28)),
        "signs and symptoms": ((-4.9, 2.5), (-5.18, 2.47), (-4.76, 2.33)),
        "mental health": ((-4.9, 2.17), (-5.17, 2.14), (-4.76, 1.94)),
        "biological markers": ((-5.31, 2.83), (-5.59, 2.78), (-5.17, 2.66)),
        "subjective outcomes": ((-4.66, 2.59), (-4.94, 2.59), (-4.52, 2.41)),
    },
    "cancer": {
        "obstetric": ((-1.57, 2.45), (-1.85, 2.41), (-1.43, 2.24)),
        "hospital stay": ((0.01, 2.83), (-0.27, 2.79), (0.15, 2.68)),
        "internal structure": ((-0.13, 2.61), (-0.14, 2.56), (0.27, 2.45)),
        "physical health": ((-0.6, 2.61), (-0.88, 2.55), (-0.46, 2.4)),
        "signs and symptoms": ((-0.44, 2.6), (-0.71, 2.57), (-0.3, 2.46)),
        "mental health": ((-0.43, 2.28), (-0.71, 2.25), (-0.29, 2.08)),
        "biological markers": ((-0.85, 2.93), (-1.13, 2.87), (-0.71, 2.78)),
        "subjective outcomes": ((-0.2, 2.68), (-0.48, 2.68), (-0.06, 2.53)),
    },
}  # location and scale of log tau2, one pair a comparison


def turner_prior(outcome: TurnerOutcome, comparison: TurnerComparison | None = None) -> LogNormalTau2:
    """The prior of tau on the log odds ratio for a type of outcome and of comparison (Turner et al. 2015, Table IV).

    Parameters
    ----------
    outcome : str
        One of ``TURNER_OUTCOMES``; ``"any"`` is the prior for no particular outcome or comparison.
    comparison : str, optional
        One of ``TURNER_COMPARISONS``; not with ``"any"``. "Placebo" stands for placebo or standard care.

    Raises
    ------
    OptionError
        A word is not one of these.

    Examples
    --------
    >>> prior = turner_prior("infection", "drug v placebo")
    >>> print(prior, prior.mean, prior.sd)
    turner(infection, drug v placebo) -2.49 1.52
    """
    choice("outcome", outcome, TURNER_OUTCOMES)
    if outcome == "any":
        _refuse_beside_any("comparison", comparison)
        return LogNormalTau2(*_TURNER_ANY, name="turner(any)")
    known: tuple[str, ...] = TURNER_COMPARISONS
    position = known.index(choice("comparison", comparison, known))
    setting = _TURNER[outcome][position]
    return LogNormalTau2(*setting, name=f"turner({outcome}, {comparison})")


def rhodes_prior(
    outcome: RhodesOutcome, comparison: RhodesComparison | None = None, area: MedicalArea | None = None
) -> LogStudentTTau2:
    """The prior of tau on the standardised mean difference (Rhodes et al. 2015, Tables 3 and A.3).

    Parameters
    ----------
    outcome : str
        One of ``RHODES_OUTCOMES``; ``"any"`` is the prior for no particular outcome, comparison or area.
    comparison : str, optional
        One of ``RHODES_COMPARISONS``; not with ``"any"``.
    area : str, optional
        One of ``MEDICAL_AREAS``; ``"other"`` unless given; not with ``"any"``.

    Raises
    ------
    OptionError
        A word is not one of these.

    Examples
    --------
    >>> prior = rhodes_prior("pain", "drug v placebo")
    >>> print(prior, prior.location, prior.scale)
    rhodes(pain, drug v placebo, other) -3.16 2.5
    """
    choice("outcome", outcome, RHODES_OUTCOMES)
    if outcome == "any":
        _refuse_beside_any("comparison", comparison)
        _refuse_beside_any("area", area)
        return LogStudentTTau2(*_RHODES_ANY, name="rhodes(any)")
    known: tuple[str, ...] = RHODES_COMPARISONS
    position = known.index(choice("comparison", comparison, known))
    where = choice("area", "other" if area is None else area, MEDICAL_AREAS)
    setting = _RHODES[where][_RHODES_TOGETHER.get(outcome, outcome)][position]
    return LogStudentTTau2(*setting, name=f"rhodes({outcome}, {comparison}, {where})")


def _refuse_beside_any(what: str, given: str | None) -> None:
    if given is not None:
        raise OptionError(f"{what}={given!r} does not go with outcome='any'; leave it out, or name an outcome")
