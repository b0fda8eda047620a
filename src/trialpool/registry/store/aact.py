"""Records out of AACT: from its PostgreSQL database in place, or from its pipe-delimited files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from trialpool.errors import InputError
from trialpool.registry.model import Record
from trialpool.registry.read import Loaded, Problem
from trialpool.registry.store import queries
from trialpool.registry.store.aact_records import record_from_rows
from trialpool.registry.store.database import Database, connect_postgresql
from trialpool.registry.store.record_json import loaded_from_rows
from trialpool.registry.store.row_values import Row
from trialpool.registry.store.tables import TABLES, Table

__all__ = ["AactDatabase", "aact_columns", "loaded_from_database"]

_TRIALS_TOGETHER = 200
_NCT_ID = re.compile(r"NCT[0-9]{8}")


class AactDatabase:
    """The records of an AACT database, read where they are; its account needs no right but to read.

    Parameters
    ----------
    url : str
        ``postgresql://USER:PASSWORD@HOST:PORT/aact``

    Attributes
    ----------
    problems : list of Problem
        Of the records given so far.

    Raises
    ------
    InputError
        If it cannot be connected to.
    """

    def __init__(self, url: str) -> None:
        self.problems: list[Problem] = []
        self._database = connect_postgresql(url)

    @property
    def name(self) -> str:
        """The database in words, without its password."""
        return self._database.name

    @property
    def database(self) -> Database:
        """Its tables, for the queries of ``queries``."""
        return self._database

    def candidates(self, names: Sequence[str]) -> tuple[str, ...]:
        """Trials that mention one of the names, sorted; see ``queries.candidates``."""
        return tuple(row["nct_id"] for row in self._database.rows(queries.candidates(self._database, names)))

    def records(self, nct_ids: Sequence[str] | None = None) -> Iterator[Record]:
        """These records, or all, sorted by identifier; what cannot be read of them is added to ``problems``.

        Raises
        ------
        InputError
            If one of the identifiers is not in the database, or it does not answer.
        """
        for item in self.loaded(nct_ids):
            if isinstance(item, Loaded):
                yield item.record
            else:
                self.problems.append(item)

    def loaded(self, nct_ids: Sequence[str] | None = None) -> Iterator[Loaded | Problem]:
        """These records, or all, each followed by its problems, as a store takes them in."""
        return loaded_from_database(self._database, nct_ids)

    def close(self) -> None:
        """Close the connection."""
        self._database.close()


def aact_columns(table: Table) -> tuple[str, ...]:
    """Columns of a table that are read from AACT: those of its own, and when it last took the trial from the registry."""
    own = tuple(column.name for column in table.columns if not column.ours)
    return (*own, "updated_at") if table.name == "studies" else own


def loaded_from_database(database: Database, nct_ids: Sequence[str] | None = None) -> Iterator[Loaded | Problem]:
    """Records of a database with AACT's tables, some hundreds at a time, each followed by its problems.

    Parameters
    ----------
    database : Database
    nct_ids : sequence of str, optional
        Identifiers, current or obsolete; all trials where none are given.
    """
    if nct_ids is None:
        wanted, problems = _all(database)
        yield from problems
    else:
        wanted = _resolved(database, nct_ids)
    tables = {name: database.table(name) for name in TABLES}
    for start in range(0, len(wanted), _TRIALS_TOGETHER):
        chunk = wanted[start : start + _TRIALS_TOGETHER]
        by_trial: dict[str, dict[str, list[Row]]] = {nct_id: {} for nct_id in chunk}
        for name, table in tables.items():
            for row in database.rows(_of_trials(table, TABLES[name], chunk)):
                by_trial[row["nct_id"]].setdefault(name, []).append(row)
        for nct_id in chunk:
            record, remarks = record_from_rows(nct_id, database.name, by_trial.pop(nct_id))
            yield loaded_from_rows(record)
            yield from remarks


def _of_trials(table: Any, known: Table, nct_ids: Sequence[str]) -> Any:
    """Rows of these trials, sorted identifiers, in the order of their numbers; AACT drops and adds columns now and then."""
    columns = [name for name in aact_columns(known) if name in table.columns]
    rows = table.filter(table.nct_id.between(nct_ids[0], nct_ids[-1]) & table.nct_id.isin(list(nct_ids))).select(
        *columns
    )
    return rows.order_by("id") if "id" in columns else rows


def _all(database: Database) -> tuple[list[str], list[Problem]]:
    studies = database.table("studies")
    found = {row["nct_id"] for row in database.rows(studies.select("nct_id"))}
    valid = {nct_id for nct_id in found if nct_id is not None and _NCT_ID.fullmatch(nct_id)}
    problem = "not a registry identifier (NCT and eight digits); the record is left out"
    others = sorted(str(nct_id) for nct_id in found - valid)
    return sorted(valid), [
        Problem(database.name, "", "studies.nct_id", problem, other[:200], "record") for other in others
    ]


def _resolved(database: Database, nct_ids: Sequence[str]) -> list[str]:
    studies, numbers = database.table("studies"), database.table("id_information")
    known = studies.filter(studies.nct_id.isin(list(nct_ids))).select("nct_id")
    found = {row["nct_id"]: row["nct_id"] for row in database.rows(known)}
    missing = [nct_id for nct_id in nct_ids if nct_id not in found]
    if missing:
        aliases = numbers.filter((numbers.id_source == "nct_alias") & numbers.id_value.isin(missing))
        found |= {row["id_value"]: row["nct_id"] for row in database.rows(aliases.select("nct_id", "id_value"))}
    unknown = [nct_id for nct_id in nct_ids if nct_id not in found]
    if unknown:
        shown = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
        raise InputError(f"{database.name} does not hold {shown}; check the identifiers")
    return sorted({found[nct_id] for nct_id in nct_ids})
