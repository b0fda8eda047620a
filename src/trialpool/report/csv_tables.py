"""The tables of a report as CSV: full precision, nothing rounded, no cell that a spreadsheet would run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from trialpool.analysis import Analysis, AnalysisResult
from trialpool.display.csv import Record, csv_text
from trialpool.effects import scale_of
from trialpool.read import LEFT_OUT_COLUMNS
from trialpool.report.material import trials_and_people, unverified_trials
from trialpool.trials import Arm, Outcome, Trial

__all__ = ["csv_tables"]

_ESTIMATES = ("estimate", "std_error", "conf_low", "conf_high", "statistic", "df", "p_value")
_DISPLAYED = ("displayed_estimate", "displayed_conf_low", "displayed_conf_high")
_HETEROGENEITY = ("tau2", "tau2_low", "tau2_high", "i2", "h2", "q", "q_df", "q_p_value")
_INTERACTION = ("interaction_q", "interaction_df", "interaction_p_value")

_OF_SIDE = {
    side: [f"{what}_{side}" for what in ("events", "n", "person_years", "mean", "sd")]
    for side in ("treatment", "control")
}
_STATED = (
    "person_years", "follow_up_years", "mean", "sd", "median", "q1", "q3", "minimum", "maximum", "estimate", "scale",
    "std_error", "variance", "conf_low", "conf_high", "conf_level", "p_value", "events_low", "events_high", "listed_from",
)  # fmt: skip

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "results": (
        "analysis", "title", "outcome", "kind", "multi_arm", "measure", "method", "conf_level", "profile", "trials",
        "participants", "studies", "studies_contributing", *_ESTIMATES, *_DISPLAYED, *_HETEROGENEITY, "prediction_low",
        "prediction_high", "unverified_input", "impossible",
    ),
    "studies": (
        "analysis", "study", "trial", "treatment_arm", "control_arm", *_OF_SIDE["treatment"], *_OF_SIDE["control"],
        "estimate", "std_error", "conf_low", "conf_high", "contributes", "weight", "unverified_input", "reason",
    ),
    "sensitivity": (
        "analysis", "table", "depends", "label", "is_reference", *_ESTIMATES, *_DISPLAYED, "k_informative", "tau2", "i2",
        "conclusion", "reason",
    ),
    "subgroups": (
        "analysis", "by", "level", "studies", *_ESTIMATES, *_DISPLAYED, "tau2", "i2", *_INTERACTION, "message",
    ),
    "absolute": (
        "analysis", "basis", "baseline_risk", "control_per_1000", "treatment_per_1000", "difference_per_1000",
        "conf_low_per_1000", "conf_high_per_1000", "limited",
    ),
    "provenance": (
        "trial", "arm", "treatment", "outcome", "events", "n", *_STATED, "file", "row", "source", "registry_id",
        "publication", "verification",
    ),
    "excluded": ("analysis", "outcome", "trial", "reason"),
    "left-out": LEFT_OUT_COLUMNS,
    "decisions": ("analysis", "outcome", "trial", "step", "rule", "before", "after"),
    "published": (
        "analysis", "source", "measure", "estimate", "conf_low", "conf_high", "trials", "participants", "agrees", "message",
        "lacks", "comment",
    ),
}  # fmt: skip
"""The columns of each table, by the name of its file."""


def csv_tables(analysis: Analysis) -> dict[str, str]:
    """Every table: its name to its CSV.

    Estimates are on the working scale (the logarithm of a ratio); those transformed back are named ``displayed``.
    """
    by_result: Mapping[str, Callable[[AnalysisResult], Iterable[Record]]] = {
        "results": _results,
        "studies": _studies,
        "sensitivity": _sensitivity,
        "subgroups": _subgroups,
        "absolute": _absolute,
        "excluded": _excluded,
        "decisions": _decisions,
        "published": _published,
    }
    rows: dict[str, list[Record]] = {name: [] for name in COLUMNS}
    for result in analysis.results:
        for name, records in by_result.items():
            rows[name] += ({"analysis": result.spec.id, **record} for record in records(result))
    rows["provenance"] += _provenance(analysis)
    rows["left-out"] += (one.to_dict() for one in (analysis.left_out.rows if analysis.left_out else ()))
    return {name: csv_text(COLUMNS[name], rows[name]) for name in COLUMNS}


def _estimates(pooled: Any) -> dict[str, Any]:
    """A pooled effect on both scales; None in each column where there is none."""
    displayed = pooled.displayed if pooled else (None, None, None)
    numbers = {name: getattr(pooled, name) if pooled else None for name in _ESTIMATES}
    return numbers | dict(zip(_DISPLAYED, displayed, strict=True))


def _heterogeneity(pooled: Any) -> dict[str, Any]:
    h = pooled.heterogeneity if pooled else None
    return {name: getattr(h, name) if h else None for name in _HETEROGENEITY}


def _results(result: AnalysisResult) -> Iterator[Record]:
    spec, pooled = result.spec, result.pooled
    trials, people = trials_and_people(result)
    prediction = pooled.prediction if pooled else None
    yield {
        "title": spec.title,
        "outcome": spec.outcome.name,
        "kind": spec.kind,
        "multi_arm": spec.multi_arm,
        "measure": spec.request.measure,
        "method": str(spec.request.method),
        "conf_level": spec.request.conf_level,
        "profile": spec.request.profile,
        "trials": trials,
        "participants": people,
        "studies": len(result.studies),
        "studies_contributing": pooled.k_informative if pooled else 0,
        **_estimates(pooled),
        **_heterogeneity(pooled),
        "prediction_low": prediction.low if prediction else None,
        "prediction_high": prediction.high if prediction else None,
        "unverified_input": bool(unverified_trials(result)),
        "impossible": result.impossible,
    }


def _studies(result: AnalysisResult) -> Iterator[Record]:
    for study in result.studies:
        yield {**study.to_dict(), "unverified_input": study.contrast.unverified}


def _sensitivity(result: AnalysisResult) -> Iterator[Record]:
    for table in result.sensitivity:
        for row in table.rows:
            yield {"table": table.name, "depends": table.depends, **row.to_dict(), **_estimates(row.pooled)}


def _subgroups(result: AnalysisResult) -> Iterator[Record]:
    for subgroups in result.subgroups:
        test = dict(zip(_INTERACTION, (subgroups.q, subgroups.q_df, subgroups.q_p_value), strict=True))
        for group in subgroups.groups:
            numbers = _estimates(group.pooled) | {
                "estimate": group.estimate,
                "std_error": group.std_error,
                "displayed_estimate": scale_of(subgroups.request.measure).display_optional(group.estimate),
            }
            yield {
                "by": subgroups.by,
                "level": group.level,
                "studies": len(group.studies),
                **numbers,
                **_heterogeneity(group.pooled),
                **test,
                "message": group.message,
            }


def _absolute(result: AnalysisResult) -> Iterator[Record]:
    for effect in result.absolute:
        yield {"basis": result.absolute_basis, **effect.to_dict()}


def _excluded(result: AnalysisResult) -> Iterator[Record]:
    for exclusion in result.comparison.excluded if result.comparison else ():
        yield {"outcome": result.spec.outcome.name, **exclusion.to_dict()}


def _decisions(result: AnalysisResult) -> Iterator[Record]:
    for decision in result.comparison.decisions if result.comparison else ():
        yield {"outcome": result.spec.outcome.name, **decision.to_dict()}


def _published(result: AnalysisResult) -> Iterator[Record]:
    for comparison in result.published:
        yield {**comparison.to_dict(), "lacks": " ".join(comparison.lacks)}


def _stated(trial: Trial, arm: Arm, outcome: Outcome) -> Record:
    """What the input says of an arm, as it says it; an effect stands with the arm that it is of."""
    given = (e for e in trial.estimates if (e.outcome, e.treatment) == (outcome.name, arm.treatment))
    estimate = next(given, None)
    parts = (outcome.counts, outcome.rates, outcome.means, outcome.summary, estimate)
    found: dict[str, Any] = dict.fromkeys(("events", "n", *_STATED))
    for part in parts:
        found |= {} if part is None else {name: value for name, value in asdict(part).items() if name in found}
    if outcome.bounds is not None:
        piece = outcome.bounds
        found |= {"events_low": piece.low, "events_high": piece.high, "n": piece.n, "listed_from": piece.listed_from}
    if estimate is not None:
        found |= {"estimate": estimate.value, "n": estimate.n_treatment}
    if found["conf_low"] is None:
        found["conf_level"] = None
    return found


def _provenance(analysis: Analysis) -> Iterator[Record]:
    """Every count of the input, those of outcomes that the review does not ask about too."""
    for trial in analysis.table.trials:
        for arm in trial.arms:
            for outcome in arm.outcomes:
                source = outcome.source.to_dict()
                yield {
                    "trial": trial.label,
                    "arm": arm.label,
                    "treatment": arm.treatment,
                    "outcome": outcome.name,
                    **_stated(trial, arm, outcome),
                    "source": source.pop("reference"),
                    **source,
                }
