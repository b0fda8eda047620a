"""Regular expressions from outside: refused where they are invalid or could take very long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from trialpool.registry.events.spelling import american

__all__ = ["LONGEST_TERM", "TermPattern", "pattern_problem"]

LONGEST_TERM = 120
"""Characters of a term that a pattern is looked for in; names in the dictionaries have at most 100."""

_LONGEST_PATTERN = 300
_MOST = {"repeats": 2, "optional parts": 4, "groups": 4}
_PART = re.compile(r"\\\d+|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?:[*+]|\{\d*,?\d*\})[?+]?|\(\?P?|.", re.DOTALL)


def pattern_problem(pattern: str) -> str:
    """What is wrong with a pattern, or nothing.

    A repeat of a group, many repeats, optional parts or groups in one pattern, and references back can take very long
    on a hostile term, and no name of an event needs them.

    >>> pattern_problem("genital.*infection")
    ''
    >>> pattern_problem("(a+)+$")
    "repeats a group (character 5); repeat single characters only, as in '.*'"
    """
    if len(pattern) > _LONGEST_PATTERN:
        return f"has {len(pattern)} characters; at most {_LONGEST_PATTERN} are allowed"
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        place = f" at character {error.pos + 1}" if isinstance(error, re.error) and error.pos is not None else ""
        reason = error.msg if isinstance(error, re.error) else str(error)
        return f"is not a regular expression: {reason}{place}"
    if compiled.search("") is not None:
        return "matches every term; name something that the term must hold"
    return _slow(pattern)


def _slow(pattern: str) -> str:
    """What could make the pattern slow, by its characters alone."""
    counts = dict.fromkeys(_MOST, 0)
    before = ""
    for position, part in _parts(pattern):
        place = f"(character {position + 1})"
        if part.startswith("(?P") or (part[0] == "\\" and part[1:].isdigit()):
            return f"names a group or refers back to one {place}; leave the name out"
        repeats = part[0] in "*+{"
        if repeats and before == ")":
            return f"repeats a group {place}; repeat single characters only, as in '.*'"
        counts["repeats"] += repeats
        counts["optional parts"] += part == "?"
        counts["groups"] += part[0] == "("
        before = part
    for what, most in _MOST.items():
        if counts[what] > most:
            return f"has {counts[what]} {what}; at most {most} are allowed"
    return ""


def _parts(pattern: str) -> Iterator[tuple[int, str]]:
    """The escapes, sets, quantifiers, starts of groups and other characters of a valid pattern."""
    return ((match.start(), match.group()) for match in _PART.finditer(pattern))


@dataclass(frozen=True, slots=True)
class TermPattern:
    """A pattern that is looked for in a term as it is written, and in its American spelling; case does not count."""

    text: str
    _forms: tuple[re.Pattern[str], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        forms = tuple(re.compile(text, re.IGNORECASE) for text in (self.text, american_pattern(self.text)))
        object.__setattr__(self, "_forms", forms)

    def fits(self, term: str) -> bool:
        """Whether a term holds the pattern; only its first 120 characters count.

        >>> TermPattern("diarrhoea").fits("Chronic diarrhea"), TermPattern("^diarrhea").fits("Diarrhoea haemorrhagic")
        (True, True)
        """
        term = term[:LONGEST_TERM].strip()
        as_written, plain = self._forms
        return as_written.search(term) is not None or plain.search(american(term)) is not None


def american_pattern(pattern: str) -> str:
    r"""The letters of a pattern in American spelling, its escapes as they are.

    >>> american_pattern(r"\boedema\b|Diarrhoea")
    '\\bedema\\b|diarrhea'
    """
    parts = re.split(r"(\\.)", pattern, flags=re.DOTALL)
    return "".join(part if part.startswith("\\") else american(part) for part in parts)
