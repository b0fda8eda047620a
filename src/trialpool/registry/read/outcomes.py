"""Outcome measures of a record, and the blocks of numbers that outcome measures share with the baseline table."""

from __future__ import annotations

from trialpool.registry.model import Analysis, Category, Denominator, Measurement, OutcomeClass, OutcomeMeasure
from trialpool.registry.read.fields import Node
from trialpool.registry.read.references import check_references, groups

__all__ = ["classes", "denominators", "outcome_measures"]


def outcome_measures(module: Node) -> tuple[OutcomeMeasure, ...]:
    """All outcome measures with results, posted or not."""
    return tuple(_measure(node) for node in module.children("outcomeMeasures"))


def _measure(node: Node) -> OutcomeMeasure:
    own_groups = groups(node)
    known = frozenset(group.id for group in own_groups)
    return OutcomeMeasure(
        title=node.text("title"),
        type=node.text("type"),
        description=node.markup("description"),
        population=node.markup("populationDescription"),
        status=node.text("reportingStatus"),
        param_type=node.text("paramType"),
        dispersion_type=node.text("dispersionType"),
        unit=node.text("unitOfMeasure"),
        time_frame=node.text("timeFrame"),
        groups=own_groups,
        denominators=denominators(node, known),
        classes=classes(node, known),
        analyses=tuple(_analysis(analysis, known) for analysis in node.children("analyses")),
        path=node.path,
    )


def denominators(node: Node, known: frozenset[str]) -> tuple[Denominator, ...]:
    """Units analysed in each group."""
    found = []
    for denominator in node.children("denoms"):
        counts = tuple(denominator.children("counts"))
        check_references(counts, known)
        pairs = tuple((count.text("groupId"), count.count("value")) for count in counts)
        found.append(Denominator(denominator.text("units"), pairs))
    return tuple(found)


def classes(node: Node, known: frozenset[str]) -> tuple[OutcomeClass, ...]:
    """Row blocks with their categories and numbers."""
    return tuple(
        OutcomeClass(
            title=row.text("title"),
            categories=tuple(_category(category, known) for category in row.children("categories")),
            denominators=denominators(row, known),
        )
        for row in node.children("classes")
    )


def _category(node: Node, known: frozenset[str]) -> Category:
    measurements = tuple(node.children("measurements"))
    check_references(measurements, known)
    return Category(node.text("title"), tuple(_measurement(measurement) for measurement in measurements))


def _measurement(node: Node) -> Measurement:
    return Measurement(
        group=node.text("groupId"),
        text=node.as_given("value"),
        value=node.number("value"),
        spread=node.number("spread"),
        low=node.number("lowerLimit"),
        high=node.number("upperLimit"),
        comment=node.markup("comment"),
        path=node.path,
    )


def _analysis(node: Node, known: frozenset[str]) -> Analysis:
    named = node.texts("groupIds")
    for i, group in enumerate(named):
        if group not in known:
            node.log.add(node.at(f"groupIds[{i}]"), "no group of this outcome has this identifier", group)
    return Analysis(
        groups=named,
        param_type=node.text("paramType"),
        value=node.number("paramValue"),
        conf_level=_level(node),
        conf_sides=node.text("ciNumSides"),
        low=node.number("ciLowerLimit"),
        high=node.number("ciUpperLimit"),
        p_value=node.text("pValue"),
        method=node.text("statisticalMethod"),
        dispersion_type=node.text("dispersionType"),
        dispersion=node.number("dispersionValue"),
        non_inferiority=node.text("nonInferiorityType"),
        description=node.markup("groupDescription"),
        path=node.path,
    )


def _level(node: Node) -> float | None:
    percent = node.number("ciPctValue")
    if percent is None or 0 < percent < 100:
        return None if percent is None else percent / 100
    node.log.add(
        node.at("ciPctValue"), "a confidence level lies between 0 and 100 %; read as not stated", percent, lost="field"
    )
    return None
