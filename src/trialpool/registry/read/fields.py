"""Fields of a JSON object by name, with their path: whatever is not what it should be becomes a problem, never an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialpool.registry.read.figures import Figure, count, number, percentage
from trialpool.registry.read.markdown import unescaped
from trialpool.registry.read.problems import Log, shortened

__all__ = ["Node"]

_EMPTY: Mapping[str, Any] = {}


class Node:
    """A JSON object at its path; a key that is missing, or null, is "not stated".

    >>> log = Log("a.json")
    >>> node = Node({"title": "Placebo", "n": "12", "ids": "EG000"}, "groups[0]", log)
    >>> node.text("title"), node.count("n"), node.texts("ids")
    ('Placebo', 12, ())
    >>> [(row.path, row.problem) for row in log.problems]
    [('groups[0].ids', 'a list was expected here; read as not stated')]
    """

    __slots__ = ("data", "log", "path")

    def __init__(self, data: Mapping[str, Any], path: str, log: Log) -> None:
        self.data = data
        self.path = path
        self.log = log

    def __bool__(self) -> bool:
        return bool(self.data)

    def at(self, key: str) -> str:
        """The path of a field."""
        return f"{self.path}.{key}" if self.path else key

    def text(self, key: str) -> str:
        """A text, as it is; a number is written out, anything else is lost."""
        value = self.data.get(key)
        if value is None:
            return ""
        return value if isinstance(value, str) else self._as_text(self.at(key), value)

    def as_given(self, key: str) -> str:
        """What was written for a number, before it is read as one."""
        value = self.data.get(key)
        return value if isinstance(value, str) else shortened(value) if _is_number(value) else ""

    def markup(self, key: str) -> str:
        """A text of the kind that the registry escapes as Markdown, without the escapes."""
        return unescaped(self.text(key))

    def _as_text(self, path: str, value: object) -> str:
        if _is_number(value):
            self.log.add(path, "a number stands where text was expected; read as text", value)
            return shortened(value)
        self.log.add(path, "text was expected here; read as not stated", value, lost="field")
        return ""

    def flag(self, key: str) -> bool | None:
        """True, false or not stated."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, bool):
            self.log.add(self.at(key), "true or false was expected here; read as not stated", value, lost="field")
            return None
        return value

    def integer(self, key: str) -> int | None:
        """A count that the registry keeps as an integer: text is read too, with a remark."""
        value = self.data.get(key)
        if type(value) is int and 0 <= value < 2**53:
            return value
        found, figure = count(value)
        if isinstance(value, str) and not figure.remark:
            self.log.add(self.at(key), f"text stands where an integer was expected; read as {_read_as(found)}", value)
        else:
            self._remark(key, figure, value)
        return found

    def count(self, key: str) -> int | None:
        """A count that the registry keeps as text."""
        value = self.data.get(key)
        # Nearly all are plain digits: no need to look for anything else.
        if type(value) is str and value.isascii() and value.isdigit() and len(value) < 15:
            return int(value)
        found, figure = count(value)
        self._remark(key, figure, value)
        return found

    def number(self, key: str) -> float | None:
        """A number that the registry keeps as text."""
        value = self.data.get(key)
        if value is None:
            return None
        figure = number(value)
        self._remark(key, figure, value)
        return figure.value

    def percentage(self, key: str) -> float | None:
        """A percentage, as a share."""
        value = self.data.get(key)
        figure = percentage(value)
        self._remark(key, figure, value)
        return figure.value

    def _remark(self, key: str, figure: Figure, value: object) -> None:
        if figure.remark:
            self.log.add(self.at(key), figure.remark, value, lost=figure.lost)

    def child(self, key: str) -> Node:
        """An object; empty if it is missing."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, dict):
            self.log.add(self.at(key), "an object was expected here; read as not stated", value, lost="field")
            value = None
        return Node(_EMPTY if value is None else value, self.at(key), self.log)

    def descend(self, *keys: str) -> Node:
        """The object at the end of several keys."""
        node = self
        for key in keys:
            node = node.child(key)
        return node

    def _list(self, key: str) -> list[Any]:
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.log.add(self.at(key), "a list was expected here; read as not stated", value, lost="field")
            return []
        return value

    def children(self, key: str) -> Iterator[Node]:
        """The objects of a list; anything else in it is lost."""
        path = self.at(key)
        for i, value in enumerate(self._list(key)):
            if isinstance(value, dict):
                yield Node(value, f"{path}[{i}]", self.log)
            else:
                self.log.add(f"{path}[{i}]", "an object was expected here; left out", value, lost="row")

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a list; anything else in it is lost."""
        found = []
        path = self.at(key)
        for i, value in enumerate(self._list(key)):
            if isinstance(value, str):
                found.append(value)
            elif _is_number(value):
                found.append(self._as_text(f"{path}[{i}]", value))
            else:
                self.log.add(f"{path}[{i}]", "text was expected here; left out", value, lost="row")
        return tuple(found)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _read_as(found: int | None) -> str:
    return "not stated" if found is None else str(found)
