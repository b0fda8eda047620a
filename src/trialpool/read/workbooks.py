"""XLSX workbooks: the first worksheet as a Sheet, with its row numbers."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from trialpool.checks import quoted, require_extra
from trialpool.errors import TableError
from trialpool.read.cells import Unusable
from trialpool.read.problems import one_line
from trialpool.read.sheet import Record, Sheet, sheet_from_file
from trialpool.results import Note

__all__ = ["read_workbook"]

_LAST_ROW = 1_048_576
# What openpyxl and the standard library raise on a workbook that is damaged, encrypted or not one at all.
_DAMAGED = (
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
_NO_STORED_VALUE = (
    "holds a formula without a stored value; open the workbook in a spreadsheet program and save it, or paste the value"
)


def read_workbook(data: bytes, name: str, max_bytes: int) -> Sheet:
    """Read the first worksheet; a formula counts as the value that the workbook stores for it."""
    openpyxl = require_extra("openpyxl", "tables", "reading an .xlsx workbook")
    _check_unpacked_size(data, name, max_bytes)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions that it does not keep; none of them holds a value.
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            written = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
            stored = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            records = list(_records(written.worksheets[0], stored.worksheets[0]))
    except _DAMAGED as error:
        cause = one_line(error)
        raise TableError(name, [f"not a readable .xlsx workbook ({cause}); save it anew, or as CSV"]) from error
    return _with_other_sheets(sheet_from_file(name, records), [sheet.title for sheet in written.worksheets])


def _check_unpacked_size(data: bytes, name: str, max_bytes: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        problem = "not an intact .xlsx workbook; save an .xls or password-protected workbook as plain .xlsx or CSV"
        raise TableError(name, [problem]) from None
    if unpacked > max_bytes:
        raise TableError(name, [f"its content unpacks to {unpacked:,} bytes, more than the limit of {max_bytes:,}"])


def _records(written: Any, stored: Any) -> Iterator[Record]:
    # The size that a file states for its sheet can be wrong; without it the rows themselves are counted.
    written.reset_dimensions()
    stored.reset_dimensions()
    pairs = zip(written.iter_rows(max_row=_LAST_ROW), stored.iter_rows(max_row=_LAST_ROW), strict=True)
    for row_number, (formulas, values) in enumerate(pairs, start=1):
        yield row_number, tuple(_value(f, v) for f, v in zip(formulas, values, strict=True))


def _value(written: Any, stored: Any) -> object:
    if stored.data_type == "e":
        return Unusable(f"holds the spreadsheet error {stored.value}; mend the formula or clear the cell")
    # A stored empty text has the type "str"; a formula never calculated has none.
    if written.data_type == "f" and stored.value is None and stored.data_type == "n":
        return Unusable(_NO_STORED_VALUE)
    value: object = stored.value
    return value


def _with_other_sheets(sheet: Sheet, titles: Sequence[str]) -> Sheet:
    """The sheet with the names of those beside it, for its notes and for every message about it."""
    if len(titles) == 1:
        return sheet
    remark = f"only the first worksheet {titles[0]!r} is read, not {quoted(titles[1:])}"
    return replace(sheet, remark=remark, notes=(Note("other-worksheets", f"{sheet.name}: {remark}", "warning"),))
