"""The document as one self-contained HTML page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from trialpool.checks import require_extra
from trialpool.display import clean_text
from trialpool.plots import font_face_css
from trialpool.report.document import Block, Column, Document, Drawing

__all__ = ["render_html"]

_TEMPLATES = Path(__file__).parent / "templates"
_MARKS = {"good": "\N{BLACK SQUARE}", "caution": "\N{LOZENGE}", "alarm": "\N{BLACK UP-POINTING TRIANGLE}"}
"""A shape for each tone, so that colour is never alone; the font of the plots has them all."""

_SVG_ID = re.compile(r'(?<=["# ])([td]-[0-9a-f]{10})(?=[" ])')


def render_html(document: Document) -> str:
    """The page; every text in it is escaped, and SVG comes from our own writer alone.

    Raises
    ------
    MissingExtraError
        Without the extra ``report``.
    """
    jinja2 = require_extra("jinja2", "report", "the report")
    markup = jinja2.utils.markupsafe.Markup
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: _clean(value) if type(value) is str else value,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "kind": _kind,
        "neighbours": _neighbours,
        "svg": lambda drawing: markup(_svg(drawing)),
    }
    template = environment.get_template("report.html.j2")
    css = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
    return str(
        template.render(
            document=document, numbers=document.numbers(), fonts=markup(font_face_css()), css=markup(css), marks=_MARKS
        )
    )


def _clean(text: str) -> str:
    """Text without control characters; a space at either end of a run stays."""
    before, after = (" " if text[side : side + 1 or None].isspace() else "" for side in (0, -1))
    cleaned = clean_text(text)
    return f"{before}{cleaned}{after}" if cleaned else before


def _kind(block: Block) -> str:
    return type(block).__name__


def _neighbours(columns: Iterable[Column]) -> list[tuple[str, list[Column]]]:
    """Columns with the heading that neighbours share."""
    return [(over, list(shared)) for over, shared in groupby(columns, key=lambda column: column.over)]


def _svg(drawing: Drawing) -> str:
    """The picture, with identifiers that no other picture of the page has."""
    return _SVG_ID.sub(rf"\1-{drawing.id}", drawing.figure.inline_svg)
