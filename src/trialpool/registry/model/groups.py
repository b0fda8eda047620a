"""A group of participants, as one part of the results names it; no key links it to the groups of other parts."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Group"]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the participant flow, the baseline table or an outcome measure (``FG000``, ``BG000``, ``OG000``)."""

    id: str
    title: str
    description: str = ""
