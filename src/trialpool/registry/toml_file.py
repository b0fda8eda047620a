"""A flat TOML file from outside: read, and every mistake listed with its line."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from trialpool.analysis.schema import Key
from trialpool.analysis.toml_lines import TomlLines
from trialpool.checks import nearest, quoted
from trialpool.errors import ReviewError

__all__ = [
    "name_problem",
    "parse_flat",
    "read_toml_text",
    "text_problem",
    "texts_of",
    "texts_problem",
    "word_of",
]

_MOST_BYTES = 2**20
_MOST_TEXTS = 2000
_LONGEST_SHOWN = 60

Mistakes = Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]
"""From a document to the keys that do not go together, and why."""


def read_toml_text(path: Path, what: str, *, most_bytes: int = _MOST_BYTES) -> str:
    """The text of a TOML file.

    Raises
    ------
    ReviewError
        It cannot be read, is too large, empty, or not UTF-8.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ReviewError(str(path), [f"is not a file; give the path of {what}"])
        if size > most_bytes:
            raise ReviewError(str(path), [f"has {size} bytes; {what} has at most {most_bytes}"])
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise ReviewError(str(path), [f"{reason}; give the path of {what}"]) from None
    except UnicodeDecodeError as error:
        raise ReviewError(str(path), [f"is not UTF-8 (byte {error.start + 1}); save the file as UTF-8"]) from None
    if not text.strip():
        raise ReviewError(str(path), [f"is empty; write {what}"])
    return text


def parse_flat(text: str, name: str, keys: Mapping[str, Key], mistakes: Mistakes) -> Mapping[str, Any]:
    """The keys of a TOML document without tables of its own but those that ``keys`` has.

    Parameters
    ----------
    text : str
    name : str
        Of the file, for messages.
    keys : mapping of str to Key
    mistakes
        Asked once every key is valid by itself.

    Raises
    ------
    ReviewError
        With every mistake, by line and key.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ReviewError(name, [f"is not valid TOML: {error}; correct that line"]) from None
    except (ValueError, ArithmeticError, RecursionError):
        raise ReviewError(name, ["is nested too deeply, or holds a number too long to read"]) from None
    lines = TomlLines(text)
    problems = [*_by_key(document, keys)] or [*mistakes(document)]
    if problems:
        placed = sorted((lines.of("", 0, key), key, wrong) for key, wrong in problems)
        raise ReviewError(
            name, [f"line {line}: {f'key {key!r} ' if key else ''}{wrong}" for line, key, wrong in placed]
        )
    return document


def _by_key(document: Mapping[str, Any], keys: Mapping[str, Key]) -> Iterator[tuple[str, str]]:
    for key, value in document.items():
        if key not in keys:
            yield key, f"is not known{nearest(key, keys)}; allowed: {quoted(keys)}"
        elif wrong := keys[key].check(value):
            yield key, wrong
    for key, rule in keys.items():
        if rule.required and key not in document:
            yield "", f"key '{key}' is missing"


def text_problem(value: Any) -> str:
    """Nothing, or why a value is no text."""
    if not isinstance(value, str):
        return f"is {_shown(value)}; give text in quotes"
    if not value.isprintable():
        return f"{value[:_LONGEST_SHOWN]!r} holds a line break or a control character; remove it"
    return "" if value.strip() else "is empty; give text"


def name_problem(value: Any) -> str:
    """Nothing, or why a value cannot be a name in a table: one line that starts with a letter or digit, without ``<``."""
    wrong = text_problem(value)
    if wrong or (value.strip()[0].isalnum() and "<" not in value):
        return wrong
    return f"is {_shown(value)}; a name starts with a letter or a digit, and holds no '<'"


def texts_problem(value: Any) -> str:
    """Nothing, or why a value is no list of different texts."""
    if not isinstance(value, list) or not value:
        return f'is {_shown(value)}; give a list such as ["nausea"]'
    if len(value) > _MOST_TEXTS:
        return f"has {len(value)} entries; at most {_MOST_TEXTS} are allowed"
    wrong = next(filter(None, map(text_problem, value)), "")
    folded = [item.strip().casefold() for item in value] if not wrong else []
    twice = next((item for i, item in enumerate(value) if not wrong and folded[i] in folded[:i]), None)
    return wrong or ("" if twice is None else f"names {twice!r} twice; name it once")


def texts_of(check: Callable[[str], str]) -> Callable[[Any], str]:
    """A check of a list of texts, each by itself."""

    def listed(value: Any) -> str:
        wrong = texts_problem(value)
        return wrong or next((f"{item!r} {problem}" for item in value if (problem := check(item))), "")

    return listed


def word_of(words: Sequence[str]) -> Callable[[Any], str]:
    """A check of one word of several."""

    def check(value: Any) -> str:
        if isinstance(value, str) and value in words:
            return ""
        return f"is {_shown(value)}{nearest(str(value), words)}; allowed: {quoted(words)}"

    return check


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "a list" if value else "an empty list"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
