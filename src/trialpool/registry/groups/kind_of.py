"""The kind of a group as it is found."""

from __future__ import annotations

from dataclasses import dataclass

from trialpool.registry.groups.matches import Kind

__all__ = ["KindOf"]


@dataclass(frozen=True, slots=True)
class KindOf:
    """The kind of a group, how sure that is, why, and the groups it holds if it is a total or combined."""

    kind: Kind
    certainty: float
    reason: str
    members: tuple[int, ...] = ()
