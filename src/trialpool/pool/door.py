"""The public door: a comparison and a request in, Pooled out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trialpool.checks import choice, instance
from trialpool.display import format_estimate
from trialpool.effects import Effects, Measure, comparison_for, compute_effects, effects_with_bounds, scale_of
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.distributions import quantile, two_sided_p_value
from trialpool.pool.automatic import AUTOMATIC, Automatic
from trialpool.pool.core import Core, OwnInference
from trialpool.pool.dispatch import core_of
from trialpool.pool.interval_censored_method import IntervalCensored
from trialpool.pool.notes import study_notes
from trialpool.pool.pooled import Pooled, StudyResult
from trialpool.pool.profiles import profile as named_profile
from trialpool.pool.request import METHODS, Method, Request, usual_measure
from trialpool.pool.selector import select
from trialpool.pool.within_bounds import bounded_note
from trialpool.results import raise_warnings
from trialpool.trials import Comparison

__all__ = ["checked_comparison", "make_request", "pool", "pool_request", "study_results", "unpooled_studies"]


def pool(
    comparison: Comparison,
    *,
    measure: Measure | None = None,
    method: Method | Automatic | str | None = None,
    profile: str | None = None,
    conf_level: float = 0.95,
) -> Pooled:
    """Pool the contrasts of a comparison.

    Parameters
    ----------
    comparison : Comparison
        From :func:`trialpool.compare`.
    measure : str, optional
        One of ``trialpool.effects.MEASURES``. Risk ratio unless given, or what the method pools.
    method : a method such as InverseVariance(), or str, optional
        Inverse variance with the choices of ``profile`` unless given; ``"auto"`` chooses by the evidence (:func:`select`); another
        word stands for the method of that name with its defaults.
    profile : str, optional
        ``"trialpool"`` unless given; may not be given together with ``method``.
    conf_level : float
        A probability.

    Returns
    -------
    Pooled

    Raises
    ------
    OptionError
        Choices that do not go together, or something else than a comparison.
    NotEstimableError
        Fewer than two studies contribute, or the estimate is not finite.

    Warns
    -----
    TrialpoolWarning
        For each note of level ``warning``.

    Examples
    --------
    >>> import trialpool as tp
    >>> trials = tp.load_dataset("bcg").trials
    >>> comparison = tp.compare(trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")
    >>> result = tp.pool(comparison, measure="risk ratio")
    >>> round(result.estimate, 4), round(result.heterogeneity.tau2, 4)
    (-0.7145, 0.3132)
    """
    request = make_request(measure=measure, method=method, profile=profile, conf_level=conf_level)
    result = pool_request(checked_comparison(comparison), request)
    raise_warnings(result.notes)
    return result


def checked_comparison(comparison: Comparison) -> Comparison:
    """Return ``comparison`` if it is one, else raise OptionError."""
    way_out = "give a comparison: compare(trials, outcome=..., treatment=..., control=...)"
    return instance("comparison", comparison, Comparison, way_out)


def make_request(
    *,
    measure: Measure | None = None,
    method: Method | Automatic | str | None = None,
    profile: str | None = None,
    conf_level: float = 0.95,
) -> Request | Automatic:
    """The request that :func:`pool` makes of its arguments."""
    if method is not None and profile is not None:
        raise OptionError("give either method or profile: a profile is a set of choices for the method")
    if isinstance(method, str):
        choice("method", method, (*METHODS, AUTOMATIC))
        method = Automatic() if method == AUTOMATIC else METHODS[method]()
    if isinstance(method, Automatic):
        return replace(method, measure=measure or method.measure, conf_level=conf_level)
    if method is not None:
        kinds = tuple(METHODS.values())
        instance("method", method, kinds, f"give one of {', '.join(f'{kind.__name__}()' for kind in kinds)}, or 'auto'")
    else:
        profile = profile or "trialpool"
        name = "peto" if measure == "Peto odds ratio" else "inverse-variance"
        method = named_profile(profile).method(name, measure or "risk ratio")
    return Request(measure=measure or usual_measure(method), method=method, conf_level=conf_level, profile=profile)


def pool_request(comparison: Comparison, request: Request | Automatic) -> Pooled:
    """Like :func:`pool`, for a request made before; its warnings stay in ``notes``."""
    if isinstance(request, Automatic):
        return _pool_automatically(comparison, request)
    bounded = isinstance(request.method, IntervalCensored)
    effects = _effects(comparison, request, bounded=bounded)
    try:
        core = core_of(effects, request.method, request.conf_level)
    except NotEstimableError as error:
        raise NotEstimableError(f"{error}{_own_result(effects, request)}") from None
    if not (np.isfinite(core.estimate) and np.isfinite(core.std_error) and core.std_error > 0):
        raise NotEstimableError("the pooled estimate is not finite; the numbers hold no information on this measure")
    statistic = None if core.own else core.estimate / core.std_error
    own = core.own or _by_standard_error(core, request.conf_level)
    studies = study_results(effects, request.conf_level, core)
    return Pooled(
        request=request,
        comparison=effects.comparison,
        estimate=core.estimate,
        std_error=core.std_error,
        statistic=statistic,
        df=core.df,
        p_value=own.p_value,
        test=own.test,
        conf_low=own.conf_low,
        conf_high=own.conf_high,
        studies=studies,
        heterogeneity=core.heterogeneity,
        prediction=core.prediction,
        notes=(*(() if bounded else bounded_note(comparison)), *core.notes, *study_notes(studies, request)),
        posterior=own.posterior,
    )


def _effects(comparison: Comparison, request: Request, *, bounded: bool) -> Effects:
    if bounded:
        return effects_with_bounds(comparison, request.measure)
    return compute_effects(comparison, request.measure, request.zero_cells)


def _pool_automatically(comparison: Comparison, automatic: Automatic) -> Pooled:
    """By the method chosen; where it gives no answer, by what the choice has for that case."""
    selection = select(comparison, automatic)
    try:
        pooled = pool_request(comparison, selection.request)
    except NotEstimableError as error:
        instead = selection.without_answer(str(error))
        if instead is None:
            raise
        selection, pooled = instead, pool_request(comparison, instead.request)
    return replace(pooled, selection=selection)


def _by_standard_error(core: Core, conf_level: float) -> OwnInference:
    """Interval and test by the normal distribution, or by t."""
    half = quantile(conf_level, core.df) * core.std_error
    p_value = two_sided_p_value(core.estimate / core.std_error, core.df)
    return OwnInference(core.estimate - half, core.estimate + half, p_value, "z" if core.df is None else "t")


def _own_result(effects: Effects, request: Request) -> str:
    """Where one study alone has an effect, that effect in words."""
    own = [study for study in study_results(effects, request.conf_level) if study.estimate is not None]
    if len(own) != 1:
        return ""
    scale = scale_of(request.measure)
    estimate, low, high = (scale.display_optional(v) for v in (own[0].estimate, own[0].conf_low, own[0].conf_high))
    shown = format_estimate(estimate, low, high)
    return f"; the {request.measure} of {own[0].contrast.label} alone is {shown}"


def study_results(effects: Effects, conf_level: float, core: Core | None = None) -> tuple[StudyResult, ...]:
    """Each contrast with its own effect and Wald interval, and its weight where there is a pooled estimate."""
    critical = quantile(conf_level, None)
    position = {int(i): j for j, i in enumerate(effects.used)}
    weights = core.weights if core else {}
    rows: Sequence[StudyResult] = [
        _study(effects, i, position.get(i), i in weights, weights.get(i), critical)
        for i in range(len(effects.comparison))
    ]
    return tuple(rows)


def unpooled_studies(comparison: Comparison, request: Request) -> tuple[StudyResult, ...]:
    """Each contrast where there is no pooled estimate: with its own effect, or with the reason why there is none."""
    try:
        comparison = comparison_for(comparison, request.measure)
        return study_results(compute_effects(comparison, request.measure, request.zero_cells), request.conf_level)
    except (NotEstimableError, OptionError) as error:
        nothing = (None, None, None, None, False, None)
        return tuple(StudyResult(contrast, *nothing, str(error), (0.0, 0.0)) for contrast in comparison.contrasts)


def _study(
    effects: Effects, i: int, j: int | None, contributes: bool, weight: float | None, critical: float
) -> StudyResult:
    estimate = std_error = low = high = None
    if j is not None:
        estimate, std_error = float(effects.estimate[j]), float(np.sqrt(effects.variance[j]))
        low, high = estimate - critical * std_error, estimate + critical * std_error
    return StudyResult(
        contrast=effects.comparison.contrasts[i],
        estimate=estimate,
        std_error=std_error,
        conf_low=low,
        conf_high=high,
        contributes=contributes,
        weight=weight,
        reason=effects.reasons.get(i, ""),
        increments=(float(effects.increments[0, i]), float(effects.increments[1, i])),
    )
