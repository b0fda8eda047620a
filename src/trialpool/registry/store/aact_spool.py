"""AACT's pipe-delimited files, in which the rows of a trial are scattered over tables, as a stream of whole records."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from trialpool import checks
from trialpool.errors import InputError
from trialpool.registry.read import Loaded, Problem, aact_tables, read_aact_table
from trialpool.registry.store.aact import aact_columns, loaded_from_database
from trialpool.registry.store.database import Database
from trialpool.registry.store.index import new_connection
from trialpool.registry.store.tables import TABLES, Table

__all__ = ["read_aact"]

_ROWS_TOGETHER = 20_000


def read_aact(path: Path | str, nct_ids: Sequence[str] | None = None) -> Iterator[Loaded | Problem]:
    r"""Records from the pipe-delimited files of AACT: a folder, or the zip archive as it was downloaded.

    The rows pass through a temporary DuckDB file, about as large as the archive, sorted by trial: memory does not grow with
    their number.

    Parameters
    ----------
    path : path
        With ``studies.txt`` and the other tables.
    nct_ids : sequence of str, optional
        Identifiers of the trials; all where none are given.

    Returns
    -------
    iterator of Loaded or Problem
        First the problems of the files, then the records, sorted by identifier, each followed by its problems.

    Raises
    ------
    InputError
        If the path does not exist, or holds no table ``studies``.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "studies.txt").write_text("nct_id|brief_title\nNCT00000102|A trial\n")
    ...     found = list(read_aact(folder))
    >>> [item.record.title for item in found if isinstance(item, Loaded)]
    ['A trial']
    >>> found[0].problem
    "the table 'designs' is not there; the records are read without it"
    """
    there = aact_tables(path)
    if "studies" not in there:
        raise InputError(f"{path}: no studies.txt; name a folder or zip archive with the tables of AACT")
    return _read(Path(path), there, nct_ids)


def _read(path: Path, there: Sequence[str], nct_ids: Sequence[str] | None) -> Iterator[Loaded | Problem]:
    duckdb = checks.require_extra("duckdb", "registry", "the files of AACT")
    ibis = checks.require_extra("ibis", "registry", "the files of AACT")
    with tempfile.TemporaryDirectory(prefix="trialpool-aact-") as folder:
        connection = new_connection(Path(folder, "aact.duckdb"))
        errors = (duckdb.Error, ibis.common.exceptions.IbisError)
        with Database(path.as_posix(), ibis.duckdb.from_connection(connection), errors) as database:
            for table in TABLES.values():
                yield from _spool(connection, path, table, table.name in there)
            yield from _orphans(connection, path)
            yield from loaded_from_database(database, nct_ids)


def _spool(connection: Any, path: Path, table: Table, there: bool) -> Iterator[Problem]:
    columns = aact_columns(table)
    typed = ", ".join(f'"{name}" VARCHAR' for name in columns)
    connection.execute(f"CREATE TABLE spool ({typed})")
    if there:
        yield from _fill(connection, path, table.name, columns)
    else:
        yield Problem(
            path.as_posix(),
            "",
            "",
            f"the table {table.name!r} is not there; the records are read without it",
            "",
            "field",
        )
    replaced = "* REPLACE (TRY_CAST(id AS BIGINT) AS id)" if "id" in columns else "*"
    order = "nct_id, id" if "id" in columns else "nct_id"
    connection.execute(f'CREATE TABLE "{table.name}" AS SELECT {replaced} FROM spool ORDER BY {order}')  # noqa: S608 - names of ours
    connection.execute("DROP TABLE spool")


def _fill(connection: Any, path: Path, name: str, columns: Sequence[str]) -> Iterator[Problem]:
    arrow = checks.require_extra("pyarrow", "registry", "the files of AACT")
    schema = arrow.schema([(column, arrow.string()) for column in columns])
    rows: list[dict[str, str | None]] = []

    def flush() -> None:
        connection.register("gathered", arrow.Table.from_pylist(rows, schema=schema))
        connection.execute("INSERT INTO spool FROM gathered")
        connection.unregister("gathered")
        rows.clear()

    for row in read_aact_table(path, name):
        if isinstance(row, Problem):
            yield row
            continue
        rows.append(row)
        if len(rows) == _ROWS_TOGETHER:
            flush()
    flush()


def _orphans(connection: Any, path: Path) -> Iterator[Problem]:
    """Rows of trials that ``studies`` lacks: no record can be made of them."""
    for name in sorted(TABLES.keys() - {"studies"}):
        number, trials, first = connection.execute(
            f'SELECT count(*), count(DISTINCT nct_id), min(nct_id) FROM "{name}" AS these '  # noqa: S608 - a name of ours
            "WHERE NOT EXISTS (FROM studies WHERE studies.nct_id = these.nct_id)"
        ).fetchall()[0]
        if number:
            problem = f"{number} rows of {trials} trials that the table 'studies' lacks, such as {first}; left out"
            yield Problem(f"{path.as_posix()}/{name}", "", "", problem, "", "row")
