"""From the rows that AACT has of a trial to its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trialpool.registry.model import Design, Intervention, Origin, ProtocolArm, Record
from trialpool.registry.read import Problem
from trialpool.registry.store.aact_participants import baseline_of, flow_of
from trialpool.registry.store.aact_results import adverse_events_of, outcomes_of
from trialpool.registry.store.row_values import Row, TrialRows, text

__all__ = ["record_from_rows"]

SOURCE = "AACT"


def record_from_rows(
    nct_id: str, place: str, tables: Mapping[str, Sequence[Row]]
) -> tuple[Record, tuple[Problem, ...]]:
    """Put a record together from the rows of one trial.

    Parameters
    ----------
    nct_id : str
    place : str
        Its origin, and the ``file`` of the problems.
    tables : mapping of str to sequence of rows
        The trial's rows of each of AACT's tables, in the order of their numbers, each by the names of its columns.

    Returns
    -------
    record : Record
        Its paths name table and row. What AACT does not keep is not stated.
    problems : tuple of Problem

    Examples
    --------
    >>> tables = {"studies": [{"brief_title": "A trial"}], "conditions": [{"name": "Asthma"}]}
    >>> record, problems = record_from_rows("NCT00000001", "a folder", tables)
    >>> record.title, record.conditions, problems
    ('A trial', ('Asthma',), ())
    """
    rows = TrialRows(nct_id, place, tables)
    study: Row = next(iter(rows.of("studies")), {})
    if len(rows.of("studies")) > 1:
        rows.add(
            "studies",
            study,
            "nct_id",
            "the trial stands in the table twice; the first row was read",
            nct_id,
            lost="row",
        )
    arms, interventions = _planned(rows)
    events, outcomes, flow = adverse_events_of(rows), outcomes_of(rows), flow_of(rows)
    baseline = baseline_of(rows, text(study, "baseline_population"))
    posted = text(study, "results_first_posted_date")
    record = Record(
        nct_id=nct_id,
        origin=Origin(SOURCE, place, text(study, "updated_at")[:10]),
        aliases=tuple(
            text(row, "id_value") for row in rows.of("id_information") if text(row, "id_source") == "nct_alias"
        ),
        title=text(study, "brief_title"),
        official_title=text(study, "official_title"),
        acronym=text(study, "acronym"),
        organisation=text(study, "source"),
        status=text(study, "overall_status"),
        why_stopped=text(study, "why_stopped"),
        last_update=text(study, "last_update_posted_date")[:10],
        results_posted=posted[:10],
        start=text(study, "start_month_year"),
        completion=text(study, "completion_month_year"),
        conditions=tuple(text(row, "name") for row in rows.of("conditions")),
        keywords=tuple(text(row, "name") for row in rows.of("keywords")),
        design=_design(rows, study),
        arms=arms,
        interventions=interventions,
        adverse_events=events,
        outcomes=outcomes,
        flow=flow,
        baseline=baseline,
        has_results=bool(posted or events or outcomes or flow or baseline),
    )
    return record, tuple(rows.problems)


def _design(rows: TrialRows, study: Row) -> Design:
    found: Row = next(iter(rows.of("designs")), {})
    phase = text(study, "phase")
    return Design(
        study_type=text(study, "study_type"),
        phases=tuple(phase.split("/")) if phase else (),
        allocation=text(found, "allocation"),
        model=text(found, "intervention_model"),
        masking=text(found, "masking"),
        purpose=text(found, "primary_purpose"),
        enrollment=rows.count("studies", study, "enrollment"),
        enrollment_type=text(study, "enrollment_type"),
    )


def _planned(rows: TrialRows) -> tuple[tuple[ProtocolArm, ...], tuple[Intervention, ...]]:
    labels = {rows.integer("design_groups", row, "id"): text(row, "title") for row in rows.of("design_groups")}
    others = rows.by("intervention_other_names", "intervention_id")
    given = rows.by("design_group_interventions", "intervention_id")
    interventions = []
    in_arms: dict[int | None, list[str]] = {}
    for row in rows.of("interventions"):
        number = rows.integer("interventions", row, "id") or 0
        arms = [rows.integer("design_group_interventions", link, "design_group_id") for link in given.get(number, ())]
        kind, name = text(row, "intervention_type"), text(row, "name")
        for arm in arms:
            in_arms.setdefault(arm, []).append(f"{kind.replace('_', ' ').title()}: {name}")
        other_names = tuple(text(other, "name") for other in others.get(number, ()))
        labelled = tuple(labels[arm] for arm in arms if arm in labels)
        interventions.append(Intervention(name, kind, text(row, "description"), labelled, other_names))
    planned = tuple(
        ProtocolArm(
            text(row, "title"),
            text(row, "group_type"),
            text(row, "description"),
            tuple(in_arms.get(rows.integer("design_groups", row, "id"), ())),
        )
        for row in rows.of("design_groups")
    )
    return planned, tuple(interventions)
