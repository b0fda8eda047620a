"""Results made by hand, so that layouts are tested without the pooling functions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist

from trialpool.effects import Measure
from trialpool.plots import ForestData
from trialpool.pool import (
    Heterogeneity,
    InverseVariance,
    MantelHaenszel,
    Method,
    Peto,
    Pooled,
    PredictionInterval,
    Request,
    StudyResult,
)
from trialpool.trials import Comparison, Contrast, MultiArm, Source

Counts = tuple[float, float, float, float]

BCG: dict[str, Counts] = {
    "Aronson 1948": (4, 123, 11, 139),
    "Ferguson & Simes 1949": (6, 306, 29, 303),
    "Rosenthal et al 1960": (3, 231, 11, 220),
    "Hart & Sutherland 1977": (62, 13598, 248, 12867),
    "Frimodt-Moller et al 1973": (33, 5069, 47, 5808),
    "Stein & Aronson 1953": (180, 1541, 372, 1451),
    "Vandiviere et al 1973": (8, 2545, 10, 629),
    "TPT Madras 1980": (505, 88391, 499, 88391),
    "Coetzee & Berjak 1968": (29, 7499, 45, 7277),
    "Rosenthal et al 1961": (17, 1716, 65, 1665),
    "Comstock et al 1974": (186, 50634, 141, 27338),
    "Comstock & Webster 1969": (5, 2498, 3, 2341),
    "Comstock et al 1976": (27, 16913, 29, 17854),
}


def make_contrast(
    label: str,
    counts: Counts = (12, 120, 10, 118),
    *,
    trial: str | None = None,
    arm: str = "treatment",
    control_arm: str = "control",
    unverified: bool = False,
    covariates: Mapping[str, str | float] | None = None,
) -> Contrast:
    sources = (Source("made.csv", 2, verification="unverified" if unverified else "read"),)
    return Contrast(trial or label, label, arm, control_arm, *counts, sources, covariates or {})


def make_study(
    contrast: Contrast,
    measure: Measure = "risk ratio",
    *,
    estimate: float | None = None,
    std_error: float | None = None,
    weight: float | None = None,
    reason: str = "",
    increments: tuple[float, float] = (0.0, 0.0),
    conf_level: float = 0.95,
) -> StudyResult:
    """A study; its effect is that of its counts unless given or there is a ``reason`` for none."""
    if reason:
        return StudyResult(contrast, None, None, None, None, weight is not None, weight, reason, increments)
    if estimate is None or std_error is None:
        a, n1, c, n2 = contrast.events_treatment, contrast.n_treatment, contrast.events_control, contrast.n_control
        a, c = a + increments[0], c + increments[1]
        if measure == "risk difference":
            p1, p2 = a / n1, c / n2
            estimate, std_error = p1 - p2, math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
        else:
            estimate, std_error = math.log(a / n1 / (c / n2)), math.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2)
    half = NormalDist().inv_cdf(0.5 + conf_level / 2) * std_error
    return StudyResult(
        contrast, estimate, std_error, estimate - half, estimate + half, weight is not None, weight, "", increments
    )


def make_comparison(
    contrasts: Iterable[Contrast],
    *,
    outcome: str = "Serious infections",
    treatment: str = "dupilumab",
    control: str = "placebo",
    multi_arm: MultiArm = "combine",
) -> Comparison:
    return Comparison(outcome, (treatment,), (control,), multi_arm, tuple(contrasts))


def make_request(measure: Measure = "risk ratio", method: Method | None = None, conf_level: float = 0.95) -> Request:
    if method is None:
        method = Peto() if measure == "Peto odds ratio" else InverseVariance()
    return Request(measure=measure, method=method, conf_level=conf_level)


def make_pooled(
    studies: Sequence[StudyResult],
    request: Request | None = None,
    *,
    comparison: Comparison | None = None,
    prediction: bool = True,
    half_width: float | None = None,
) -> Pooled:
    """A pooled result around the weighted mean; its numbers are plausible, not those of a method."""
    request = request or make_request()
    own = [s for s in studies if s.estimate is not None and s.std_error]
    precision = [1 / (s.std_error or 1.0) ** 2 for s in own]
    estimate = sum(w * (s.estimate or 0.0) for w, s in zip(precision, own, strict=True)) / sum(precision)
    std_error = 1.5 / math.sqrt(sum(precision))
    half = half_width if half_width is not None else 1.96 * std_error
    random = isinstance(request.method, InverseVariance) and request.method.model == "random"
    heterogeneity = Heterogeneity(
        q=152.23,
        q_df=len(own) - 1,
        q_p_value=0.0000012,
        h2=12.9,
        i2=0.92,
        i2_from_tau2=0.92,
        i2_from_q=0.92,
        tau2=0.3132 if random else None,
        tau2_low=0.1197 if random else None,
        tau2_high=1.1115 if random else None,
    )
    return Pooled(
        request=request,
        comparison=comparison or make_comparison(s.contrast for s in studies),
        estimate=estimate,
        std_error=std_error,
        statistic=estimate / std_error,
        df=len(own) - 1 if random else None,
        p_value=0.0018,
        test="t" if random else "z",
        conf_low=estimate - half,
        conf_high=estimate + half,
        studies=tuple(studies),
        heterogeneity=heterogeneity if len(own) > 1 else None,
        prediction=PredictionInterval(estimate - 3.1 * half, estimate + 3.1 * half, 11)
        if random and prediction
        else None,
        notes=(),
    )


def weighted(studies: Sequence[StudyResult]) -> list[StudyResult]:
    """The same studies with inverse-variance weights that add to one."""
    precision = {i: 1 / s.std_error**2 for i, s in enumerate(studies) if s.std_error}
    total = sum(precision.values())
    return [
        StudyResult(
            s.contrast,
            s.estimate,
            s.std_error,
            s.conf_low,
            s.conf_high,
            i in precision or s.contributes,
            precision[i] / total if i in precision else s.weight,
            s.reason,
            s.increments,
        )
        for i, s in enumerate(studies)
    ]


def bcg(measure: Measure = "risk ratio", method: Method | None = None) -> Pooled:
    """The 13 trials of the BCG vaccine with inverse-variance weights."""
    request = make_request(measure, method)
    studies = weighted([make_study(make_contrast(label, counts), measure) for label, counts in BCG.items()])
    comparison = make_comparison(
        (s.contrast for s in studies), outcome="Tuberculosis", treatment="BCG vaccine", control="No vaccine"
    )
    return make_pooled(studies, request, comparison=comparison)


def without_pooled(studies: Sequence[StudyResult], message: str, request: Request | None = None) -> ForestData:
    return ForestData(
        comparison=make_comparison(s.contrast for s in studies),
        request=request or make_request(),
        studies=tuple(studies),
        pooled=None,
        message=message,
    )


__all__ = [
    "BCG",
    "MantelHaenszel",
    "bcg",
    "make_comparison",
    "make_contrast",
    "make_pooled",
    "make_request",
    "make_study",
    "weighted",
    "without_pooled",
]
