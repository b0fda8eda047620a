"""A batch of records on its way into a store: Parquet files in a staging folder, then moved in, ``records`` last."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from trialpool import checks
from trialpool.errors import OutputError
from trialpool.registry.store.layout import Layout
from trialpool.registry.store.tables import TABLES, arrow_schema

__all__ = ["TABLES_KEY", "Batch", "discard_leftovers", "own_columns"]

TABLES_KEY = "trialpool_tables"
"""In the metadata of a file of ``records``: the other tables of its batch, so that a file that is gone can be told from none."""

_INDEX = "records"

Row = tuple[object, ...]


class Batch:
    """Rows gathered in memory, written table by table, visible in the store all at once.

    Parameters
    ----------
    layout : Layout
    number : str
        Greater than those of all batches before it.
    """

    def __init__(self, layout: Layout, number: str) -> None:
        self.number = number
        self._layout = layout
        self._schemas = _schemas()
        self._rows: dict[str, list[Row]] = {}
        self._writers: dict[str, Any] = {}
        self.pending = 0

    def add(self, tables: Mapping[str, Sequence[Row]]) -> None:
        """Add rows, in memory until they are flushed."""
        for table, rows in tables.items():
            self._rows.setdefault(table, []).extend(rows)
            self.pending += len(rows)

    def flush(self, *tables: str) -> None:
        """Write the rows gathered for these tables, or for all but ``records``, as a row group each; OutputError if they cannot be."""
        try:
            self._flush(tables or tuple(table for table in self._rows if table != _INDEX))
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> OutputError:
        return OutputError(f"{self._layout.folder}: the store cannot be written ({error.strerror or error})")

    def _flush(self, tables: Sequence[str]) -> None:
        arrow = checks.require_extra("pyarrow", "registry", "a store of registry records")
        for table in tables:
            rows = self._rows.pop(table, [])
            if not rows:
                continue
            self.pending -= len(rows)
            schema = self._schemas[table]
            columns = [
                arrow.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            writer = self._writer(table)
            writer.write_table(arrow.Table.from_arrays(columns, schema=writer.schema))

    @property
    def begun(self) -> bool:
        """Whether anything was written."""
        return bool(self._writers)

    def _writer(self, table: str) -> Any:
        if table not in self._writers:
            parquet = checks.require_extra("pyarrow.parquet", "registry", "a store of registry records")
            self._layout.staging.mkdir(exist_ok=True)
            place = self._layout.staging / f"{table}.parquet"
            schema = self._schemas[table]
            if table == _INDEX:
                schema = schema.with_metadata({TABLES_KEY: ",".join(sorted(self._writers))})
            self._writers[table] = parquet.ParquetWriter(place, schema, compression="zstd")
        return self._writers[table]

    def commit(self) -> None:
        """Write what is pending and move the files in: the batch counts from the moment that ``records`` is in place."""
        self.flush()
        try:
            self._move_in()
        except OSError as error:
            raise self._unwritable(error) from None

    def _move_in(self) -> None:
        self._writer(_INDEX)
        self._flush((_INDEX,))
        for writer in self._writers.values():
            writer.close()
        for table in sorted(self._writers, key=lambda name: name == _INDEX):
            goal = self._layout.file(table, self.number)
            goal.parent.mkdir(exist_ok=True)
            (self._layout.staging / f"{table}.parquet").replace(goal)
        self._layout.staging.rmdir()

    def abandon(self) -> None:
        """Close files that are not going to count; those of a batch that counts are closed already."""
        for writer in self._writers.values():
            with suppress(OSError):
                writer.close()


def discard_leftovers(layout: Layout) -> None:
    """Remove what a load left behind that was ended before it counted."""
    shutil.rmtree(layout.staging, ignore_errors=True)
    for path in layout.leftovers():
        path.unlink()


_OWN = {
    "records": (
        "nct_id version:BIGINT content:BIGINT sha256 registry_date data_version source place loaded_on:DATE source_note "
        "aliases:VARCHAR[] has_results:BOOLEAN event_rows:BIGINT batch sequence:BIGINT raw_group:BIGINT raw_row:BIGINT"
    ),
    "raw": "nct_id version:BIGINT json",
    "problems": "file nct_id path problem value lost loaded_on:DATE source_note",
}


def own_columns(table: str) -> list[tuple[str, str]]:
    """Columns, with their SQL types, of ``records``, ``raw`` or ``problems``."""
    pairs = (word.partition(":") for word in _OWN[table].split())
    return [(name, kind or "VARCHAR") for name, _, kind in pairs]


def _schemas() -> dict[str, Any]:
    arrow = checks.require_extra("pyarrow", "registry", "a store of registry records")
    types = {
        "VARCHAR": arrow.string(),
        "BIGINT": arrow.int64(),
        "DATE": arrow.date32(),
        "BOOLEAN": arrow.bool_(),
        "VARCHAR[]": arrow.list_(arrow.string()),
    }
    own = {name: arrow.schema([(column, types[kind]) for column, kind in own_columns(name)]) for name in _OWN}
    return {name: arrow_schema(table) for name, table in TABLES.items()} | own
