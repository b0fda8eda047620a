"""A registry on this machine: answers over HTTP as the API of ClinicalTrials.gov does, with faults to order."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FIRST_DATA, LATER_DATA = "2026-10-14T09:00:05", "2026-10-15T09:00:04"
MAY_CHANGE = {"countTotal", "pageSize", "pageToken"}
KNOWN = {"format", "query.cond", "query.intr", "query.term", "query.spons", "filter.overallStatus", "filter.advanced"}
KNOWN |= {"aggFilters", *MAY_CHANGE}


def study(number: int, **changes: Any) -> dict[str, Any]:
    """A record with the modules that the registry always gives, and adverse events in two groups."""
    nct_id = f"NCT{number:08d}"
    groups = [
        {"id": f"EG00{i}", "title": title, "description": title, "seriousNumAffected": i, "seriousNumAtRisk": 50}
        for i, title in enumerate(("Placebo", "Drug 10 mg"))
    ]
    counts = [{"groupId": f"EG00{i}", "numAffected": i, "numAtRisk": 50} for i in range(2)]
    events = {
        "frequencyThreshold": "5",
        "timeFrame": "24 weeks",
        "eventGroups": groups,
        "seriousEvents": [{"term": "Pneumonia", "organSystem": "Infections and infestations", "stats": counts}],
    }
    identification = {
        "nctId": nct_id,
        "briefTitle": f"Drug in asthma, study {number}",
        "organization": {"fullName": "Älter"},
    }
    return {
        "protocolSection": {
            "identificationModule": identification,
            "statusModule": {"overallStatus": "COMPLETED", "lastUpdatePostDateStruct": {"date": "2024-03-01"}},
            "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE3"]},
        },
        "resultsSection": {"adverseEventsModule": events},
        "derivedSection": {"miscInfoModule": {"versionHolder": "2026-10-14"}},
        "hasResults": True,
        **changes,
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]


Fault = Callable[["Handler"], None]


@dataclass(slots=True)
class Registry:
    """What the server holds and what it was asked.

    ``faults`` answer the next requests in place of the registry, one each; None lets a request through. ``before`` is called
    with each request that the registry answers itself.
    """

    records: list[dict[str, Any]]
    aliases: dict[str, str] = field(default_factory=dict)
    data_version: str = FIRST_DATA
    empty_pages_before: set[int] = field(default_factory=set)
    compressed: bool = False
    valid_tokens: bool = True
    announced: int | None = None
    faults: list[Fault | None] = field(default_factory=list)
    before: Callable[[Asked], None] | None = None
    asked: list[Asked] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    @property
    def searches(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.path.endswith("/studies")]

    def forget(self) -> None:
        self.asked.clear()

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if self.before is not None:
            self.before(asked)
        path = asked.path.removeprefix("/api/v2")
        if path == "/version":
            return _json({"apiVersion": "2.0.5", "dataTimestamp": self.data_version})
        if path == "/studies":
            return self._page(dict(asked.parameters))
        return self._study(path.removeprefix("/studies/"))

    def _page(self, parameters: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        unknown = set(parameters) - KNOWN
        if unknown:
            return _text(400, f"`{min(unknown)}` is unknown parameter")
        bound = {name: value for name, value in parameters.items() if name not in MAY_CHANGE}
        start, empty_done = 0, False
        if "pageToken" in parameters:
            place = _opened(parameters["pageToken"])
            if place is None or place["bound"] != bound or not self.valid_tokens:
                return _text(400, "Invalid page token")
            start, empty_done = place["start"], place["empty_done"]
        size = min(int(parameters.get("pageSize", "10")), 1000)
        empty = start in self.empty_pages_before and not empty_done
        end = start if empty else start + size
        page: dict[str, Any] = {}
        if parameters.get("countTotal") == "true" and "pageToken" not in parameters:
            page["totalCount"] = len(self.records) if self.announced is None else self.announced
        page["studies"] = self.records[start:end]
        if end < len(self.records):
            page["nextPageToken"] = _sealed({"start": end, "bound": bound, "empty_done": empty})
        return _json(page)

    def _study(self, nct_id: str) -> tuple[int, dict[str, str], bytes]:
        if nct_id in self.aliases:
            return 301, {"Location": f"/api/v2/studies/{self.aliases[nct_id]}"}, b""
        for record in self.records:
            if record["protocolSection"]["identificationModule"]["nctId"] == nct_id:
                return _json(record)
        return _text(404, f"NCT number {nct_id} not found")


def _json(document: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(document, ensure_ascii=False).encode()


def _text(status: int, words: str) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "text/plain"}, words.encode()


def _sealed(place: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _opened(token: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        return None


class Handler(BaseHTTPRequestHandler):
    """One request: a fault if one is due, else what the registry answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer takes 40 ms
    registry: Registry

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.asked = Asked(parts.path, dict(parse_qsl(parts.query)), {k.casefold(): v for k, v in self.headers.items()})
        self.registry.asked.append(self.asked)
        fault = self.registry.faults.pop(0) if self.registry.faults else None
        if fault is None:
            self.reply(*self.registry.answer(self.asked))
        else:
            fault(self)

    def reply(self, status: int, headers: Mapping[str, str], body: bytes, *, sent: int | None = None) -> None:
        headers = dict(headers)
        if self.registry.compressed and "gzip" in self.asked.headers.get("accept-encoding", ""):
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        self.send_response_only(status)  # without a Date of its own
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if sent is None else body[:sent])

    def log_message(self, *given: object) -> None:
        """Nothing on stderr."""


# --- faults -----------------------------------------------------------------------------------------------------------


def status(code: int, words: str = "busy", **headers: str) -> Fault:
    """Another status; a header's underscores stand for hyphens."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.reply(code, {"Content-Type": "text/plain", **given}, words.encode())


def body(content: bytes, content_type: str = "application/json", **headers: str) -> Fault:
    """Status 200 with another body."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.reply(200, {"Content-Type": content_type, **given}, content)


def shorter_than_its_length(handler: Handler) -> None:
    """The right answer, of which half is sent before the connection ends."""
    code, headers, content = handler.registry.answer(handler.asked)
    handler.reply(code, headers, content, sent=len(content) // 2)
    handler.close_connection = True


def cut_json(handler: Handler) -> None:
    """Half of the answer with a length that agrees with it."""
    code, headers, content = handler.registry.answer(handler.asked)
    handler.reply(code, headers, content[: len(content) // 2])


def dropped(handler: Handler) -> None:
    """The connection is reset without an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.rfile, handler.wfile = open(0, "rb", closefd=False), _Nowhere()  # noqa: SIM115 (what the handler closes at its end)
    handler.close_connection = True


class _Nowhere:
    closed = False

    def flush(self) -> None: ...

    def close(self) -> None: ...


def hanging(handler: Handler) -> None:
    """No answer until the test is over."""
    handler.registry.released.wait(30)
    handler.close_connection = True


class Server(ThreadingHTTPServer):
    """Says nothing where a client went away, as it does after a time-out or a reply that is too large."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def serve(records: Iterable[dict[str, Any]]) -> Iterator[Registry]:
    """A running registry; for a fixture."""
    registry = Registry(list(records))
    handler = type("BoundHandler", (Handler,), {"registry": registry})
    server = Server(("127.0.0.1", 0), handler)
    registry.address = f"http://127.0.0.1:{server.server_port}/api/v2"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        registry.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
