"""What is wrong with a review file: each problem with its line, so that all can be listed in the order of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from trialpool.analysis.schema import TABLES, Table
from trialpool.analysis.toml_lines import TomlLines
from trialpool.checks import nearest, quoted
from trialpool.choices import word_names
from trialpool.errors import OptionError
from trialpool.pool import AUTOMATIC, Automatic, Request, RequestWords, Thresholds, make_request, request_from_words

__all__ = ["Record", "as_names", "find_problems", "problem_at", "request_of"]

Record = Mapping[str, Any]

Problem = tuple[int, str]
"""A line, and what is wrong there."""


def find_problems(document: Record, lines: TomlLines) -> list[str]:
    """Every problem, in the order of the file."""
    problems = [*_structure(document, lines), *_references(document, lines)]
    return [text for _, text in sorted(problems, key=lambda problem: problem[0])]


def request_of(item: Record, thresholds: Thresholds | None = None) -> tuple[Request, Automatic | None]:
    """The request that the words of an analysis make; where none says how to pool, the choice is automatic."""
    given = {name: item[name] for name in word_names() if name in item}
    for name in ("increment", "relevant", "conf_level"):
        if name in given:
            given[name] = float(given[name])
    if not set(given) - {"measure", "conf_level"}:
        given["method"] = AUTOMATIC
    asked = request_from_words(RequestWords(**given))
    if isinstance(asked, Request):
        return asked, None
    default = make_request(measure=asked.measure, conf_level=asked.conf_level)
    assert isinstance(default, Request)  # noqa: S101 (a profile's method is never automatic)
    return default, replace(asked, thresholds=thresholds or Thresholds())


def as_names(value: str | list[str]) -> tuple[str, ...]:
    """One name or several, as several."""
    return (value,) if isinstance(value, str) else tuple(value)


def problem_at(lines: TomlLines, table: str, index: int, key: str, text: str) -> Problem:
    """A problem with its line and key."""
    subject = f"key '{key}' " if key else ""
    return _at(lines.of(table, index, key), table, index, subject + text)


def _at(line: int, table: str, index: int, text: str) -> Problem:
    where = "top level"
    if table:
        where = f"[[{table}]] number {index + 1}" if TABLES[table].repeated else f"[{table}]"
    return line, f"line {line}, {where}: {text}"


def _structure(document: Record, lines: TomlLines) -> Iterator[Problem]:
    """Unknown tables and keys, missing ones, and values of the wrong kind."""
    top: dict[str, Any] = {}
    for name, value in document.items():
        if name not in TABLES and name not in TABLES[""].keys and (isinstance(value, dict) or _is_tables(value)):
            yield _unknown_table(name, lines)
        elif name not in TABLES or not name:
            top[name] = value
    yield from _table_problems(top, "", 0, lines)
    for name, table in TABLES.items():
        if name in document and name:
            yield from _kind_and_content(name, table, document[name], lines)
        elif table.required:
            brackets = f"[[{name}]]" if table.repeated else f"[{name}]"
            needed = quoted(key for key, rule in table.keys.items() if rule.required)
            yield 0, f"table {brackets} is missing; it needs {needed}"


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _unknown_table(name: str, lines: TomlLines) -> Problem:
    line = lines.of(name)
    tables = [table for table in TABLES if table]
    return line, f"line {line}: table [{name}] is not known{nearest(name, tables)}; allowed: {quoted(tables)}"


def _kind_and_content(name: str, table: Table, value: Any, lines: TomlLines) -> Iterator[Problem]:
    if table.repeated:
        if not _is_tables(value):
            yield problem_at(lines, name, 0, "", f"must be written [[{name}]], once for each {name}")
            return
        for index, item in enumerate(value):
            yield from _table_problems(item, name, index, lines)
    elif isinstance(value, dict):
        yield from _table_problems(value, name, 0, lines)
    else:
        yield problem_at(lines, name, 0, "", f"must be one table, written [{name}] once")


def _table_problems(item: Record, name: str, index: int, lines: TomlLines) -> Iterator[Problem]:
    keys = TABLES[name].keys
    for key, value in item.items():
        if key not in keys:
            yield problem_at(lines, name, index, key, f"is not known{nearest(key, keys)}; allowed: {quoted(keys)}")
            continue
        wrong = keys[key].check(value)
        if wrong:
            yield problem_at(lines, name, index, key, wrong)
    for key, rule in keys.items():
        if rule.required and key not in item:
            yield problem_at(lines, name, index, "", f"key '{key}' is missing")


def _references(document: Record, lines: TomlLines) -> Iterator[Problem]:
    """Names that point elsewhere in the file, and options that do not go together.

    What :func:`_structure` finds wrong is left to it, and so is what points to a name that may be meant by it.
    """
    outcomes, ids = _column(document, "outcome", "name"), _column(document, "analysis", "id")
    yield from _repeated("outcome", "name", outcomes, lines)
    yield from _repeated("analysis", "id", ids, lines)
    yield from _both_sides(document.get("comparison"), lines)
    yield from _dangling("analysis", "outcome", document, outcomes, lines)
    yield from _dangling("published", "analysis", document, ids, lines)
    yield from _options(document, lines)
    for index, item in _items(document, "published"):
        valid = all(_valid("published", name, item) for name in ("estimate", "conf_low", "conf_high"))
        if valid and not item["conf_low"] <= item["estimate"] <= item["conf_high"]:
            yield problem_at(lines, "published", index, "estimate", "does not lie between conf_low and conf_high")


def _options(document: Record, lines: TomlLines) -> Iterator[Problem]:
    """Options that do not go together, at the line of the one that the message names first."""
    for index, item in _items(document, "analysis"):
        given = [name for name in word_names() if name in item]
        if not all(_valid("analysis", name, item) for name in given):
            continue
        try:
            request_of(item)
        except OptionError as error:
            named = next((name for name in given if re.match(rf"{name}\b", str(error))), "")
            yield _at(lines.of("analysis", index, named), "analysis", index, str(error))


def _items(document: Record, table: str) -> Iterator[tuple[int, Record]]:
    value = document.get(table)
    yield from enumerate(value if isinstance(value, list) and _is_tables(value) else [])


def _valid(table: str, key: str, item: Record) -> bool:
    return key in item and not TABLES[table].keys[key].check(item[key])


def _column(document: Record, table: str, key: str) -> Sequence[str | None]:
    """The values of a key in all tables of one name; None where it has none that is valid."""
    return [item[key] if _valid(table, key, item) else None for _, item in _items(document, table)] or [None]


def _dangling(
    table: str, key: str, document: Record, targets: Sequence[str | None], lines: TomlLines
) -> Iterator[Problem]:
    """Names of an outcome or an analysis that the file does not have."""
    known = [target for target in targets if target is not None]
    if len(known) < len(targets):
        return
    for index, item in _items(document, table):
        if _valid(table, key, item) and item[key] not in known:
            text = f"names no [[{key}]]: {item[key]!r}{nearest(item[key], known)}; there are {quoted(known)}"
            yield problem_at(lines, table, index, key, text)


def _repeated(table: str, key: str, values: Sequence[str | None], lines: TomlLines) -> Iterator[Problem]:
    """Names that differ in nothing but case are one name, in the data as in the files that are written."""
    folded = [None if value is None else value.strip().casefold() for value in values]
    for index, value in enumerate(values):
        if value is not None and folded[index] in folded[:index]:
            yield problem_at(lines, table, index, key, f"{value!r} is there already; each {table} needs its own {key}")


def _both_sides(comparison: object, lines: TomlLines) -> Iterator[Problem]:
    """A treatment that stands on both sides of the comparison."""
    sides = ("treatment", "control")
    if not (isinstance(comparison, dict) and all(_valid("comparison", side, comparison) for side in sides)):
        return
    treatments = {name.strip().casefold() for name in as_names(comparison["treatment"])}
    both = [name for name in as_names(comparison["control"]) if name.strip().casefold() in treatments]
    if both:
        yield problem_at(
            lines, "comparison", 0, "control", f"has {quoted(both)}, which is a treatment too; name two sides"
        )
