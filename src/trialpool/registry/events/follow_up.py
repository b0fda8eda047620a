"""Time frames in words to weeks; the words are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["FollowUp", "follow_up"]

_LONGEST_TEXT = 4000
_WEEKS = {"hour": 1 / 168, "day": 1 / 7, "week": 1.0, "month": 365.25 / 84, "year": 365.25 / 7}
_UNITS = {
    "h": "hour", "hr": "hour", "hour": "hour", "d": "day", "day": "day", "wk": "week", "w": "week", "week": "week",
    "mo": "month", "mos": "month", "month": "month", "y": "year", "yr": "year", "year": "year",
}  # fmt: skip
_SMALL = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
_IN_WORDS = {word: number for number, word in enumerate(_SMALL.split(), 1)} | {"a": 1, "an": 1, "half a": 0.5}
_IN_WORDS |= {"thirty": 30, "twenty-four": 24, "thirty-six": 36, "forty-eight": 48, "fifty-two": 52, "sixty": 60}

_UNIT = r"(?:hours?|hrs?|days?|weeks?|wks?|months?|mos?|years?|yrs?)"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_WORDS = "|".join(sorted(map(re.escape, _IN_WORDS), key=len, reverse=True))
_NOT_COUNT = r"(?!\s*-?\s*(?:%|mg|kg|ml|mcg|g\b))"
_JOINT = r"\s*(?:-|\u2013|\u2014|,|/|&|to|and|or|through)+\s*"
_NUMBER_FIRST = re.compile(
    rf"(?<![\w.])(?P<numbers>(?:{_NUMBER}|\b(?:{_WORDS})\b)(?:{_JOINT}(?:and\s+)?{_NUMBER})*)\s*\+?\s*[-\u2010-\u2013]?\s*"
    rf"(?:full |calendar |consecutive )?(?P<unit>{_UNIT}|[wdhy](?=\b))(?![a-z])"
)
_UNIT_FIRST = re.compile(
    rf"\b(?P<unit>{_UNIT})\.?\s*(?P<numbers>{_NUMBER}(?:{_JOINT}{_NUMBER})*){_NOT_COUNT}(?!\s*[-\u2010-\u2013]?\s*{_UNIT})(?![\w])"
)
_NUMBER_BEFORE = re.compile(r"\d\s*-?\s*$")
# a stretch that is added to a main period, or is no follow-up at all
_TAIL_AFTER = re.compile(
    r"^[\s,)]*(?:\w+\s+){0,2}?(?:(?:after|post|following|from|of|since|beyond|past|prior to|before)[\s-]+"
    r"(?:(?!start|first|initia|randomi|enrol|baseline)\w+[\s'\u2019-]+){0,5}?"
    r"(?:last|final|end|ending|discontinu\w+|stopp\w*|cessation|completi\w+|withdrawal|treatment|therapy)\b(?!\s+(?:start|init|begin))"
    r"|post-?(?:treatment|therapy|study|discontinuation)\b)"
)
_NO_FOLLOW_UP_BEFORE = re.compile(
    r"\b(?:every|each|per|cycles?(?: length| duration)?|aged?|prior|previous|washout)(?: (?:is|was|of))?\s*[=:(]*\s*(?:\w+ )?$"
)
_PLUS_BEFORE = re.compile(
    r"(?:\bplus\b|\+|\bfollowed by\b|\band an additional\b|\bwith an additional\b)\s*(?:\w+\s+){0,3}$"
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A time frame: its text, weeks where they could be read, and how."""

    text: str
    weeks: float | None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class _Stretch:
    weeks: float
    words: str
    start: int
    kind: str


def follow_up(text: str) -> FollowUp:
    """Weeks of a time frame in words.

    The longest stretch counts. One that follows "plus" is added to it; one that is counted from the last dose, or that
    recurs ("every 3 months"), is no follow-up by itself. A month is a twelfth of a year of 365.25 days.

    Examples
    --------
    >>> [follow_up(text).weeks for text in ("Up to Week 72", "Day 1 to Day 28", "26 weeks plus 4 weeks", "until death")]
    [72.0, 4.0, 30.0, None]
    """
    plain = " ".join(text[:_LONGEST_TEXT].casefold().replace("\u2011", "-").split())
    found = _stretches(plain)
    main = [one for one in found if one.kind == "main"]
    if not main:
        tails = any(one.kind == "tail" for one in found)
        return FollowUp(text, None, "only a stretch after treatment is stated" if tails else "no duration is stated")
    longest = max(main, key=lambda one: one.weeks)
    added = [one for one in found if one.kind == "plus" and one.start > longest.start]
    weeks = longest.weeks + sum(one.weeks for one in added)
    rule = f"the longest of {', '.join(one.words for one in main)}" if len({one.weeks for one in main}) > 1 else ""
    if added:
        rule = f"{rule + '; ' if rule else ''}{longest.words} plus {', '.join(one.words for one in added)}"
    elif any(one.kind == "tail" for one in found):
        rule = f"{rule + '; ' if rule else ''}what follows the last dose is not counted"
    return FollowUp(text, round(weeks, 2), rule)


def _stretches(text: str) -> list[_Stretch]:
    """Durations in the order of the text; "week 52" is found before "52 weeks", so that no number is taken twice."""
    unit_first = [
        m for m in _UNIT_FIRST.finditer(text) if not _NUMBER_BEFORE.search(text[max(0, m.start() - 9) : m.start()])
    ]
    rest = text
    for match in unit_first:
        rest = rest[: match.start()] + "_" * len(match.group()) + rest[match.end() :]
    found = []
    for match in (*unit_first, *_NUMBER_FIRST.finditer(rest)):
        unit = _UNITS[match["unit"] if match["unit"] in _UNITS else match["unit"].rstrip("s")]
        weeks = _largest(match["numbers"]) * _WEEKS[unit]
        found.append(_Stretch(weeks, match.group().strip(), match.start(), _kind(text, match)))
    return sorted(found, key=lambda one: one.start)


def _largest(numbers: str) -> float:
    if numbers in _IN_WORDS:
        return _IN_WORDS[numbers]
    return max((float(number.replace(",", "")) for number in re.findall(_NUMBER, numbers)), default=1.0)


def _kind(text: str, match: re.Match[str]) -> str:
    before, after = text[max(0, match.start() - 60) : match.start()], text[match.end() : match.end() + 80]
    if _NO_FOLLOW_UP_BEFORE.search(before):
        return "recurring"
    if _PLUS_BEFORE.search(before):
        return "plus"
    return "tail" if _TAIL_AFTER.search(after) else "main"
