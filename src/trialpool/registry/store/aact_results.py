"""From rows of AACT to the adverse events and outcome measures of a record.

AACT keeps lists in the order of its row numbers and does not number their elements: an element ends where the next row has other
words, or where a group comes again. Elements without rows are not in AACT.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from trialpool.registry.model import (
    AdverseEvents,
    Analysis,
    EventCell,
    EventGroup,
    EventTerm,
    Group,
    OutcomeMeasure,
    Section,
    Total,
)
from trialpool.registry.store.aact_blocks import classes_of, denominators_of, group_of, groups_of
from trialpool.registry.store.row_values import Row, TrialRows, blocks, runs, text

__all__ = ["adverse_events_of", "outcomes_of"]

_TERM = ("event_type", "organ_system", "adverse_event_term", "vocab", "assessment")


def adverse_events_of(rows: TrialRows) -> AdverseEvents | None:
    """Groups with their totals and terms with their cells; None if the trial has no such groups, totals or events."""
    groups = groups_of(rows, "Reported Event")
    events = rows.of("reported_events")
    if not (groups or events):
        return None
    totals = {
        (text(row, "ctgov_group_code"), text(row, "event_type")): _total(rows, row)
        for row in rows.of("reported_event_totals")
    }
    first = events[0] if events else {}
    percent = rows.number("reported_events", first, "frequency_threshold")
    terms = [
        term for key, members in runs(events, *_TERM) for block in blocks(members) if (term := _term(rows, key, block))
    ]
    return AdverseEvents(
        groups=tuple(
            EventGroup(
                group.id, group.title, group.description,
                totals.get((group.id, "deaths")), totals.get((group.id, "serious")), totals.get((group.id, "other")),
            )
            for group in groups
        ),
        terms=tuple(sorted(terms, key=lambda term: term.section != "serious")),
        threshold=None if percent is None else percent / 100,
        threshold_text=text(first, "frequency_threshold"),
        time_frame=text(first, "time_frame"),
        description=text(first, "description"),
        path="reported_events",
    )  # fmt: skip


def _total(rows: TrialRows, row: Row) -> Total | None:
    table = "reported_event_totals"
    affected, at_risk = rows.count(table, row, "subjects_affected"), rows.count(table, row, "subjects_at_risk")
    return None if affected is None and at_risk is None else Total(affected, at_risk, rows.path(table, row))


def _term(rows: TrialRows, key: tuple[str, ...], block: Sequence[Row]) -> EventTerm | None:
    table = "reported_events"
    section = next((name for name in get_args(Section) if name == key[0]), None)
    if section is None:
        rows.add(table, block[0], "event_type", "neither 'serious' nor 'other'; left out", key[0], lost="row")
        return None
    return EventTerm(
        section=section,
        term=key[2],
        organ_system=key[1],
        vocabulary=key[3],
        assessment=key[4],
        cells=tuple(
            EventCell(
                text(row, "ctgov_group_code"),
                rows.count(table, row, "subjects_affected"),
                rows.count(table, row, "subjects_at_risk"),
                rows.count(table, row, "event_count"),
                rows.path(table, row),
            )
            for row in block
        ),
        path=rows.path(table, block[0]),
    )


def outcomes_of(rows: TrialRows) -> tuple[OutcomeMeasure, ...]:
    """All outcome measures with their groups, numbers and analyses."""
    counts, values = rows.by("outcome_counts", "outcome_id"), rows.by("outcome_measurements", "outcome_id")
    analyses = rows.by("outcome_analyses", "outcome_id")
    compared = rows.by("outcome_analysis_groups", "outcome_analysis_id")
    titles = {rows.integer("result_groups", row, "id"): row for row in rows.of("result_groups")}
    found = []
    for row in rows.of("outcomes"):
        number = rows.integer("outcomes", row, "id") or 0
        own = analyses.get(number, [])
        in_analyses = [
            member
            for analysis in own
            for member in compared.get(rows.integer("outcome_analyses", analysis, "id") or 0, [])
        ]
        groups = _outcome_groups(
            rows,
            titles,
            (
                ("outcome_counts", counts.get(number, [])),
                ("outcome_measurements", values.get(number, [])),
                ("outcome_analysis_groups", in_analyses),
            ),
        )
        found.append(
            OutcomeMeasure(
                title=text(row, "title"),
                type=text(row, "outcome_type"),
                description=text(row, "description"),
                population=text(row, "population"),
                param_type=text(row, "param_type"),
                dispersion_type=text(row, "dispersion_type"),
                unit=text(row, "units"),
                time_frame=text(row, "time_frame"),
                groups=groups,
                denominators=denominators_of(rows, "outcome_counts", counts.get(number, [])),
                classes=classes_of(rows, "outcome_measurements", values.get(number, [])),
                analyses=tuple(_analysis(rows, analysis, compared) for analysis in own),
                path=rows.path("outcomes", row),
            )
        )
    return tuple(found)


def _outcome_groups(
    rows: TrialRows, titles: Mapping[int | None, Row], named: Iterable[tuple[str, Sequence[Row]]]
) -> tuple[Group, ...]:
    """Groups that the rows of an outcome name. Their title comes by a number that AACT has had wrong: the code must agree."""
    found: dict[str, Group] = {}
    for table, members in named:
        for row in members:
            code = text(row, "ctgov_group_code")
            if found.get(code, Group(code, "")).title:
                continue
            titled = titles.get(rows.integer(table, row, "result_group_id"), {})
            fits = text(titled, "ctgov_group_code") == code and text(titled, "result_type") == "Outcome"
            if not fits and code not in found:
                problem = "points to a group of another code or part; the group is kept without title"
                rows.add(table, row, "result_group_id", problem, row.get("result_group_id"), lost="field")
            found[code] = group_of(titled) if fits else Group(code, "")
    return tuple(sorted(found.values(), key=lambda group: group.id))


def _analysis(rows: TrialRows, row: Row, compared: Mapping[int, Sequence[Row]]) -> Analysis:
    table = "outcome_analyses"
    level = rows.number(table, row, "ci_percent")
    return Analysis(
        groups=tuple(
            text(group, "ctgov_group_code") for group in compared.get(rows.integer(table, row, "id") or 0, ())
        ),
        param_type=text(row, "param_type"),
        value=rows.number(table, row, "param_value"),
        conf_level=level / 100 if level is not None and 0 < level < 100 else None,
        conf_sides=text(row, "ci_n_sides"),
        low=rows.number(table, row, "ci_lower_limit"),
        high=rows.number(table, row, "ci_upper_limit"),
        p_value=text(row, "p_value_raw") or f"{text(row, 'p_value_modifier')}{text(row, 'p_value')}",
        method=text(row, "method"),
        dispersion_type=text(row, "dispersion_type"),
        dispersion=rows.number(table, row, "dispersion_value"),
        non_inferiority=text(row, "non_inferiority_type"),
        description=text(row, "groups_description"),
        path=rows.path(table, row),
    )
