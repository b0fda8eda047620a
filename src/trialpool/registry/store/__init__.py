"""Records kept: an embedded store with versions, its tables shaped as AACT's, and the same queries on AACT itself."""

from trialpool.registry.store.aact import AactDatabase
from trialpool.registry.store.aact_spool import read_aact
from trialpool.registry.store.database import Database
from trialpool.registry.store.loading import LoadReport
from trialpool.registry.store.queries import GroupSide, candidates, event_rows, overview, two_by_two
from trialpool.registry.store.result_rows import rows_of
from trialpool.registry.store.sources import open_database, open_source
from trialpool.registry.store.status import StoredVersion, StoreStatus
from trialpool.registry.store.store import Store
from trialpool.registry.store.tables import TABLES

__all__ = [
    "TABLES",
    "AactDatabase",
    "Database",
    "GroupSide",
    "LoadReport",
    "Store",
    "StoreStatus",
    "StoredVersion",
    "candidates",
    "event_rows",
    "open_database",
    "open_source",
    "overview",
    "read_aact",
    "rows_of",
    "two_by_two",
]
