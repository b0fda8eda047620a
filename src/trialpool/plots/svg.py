"""Scenes to SVG, with plain attributes alone: browsers and typesetters agree, and nothing leaks into a page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from trialpool.display import clean_text, escape_html
from trialpool.plots.fonts import FONT_FAMILY, font_face_css
from trialpool.plots.scene import Circle, Group, Polygon, Rectangle, Rule, Scene, Shape
from trialpool.plots.text import Text

__all__ = ["svg_document"]


def svg_document(scene: Scene, *, embed_font: bool = True, size: tuple[float, float] | None = None) -> str:
    """The drawing as one SVG element.

    Parameters
    ----------
    scene : Scene
    embed_font : bool
        Whether the font is in the file. In a page with several plots, embed it once (``font_face_css``) instead.
    size : (float, float), optional
        Width and height to stretch the drawing to; its own unless given.

    Returns
    -------
    str
        It can stand in an HTML page or in a file of its own. Its text alternative is named by identifiers made from the
        drawing's content.
    """
    body = "\n".join(_svg(scene.shapes))
    digest = hashlib.sha256(f"{scene.title}\n{scene.description}\n{body}".encode("utf-8", "replace")).hexdigest()[:10]
    width, height = _number(scene.width), _number(scene.height)
    shown = f'width="{width}" height="{height}"'
    if size is not None:
        shown = f'width="{size[0]}" height="{size[1]}" preserveAspectRatio="none"'
    style = f"<style>{font_face_css()}</style>\n" if embed_font else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {shown} viewBox="0 0 {width} {height}" '
        f'role="img" aria-labelledby="t-{digest} d-{digest}" font-family="{FONT_FAMILY}">\n'
        f'<title id="t-{digest}">{escape_html(scene.title)}</title>\n'
        f'<desc id="d-{digest}">{escape_html(scene.description)}</desc>\n'
        f'{style}<rect width="{width}" height="{height}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _svg(shapes: Iterable[Shape]) -> Iterable[str]:
    for shape in shapes:
        match shape:
            case Rule():
                yield _rule(shape)
            case Rectangle():
                width, height = _number(shape.right - shape.left), _number(shape.bottom - shape.top)
                place = f'x="{_number(shape.left)}" y="{_number(shape.top)}" width="{width}" height="{height}"'
                yield f'<rect {place} fill="{shape.fill}"/>'
            case Polygon():
                points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
                yield f'<polygon points="{points}" fill="{shape.fill}"{_outline(shape.outline)}/>'
            case Circle():
                place = f'cx="{_number(shape.x)}" cy="{_number(shape.y)}" r="{_number(shape.radius)}"'
                opacity = f' fill-opacity="{_number(shape.opacity)}"' if shape.opacity < 1 else ""
                yield f'<circle {place} fill="{shape.fill}"{opacity}{_outline(shape.outline)}/>'
            case Text():
                yield _text(shape)
            case Group():
                yield f"<g>{_tooltip(shape.tooltip)}{''.join(_svg(shape.shapes))}</g>"


def _rule(rule: Rule) -> str:
    dash = f' stroke-dasharray="{rule.dash}"' if rule.dash else ""
    ends = f'x1="{_number(rule.x1)}" y1="{_number(rule.y1)}" x2="{_number(rule.x2)}" y2="{_number(rule.y2)}"'
    return f'<line {ends} stroke="{rule.colour}" stroke-width="{_number(rule.width)}"{dash}/>'


def _text(text: Text) -> str:
    bold = ' font-weight="700"' if text.bold else ""
    anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    place = f'x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}"'
    return f'<text {place} fill="{text.colour}"{bold}{anchor}>{escape_html(text.text)}{_tooltip(text.full)}</text>'


def _tooltip(text: str) -> str:
    return f"<title>{escape_html(text)}</title>" if clean_text(text) else ""


def _outline(colour: str) -> str:
    return f' stroke="{colour}" stroke-width="1.4"' if colour else ""


def _number(value: float) -> str:
    """Hundredths of a px are enough, and keep the file small.

    >>> _number(12.0), _number(0.125), _number(-0.001)
    ('12', '0.12', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
