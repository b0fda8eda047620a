"""Trialpool Sans: the font of every plot, and the width of any text set in it.

The files are made by ``tools/subset_fonts.py``; their licence is in ``OFL.txt``.
"""

from __future__ import annotations

import base64
import json
import unicodedata
from functools import cache
from pathlib import Path

__all__ = ["ASCENT", "DESCENT", "FONT_FAMILY", "FONT_FOLDER", "font_face_css", "has_every_glyph", "text_width"]

FONT_FAMILY = "'Trialpool Sans', 'Liberation Sans', Arial, Helvetica, sans-serif"
"""The font, then others of the same widths for a reader who has the picture without it."""

FONT_FOLDER = Path(__file__).parent

ASCENT = 1854 / 2048
"""Height above the baseline, in em."""
DESCENT = 434 / 2048

_UNKNOWN_EM = 0.6
_WIDE_EM = 1.0


@cache
def _advances(bold: bool) -> dict[str, float]:
    """Advance width of each character in em; filled with the guesses for characters the font lacks as these are met."""
    table = json.loads((FONT_FOLDER / "metrics.json").read_text(encoding="ascii"))
    return {
        character: width / table["units_per_em"] for character, width in table["bold" if bold else "regular"].items()
    }


def _guess(character: str) -> float:
    """Advance of a character that a reader's own font has to supply."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    return _WIDE_EM if unicodedata.east_asian_width(character) in "WF" else _UNKNOWN_EM


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a text at a font size, in the unit of the size.

    >>> round(text_width("0.98", 10), 2), round(text_width("Trial", 10, bold=True), 2)
    (19.46, 21.12)
    """
    advances = _advances(bold)
    total = 0.0
    for character in text:
        advance = advances.get(character)
        total += _guess(character) if advance is None else advance
    return total * size


def has_every_glyph(text: str) -> bool:
    """Whether the font can show the text without help from other fonts.

    >>> has_every_glyph("Müller 2004†"), has_every_glyph("东京")
    (True, False)
    """
    return _advances(False).keys() >= set(text)


@cache
def font_face_css() -> str:
    """CSS that embeds both faces; a page needs it once for all its plots.

    >>> font_face_css().count("@font-face")
    2
    """
    faces = (("Regular", 400), ("Bold", 700))
    return "".join(_font_face(style, weight) for style, weight in faces)


def _font_face(style: str, weight: int) -> str:
    data = base64.b64encode((FONT_FOLDER / f"TrialpoolSans-{style}.woff2").read_bytes()).decode("ascii")
    return (
        f"@font-face{{font-family:'Trialpool Sans';font-style:normal;font-weight:{weight};"
        f"src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    )
