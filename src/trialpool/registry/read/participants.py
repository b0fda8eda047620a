"""Participant flow and baseline table of a record."""

from __future__ import annotations

from trialpool.registry.model import Achievement, Baseline, BaselineMeasure, Milestone, ParticipantFlow, Period
from trialpool.registry.read.fields import Node
from trialpool.registry.read.outcomes import classes, denominators
from trialpool.registry.read.references import check_references, groups

__all__ = ["baseline", "participant_flow"]


def participant_flow(module: Node) -> ParticipantFlow | None:
    """Groups and periods; None if the record has no participant flow."""
    if not module:
        return None
    own_groups = groups(module)
    known = frozenset(group.id for group in own_groups)
    return ParticipantFlow(
        groups=own_groups,
        periods=tuple(
            Period(
                title=node.text("title"),
                milestones=_milestones(node, "milestones", "achievements", known),
                withdrawals=_milestones(node, "dropWithdraws", "reasons", known),
            )
            for node in module.children("periods")
        ),
        recruitment=module.markup("recruitmentDetails"),
        pre_assignment=module.markup("preAssignmentDetails"),
        units=module.text("typeUnitsAnalyzed"),
    )


def _milestones(period: Node, key: str, rows_key: str, known: frozenset[str]) -> tuple[Milestone, ...]:
    found = []
    for node in period.children(key):
        rows = tuple(node.children(rows_key))
        check_references(rows, known)
        found.append(Milestone(node.text("type"), tuple(_achievement(row) for row in rows), node.markup("comment")))
    return tuple(found)


def _achievement(node: Node) -> Achievement:
    return Achievement(node.text("groupId"), node.count("numSubjects"), node.markup("comment"), node.path)


def baseline(module: Node) -> Baseline | None:
    """The baseline table; None if the record has none."""
    if not module:
        return None
    own_groups = groups(module)
    known = frozenset(group.id for group in own_groups)
    return Baseline(
        groups=own_groups,
        denominators=denominators(module, known),
        measures=tuple(
            BaselineMeasure(
                title=node.text("title"),
                param_type=node.text("paramType"),
                dispersion_type=node.text("dispersionType"),
                unit=node.text("unitOfMeasure"),
                classes=classes(node, known),
                denominators=denominators(node, known),
            )
            for node in module.children("measures")
        ),
        population=module.markup("populationDescription"),
    )
