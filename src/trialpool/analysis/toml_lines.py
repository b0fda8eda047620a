"""Where each key of a TOML file stands, so that a mistake can be shown with its line."""

from __future__ import annotations

import re
import tomllib
from typing import NamedTuple

__all__ = ["TomlLines"]

_TOKEN = re.compile(
    r"""
    (?P<skip> [ \t\r]+ | \#[^\n]* )
    | (?P<quoted>
        \"{3} (?: \\. | [^\\] )*? \"{3,5}
        | '{3} .*? '{3,5}
        | \" (?: \\. | [^\"\\\n] )* \"
        | ' [^'\n]* '
      )
    | (?P<mark> [\n\[\]{}=,.] )
    | (?P<bare> [^\s\#\[\]{}=,.\"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)

Section = tuple[str, int]
"""Dotted name of a table, and its number among the tables of that name (0 for the first)."""


class _Token(NamedTuple):
    text: str
    line: int
    is_mark: bool


class TomlLines:
    r"""Line numbers of the tables and keys of a document that is known to be valid TOML.

    >>> lines = TomlLines('title = "x"\n[[analysis]]\nid = "a"\n[[analysis]]\nid = "b"\n')
    >>> lines.of("analysis", 1, "id"), lines.of("", 0, "title"), lines.of("analysis", 0, "missing")
    (5, 1, 2)
    """

    __slots__ = ("_keys", "_position", "_sections", "_tokens")

    def __init__(self, text: str) -> None:
        self._sections: dict[Section, int] = {("", 0): 1}
        self._keys: dict[tuple[Section, str], int] = {}
        self._tokens = _tokens(text)
        self._position = 0
        self._document()

    def of(self, section: str, index: int = 0, key: str = "") -> int:
        """Line of a key, else of its table, else 1."""
        place = (section, index)
        return self._keys.get((place, key), self._sections.get(place, 1))

    def _next_is(self, *marks: str) -> bool:
        token = self._tokens[self._position]
        return token.is_mark and token.text in marks

    def _take(self) -> _Token:
        self._position += 1
        return self._tokens[self._position - 1]

    def _document(self) -> None:
        section: Section = ("", 0)
        counts: dict[str, int] = {}
        while self._position < len(self._tokens) - 1:
            if self._next_is("\n"):
                self._take()
            elif self._next_is("["):
                section = self._header(counts)
            else:
                self._assignment(section)

    def _header(self, counts: dict[str, int]) -> Section:
        """``[name]`` or ``[[name]]``."""
        line = self._take().line
        repeated = self._next_is("[")
        if repeated:
            self._take()
        *parents, last = self._path("]")
        if repeated:
            self._take()
        parent = ".".join(parents)
        self._place((parent, counts.get(parent, 0)), last, line)
        name = _joined(parent, last)
        counts[name] = counts.get(name, -1) + 1 if repeated else 0
        self._sections[name, counts[name]] = line
        return name, counts[name]

    def _assignment(self, section: Section) -> None:
        """``key = value``; each part of a dotted key but the last is a table."""
        line = self._tokens[self._position].line
        for name in self._path("="):
            self._place(section, name, line)
            section = (_joined(section[0], name), 0)
        self._value(section)

    def _path(self, end: str) -> list[str]:
        """The parts of a dotted name, up to and with the mark that ends it."""
        path = []
        while not self._next_is(end):
            token = self._take()
            if not token.is_mark:
                path.append(_plain(token.text))
        self._take()
        return path

    def _place(self, section: Section, name: str, line: int) -> None:
        """Remember a key, and the table that it may hold."""
        self._keys.setdefault((section, name), line)
        self._sections.setdefault((_joined(section[0], name), 0), line)

    def _value(self, section: Section) -> None:
        """A value; inline tables in it hold keys of ``section``, those of an array of the sections of that name."""
        if self._next_is("["):
            self._array(section[0])
        elif self._next_is("{"):
            self._sections[section] = self._take().line
            while not self._next_is("}"):
                if self._next_is(",", "\n"):
                    self._take()
                else:
                    self._assignment(section)
            self._take()
        else:
            while not self._next_is("\n", ",", "]", "}"):
                self._take()

    def _array(self, name: str) -> None:
        self._take()
        index = 0
        while not self._next_is("]"):
            if self._next_is(",", "\n"):
                self._take()
            else:
                self._value((name, index))
                index += 1
        self._take()


def _tokens(text: str) -> list[_Token]:
    """Everything but white space and comments; the last is the end of a line."""
    tokens = []
    line = 1
    for match in _TOKEN.finditer(f"{text}\n"):
        if match.lastgroup != "skip":
            tokens.append(_Token(match.group(), line, match.lastgroup == "mark"))
        line += match.group().count("\n")
    return tokens


def _joined(parent: str, name: str) -> str:
    return f"{parent}.{name}" if parent else name


def _plain(name: str) -> str:
    """A key without its quotes and escapes."""
    return str(tomllib.loads(f"key = {name}")["key"]) if name[0] in "\"'" else name
