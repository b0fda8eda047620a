"""JSON text to values: what JSON does not allow, or leaves open, is mended and told, with the path of the field."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trialpool.registry.read.problems import Log

__all__ = ["Decoder", "canonical_json", "mended"]

_SURROGATE = re.compile("[\ud800-\udfff]")


class _NotFinite:
    """Stands for NaN, an infinity or a number too large, until its path is known."""

    def __init__(self, text: str) -> None:
        self.text = text


class _Repeated(dict[str, Any]):
    """An object in which a key stands several times; ``earlier`` holds what the last one hides."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        last = {key: i for i, (key, _) in enumerate(pairs)}
        self.earlier = [(key, value) for i, (key, value) in enumerate(pairs) if last[key] != i]


class Decoder:
    """Decodes values out of a text, and notices what ``mended`` must see to.

    >>> decoder = Decoder()
    >>> decoder.decode('  {"n": 1} rest', 2)
    ({'n': 1}, 10)
    >>> decoder.odd
    False
    """

    def __init__(self) -> None:
        self.odd = False
        self._decode: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder(
            object_pairs_hook=self._object, parse_constant=self._constant, parse_float=self._float
        ).raw_decode

    def decode(self, text: str, start: int = 0) -> tuple[Any, int]:
        """The value that begins at ``start``, and where it ends; ValueError or RecursionError if there is none."""
        self.odd = False
        return self._decode(text, start)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        self.odd = True
        return _Repeated(pairs)

    def _constant(self, text: str) -> _NotFinite:
        self.odd = True
        return _NotFinite(text)

    def _float(self, text: str) -> float | _NotFinite:
        value = float(text)
        return value if math.isfinite(value) else self._constant(text)


def canonical_json(data: Mapping[str, Any]) -> bytes:
    r"""A record as compact JSON with sorted keys, UTF-8: the same bytes whatever the layout it came in.

    >>> canonical_json({"b": 1, "a": "é"})
    b'{"a":"\xc3\xa9","b":1}'
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def mended(value: Any, log: Log) -> Any:
    """The value without what no JSON and no UTF-8 can hold, each change told.

    Numbers that are not finite become null, halves of surrogate pairs the replacement character. Of a key that stands several
    times the last one counts, as for every common reader of JSON.
    """
    top = [value]
    # A stack, not recursion: the text may be nested as deeply as the decoder allows.
    stack: list[tuple[Any, str]] = [(top, "")]
    while stack:
        container, path = stack.pop()
        if isinstance(container, dict):
            _mend_keys(container, path, log)
        for key, child, child_path in _children(container, path):
            if isinstance(child, (dict, list)):
                stack.append((child, child_path))
            else:
                container[key] = _mended_scalar(child, child_path, log)
    return top[0]


def _children(container: Any, path: str) -> Iterator[tuple[Any, Any, str]]:
    if isinstance(container, dict):
        return iter([(key, child, f"{path}.{key}" if path else key) for key, child in container.items()])
    # The outermost list is not part of the value.
    return iter([(i, child, f"{path}[{i}]" if path else "") for i, child in enumerate(container)])


def _mend_keys(container: dict[str, Any], path: str, log: Log) -> None:
    for key, value in getattr(container, "earlier", ()):
        problem = "the key stands several times in its object; the last one was read, this value was not"
        log.add(f"{path}.{key}" if path else key, problem, getattr(value, "text", value), lost="field")
    for key in [key for key in container if _SURROGATE.search(key)]:
        container[_replaced(key, path, log)] = container.pop(key)


def _mended_scalar(value: Any, path: str, log: Log) -> Any:
    if isinstance(value, _NotFinite):
        log.add(path, "not a finite number, which JSON has no word for; read as not stated", value.text, lost="field")
        return None
    return _replaced(value, path, log) if isinstance(value, str) and _SURROGATE.search(value) else value


def _replaced(text: str, path: str, log: Log) -> str:
    mended_text = _SURROGATE.sub("\ufffd", text)
    log.add(path, "holds half a character (a surrogate without its pair); read as U+FFFD", mended_text, lost="field")
    return mended_text
