"""What is wrong with a table, gathered until the whole table has been looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trialpool.errors import TableError

__all__ = ["Problem", "one_line", "raise_problems"]


def one_line(error: Exception) -> str:
    """The message of another library's error on one line."""
    return " ".join(str(error).split())


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with its row and column where it has them.

    >>> str(Problem("12 events in 10 participants", row=7, column="events"))
    "row 7, column 'events': 12 events in 10 participants"
    """

    text: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        row = [f"row {self.row}"] if self.row is not None else []
        column = [f"column {self.column!r}"] if self.column is not None else []
        place = ", ".join(row + column)
        return f"{place}: {self.text}" if place else self.text


def raise_problems(where: str, problems: Iterable[Problem], titles: Sequence[str] = ()) -> None:
    """Raise one TableError that lists the problems by row, then column; do nothing without any."""
    position = {title: i for i, title in enumerate(titles)}

    def place(problem: Problem) -> tuple[int, int]:
        return -1 if problem.row is None else problem.row, position.get(problem.column or "", -1)

    in_order = sorted(problems, key=place)
    if in_order:
        raise TableError(where, [str(problem) for problem in in_order])
