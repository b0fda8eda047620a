"""The public door: a comparison and a formula in, MetaRegression out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trialpool.checks import instance, nearest, quoted
from trialpool.effects import Effects, Measure, compute_effects
from trialpool.errors import NotEstimableError, OptionError
from trialpool.pool import InverseVariance, Pooled, Request, StudyResult, make_request, study_results
from trialpool.pool.core import Core, normalised
from trialpool.pool.notes import study_notes
from trialpool.regress.design import FormulaDesign, level_text, make_design
from trialpool.regress.fit import FittedModel, fit_model
from trialpool.regress.formula import read_formula
from trialpool.regress.notes import design_notes, few_degrees_of_freedom, missing_covariates
from trialpool.regress.permutation import Permutations
from trialpool.regress.result import MetaRegression
from trialpool.results import Note, raise_warnings
from trialpool.trials import Comparison, Covariate

__all__ = ["meta_regression", "regression_request"]

TRIAL = "trial"
"""The cluster that every contrast has."""


def meta_regression(
    data: Comparison | Pooled,
    formula: str,
    *,
    measure: Measure | None = None,
    method: InverseVariance | None = None,
    profile: str | None = None,
    conf_level: float | None = None,
    cluster: str | None = None,
    permutations: Permutations | None = None,
) -> MetaRegression:
    """Explain differences between the effects of trials by covariates.

    Mixed-effects model by weighted least squares with weights ``1 / (variance + residual tau2)`` (Berkey et al. 1995, Statistics
    in Medicine 14:395; Viechtbauer 2010, Journal of Statistical Software 36(3)).

    Parameters
    ----------
    data : Comparison or Pooled
        A pooled result brings its measure, method and level.
    formula : str
        Covariates of the trials: ``"~ latitude + C(allocation)"``; ``:`` and ``*`` for interactions, ``C(x, reference="a")`` for
        categories, ``log``, ``sqrt``, ``exp``, ``center``, ``scale``, ``poly(x, 2)`` and ``I(x**2)`` for transformations.
    measure, method, profile, conf_level
        As for :func:`trialpool.pool`; the method is inverse variance.
    cluster : str, optional
        ``"trial"`` or a covariate: variance robust to correlation within clusters (CR2).
    permutations : Permutations, optional
        Also p-values by permutation of the covariates.

    Returns
    -------
    MetaRegression

    Raises
    ------
    OptionError
        A formula that is not one of the covariates, or choices that do not go together.
    NotEstimableError
        Coefficients that the trials do not determine.
    MissingExtraError
        Without the extra ``regress``.

    Warns
    -----
    TrialpoolWarning
        For each note of level ``warning``.

    Examples
    --------
    >>> import trialpool as tp
    >>> comparison = tp.compare(tp.load_dataset("bcg").trials, outcome="tuberculosis", treatment="BCG vaccine", control="no vaccine")
    >>> fit = meta_regression(comparison, "~ latitude")
    >>> [(c.term, round(c.estimate, 4)) for c in fit.coefficients]
    [('intercept', 0.2515), ('latitude', -0.0291)]
    """
    comparison, request = _request(data, measure, method, profile, conf_level)
    result = regression_request(comparison, formula, request, cluster=cluster, permutations=permutations)
    raise_warnings(result.notes)
    return result


def _request(
    data: Comparison | Pooled,
    measure: Measure | None,
    method: InverseVariance | None,
    profile: str | None,
    conf_level: float | None,
) -> tuple[Comparison, Request]:
    instance("data", data, (Comparison, Pooled), "give a comparison, as compare() makes it, or a pooled result")
    if isinstance(data, Comparison):
        level = 0.95 if conf_level is None else conf_level
        made = make_request(measure=measure, method=method, profile=profile, conf_level=level)
        if not isinstance(made, Request):
            raise OptionError(
                "method='auto' has no meaning for a meta-regression, which is by inverse variance; leave it out"
            )
        return data, made
    given = {"measure": measure, "method": method, "profile": profile, "conf_level": conf_level}
    for name, value in given.items():
        if value is not None:
            raise OptionError(
                f"{name} has no meaning beside a pooled result, which brings its own; give its comparison instead"
            )
    return data.comparison, data.request


def regression_request(
    comparison: Comparison,
    formula: str,
    request: Request,
    *,
    cluster: str | None = None,
    permutations: Permutations | None = None,
) -> MetaRegression:
    """Like :func:`meta_regression`, for a request made before; its warnings stay in ``notes``."""
    method = _method(request)
    if permutations is not None:
        instance("permutations", permutations, Permutations, "give Permutations(draws=10_000, seed=1)")
    effects = compute_effects(comparison, request.measure, request.zero_cells)
    _refuse_dependence(effects, cluster, permutations)
    data = _Data.of(effects, formula, cluster)
    model = fit_model(
        data.y, data.v, data.design, method, request.conf_level, clusters=data.clusters, permutations=permutations
    )
    studies = _studies(effects, data, model, request)
    positions = dict(zip(data.used.tolist(), model.fitted.tolist(), strict=True))
    return MetaRegression(
        request=request,
        comparison=effects.comparison,
        design=data.design,
        coefficients=model.coefficients,
        covariance=model.covariance,
        omnibus=model.omnibus,
        residual=model.residual,
        studies=studies,
        fitted=tuple(positions.get(i) for i in range(len(studies))),
        cluster=data.cluster,
        robust=model.robust,
        permutation=model.permutation,
        notes=_notes(studies, data, model, request),
    )


def _method(request: Request) -> InverseVariance:
    method = request.method
    if not isinstance(method, InverseVariance):
        raise OptionError(
            f"meta-regression is by inverse variance, not by {request.method_name!r}; choose method=InverseVariance() and a "
            "measure that it pools"
        )
    if method.prediction == "confidence-distribution":
        raise OptionError(
            "prediction='confidence-distribution' is not made for covariates; choose 'k-2', 'k-1' or 'normal'"
        )
    if getattr(method, "tau2_interval", None) not in (None, "Q-profile"):
        raise OptionError("the interval of the residual tau2 is by Q-profile; leave tau2_interval out")
    return method


def _refuse_dependence(effects: Effects, cluster: str | None, permutations: Permutations | None) -> None:
    if effects.covariance is not None and cluster is None:
        raise OptionError(
            "contrasts that share a control arm are correlated; use cluster='trial', which allows for that, or "
            "multi_arm='combine' or 'split'"
        )
    if cluster is not None and permutations is not None:
        raise OptionError(
            "permutations take the contrasts as exchangeable, which those of one cluster are not; leave out cluster or permutations"
        )


@dataclass(frozen=True, slots=True)
class _Data:
    """What enters the regression; ``used`` are positions among the contrasts, ``missing`` says why others do not enter."""

    used: NDArray[np.intp]
    y: NDArray[np.float64]
    v: NDArray[np.float64]
    design: FormulaDesign
    missing: dict[int, str]
    cluster: str | None
    clusters: tuple[NDArray[np.intp], tuple[str, ...]] | None

    @classmethod
    def of(cls, effects: Effects, formula: str, cluster: str | None) -> _Data:
        comparison = effects.comparison
        read = read_formula(formula, _covariates(comparison))
        cluster = _known_cluster(cluster, comparison)
        wanted = [*read.covariates, *([cluster] if cluster not in (None, TRIAL) else [])]
        missing: dict[int, str] = {}
        for i in effects.used.tolist():
            reason = _missing(comparison, i, wanted)
            if reason:
                missing[i] = reason
        keep = np.array([i not in missing for i in effects.used.tolist()], dtype=np.bool_)
        used = effects.used[keep]
        if not used.size:
            reasons = "; ".join(sorted(set(missing.values()))) or f"no study has an estimable {effects.measure}"
            raise NotEstimableError(f"nothing to regress: {reasons}")
        contrasts = [comparison.contrasts[i] for i in used]
        design = make_design(read, [c.covariates for c in contrasts], [c.label for c in contrasts])
        names = (
            [c.trial if cluster == TRIAL else level_text(c.covariates[cluster]) for c in contrasts] if cluster else []
        )
        return cls(
            used,
            effects.estimate[keep],
            effects.variance[keep],
            design,
            missing,
            cluster,
            _numbered(names) if cluster else None,
        )


def _covariates(comparison: Comparison) -> Mapping[str, Sequence[Covariate]]:
    """The values of each covariate of the table; none where arms disagree."""
    found: dict[str, list[Covariate]] = {name: [] for name in comparison.covariate_conflicts}
    for contrast in comparison.contrasts:
        for name, value in contrast.covariates.items():
            found.setdefault(name, []).append(value)
    return found


def _known_cluster(cluster: str | None, comparison: Comparison) -> str | None:
    if cluster is None:
        return None
    instance("cluster", cluster, str, "give 'trial', or the name of a covariate")
    known = [TRIAL, *sorted(_covariates(comparison))]
    if cluster not in known:
        raise OptionError(
            f"cluster={cluster!r} is no covariate{nearest(cluster, known)}; choose one of {quoted(known)}"
        )
    return cluster


def _missing(comparison: Comparison, i: int, wanted: Sequence[str]) -> str:
    """Why a contrast cannot enter, or nothing."""
    contrast = comparison.contrasts[i]
    for name in wanted:
        if name not in contrast.covariates:
            if contrast.label in comparison.covariate_conflicts.get(name, ()):
                return f"its arms differ on {name!r}"
            return f"no value of {name!r}"
    return ""


def _numbered(names: Sequence[str]) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Clusters as numbers in order of appearance, and their names."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.intp), tuple(numbers)


def _studies(effects: Effects, data: _Data, model: FittedModel, request: Request) -> tuple[StudyResult, ...]:
    core = Core(0.0, 1.0, None, normalised(data.used, model.weights), None)
    rows = study_results(effects, request.conf_level, core)
    return tuple(replace(row, reason=data.missing.get(i, row.reason)) for i, row in enumerate(rows))


def _notes(studies: tuple[StudyResult, ...], data: _Data, model: FittedModel, request: Request) -> tuple[Note, ...]:
    contrasts = [studies[i].contrast for i in data.used]
    others = [study for i, study in enumerate(studies) if i not in data.missing]
    robust = few_degrees_of_freedom(model.coefficients) if model.robust else ()
    labels, trials = [c.label for c in contrasts], [c.trial for c in contrasts]
    return (
        *missing_covariates(studies, data.missing),
        *model.notes,
        *study_notes(others, request),
        *robust,
        *design_notes(data.design, labels, trials, data.cluster is not None),
    )
