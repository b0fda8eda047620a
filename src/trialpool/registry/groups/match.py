"""Event groups to protocol arms, kinds, roles and treatments."""

from __future__ import annotations

from collections.abc import Sequence

from trialpool.registry.groups.arm_choice import ArmChoice
from trialpool.registry.groups.arms import choose_arms
from trialpool.registry.groups.arms_file import ArmsFile
from trialpool.registry.groups.consistency import checked_choices
from trialpool.registry.groups.contents import background_of
from trialpool.registry.groups.evidence import Evidence, evidence_of
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.kinds import kinds_of
from trialpool.registry.groups.matches import GroupMatch, RecordGroups
from trialpool.registry.groups.overlaps import overlapping_pairs
from trialpool.registry.groups.roles import RoleOf, role_of
from trialpool.registry.groups.words import dose_text
from trialpool.registry.model import Record

__all__ = ["ACCEPT", "match_groups"]

ACCEPT = 0.8
"""Confidence from which a match is used without asking; ``validation/registry_groups.py`` shows what it gives."""


def match_groups(record: Record, corrections: ArmsFile | None = None) -> RecordGroups:
    """Match the event groups of a record with its protocol arms.

    Parameters
    ----------
    record : Record
    corrections : ArmsFile, optional
        What a user confirmed or corrected; it always wins.

    Returns
    -------
    RecordGroups
        Matches in the order of the record's groups; those with a confidence below ``ACCEPT`` are not accepted, and their
        reasons say what is in doubt.

    >>> from trialpool.registry.model import AdverseEvents, EventGroup, Origin, ProtocolArm
    >>> arms = (ProtocolArm("Drug X 5 mg", "EXPERIMENTAL"), ProtocolArm("Placebo", "PLACEBO_COMPARATOR"))
    >>> events = AdverseEvents((EventGroup("EG000", "placebo"), EventGroup("EG001", "Drug-X, 5mg")))
    >>> matched = match_groups(Record("NCT00000000", Origin("", ""), arms=arms, adverse_events=events))
    >>> [(m.arms, m.kind, m.role, m.accepted) for m in matched.matches]
    [(('Placebo',), 'arm', 'placebo', True), (('Drug X 5 mg',), 'arm', 'active', True)]
    """
    if record.adverse_events is None or not record.adverse_events.groups:
        return RecordGroups(record.nct_id, ())
    evidence = evidence_of(record)
    kinds = kinds_of(evidence)
    main = tuple(content for content in evidence.contents if content.main)
    choices = choose_arms(evidence, kinds, background_of(record, main, evidence.substances))
    choices = checked_choices(evidence, kinds, choices)
    background = _background(evidence, kinds, choices)
    matches = []
    for place, (kind, choice) in enumerate(zip(kinds, choices, strict=True)):
        beside = [p for p, other in enumerate(choices) if p != place and other.arms == choice.arms]
        role = role_of(evidence, place, kind, choice.arms, background, beside=beside)
        matches.append(_match(evidence, place, kind, choice, role, background))
    pairs = overlapping_pairs(evidence, kinds, [choice.arms for choice in choices])
    found = RecordGroups(record.nct_id, tuple(matches), pairs)
    return corrections.applied(found, [arm.label for arm in record.arms]) if corrections else found


def _background(evidence: Evidence, kinds: Sequence[KindOf], choices: Sequence[ArmChoice]) -> frozenset[int]:
    """Of the arms that have a group of their own, if there are several; else of all that are compared."""
    if evidence.crossover:
        return _crossover_background(evidence, kinds)
    used = sorted(
        {arm for kind, choice in zip(kinds, choices, strict=True) if kind.kind == "arm" for arm in choice.arms}
    )
    compared = tuple(evidence.contents[arm] for arm in used if evidence.contents[arm].main)
    if len(compared) < 2:
        compared = tuple(content for content in evidence.contents if content.main)
    return background_of(evidence.record, compared, evidence.substances) - _tried_by_titles(evidence, kinds)


def _tried_by_titles(evidence: Evidence, kinds: Sequence[KindOf]) -> frozenset[int]:
    """Substances that are all of one title, and missing in that of a placebo group with other treatments.

    Such as a drug that placebo groups may escape to, which the record lists for every arm.
    """
    told = [
        text.received
        for text, kind in zip(evidence.texts, kinds, strict=True)
        if kind.kind == "arm" and text.title_tells
    ]
    alone = frozenset[int]().union(*(received.actives for received in told if len(received.actives) == 1))
    without = [received.actives for received in told if received.placebo and received.actives]
    return frozenset(number for number in alone if any(number not in actives for actives in without))


def _crossover_background(evidence: Evidence, kinds: Sequence[KindOf]) -> frozenset[int]:
    """In a crossover trial, what the titles of all its treatments have in common, if they differ in something else."""
    told = [
        text.received
        for text, kind in zip(evidence.texts, kinds, strict=True)
        if kind.kind == "crossover" and text.title_tells
    ]
    if len(told) < 2:
        return frozenset()
    common = frozenset.intersection(*(received.actives for received in told))
    differ = any(received.actives - common or received.placebo or received.untreated for received in told)
    return common if differ else frozenset()


def _match(
    evidence: Evidence, place: int, kind: KindOf, choice: ArmChoice, role: RoleOf, background: frozenset[int]
) -> GroupMatch:
    group = evidence.groups[place]
    confidence = round(kind.certainty * choice.certainty * role.certainty, 3)
    labels = tuple(evidence.contents[arm].arm.label for arm in choice.arms)
    used = frozenset[int]().union(*(evidence.contents[arm].received.actives for arm in choice.arms))
    return GroupMatch(
        nct_id=evidence.record.nct_id,
        group=group.id,
        title=group.title,
        arms=labels,
        kind=kind.kind,
        role=role.role,
        treatments=role.treatments,
        confidence=confidence,
        accepted=confidence >= ACCEPT,
        background=tuple(evidence.substances.known[number].names[0] for number in sorted(background & used)),
        dose=_dose(evidence, place),
        reasons=tuple(
            f"{what}: {reason}"
            for what, reason in (("kind", kind.reason), ("arms", choice.reason), ("role", role.reason))
            if reason
        ),
    )


def _dose(evidence: Evidence, place: int) -> str:
    return dose_text(evidence.texts[place].base)
