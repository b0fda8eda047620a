"""The adverse-event part of a record: groups, totals, terms, cells."""

from __future__ import annotations

from trialpool.registry.model import AdverseEvents, EventCell, EventGroup, EventTerm, Section, Total
from trialpool.registry.read.fields import Node
from trialpool.registry.read.references import check_identifiers, check_references

__all__ = ["adverse_events"]

_SECTIONS: tuple[tuple[Section, str], ...] = (("serious", "seriousEvents"), ("other", "otherEvents"))


def adverse_events(module: Node) -> AdverseEvents | None:
    """Groups with their totals and terms with their cells; None if the record has no such part."""
    if not module:
        return None
    nodes = tuple(module.children("eventGroups"))
    groups = tuple(_group(node) for node in nodes)
    check_identifiers(nodes, groups)
    known = frozenset(group.id for group in groups)
    return AdverseEvents(
        groups=groups,
        terms=tuple(_term(node, section, known) for section, key in _SECTIONS for node in module.children(key)),
        threshold=module.percentage("frequencyThreshold"),
        threshold_text=module.as_given("frequencyThreshold"),
        time_frame=module.text("timeFrame"),
        description=module.markup("description"),
        deaths_comment=module.markup("allCauseMortalityComment"),
        path=module.path,
    )


def _group(node: Node) -> EventGroup:
    return EventGroup(
        id=node.text("id"),
        title=node.text("title"),
        description=node.markup("description"),
        deaths=_total(node, "deaths"),
        serious=_total(node, "serious"),
        other=_total(node, "other"),
    )


def _total(node: Node, kind: str) -> Total | None:
    key = f"{kind}NumAffected"
    affected, at_risk = node.integer(key), node.integer(f"{kind}NumAtRisk")
    if affected is None and at_risk is None:
        return None
    _check_affected(node, key, affected, at_risk)
    return Total(affected, at_risk, node.at(key))


def _check_affected(node: Node, key: str, affected: int | None, at_risk: int | None) -> None:
    if affected is not None and at_risk is not None and affected > at_risk:
        node.log.add(
            node.at(key), f"more participants affected than at risk ({affected} of {at_risk}); kept as given", affected
        )


def _term(node: Node, section: Section, known: frozenset[str]) -> EventTerm:
    term = node.text("term")
    if not term.strip():
        node.log.add(node.at("term"), "the row names no event; its numbers are kept without a name", lost="field")
    stats = tuple(node.children("stats"))
    if not stats:
        node.log.add(node.at("stats"), "the row has no numbers", term)
    check_references(stats, known)
    return EventTerm(
        section=section,
        term=term,
        organ_system=node.text("organSystem"),
        vocabulary=node.text("sourceVocabulary"),
        assessment=node.text("assessmentType"),
        notes=node.markup("notes"),
        cells=tuple(_cell(stat) for stat in stats),
        path=node.path,
    )


def _cell(node: Node) -> EventCell:
    affected, at_risk, events = node.integer("numAffected"), node.integer("numAtRisk"), node.integer("numEvents")
    _check_affected(node, "numAffected", affected, at_risk)
    if events is not None and affected is not None and events < affected:
        node.log.add(
            node.at("numEvents"),
            f"fewer events than participants affected ({events} < {affected}); kept as given",
            events,
        )
    return EventCell(node.text("groupId"), affected, at_risk, events, node.path)
