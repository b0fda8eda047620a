"""The records of a store as they were at a date, as a source for extraction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from trialpool.registry.model import Record
from trialpool.registry.store import Store, candidates

__all__ = ["StoreAt"]


class StoreAt:
    """The versions of a store that were current at a date, by the date of the registry's data.

    Parameters
    ----------
    store : Store
    as_of : date
    """

    def __init__(self, store: Store, as_of: date) -> None:
        self._store = store
        self._as_of = as_of

    @property
    def name(self) -> str:
        """The store and the date in words."""
        return f"{self._store.name} as of {self._as_of.isoformat()}"

    def candidates(self, names: Sequence[str]) -> tuple[str, ...]:
        """Identifiers of the trials that mentioned one of the names then, sorted."""
        with self._store.database(self._as_of) as database:
            return tuple(row["nct_id"] for row in database.rows(candidates(database, names)))

    def records(self, nct_ids: Sequence[str] | None = None) -> Iterator[Record]:
        """The version of these records, or of all, that was current then, sorted by identifier."""
        return self._store.records(nct_ids, self._as_of)
