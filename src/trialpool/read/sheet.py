"""The one shape that every file format and data frame is brought to: a header and numbered rows of raw cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trialpool.read.cells import is_empty, shown
from trialpool.read.problems import Problem
from trialpool.results import Note

__all__ = ["FRAME_NAME", "NO_ROWS", "Record", "Row", "Sheet", "make_sheet", "sheet_from_file"]

FRAME_NAME = "data frame"

NO_ROWS = Problem("there is no row of data; give one row per trial or arm")
"""What is wrong with a table that has a header alone."""

Record = tuple[int, Sequence[object]]
"""The number of a row, and its raw cells."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the number a person finds it by, and one raw cell per column; an empty cell is None."""

    number: int
    cells: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it was found: nothing is parsed yet.

    Attributes
    ----------
    name : str
        File name without its folder, or ``"data frame"``.
    header : tuple of object
        Raw names of the columns.
    rows : tuple of Row
    problems : tuple of Problem
        What kept a row from being split into the header's columns.
    notes : tuple of Note
    remark : str
        What a message about the table says beside its name.
    """

    name: str
    header: tuple[object, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    remark: str = ""

    @property
    def where(self) -> str:
        """The name for messages, with what could surprise."""
        return f"{self.name} ({self.remark})" if self.remark else self.name


def sheet_from_file(name: str, records: Iterable[Record], *, exact: bool = False) -> Sheet:
    """Build a Sheet whose header is the first record that is not blank."""
    remaining = iter(records)
    header = next((cells for _, cells in remaining if not all(map(is_empty, cells))), None)
    if header is None:
        return Sheet(name, (), (), (Problem("the file is empty; give a header row and one row per trial or arm"),))
    return make_sheet(name, header, remaining, exact=exact)


def make_sheet(
    name: str,
    header: Sequence[object],
    records: Iterable[Record],
    *,
    exact: bool = False,
    remark: str = "",
) -> Sheet:
    """Build a Sheet: blank records, and columns without name and values, are passed over.

    With ``exact``, a record with more or fewer fields than the header is a problem; otherwise the cells that a short
    record lacks are empty.
    """
    problems: list[Problem] = []
    rows: list[Row] = []
    named = [i for i, title in enumerate(header) if not is_empty(title)]
    for number, raw_cells in records:
        cells = [None if is_empty(cell) else cell for cell in raw_cells]
        if cells.count(None) == len(cells):
            continue
        if exact and len(cells) != len(header):
            problems.append(Problem(_field_count(len(cells), len(header)), row=number))
            continue
        problems.extend(_unnamed_cells(number, cells, header))
        rows.append(Row(number, tuple(cells[i] if i < len(cells) else None for i in named)))
    if not rows and not problems:
        problems.append(NO_ROWS)
    return Sheet(name, tuple(header[i] for i in named), tuple(rows), tuple(problems), remark=remark)


def _field_count(found: int, expected: int) -> str:
    cause = (
        "put a text that holds the delimiter in double quotes"
        if found > expected
        else "keep the delimiters of empty cells, and start a new line only between rows"
    )
    return f"{found} fields where the header has {expected}; {cause}"


def _unnamed_cells(number: int, cells: Sequence[object], header: Sequence[object]) -> list[Problem]:
    return [
        Problem(f"{shown(cell)} stands in column {i + 1}, which has no name in the header; name it or clear it", number)
        for i, cell in enumerate(cells)
        if cell is not None and (i >= len(header) or is_empty(header[i]))
    ]
