"""What a record or a file could not give, as rows of an error table; and the log that collects them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from trialpool.registry.model import Record

__all__ = ["Loaded", "Log", "Lost", "Problem", "shortened"]

Lost = Literal["record", "field", "row", "nothing"]

_LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """A row of the error table.

    Attributes
    ----------
    file : str
        The file; ``archive.zip!member``, ``lines.ndjson:12`` (a line) and ``page.json#studies[3]`` (an element) inside it.
    nct_id : str
        Empty where the record does not say.
    path : str
        The field inside the record, such as ``"resultsSection.adverseEventsModule.eventGroups[1].id"``; empty for a file.
    problem : str
        In plain words, with what to do where there is something to do.
    value : str
        As given, shortened to some 200 characters.
    lost : {"record", "field", "row", "nothing"}
        What the load lacks because of it: all of the record, one field (read as "not stated"), one row of a list (a group, a
        term, a cell), or nothing: a remark.

    Examples
    --------
    >>> Problem("a.json", "NCT00000001", "hasResults", "not true or false", "maybe", "field").lost
    'field'
    """

    file: str
    nct_id: str
    path: str
    problem: str
    value: str
    lost: Lost


@dataclass(frozen=True, slots=True)
class Loaded:
    """A record and its bytes: compact JSON with sorted keys, UTF-8; their SHA-256 is ``record.origin.sha256``."""

    record: Record
    raw: bytes


@dataclass(slots=True)
class Log:
    """Collects the problems of one record."""

    file: str
    nct_id: str = ""
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: str, problem: str, value: object = "", *, lost: Lost = "nothing") -> None:
        """Add a row; ``value`` is shortened."""
        self.problems.append(Problem(self.file, self.nct_id, path, problem, shortened(value), lost))


def shortened(value: object) -> str:
    """A value as the error table shows it: text as it is, lists and objects by what they are, long ones cut.

    >>> shortened("NR"), shortened([1, 2]), shortened({"id": 1}), shortened(None)
    ('NR', 'a list of 2', 'an object with the keys id', 'null')
    """
    if isinstance(value, Mapping):
        keys = ", ".join(_cut(str(key), 30) for key in list(value)[:6])
        more = ", ..." if len(value) > 6 else ""
        written = f"an object with the keys {keys}{more}" if value else "an empty object"
    elif isinstance(value, list):
        written = f"a list of {len(value)}"
    elif value is None or isinstance(value, bool):
        written = {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, int) and value.bit_length() > 4 * _LONGEST_VALUE:
        written = f"an integer of {value.bit_length()} bits"
    else:
        written = str(value)
    return _cut(written, _LONGEST_VALUE)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."
