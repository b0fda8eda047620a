"""A store of registry records: every version of every record, and the tables that queries run on."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from trialpool import checks
from trialpool.errors import InputError
from trialpool.registry.model import Origin, Record
from trialpool.registry.read import Loaded, Problem, record_from_json
from trialpool.registry.store import queries
from trialpool.registry.store.batches import discard_leftovers
from trialpool.registry.store.database import Database
from trialpool.registry.store.index import connect, connected, damaged, define_tables
from trialpool.registry.store.layout import Layout
from trialpool.registry.store.loading import Known, LoadReport, load
from trialpool.registry.store.lock import locked
from trialpool.registry.store.record_json import record_from_model_json
from trialpool.registry.store.status import StoredVersion, StoreStatus, status_of, versions_of

__all__ = ["Store"]

_GROUPS_IN_MEMORY = 8
_ALL = "SELECT batch, raw_group, raw_row, source, place, data_version, sha256 FROM current_versions ORDER BY nct_id"
_SOME = (
    "SELECT batch, raw_group, raw_row, source, place, data_version, sha256 FROM latest "
    "WHERE nct_id IN (SELECT unnest(?)) ORDER BY nct_id"
)


class Store:
    """An embedded store in a folder: Parquet files, asked through DuckDB. See ``layout`` for what is where.

    Use ``Store.create``, ``Store.open`` or ``Store.open_or_create``.

    Examples
    --------
    >>> import tempfile
    >>> from trialpool.registry.read import read_bytes
    >>> study = b'{"protocolSection": {"identificationModule": {"nctId": "NCT00000102", "briefTitle": "A trial"}}}'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = Store.create(Path(folder, "store"))
    ...     report = store.load(read_bytes(study, "page 1"), source_note="an example", loaded_on=date(2026, 1, 31))
    ...     store.record("NCT00000102").title, report.new, store.status().trials
    ('A trial', 1, 1)
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    @classmethod
    def create(cls, folder: Path | str) -> Store:
        """Make an empty store; InputError if the folder holds anything, OutputError if it cannot be written."""
        layout = Layout(Path(folder))
        layout.create()
        return cls(layout)

    @classmethod
    def open(cls, folder: Path | str) -> Store:
        """Open a store; InputError if the folder is none, or one of a newer format."""
        layout = Layout(Path(folder))
        layout.check()
        return cls(layout)

    @classmethod
    def open_or_create(cls, folder: Path | str) -> Store:
        """Open a store, or make one where there is no folder or an empty one."""
        path = Path(folder)
        return cls.open(path) if path.is_dir() and any(path.iterdir()) else cls.create(path)

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._layout.folder

    @property
    def name(self) -> str:
        """The store in words."""
        return f"store {self.folder}"

    def load(
        self,
        stream: Iterable[Loaded | Problem],
        *,
        source_note: str,
        loaded_on: date,
        progress: Callable[[LoadReport], object] | None = None,
    ) -> LoadReport:
        """Take in records and problems; memory does not grow with their number.

        A record whose content is that of the version current at its date is left out: the date of the registry's data, which
        changes every day, is no content. Records count batch by batch; a load that is ended loses its last batch at most.

        Parameters
        ----------
        stream : iterable of Loaded or Problem
            As the readers give it.
        source_note : str
            Kept with each record and problem, such as the command's own words.
        loaded_on : date
        progress : callable, optional
            Called after each record with the report so far.

        Raises
        ------
        InputError
            If another process is loading, or the store cannot be read.
        """
        with locked(self._layout.lock):
            discard_leftovers(self._layout)
            known = self._known()
            return load(self._layout, known, stream, source_note=source_note, loaded_on=loaded_on, progress=progress)

    def _known(self) -> Known:
        known = Known()
        with connected(self._layout) as connection:
            rows = connection.execute(
                "SELECT nct_id, registry_date, version, content FROM records ORDER BY batch, sequence"
            )
            while chunk := rows.fetchmany(10_000):
                for row in chunk:
                    known.add(*row)
            rows = connection.execute("SELECT file, nct_id, path, problem, value, lost FROM problems")
            while chunk := rows.fetchmany(10_000):
                known.problems.update(map(hash, chunk))
        return known

    def status(self) -> StoreStatus:
        """What the store holds, in numbers."""
        with connected(self._layout) as connection:
            return status_of(connection)

    def problems(self) -> Iterator[Problem]:
        """Every row of the error table, by file and path."""
        with connected(self._layout) as connection:
            rows = connection.execute("SELECT file, nct_id, path, problem, value, lost FROM problems ORDER BY ALL")
            while chunk := rows.fetchmany(1000):
                yield from (Problem(*row) for row in chunk)

    def versions(self, nct_id: str) -> tuple[StoredVersion, ...]:
        """The versions of a trial, from the first to the current one; InputError if the store has none."""
        with connected(self._layout) as connection:
            return versions_of(connection, self._resolved(connection, [nct_id])[0])

    def record(self, nct_id: str, as_of: date | None = None) -> Record:
        """The current version of a trial, by its identifier or an obsolete one; InputError if the store has none.

        Parameters
        ----------
        nct_id : str
        as_of : date, optional
            The version that was current then, by the date of the registry's data.
        """
        return next(self.records([nct_id], as_of))

    def records(self, nct_ids: Sequence[str] | None = None, as_of: date | None = None) -> Iterator[Record]:
        """The current version of these records, or of all, sorted by identifier; a trial is given once.

        Raises
        ------
        InputError
            If one of the identifiers is not in the store, or the version is damaged.
        """
        with connected(self._layout, as_of) as connection:
            if nct_ids is None:
                rows = connection.execute(_ALL)
            else:
                rows = connection.execute(_SOME, [sorted(set(self._resolved(connection, nct_ids)))])
            raw = _RawRecords(self._layout)
            while chunk := rows.fetchmany(1000):
                for batch, group, row, source, place, version, sha256 in chunk:
                    yield _rebuilt(raw.json(batch, group, row), Origin(source, place, version, sha256))

    def _resolved(self, connection: Any, nct_ids: Sequence[str]) -> list[str]:
        """Identifiers under which the store keeps the trials, an obsolete one replaced."""
        found = dict(
            connection.execute(
                "SELECT alias, min(nct_id) FROM aliases WHERE alias IN (SELECT unnest(?)) GROUP BY alias UNION ALL "
                "SELECT nct_id, nct_id FROM current_versions WHERE nct_id IN (SELECT unnest(?))",
                [list(nct_ids), list(nct_ids)],
            ).fetchall()
        )
        missing = [nct_id for nct_id in nct_ids if nct_id not in found]
        if missing:
            shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
            raise InputError(
                f"{self.name} has no version of {shown} (at that date); add it with `trialpool registry add`"
            )
        return [found[nct_id] for nct_id in nct_ids]

    def candidates(self, names: Sequence[str]) -> tuple[str, ...]:
        """Trials that mention one of the names, sorted; see ``queries.candidates``."""
        with self.database() as database:
            return tuple(row["nct_id"] for row in database.rows(queries.candidates(database, names)))

    def database(self, as_of: date | None = None) -> Database:
        """The tables of the current versions, or of those current at a date, for the queries of ``queries``."""
        duckdb = checks.require_extra("duckdb", "registry", "a store of registry records")
        ibis = checks.require_extra("ibis", "registry", "a query on registry records")
        connection = connect(self._layout, as_of)
        try:
            define_tables(connection, self._layout)
        except duckdb.Error as error:
            connection.close()
            raise damaged(self._layout, error) from None
        errors = (duckdb.Error, ibis.common.exceptions.IbisError)
        return Database(self.name, ibis.duckdb.from_connection(connection), errors)


class _RawRecords:
    """Reads the JSON of versions, some row groups kept in memory."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._groups: OrderedDict[tuple[str, int], list[str]] = OrderedDict()

    def json(self, batch: str, group: int, row: int) -> str:
        key = (batch, group)
        if key not in self._groups:
            self._groups[key] = self._read(batch, group)
            if len(self._groups) > _GROUPS_IN_MEMORY:
                self._groups.popitem(last=False)
        return self._groups[key][row]

    def _read(self, batch: str, group: int) -> list[str]:
        arrow = checks.require_extra("pyarrow", "registry", "a store of registry records")
        parquet = checks.require_extra("pyarrow.parquet", "registry", "a store of registry records")
        path = self._layout.file("raw", batch)
        try:
            with parquet.ParquetFile(path) as file:
                texts: list[str] = file.read_row_group(group, columns=["json"]).column(0).to_pylist()
        except (OSError, arrow.ArrowException) as error:
            raise damaged(self._layout, InputError(f"{path}: {error}")) from None
        return texts


def _rebuilt(text: str, origin: Origin) -> Record:
    if origin.source == "AACT":
        return record_from_model_json(text, origin)
    record, _ = record_from_json(json.loads(text), origin)
    if record is None:
        raise InputError(f"the stored version of a record from {origin.place} is damaged; load it again")
    return record
