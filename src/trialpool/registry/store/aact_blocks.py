"""What several parts of a record share in AACT's rows: groups, denominators, blocks of numbers."""

from __future__ import annotations

from collections.abc import Iterable

from trialpool.registry.model import Category, Denominator, Group, Measurement, OutcomeClass
from trialpool.registry.store.row_values import Row, TrialRows, blocks, runs, text

__all__ = ["classes_of", "denominators_of", "group_of", "groups_of"]


def groups_of(rows: TrialRows, kind: str) -> tuple[Group, ...]:
    """Groups of a part of the results."""
    return tuple(group_of(row) for row in rows.of("result_groups") if text(row, "result_type") == kind)


def group_of(row: Row) -> Group:
    """The group that a row of ``result_groups`` describes."""
    return Group(text(row, "ctgov_group_code"), text(row, "title"), text(row, "description"))


def denominators_of(rows: TrialRows, table: str, members: Iterable[Row]) -> tuple[Denominator, ...]:
    """Units analysed; units, or a group, that come again begin the next."""
    return tuple(
        Denominator(units, tuple((text(row, "ctgov_group_code"), rows.count(table, row, "count")) for row in block))
        for (units,), same in runs(members, "units")
        for block in blocks(same)
    )


def classes_of(rows: TrialRows, table: str, members: Iterable[Row]) -> tuple[OutcomeClass, ...]:
    """Row blocks: a category that comes again begins the next one."""
    found: list[tuple[str, list[Category]]] = []
    for (title, category), same in runs(members, "classification", "category"):
        for block in blocks(same):
            measured = Category(category, tuple(_measurement(rows, table, row) for row in block))
            if not found or found[-1][0] != title or category in {earlier.title for earlier in found[-1][1]}:
                found.append((title, []))
            found[-1][1].append(measured)
    return tuple(OutcomeClass(title, tuple(categories)) for title, categories in found)


def _measurement(rows: TrialRows, table: str, row: Row) -> Measurement:
    return Measurement(
        group=text(row, "ctgov_group_code"),
        text=text(row, "param_value"),
        value=rows.number(table, row, "param_value_num"),
        spread=rows.number(table, row, "dispersion_value_num"),
        low=rows.number(table, row, "dispersion_lower_limit"),
        high=rows.number(table, row, "dispersion_upper_limit"),
        comment=text(row, "explanation_of_na"),
        path=rows.path(table, row),
    )
