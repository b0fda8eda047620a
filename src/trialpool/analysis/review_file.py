"""review.toml to Review: validated as a whole, every mistake in one listing."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from trialpool.analysis.records import AnalysisSpec, OutcomeSpec, PublishedResult, Question, Review
from trialpool.analysis.schema import TABLES, Table
from trialpool.analysis.toml_lines import TomlLines
from trialpool.checks import nearest, quoted
from trialpool.errors import OptionError, ReviewError
from trialpool.pool import Request, RequestWords, request_from_words
from trialpool.pool.words import word_names

__all__ = ["read_review"]

_MOST_BYTES = 4 * 2**20

Record = Mapping[str, Any]


def read_review(path: str | Path) -> Review:
    """Read and validate a review file.

    Parameters
    ----------
    path : str or Path
        A TOML file; its keys are documented in docs/reference/review-file.md.

    Returns
    -------
    Review

    Raises
    ------
    ReviewError
        The file cannot be read, is not TOML, or holds mistakes; all of them are listed with line and key.
    """
    path = Path(path)
    content = _content(path)
    document = _parse(path.name, content)
    lines = TomlLines(content.decode())
    problems = [*_structure(document, lines)]
    if not problems:
        problems += _references(document, lines)
    if problems:
        raise ReviewError(path.name, [text for _, text in sorted(problems, key=lambda problem: problem[0])])
    return _review(document, path, hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ReviewError(
                path.name, ["is larger than 4 MB; a review file names its data file, it does not hold the data"]
            )
        content = path.read_bytes()
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise ReviewError(
            str(path), [f"{reason}; give the path of a review file, or make one with: trialpool example dupilumab"]
        ) from None
    if not content.strip():
        raise ReviewError(path.name, ["is empty; make an example with: trialpool example dupilumab"])
    return content


def _parse(name: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ReviewError(
            name, [f"line {line}: is not UTF-8 (byte {content[error.start]:#04x}); save the file as UTF-8"]
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ReviewError(name, [f"is not valid TOML: {error}; correct that line"]) from None


Problem = tuple[int, str]


def _problem(lines: TomlLines, table: str, index: int, key: str, text: str) -> Problem:
    line = lines.of(table, index, key)
    where = (
        f"[[{table}]] number {index + 1}"
        if table and TABLES[table].repeated
        else f"[{table}]"
        if table
        else "top level"
    )
    subject = f"key '{key}' " if key else ""
    return line, f"line {line}, {where}: {subject}{text}"


def _structure(document: Record, lines: TomlLines) -> Iterator[Problem]:
    """Unknown tables and keys, missing ones, and values of the wrong kind."""
    tables = [name for name in TABLES if name]
    top = {key: value for key, value in document.items() if key not in tables}
    for name, value in top.items():
        if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
            yield _unknown_table(name, lines)
    scalars = {key: value for key, value in top.items() if not isinstance(value, dict) and not _is_tables(value)}
    yield from _table_problems(scalars, "", 0, lines)
    for name in tables:
        table = TABLES[name]
        if name not in document:
            if table.required:
                brackets = f"[[{name}]]" if table.repeated else f"[{name}]"
                yield (
                    0,
                    f"table {brackets} is missing; it needs {quoted(k for k, v in table.keys.items() if v.required)}",
                )
            continue
        yield from _kind_and_content(name, table, document[name], lines)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _unknown_table(name: str, lines: TomlLines) -> Problem:
    line = lines.of(name)
    tables = [table for table in TABLES if table]
    return line, f"line {line}: table [{name}] is not known{nearest(name, tables)}; allowed: {quoted(tables)}"


def _kind_and_content(name: str, table: Table, value: Any, lines: TomlLines) -> Iterator[Problem]:
    if table.repeated:
        if not _is_tables(value):
            yield _problem(lines, name, 0, "", f"must be written [[{name}]], once for each {name}")
            return
        for index, item in enumerate(value):
            yield from _table_problems(item, name, index, lines)
    elif isinstance(value, dict):
        yield from _table_problems(value, name, 0, lines)
    else:
        yield _problem(lines, name, 0, "", f"must be one table, written [{name}] once")


def _table_problems(item: Record, name: str, index: int, lines: TomlLines) -> Iterator[Problem]:
    keys = TABLES[name].keys
    for key, value in item.items():
        if key not in keys:
            yield _problem(lines, name, index, key, f"is not known{nearest(key, keys)}; allowed: {quoted(keys)}")
            continue
        wrong = keys[key].check(value)
        if wrong:
            yield _problem(lines, name, index, key, wrong)
    for key, rule in keys.items():
        if rule.required and key not in item:
            yield _problem(lines, name, index, "", f"key '{key}' is missing")


def _references(document: Record, lines: TomlLines) -> Iterator[Problem]:
    """Names that point elsewhere in the file, and options that do not go together."""
    outcomes = [item["name"] for item in document["outcome"]]
    ids = [item["id"] for item in document["analysis"]]
    yield from _repeated("outcome", "name", outcomes, lines)
    yield from _repeated("analysis", "id", [value.casefold() for value in ids], lines)
    for index, item in enumerate(document["analysis"]):
        if item["outcome"] not in outcomes:
            text = f"names no [[outcome]]: {item['outcome']!r}{nearest(item['outcome'], outcomes)}; there are {quoted(outcomes)}"
            yield _problem(lines, "analysis", index, "outcome", text)
        try:
            _request(item)
        except OptionError as error:
            yield _problem(lines, "analysis", index, "", str(error))
    for index, item in enumerate(document.get("published", [])):
        if item["analysis"] not in ids:
            text = (
                f"names no [[analysis]]: {item['analysis']!r}{nearest(item['analysis'], ids)}; there are {quoted(ids)}"
            )
            yield _problem(lines, "published", index, "analysis", text)
        if not item["conf_low"] <= item["estimate"] <= item["conf_high"]:
            yield _problem(lines, "published", index, "estimate", "does not lie between conf_low and conf_high")


def _repeated(table: str, key: str, values: Sequence[str], lines: TomlLines) -> Iterator[Problem]:
    for index, value in enumerate(values):
        if value in values[:index]:
            yield _problem(lines, table, index, key, f"{value!r} is there already; each {table} needs its own {key}")


def _request(item: Record) -> Request:
    given = {name: item[name] for name in word_names() if name in item}
    for name in ("increment", "conf_level"):
        if name in given:
            given[name] = float(given[name])
    return request_from_words(RequestWords(**given))


def _names(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _review(document: Record, path: Path, sha256: str) -> Review:
    comparison = document["comparison"]
    outcomes = {item["name"]: _outcome(item) for item in document["outcome"]}
    multi_arm = comparison.get("multi_arm", "combine")
    return Review(
        title=document["title"],
        authors=document.get("authors", ""),
        question=Question(**document["question"]),
        data_file=document["data"]["file"],
        columns=document["data"].get("columns", {}),
        treatments=_names(comparison["treatment"]),
        controls=_names(comparison["control"]),
        outcomes=tuple(outcomes.values()),
        analyses=tuple(_analysis(item, outcomes[item["outcome"]], multi_arm) for item in document["analysis"]),
        published=tuple(_published(item) for item in document.get("published", [])),
        file_name=path.name,
        folder=str(path.parent),
        sha256=sha256,
    )


def _outcome(item: Record) -> OutcomeSpec:
    return OutcomeSpec(
        name=item["name"],
        label=item.get("label", item["name"]),
        better=item.get("better", "fewer"),
        baseline_risks=tuple(float(risk) for risk in item.get("baseline_risks", [])),
        description=item.get("description", ""),
    )


def _analysis(item: Record, outcome: OutcomeSpec, multi_arm: str) -> AnalysisSpec:
    return AnalysisSpec(
        id=item["id"],
        title=item.get("title", outcome.label),
        outcome=outcome,
        request=_request(item),
        kind=item.get("kind", "planned"),
        multi_arm=item.get("multi_arm", multi_arm),
        subgroups=tuple(item.get("subgroups", [])),
        comment=item.get("comment", ""),
    )


def _published(item: Record) -> PublishedResult:
    limits = [Decimal(item[name]) for name in ("estimate", "conf_low", "conf_high")]
    return PublishedResult(
        analysis=item["analysis"],
        measure=item.get("measure", ""),
        estimate=float(limits[0]),
        conf_low=float(limits[1]),
        conf_high=float(limits[2]),
        digits=max(max(0, -int(limit.as_tuple().exponent)) for limit in limits),
        trials=item.get("trials"),
        participants=item.get("participants"),
        source=item["source"],
        comment=item.get("comment", ""),
    )
