"""run(review) -> Analysis: each analysis of a review through comparison, effects, pooling, subgroups and sensitivity."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy

from trialpool import __version__
from trialpool.analysis.published import compare_with_published
from trialpool.analysis.records import Analysis, AnalysisResult, AnalysisSpec, InputFile, Review
from trialpool.analysis.review_checks import problem_at
from trialpool.analysis.review_file import read_review
from trialpool.checks import instance, nearest, quoted
from trialpool.errors import NotEstimableError, OptionError, ReviewError, TableError
from trialpool.harmonise import compare
from trialpool.pool import (
    AbsoluteEffect,
    Pooled,
    SubgroupResult,
    Thresholds,
    absolute_effect,
    has_absolute_effect,
    observed_control_risk,
    pool_request,
    select,
    subgroup_request,
    unpooled_studies,
)  # fmt: skip
from trialpool.read import LeftOutTable, TrialTable, read_left_out, read_table
from trialpool.results import Note
from trialpool.sensitivity import (
    SensitivityTable,
    counts_within_bounds,
    estimator_and_interval,
    leave_one_out,
    multi_arm_handling,
    rare_event_panel,
    zero_cell_handling,
)  # fmt: skip
from trialpool.trials import Comparison

__all__ = ["Progress", "check_review", "run"]

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and the name of the next."""


def run(review: Review | str | Path, *, progress: Progress | None = None) -> Analysis:
    """Answer a review.

    Parameters
    ----------
    review : Review, str or Path
        A review, or the path of a review file.
    progress : callable, optional

    Returns
    -------
    Analysis

    Raises
    ------
    ReviewError, TableError
        The review or its data are not valid.
    NotEstimableError
        No analysis of the review has an answer.
    """
    review = read_review(review) if isinstance(review, (str, Path)) else review
    table, left_out = _checked(review)
    results = []
    for done, spec in enumerate(review.analyses):
        if progress:
            progress(done, len(review.analyses), spec.title)
        results.append(_analyse(spec, review, table))
    if all(result.pooled is None for result in results):
        raise NotEstimableError(
            "no analysis of the review has an answer: " + "; ".join(f"{r.spec.id}: {r.impossible}" for r in results)
        )
    if progress:
        progress(len(review.analyses), len(review.analyses), "report")
    return Analysis(review, table, tuple(results), _inputs(review, table, left_out), _versions(), left_out)


def check_review(review: Review) -> TrialTable:
    """Read the review's data and check that it has every outcome, treatment and covariate that the review names.

    Raises
    ------
    ReviewError, TableError
        With every mistake in one listing.
    """
    return _checked(review)[0]


def _checked(review: Review) -> tuple[TrialTable, LeftOutTable | None]:
    """The review's data, and the trials left out before; None where the review does not name them."""
    instance("review", review, Review, "give the path of a review file, or the result of read_review(path)")
    folder = Path(review.folder)
    named = {"file": review.data_file, "left_out": review.left_out_file}
    missing = [
        problem_at(review.lines, "data", 0, key, f"'{name}' does not exist; it is looked for as {folder / name}")[1]
        for key, name in named.items()
        if name and not (folder / name).exists()
    ]
    if missing:
        raise ReviewError(review.file_name, missing)
    table = _read(folder / review.data_file, review)
    problems = [*_unknown_names(review, table)]
    if problems:
        raise ReviewError(review.file_name, problems)
    _refuse_trials_without_control(review, table)
    return table, read_left_out(folder / review.left_out_file) if review.left_out_file else None


def _read(path: Path, review: Review) -> TrialTable:
    """The review's data; a table with a row per trial has its arms named by the review."""
    try:
        return read_table(
            path,
            columns=review.columns,
            treatment=review.treatments[0],
            control=review.controls[0],
            outcome=review.outcomes[0].name,
        )
    except OptionError:
        # the table names its arms itself, and otherwise: compared without case, and listed with all other mistakes
        return read_table(path, columns=review.columns)


def _refuse_trials_without_control(review: Review, table: TrialTable) -> None:
    """Find before anything is computed what would stop an analysis; one that has no answer is not a mistake."""
    found: dict[str, TableError] = {}
    for outcome in review.outcomes:
        try:
            compare(table.trials, outcome=outcome.name, treatment=review.treatments, control=review.controls)
        except TableError as error:
            found |= dict.fromkeys(error.problems, error)
        except NotEstimableError:
            continue
    if found:
        raise TableError(next(iter(found.values())).where, list(found))


def _unknown_names(review: Review, table: TrialTable) -> Iterable[str]:
    """Names that the data do not have, each with its line, in the order of the file."""
    known = sorted({name for t in table.trials for a in t.arms for o in a.outcomes for name in o.covariates})
    asked = [
        *(("outcome", i, "name", [outcome.name], table.outcomes) for i, outcome in enumerate(review.outcomes)),
        ("comparison", 0, "treatment", review.treatments, table.treatments),
        ("comparison", 0, "control", review.controls, table.treatments),
        *(("analysis", i, "subgroups", spec.subgroups, known) for i, spec in enumerate(review.analyses)),
    ]
    problems = [
        problem_at(review.lines, place, index, key, text)
        for place, index, key, names, there in asked
        for text in _unknown(names, there)
    ]
    return [text for _, text in sorted(problems, key=lambda problem: problem[0])]


def _unknown(names: Iterable[str], known: Iterable[str]) -> Iterable[str]:
    known = list(known)
    folded = {name.casefold() for name in known}
    for name in names:
        if name.casefold() not in folded:
            yield f"names '{name}', which is not in the data{nearest(name, known)}; the data have {quoted(known) or 'none'}"


def _analyse(spec: AnalysisSpec, review: Review, table: TrialTable) -> AnalysisResult:
    published = [p for p in review.published if p.analysis == spec.id]
    try:
        comparison = compare(
            table.trials,
            outcome=spec.outcome.name,
            treatment=review.treatments,
            control=review.controls,
            multi_arm=spec.multi_arm,
        )
    except NotEstimableError as error:
        compared = tuple(compare_with_published(p, None, None) for p in published)
        return AnalysisResult(spec, None, (), None, str(error), (), "", (), (), compared, ())
    selection = None
    try:
        if spec.automatic is not None:
            selection = select(comparison, spec.automatic)
            spec = replace(spec, request=selection.request)
        pooled = pool_request(comparison, spec.automatic or spec.request)
        selection, spec = pooled.selection, replace(spec, request=pooled.request)
    except (NotEstimableError, OptionError) as error:
        studies = unpooled_studies(comparison, spec.request)
        compared = tuple(compare_with_published(p, None, comparison) for p in published)
        return AnalysisResult(spec, comparison, studies, None, str(error), (), "", (), (), compared, (), selection)
    as_given, comparison = comparison, pooled.comparison
    absolute, basis = _absolute(spec, pooled)
    subgroups, notes = _subgroups(spec, comparison)
    return AnalysisResult(
        spec=spec,
        comparison=comparison,
        studies=pooled.studies,
        pooled=pooled,
        impossible="",
        absolute=absolute,
        absolute_basis=basis,
        subgroups=subgroups,
        sensitivity=_sensitivity(table, as_given, pooled, review.thresholds),
        published=tuple(compare_with_published(p, pooled, comparison) for p in published),
        notes=(*pooled.notes, *notes),
        selection=selection,
    )


def _absolute(spec: AnalysisSpec, pooled: Pooled) -> tuple[tuple[AbsoluteEffect, ...], str]:
    """Absolute effects and what their baseline risks are."""
    if not has_absolute_effect(spec.request.measure):
        return (), f"a {spec.request.measure} does not act on a risk"
    if spec.outcome.baseline_risks:
        return tuple(
            absolute_effect(pooled, risk) for risk in spec.outcome.baseline_risks
        ), "baseline risks stated in the review"
    if any(contrast.bounded_only for contrast in pooled.comparison.contrasts):
        return (), "no baseline risk is stated, and events of some control arms are known within bounds alone"
    if all(contrast.counts is None for contrast in pooled.comparison.contrasts):
        return (), "no baseline risk is stated, and the trials report no counts"
    observed = observed_control_risk(pooled)
    if observed is None:
        return (), "no baseline risk is stated, and the control arms had none or only events"
    return (
        absolute_effect(pooled, observed),
    ), "risk over all control arms of the trials (none is stated in the review)"


def _subgroups(spec: AnalysisSpec, comparison: Comparison) -> tuple[tuple[SubgroupResult, ...], tuple[Note, ...]]:
    results, notes = [], []
    for by in spec.subgroups:
        try:
            results.append(subgroup_request(comparison, by, spec.request))
        except OptionError as error:
            notes.append(Note("subgroup-refused", str(error), "warning"))
    return tuple(results), tuple(notes)


def _sensitivity(
    table: TrialTable, as_given: Comparison, pooled: Pooled, thresholds: Thresholds
) -> tuple[SensitivityTable, ...]:
    bounded = any(contrast.bounded_only for contrast in as_given.contrasts)
    return (
        *((counts_within_bounds(as_given, pooled),) if bounded else ()),
        rare_event_panel(pooled, thresholds),
        leave_one_out(pooled),
        estimator_and_interval(pooled),
        zero_cell_handling(pooled),
        multi_arm_handling(table.trials, pooled),
    )


def _inputs(review: Review, table: TrialTable, left_out: LeftOutTable | None) -> tuple[InputFile, ...]:
    beside = (InputFile(left_out.source_name, left_out.sha256),) if left_out else ()
    return InputFile(review.file_name, review.sha256), InputFile(table.source_name, table.sha256 or ""), *beside


def _versions() -> dict[str, str]:
    return {
        "trialpool": __version__,
        "Python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }
