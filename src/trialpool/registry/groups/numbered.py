"""Cohorts, parts, groups and the like that titles number: ``Cohorts 6, 7 and 8``, ``Part B``, ``Arm C1``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from trialpool.registry.groups.words import plain

__all__ = ["Numbers", "number_fits", "numbers_of"]

Numbers = Mapping[str, frozenset[str]]

_NOUN = r"(?:cohort|group|arm|part|phase|stage|panel|step|regimen|sequence|level|stratum)"
_ID = r"(?:\d{1,2}[a-z]?|[a-z]\d{0,2}|i{2,3}|iv|vi{0,3})"
_UNIT = r"(?:m?c?g|kg|ml|l|iu|units?|days?|weeks?|months?|years?)"
_JOINT = r"(?:,? and |,? & ?| ?\+ ?| ?, ?| ?/ ?| to |-)"
_NUMBERED = re.compile(
    rf"\b(?P<noun>{_NOUN})s?[ -]?#?(?P<ids>{_ID}(?:{_JOINT}(?:(?P=noun)s? )?{_ID})*)(?![\w.%])(?! ?{_UNIT}\b)"
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8"}
_LONGEST_RANGE = 30
_LETTERS, _DIGITS = "abcdefgh", "12345678"


@lru_cache(maxsize=2048)
def numbers_of(text: str) -> Numbers:
    """The numbers or letters of each noun in a title.

    >>> {noun: sorted(ids) for noun, ids in numbers_of("Part B: Cohorts 6, 7 and 12 to 13").items()}
    {'part': ['b'], 'cohort': ['12', '13', '6', '7']}
    """
    found: dict[str, frozenset[str]] = {}
    for match in _NUMBERED.finditer(plain(text)):
        ids = _listed(re.sub(rf"{_NOUN}s? ", "", match["ids"]))
        found[match["noun"]] = found.get(match["noun"], frozenset()) | ids
    return MappingProxyType(found)


def _listed(text: str) -> frozenset[str]:
    ids: set[str] = set()
    for piece in re.split(r",? and |,? & ?| ?\+ ?| ?, ?| ?/ ?", text):
        ends = [_ROMAN.get(end, end) for end in re.split(r" to |-", piece)]
        if len(ends) == 2 and all(end.isdigit() for end in ends) and int(ends[1]) - int(ends[0]) < _LONGEST_RANGE:
            ids.update(str(number) for number in range(int(ends[0]), int(ends[1]) + 1))
        else:
            ids.update(ends)
    return frozenset(ids)


def number_fits(groups: Sequence[Numbers], arms: Sequence[Numbers]) -> list[list[float | None]]:
    """For each group the share of its numbers that each arm has; None where they number nothing in common.

    ``5a`` is a part of ``5`` where no arm is called ``5a``. Where groups and arms number by different nouns, each by one
    noun alone, the nouns are taken to mean the same.

    >>> number_fits([{"cohort": frozenset({"5a"})}], [{"cohort": frozenset({"4"})}, {"cohort": frozenset({"5", "6"})}])
    [[0.0, 1.0]]
    """
    groups, arms = _one_noun(groups, arms)
    groups = _in_the_same_order(groups, arms)
    return [[_fit(group, arm, arms) for arm in arms] for group in groups]


def _one_noun(groups: Sequence[Numbers], arms: Sequence[Numbers]) -> tuple[Sequence[Numbers], Sequence[Numbers]]:
    ours = {noun for group in groups for noun in group}
    theirs = {noun for arm in arms for noun in arm}
    each_has_one = all(len(numbers) == 1 for numbers in arms) and len(arms) > 1
    if ours & theirs or len(ours) != 1 or len(theirs) != 1 or not each_has_one:
        return groups, arms
    (noun,), (arm_noun,) = ours, theirs
    return groups, [{noun: arm[arm_noun]} for arm in arms]


def _in_the_same_order(groups: Sequence[Numbers], arms: Sequence[Numbers]) -> Sequence[Numbers]:
    """Groups ``A`` and ``B`` as ``1`` and ``2``, or the other way round, if that is what arms are called."""
    for ours, theirs in ((_LETTERS, _DIGITS), (_DIGITS, _LETTERS)):
        for noun in {noun for group in groups for noun in group}:
            used = [group.get(noun) for group in groups]
            planned = [arm.get(noun) for arm in arms]
            count = len(groups)
            if count > 1 and used == _singles(ours[:count]) and planned == _singles(theirs[:count]):
                return [{**g, noun: frozenset({theirs[rank]})} for rank, g in enumerate(groups)]
    return groups


def _singles(ids: Sequence[str]) -> list[frozenset[str]]:
    return [frozenset({number}) for number in ids]


def _fit(group: Numbers, arm: Numbers, arms: Sequence[Numbers]) -> float | None:
    shares = []
    for noun in group.keys() & arm.keys():
        known = frozenset[str]().union(*(other.get(noun, frozenset()) for other in arms))
        ids = {number if number in known else _larger_part(number, known) for number in group[noun]}
        shares.append(len(ids & arm[noun]) / len(ids))
    return min(shares, default=None)


def _larger_part(number: str, known: frozenset[str]) -> str:
    """``5`` for ``5a``, ``b`` for ``b0``, if an arm is called that."""
    stem = number[:-1] if number[0].isdigit() else number[0]
    return stem if stem in known and len(number) > 1 else number
