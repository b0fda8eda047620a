"""Tables of the store: those of AACT, under AACT's own names, so that a query written for one runs on the other.

Of AACT's 51 tables these are the ones that a meta-analysis needs, with the columns that a record fills. What AACT has no column
for stands in columns of our own at the end of a table; queries that are to run on AACT leave them alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from trialpool import checks

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TABLES", "Column", "Table", "arrow_schema"]

Type = Literal["text", "integer", "number", "date"]
_SQL: Mapping[Type, str] = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "date": "DATE"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``ours`` where AACT has none of that name in that table."""

    name: str
    type: Type
    ours: bool = False

    @property
    def sql(self) -> str:
        """Its type in the SQL of DuckDB."""
        return _SQL[self.type]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; every one has ``nct_id``, all but ``studies`` a number ``id``, and ours a ``version`` at the end."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def _columns(words: str, *, ours: bool = False) -> tuple[Column, ...]:
    """Columns from words such as ``"title id:integer"``; text where no type is given."""
    pairs = (word.partition(":") for word in words.split())
    types: dict[str, Type] = {"": "text", "integer": "integer", "number": "number", "date": "date"}
    return tuple(Column(name, types[kind], ours) for name, _, kind in pairs)


def _table(name: str, aact: str, ours: str = "") -> tuple[str, Table]:
    key = "nct_id" if name == "studies" else "id:integer nct_id"
    return name, Table(name, _columns(f"{key} {aact}") + _columns(f"{ours} version:integer", ours=True))


_GROUP = "result_group_id:integer ctgov_group_code"
_VALUE = "param_type param_value param_value_num:number dispersion_type dispersion_value_num:number"
_LIMITS = "dispersion_lower_limit:number dispersion_upper_limit:number explanation_of_na"

TABLES: Mapping[str, Table] = dict(
    (
        _table(
            "studies",
            "brief_title official_title acronym source overall_status why_stopped study_type phase enrollment:integer "
            "enrollment_type start_month_year start_date:date completion_month_year completion_date:date "
            "last_update_posted_date:date results_first_posted_date:date baseline_population",
        ),
        _table("designs", "allocation intervention_model primary_purpose masking"),
        _table("design_groups", "group_type title description"),
        _table("interventions", "intervention_type name description"),
        _table("intervention_other_names", "intervention_id:integer name"),
        _table("design_group_interventions", "design_group_id:integer intervention_id:integer"),
        _table("conditions", "name downcase_name"),
        _table("keywords", "name downcase_name"),
        _table("id_information", "id_source id_value"),
        _table("result_groups", "ctgov_group_code result_type title description", "outcome_id:integer"),
        _table(
            "reported_events",
            f"{_GROUP} time_frame event_type default_vocab default_assessment subjects_affected:integer "
            "subjects_at_risk:integer description event_count:integer organ_system adverse_event_term "
            "frequency_threshold:integer vocab assessment",
            "frequency_threshold_text notes term_position:integer term_path field_path",
        ),
        _table(
            "reported_event_totals",
            "ctgov_group_code event_type classification subjects_affected:integer subjects_at_risk:integer",
            "field_path",
        ),
        _table(
            "outcomes",
            "outcome_type title description time_frame population units dispersion_type param_type",
            "reporting_status field_path",
        ),
        _table("outcome_counts", f"outcome_id:integer {_GROUP} scope units count:integer"),
        _table(
            "outcome_measurements",
            f"outcome_id:integer {_GROUP} classification category title description units {_VALUE} {_LIMITS}",
            "field_path",
        ),
        _table(
            "outcome_analyses",
            "outcome_id:integer non_inferiority_type param_type param_value:number dispersion_type "
            "dispersion_value:number p_value:number p_value_raw p_value_modifier ci_n_sides ci_percent:number "
            "ci_lower_limit:number ci_upper_limit:number method groups_description",
            "field_path",
        ),
        _table("outcome_analysis_groups", f"outcome_analysis_id:integer {_GROUP}"),
        _table("baseline_counts", f"{_GROUP} units scope count:integer"),
        _table(
            "baseline_measurements",
            f"{_GROUP} classification category title units {_VALUE} {_LIMITS}",
            "field_path",
        ),
        _table("participant_flows", "recruitment_details pre_assignment_details units_analyzed"),
        _table(
            "milestones",
            f"{_GROUP} title period count:integer milestone_description",
            "comment field_path",
        ),
        _table(
            "drop_withdrawals",
            f"{_GROUP} period reason count:integer drop_withdraw_comment reason_comment",
            "field_path",
        ),
    )
)
"""Every table, by its name."""


def arrow_schema(table: Table) -> pa.Schema:
    """The table's columns as an Arrow schema.

    >>> arrow_schema(TABLES["designs"]).names
    ['id', 'nct_id', 'allocation', 'intervention_model', 'primary_purpose', 'masking', 'version']
    """
    arrow = checks.require_extra("pyarrow", "registry", "a store of registry records")
    types = {"text": arrow.string(), "integer": arrow.int64(), "number": arrow.float64(), "date": arrow.date32()}
    return arrow.schema([(column.name, types[column.type]) for column in table.columns])
