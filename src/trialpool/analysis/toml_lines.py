"""Where each key of a TOML file stands, so that a mistake can be shown with its line."""

from __future__ import annotations

import re

__all__ = ["TomlLines"]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*[=.]""")
_MULTI_LINE = re.compile(r"'''|\"\"\"")

Section = tuple[str, int]
"""Dotted name of a table, and its number among the tables of that name (0 for the first)."""


class TomlLines:
    """Line numbers of tables and keys.

    >>> lines = TomlLines('title = "x"\\n[[analysis]]\\nid = "a"\\n[[analysis]]\\nid = "b"\\n')
    >>> lines.of("analysis", 1, "id"), lines.of("", 0, "title"), lines.of("analysis", 0, "missing")
    (5, 1, 2)
    """

    __slots__ = ("_keys", "_sections")

    def __init__(self, text: str) -> None:
        self._sections: dict[Section, int] = {("", 0): 1}
        self._keys: dict[tuple[Section, str], int] = {}
        counts: dict[str, int] = {}
        section: Section = ("", 0)
        inside_text = False
        for number, line in enumerate(text.splitlines(), start=1):
            was_inside = inside_text
            if len(_MULTI_LINE.findall(line)) % 2:
                inside_text = not inside_text
            if was_inside:
                continue
            header = _HEADER.match(line)
            if header:
                name = _plain(header.group(2))
                repeated = header.group(1) == "[["
                counts[name] = counts.get(name, -1) + 1 if repeated else 0
                section = (name, counts[name])
                self._sections[section] = number
                continue
            key = _KEY.match(line)
            if key:
                self._keys.setdefault((section, _plain(key.group(1))), number)

    def of(self, section: str, index: int = 0, key: str = "") -> int:
        """Line of a key, else of its table, else of the key that holds the table inline, else 1."""
        place = (section, index)
        parent, _, name = section.rpartition(".")
        inline = self._keys.get(((parent, 0), name), 1)
        return self._keys.get((place, key), self._sections.get(place, inline))


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))

