"""The index of a store's versions: which of them is current, and the tables with the rows of those alone."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from trialpool import checks
from trialpool.display import plural
from trialpool.errors import InputError
from trialpool.registry.store.batches import TABLES_KEY, own_columns
from trialpool.registry.store.layout import Layout
from trialpool.registry.store.tables import TABLES

__all__ = ["connect", "connected", "damaged", "define_tables", "new_connection"]

# Of a query; beyond it, DuckDB goes on in temporary files.
_MEMORY_LIMIT = "4GB"

# Of several versions with one registry date, the one that was loaded last.
_CURRENT = """
    CREATE TEMP TABLE latest AS SELECT * FROM records WHERE registry_date <= ?
    QUALIFY row_number() OVER (PARTITION BY nct_id ORDER BY registry_date DESC, batch DESC, sequence DESC) = 1;
"""
# A trial under an identifier that another trial calls obsolete is that trial: it would count twice.
_OBSOLETE = """
    CREATE TEMP TABLE aliases AS SELECT DISTINCT unnest(aliases) AS alias, nct_id FROM latest;
    CREATE TEMP TABLE obsolete AS SELECT DISTINCT alias AS nct_id FROM aliases AS this WHERE alias <> nct_id
        AND NOT EXISTS (FROM aliases AS that WHERE that.alias = this.nct_id AND that.nct_id = this.alias AND this.alias < this.nct_id);
    CREATE TEMP TABLE current_versions AS FROM latest ANTI JOIN obsolete USING (nct_id);
"""
_END_OF_TIME = "9999-12-31"
_PATTERN = re.compile(r"[*?\[]")


def new_connection(file: Path | None = None) -> Any:
    """A DuckDB connection, to a file or in memory, with a bound to its memory and without a progress bar."""
    duckdb = checks.require_extra("duckdb", "registry", "registry records")
    connection = duckdb.connect(":memory:" if file is None else str(file))
    folder = Path(tempfile.gettempdir()) if file is None else file.parent
    connection.execute("SET memory_limit = ?", [_MEMORY_LIMIT])
    connection.execute("SET temp_directory = ?", [str(folder / f"trialpool-duckdb-{os.getpid()}")])
    connection.execute("SET enable_progress_bar = false")
    return connection


def connect(layout: Layout, as_of: date | None = None) -> Any:
    """A DuckDB connection with ``records``, ``problems``, ``aliases`` and ``current_versions``.

    Parameters
    ----------
    layout : Layout
    as_of : date, optional
        The last registry date that counts; all do where none is given.
    """
    duckdb = checks.require_extra("duckdb", "registry", "a store of registry records")
    layout.check()
    connection = new_connection()
    try:
        connection.execute("SET preserve_insertion_order = false")
        _refuse_missing(connection, layout)
        for name in ("records", "problems"):
            _view(connection, name, layout.files(name), own_columns(name))
        connection.execute(_CURRENT, [as_of.isoformat() if as_of else _END_OF_TIME])
        connection.execute(_OBSOLETE)
    except (duckdb.Error, InputError) as error:
        connection.close()
        raise (error if isinstance(error, InputError) else damaged(layout, error)) from None
    return connection


def _refuse_missing(connection: Any, layout: Layout) -> None:
    """Raise InputError if a file of a batch is not there; a batch that was written by an older version does not say which it has."""
    batches = layout.batches()
    gone = [layout.file("records", f"{i:06d}") for i in range(1, len(batches) + 1) if f"{i:06d}" not in batches]
    if batches and not gone:
        rows = connection.execute(
            "SELECT file_name, decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = ? ORDER BY 1",
            [_exact(layout.files("records")), TABLES_KEY],
        ).fetchall()
        files = (layout.file(table, Path(name).stem) for name, tables in rows for table in tables.split(",") if table)
        gone = [file for file in files if not file.exists()]
    if gone:
        others = len(gone) - 1
        more = f", nor {'is' if others == 1 else 'are'} {plural(others, 'more file')}" if others else ""
        raise InputError(
            f"{gone[0]} is not there{more}, and its rows would be missing; put it back, "
            "or load the records again into a new store"
        )


@contextmanager
def connected(layout: Layout, as_of: date | None = None) -> Iterator[Any]:
    """A connection for a block; what DuckDB cannot do becomes an InputError."""
    duckdb = checks.require_extra("duckdb", "registry", "a store of registry records")
    connection = connect(layout, as_of)
    try:
        yield connection
    except duckdb.Error as error:
        raise damaged(layout, error) from None
    finally:
        connection.close()


def define_tables(connection: Any, layout: Layout) -> None:
    """Add AACT's tables as views, with the rows of the current versions alone."""
    for table in TABLES.values():
        columns = [(column.name, column.sql) for column in table.columns]
        _view(connection, table.name, layout.files(table.name), columns, "SEMI JOIN current_versions USING (version)")


def _view(
    connection: Any, name: str, files: Sequence[str], columns: Sequence[tuple[str, str]], suffix: str = ""
) -> None:
    if files:
        listed = ", ".join("'{}'".format(file.replace("'", "''")) for file in _exact(files))
        connection.execute(f'CREATE TEMP VIEW "{name}" AS FROM read_parquet([{listed}]) {suffix}')
    else:
        typed = ", ".join(f'"{column}" {kind}' for column, kind in columns)
        connection.execute(f'CREATE TEMP TABLE "{name}" ({typed})')


def _exact(files: Sequence[str]) -> list[str]:
    """Files as DuckDB takes them: a folder named "data*" is that one, not all that begin with "data"."""
    return [_PATTERN.sub(r"[\g<0>]", file) for file in files]


def damaged(layout: Layout, error: Exception) -> InputError:
    """The error for files that cannot be read."""
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    return InputError(
        f"{layout.folder}: the store cannot be read ({reason}); restore its files, or load the records into a new store"
    )
