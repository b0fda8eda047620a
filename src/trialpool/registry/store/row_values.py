"""Cells of AACT's rows, as text from its files or typed from its database, and the rows of one trial, table by table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from trialpool.registry.read import Problem

__all__ = ["Row", "TrialRows", "blocks", "runs", "text"]

Row = Mapping[str, Any]


class TrialRows:
    """The rows of one trial; what cannot be read becomes a problem with table, row and column.

    Parameters
    ----------
    nct_id : str
    place : str
        Where they are from: the ``file`` of the problems.
    tables : mapping of str to sequence of rows
        Each row by the names of its columns.
    """

    def __init__(self, nct_id: str, place: str, tables: Mapping[str, Sequence[Row]]) -> None:
        self.nct_id = nct_id
        self.problems: list[Problem] = []
        self._place = place
        self._tables = tables

    def of(self, table: str) -> Sequence[Row]:
        """Rows of a table, in the order of their numbers, which is that of the record."""
        return self._tables.get(table, ())

    def by(self, table: str, column: str) -> Mapping[int, list[Row]]:
        """Rows of a table by a column that holds the number of another row; rows without one are told and left out."""
        found: dict[int, list[Row]] = {}
        for row in self.of(table):
            number = self.integer(table, row, column)
            if number is None:
                self.add(table, row, column, "the row belongs to no other; left out", row.get(column), lost="row")
            else:
                found.setdefault(number, []).append(row)
        return found

    def path(self, table: str, row: Row) -> str:
        """A row as sources and problems name it."""
        return f"{table}[id={row.get('id')}]" if row.get("id") is not None else table

    def add(self, table: str, row: Row, column: str, problem: str, value: object, **lost: Any) -> None:
        """Note a problem with a cell."""
        text = "" if value is None else str(value)[:200]
        place = self.path(table, row)
        self.problems.append(
            Problem(self._place, self.nct_id, f"{place}.{column}", problem, text, lost.get("lost", "nothing"))
        )

    def integer(self, table: str, row: Row, column: str) -> int | None:
        """A whole number, or None; text that is none is a problem."""
        value = row.get(column)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except ValueError:
            self.add(table, row, column, "not a whole number; read as not stated", value, lost="field")
            return None

    def count(self, table: str, row: Row, column: str) -> int | None:
        """A whole number, 0 or more, or None."""
        value = self.integer(table, row, column)
        if value is not None and value < 0:
            self.add(table, row, column, "a count is 0 or more; read as not stated", value, lost="field")
            return None
        return value

    def number(self, table: str, row: Row, column: str) -> float | None:
        """A number, or None; text that is none is a problem."""
        value = row.get(column)
        if value is None or value == "":
            return None
        try:
            found = float(value)
        except ValueError:
            found = float("nan")
        if abs(found) < float("inf"):
            # The database has no negative zero, the files have: both are to give the same record.
            return found + 0.0
        self.add(table, row, column, "not a finite number; read as not stated", value, lost="field")
        return None


def text(row: Row, column: str) -> str:
    """A text; empty where the cell, or the column, is missing."""
    value = row.get(column)
    return "" if value is None else str(value)


def runs(rows: Iterable[Row], *columns: str) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    """Rows that follow each other with the same texts in these columns."""
    for key, members in groupby(rows, lambda row: tuple(text(row, column) for column in columns)):
        yield key, list(members)


def blocks(rows: Iterable[Row], column: str = "ctgov_group_code") -> Iterator[list[Row]]:
    """Rows split where a value comes again: AACT does not say where one list of groups ends and the next begins."""
    block: list[Row] = []
    seen: set[str] = set()
    for row in rows:
        value = text(row, column)
        if value in seen:
            yield block
            block, seen = [], set()
        block.append(row)
        seen.add(value)
    if block:
        yield block
