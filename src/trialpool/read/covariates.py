"""Every column that is not ours: numbers where all its values are, else text."""

from __future__ import annotations

import math

from trialpool.read.cells import CellError, as_number, number, shown, text
from trialpool.read.columns import Layout
from trialpool.read.problems import Problem
from trialpool.read.sheet import Row, Sheet
from trialpool.results import Note
from trialpool.trials import Covariate

__all__ = ["read_covariates"]


def read_covariates(
    sheet: Sheet, layout: Layout, problems: list[Problem]
) -> tuple[list[dict[str, Covariate]], list[Note]]:
    """The covariates of each row, in the order of the sheet's rows; an empty cell is absent.

    A column that is kept as text although some of its values are numbers is noted, with the value that decided it.
    """
    by_row: list[dict[str, Covariate]] = [{} for _ in sheet.rows]
    notes: list[Note] = []
    for title, position in layout.covariates.items():
        filled = [i for i, row in enumerate(sheet.rows) if row.cells[position] is not None]
        cells = [sheet.rows[i].cells[position] for i in filled]
        numeric = [_is_numeric(cell) for cell in cells]
        parse = number if all(numeric) else text
        for i, cell in zip(filled, cells, strict=True):
            try:
                by_row[i][title] = parse(cell)
            except CellError as error:
                problems.append(Problem(str(error), sheet.rows[i].number, title))
        if any(numeric) and not all(numeric):
            notes.append(_kept_as_text(title, sheet.rows[filled[numeric.index(False)]], position))
    return by_row, notes


def _is_numeric(cell: object) -> bool:
    """Whether a cell is a number; one that is not finite counts, so that it is refused and not kept as text."""
    found = as_number(cell)
    return found is not None and (math.isfinite(found) or not isinstance(cell, str))


def _kept_as_text(title: str, row: Row, position: int) -> Note:
    value = shown(row.cells[position])
    message = f"column {title!r} is kept as text, because row {row.number} holds {value}, which is not a number"
    return Note("covariate-kept-as-text", message)
