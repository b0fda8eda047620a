"""Requests against a server that fails: what is tried again, how long it waits, when it gives up and what it says."""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import socket
import ssl
import subprocess
import threading

import pytest
from registry.fetch.server import (
    body,
    cut_json,
    dropped,
    hanging,
    shorter_than_its_length,
    status,
)

import trialpool
from trialpool.errors import FetchError
from trialpool.registry.fetch import Connection, Pace, RefusedError, UnreachableError


def version_of(client):
    return client.version().data


def test_request_names_the_program_and_its_version_and_takes_gzip(client, registry):
    registry.compressed = True
    assert version_of(client) == registry.data_version
    headers = registry.asked[0].headers
    assert headers["user-agent"].startswith(f"trialpool/{trialpool.__version__} ")
    assert "gzip" in headers["accept-encoding"]


@pytest.mark.parametrize(
    "fault",
    [
        status(429),
        status(500),
        status(502),
        status(503),
        status(504),
        shorter_than_its_length,
        cut_json,
        dropped,
        body(b"<!DOCTYPE html><html><title>Maintenance</title></html>", "text/html"),
        body(b'\n <html lang="en">', "application/json"),
        body(b""),
        body(b"[1, 2]"),
        body(b'{"a": ' * 100_000),
        body(b'{"a": ' + b"9" * 5000 + b"}"),
        body(b"not gzip", Content_Encoding="gzip"),
        body(gzip.compress(b'{"dataTimestamp": "2026"}')[:20], Content_Encoding="gzip"),
    ],
)
def test_what_may_pass_is_tried_again(client, registry, time, fault):
    registry.faults = [fault, fault]
    assert version_of(client) == registry.data_version
    assert len(registry.asked) == 3
    assert [round(wait) for wait in time.slept] == [pytest.approx(1, abs=1), pytest.approx(2, abs=1)]


def test_waits_are_doubled_spread_and_the_same_in_every_run(connect, registry, time):
    registry.faults = [status(503)] * 6
    version_of(connect())
    waits = list(time.slept)
    assert all(2**i <= wait <= 1.5 * 2**i for i, wait in enumerate(waits))
    assert len({wait / 2**i for i, wait in enumerate(waits)}) == 6
    time.slept.clear()
    registry.faults = [status(503)] * 6
    version_of(connect())
    assert time.slept == waits


def test_it_gives_up_after_seven_attempts_and_says_how_to_go_on(client, registry):
    registry.faults = [status(503)] * 99
    with pytest.raises(
        UnreachableError, match=r"/version: the server answers 503, in each of 7 attempts; .* same command again"
    ):
        version_of(client)
    assert len(registry.asked) == 7


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"Retry_After": "37"}, [37.0]),
        ({"Retry_After": "0"}, [0.0, 1.0]),
        ({"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT", "Date": "Wed, 21 Oct 2015 07:27:15 GMT"}, [45.0]),
        ({"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"}, [0.0, 1.0]),
    ],
)
@pytest.mark.parametrize("code", [429, 503])
def test_what_the_server_asks_to_wait_is_waited(client, registry, time, code, headers, waits):
    registry.faults = [status(code, **headers)]
    assert version_of(client) == registry.data_version
    assert time.slept == waits


@pytest.mark.parametrize("text", ["soon", "-5", "1.5", "", "9" * 5000 + "x", "Wed, 21 Oct 99999999999 07:28:00 GMT"])
def test_a_wait_that_cannot_be_understood_is_ours(client, registry, time, text):
    registry.faults = [status(429, Retry_After=text)]
    assert version_of(client) == registry.data_version
    assert len(time.slept) == 1
    assert 1 <= time.slept[0] <= 1.5


@pytest.mark.parametrize("text", ["121", "999999999999999999", "Wed, 21 Oct 2125 07:28:00 GMT"])
def test_nobody_sits_through_a_long_wait(client, registry, time, text):
    registry.faults = [status(429, Retry_After=text)]
    with pytest.raises(
        UnreachableError, match=r"the server answers 429 and asks to wait [\d,]+ s; .*same command again"
    ):
        version_of(client)
    assert (len(registry.asked), time.slept) == (1, [])


def test_requests_start_at_least_a_second_apart(client, time):
    for _ in range(4):
        version_of(client)
    assert time.slept == [1.0, 1.0, 1.0]
    time.now += 0.75
    version_of(client)
    assert time.slept[3:] == [0.25]
    time.now += 1.5
    version_of(client)
    assert time.slept[4:] == []


def test_server_that_does_not_answer(connect, registry, time):
    registry.faults = [hanging, None]
    told = []
    assert version_of(connect(timeout=0.1, say=told.append)) == registry.data_version
    assert told == [f"no answer within 0.1 s; attempt 2 of 7 in {time.slept[0]:.0f} s"]


def test_reply_that_drips_for_ever_is_given_up(registry, time, connect):
    def dripping(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(50):
            time.now += 10
            handler.wfile.write(b" ")
            handler.wfile.flush()
            if handler.registry.released.wait(0.02):
                break
        handler.close_connection = True

    registry.faults = [dripping, None]
    told = []
    assert version_of(connect(timeout=1.0, say=told.append)) == registry.data_version
    assert told[0].startswith("the reply was not complete after 10 s")


def test_no_server_at_all(time):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with Connection(pace=time.pace, attempts=2) as connection, pytest.raises(UnreachableError, match="2 attempts"):
            connection.get(f"http://127.0.0.1:{port}/version")


@pytest.mark.parametrize("url", ["http://[::1/", "ftp://example.org/", "http:///x"])
def test_address_that_is_none(time, url):
    with Connection(pace=time.pace, attempts=1) as connection, pytest.raises(FetchError):
        connection.get(url)


def test_proxy_that_is_none_is_told(time, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://")
    with pytest.raises(FetchError, match=r"no connection can be prepared .*HTTPS_PROXY"):
        Connection(pace=time.pace)


def test_certificate_that_is_not_accepted_is_not_tried_again(time, registry, tmp_path):
    address = encrypted_server(tmp_path)
    with Connection(pace=time.pace) as connection, pytest.raises(FetchError, match="its certificate is not accepted"):
        connection.get(f"{next(address)}/version")
    address.close()
    assert time.slept == []


def encrypted_server(folder):
    """Speaks TLS with a certificate of its own making."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key", "-out", folder / "certificate"]
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    subprocess.run([*command, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate", folder / "key")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def once():
            with contextlib.suppress(OSError):
                context.wrap_socket(listening.accept()[0], server_side=True)

        thread = threading.Thread(target=once)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def test_refusal_is_told_in_the_servers_words_and_not_repeated(client, registry):
    registry.faults = [status(400, "Invalid prefix\nin \x1b[31mparameter name" + "!" * 999)]
    with pytest.raises(
        RefusedError, match="refuses the request: Invalid prefix in \ufffd\\[31mparameter name!+$"
    ) as caught:
        version_of(client)
    assert len(registry.asked) == 1
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("code", "words"), [(401, "401"), (403, "not let in"), (404, "is the address right"), (410, "410")]
)
def test_other_refusals(client, registry, code, words):
    registry.faults = [status(code)]
    with pytest.raises(FetchError, match=words):
        version_of(client)
    assert len(registry.asked) == 1


@pytest.mark.parametrize("compressed", [False, True])
def test_reply_larger_than_allowed_is_not_taken_in(connect, registry, compressed):
    registry.compressed = compressed
    registry.faults = [body(json.dumps({"a": "x" * 3_000_000}).encode())]
    with pytest.raises(FetchError, match="larger than 1 MB"):
        version_of(connect(max_bytes=2**20))
    assert len(registry.asked) == 1


def test_pace_without_a_request_before_does_not_wait(time):
    pace = Pace(clock=time.clock, sleep=time.sleep)
    pace.wait()
    assert time.slept == []
