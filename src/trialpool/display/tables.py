"""Tables as plain text and as HTML."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from trialpool.display.text import clean_text, escape_html

__all__ = ["html_table", "text_table"]


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
