"""arms.toml, read and written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from trialpool.analysis.toml_lines import TomlLines
from trialpool.checks import nearest, quoted
from trialpool.errors import ReviewError
from trialpool.files import write_file
from trialpool.registry.groups.arms_file import STATUSES, ArmEntry, ArmsFile, merged
from trialpool.registry.groups.matches import KINDS, ROLES, GroupMatch, RecordGroups
from trialpool.registry.toml_file import read_toml_text, word_of

__all__ = ["arms_from_text", "read_arms_file", "write_arms_file"]

_WHAT = "an arms file, such as trialpool writes"
_MOST_BYTES = 64 * 2**20
_HEAD = f"""\
# Event groups of the trials, and what they are taken for. What you write here always wins, and is kept when records change.
#
# status = "accepted"   sure enough to be used; nothing to do
# status = "ask"        in doubt, and not used: look at it, then write "confirmed", or change the values and write "corrected"
# status = "confirmed"  you say that the values are right
# status = "corrected"  you changed the values
#
# kind: {", ".join(KINDS)}
# role: {", ".join(ROLES)} (of what the group received beside background)
# arms and treatments: names as the record has them. A line note = "..." is yours, and is kept.
# check shows whether the values of an entry were edited; leave it as it is.
"""
_SHORT_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_KEYS = ("title", "arms", "kind", "role", "treatments", "confidence", "status", "check", "note")
_NEEDED = ("title", "arms", "kind", "role", "treatments", "status")


def read_arms_file(path: str | Path) -> ArmsFile:
    """Read what a user confirmed and corrected.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    ArmsFile

    Raises
    ------
    ReviewError
        The file cannot be read, is not TOML, or holds mistakes; all of them are listed with their line.
    """
    path = Path(path)
    return arms_from_text(read_toml_text(path, _WHAT, most_bytes=_MOST_BYTES), path.name)


def arms_from_text(text: str, name: str = "arms.toml") -> ArmsFile:
    r"""The entries of an arms file that is given as text.

    >>> text = '[[NCT00000000]]\ntitle = "A"\narms = []\nkind = "arm"\nrole = "active"\ntreatments = []\nstatus = "confirmed"'
    >>> arms_from_text(text).entries[0].by_user
    True
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ReviewError(name, [f"is not valid TOML: {error}; correct that line"]) from None
    except (ValueError, ArithmeticError, RecursionError):
        raise ReviewError(name, ["is nested too deeply, or holds a number too long to read"]) from None
    lines = TomlLines(text)
    problems = sorted(_problems(document, lines))
    if problems:
        raise ReviewError(name, [f"line {line}: {problem}" for line, problem in problems])
    return ArmsFile(
        tuple(
            _entry(nct_id, item, lines.of(nct_id, i))
            for nct_id, items in document.items()
            for i, item in enumerate(items)
        ),
        name,
    )


def _entry(nct_id: str, item: Mapping[str, Any], line: int) -> ArmEntry:
    return ArmEntry(
        nct_id,
        item["title"],
        tuple(item["arms"]),
        item["kind"],
        item["role"],
        tuple(item["treatments"]),
        None if "confidence" not in item else float(item["confidence"]),
        item["status"],
        item.get("note", ""),
        line,
    )


def _problems(document: Mapping[str, Any], lines: TomlLines) -> Iterator[tuple[int, str]]:
    for nct_id, items in document.items():
        if not re.fullmatch(r"NCT\d{8}", nct_id):
            yield lines.of("", 0, nct_id), f"{nct_id!r} is no trial; entries stand under [[NCT01234567]]"
        elif not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            yield lines.of("", 0, nct_id), f"{nct_id} is not a list of entries; write [[{nct_id}]] above each"
        else:
            for place, item in enumerate(items):
                yield from _problems_of(nct_id, place, item, lines)


def _problems_of(nct_id: str, place: int, item: Mapping[str, Any], lines: TomlLines) -> Iterator[tuple[int, str]]:
    found = [(lines.of(nct_id, place, key), f"key {key!r} {wrong}") for key, wrong in _wrong_values(item)]
    found += [(lines.of(nct_id, place), f"key {key!r} is missing") for key in _NEEDED if key not in item]
    yield from found
    if not found:
        entry = _entry(nct_id, item, 0)
        if item.get("check", entry.check) != entry.check and not entry.by_user:
            yield (
                lines.of(nct_id, place, "status"),
                f"the values were edited, but status is {entry.status!r}; write 'corrected', or delete the entry to renew it",
            )


def _wrong_values(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    words = {"kind": word_of(KINDS), "role": word_of(ROLES), "status": word_of(STATUSES)}
    for key, value in item.items():
        wrong = ""
        if key not in _KEYS:
            wrong = f"is not known{nearest(key, _KEYS)}; allowed: {quoted(_KEYS)}"
        elif key in words:
            wrong = words[key](value)
        elif key in {"title", "check", "note"}:
            wrong = "" if isinstance(value, str) else "is no text; give text in quotes"
        elif key == "confidence":
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            wrong = "" if number and 0 <= value <= 1 else "is not a number from 0 to 1"
        elif not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            wrong = 'is not a list of texts; give one such as ["Placebo"], or []'
        if wrong:
            yield key, wrong


def write_arms_file(
    path: str | Path, matches: Iterable[RecordGroups], previous: ArmsFile | None = None
) -> tuple[str, ...]:
    """Write the arms file of some records, keeping what the user decided.

    Parameters
    ----------
    path : str or Path
    matches : iterable of RecordGroups
    previous : ArmsFile, optional
        The file as it was: entries that the user confirmed or corrected are kept, all others are made anew.

    Returns
    -------
    tuple of str
        One remark for each kept entry whose group its record does not have any more.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    entries = list(merged(matches, previous))
    write_file(path, _text(entries).encode())
    return tuple(
        f"{entry.nct_id}: no event group is called {entry.title!r} (any more); the entry is kept, and is not used"
        for entry, match in entries
        if match is None
    )


def _text(entries: list[tuple[ArmEntry, GroupMatch | None]]) -> str:
    blocks = [_HEAD]
    for nct_id, group in groupby(entries, key=lambda pair: pair[0].nct_id):
        blocks.append(f"# {'-' * 20} {nct_id} {'-' * 20}\n")
        blocks += [_block(entry, match) for entry, match in group]
    return "\n".join(blocks)


def _block(entry: ArmEntry, match: GroupMatch | None) -> str:
    lines = [*_comments(entry, match), f"[[{entry.nct_id}]]"]
    lines += [
        f"title = {_string(entry.title)}",
        f"arms = {_list(entry.arms)}",
        f"kind = {_string(entry.kind)}",
        f"role = {_string(entry.role)}",
        f"treatments = {_list(entry.treatments)}",
    ]
    if entry.confidence is not None:
        lines.append(f"confidence = {float(entry.confidence)!r}")
    lines.append(f"status = {_string(entry.status)}")
    lines += [f"note = {_string(entry.note)}"] if entry.note else []
    if not entry.by_user:
        lines.append(f"check = {_string(entry.check)}")
    return "\n".join(lines) + "\n"


def _comments(entry: ArmEntry, match: GroupMatch | None) -> Iterator[str]:
    if match is None:
        yield "# not used: the record has no group of this title (any more), or is not among these records"
    elif entry.status == "ask":
        yield from (f"# {_string(reason)[1:-1]}" for reason in match.reasons)
    elif entry.by_user:
        ours = (
            ""
            if match.decided_by == "user"
            else f"# by itself the program says: {', '.join(match.arms) or 'no arm'}; {match.kind}; {match.role}"
        )
        yield from [_string(ours)[1:-1]] if ours else []


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_string, texts))}]"


def _string(text: str) -> str:
    """A basic string; whatever could end it, hide in it or turn its reading direction is escaped."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\\uFFFD"  # half a character: TOML has no way to write it
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
