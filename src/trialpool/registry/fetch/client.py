"""The API of ClinicalTrials.gov, version 2: searches page by page, single trials, the version of its data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from trialpool.display import clean_text
from trialpool.errors import FetchError, OptionError
from trialpool.registry.fetch.connection import Connection, Reply
from trialpool.registry.fetch.query import Query, canonical_nct_id

__all__ = ["API", "LARGEST_PAGE", "Client", "Page", "Study", "UnknownTrialError", "Version"]

API = "https://clinicaltrials.gov/api/v2"
"""The registry's own address."""

LARGEST_PAGE = 1000
"""The API makes larger pages smaller without a word."""

_MOST_REDIRECTIONS = 5
_MOST_EMPTY_PAGES = 100


class UnknownTrialError(FetchError):
    """The registry knows no trial of this identifier (404)."""


@dataclass(frozen=True, slots=True)
class Version:
    """Version of the API, and the moment of its data (UTC, ISO)."""

    api: str
    data: str


@dataclass(frozen=True, slots=True)
class Study:
    """One record as it came; ``nct_id`` is the record's own, and differs from the one asked for if that is obsolete."""

    asked: str
    nct_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search as it came; ``total`` is given on the first one, ``next_token`` on all but the last."""

    body: bytes
    trials: int
    next_token: str | None
    total: int | None


class Client:
    """A client of the API, to be used in a ``with`` statement.

    Parameters
    ----------
    api : str
        Address of the registry, or of a mirror of it.
    connection : Connection, optional

    Raises
    ------
    OptionError
        The address is none.
    MissingExtraError
        Without the extra ``registry``.

    Examples
    --------
    >>> with Client("https://clinicaltrials.gov/api/v2/") as client:
    ...     print(client.api)
    https://clinicaltrials.gov/api/v2
    """

    def __init__(self, api: str = API, connection: Connection | None = None) -> None:
        self.api = _checked_address(api)
        self._connection = connection if connection is not None else Connection()

    def __enter__(self) -> Self:
        self._connection.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.__exit__(kind, error, traceback)

    def version(self) -> Version:
        """The versions of the API and of its data."""
        document = self._answer(f"{self.api}/version", {}).document
        data, api = document.get("dataTimestamp"), document.get("apiVersion")
        if not isinstance(data, str) or not data:
            raise FetchError(
                f"{self.api}/version does not say of when the data are; is this the API of ClinicalTrials.gov?"
            )
        return Version(clean_text(api or ""), clean_text(data))

    def study(self, nct_id: str) -> Study:
        """One record; an obsolete identifier leads to the record that replaced it.

        Raises
        ------
        OptionError
            That is no identifier.
        UnknownTrialError
            The registry has no such trial.
        FetchError
        """
        asked = canonical_nct_id(nct_id)
        reply = self._connection.get(f"{self.api}/studies/{asked}")
        for _ in range(_MOST_REDIRECTIONS):
            if reply.status not in {301, 302, 307, 308}:
                break
            reply = self._connection.get(_target(reply))
        if reply.status == 404:
            raise UnknownTrialError(
                f"{asked}: the registry has no trial of this identifier; compare it with its source"
            )
        return Study(asked, _own_id(_accepted(reply), asked), reply.body)

    def search(self, query: Query, *, page_size: int = 100, token: str | None = None) -> Iterator[Page]:
        """The pages of a search, from the first one or from that of a token.

        An empty page is not the end; the page without a token for the next one is.

        Parameters
        ----------
        query : Query
        page_size : int
            Most trials on a page, up to 1,000.
        token : str, optional
            That of a page of the same query, whose pages may have been of another size.

        Raises
        ------
        RefusedError
            The registry does not understand the query, or the token is no longer valid.
        FetchError
        """
        if not 1 <= page_size <= LARGEST_PAGE:
            raise OptionError(f"page size {page_size} is not allowed; give a number from 1 to {LARGEST_PAGE:,}")
        tokens, empty = {token}, 0
        while True:
            page = self._page(query, page_size, token)
            yield page
            token = page.next_token
            if token is None:
                return
            empty = 0 if page.trials else empty + 1
            if token in tokens or empty > _MOST_EMPTY_PAGES:
                fault = (
                    "leads back to a page that came already"
                    if token in tokens
                    else "leads from empty page to empty page"
                )
                raise FetchError(f"{self.api}: the search for {query} {fault}; run it again with --again")
            tokens.add(token)

    def _page(self, query: Query, page_size: int, token: str | None) -> Page:
        place = {"countTotal": "true"} if token is None else {"pageToken": token}
        parameters = {"format": "json", **query.parameters(), "pageSize": str(page_size), **place}
        reply = self._answer(f"{self.api}/studies", parameters)
        studies, total, following = (reply.document.get(key) for key in ("studies", "totalCount", "nextPageToken"))
        if not isinstance(studies, list) or not (following is None or isinstance(following, str)):
            raise FetchError(
                f"{self.api}/studies does not answer with a page of studies; is this the API of ClinicalTrials.gov?"
            )
        return Page(reply.body, len(studies), following or None, total if isinstance(total, int) else None)

    def _answer(self, url: str, parameters: dict[str, str]) -> Reply:
        return _accepted(self._connection.get(url, parameters))


def _checked_address(api: str) -> str:
    try:
        parts = urlsplit(api.strip())
        usable = parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment)
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise OptionError(f"{api!r} is not the address of an API; write it as in {API}")
    if parts.username or parts.password:
        raise OptionError(
            "the address of the API holds a user name or password, which would be written down; leave it out"
        )
    return api.strip().rstrip("/")


def _target(reply: Reply) -> str:
    """Where a redirection leads: on the same server, or it is not followed."""
    target = urljoin(reply.url, reply.headers.get("location", ""))
    here, there = urlsplit(reply.url), urlsplit(target)
    if (there.scheme, there.netloc) not in {(here.scheme, here.netloc), ("https", here.netloc)}:
        raise FetchError(
            f"{clean_text(reply.url)} leads to another server, {clean_text(target)}; is the address right?"
        )
    return target


def _accepted(reply: Reply) -> Reply:
    if reply.status == 200:
        return reply
    where = clean_text(reply.url.partition("?")[0])
    if reply.status == 403:
        raise FetchError(
            f"{where} answers 403: this machine or program is not let in; try later, or a mirror with --api"
        )
    if 300 <= reply.status < 400:
        target = clean_text(reply.headers.get("location", "")) or "nowhere"
        raise FetchError(f"{where} answers {reply.status} and leads to {target}; is the address right?")
    raise FetchError(f"{where} answers {reply.status}; is the address right?")


def _own_id(reply: Reply, asked: str) -> str:
    record: Any = reply.document
    for key in ("protocolSection", "identificationModule", "nctId"):
        record = record.get(key) if isinstance(record, dict) else None
    try:
        return canonical_nct_id(record if isinstance(record, str) else "")
    except OptionError:
        raise FetchError(f"{asked}: what {clean_text(reply.url)} answers is no record of a trial") from None
