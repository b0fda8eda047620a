"""Proportions and rates of one treatment, pooled over trials: inverse variance, or a logistic model with random intercepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from trialpool.checks import choice, instance, probability
from trialpool.display import format_number
from trialpool.effects import ZeroCells
from trialpool.effects.proportions import (
    SINGLE_ARM_MEASURES,
    SingleArmMeasure,
    double_arcsine,
    log_rate,
    logit,
    raw_proportion,
    transformed_back,
)
from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool.binomial_normal import binomial_normal
from trialpool.pool.core import Core, heterogeneity_from_q, normalised
from trialpool.pool.inverse_variance import pool_inverse_variance
from trialpool.pool.methods import InverseVariance
from trialpool.pool.rare_event_methods import BinomialNormal
from trialpool.pool.single_arm_result import ArmEstimate, PooledSingleArm
from trialpool.results import Note, raise_warnings
from trialpool.trials.single_arm import SingleArm

__all__ = ["pool_single_arm"]

Array = NDArray[np.float64]

_FUNCTIONS = {
    "logit proportion": logit,
    "double arcsine proportion": double_arcsine,
    "raw proportion": raw_proportion,
    "log rate": log_rate,
}


def pool_single_arm(
    arms: SingleArm,
    *,
    measure: SingleArmMeasure = "logit proportion",
    method: InverseVariance | BinomialNormal | None = None,
    conf_level: float = 0.95,
) -> PooledSingleArm:
    """Pool proportions or rates of one treatment.

    Parameters
    ----------
    arms : SingleArm
        From :func:`trialpool.harmonise.single_arm`.
    measure : {"logit proportion", "double arcsine proportion", "raw proportion", "log rate"}
    method : BinomialNormal or InverseVariance, optional
        For the logit proportion the binomial-normal model (logistic regression with normal random intercepts: it takes
        proportions of 0 and 1 as they are) unless given; for the others inverse variance, random effects.
    conf_level : float

    Returns
    -------
    PooledSingleArm

    Raises
    ------
    OptionError
        Choices that do not go together, or arms without the participants or person-years that the measure needs.
    NotEstimableError
        Fewer than two trials have a value.

    Examples
    --------
    >>> import trialpool as tp
    >>> from trialpool.harmonise import single_arm
    >>> arms = single_arm(tp.load_dataset("bcg").trials, outcome="tuberculosis", treatment="no vaccine")
    >>> result = pool_single_arm(arms)
    >>> [round(value, 4) for value in result.displayed]
    [0.0161, 0.0063, 0.0399]
    """
    instance("arms", arms, SingleArm, "give arms: single_arm(trials, outcome=..., treatment=...)")
    choice("measure", measure, SINGLE_ARM_MEASURES)
    probability("conf_level", conf_level)
    if method is None:
        method = BinomialNormal() if measure == "logit proportion" else InverseVariance()
    instance("method", method, (InverseVariance, BinomialNormal), "give InverseVariance() or BinomialNormal()")
    if isinstance(method, BinomialNormal) and measure != "logit proportion":
        raise OptionError(f"the binomial-normal model does not go with {measure!r}: it pools the logit proportion")
    zero_cells = method.zero_cells if isinstance(method, InverseVariance) else ZeroCells()
    values = _values(arms, measure, zero_cells)
    result = _result(arms, values, method, conf_level)
    raise_warnings(result.notes)
    return result


@dataclass(frozen=True, slots=True)
class _Values:
    """Transformed values of the arms that have one; ``sizes`` and ``table`` are of all arms."""

    measure: SingleArmMeasure
    table: Array
    used: NDArray[np.intp]
    estimate: Array
    variance: Array
    increments: Array
    reasons: Mapping[int, str]


def _values(arms: SingleArm, measure: SingleArmMeasure, zero_cells: ZeroCells) -> _Values:
    denominator = "person_years" if measure == "log rate" else "n"
    table = arms.table(denominator)
    lacking = [arm.label for arm, size in zip(arms.arms, table[1], strict=True) if np.isnan(size)]
    if lacking:
        what = "'person_years' (or 'follow_up_years')" if measure == "log rate" else "'n'"
        raise OptionError(f"the {measure} needs {what}, which {', '.join(lacking)} lack; leave these trials out")
    _refuse_rule(zero_cells, measure)
    x, size = table
    spoilt = x == 0 if measure == "log rate" else (x == 0) | (x == size)
    needs = spoilt if measure != "double arcsine proportion" else np.zeros_like(spoilt)
    added = np.where(needs, zero_cells.increment or 0.0, 0.0) if zero_cells.rule != "none" else np.zeros_like(x)
    counted, of = x + added, size if measure == "log rate" else size + 2 * added
    used = np.flatnonzero(~needs | (added > 0))
    estimate, variance = _FUNCTIONS[measure](counted[used], of[used])
    lost = {int(i): _reason(measure, float(x[i])) for i in np.flatnonzero(needs & (added == 0))}
    return _Values(measure, table, used, estimate, variance, added, lost)


def _refuse_rule(zero_cells: ZeroCells, measure: SingleArmMeasure) -> None:
    if zero_cells.rule not in ("none", "constant") or zero_cells.convention == "meta":
        raise OptionError("a single arm knows zero_cells 'none' and 'constant': the other rules balance two arms")
    if zero_cells.double_zero == "corrected":
        raise OptionError("double_zero='corrected' has no meaning for a single arm; leave it out")
    if zero_cells.rule != "none" and measure == "double arcsine proportion":
        raise OptionError("the double arcsine proportion needs no correction; leave zero_cells at 'none'")


def _reason(measure: SingleArmMeasure, events: float) -> str:
    extent = "no events" if events == 0 else "every participant had the event"
    if measure == "raw proportion":
        return f"{extent}: its variance is zero without a correction"
    return f"{extent}: the {measure} is infinite without a correction"


def _result(
    arms: SingleArm, values: _Values, method: InverseVariance | BinomialNormal, conf_level: float
) -> PooledSingleArm:
    harmonic = float(1 / np.mean(1 / values.table[1])) if values.table[1].size else 1.0
    if isinstance(method, BinomialNormal):
        core, limits = _binomial_normal(values, method, conf_level)
    else:
        core = pool_inverse_variance(values, method, conf_level)
        upper_tail = 0.5 * (1 - conf_level)
        critical = float(-ndtri(upper_tail) if core.df is None else -stdtrit(core.df, upper_tail))
        limits = core.estimate - critical * core.std_error, core.estimate + critical * core.std_error
    converted = tuple(d for arm in arms.arms for d in arm.conversions) if values.measure == "log rate" else ()
    return PooledSingleArm(
        arms=replace(arms, decisions=(*arms.decisions, *converted)),
        measure=values.measure,
        method=method,
        conf_level=conf_level,
        estimate=core.estimate,
        std_error=core.std_error,
        df=core.df,
        conf_low=limits[0],
        conf_high=limits[1],
        harmonic_n=harmonic,
        studies=_studies(arms, values, core, conf_level),
        heterogeneity=core.heterogeneity,
        prediction=core.prediction,
        notes=(*core.notes, *_notes(arms, values, harmonic)),
    )


def _refuse_all_or_none(events: float, people: float, conf_level: float) -> None:
    """A logit is infinite where nobody, or everybody, had the event; one-sided limit of a common proportion."""
    if 0 < events < people:
        return
    limit = (1 - conf_level) ** (1 / people)
    what, side, bound = ("no", "below", 1 - limit) if events == 0 else ("every", "above", limit)
    raise NotEstimableError(
        f"{what} participant of all trials had the event, so the logit proportion is infinite; with {100 * conf_level:g} % "
        f"confidence a common proportion lies {side} {bound:.3g}"
    )


def _binomial_normal(values: _Values, method: BinomialNormal, conf_level: float) -> tuple[Core, tuple[float, float]]:
    """Logistic regression with normal random intercepts: events against non-events, each with one unit of exposure."""
    x, n = values.table
    _refuse_all_or_none(float(x.sum()), float(n.sum()), conf_level)
    ones = np.ones_like(x)
    fit = binomial_normal(np.stack([x, ones, n - x, ones]), interval=method.interval, conf_level=conf_level)
    if fit.conf_low is None or fit.conf_high is None:
        raise NotEstimableError(f"the interval is open: {fit.open_interval}; use interval='wald'")
    found = heterogeneity_from_q(values.estimate, values.variance)
    core = Core(
        estimate=float(fit.estimate),
        std_error=float(fit.std_error),
        df=None if not np.isfinite(fit.df) else int(fit.df),
        weights=normalised(np.arange(x.size), np.asarray(fit.weights)),
        heterogeneity=found and replace(found, tau2=float(fit.tau2)),
        notes=(),
    )
    return core, (float(fit.conf_low), float(fit.conf_high))


def _studies(arms: SingleArm, values: _Values, core: Core, conf_level: float) -> tuple[ArmEstimate, ...]:
    critical = float(-ndtri(0.5 * (1 - conf_level)))
    position = {int(i): j for j, i in enumerate(values.used)}
    rows = []
    for i, arm in enumerate(arms.arms):
        numbers: tuple[float | None, float | None, float | None] = (None, None, None)
        if i in position:
            y, half = values.estimate[position[i]], critical * np.sqrt(values.variance[position[i]])
            shown = transformed_back(values.measure, np.array([y, y - half, y + half]), values.table[1, [i]])
            numbers = float(shown[0]), float(shown[1]), float(shown[2])
        weight, added = core.weights.get(i), float(values.increments[i])
        rows.append(ArmEstimate(arm, *numbers, i in core.weights, weight, values.reasons.get(i, ""), added))
    return tuple(rows)


def _beyond(values: _Values) -> bool:
    """Whether a 95 % interval of a raw proportion leaves 0 to 1."""
    half = 1.96 * np.sqrt(values.variance)
    return bool(((values.estimate - half < 0) | (values.estimate + half > 1)).any())


def _notes(arms: SingleArm, values: _Values, harmonic: float) -> tuple[Note, ...]:
    notes = [
        Note(
            "not-randomised",
            "A pooled proportion or rate of one treatment describes people of different trials; it compares nothing.",
        )
    ]
    if values.measure == "double arcsine proportion":
        notes.append(
            Note(
                "double-arcsine",
                f"Transformed back with the harmonic mean of {format_number(harmonic, 1)} participants: where trials differ in "
                "size, the double arcsine can mislead badly (Schwarzer 2019); prefer the logit proportion.",
                "warning",
            )
        )
    if values.measure == "raw proportion" and _beyond(values):
        text = "Limits below 0 or above 1 come from the raw scale, where intervals are symmetric; prefer the logit proportion."
        notes.append(Note("beyond-a-proportion", text))
    lost = tuple(arms.arms[i].label for i in values.reasons)
    if lost:
        notes.append(
            Note(
                "no-own-value",
                f"No value of their own: {'; '.join(dict.fromkeys(values.reasons.values()))}.",
                studies=lost,
            )
        )
    unverified = tuple(arm.label for arm in arms.arms if arm.unverified)
    if unverified:
        notes.append(
            Note("unverified-input", "Counts that nothing confirms are part of this result.", "warning", unverified)
        )
    return tuple(notes)
