"""Pairs of event groups that hold the same participants, wholly or in part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from trialpool.registry.groups.evidence import Evidence
from trialpool.registry.groups.kind_of import KindOf
from trialpool.registry.groups.words import title_key

__all__ = ["overlapping_pairs"]

_EVERYBODY = frozenset({"total", "run-in"})
_SAME_PEOPLE_AGAIN = frozenset({"extension", "period", "sub-study"})
_EXCESS = 1.15


def overlapping_pairs(
    evidence: Evidence, kinds: Sequence[KindOf], arms: Sequence[Sequence[int]]
) -> tuple[tuple[str, str], ...]:
    """Pairs of group keys, in the record's order.

    Groups overlap if one holds the other (totals, combined groups), if both are treatments of a crossover trial, if they
    are the same arm in two parts of the trial, or if groups of one arm hold more people than the trial has.
    """
    ids = [group.id for group in evidence.groups]
    pairs = [
        (ids[a], ids[b])
        for a, b in combinations(range(len(ids)), 2)
        if _overlap(evidence, kinds, arms, a, b) or _overlap(evidence, kinds, arms, b, a)
    ]
    return tuple(pairs)


def _overlap(evidence: Evidence, kinds: Sequence[KindOf], arms: Sequence[Sequence[int]], a: int, b: int) -> bool:
    first, second = kinds[a], kinds[b]
    if first.kind in _EVERYBODY and second.kind != "unclear":
        return True
    shared = bool(set(arms[a]) & set(arms[b]))
    if first.kind == "combined":
        return b in first.members or (not first.members and shared)
    if first.kind == second.kind == "crossover":
        return shared
    if {first.kind, second.kind} == {"crossover", "sequence"}:
        return True
    if first.kind in _SAME_PEOPLE_AGAIN and (shared or not arms[a] or not arms[b]):
        return second.kind not in _SAME_PEOPLE_AGAIN or evidence.phases[a].words != evidence.phases[b].words
    return shared and _too_many(evidence, kinds, a, b)


def _too_many(evidence: Evidence, kinds: Sequence[KindOf], a: int, b: int) -> bool:
    """Two groups of one arm, in a record whose groups hold more people than were enrolled."""
    same_title = title_key(evidence.groups[a].title) == title_key(evidence.groups[b].title)
    held = [evidence.at_risk[p] or 0 for p in range(len(kinds)) if kinds[p].kind in {"arm", "sequence"}]
    enrolled = evidence.enrollment
    return same_title or bool(enrolled and sum(held) > _EXCESS * enrolled)
