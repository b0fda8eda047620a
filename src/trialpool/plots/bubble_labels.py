"""Names beside bubbles, as far as there is room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialpool.plots.fonts import ASCENT, DESCENT, text_width
from trialpool.plots.styles import Style
from trialpool.plots.text import Box, Text, wrap

__all__ = ["place_labels"]

_WIDEST = 120.0
_GAP = 3.0
_MOST = 100
"""Circles that get a name at most: a frame has no room for more."""

Circle = tuple[str, float, float, float]
"""Label, centre and radius."""


def place_labels(circles: Sequence[Circle], lines: Sequence[Box], frame: Box, style: Style) -> tuple[Text, ...]:
    """A text beside each circle, where it touches neither frame nor circle nor another text; those without room are left out.

    A place that no line crosses is taken before one that a line does.

    Parameters
    ----------
    circles : sequence of (label, x, y, radius)
        Those in front have the first choice.
    lines : sequence of Box
        Pieces of the lines of the plot.
    frame : Box
    style : Style
    """
    taken = [Box(x - radius, y - radius, x + radius, y + radius) for _, x, y, radius in circles]
    placed: list[Text] = []
    for label, x, y, radius in circles[:_MOST]:
        texts = list(_candidates(label, x, y, radius, style))
        free = [text for text in texts if _inside(text.box, frame) and not _touches(text.box, taken)]
        best = [text for text in free if not _touches(text.box, lines)] or free
        placed += best[:1]
        taken += [text.box for text in best[:1]]
    return tuple(placed)


def _inside(box: Box, frame: Box) -> bool:
    return frame.left <= box.left and box.right <= frame.right and frame.top <= box.top and box.bottom <= frame.bottom


def _touches(box: Box, others: Sequence[Box]) -> bool:
    return any(box.overlaps(other) for other in others)


def _candidates(label: str, x: float, y: float, radius: float, style: Style) -> Iterator[Text]:
    """Right, left, above and below."""
    size, colour = style.small_size - 1, style.palette.muted
    shown = wrap(label, _WIDEST, size, max_lines=1)[0]
    full = "" if shown == label else label
    middle = y + (ASCENT - DESCENT) * size / 2
    half = text_width(shown, size) / 2
    yield Text(x + radius + _GAP, middle, shown, size, colour, full=full)
    yield Text(x - radius - _GAP, middle, shown, size, colour, anchor="end", full=full)
    for across in (x, x + half / 2, x - half / 2):
        yield Text(across, y - radius - _GAP - DESCENT * size, shown, size, colour, anchor="middle", full=full)
        yield Text(across, y + radius + _GAP + ASCENT * size, shown, size, colour, anchor="middle", full=full)
