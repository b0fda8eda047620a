"""The files of the study: one a cell while it runs, one table of all cells in the end."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from validation.coverage.cells import Cell
from validation.coverage.performance import COLUMNS, Row

__all__ = ["CELLS", "RESULTS", "TABLES", "cell_file", "finished", "merged", "read_rows", "write_rows"]

HERE = Path(__file__).parent
CELLS = HERE / "cells"
RESULTS = HERE / "results.csv"
TABLES = HERE / "RESULTS.md"


def cell_file(folder: Path, cell: Cell) -> Path:
    """Where the rows of a cell are."""
    return folder / f"{cell.name}.csv"


def read_rows(path: Path) -> list[Row]:
    """The rows of a file, as text; none where there is no file."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows whole or not at all: a run may be stopped at any time."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text.getvalue(), encoding="utf-8")
    part.replace(path)


def finished(path: Path, datasets: int) -> bool:
    """Whether a cell has been run with that many data sets, or more."""
    rows = read_rows(path)
    return bool(rows) and int(rows[0]["datasets"]) >= datasets


def merged(folder: Path, cells: Sequence[Cell], before: Iterable[Row]) -> list[Row]:
    """The rows of all cells in their order: from the cell's own file, else those of ``before``."""
    old: dict[tuple[str, ...], list[Row]] = {}
    for row in before:
        old.setdefault(_key(row), []).append(row)
    rows: list[Row] = []
    for cell in cells:
        rows += read_rows(cell_file(folder, cell)) or old.get(_key(cell.columns), [])
    return rows


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("k", "risk", "tau", "allocation", "log_odds_ratio", "baseline"))
