"""What a review file may hold: every table, key, kind of value and allowed word, as data."""

from __future__ import annotations

import math
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

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LONGEST_SHOWN = 60


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
        return _listed_texts(value) if value else "is an empty list; name at least one"
    return _text(value)


def _texts(value: Any) -> str:
    if not isinstance(value, list):
        return f'is {_shown(value)}; give a list such as ["weeks"]'
    return _listed_texts(value)


def _listed_texts(values: list[Any]) -> str:
    wrong = next(filter(None, map(_text, values)), "")
    if wrong:
        return wrong
    folded = [value.strip().casefold() for value in values]
    twice = next((value for i, value in enumerate(values) if folded[i] in folded[:i]), None)
    return "" if twice is None else f"names {twice!r} twice; name it once"


def _float(value: Any) -> float | None:
    """A number as a float; None for anything else, and for a number that a float cannot hold."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _number(value: Any) -> str:
    return "" if _float(value) is not None else f"is {_shown(value)}; give a number"


def _positive_number(value: Any) -> str:
    return "" if (_float(value) or 0) > 0 else f"is {_shown(value)}; give a number above 0"


def _whole(value: Any) -> str:
    whole = isinstance(value, int) and (_float(value) or 0) > 0
    return "" if whole else f"is {_shown(value)}; give a whole number above 0"


def _probability(value: Any) -> str:
    return "" if 0 < (_float(value) or 0) < 1 else f"is {_shown(value)}; give a number between 0 and 1"


def _probabilities(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return f"is {_shown(value)}; give a list of risks such as [0.05, 0.10]"
    return next(filter(None, map(_probability, value)), "")


def _identifier(value: Any) -> str:
    if isinstance(value, str) and _ID.fullmatch(value):
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
    """A value as the file has it, or what it is where it is long."""
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and _float(value) is None:
        return "a number too large to use"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


_METHOD_KEYS = {name: Key(_word(*words)) for name, words in WORDS.items()}

TABLES: Mapping[str, Table] = {
    "": Table({"title": Key(_text, required=True), "authors": Key(_optional_text)}),
    "question": Table(
        {name: Key(_text, required=True) for name in ("population", "intervention", "comparator")}, required=True
    ),
    "data": Table({"file": Key(_text, required=True), "columns": Key(_mapping), "left_out": Key(_text)}, required=True),
    "comparison": Table(
        {
            "treatment": Key(_text_or_texts, required=True),
            "control": Key(_text_or_texts, required=True),
            "multi_arm": Key(_word(*MULTI_ARM)),
        },
        required=True,
    ),
    "automatic": Table(
        {
            "few_trials": Key(_whole),
            "enough_trials": Key(_whole),
            "few_events": Key(_whole),
            "rare_risk": Key(_probability),
            "follow_up": Key(_positive_number),
        }
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
            "tau_prior": Key(_text),
            "effect_prior": Key(_text),
            "relevant": Key(_number),
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
