"""From ClinicalTrials.gov to files: a polite client of its API that forgives the network, and goes on where it was stopped."""

from trialpool.registry.fetch.client import API, LARGEST_PAGE, Client, Page, Study, UnknownTrialError, Version
from trialpool.registry.fetch.connection import Connection, RefusedError, UnreachableError
from trialpool.registry.fetch.patience import Pace
from trialpool.registry.fetch.query import PHASES, STATUSES, Query, canonical_nct_id
from trialpool.registry.fetch.saved import SavedSearch, SearchState
from trialpool.registry.fetch.searches import FetchedSearch, fetch_search, mark_loaded
from trialpool.registry.fetch.trials import FetchedTrials, NotFetched, fetch_trials

__all__ = [
    "API",
    "LARGEST_PAGE",
    "PHASES",
    "STATUSES",
    "Client",
    "Connection",
    "FetchedSearch",
    "FetchedTrials",
    "NotFetched",
    "Pace",
    "Page",
    "Query",
    "RefusedError",
    "SavedSearch",
    "SearchState",
    "Study",
    "UnknownTrialError",
    "UnreachableError",
    "Version",
    "canonical_nct_id",
    "fetch_search",
    "fetch_trials",
    "mark_loaded",
]
