"""Fetching what a search finds: page by page to disk, so that it can be stopped at any moment and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from trialpool.display import plural
from trialpool.errors import FetchError
from trialpool.registry.fetch.client import Client, Page
from trialpool.registry.fetch.connection import RefusedError
from trialpool.registry.fetch.query import Query
from trialpool.registry.fetch.saved import SavedSearch, SearchState, save_compressed
from trialpool.results import Note

__all__ = ["FetchedSearch", "fetch_search", "mark_loaded"]

_MOST_BEGINNINGS = 3
_PLACE_LOST = "the registry no longer knows the place where it was stopped"

Told = Callable[[SearchState], None]


@dataclass(frozen=True, slots=True)
class FetchedSearch:
    """All pages of a search, on disk.

    Attributes
    ----------
    folder : Path
        Holds the pages and ``state.json``.
    state : SearchState
    paths : tuple of Path
        The pages in their order.
    fetched : int
        Pages that came now; fewer than there are where an earlier run had fetched some.
    notes : tuple of Note
        What was begun again and why, and whether the registry announced another number of trials than it gave.
    """

    folder: Path
    state: SearchState
    paths: tuple[Path, ...]
    fetched: int
    notes: tuple[Note, ...] = ()


def fetch_search(
    query: Query, folder: Path, client: Client, *, page_size: int = 100, again: bool = False, told: Told | None = None
) -> FetchedSearch:
    """Fetch every page of a search that is not on disk yet.

    A search that was stopped goes on after its last page. One that is complete is not fetched anew, unless the registry's
    data are newer. Where the data became newer in between, the search begins again, since pages of two versions of the data do
    not fit together.

    Parameters
    ----------
    query : Query
    folder : Path
        The pages come into a folder inside it that is named after the search.
    client : Client
    page_size : int
        Most trials on a page, up to 1,000.
    again : bool
        Begin again in any case.
    told : callable, optional
        Is told how far the search is, after each page.

    Returns
    -------
    FetchedSearch

    Raises
    ------
    FetchError
        The registry does not answer; the pages so far stay.
    OutputError
        The folder cannot be written.
    """
    saved = SavedSearch(folder / query.key(client.api))
    fresh = SearchState(client.api, str(query), client.version().data)
    state, notes = _beginning(saved, fresh, again=again)
    for _ in range(_MOST_BEGINNINGS):
        if state.done:
            return _fetched(saved, state, 0, notes)
        first, reason = state.pages, _PLACE_LOST
        try:
            state = _fetch_pages(saved, state, _remaining(client, query, page_size, state), told)
        except RefusedError:
            if first == 0 or saved.state() != state:
                raise  # the query itself is at fault, or the answer to a page that had just come
        else:
            version = client.version().data
            if version == state.data_version:
                return _fetched(saved, saved.save(replace(state, done=True)), state.pages - first, notes)
            reason = _newer(state.data_version, version)
            fresh = replace(fresh, data_version=version)
        notes.append(_begun_again(reason))
        state = _begin(saved, fresh)
    raise FetchError(
        f"the search for {query} had to begin {_MOST_BEGINNINGS} times; run it again when the registry is at rest"
    )


def mark_loaded(search: FetchedSearch) -> None:
    """Write down that the pages are in the store, so that they need not be read again."""
    SavedSearch(search.folder).save(replace(search.state, loaded=True))


def _beginning(saved: SavedSearch, fresh: SearchState, *, again: bool) -> tuple[SearchState, list[Note]]:
    """Where to go on, with a note if that is not where the last run ended."""
    state = saved.state()
    if state is not None and state.data_version == fresh.data_version and not again:
        return state, []
    reasons = []
    if state is None and saved.started():
        reasons.append("what was saved of it is damaged")
    elif state is not None and state.data_version != fresh.data_version:
        reasons.append(_newer(state.data_version, fresh.data_version))
    return _begin(saved, fresh), [_begun_again(reason) for reason in reasons]


def _begin(saved: SavedSearch, fresh: SearchState) -> SearchState:
    saved.clear()
    return saved.save(fresh)


def _remaining(client: Client, query: Query, page_size: int, state: SearchState) -> Iterator[Page]:
    """The pages that are not on disk: none where the last one was saved before the search was stopped."""
    if state.pages and state.next_token is None:
        return iter(())
    return client.search(query, page_size=page_size, token=state.next_token)


def _fetch_pages(saved: SavedSearch, state: SearchState, pages: Iterator[Page], told: Told | None) -> SearchState:
    """Save each page, then how far the search is: a page that is written but not counted is fetched again."""
    if told is not None:
        told(state)
    for page in pages:
        save_compressed(saved.page(state.pages + 1), page.body)
        total = page.total if page.total is not None else state.total
        counted = replace(state, pages=state.pages + 1, trials=state.trials + page.trials, total=total)
        state = saved.save(replace(counted, next_token=page.next_token))
        if told is not None:
            told(state)
    return state


def _fetched(saved: SavedSearch, state: SearchState, fetched: int, notes: list[Note]) -> FetchedSearch:
    if state.total is not None and state.trials != state.total:
        announced = f"the registry announced {plural(state.total, 'trial')} and gave {state.trials}"
        notes.append(Note("other-total", f"{announced}; --again fetches them anew", "warning"))
    paths = tuple(saved.page(number) for number in range(1, state.pages + 1))
    return FetchedSearch(saved.folder, state, paths, fetched, tuple(notes))


def _newer(old: str, new: str) -> str:
    return f"its data are of {new} now, and were of {old}"


def _begun_again(reason: str) -> Note:
    return Note("begun-again", f"the search begins again: {reason}", "info")
