"""Arms called low, medium and high, and groups that give their doses instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from trialpool.registry.groups.words import plain

__all__ = ["dose_order"]

_RANKS = (
    (0, re.compile(r"\blow(?:er|est)?\b")),
    (1, re.compile(r"\b(?:medium|mid|middle|intermediate|moderate)\b")),
    (2, re.compile(r"\bhigh(?:er|est)?\b")),
)


def dose_order(doses: Sequence[frozenset[str]], labels: Sequence[str]) -> Mapping[tuple[int, int], float]:
    """1 for the pairs of groups and arms that take the same place in the order of doses, 0 for others.

    Empty unless there are as many different doses as words for a level.

    >>> dose_order([frozenset({"5mg"}), frozenset({"20mg"})], ["Drug high dose", "Drug low dose", "Placebo"])
    {(0, 0): 0.0, (0, 1): 1.0, (1, 0): 1.0, (1, 1): 0.0}
    """
    amounts = {place: amount for place, found in enumerate(doses) if (amount := _amount(found)) is not None}
    levels = {place: level for place, label in enumerate(labels) if (level := _level(label)) is not None}
    ordered, words = sorted(set(amounts.values())), sorted(set(levels.values()))
    if len(words) < 2 or len(ordered) != len(words):
        return {}
    return {
        (group, arm): float(ordered.index(amount) == words.index(level))
        for group, amount in amounts.items()
        for arm, level in levels.items()
    }


def _amount(found: frozenset[str]) -> float | None:
    """The amount of a group with one dose; None where it has none or several."""
    match = re.match(r"[\d.e-]+", next(iter(found))) if len(found) == 1 else None
    return float(match.group()) if match else None


def _level(label: str) -> int | None:
    text = plain(label)
    if "placebo" in text:
        return None
    return next((rank for rank, pattern in _RANKS if pattern.search(text)), None)
