"""The door of dose-response: trials with arms of several doses in, a curve out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from trialpool.checks import choice, instance, probability
from trialpool.display import plural
from trialpool.effects import MEASURES, Effects, Measure, compute_effects, numbers_of
from trialpool.errors import OptionError
from trialpool.numerics.distributions import quantile
from trialpool.pool.dose_arms import DoseTable, dose_table
from trialpool.pool.dose_curve import ArmPoint, FittedCurve
from trialpool.pool.dose_one_stage import OneStage, fit_one_stage, informative
from trialpool.pool.dose_record import DoseResponse
from trialpool.pool.dose_shapes import Emax, Quadratic, Shape, ShapeWord, Spline, shape_of
from trialpool.pool.dose_two_stage import fit_two_stage
from trialpool.pool.multivariate_method import Multivariate
from trialpool.results import Note, raise_warnings
from trialpool.trials import Trial

__all__ = ["compare_shapes", "dose_response"]


def dose_response(
    trials: Iterable[Trial],
    *,
    outcome: str,
    control: str | Sequence[str],
    doses: str | Mapping[str, float],
    shape: ShapeWord | Shape = "linear",
    measure: Measure = "odds ratio",
    method: Multivariate | OneStage | None = None,
    conf_level: float = 0.95,
) -> DoseResponse:
    """Pool how the effect depends on the dose.

    Parameters
    ----------
    trials : iterable of Trial
        Those with two doses or more contribute; a trial without the control is compared with its own lowest dose.
    outcome : str
    control : str or sequence of str
        Treatments at dose 0.
    doses : mapping or str
        Dose of each arm by its label or treatment, or the name of the covariate that holds it.
    shape : {"linear", "log", "quadratic", "spline", "emax"} or a shape
        ``LogDose(offset=...)`` and ``Spline(knots=...)`` choose their numbers. Emax needs three active doses in all.
    measure : {"odds ratio", "risk ratio", "risk difference"}
    method : Multivariate or OneStage, optional
        ``Multivariate()``: the contrasts of each trial with their covariance, random slopes by REML. ``OneStage()``: the
        binomial likelihood of the arms, which needs no zero-cell correction; odds ratios with one slope (linear, log, Emax).
        Unless given, one-stage for Emax and Multivariate for the others.
    conf_level : float

    Returns
    -------
    DoseResponse

    Raises
    ------
    OptionError
        Choices that do not go together, or unknown names.
    NotEstimableError
        The arms do not determine the curve; the message says why, and what else to choose.

    Examples
    --------
    >>> import trialpool as tp
    >>> rows = [("A", 0, 9, 90), ("A", 20, 18, 90), ("A", 40, 30, 88), ("B", 0, 20, 195), ("B", 40, 63, 197),
    ...         ("C", 0, 8, 135), ("C", 20, 21, 130), ("C", 80, 40, 128)]
    >>> table = tp.read_table([dict(trial=t, treatment=f"{d} mg", outcome="relief", events=e, n=n) for t, d, e, n in rows])
    >>> result = dose_response(table.trials, outcome="relief", control="0 mg", shape="log",
    ...                        doses={"20 mg": 20, "40 mg": 40, "80 mg": 80})
    >>> [round(point.estimate, 3) for point in result.predict([20, 40, 80])]
    [0.859, 1.361, 1.994]
    """
    conf_level = probability("conf_level", conf_level)
    choice("measure", measure, [m for m in MEASURES if numbers_of(m) == "counts" and m != "Peto odds ratio"])
    wanted = shape_of(shape)
    method = _checked_method(method, wanted, measure)
    table = dose_table(trials, outcome, control, doses)
    resolved = wanted.resolved(table.doses)
    rule = method.zero_cells if isinstance(method, Multivariate) else None
    effects = compute_effects(table.comparison(), measure, rule)
    result = _fitted(table, effects, resolved, method, conf_level)
    raise_warnings(result.notes)
    return result


def _checked_method(method: object, shape: Shape, measure: Measure) -> Multivariate | OneStage:
    if method is None:
        method = OneStage() if isinstance(shape, Emax) else Multivariate()
    way_out = "give Multivariate() for the contrasts of the trials, or OneStage() for the counts of the arms"
    instance("method", method, (Multivariate, OneStage), way_out)
    if isinstance(method, OneStage):
        if measure != "odds ratio":
            raise OptionError(f"measure={measure!r} does not go with OneStage(), a logistic model; choose 'odds ratio'")
        if isinstance(shape, Quadratic | Spline):
            raise OptionError(f"shape={shape.name!r} has several slopes, OneStage() one; choose method=Multivariate()")
        return method
    assert isinstance(method, Multivariate)  # noqa: S101 (as checked)
    if isinstance(shape, Emax):
        raise OptionError(
            "shape='emax' is not linear in its parameters, as Multivariate() needs it; choose method=OneStage()"
        )
    return method


def _fitted(
    table: DoseTable, effects: Effects, shape: Shape, method: Multivariate | OneStage, conf_level: float
) -> DoseResponse:
    points = _points(table, effects, conf_level)
    if isinstance(method, OneStage):
        assert not isinstance(shape, Quadratic | Spline)  # noqa: S101 (as checked)
        one = fit_one_stage(table.trials, shape, method)
        sd = (one.between_sd,) if method.model == "random" else ()
        curve = FittedCurve(shape, one.estimate, one.covariance, None, conf_level)
        values: dict[str, Any] = {"log_likelihood": one.log_likelihood, "parameters": one.parameters, "two_stage": None}
    else:
        assert not isinstance(shape, Emax)  # noqa: S101 (as checked)
        two = fit_two_stage(table, effects, shape, method, conf_level)
        sd = tuple(two.between_sd.tolist()) if method.model == "random" else ()
        curve = FittedCurve(shape, two.estimate, two.covariance, two.df, conf_level)
        values = {"log_likelihood": two.log_likelihood, "parameters": two.parameters, "two_stage": two}
    return DoseResponse(
        measure=effects.measure,
        method=method,
        conf_level=conf_level,
        table=table,
        curve=curve,
        between_sd=sd,
        points=points,
        notes=_notes(table, effects, curve, sd, method),
        **values,
    )


def _points(table: DoseTable, effects: Effects, conf_level: float) -> tuple[ArmPoint, ...]:
    critical = quantile(conf_level, None)
    position = {int(i): j for j, i in enumerate(effects.used)}
    arms = [(trial, arm) for trial in table.trials for arm in trial.arms[1:]]
    points = []
    for i, (trial, arm) in enumerate(arms):
        j = position.get(i)
        y = se = low = high = None
        if j is not None:
            y, se = float(effects.estimate[j]), float(np.sqrt(effects.variance[j]))
            low, high = y - critical * se, y + critical * se
        sizes = arm.dose, trial.reference.dose, arm.events, arm.n
        points.append(ArmPoint(trial.label, arm.label, *sizes, y, se, low, high, effects.reasons.get(i, "")))
    return tuple(points)


def _notes(
    table: DoseTable, effects: Effects, curve: FittedCurve, sd: tuple[float, ...], method: Multivariate | OneStage
) -> tuple[Note, ...]:
    notes = [Note("dose-shape", f"The curve is {curve.shape}; effects are against dose 0.")]
    if isinstance(method, OneStage):
        silent = tuple(trial.label for trial in table.trials if not informative(trial))
        if silent:
            text = f"{plural(len(silent), 'trial')} without an event, or with nothing but events, holds no information."
            notes.append(Note("trials-without-information", text, studies=silent))
    elif effects.reasons:
        labels = tuple(effects.comparison.labels[i] for i in effects.reasons)
        text = f"{plural(len(labels), 'contrast')} left out, not estimable without a zero-cell correction."
        notes.append(Note("effects-left-out", text, studies=labels))
    no_control = tuple(trial.label for trial in table.trials if trial.reference.dose > 0)
    if no_control:
        text = f"{plural(len(no_control), 'trial')} without the control compared with its own lowest dose."
        notes.append(Note("lowest-dose-as-reference", text, studies=no_control))
    if sd and not any(sd):
        notes.append(Note("between-trial-boundary", "The best fit has slopes that do not vary between trials."))
    return tuple(notes)


def compare_shapes(results: Iterable[DoseResponse]) -> list[dict[str, Any]]:
    """Shapes fitted to the same data, by Akaike's criterion, the best first.

    Parameters
    ----------
    results : iterable of DoseResponse
        Of the same arms and by the same likelihood: all ``OneStage()``, or all ``Multivariate(tau2="ML")`` with one measure.

    Returns
    -------
    list of dict
        shape, parameters, log_likelihood, aic, delta (aic above that of the best).

    Raises
    ------
    OptionError
        Results that do not compare.
    """
    given = list(results)
    for result in given:
        instance("a member of results", result, DoseResponse, "give results of dose_response(...)")
    if len(given) < 2:
        raise OptionError(f"there {plural(len(given), 'result')} to compare; give two or more")
    if any(result.restricted for result in given):
        raise OptionError("restricted likelihoods of unlike curves do not compare; fit with Multivariate(tau2='ML')")
    first = given[0]
    for result in given[1:]:
        unlike = getattr(result.method, "departure", None) != getattr(first.method, "departure", None)
        if type(result.method) is not type(first.method) or result.measure != first.measure or unlike:
            raise OptionError("the results are of unlike likelihoods; fit all by one method and one measure")
        if result.points != first.points or result.table.trials != first.table.trials:
            raise OptionError("the results are of unlike data; fit all to the same arms, with the same zero-cell rule")
    best = min(result.aic for result in given if result.aic is not None)
    rows = [
        {
            "shape": str(result.curve.shape),
            "parameters": result.parameters,
            "log_likelihood": result.log_likelihood,
            "aic": result.aic,
            "delta": (result.aic or 0.0) - best,
        }
        for result in given
    ]
    return sorted(rows, key=lambda row: float(row["delta"]))
