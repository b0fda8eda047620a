"""What a review file may hold: every table, key, kind of value and allowed word, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trialpool.analysis.records import KINDS
from trialpool.checks import nearest, quoted
from trialpool.effects import MEASURES
from trialpool.pool import WORDS
from trialpool.trials import MULTI_ARM

__all__ = ["TABLES", "Key", "Table"]

_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")


@dataclass(frozen=True, slots=True)
class Key:
    """One key: ``check`` returns what is wrong with a value, or nothing."""

    check: Callable[[Any], str]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table, or a list of tables where ``repeated``."""

    keys: Mapping[str, Key]
    repeated: bool = False
    required: bool = False


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return f"is {_shown(value)}; give text in quotes"
    return "is empty; give text" if not value.strip() else ""


def _optional_text(value: Any) -> str:
    return "" if isinstance(value, str) else f"is {_shown(value)}; give text in quotes"


def _text_or_texts(value: Any) -> str:
    if isinstance(value, list):
        return "is an empty list; name at least one" if not value else next(filter(None, map(_text, value)), "")
    return _text(value)


def _texts(value: Any) -> str:
    if not isinstance(value, list):
        return f'is {_shown(value)}; give a list such as ["weeks"]'
    return next(filter(None, map(_text, value)), "")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and Decimal(value).is_finite()


def _number(value: Any) -> str:
    return "" if _is_number(value) else f"is {_shown(value)}; give a number"


def _positive_number(value: Any) -> str:
    return "" if _is_number(value) and value > 0 else f"is {_shown(value)}; give a number above 0"


def _whole(value: Any) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return "" if whole else f"is {_shown(value)}; give a whole number above 0"


def _probability(value: Any) -> str:
    return "" if _is_number(value) and 0 < value < 1 else f"is {_shown(value)}; give a number between 0 and 1"


def _probabilities(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return f"is {_shown(value)}; give a list of risks such as [0.05, 0.10]"
    return next(filter(None, map(_probability, value)), "")


def _identifier(value: Any) -> str:
    if isinstance(value, str) and _ID.match(value):
        return ""
    return f"is {_shown(value)}; give letters, digits, hyphens and underscores (at most 64)"


def _mapping(value: Any) -> str:
    if not isinstance(value, dict):
        return f'is {_shown(value)}; give pairs such as events = "n_events"'
    return next((f"{key!r} {_text(item)}" for key, item in value.items() if _text(item)), "")


def _word(*words: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if isinstance(value, str) and value in words:
            return ""
        return f"is {_shown(value)}{nearest(str(value), words)}; allowed: {quoted(words)}"

    return check


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, (str, bool)) else str(value)


_METHOD_KEYS = {name: Key(_word(*words)) for name, words in WORDS.items()}

TABLES: Mapping[str, Table] = {
    "": Table({"title": Key(_text, required=True), "authors": Key(_optional_text)}),
    "question": Table(
        {name: Key(_text, required=True) for name in ("population", "intervention", "comparator")}, required=True
    ),
    "data": Table({"file": Key(_text, required=True), "columns": Key(_mapping)}, required=True),
    "comparison": Table(
        {
            "treatment": Key(_text_or_texts, required=True),
            "control": Key(_text_or_texts, required=True),
            "multi_arm": Key(_word(*MULTI_ARM)),
        },
        required=True,
    ),
    "outcome": Table(
        {
            "name": Key(_text, required=True),
            "label": Key(_text),
            "better": Key(_word("fewer", "more")),
            "baseline_risks": Key(_probabilities),
            "description": Key(_optional_text),
        },
        repeated=True,
        required=True,
    ),
    "analysis": Table(
        {
            "id": Key(_identifier, required=True),
            "title": Key(_text),
            "outcome": Key(_text, required=True),
            "kind": Key(_word(*KINDS)),
            "multi_arm": Key(_word(*MULTI_ARM)),
            "subgroups": Key(_texts),
            "comment": Key(_optional_text),
            **_METHOD_KEYS,
            "increment": Key(_positive_number),
            "conf_level": Key(_probability),
        },
        repeated=True,
        required=True,
    ),
    "published": Table(
        {
            "analysis": Key(_text, required=True),
            "measure": Key(_word(*MEASURES)),
            "estimate": Key(_number, required=True),
            "conf_low": Key(_number, required=True),
            "conf_high": Key(_number, required=True),
            "trials": Key(_whole),
            "participants": Key(_whole),
            "source": Key(_text, required=True),
            "comment": Key(_optional_text),
        },
        repeated=True,
    ),
}
"""Every table of a review file by name; the top level has no name."""
