"""From the outcome measures, the baseline table and the participant flow of a record to rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from trialpool.registry.model import (
    Analysis,
    Baseline,
    Measurement,
    Milestone,
    OutcomeClass,
    OutcomeMeasure,
    ParticipantFlow,
    Period,
    Record,
)
from trialpool.registry.store.rows import RecordRows, add_adverse_events, add_study

__all__ = ["rows_of"]

_P_VALUE = re.compile(r"\s*([<>=≤≥]*)\s*([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*")


def rows_of(record: Record, version: int = 0) -> Mapping[str, list[tuple[object, ...]]]:
    """The rows of a record for each table that has any, columns as in ``TABLES``.

    Examples
    --------
    >>> from trialpool.registry.model import Origin
    >>> sorted(rows_of(Record("NCT00000001", Origin("ClinicalTrials.gov", "a.json"), conditions=("Asthma",))))
    ['conditions', 'designs', 'studies']
    """
    rows = RecordRows(record.nct_id, version)
    add_study(rows, record)
    if record.adverse_events is not None:
        add_adverse_events(rows, record.adverse_events)
    for outcome in record.outcomes:
        _add_outcome(rows, outcome)
    if record.baseline is not None:
        _add_baseline(rows, record.baseline)
    if record.flow is not None:
        _add_flow(rows, record.flow)
    return rows.tables


def _add_outcome(rows: RecordRows, outcome: OutcomeMeasure) -> None:
    shared = {
        "title": outcome.title,
        "description": outcome.description,
        "units": outcome.unit,
        "dispersion_type": outcome.dispersion_type,
        "param_type": outcome.param_type,
    }
    number = rows.add(
        "outcomes",
        outcome_type=outcome.type,
        time_frame=outcome.time_frame,
        population=outcome.population,
        reporting_status=outcome.status,
        field_path=outcome.path,
        **shared,
    )
    groups = rows.add_groups("Outcome", outcome.groups, number)
    for denominator in outcome.denominators:
        for code, count in denominator.counts:
            rows.add(
                "outcome_counts",
                outcome_id=number,
                scope="Measure",
                units=denominator.units,
                count=count,
                **_group(code, groups),
            )
    for block, category, measurement in _measurements(outcome.classes):
        rows.add(
            "outcome_measurements",
            outcome_id=number,
            classification=block,
            category=category,
            **_group(measurement.group, groups),
            **shared,
            **_value(measurement),
        )
    for analysis in outcome.analyses:
        _add_analysis(rows, analysis, number, groups)


def _group(code: str, numbers: Mapping[str, int]) -> dict[str, object]:
    return {"ctgov_group_code": code, "result_group_id": numbers.get(code)}


def _measurements(classes: tuple[OutcomeClass, ...]) -> Iterator[tuple[str, str, Measurement]]:
    for block in classes:
        for category in block.categories:
            for measurement in category.measurements:
                yield block.title, category.title, measurement


def _value(measurement: Measurement) -> dict[str, object]:
    return {
        "param_value": measurement.text,
        "param_value_num": measurement.value,
        "dispersion_value_num": measurement.spread,
        "dispersion_lower_limit": measurement.low,
        "dispersion_upper_limit": measurement.high,
        "explanation_of_na": measurement.comment,
        "field_path": measurement.path,
    }


def _add_analysis(rows: RecordRows, analysis: Analysis, outcome_id: int, groups: Mapping[str, int]) -> None:
    p_value = _P_VALUE.fullmatch(analysis.p_value)
    number = rows.add(
        "outcome_analyses",
        outcome_id=outcome_id,
        non_inferiority_type=analysis.non_inferiority,
        param_type=analysis.param_type,
        param_value=analysis.value,
        dispersion_type=analysis.dispersion_type,
        dispersion_value=analysis.dispersion,
        p_value=float(p_value[2]) if p_value else None,
        p_value_raw=analysis.p_value,
        p_value_modifier=p_value[1] if p_value else "",
        ci_n_sides=analysis.conf_sides,
        # 0.95 is not exactly 95 / 100 in binary.
        ci_percent=None if analysis.conf_level is None else round(analysis.conf_level * 100, 9),
        ci_lower_limit=analysis.low,
        ci_upper_limit=analysis.high,
        method=analysis.method,
        groups_description=analysis.description,
        field_path=analysis.path,
    )
    for code in analysis.groups:
        rows.add("outcome_analysis_groups", outcome_analysis_id=number, **_group(code, groups))


def _add_baseline(rows: RecordRows, baseline: Baseline) -> None:
    groups = rows.add_groups("Baseline", baseline.groups)
    for denominator in baseline.denominators:
        for code, count in denominator.counts:
            rows.add("baseline_counts", units=denominator.units, scope="overall", count=count, **_group(code, groups))
    for measure in baseline.measures:
        for block, category, measurement in _measurements(measure.classes):
            rows.add(
                "baseline_measurements",
                classification=block,
                category=category,
                title=measure.title,
                units=measure.unit,
                param_type=measure.param_type,
                dispersion_type=measure.dispersion_type,
                **_group(measurement.group, groups),
                **_value(measurement),
            )


def _add_flow(rows: RecordRows, flow: ParticipantFlow) -> None:
    rows.add(
        "participant_flows",
        recruitment_details=flow.recruitment,
        pre_assignment_details=flow.pre_assignment,
        units_analyzed=flow.units,
    )
    groups = rows.add_groups("Participant Flow", flow.groups)
    for period in flow.periods:
        for milestone in period.milestones:
            _add_milestone(rows, period, milestone, groups)
        for withdrawal in period.withdrawals:
            _add_withdrawal(rows, period, withdrawal, groups)


def _add_milestone(rows: RecordRows, period: Period, milestone: Milestone, groups: Mapping[str, int]) -> None:
    for reached in milestone.achievements:
        rows.add(
            "milestones",
            title=milestone.type,
            period=period.title,
            count=reached.participants,
            milestone_description=milestone.comment,
            comment=reached.comment,
            field_path=reached.path,
            **_group(reached.group, groups),
        )


def _add_withdrawal(rows: RecordRows, period: Period, withdrawal: Milestone, groups: Mapping[str, int]) -> None:
    for left in withdrawal.achievements:
        rows.add(
            "drop_withdrawals",
            period=period.title,
            reason=withdrawal.type,
            count=left.participants,
            drop_withdraw_comment=withdrawal.comment,
            reason_comment=left.comment,
            field_path=left.path,
            **_group(left.group, groups),
        )
