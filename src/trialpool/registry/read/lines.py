"""Lines of JSON to records, one line at a time."""

from __future__ import annotations

from collections.abc import Iterator

from trialpool.registry.read.decode import Decoder
from trialpool.registry.read.limits import Limits, Stream, UnreadableError
from trialpool.registry.read.loading import load_value
from trialpool.registry.read.problems import Loaded, Problem
from trialpool.registry.read.window import BOM, decoded

__all__ = ["read_lines", "split_lines"]

_PIECE = 1024 * 1024


def read_lines(stream: Stream, place: str, limits: Limits) -> Iterator[Loaded | Problem]:
    """Records of a file that has one on each line; a line that cannot be decoded costs no other line."""
    found = False
    try:
        for i, line in enumerate(split_lines(stream, limits.document_bytes), start=1):
            found = True
            where = f"{place}:{i}"
            if line is None:
                problem = f"the line is longer than {limits.document_bytes:,} bytes, the limit for a record; left out"
                yield Problem(where, "", "", problem, "", "record")
            elif line.strip():
                yield from _record(line, where)
    except UnreadableError as error:
        yield Problem(place, "", "", str(error), "", "record")
        return
    if not found:
        yield Problem(place, "", "", "the file is empty; download it again", "", "record")


def split_lines(stream: Stream, longest: int) -> Iterator[bytes | None]:
    """Lines without their ends and without a byte-order mark; None for a line that is too long to be held."""
    rest, skipping, first = b"", False, True
    while data := stream.read(_PIECE):
        if first:
            data, first = data.removeprefix(BOM), False
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield None if skipping or len(line) > longest else line.removesuffix(b"\r")
            skipping = False
        if len(rest) > longest:
            rest, skipping = b"", True
    if rest or skipping:
        yield None if skipping or len(rest) > longest else rest.removesuffix(b"\r")


def _record(line: bytes, where: str) -> Iterator[Loaded | Problem]:
    text, wrong = decoded(line)
    decoder = Decoder()
    try:
        start = len(text) - len(text.lstrip())
        value, end = decoder.decode(text, start)
        if text[end:].strip():
            raise ValueError(f"more text after the record, at character {end}")
    except RecursionError:
        yield Problem(where, "", "", "nested too deeply to be a record; left out", text[:200], "record")
        return
    except ValueError as error:
        yield Problem(where, "", "", f"the line is not JSON ({error}); download the file again", text[:200], "record")
        return
    yield from load_value(value, where, odd=decoder.odd)
    if wrong is not None:
        problem = f"byte {wrong} of the line is not UTF-8; it, and any others, were read as U+FFFD; download it again"
        yield Problem(where, "", "", problem, "", "field")
