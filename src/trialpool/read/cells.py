"""From a raw cell to a value: one function a kind of value, each raising CellError with the way out."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from numbers import Real

from trialpool.checks import nearest, quoted
from trialpool.trials import ESTIMATE_SCALES, VERIFICATIONS, EstimateScale, Verification

__all__ = [
    "CellError",
    "Unusable",
    "above_zero",
    "as_number",
    "count",
    "half_unit",
    "is_empty",
    "label",
    "number",
    "participants",
    "scale",
    "share",
    "shown",
    "text",
    "verification",
]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COMMA_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_COMMA_DECIMAL = re.compile(r"[+-]?[0-9]*,[0-9]+")
_SPACED_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:[\s'\u2019][0-9]{3})+(?:\.[0-9]+)?")
_POINT_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+")
_PERCENTAGE = re.compile(r"[+-]?[0-9.,]+\s*%")
_NOT_FINITE = frozenset({"nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"})
# What XML 1.0 and terminals cannot carry; tab and line breaks are allowed in free text.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Overrides of the writing direction can make a name look like another one.
_CONTROL_IN_LABEL = re.compile("[\t\n\r\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Where a browser starts to read a tag: "<" followed at once by a letter, "/", "!" or "?".
_MARKUP = re.compile(r"<[A-Za-z/!?][^<>]{0,30}>?")
_LARGEST_COUNT = 2**53
_LONGEST_SHOWN = 60


class CellError(ValueError):
    """A cell does not hold what its column needs."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell that its file format could not give a value; every parser refuses it with this reason."""

    reason: str


def shown(value: object) -> str:
    """A value as messages show it: control characters escaped, long text cut.

    >>> shown("12 (22%)"), shown(3.5)
    ("'12 (22%)'", '3.5')
    """
    if isinstance(value, int) and value.bit_length() > 8 * _LONGEST_SHOWN:
        return f"an integer of {value.bit_length()} bits"
    written = repr(value) if isinstance(value, str) else ascii(str(value))[1:-1]
    return written if len(written) <= _LONGEST_SHOWN else f"{written[: _LONGEST_SHOWN - 3]}..."


def is_empty(value: object) -> bool:
    """Whether a cell holds nothing: None, white space alone, or the NaN by which data frames say "missing"."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, float) and math.isnan(value))


@lru_cache(maxsize=4096)
def _checked(value: str) -> str:
    """Stripped text, if it is neither a formula nor holds characters that no output can carry."""
    stripped = value.strip()
    if stripped.startswith("="):
        raise CellError(f"{shown(stripped)} is a spreadsheet formula, not a value; paste its value instead")
    found = _CONTROL.search(stripped)
    if found:
        raise CellError(f"{shown(stripped)} holds the control character U+{ord(found.group()):04X}; remove it")
    return stripped


def text(value: object) -> str:
    """Free text, stripped; numbers and dates as a person would write them.

    >>> text("  placebo "), text(12.0), text(True)
    ('placebo', '12', 'true')
    """
    if isinstance(value, str):
        return _checked(value)
    if isinstance(value, Unusable):
        raise CellError(value.reason)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        at_midnight = value.hour == value.minute == value.second == value.microsecond == 0
        return value.date().isoformat() if at_midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (Real, Decimal)):
        finite = number(value)
        return str(int(finite)) if finite.is_integer() else repr(finite)
    raise CellError(f"{shown(value)} is a {type(value).__name__}; a cell holds one text or one number")


@lru_cache(maxsize=4096)
def _checked_label(stripped: str) -> str:
    found = _CONTROL_IN_LABEL.search(stripped)
    if found:
        raise CellError(f"{shown(stripped)} holds the control character U+{ord(found.group()):04X}; remove it")
    markup = _MARKUP.search(stripped)
    if markup:
        raise CellError(
            f"{shown(stripped)} holds markup ({shown(markup.group())}); write the name without it, "
            "or put a space after '<' where it means 'less than'"
        )
    return stripped


def label(value: object) -> str:
    """The name of a trial, arm, treatment or outcome: one line of text without markup.

    >>> label(" SOLO 1 ")
    'SOLO 1'
    """
    return _checked_label(text(value))


def as_number(value: object) -> float | None:
    """The value as a float (possibly infinite or NaN), or None if it is not written as a plain number.

    >>> as_number(" 1.5e2 "), as_number("1,553"), as_number(True)
    (150.0, None, None)
    """
    if isinstance(value, str):
        stripped = value.strip()
        return float(stripped) if _NUMBER.fullmatch(stripped) else None
    if isinstance(value, bool) or not isinstance(value, (Real, Decimal)):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def number(value: object) -> float:
    """A finite number.

    >>> number("-0.25")
    -0.25
    """
    found = as_number(value)
    if found is None:
        raise CellError(_not_a_number(value))
    if not math.isfinite(found):
        raise CellError(f"{shown(value)} is not a finite number; leave the row out if the number is not known")
    return found


def _not_a_number(value: object) -> str:
    if not isinstance(value, str):
        return f"{shown(text(value))} is not a number"
    stripped = _checked(value)
    if _COMMA_THOUSANDS.fullmatch(stripped):
        return (
            f"{shown(stripped)} has a comma; write {stripped.replace(',', '')} without a thousands separator, "
            "or use a point if the comma marks decimals"
        )
    if _COMMA_DECIMAL.fullmatch(stripped):
        return f"{shown(stripped)} has a decimal comma; write {stripped.replace(',', '.')}"
    if _SPACED_THOUSANDS.fullmatch(stripped):
        digits = re.sub(r"[\s'\u2019]", "", stripped)
        return f"{shown(stripped)} has a thousands separator; write {digits}"
    if _PERCENTAGE.fullmatch(stripped):
        return f"{shown(stripped)} is a percentage; give the number itself"
    if stripped.casefold() in _NOT_FINITE:
        return f"{shown(stripped)} is not a finite number; leave the row out if the number is not known"
    return f"{shown(stripped)} is not a number; write digits alone, and leave the row out if the number is not known"


def count(value: object) -> int:
    """A whole number, 0 or more; ``12.0`` is whole.

    >>> count("12.0")
    12
    """
    found = number(value)
    if found < 0:
        raise CellError(f"{shown(value)} is negative; a count is 0 or more")
    if not found.is_integer():
        hint = ""
        if isinstance(value, str) and _POINT_THOUSANDS.fullmatch(value.strip()):
            hint = f"; if the point separates thousands, write {value.strip().replace('.', '')}"
        raise CellError(f"{shown(value)} is a fraction; a count of participants is whole{hint}")
    if found > _LARGEST_COUNT:
        raise CellError(f"{shown(value)} is too large for a count of participants")
    return int(found)


def participants(value: object) -> int:
    """A whole number of participants, 1 or more."""
    found = count(value)
    if found == 0:
        raise CellError("0 participants; an arm without participants has no risk, so remove the row")
    return found


def above_zero(value: object) -> float:
    """A finite number above 0: a standard deviation, a standard error, or a time at risk."""
    found = number(value)
    if found <= 0:
        raise CellError(
            f"{shown(value)} is not above 0, as a standard deviation, a standard error or a time at risk must be"
        )
    return found


def share(value: object) -> float:
    """A number between 0 and 1: a confidence level, or a p-value.

    >>> share("0.95")
    0.95
    """
    found = number(value)
    if not 0 < found < 1:
        hint = f"; write {found / 100:g}" if 1 < found < 100 else ""
        raise CellError(f"{shown(value)} is not between 0 and 1, as a confidence level or a p-value must be{hint}")
    return found


def half_unit(value: object) -> float:
    """Half a unit in the last place that a number is written with: how far rounding may have moved it.

    >>> half_unit("0.54"), half_unit(12), half_unit("1.5e2")
    (0.005, 0.5, 5.0)
    """
    digits = value.strip() if isinstance(value, str) else repr(value)
    exponent = Decimal(digits if isinstance(value, str) else digits.removesuffix(".0")).as_tuple().exponent
    return 0.5 * 10.0**exponent if isinstance(exponent, int) else 0.0


def scale(value: object) -> EstimateScale:
    """The scale of an estimate, from the fixed words, in any case.

    >>> scale("Log ratio")
    'log ratio'
    """
    given = text(value)
    for word in ESTIMATE_SCALES:
        if given.casefold() == word:
            return word
    raise CellError(
        f"{shown(given)} is not a scale{nearest(given, ESTIMATE_SCALES)}; use one of {quoted(ESTIMATE_SCALES)}, so that "
        "nothing has to be guessed"
    )


def verification(value: object) -> Verification:
    """How well a number was verified, from the fixed words, in any case.

    >>> verification("Corroborated")
    'corroborated'
    """
    given = text(value)
    for word in VERIFICATIONS:
        if given.casefold() == word:
            return word
    raise CellError(
        f"{shown(given)} is not a level of verification{nearest(given, VERIFICATIONS)}; "
        f"use one of {quoted(VERIFICATIONS)}, or leave the cell empty"
    )
