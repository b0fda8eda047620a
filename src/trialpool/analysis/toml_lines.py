"""Where each key of a TOML file stands, so that a mistake can be shown with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["TomlLines"]

_TOKEN = re.compile(
    r"""
    (?P<skip>[ \t\r]+|\#[^\n]*)
    | (?P<quoted>
        \"{3}(?:\\.|[^\\])*?\"{3,5}
        | '{3}.*?'{3,5}
        | \"(?:\\.|[^\"\\\n])*\"
        | '[^'\n]*'
      )
    | (?P<mark>[\n\[\]{}=,.])
    | (?P<bare>[^\s\#\[\]{}=,.\"']+)
    """,
    re.VERBOSE | re.DOTALL,
)

Section = tuple[str, int]
"""Dotted name of a table, and its number among the tables of that name (0 for the first)."""


class _Token(NamedTuple):
    kind: str | None
    text: str
    line: int


class TomlLines:
    """Line numbers of the tables and keys of a document that is valid TOML.

    >>> lines = TomlLines('title = "x"\\n[[analysis]]\\nid = "a"\\n[[analysis]]\\nid = "b"\\n')
    >>> lines.of("analysis", 1, "id"), lines.of("", 0, "title"), lines.of("analysis", 0, "missing")
    (5, 1, 2)
    """

    __slots__ = ("_keys", "_sections", "_tokens")

    def __init__(self, text: str) -> None:
        self._sections: dict[Section, int] = {("", 0): 1}
        self._keys: dict[tuple[Section, str], int] = {}
        self._tokens = _tokens(text)
        section: Section = ("", 0)
        counts: dict[str, int] = {}
        for token in self._tokens:
            if token.text == "[" and token.kind == "mark":
                section = self._header(counts)
            elif token.kind != "mark":
                self._assignment(section, token)

    def of(self, section: str, index: int = 0, key: str = "") -> int:
        """Line of a key, else of its table, else 1."""
        place = (section, index)
        return self._keys.get((place, key), self._sections.get(place, 1))

    def _header(self, counts: dict[str, int]) -> Section:
        """Read ``[name]`` or ``[[name]]`` after its first bracket."""
        token = next(self._tokens)
        repeated = token.kind == "mark"
        path = self._path(next(self._tokens) if repeated else token, "]")
        if repeated:
            next(self._tokens)
        *parents, last = path
        parent = ".".join(parents)
        self._place((parent, counts.get(parent, 0)), last, token.line)
        name = ".".join(path)
        counts[name] = counts.get(name, -1) + 1 if repeated else 0
        self._sections[name, counts[name]] = token.line
        return name, counts[name]

    def _assignment(self, section: Section, token: _Token) -> None:
        """Read ``key = value``, with dotted keys, from its first token."""
        for name in self._path(token, "="):
            self._place(section, name, token.line)
            section = (f"{section[0]}.{name}".lstrip("."), 0)
        self._value(section)

    def _path(self, token: _Token, end: str) -> list[str]:
        path = [_plain(token)]
        for following in self._tokens:
            if following.kind == "mark" and following.text == end:
                break
            if following.kind != "mark":
                path.append(_plain(following))
        return path

    def _place(self, section: Section, name: str, line: int) -> None:
        """Remember a key, and the table it would be if it holds one."""
        self._keys.setdefault((section, name), line)
        self._sections.setdefault((f"{section[0]}.{name}".lstrip("."), 0), line)

    def _value(self, section: Section) -> None:
        """Read a value to its end, with the keys of the inline tables in it."""
        open_marks: list[str] = []
        name, index = section[0], -1
        for token in self._tokens:
            if token.kind != "mark":
                continue
            if token.text == "[":
                open_marks.append("[")
            elif token.text == "{":
                index += 1
                self._sections[name, index] = token.line
                self._inline_table((name, index))
            elif token.text == "]" and open_marks:
                open_marks.pop()
            elif token.text == "\n" and not open_marks:
                return

    def _inline_table(self, section: Section) -> None:
        raise NotImplementedError


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "skip":
            yield _Token(match.lastgroup, match.group(), line)
        line += match.group().count("\n")


def _plain(token: _Token) -> str:
    if token.kind == "quoted":
        return str(tomllib.loads(f"key = {token.text}")["key"])
    return token.text
