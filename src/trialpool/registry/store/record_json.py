"""A record as JSON and back: for records that were put together from AACT's tables, which have no JSON of their own."""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from trialpool.registry.model import Origin, Record
from trialpool.registry.read import Loaded, canonical_json

__all__ = ["loaded_from_rows", "record_from_model_json"]


def loaded_from_rows(record: Record) -> Loaded:
    """The record with its JSON, of which it now has the hash; where it came from is no part of either.

    >>> loaded = loaded_from_rows(Record("NCT00000001", Origin("AACT", "a folder")))
    >>> len(loaded.record.origin.sha256), record_from_model_json(loaded.raw, loaded.record.origin) == loaded.record
    (64, True)
    """
    raw = canonical_json({key: value for key, value in asdict(record).items() if key != "origin"})
    return Loaded(replace(record, origin=replace(record.origin, sha256=hashlib.sha256(raw).hexdigest())), raw)


def record_from_model_json(raw: bytes | str, origin: Origin) -> Record:
    """The record that ``loaded_from_rows`` wrote; ValueError or TypeError if it is none."""
    record: Record = _built(Record, json.loads(raw) | {"origin": asdict(origin)})
    return record


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _built(kind: Any, value: Any) -> Any:
    """A value of the model: JSON has lists for tuples and objects for records."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(
            **{
                field.name: _built(hints[field.name], value[field.name])
                for field in fields(kind)
                if field.name in value
            }
        )
    if get_origin(kind) in {Union, types.UnionType}:
        inner = next(option for option in get_args(kind) if option is not type(None))
        return None if value is None else _built(inner, value)
    if get_origin(kind) is tuple:
        options = get_args(kind)
        if len(options) == 2 and options[1] is Ellipsis:
            return tuple(_built(options[0], item) for item in value)
        return tuple(_built(option, item) for option, item in zip(options, value, strict=True))
    return float(value) if kind is float else value
