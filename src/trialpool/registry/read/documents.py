"""A stream of bytes to records: a document, a page, a list or lines of JSON, read piece by piece."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from typing import Any

from trialpool.registry.read.decode import Decoder
from trialpool.registry.read.limits import Limits, Stream, UnreadableError
from trialpool.registry.read.loading import load_value
from trialpool.registry.read.problems import Loaded, Problem, shortened
from trialpool.registry.read.window import Window

__all__ = ["read_document"]

_AGAIN = "download it again"
_LIST = re.compile(r"\s*\[")
# A page as the API writes it: the total and the token stand before the studies, if at all.
_PAGE = re.compile(
    r'\s*\{(?:\s*"(?:totalCount|nextPageToken)"\s*:\s*(?:[0-9]+|"[^"\\]*"|null)\s*,)*\s*"studies"\s*:\s*\['
)
_BETWEEN = re.compile(r"[\s,]*")
_BETWEEN_DOCUMENTS = re.compile(r"\s*")
# Inside a text the quotes would be escaped, so this is always the beginning of a study.
_STUDY = re.compile(r'\{\s*"protocolSection"\s*:')
# Longer than any word of JSON (``-Infinity``) and any escape (``\\ud83d``): cut in two, their error points to their start.
_LONGEST_WORD = 16
_END_OF_PAGE = re.compile(r'\s*(?:,\s*"(?:totalCount|nextPageToken)"\s*:\s*(?:[0-9]+|"[^"\\]*"|null)\s*)*\}\s*')


def read_document(stream: Stream, place: str, limits: Limits) -> Iterator[Loaded | Problem]:
    """Records of one JSON file: a study, a page, a list of studies, or several of them one after the other.

    Memory holds one record at a time, however long the page. After a record that cannot be decoded, reading goes on with the
    next one.
    """
    window = Window(stream)
    try:
        yield from _records(window, place, limits)
    except UnreadableError as error:
        yield Problem(place, "", "", str(error), "", "record")


def _records(window: Window, place: str, limits: Limits) -> Iterator[Loaded | Problem]:
    window.grow()
    if not window.has(_BETWEEN_DOCUMENTS):
        yield Problem(place, "", "", f"the file is empty; {_AGAIN}", "", "record")
        return
    for pattern, name in ((_PAGE, "#studies"), (_LIST, "#")):
        opening = pattern.match(window.text)
        if opening:
            window.drop(opening.end())
            ended = yield from _elements(window, f"{place}{name}", limits)
            if ended:
                yield from _end(window, place, paged=name != "#")
            return
    yield from _sequence(window, place, limits)


def _elements(window: Window, place: str, limits: Limits) -> Generator[Loaded | Problem, None, bool]:
    """Elements of a list whose opening bracket is behind; False if the last one swallowed the end."""
    decoder, i, sound = Decoder(), 0, True
    while window.has(_BETWEEN) and window.peek(1) != "]":
        sound = yield from _next(window, decoder, f"{place}[{i}]", limits)
        i += 1
    return sound or len(window) > 0


def _end(window: Window, place: str, *, paged: bool) -> Iterator[Problem]:
    if not len(window):
        yield Problem(place, "", "", f"the list of studies has no end: the file was cut short; {_AGAIN}", "", "record")
        return
    window.drop(window.start + 1)
    while window.grow() and len(window) < 10_000:
        pass
    rest = window.peek(len(window))
    if not (_END_OF_PAGE.fullmatch(rest) if paged else not rest.strip()):
        problem = "after the studies stands something unexpected, which was not read"
        yield Problem(place, "", "", problem, shortened(rest.strip()), "nothing")


def _sequence(window: Window, place: str, limits: Limits) -> Iterator[Loaded | Problem]:
    """Documents one after the other; mostly there is just one."""
    decoder, i = Decoder(), 0
    while window.has(_BETWEEN_DOCUMENTS):
        yield from _next(window, decoder, f"{place}#[{i}]" if i else place, limits, alone=True)
        i += 1


def _next(
    window: Window, decoder: Decoder, place: str, limits: Limits, *, alone: bool = False
) -> Generator[Loaded | Problem, None, bool]:
    """The value at the start of the window; False if it cannot be decoded."""
    try:
        value = _value(window, decoder, limits)
        if alone:
            # The checksum stands at the end of a packed file: a document that fills it is read to there before it counts.
            window.has(_BETWEEN_DOCUMENTS)
    except _MalformedError as error:
        yield Problem(place, "", "", str(error), window.peek(200), "record")
        window.seek(_STUDY)
        return False
    yield from load_value(value, place, odd=decoder.odd)
    yield from (Problem(place, "", "", problem, "", "field") for problem in window.replaced())
    return True


class _MalformedError(Exception):
    """A value cannot be decoded."""


def _value(window: Window, decoder: Decoder, limits: Limits) -> Any:
    """Decode the value at the start of the window, which grows until it holds all of it."""
    while True:
        try:
            value, end = decoder.decode(window.text, window.start)
        except RecursionError:
            raise _MalformedError("nested too deeply to be a record; left out") from None
        except ValueError as error:
            at_the_end = _at_the_end(error, window)
            if at_the_end and len(window) > limits.document_bytes:
                raise _MalformedError(_too_large(limits)) from None
            if not (at_the_end and window.grow()):
                raise _MalformedError(window.explain(error)) from None
        else:
            if end - window.start > limits.document_bytes:
                raise _MalformedError(_too_large(limits))
            window.drop(end)
            return value


def _at_the_end(error: ValueError, window: Window) -> bool:
    """Whether the value may be sound, and only its end has not been taken in yet."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.msg.startswith("Unterminated string") or error.pos >= len(window.text) - _LONGEST_WORD


def _too_large(limits: Limits) -> str:
    return f"larger than {limits.document_bytes:,} bytes, the limit for a record; left out"
