"""A place that answers queries on tables shaped as AACT's: a store's files through DuckDB, or PostgreSQL."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from trialpool import checks
from trialpool.errors import InputError

__all__ = ["Database", "connect_postgresql", "is_postgresql"]

_SCHEMA = "ctgov"
_PREFIXES = ("postgresql://", "postgres://")
_SECONDS_TO_CONNECT = 10
_WAY_OUT = (
    "check host, port, user and password, for AACT postgresql://USER:PASSWORD@aact-db.ctti-clinicaltrials.org:5432/aact"
)
_UNREADABLE = "the connection string of a PostgreSQL database cannot be read; in a password, write @ as %40, / as %2F and % as %25;"


@dataclass(frozen=True, slots=True)
class Database:
    """Tables that a query of ``queries`` runs on; close it when done, or use it in a ``with`` block.

    Attributes
    ----------
    name : str
        The place in words, without a password.
    backend : ibis backend
    errors : tuple of exception types
        What the backend raises if it cannot do as asked.
    schema : str or None
        Where the tables are, in PostgreSQL.
    """

    name: str
    backend: Any
    errors: tuple[type[Exception], ...]
    schema: str | None = None

    def table(self, name: str) -> Any:
        """A table as an Ibis expression.

        Raises
        ------
        InputError
            If the database lacks it.
        """
        try:
            with _quiet():
                return self.backend.table(name, database=self.schema)
        except self.errors as error:
            raise InputError(f"{self.name} cannot give the table {name!r}: {_first_line(error)}") from None

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        """The rows of an expression, each as a dict.

        Raises
        ------
        InputError
            If the database cannot answer, such as for a damaged file or a lost connection.
        """
        try:
            with _quiet():
                return list(self.backend.to_pyarrow(expression).to_pylist())
        except self.errors as error:
            raise InputError(f"{self.name} cannot answer a query: {_first_line(error)}") from None

    def close(self) -> None:
        """Close the connection."""
        self.backend.disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what Ibis and DuckDB have to tell each other of their older functions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def is_postgresql(place: object) -> bool:
    """Whether a place is the address of a PostgreSQL database rather than a folder.

    >>> is_postgresql("postgresql://reader@localhost/aact"), is_postgresql("store")
    (True, False)
    """
    return isinstance(place, str) and place.startswith(_PREFIXES)


def connect_postgresql(url: str) -> Database:
    """Connect to a PostgreSQL database that holds AACT in its schema ``ctgov``; nothing is written to it.

    Parameters
    ----------
    url : str
        ``postgresql://USER:PASSWORD@HOST:PORT/aact``, with what libpq allows beside it.

    Raises
    ------
    InputError
        If it cannot be connected to, or has no such schema. The message never holds the password.
    """
    psycopg = checks.require_extra("psycopg", "aact", "an AACT database")
    ibis = checks.require_extra("ibis", "aact", "an AACT database")
    try:
        settings = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise InputError(f"{_UNREADABLE} {_WAY_OUT}") from None
    if _is_misread(settings):
        raise InputError(f"{_UNREADABLE} {_WAY_OUT}")
    name = _name(settings)
    settings.setdefault("connect_timeout", _SECONDS_TO_CONNECT)
    try:
        connection = psycopg.connect(**settings, autocommit=True)
    except psycopg.Error as error:
        message = _without_password(_first_line(error), str(settings.get("password") or ""))
        raise InputError(f"{name} cannot be connected to: {message}; {_WAY_OUT}") from None
    errors = (psycopg.Error, ibis.common.exceptions.IbisError)
    database = Database(name, ibis.postgres.from_connection(connection), errors, _SCHEMA)
    if _SCHEMA not in database.backend.list_databases():
        database.close()
        raise InputError(f"{name} has no schema {_SCHEMA!r}; give a database that holds AACT")
    return database


def _name(settings: dict[str, Any]) -> str:
    host = settings.get("host") or settings.get("hostaddr") or "localhost"
    return f"PostgreSQL database {settings.get('dbname') or settings.get('user') or '(default)'} on {host}"


def _is_misread(settings: dict[str, Any]) -> bool:
    """Whether an unescaped @ or / of a password has put a part of it where host, port or database belong, which are told."""
    parts = (str(settings.get(part) or "") for part in ("host", "dbname"))
    ports = str(settings.get("port") or "").split(",")
    return any("@" in part[1:] for part in parts) or not all(port.isdigit() for port in ports if port)


def _without_password(message: str, password: str) -> str:
    for written in {password, quote(password, safe="")} - {""}:
        message = message.replace(written, "***")
    return message
