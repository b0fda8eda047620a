"""The role that a protocol arm plays: its treatments first, its type as a check."""

from __future__ import annotations

import re

from trialpool.registry.groups.contents import ArmContent, called_placebo, named_interventions, without
from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.matches import Role
from trialpool.registry.groups.substances import Received, control_of
from trialpool.registry.groups.words import plain

__all__ = ["BY_TYPE", "LIKE_CONTROL", "lists_placebo", "of_arm", "of_received"]

BY_TYPE: dict[str, Role] = {
    "PLACEBO_COMPARATOR": "placebo",
    "SHAM_COMPARATOR": "sham",
    "NO_INTERVENTION": "no treatment",
    "EXPERIMENTAL": "active",
    "ACTIVE_COMPARATOR": "active",
}


LIKE_CONTROL = re.compile(
    r"(?<!healthy )\bcontrols?\b|\boff\b|\b(?:delayed|deferred|late|standard|usual|conventional|routine|observ\w+|historical)\b"
)


_NOTHING_NEW = re.compile(
    r"\b(?:usual|standard|routine) (?:medical |clinical )?care\b|\bstandard[- ]of[- ]care\b|\bno[- ](?:treatment|intervention)\b"
    r"|\b(?:un|not )treated\b|\bwait(?:ing)?[- ]?list\b"
    r"|\b(?:optimal|optimi[sz]ed|guideline-directed|best supportive)(?: [\w/-]+)? (?:care|management|treatment|therapy)\b"
)


def of_arm(
    evidence: Evidence, content: ArmContent, background: frozenset[int], tried: frozenset[int]
) -> tuple[Role, float]:
    """The role that an arm plays, and how sure that is: its treatments first, its type as a check.

    What only placebo or sham arms receive, such as saline or an examination, is the placebo or the sham.
    """
    received = without(content.received, background)
    by_type = BY_TYPE.get(content.arm.type)
    if by_type in {"placebo", "sham"} and tried and received.actives and not received.actives & tried:
        if by_type == "sham":
            drugs = any(
                item.type in {"DRUG", "BIOLOGICAL"} for item in named_interventions(content.arm, evidence.record)
            )
            usual = LIKE_CONTROL.search(plain(content.arm.label))
            return by_type, 0.75 if (drugs or usual) and control_of(content.arm.label) != "sham" else 0.93
        return by_type, 0.93 if called_placebo(content.arm, evidence.record) else 0.75
    if by_type == "placebo" and received.actives and not content.named.actives and lists_placebo(content):
        return by_type, 0.87
    role = of_received(received)
    if role == "unclear":
        role = (
            "no treatment"
            if background and by_type != "active"
            else by_type or ("active" if content.arm.type == "OTHER" else "unclear")
        )
        named = not background or (role == "active" and bool(content.named.actives))
        return role, (0.93 if named else 0.75) if by_type == role else 0.7
    if by_type is None or role == by_type:
        return role, 0.985
    if role == "no treatment":
        return _untreated_by_name(content) if by_type == "active" else (role, 0.93)
    if role in {"placebo", "sham"}:
        return _control_of_another_type(content, role, by_type)
    return role, 0.75


def _control_of_another_type(content: ArmContent, role: Role, by_type: Role) -> tuple[Role, float]:
    """A placebo or sham by its words, in an arm of another type."""
    if by_type == "active":
        return role, 0.96 if control_of(content.arm.label) == "placebo" else 0.85
    if by_type in {"placebo", "sham"}:
        return ("sham", 0.93) if content.received.sham else (role, 0.85)
    return role, 0.75


def _untreated_by_name(content: ArmContent) -> tuple[Role, float]:
    """An arm that is active by its type, and untreated by its words: plain words such as usual care decide."""
    text = plain(f"{content.arm.label} {' '.join(content.arm.interventions)}")
    if _NOTHING_NEW.search(text) and (content.arm.type == "ACTIVE_COMPARATOR" or LIKE_CONTROL.search(text)):
        return "no treatment", 0.93
    return "active", 0.9 if content.named.actives else 0.75


def lists_placebo(content: ArmContent) -> bool:
    """Whether one of the interventions of an arm is a placebo."""
    return any(control_of(name) == "placebo" for name in content.arm.interventions)


def of_received(received: Received) -> Role:
    """The role that what was received gives."""
    if received.actives:
        return "active"
    if received.sham:
        return "sham"
    if received.placebo:
        return "placebo"
    return "no treatment" if received.untreated else "unclear"
