"""What a store holds, in numbers and version by version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

__all__ = ["StoreStatus", "StoredVersion", "status_of", "versions_of"]


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """A store in numbers.

    Attributes
    ----------
    trials : int
        Of these, and of their current versions, are ``with_results`` and ``event_rows``.
    versions : int
        Of all trials together.
    with_results, event_rows : int
        Trials with results, rows of ``reported_events``.
    obsolete : int
        Trials that are left out, because another trial names their identifier as its own obsolete one.
    first_date, last_date : str
        Range of the registry dates of all versions, ISO; empty where there is none.
    sources : mapping of str to int
        Versions from each source.
    problems : mapping of str to int
        Rows of the error table by what they lost: ``"record"``, ``"field"``, ``"row"`` or ``"nothing"``.
    """

    trials: int
    versions: int
    with_results: int
    event_rows: int
    obsolete: int
    first_date: str
    last_date: str
    sources: Mapping[str, int]
    problems: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version of a record in a store.

    Attributes
    ----------
    nct_id, sha256, source, place, source_note : str
    registry_date : str
        By which versions are put in order; empty if the record states none.
    loaded_on : date
    current : bool
    """

    nct_id: str
    registry_date: str
    sha256: str
    source: str
    place: str
    loaded_on: date
    source_note: str
    current: bool


def status_of(connection: Any) -> StoreStatus:
    """Count with a connection to a store's index."""
    trials, with_results, event_rows = connection.execute(
        "SELECT count(*), count(*) FILTER (has_results), coalesce(sum(event_rows), 0)::BIGINT FROM current_versions"
    ).fetchall()[0]
    versions, first, last = connection.execute(
        "SELECT count(*), coalesce(min(nullif(registry_date, '')), ''), coalesce(max(registry_date), '') FROM records"
    ).fetchall()[0]
    (obsolete,) = connection.execute("SELECT count(*) FROM latest SEMI JOIN obsolete USING (nct_id)").fetchall()[0]
    return StoreStatus(
        trials, versions, with_results, event_rows, obsolete, first, last,
        dict(connection.execute("SELECT source, count(*) FROM records GROUP BY 1 ORDER BY 1").fetchall()),
        dict(connection.execute("SELECT lost, count(*) FROM problems GROUP BY 1 ORDER BY 1").fetchall()),
    )  # fmt: skip


def versions_of(connection: Any, nct_id: str) -> tuple[StoredVersion, ...]:
    """Versions of a trial, the current one last."""
    rows = connection.execute(
        "SELECT nct_id, registry_date, sha256, source, place, loaded_on, source_note, "
        "row_number() OVER (ORDER BY registry_date, batch, sequence) = count(*) OVER () "
        "FROM records WHERE nct_id = ? ORDER BY registry_date, batch, sequence",
        [nct_id],
    ).fetchall()
    return tuple(StoredVersion(*row) for row in rows)
