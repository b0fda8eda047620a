"""Numbers to text, and text to tables: one place for digits, signs, escaping and alignment.

Every number here is already on the scale it is shown on. Negative numbers carry a minus sign (U+2212), not a hyphen.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

__all__ = [
    "IntervalStyle",
    "clean_text",
    "escape_html",
    "format_count",
    "format_estimate",
    "format_interval",
    "format_number",
    "format_p_value",
    "format_percent",
    "html_table",
    "p_value_phrase",
    "plural",
    "text_table",
    "typographic",
]

MINUS = "\N{MINUS SIGN}"
MISSING = "\N{EN DASH}"

IntervalStyle = Literal["to", "dash", "brackets"]
_INTERVALS: dict[IntervalStyle, str] = {"to": "({} to {})", "dash": "({}\N{EN DASH}{})", "brackets": "[{}, {}]"}

_WHITESPACE = re.compile(r"\s+")
_DIRECTION_MARKS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


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
    return _INTERVALS[style].format(format_number(low, digits), format_number(high, digits))


def format_estimate(
    estimate: float | None, low: float | None, high: float | None, digits: int = 2, style: IntervalStyle = "to"
) -> str:
    """An estimate with its interval.

    >>> format_estimate(0.98, 0.83, 1.16)
    '0.98 (0.83 to 1.16)'
    """
    return f"{format_number(estimate, digits)} {format_interval(low, high, digits, style)}"


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


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "study"), plural(2, "study"), plural(3, "trial")
    ('1 study', '2 studies', '3 trials')
    """
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"


def typographic(text: str) -> str:
    """Names of statistics and signs in plain letters, as they are printed.

    >>> typographic("tau2 by Paule-Mandel; I2 from Q")
    'τ² by Paule-Mandel; I² from Q'
    """
    named = re.sub(r"\btau2\b", "τ²", re.sub(r"\bI2\b", "I²", text))
    return re.sub(r"(?<=\w) - (?=\w)", f" {MINUS} ", named)


def clean_text(text: object) -> str:
    r"""Text from outside on one line, without control characters or marks that turn the reading direction.

    >>> clean_text("Smith\n\t2004\x1b")
    'Smith 2004�'
    """
    collapsed = _WHITESPACE.sub(" ", str(text)).strip().translate(_DIRECTION_MARKS)
    if collapsed.isascii() and collapsed.isprintable():
        return collapsed
    composed = unicodedata.normalize("NFC", collapsed)
    return "".join("\N{REPLACEMENT CHARACTER}" if _unprintable(c) else c for c in composed)


def _unprintable(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Cn"}


def escape_html(text: object) -> str:
    """Text from outside made safe for HTML, SVG and XML, in content and in quoted attributes.

    >>> escape_html('<script>"&"</script>')
    '&lt;script&gt;&quot;&amp;&quot;&lt;/script&gt;'
    """
    return html.escape(clean_text(text))


def text_table(headers: Sequence[str], rows: Sequence[Sequence[object]], align: str | None = None) -> str:
    """A table in plain text.

    Parameters
    ----------
    headers : sequence of str
    rows : sequence of sequences
        Each as long as ``headers``.
    align : str, optional
        One letter a column, ``l`` or ``r``; without it the first column is set left, the others right.

    Returns
    -------
    str
        Lines without a trailing newline.

    Examples
    --------
    >>> print(text_table(["study", "events"], [["Aronson", 4], ["Hart", 62]]))
    study    events
    -------  ------
    Aronson       4
    Hart         62
    """
    align = _alignment(len(headers), align)
    cells = [[clean_text(cell) for cell in row] for row in [headers, *_checked(headers, rows)]]
    widths = [max(_columns(row[i]) for row in cells) for i in range(len(headers))]
    lines = ["  ".join(_padded(*item) for item in zip(row, widths, align, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def html_table(
    headers: Sequence[str], rows: Sequence[Sequence[object]], align: str | None = None, *, caption: str = ""
) -> str:
    """A table in HTML with a caption and with scopes that a screen reader needs; every text is escaped.

    The first cell of a row is its header. ``align`` is that of :func:`text_table`; columns set right have the class
    ``number``.

    >>> html_table(["study", "n"], [["<b>", 3]], caption="Trials")  # doctest: +ELLIPSIS
    '<table><caption>Trials</caption><thead><tr><th scope="col">study</th>...<th scope="row">&lt;b&gt;</th>...
    """
    align = _alignment(len(headers), align)
    classes = [' class="number"' if letter == "r" else "" for letter in align]
    head = "".join(f'<th scope="col"{c}>{escape_html(h)}</th>' for h, c in zip(headers, classes, strict=True))
    body = "".join(f"<tr>{_html_row(row, classes)}</tr>" for row in _checked(headers, rows))
    title = f"<caption>{escape_html(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_row(row: Sequence[object], classes: Sequence[str]) -> str:
    first, *others = (f"{c}>{escape_html(cell)}" for cell, c in zip(row, classes, strict=True))
    return f'<th scope="row"{first}</th>' + "".join(f"<td{other}</td>" for other in others)


def _checked(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> Sequence[Sequence[object]]:
    for number, row in enumerate(rows):
        if len(row) != len(headers):
            raise ValueError(f"row {number} of a table has {len(row)} cells, its header {len(headers)}")
    return rows


def _alignment(columns: int, align: str | None) -> str:
    if columns == 0:
        raise ValueError("a table needs at least one column")
    if align is None:
        return "l" + "r" * (columns - 1)
    if len(align) != columns or set(align) - {"l", "r"}:
        raise ValueError(f"align={align!r} does not give one of 'l' and 'r' for each of {columns} columns")
    return align


def _columns(text: str) -> int:
    """Width on a terminal: wide East Asian characters take two columns, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, letter: str) -> str:
    space = " " * (width - _columns(text))
    return text + space if letter == "l" else space + text
