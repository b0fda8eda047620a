"""Numbers of the registry, which writes many of them as text: the number, and a remark where the text needed reading."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["NOT_STATED", "Figure", "count", "number", "percentage"]

_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# A comma before exactly three digits groups thousands, unless the number starts with 0 ("0,313").
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
_LARGEST_COUNT = 2**53
_LONGEST_NUMBER = 400
_UNKNOWN = "; read as not stated"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as read; ``remark`` says what is wrong or was assumed, ``lost`` whether the number was lost by it."""

    value: float | None
    remark: str = ""
    lost: Literal["field", "nothing"] = "nothing"


NOT_STATED = Figure(None)
"""No number was given: the key is missing, or the text is empty or "NA" (not available)."""


def number(given: object) -> Figure:
    """Read a number that may be written as text.

    Parameters
    ----------
    given
        ``"12.5"``, ``12.5``, ``"1,553"`` (thousands), ``"0,3139"`` (decimal comma); ``"NA"``, ``""`` and None are not stated.

    Returns
    -------
    Figure
        Without a value, and with a remark, if the text is no number (``"<5"``, ``"NR"``).

    Examples
    --------
    >>> [number(text).value for text in ("12.5", "1,553", "0,3139", "NA", "<5")]
    [12.5, 1553.0, 0.3139, None, None]
    """
    if isinstance(given, str):
        return _from_text(given.strip())
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        return NOT_STATED if given is None else _lost("a number was expected here")
    return _finite(given)


def _from_text(text: str) -> Figure:
    if text in {"", "NA"}:
        return NOT_STATED
    if len(text) <= _LONGEST_NUMBER:
        if _PLAIN.fullmatch(text):
            return _finite(float(text))
        if _THOUSANDS.fullmatch(text):
            return _read(text.replace(",", ""), "the comma separates thousands, as three digits follow it")
        if _DECIMAL_COMMA.fullmatch(text):
            return _read(text.replace(",", "."), "the comma marks decimals")
    return _lost("not a number")


def _read(digits: str, how: str) -> Figure:
    return Figure(float(digits), f"read as {digits}: {how}")


def _finite(value: float) -> Figure:
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    return Figure(found) if math.isfinite(found) else _lost("not a finite number")


def _lost(remark: str) -> Figure:
    return Figure(None, f"{remark}{_UNKNOWN}", "field")


def count(given: object) -> tuple[int | None, Figure]:
    """Read a whole number, 0 or more; the figure holds the remark.

    >>> [count(given)[0] for given in (12, "12", "1,553", "12.0", "NA", 1.5, -1, True, "0,313")]
    [12, 12, 1553, 12, None, None, None, None, None]
    """
    figure = number(given)
    if figure.value is None:
        return None, figure
    if figure.value < 0:
        return None, _lost("a count is 0 or more")
    if not figure.value.is_integer():
        return None, _lost("a count is a whole number")
    if figure.value > _LARGEST_COUNT:
        return None, _lost("too large for a count")
    return int(figure.value), figure


def percentage(given: object) -> Figure:
    """Read a threshold in percent (``"5"``, ``"0.05"``, ``"5%"``) as a share.

    >>> [percentage(text).value for text in ("5", "0.05", "5%", "five")]
    [0.05, 0.0005, 0.05, None]
    """
    figure = number(given.strip().removesuffix("%") if isinstance(given, str) else given)
    if figure.value is None:
        return figure
    if not 0 <= figure.value <= 100:
        return _lost("a percentage lies between 0 and 100")
    # Division by a power of ten rounds once: "5" is exactly the float 0.05.
    share = figure.value / 100
    if 0 < share < 0.01:
        note = f"read as {figure.value:g} %, since the registry states percentages; a share would be read a hundred times too low"
        return Figure(share, f"{figure.remark}; {note}" if figure.remark else note)
    return Figure(share, figure.remark)
