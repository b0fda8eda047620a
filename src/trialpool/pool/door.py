"""The public door: a comparison and a request in, Pooled out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trialpool.checks import instance
from trialpool.display import format_estimate
from trialpool.effects import Effects, Measure, binary_effects, scale_of
from trialpool.errors import NotEstimableError, OptionError
from trialpool.numerics.distributions import quantile, two_sided_p_value
from trialpool.pool.core import Core
from trialpool.pool.generalised_least_squares import pool_generalised_least_squares
from trialpool.pool.inverse_variance import pool_inverse_variance
from trialpool.pool.mantel_haenszel import pool_mantel_haenszel
from trialpool.pool.methods import InverseVariance, MantelHaenszel, Method, Peto, Request
from trialpool.pool.notes import study_notes
from trialpool.pool.peto import pool_peto
from trialpool.pool.pooled import Pooled, StudyResult
from trialpool.pool.profiles import profile as named_profile
from trialpool.results import raise_warnings
from trialpool.trials import Comparison

__all__ = ["checked_comparison", "make_request", "pool", "pool_request", "study_results", "unpooled_studies"]


def pool(
    comparison: Comparison,
    *,
    measure: Measure | None = None,
    method: Method | None = None,
    profile: str | None = None,
    conf_level: float = 0.95,
) -> Pooled:
    """Pool the contrasts of a comparison.

    Parameters
    ----------
    comparison : Comparison
        From :func:`trialpool.compare`.
    measure : {"risk ratio", "odds ratio", "risk difference", "Peto odds ratio"}, optional
        Risk ratio unless given; Peto odds ratio with ``method=Peto()``.
    method : InverseVariance, MantelHaenszel or Peto, optional
        Inverse variance with the choices of ``profile`` unless given.
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
    method: Method | None = None,
    profile: str | None = None,
    conf_level: float = 0.95,
) -> Request:
    """The request that :func:`pool` makes of its arguments."""
    if method is not None and profile is not None:
        raise OptionError("give either method or profile: a profile is a set of choices for the method")
    if method is not None:
        kinds = (InverseVariance, MantelHaenszel, Peto)
        instance("method", method, kinds, "give one of InverseVariance(), MantelHaenszel(), Peto()")
    else:
        profile = profile or "trialpool"
        method = named_profile(profile).method("peto" if measure == "Peto odds ratio" else "inverse-variance")
    measure = measure or ("Peto odds ratio" if isinstance(method, Peto) else "risk ratio")
    return Request(measure=measure, method=method, conf_level=conf_level, profile=profile)


def pool_request(comparison: Comparison, request: Request) -> Pooled:
    """Like :func:`pool`, for a request made before; its warnings stay in ``notes``."""
    effects = binary_effects(comparison, request.measure, request.zero_cells)
    try:
        core = _core(effects, request)
    except NotEstimableError as error:
        raise NotEstimableError(f"{error}{_own_result(effects, request)}") from None
    if not (np.isfinite(core.estimate) and np.isfinite(core.std_error) and core.std_error > 0):
        raise NotEstimableError("the pooled estimate is not finite; the counts hold no information on this measure")
    half = quantile(request.conf_level, core.df) * core.std_error
    statistic = core.estimate / core.std_error
    studies = study_results(effects, request.conf_level, core)
    return Pooled(
        request=request,
        comparison=comparison,
        estimate=core.estimate,
        std_error=core.std_error,
        statistic=statistic,
        df=core.df,
        p_value=two_sided_p_value(statistic, core.df),
        conf_low=core.estimate - half,
        conf_high=core.estimate + half,
        studies=studies,
        heterogeneity=core.heterogeneity,
        prediction=core.prediction,
        notes=(*core.notes, *study_notes(studies, request)),
    )


def _own_result(effects: Effects, request: Request) -> str:
    """Where one study alone has an effect, that effect in words."""
    own = [study for study in study_results(effects, request.conf_level) if study.estimate is not None]
    if len(own) != 1:
        return ""
    scale = scale_of(request.measure)
    estimate, low, high = (scale.display_optional(v) for v in (own[0].estimate, own[0].conf_low, own[0].conf_high))
    shown = format_estimate(estimate, low, high)
    return f"; the {request.measure} of {own[0].contrast.label} alone is {shown}"


def _core(effects: Effects, request: Request) -> Core:
    method = request.method
    if isinstance(method, Peto):
        return pool_peto(effects)
    if isinstance(method, MantelHaenszel):
        return pool_mantel_haenszel(effects, method)
    assert isinstance(method, InverseVariance)  # noqa: S101 (the union has no other member)
    if effects.covariance is not None:
        return pool_generalised_least_squares(effects, method, request.conf_level)
    return pool_inverse_variance(effects, method, request.conf_level)


def study_results(effects: Effects, conf_level: float, core: Core | None = None) -> tuple[StudyResult, ...]:
    """Each contrast with its own effect and Wald interval, and its weight where there is a pooled estimate."""
    critical = quantile(conf_level, None)
    position = {int(i): j for j, i in enumerate(effects.used)}
    weights = core.weights if core else {}
    rows: Sequence[StudyResult] = [
        _study(effects, i, position.get(i), weights.get(i), critical) for i in range(len(effects.comparison))
    ]
    return tuple(rows)


def unpooled_studies(comparison: Comparison, request: Request) -> tuple[StudyResult, ...]:
    """Each contrast where there is no pooled estimate: with its own effect, or with the reason why there is none."""
    try:
        return study_results(binary_effects(comparison, request.measure, request.zero_cells), request.conf_level)
    except (NotEstimableError, OptionError) as error:
        nothing = (None, None, None, None, False, None)
        return tuple(StudyResult(contrast, *nothing, str(error), (0.0, 0.0)) for contrast in comparison.contrasts)


def _study(effects: Effects, i: int, j: int | None, weight: float | None, critical: float) -> StudyResult:
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
        contributes=weight is not None,
        weight=weight,
        reason=effects.reasons.get(i, ""),
        increments=(float(effects.increments[0, i]), float(effects.increments[1, i])),
    )
