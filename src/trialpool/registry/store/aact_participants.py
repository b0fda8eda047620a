"""From rows of AACT to the baseline table and the participant flow of a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trialpool.registry.model import Achievement, Baseline, BaselineMeasure, Milestone, ParticipantFlow, Period
from trialpool.registry.store.aact_blocks import classes_of, denominators_of, groups_of
from trialpool.registry.store.row_values import Row, TrialRows, blocks, runs, text

__all__ = ["baseline_of", "flow_of"]

_WITHDRAWAL = ("reason", "drop_withdraw_comment", "reason_comment")
_MEASURE = ("title", "param_type", "dispersion_type", "units")


def baseline_of(rows: TrialRows, population: str) -> Baseline | None:
    """The baseline table; None if the trial has no such groups."""
    groups = groups_of(rows, "Baseline")
    if not groups:
        return None
    table = "baseline_measurements"
    return Baseline(
        groups=groups,
        denominators=denominators_of(rows, "baseline_counts", rows.of("baseline_counts")),
        measures=tuple(
            BaselineMeasure(title, param_type, dispersion_type, unit, classes_of(rows, table, members))
            for (title, param_type, dispersion_type, unit), members in runs(rows.of(table), *_MEASURE)
        ),
        population=population,
    )


def flow_of(rows: TrialRows) -> ParticipantFlow | None:
    """Groups and periods; None if the trial has neither."""
    groups, about = groups_of(rows, "Participant Flow"), rows.of("participant_flows")
    if not groups and not about:
        return None
    first = about[0] if about else {}
    return ParticipantFlow(
        groups=groups,
        periods=tuple(_periods(rows)),
        recruitment=text(first, "recruitment_details"),
        pre_assignment=text(first, "pre_assignment_details"),
        units=text(first, "units_analyzed"),
    )


def _periods(rows: TrialRows) -> Iterator[Period]:
    """Periods in the order of their milestones; every period has some, as the registry asks for STARTED and COMPLETED."""
    left: dict[str, list[Row]] = {}
    for (period,), members in runs(rows.of("drop_withdrawals"), "period"):
        left.setdefault(period, []).extend(members)
    for (period,), members in runs(rows.of("milestones"), "period"):
        withdrawals = left.pop(period, [])
        yield Period(
            period,
            tuple(_milestones(rows, "milestones", members, ("title", "milestone_description", "comment"))),
            tuple(
                _milestones(
                    rows, "drop_withdrawals", withdrawals, ("reason", "drop_withdraw_comment", "reason_comment")
                )
            ),
        )
    for period, members in left.items():
        yield Period(period, (), tuple(_milestones(rows, "drop_withdrawals", members, _WITHDRAWAL)))


def _milestones(
    rows: TrialRows, table: str, members: Iterable[Row], columns: tuple[str, str, str]
) -> Iterator[Milestone]:
    title, comment, remark = columns
    for key, same in runs(members, title, comment):
        for block in blocks(same):
            yield Milestone(
                key[0],
                tuple(
                    Achievement(
                        text(row, "ctgov_group_code"),
                        rows.count(table, row, "count"),
                        text(row, remark),
                        rows.path(table, row),
                    )
                    for row in block
                ),
                key[1],
            )
