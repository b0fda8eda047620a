"""Records as CSV: numbers in full, and no text that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["Record", "csv_text", "defused"]

Record = Mapping[str, Any]

_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def defused(text: str) -> str:
    """A text that a spreadsheet does not take for a formula.

    >>> defused("=1+1"), defused("rash")
    ("'=1+1", 'rash')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    # a carriage return would end the row unquoted
    return defused(value).replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else str(value)


def csv_text(columns: Sequence[str], records: Iterable[Record]) -> str:
    r"""Records as CSV with a header.

    >>> csv_text(["a", "b"], [{"a": 0.1, "b": None}])
    'a,b\n0.1,\n'
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(record[column]) for column in columns] for record in records)
    return stream.getvalue()
