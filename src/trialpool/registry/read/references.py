"""Groups of a part of a record, and whether the rows that point to them point to exactly one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from trialpool.registry.model import Group
from trialpool.registry.read.fields import Node

__all__ = ["check_identifiers", "check_references", "groups"]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


def groups(part: Node) -> tuple[Group, ...]:
    """Groups of the flow, the baseline or an outcome; a doubtful identifier is remarked on."""
    nodes = tuple(part.children("groups"))
    found = tuple(Group(node.text("id"), node.text("title"), node.markup("description")) for node in nodes)
    check_identifiers(nodes, found)
    return found


def check_identifiers(nodes: Sequence[Node], found: Sequence[_HasId]) -> None:
    """Remark on groups that have no identifier, or that of an earlier group; they are kept."""
    seen: set[str] = set()
    for node, group in zip(nodes, found, strict=True):
        if not group.id:
            node.log.add(
                node.at("id"), "the group has no identifier, so no number can be told to be its own", lost="field"
            )
        elif group.id in seen:
            node.log.add(
                node.at("id"), "an earlier group has the same identifier: numbers cannot be told apart", group.id
            )
        seen.add(group.id)


def check_references(nodes: Iterable[Node], known: frozenset[str]) -> None:
    """Remark on rows whose group is not among those known, or was named by an earlier row; they are kept."""
    seen: set[str] = set()
    for node in nodes:
        group = node.data.get("groupId")
        if not isinstance(group, str) or group not in known:
            node.log.add(node.at("groupId"), "no group has this identifier; the number belongs to none", group)
        elif group in seen:
            node.log.add(node.at("groupId"), "an earlier row has the same group; only one of them can be right", group)
        else:
            seen.add(group)
