"""Text with its box: measuring, wrapping and cutting by real font metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from trialpool.plots.fonts import ASCENT, DESCENT, text_width
from trialpool.plots.styles import Style

__all__ = ["BASELINE", "LINE_HEIGHT", "Anchor", "Box", "Text", "longest_word", "paragraphs", "stacked", "wrap"]

Anchor = Literal["start", "middle", "end"]

LINE_HEIGHT = 1.2
"""Distance of baselines, in font sizes."""

BASELINE = LINE_HEIGHT / 2 + (ASCENT - DESCENT) / 2
"""From the top of a line to its baseline, in font sizes."""

_END_SHARE = 0.45
"""How much of the room of a text that has to be cut goes to its end."""

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class Box(NamedTuple):
    """A rectangle; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, tolerance: float = 0.01) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right - tolerance
            and other.left < self.right - tolerance
            and self.top < other.bottom - tolerance
            and other.top < self.bottom - tolerance
        )


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; ``y`` is its baseline, ``full`` the whole text where this one is cut or wrapped."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    bold: bool = False
    anchor: Anchor = "start"
    full: str = ""

    @property
    def box(self) -> Box:
        """The rectangle the text fills."""
        width = text_width(self.text, self.size, self.bold)
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return Box(left, self.y - ASCENT * self.size, left + width, self.y + DESCENT * self.size)


def longest_word(text: str, size: float, bold: bool = False) -> float:
    """Width of the widest word."""
    return max((text_width(word, size, bold) for word in text.split()), default=0.0)


def wrap(text: str, width: float, size: float, *, bold: bool = False, max_lines: int = 2, tail: str = "") -> list[str]:
    """Break a text into lines that fit; what exceeds ``max_lines`` becomes an ellipsis in the last.

    Parameters
    ----------
    text : str
    width : float
    size : float
    bold : bool
    max_lines : int
    tail : str
        Set after the last line and never cut off, such as footnote marks.

    Returns
    -------
    list of str
        At least one line, each no wider than ``width`` (unless a single character is).

    Examples
    --------
    >>> wrap("a study with a long name", 60, 10)
    ['a study with', 'a long name']
    >>> wrap("A study in children, adolescents and adults (CAST 2)", 110, 10)
    ['A study in children,', 'adolescents…(CAST 2)']
    """
    lines: list[str] = []
    rest = text.strip()
    while len(lines) < max_lines - 1 and text_width(rest + tail, size, bold) > width:
        line, rest = _first_line(rest, width, size, bold)
        lines.append(line)
        if not rest:
            break
    lines.append(_cut(rest, tail, width, size, bold))
    return lines


def _first_line(text: str, width: float, size: float, bold: bool) -> tuple[str, str]:
    """As many words (or parts before a hyphen) as fit, or as many letters if not even one does; and the rest."""
    fits = _letters_that_fit(text, width, size, bold)
    if fits >= len(text):
        # Only the tail did not fit: the last word goes with it.
        fits = len(text) - 1
    at = max(text.rfind(" ", 0, fits + 1), text.rfind("-", 0, fits) + 1, 0) or max(fits, 1)
    return text[:at].rstrip(), text[at:].lstrip()


def _letters_that_fit(text: str, width: float, size: float, bold: bool) -> int:
    room = width
    for position, character in enumerate(text):
        room -= text_width(character, size, bold)
        if room < 0:
            return position
    return len(text)


def _cut(text: str, tail: str, width: float, size: float, bold: bool) -> str:
    """The text with its middle left out if it is too wide: names often differ at their ends alone."""
    if not text or text_width(text + tail, size, bold) <= width:
        return text + tail
    room = width - text_width(ELLIPSIS + tail, size, bold)
    kept = _letters_that_fit(text[::-1], _END_SHARE * room, size, bold)
    end = text[len(text) - kept :]
    end = end[end.find(" ") + 1 :]  # from the beginning of a word, if it has one
    start = text[: _letters_that_fit(text, room - text_width(end, size, bold), size, bold)].rstrip()
    return start + ELLIPSIS + end + tail


def stacked(lines: Sequence[str], first: Text) -> tuple[Text, ...]:
    """Lines below each other, the first at ``first``; its own text becomes the tooltip if the lines do not hold it."""
    full = "" if len(lines) == 1 and lines[0].startswith(first.text) else first.text
    step = LINE_HEIGHT * first.size
    return tuple(
        Text(first.x, first.y + i * step, line, first.size, first.colour, first.bold, first.anchor, full)
        for i, line in enumerate(lines)
    )


def paragraphs(
    texts: Sequence[str], style: Style, right: float, top: float, *, title: bool = False
) -> tuple[tuple[Text, ...], float]:
    """Texts from margin to ``right`` below each other, and where they end; empty ones take no room."""
    size = style.title_size if title else style.small_size
    colour = style.palette.text if title else style.palette.muted
    placed: list[Text] = []
    for text in texts:
        if text:
            lines = wrap(text, right - style.margin, size, bold=title, max_lines=4 if title else 12)
            placed += stacked(lines, Text(style.margin, top + BASELINE * size, text, size, colour, title))
            top += LINE_HEIGHT * size * len(lines) + (0 if title else 2)
    return tuple(placed), top
