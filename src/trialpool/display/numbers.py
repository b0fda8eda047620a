"""Numbers to text; every number is already on the scale it is shown on."""

from __future__ import annotations

import math
from typing import Literal

__all__ = [
    "MINUS",
    "MISSING",
    "IntervalStyle",
    "decimals_of_width",
    "format_count",
    "format_estimate",
    "format_interval",
    "format_number",
    "format_p_value",
    "format_percent",
    "format_probability",
    "p_value_phrase",
]

MINUS = "\N{MINUS SIGN}"
MISSING = "\N{EN DASH}"

IntervalStyle = Literal["to", "dash", "brackets"]
_INTERVALS: dict[IntervalStyle, str] = {"to": "({} to {})", "dash": "({}\N{EN DASH}{})", "brackets": "[{}, {}]"}


def format_number(value: float | None, digits: int = 2) -> str:
    """A number with ``digits`` decimals, and more or fewer where these would hide it or pretend to precision.

    Below the last decimal one significant digit is kept; from 100 on there are fewer decimals; very large and very
    small numbers are written with an exponent. A missing number is an en dash.

    >>> [format_number(x) for x in (0.983, -1.5, 0.0004, 345.67, 12000, 1234567)]
    ['0.98', '−1.50', '0.0004', '345.7', '12000', '1.2e6']
    """
    if value is None:
        return MISSING
    if math.isnan(value):
        raise ValueError("a number to show is not a number (NaN)")
    magnitude = abs(value)
    if magnitude == 0:
        return f"{0:.{digits}f}"
    sign = MINUS if value < 0 else ""
    if math.isinf(value):
        return f"{sign}\N{INFINITY}"
    return sign + _magnitude(magnitude, digits)


def _magnitude(magnitude: float, digits: int) -> str:
    if magnitude >= 999_999.5:
        return _with_exponent(magnitude, 2)
    if magnitude >= 999.5:
        return f"{magnitude:.0f}"
    if magnitude >= 99.95:
        return f"{magnitude:.{max(min(digits, 1), 0)}f}"
    if magnitude >= 10.0**-digits:
        return f"{magnitude:.{digits}f}"
    if magnitude < 0.000095:
        return _with_exponent(magnitude, 1)
    return f"{float(f'{magnitude:.1g}'):f}".rstrip("0")


def _with_exponent(magnitude: float, significant: int) -> str:
    mantissa, _, exponent = f"{magnitude:.{significant - 1}e}".partition("e")
    power = int(exponent)
    return f"{mantissa}e{MINUS if power < 0 else ''}{abs(power)}"


def format_interval(low: float | None, high: float | None, digits: int = 2, style: IntervalStyle = "to") -> str:
    """An interval in the way of a journal.

    A dash would read as a sign, so intervals with a negative limit take ``to`` instead.

    >>> format_interval(0.83, 1.16)
    '(0.83 to 1.16)'
    >>> format_interval(0.83, 1.16, style="dash"), format_interval(-0.1, 0.2, style="dash")
    ('(0.83–1.16)', '(−0.10 to 0.20)')
    """
    if style == "dash" and min(low or 0.0, high or 0.0) < 0:
        style = "to"
    limits = (_beside(limit, low, high, digits) for limit in (low, high))
    return _INTERVALS[style].format(*limits)


def format_estimate(
    estimate: float | None, low: float | None, high: float | None, digits: int = 2, style: IntervalStyle = "to"
) -> str:
    """An estimate with its interval.

    >>> format_estimate(0.98, 0.83, 1.16)
    '0.98 (0.83 to 1.16)'
    >>> format_estimate(0.00001, -0.012, 0.012)
    '0.000 (−0.012 to 0.012)'
    """
    return f"{_beside(estimate, low, high, digits)} {format_interval(low, high, digits, style)}"


def decimals_of_width(width: float, digits: int = 2) -> int:
    """Decimals that show two digits of an interval's width, and ``digits`` at least.

    >>> decimals_of_width(0.33), decimals_of_width(0.0038)
    (2, 4)
    """
    return max(digits, 1 - math.floor(math.log10(width))) if 0 < width < math.inf else digits


def _beside(value: float | None, low: float | None, high: float | None, digits: int) -> str:
    """A number beside its interval.

    An interval with a negative limit is one of differences: it gets two digits of its width, and a number that vanishes
    beside the width is a zero. On a ratio scale a number near zero is far away, so it keeps a digit of its own.
    """
    if value is None or low is None or high is None or not (low < 0 and low < high < math.inf and low > -math.inf):
        return format_number(value, digits)
    digits = decimals_of_width(high - low, digits)
    rounded = round(value, digits)
    return f"{0:.{digits}f}" if rounded == 0 else format_number(rounded, digits)


def format_p_value(p: float | None, *, leading_zero: bool = True) -> str:
    """A p-value: three decimals below 0.1, two above, never 0 and never 1.

    >>> [format_p_value(p) for p in (0.00004, 0.0312, 0.456, 0.9999)]
    ['<0.001', '0.031', '0.46', '>0.99']
    """
    if p is None:
        return MISSING
    if not 0 <= p <= 1:
        raise ValueError(f"{p!r} is not a p-value")
    if p < 0.001:
        text = "<0.001"
    elif p > 0.99:
        text = ">0.99"
    else:
        text = f"{p:.3f}" if p < 0.0995 else f"{p:.2f}"
    return text if leading_zero else text.replace("0.", ".", 1)


def format_probability(p: float) -> str:
    """A probability as a percentage, never 0 and never 100.

    >>> [format_probability(p) for p in (0.97, 0.99996, 0.0)]
    ['97.0%', '>99.9%', '<0.1%']
    """
    if p > 0.9995:
        return ">99.9%"
    return "<0.1%" if p < 0.0005 else format_percent(p)


def p_value_phrase(p: float | None, *, symbol: str = "p", leading_zero: bool = True) -> str:
    """A p-value with its symbol and the sign that belongs between them.

    >>> p_value_phrase(0.02), p_value_phrase(0.00002, symbol="P", leading_zero=False)
    ('p = 0.020', 'P < .001')
    """
    text = format_p_value(p, leading_zero=leading_zero)
    return f"{symbol} {text[0]} {text[1:]}" if text[0] in "<>" else f"{symbol} = {text}"


def format_count(value: float) -> str:
    """A count; a control arm that was split may hold a fraction.

    >>> format_count(111.0), format_count(55.5), format_count(18.333333)
    ('111', '55.5', '18.3')
    """
    rounded = round(float(value), 1)
    return f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded:.1f}"


def format_percent(share: float | None, digits: int = 1) -> str:
    """A share of one as a percentage; a share too small for the digits is not shown as none.

    >>> format_percent(0.1234), format_percent(0.62, digits=0), format_percent(0.0001)
    ('12.3%', '62%', '<0.1%')
    """
    if share is None:
        return MISSING
    percent = 100 * share
    smallest = 10.0**-digits
    if 0 < percent < smallest / 2:
        return f"<{smallest:.{digits}f}%"
    return f"{percent:.{digits}f}%".replace("-", MINUS)
