"""The trials that were left out before the table was made, as a table beside it names them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from trialpool.checks import nearest, quoted
from trialpool.read.cells import CellError, label, text
from trialpool.read.columns import column_titles, folded
from trialpool.read.formats import load_sheet
from trialpool.read.problems import Problem, raise_problems
from trialpool.read.sheet import NO_ROWS, Row, Sheet

__all__ = ["LEFT_OUT_COLUMNS", "LeftOut", "LeftOutTable", "read_left_out"]

_PARSERS: Mapping[str, Callable[[object], str]] = {
    "trial": label,
    "registry_id": label,
    "outcome": label,
    "title": text,
    "reason": text,
}
_REQUIRED = ("trial", "reason")

LEFT_OUT_COLUMNS = tuple(_PARSERS)
"""The columns of the table; ``trial`` and ``reason`` are required."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A trial that was left out before the table was made, and why.

    Attributes
    ----------
    trial, registry_id : str
    outcome : str
        Empty where it is left out of all.
    title : str
    reason : str
    """

    trial: str
    reason: str
    registry_id: str = ""
    outcome: str = ""
    title: str = ""

    def to_dict(self) -> dict[str, str]:
        """The trial as JSON-ready data."""
        found = asdict(self)
        return {name: found[name] for name in LEFT_OUT_COLUMNS}


@dataclass(frozen=True, slots=True)
class LeftOutTable:
    """The trials that were left out, in the order of the file that names them; it may name none.

    Attributes
    ----------
    rows : tuple of LeftOut
    source_name : str
        File name without its folder.
    sha256 : str
        Of the file's bytes.
    """

    rows: tuple[LeftOut, ...]
    source_name: str
    sha256: str


def read_left_out(path: str | os.PathLike[str], *, max_bytes: int = 64 * 2**20) -> LeftOutTable:
    r"""Read a table of trials that were left out.

    Parameters
    ----------
    path : path
        A file of a kind that a table of trial arms may have, with the columns ``trial`` and ``reason``; ``registry_id``,
        ``outcome`` and ``title`` may stand beside them. It may have no row.
    max_bytes : int
        Largest file that is read.

    Raises
    ------
    TableError
        With every problem found in the table, each with its row and column.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as name:
    ...     path = Path(name) / "excluded.csv"
    ...     _ = path.write_text("trial,reason\nNCT00000102,no results are posted\n")
    ...     found = read_left_out(path)
    >>> [(one.trial, one.reason) for one in found.rows]
    [('NCT00000102', 'no results are posted')]
    """
    sheet, sha256 = load_sheet(os.fspath(path), max_bytes)
    positions = _positions(sheet)
    problems = [problem for problem in sheet.problems if problem != NO_ROWS]
    rows = tuple(_row(row, positions, problems) for row in sheet.rows)
    raise_problems(sheet.where, problems, tuple(positions))
    return LeftOutTable(rows, sheet.name, sha256 or "")


def _positions(sheet: Sheet) -> dict[str, int]:
    """Position of each column; every other column is refused, as its content would be lost."""
    problems = list(sheet.problems) if not sheet.header else []
    titles = column_titles(sheet, problems)
    raise_problems(sheet.where, [*problems, *_wrong_columns(titles)])
    by_fold = {folded(name): name for name in LEFT_OUT_COLUMNS}
    return {by_fold[folded(title)]: i for i, title in enumerate(titles)}


def _wrong_columns(titles: Sequence[str]) -> Iterator[Problem]:
    found = {folded(title) for title in titles}
    missing = [name for name in _REQUIRED if folded(name) not in found]
    if missing:
        yield Problem(f"a table of trials left out lacks {quoted(missing)}; the columns found are {quoted(titles)}")
    known = {folded(name) for name in LEFT_OUT_COLUMNS}
    for title in titles:
        if folded(title) not in known:
            hint = nearest(title, LEFT_OUT_COLUMNS)
            yield Problem(f"column {title!r} is not known{hint}; allowed: {quoted(LEFT_OUT_COLUMNS)}")


def _row(row: Row, positions: Mapping[str, int], problems: list[Problem]) -> LeftOut:
    values: dict[str, str] = {}
    for name, position in positions.items():
        cell = row.cells[position]
        try:
            values[name] = "" if cell is None else _PARSERS[name](cell)
        except CellError as error:
            problems.append(Problem(str(error), row.number, name))
        else:
            if not values[name] and name in _REQUIRED:
                problems.append(Problem(f"is empty; give {_needed(name)}", row.number, name))
    return LeftOut(**{"trial": "", "reason": "", **values})


def _needed(name: str) -> str:
    return "the name of the trial" if name == "trial" else "why the trial was left out"
