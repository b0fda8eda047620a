"""A finished picture: SVG by our own writer, PDF and PNG by typst."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trialpool.checks import instance, positive, require_extra
from trialpool.errors import OptionError, OutputError
from trialpool.files import write_file
from trialpool.plots.fonts import FONT_FOLDER, has_every_glyph
from trialpool.plots.scene import Group, Scene
from trialpool.plots.svg import svg_document
from trialpool.plots.text import Text

__all__ = ["Figure"]

_MOST_PIXELS = 250_000_000

_FAILURES = ("TypstError", "PanicException")

_PAGE = """\
#set document(title: sys.inputs.title, date: none)
#set page(width: {width:.6f}pt, height: {height:.6f}pt, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%, fit: "stretch", alt: sys.inputs.alt)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture that can be shown in a notebook, put into a page, or saved.

    Attributes
    ----------
    scene : Scene
        The drawing as data.
    """

    scene: Scene

    @property
    def svg(self) -> str:
        """The picture as SVG with its font; looks the same everywhere."""
        return svg_document(self.scene)

    @property
    def inline_svg(self) -> str:
        """The picture as SVG without its font, for a page that has ``font_face_css()`` once for all its pictures."""
        return svg_document(self.scene, embed_font=False)

    @property
    def alt(self) -> str:
        """The text alternative."""
        return f"{self.scene.title}. {self.scene.description}"

    def to_png(self, dpi: float = 300) -> bytes:
        """The picture as PNG; its lengths are those of a page, 96 px to the inch.

        Parameters
        ----------
        dpi : float, default 300

        Raises
        ------
        MissingExtraError
            Without the extra ``plots``.
        """
        dpi = positive("dpi", dpi)
        pixels = self.scene.width * self.scene.height * (dpi / 96) ** 2
        if pixels > _MOST_PIXELS:
            raise OptionError(
                f"dpi={dpi:g} makes a picture of {pixels / 1e6:.0f} million pixels; choose a lower dpi, or PDF or SVG"
            )
        # typst rounds the size of a picture up and resamples it to the page, which may lose a row of pixels amid a line
        # of text; a picture and a page just short of a whole number of pixels are drawn pixel by pixel.
        columns, rows = (math.ceil(length * dpi / 96 - 1e-6) for length in (self.scene.width, self.scene.height))
        svg = svg_document(self.scene, embed_font=False, size=(columns, rows - 0.01))
        return self._typeset("png", svg, (columns - 0.02) / dpi, (rows - 0.02) / dpi, ppi=dpi)

    def to_pdf(self) -> bytes:
        """The picture as a PDF of one page, as large as the picture."""
        return self._typeset("pdf", self.inline_svg, self.scene.width / 96, self.scene.height / 96)

    def _typeset(self, form: str, svg: str, width: float, height: float, **options: float) -> bytes:
        """The picture on a page of that size in inches."""
        typst: Any = require_extra("typst", "plots", f"a picture as {form.upper()}")
        # Fonts of this machine are asked only for letters that ours lacks: everything else is the same everywhere.
        known = has_every_glyph("".join(_characters(self.scene.shapes)))
        try:
            page = typst.compile(
                _PAGE.format(width=72 * width, height=72 * height).encode(),
                format=form,
                font_paths=[str(FONT_FOLDER)],
                ignore_system_fonts=known,
                sys_inputs={"svg": svg, "title": self.scene.title, "alt": self.alt},
                **options,
            )
        except BaseException as error:
            # a panic in typst, as rare letters have caused, is no Exception
            if type(error).__name__ not in _FAILURES:
                raise
            raise OutputError(
                f"typst could not draw the picture as {form.upper()} ({error}); save it as SVG"
            ) from error
        return bytes(page)

    def save(self, path: str | os.PathLike[str], *, dpi: float = 300) -> Path:
        """Write the picture; the ending ``.svg``, ``.pdf`` or ``.png`` says how.

        Parameters
        ----------
        path : path
        dpi : float, default 300
            PNG only.

        Returns
        -------
        Path
            Where it was written. An interrupted run leaves no half-written file there.

        Raises
        ------
        OptionError
            For another ending, or no path.
        OutputError
            Where the place cannot be written.
        """
        path = Path(
            instance("path", path, (str, os.PathLike), "give the path of a file that ends in .svg, .pdf or .png")
        )
        match path.suffix.lower():
            case ".svg":
                data = self.svg.encode()
            case ".pdf":
                data = self.to_pdf()
            case ".png":
                data = self.to_png(dpi)
            case _:
                raise OptionError(f"{path.name!r} has no ending that says its format; choose one of .svg, .pdf, .png")
        write_file(path, data)
        return path

    def _repr_svg_(self) -> str:
        return self.svg


def _characters(shapes: tuple[Any, ...]) -> set[str]:
    found: set[str] = set()
    for shape in shapes:
        if isinstance(shape, Text):
            found |= set(shape.text)
        elif isinstance(shape, Group):
            found |= _characters(shape.shapes)
    return found
