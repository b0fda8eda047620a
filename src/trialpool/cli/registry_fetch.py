"""trialpool registry add, trialpool registry fetch: records from ClinicalTrials.gov into the store."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING

from trialpool.cli.argument_types import whole, word
from trialpool.cli.console import Progress
from trialpool.cli.load_records import LoadedNow, load_into, loaded_text
from trialpool.cli.store_option import add_store, store_folder
from trialpool.display import plural
from trialpool.errors import FetchError, NotEstimableError
from trialpool.registry.fetch import (
    API,
    LARGEST_PAGE,
    PHASES,
    STATUSES,
    Client,
    Connection,
    FetchedSearch,
    FetchedTrials,
    Query,
    canonical_nct_id,
    fetch_search,
    fetch_trials,
    mark_loaded,
)
from trialpool.results import raise_warnings

if TYPE_CHECKING:
    from trialpool.registry.fetch import SearchState
    from trialpool.registry.store import Store

__all__ = ["configure_registry_add", "configure_registry_fetch"]

_VARIABLE = "TRIALPOOL_API"

_ADD_DESCRIPTION = """\
Fetch the current record of single trials from ClinicalTrials.gov into the store. An obsolete
identifier leads to the record that replaced it, which is said. A trial that the registry does not
know stops none of the others, and ends with exit code 2."""

_ADD_EXAMPLE = """\
example:
  trialpool registry add NCT00000001 NCT00000002
  trialpool registry status"""

_FETCH_DESCRIPTION = """\
Search ClinicalTrials.gov, and take what it finds into the store: page by page, one request a
second, each made again where the network or the registry fails. A search that was stopped goes on
after its last page when the same command is given again; one that is complete is fetched anew only
when the registry's data are newer."""

_FETCH_EXAMPLE = """\
example:
  trialpool registry fetch --condition asthma --intervention drug --phase 3 --with-results"""

_SEARCH = "A text is in the registry's own search language: words, AND, OR, NOT, quotes, AREA[...]."
_TEXTS = {
    "condition": "condition or disease",
    "intervention": "intervention, also where a trial only mentions it",
    "term": "any other term",
    "sponsor": "sponsor or collaborator",
}
_LOADED_BEFORE = "they are in the store; --again fetches them anew"


def _add_api(parser: argparse._ActionsContainer) -> None:
    meaning = f"address of the API, such as that of a mirror (default: {API}, or what {_VARIABLE} names)"
    parser.add_argument("--api", metavar="URL", help=meaning)


def _client(arguments: argparse.Namespace, progress: Progress) -> Client:
    api = arguments.api if arguments.api is not None else os.environ.get(_VARIABLE) or API
    return Client(api, Connection(say=progress.say))


def configure_registry_add(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _ADD_DESCRIPTION, _ADD_EXAMPLE
    parser.add_argument("trials", metavar="NCT", nargs="+", help="identifier of a trial, such as NCT00841061")
    add_store(parser)
    _add_api(parser)
    parser.set_defaults(run=run_registry_add)


def run_registry_add(arguments: argparse.Namespace) -> int:
    """Fetch and load single trials."""
    from trialpool.registry.read import Problem, read_paths
    from trialpool.registry.store import Store

    with Progress("fetching") as progress, _client(arguments, progress) as client:
        asked = [canonical_nct_id(trial) for trial in arguments.trials]
        store = Store.open_or_create(store_folder(arguments))
        found = fetch_trials(asked, store.folder / "fetch" / "trials", client, told=progress)
        unknown = [
            Problem(f"{client.api}/studies/{missing.nct_id}", missing.nct_id, "", missing.reason, "", "record")
            for missing in found.missing
            if missing.unknown
        ]
        now = load_into(
            store, chain(read_paths(found.paths), unknown), f"trialpool registry add, from {client.api}", progress
        )
    for obsolete, current in found.aliases:
        print(f"{obsolete} is an obsolete identifier of {current}, whose record was taken")
    print(loaded_text(now, arguments))
    if found.missing:
        raise FetchError(_missing_text(found))
    return 0


def _missing_text(found: FetchedTrials) -> str:
    lines = [missing.reason for missing in found.missing]
    return lines[0] if len(lines) == 1 else "\n  - ".join([f"{len(lines)} trials could not be fetched", *lines])


def configure_registry_fetch(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _FETCH_DESCRIPTION, _FETCH_EXAMPLE
    search = parser.add_argument_group("what to search for", _SEARCH)
    for name, meaning in _TEXTS.items():
        search.add_argument(f"--{name}", metavar="TEXT", type=_text, help=meaning)
    for name, words in (("phase", PHASES), ("status", STATUSES)):
        meaning = f"only trials of this {name}: {' | '.join(words)} (default: all); once for each"
        search.add_argument(
            f"--{name}", metavar="WORD", type=word(tuple(words)), action="append", default=[], help=meaning
        )
    search.add_argument("--with-results", action="store_true", help="only trials with posted results")
    fetching = parser.add_argument_group("how to fetch")
    fetching.add_argument("--again", action="store_true", help="begin again, even if the search is complete")
    meaning = f"most trials on a page, up to {LARGEST_PAGE:,} (default: 100)"
    fetching.add_argument("--page-size", metavar="NUMBER", type=_page_size, default=100, help=meaning)
    add_store(fetching)
    _add_api(fetching)
    parser.set_defaults(run=run_registry_fetch)


def _text(given: str) -> str:
    if not given.strip():
        raise argparse.ArgumentTypeError(f"{given!r} says nothing to search for; leave the option out")
    return given


def _page_size(given: str) -> int:
    size = whole(given)
    if not 1 <= size <= LARGEST_PAGE:
        raise argparse.ArgumentTypeError(f"{given!r} is not allowed; give a number from 1 to {LARGEST_PAGE:,}")
    return size


def run_registry_fetch(arguments: argparse.Namespace) -> int:
    """Search, fetch and load."""
    from trialpool.registry.store import Store

    texts = {name: getattr(arguments, name) or "" for name in _TEXTS}
    query = Query(
        **texts, phases=tuple(arguments.phase), statuses=tuple(arguments.status), with_results=arguments.with_results
    )
    with Progress("searching") as progress, _client(arguments, progress) as client:
        store = Store.open_or_create(store_folder(arguments))
        place, size = store.folder / "fetch", arguments.page_size
        found = fetch_search(query, place, client, page_size=size, again=arguments.again, told=_told(progress))
        loaded = None if found.state.loaded else _load_pages(store, found, progress)
    raise_warnings(found.notes)
    for note in found.notes:
        if note.level == "info":
            print(note.message)
    if found.state.trials == 0:
        raise NotEstimableError(f"the search for {query} finds no trial; search for less, or in other words")
    print(_found_text(found))
    print(_LOADED_BEFORE if loaded is None else loaded_text(loaded, arguments))
    return 0


def _told(progress: Progress) -> Callable[[SearchState], None]:
    def told(state: SearchState) -> None:
        if state.total is not None:
            progress.bar(state.trials, state.total, f"{state.trials:,}/{state.total:,} trials, page {state.pages}")

    return told


def _load_pages(store: Store, found: FetchedSearch, progress: Progress) -> LoadedNow:
    from trialpool.registry.read import read_paths

    state = found.state
    note = f"trialpool registry fetch: {state.query}; {state.api}, data of {state.data_version}"
    now = load_into(store, read_paths(found.paths), note, progress)
    mark_loaded(found)
    return now


def _found_text(found: FetchedSearch) -> str:
    pages = plural(found.state.pages, "page")
    came = f"{found.fetched} fetched now" if found.fetched else "fetched before"
    return f"{plural(found.state.trials, 'trial')} in {pages}, {came}; data of {found.state.data_version}"
