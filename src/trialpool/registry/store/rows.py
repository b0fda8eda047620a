"""From a record to rows of the store's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from trialpool.registry.model import AdverseEvents, EventGroup, Group, Intervention, ProtocolArm, Record
from trialpool.registry.store.tables import TABLES

__all__ = ["RecordRows", "day"]

_IDS_OF_A_TRIAL = 10**8
_TOTALS = (
    ("serious", "Total, serious adverse events"),
    ("other", "Total, other adverse events"),
    ("deaths", "Total, all-cause mortality"),
)


class RecordRows:
    """Rows of one version of one record, table by table.

    The number of a row follows from the identifier of the trial and the row's place among the trial's rows, so the same record
    always gives the same rows, and rows of different trials never share one.

    Parameters
    ----------
    nct_id : str
    version : int
        Written into every row.
    """

    def __init__(self, nct_id: str, version: int) -> None:
        self.tables: dict[str, list[tuple[object, ...]]] = {}
        self._nct_id = nct_id
        self._version = version
        self._before_first = int(nct_id.removeprefix("NCT")) * _IDS_OF_A_TRIAL

    def add(self, table: str, **values: object) -> int:
        """Add a row and return its number; columns that are not named, and empty texts, hold nothing."""
        rows = self.tables.setdefault(table, [])
        number = self._before_first + len(rows) + 1
        values.update(id=number, nct_id=self._nct_id, version=self._version)
        rows.append(tuple(None if (value := values.get(name)) == "" else value for name in TABLES[table].names))
        return number

    def add_groups(
        self, kind: str, groups: Iterable[Group | EventGroup], outcome_id: int | None = None
    ) -> Mapping[str, int]:
        """Add the groups of a part of the results, and return the number of each code, the first where one is repeated."""
        numbers: dict[str, int] = {}
        for group in groups:
            number = self.add(
                "result_groups",
                ctgov_group_code=group.id,
                result_type=kind,
                title=group.title,
                description=group.description,
                outcome_id=outcome_id,
            )
            numbers.setdefault(group.id, number)
        return numbers


def day(text: str) -> date | None:
    """A date of the registry as a day, the first of the month or year where it names no day; None where it is no date.

    >>> day("2016-04-18"), day("2016-04"), day("soon")
    (datetime.date(2016, 4, 18), datetime.date(2016, 4, 1), None)
    """
    try:
        return date.fromisoformat((text + "-01-01")[:10] if len(text) in {4, 7} else text[:10])
    except ValueError:
        return None


def add_study(rows: RecordRows, record: Record) -> None:
    """The trial as planned: itself, its design, arms, interventions, conditions, keywords, obsolete identifiers."""
    design = record.design
    rows.add(
        "studies",
        brief_title=record.title,
        official_title=record.official_title,
        acronym=record.acronym,
        source=record.organisation,
        overall_status=record.status,
        why_stopped=record.why_stopped,
        study_type=design.study_type,
        phase="/".join(design.phases),
        enrollment=design.enrollment,
        enrollment_type=design.enrollment_type,
        start_month_year=record.start,
        start_date=day(record.start),
        completion_month_year=record.completion,
        completion_date=day(record.completion),
        last_update_posted_date=day(record.last_update),
        results_first_posted_date=day(record.results_posted),
        baseline_population=record.baseline.population if record.baseline else "",
    )
    rows.add(
        "designs",
        allocation=design.allocation,
        intervention_model=design.model,
        primary_purpose=design.purpose,
        masking=design.masking,
    )
    for table, names in (("conditions", record.conditions), ("keywords", record.keywords)):
        for name in names:
            rows.add(table, name=name, downcase_name=name.lower())
    for alias in record.aliases:
        rows.add("id_information", id_source="nct_alias", id_value=alias)
    _add_interventions(rows, record.arms, record.interventions)


def _add_interventions(rows: RecordRows, arms: Iterable[ProtocolArm], interventions: Iterable[Intervention]) -> None:
    numbers: dict[str, int] = {}
    for arm in arms:
        number = rows.add("design_groups", group_type=arm.type, title=arm.label, description=arm.description)
        numbers.setdefault(arm.label, number)
    for found in interventions:
        number = rows.add("interventions", intervention_type=found.type, name=found.name, description=found.description)
        for name in found.other_names:
            rows.add("intervention_other_names", intervention_id=number, name=name)
        for label in found.arms:
            # An arm that the record does not describe has no number: AACT's row has none then either.
            rows.add("design_group_interventions", design_group_id=numbers.get(label), intervention_id=number)


def add_adverse_events(rows: RecordRows, events: AdverseEvents) -> None:
    """Groups, their totals, and a row for each term and group."""
    numbers = rows.add_groups("Reported Event", events.groups)
    for group in events.groups:
        for kind, classification in _TOTALS:
            total = {"serious": group.serious, "other": group.other, "deaths": group.deaths}[kind]
            rows.add(
                "reported_event_totals",
                ctgov_group_code=group.id,
                event_type=kind,
                classification=classification,
                subjects_affected=total.affected if total else None,
                subjects_at_risk=total.at_risk if total else None,
                field_path=total.path if total else "",
            )
    whole = None if events.threshold is None else round(events.threshold * 100, 9)
    shared = {
        "time_frame": events.time_frame,
        "description": events.description,
        # AACT keeps whole percentages only; what has none stands in the text beside it.
        "frequency_threshold": int(whole) if whole is not None and whole.is_integer() else None,
        "frequency_threshold_text": events.threshold_text,
    }
    for position, term in enumerate(events.terms):
        for cell in term.cells:
            rows.add(
                "reported_events",
                result_group_id=numbers.get(cell.group),
                ctgov_group_code=cell.group,
                event_type=term.section,
                subjects_affected=cell.affected,
                subjects_at_risk=cell.at_risk,
                event_count=cell.events,
                organ_system=term.organ_system,
                adverse_event_term=term.term,
                vocab=term.vocabulary,
                assessment=term.assessment,
                notes=term.notes,
                term_position=position,
                term_path=term.path,
                field_path=cell.path,
                **shared,
            )
