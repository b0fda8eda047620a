"""One request after the other, each made again until it is answered or there is no hope."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

from trialpool import __version__
from trialpool.checks import require_extra
from trialpool.display import clean_text
from trialpool.errors import FetchError
from trialpool.registry.fetch.patience import LONGEST_WAIT, Pace, back_off, retry_after

__all__ = ["Connection", "RefusedError", "Reply", "UnreachableError"]

_MEBIBYTE = 2**20
_MOST_WORDS = 300
_AGAIN_LATER = "nothing that came before is lost: run the same command again later and it goes on from there"


class RefusedError(FetchError):
    """The server says that the request is wrong (400): asking again does not help."""


class UnreachableError(FetchError):
    """No usable answer came, however often it was asked for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: JSON as bytes and as the object it stands for, which is empty unless the status is 200."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    document: Mapping[str, Any] = field(default_factory=dict)


class _AttemptError(Exception):
    """An attempt that may succeed when it is made again; ``wait`` is what the server asks for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        self.reason, self.wait = reason, wait
        super().__init__(reason)


class Connection:
    """Requests to one server, with politeness, retries and limits.

    Parameters
    ----------
    pace : Pace, optional
        At most one request a second unless given.
    attempts : int, default 7
        Of each request.
    timeout : float, default 60
        Seconds without a byte after which an attempt is given up; ten times as long for a whole reply.
    max_bytes : int
        Largest reply, unpacked.
    say : callable, optional
        Is told of every wait before another attempt.
    """

    def __init__(
        self,
        *,
        pace: Pace | None = None,
        attempts: int = 7,
        timeout: float = 60.0,
        max_bytes: int = 512 * _MEBIBYTE,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self._httpx = require_extra("httpx", "registry", "fetching from ClinicalTrials.gov")
        self._pace = pace if pace is not None else Pace()
        self._attempts, self._timeout, self._max_bytes = attempts, timeout, max_bytes
        self._say = say
        agent = f"trialpool/{__version__} (meta-analysis of clinical trials)"
        headers = {"User-Agent": agent, "Accept": "application/json"}
        try:
            self._client = self._httpx.Client(
                headers=headers, timeout=timeout, follow_redirects=False, verify=_certificates()
            )
        except (
            ValueError,
            ImportError,
            OSError,
            self._httpx.InvalidURL,
        ) as error:  # of the environment: proxies, certificates
            settings = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE"
            raise FetchError(f"no connection can be prepared ({clean_text(error)}); look at {settings}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def get(self, url: str, parameters: Mapping[str, str] | None = None) -> Reply:
        """The reply to a request: a JSON object (200), a redirection (3xx) or a refusal of another kind (4xx).

        Raises
        ------
        RefusedError
            400, with the server's words.
        UnreachableError
            No usable reply came in any attempt, or the server asks to come back much later.
        FetchError
            The reply is larger than allowed, or the address cannot be asked.
        """
        for attempt in range(1, self._attempts + 1):
            self._pace.wait()
            try:
                return self._once(url, parameters)
            except _AttemptError as failed:
                if attempt == self._attempts:
                    raise self._hopeless(url, failed) from None
                wait = back_off(attempt, f"{url} {parameters}") if failed.wait is None else failed.wait
                if wait > LONGEST_WAIT:
                    raise self._too_long(url, failed, wait) from None
                if self._say is not None:
                    self._say(f"{failed.reason}; attempt {attempt + 1} of {self._attempts} in {wait:.0f} s")
                self._pace.sleep(wait)
        raise AssertionError("the last attempt returns or raises")  # pragma: no cover

    def _once(self, url: str, parameters: Mapping[str, str] | None) -> Reply:
        httpx = self._httpx
        try:
            with self._client.stream("GET", url, params=parameters) as response:
                body = b"".join(self._chunks(response))
                headers = {name.casefold(): value for name, value in response.headers.items()}
                return _judged(Reply(str(response.url), response.status_code, headers, body))
        except httpx.TimeoutException:
            raise _AttemptError(f"no answer within {self._timeout:g} s") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise FetchError(f"{_short(url)}: its certificate is not accepted ({clean_text(error)})") from None
            raise _AttemptError(clean_text(error) or type(error).__name__) from None
        except (httpx.InvalidURL, httpx.RequestError) as error:
            raise FetchError(f"{clean_text(url)} cannot be asked: {clean_text(error)}") from None

    def _chunks(self, response: Any) -> Iterator[bytes]:
        start, size = self._pace.clock(), 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > self._max_bytes:
                limit = f"{self._max_bytes / _MEBIBYTE:,.0f} MB"
                raise FetchError(f"the reply of {_short(response.url)} is larger than {limit}; ask for smaller pages")
            if self._pace.clock() - start > 10 * self._timeout:
                raise _AttemptError(f"the reply was not complete after {10 * self._timeout:g} s")
            yield chunk

    def _hopeless(self, url: str, failed: _AttemptError) -> UnreachableError:
        return UnreachableError(f"{_short(url)}: {failed.reason}, in each of {self._attempts} attempts; {_AGAIN_LATER}")

    def _too_long(self, url: str, failed: _AttemptError, wait: float) -> UnreachableError:
        return UnreachableError(f"{_short(url)}: {failed.reason} and asks to wait {wait:,.0f} s; {_AGAIN_LATER}")


@cache
def _certificates() -> Any:
    """What servers are trusted; 60 ms to read."""
    return require_extra("httpx", "registry", "fetching from ClinicalTrials.gov").create_ssl_context()


def _short(url: object) -> str:
    return clean_text(str(url).partition("?")[0])


def _judged(reply: Reply) -> Reply:
    """The reply with its document; raises where it is no answer."""
    status = reply.status
    if status in {408, 425, 429} or status >= 500:
        wait = retry_after(reply.headers.get("retry-after"), reply.headers.get("date"))
        raise _AttemptError(f"the server answers {status}", wait)
    if status == 400:
        raise RefusedError(f"{_short(reply.url)} refuses the request: {_words(reply)}")
    if status != 200:
        return reply
    return Reply(reply.url, status, reply.headers, reply.body, _document(reply))


def _document(reply: Reply) -> Mapping[str, Any]:
    """The JSON object; bytes that are not UTF-8 are left to whoever reads the records."""
    if reply.body.lstrip()[:1] == b"<":
        raise _AttemptError("a web page came instead of JSON")
    document: object = None
    with contextlib.suppress(ValueError, RecursionError):
        document = json.loads(reply.body.decode("utf-8-sig", errors="replace"))
    if not isinstance(document, dict):
        raise _AttemptError(f"what came is not a whole JSON object ({len(reply.body):,} bytes)")
    return document


def _words(reply: Reply) -> str:
    words = clean_text(reply.body[: 4 * _MOST_WORDS].decode("utf-8", errors="replace"))
    return words[:_MOST_WORDS] or "without a word"
