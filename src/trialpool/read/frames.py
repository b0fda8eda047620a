"""Data frames of any kind that narwhals knows, Parquet files, and lists of dicts, as a Sheet numbered from 0."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from trialpool.checks import require_extra
from trialpool.errors import OptionError, TableError
from trialpool.read.problems import one_line
from trialpool.read.sheet import FRAME_NAME, Sheet, make_sheet

__all__ = ["read_frame", "read_parquet", "read_records"]

_COUNTING = "rows counted from 0"


def read_records(records: Sequence[object]) -> Sheet:
    """Rows given as dicts; a key that a row lacks is an empty cell."""
    rows: list[Mapping[str, object]] = []
    for position, record in enumerate(records):
        if not isinstance(record, Mapping):
            kind = type(record).__name__
            raise OptionError(f"data[{position}] is of type {kind}; a list of rows holds one dict per row")
        rows.append(record)
    header = tuple(dict.fromkeys(key for row in rows for key in row))
    cells = (tuple(row.get(key) for key in header) for row in rows)
    return make_sheet(FRAME_NAME, header, enumerate(cells), remark=_COUNTING)


def read_frame(data: object) -> Sheet:
    """Any eager data frame that narwhals knows."""
    narwhals = require_extra("narwhals", "tables", "reading a data frame")
    return _from_narwhals(narwhals, data, FRAME_NAME)


def read_parquet(data: bytes, name: str, max_bytes: int) -> Sheet:
    """A Parquet file, by pyarrow."""
    narwhals = require_extra("narwhals", "tables", "reading a .parquet file")
    pyarrow = require_extra("pyarrow", "tables", "reading a .parquet file")
    parquet = require_extra("pyarrow.parquet", "tables", "reading a .parquet file")
    try:
        file = parquet.ParquetFile(io.BytesIO(data))
        # A few bytes can stand for millions of equal cells, each of which is at least a byte of text.
        cells = file.metadata.num_rows * file.metadata.num_columns
        if cells > max_bytes:
            raise TableError(name, [f"it holds {cells:,} cells, more than the limit of {max_bytes:,}"])
        table = file.read()
    except (pyarrow.ArrowException, OSError) as error:
        cause = one_line(error)
        raise TableError(name, [f"not a readable .parquet file ({cause}); write it anew, or as CSV"]) from error
    return _from_narwhals(narwhals, table, name)


def _from_narwhals(narwhals: Any, data: object, name: str) -> Sheet:
    try:
        frame = narwhals.from_native(data, eager_only=True)
    except narwhals.exceptions.DuplicateError as error:
        raise TableError(name, [f"two columns have the same name ({one_line(error)}); rename one"]) from None
    except TypeError:
        raise OptionError(
            f"data is of type {type(data).__name__}; give a path, a list of dicts or an eager data frame "
            "(pandas, polars, pyarrow Table; collect a lazy one first)"
        ) from None
    columns = [frame[:, i] for i in range(frame.shape[1])]
    rows = zip(*map(_plain, columns), strict=True)
    return make_sheet(name, tuple(frame.columns), enumerate(rows), remark=_COUNTING)


def _plain(column: Any) -> list[object]:
    """The values of a column; every way of saying missing is None."""
    missing = column.is_null().to_list()
    return [None if absent else value for value, absent in zip(column.to_list(), missing, strict=True)]
