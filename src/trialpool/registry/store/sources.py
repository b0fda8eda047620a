"""One door to any place that holds records: a store's folder, or the address of an AACT database."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from trialpool.errors import OptionError
from trialpool.registry.source import RecordSource
from trialpool.registry.store.aact import AactDatabase
from trialpool.registry.store.database import Database, connect_postgresql, is_postgresql
from trialpool.registry.store.store import Store

__all__ = ["open_database", "open_source"]


def open_source(place: Path | str) -> RecordSource:
    """The records of a store (a folder) or of an AACT database (``postgresql://...``).

    Raises
    ------
    InputError
        If the folder is no store, or the database cannot be connected to.
    """
    return AactDatabase(str(place)) if is_postgresql(place) else Store.open(place)


def open_database(place: Path | str, as_of: date | None = None) -> Database:
    """The tables of a store, or of an AACT database, for the queries of ``queries``.

    Parameters
    ----------
    place : path or str
        A store's folder, or ``postgresql://...``.
    as_of : date, optional
        Of a store: the versions that were current then. AACT holds the current ones alone.
    """
    if not is_postgresql(place):
        return Store.open(place).database(as_of)
    if as_of is not None:
        raise OptionError("as_of: an AACT database holds the current versions alone; load it into a store to go back")
    return connect_postgresql(str(place))
