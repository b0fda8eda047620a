"""The files of the study: one a block of data sets while it runs, one table of all cells in the end."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from validation.censored.cells import Cell
from validation.coverage.store import read_rows

__all__ = ["BLOCKS", "PAGE", "RESULTS", "TABLES", "block_file", "block_files", "read_rows", "write_rows"]

HERE = Path(__file__).parent
BLOCKS = HERE / "cells"
RESULTS = HERE / "results.csv"
TABLES = HERE / "RESULTS.md"
PAGE = HERE.parents[1] / "docs" / "explanation" / "events-not-listed.md"


def block_file(folder: Path, cell: Cell, block: int) -> Path:
    """Where the answers to a block of data sets are."""
    return folder / cell.name / f"{block:03}.csv"


def block_files(folder: Path, cell: Cell) -> list[Path]:
    """Those that are there."""
    return sorted((folder / cell.name).glob("*.csv"))


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows whole or not at all: a run may be stopped at any time."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text.getvalue(), encoding="utf-8")
    part.replace(path)
