"""The table of widths is that of the font files, and the files are what they must be."""

from __future__ import annotations

import base64
import json
import re
import struct

import pytest

from trialpool.plots.fonts import ASCENT, DESCENT, FONT_FAMILY, FONT_FOLDER, font_face_css, has_every_glyph, text_width

STYLES = ("Regular", "Bold")
NEEDED = (
    "0123456789.,;:()[]/%=<>+-−–—…†‡§¶#‖←→≤≥±×τχ²Δ∞\u00a0\u2009"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzÀÉÖßçñøłőžșßğŁŽ"
)


class TrueType:
    """As much of the format as tells a character's advance (OpenType specification: head, hhea, hmtx, cmap, name)."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        count = struct.unpack(">H", data[4:6])[0]
        records = (struct.unpack(">4sIII", data[12 + 16 * i : 28 + 16 * i]) for i in range(count))
        self.tables = {tag.decode(): data[offset : offset + length] for tag, _, offset, length in records}

    @property
    def units_per_em(self) -> int:
        return struct.unpack(">H", self.tables["head"][18:20])[0]

    @property
    def ascent_and_descent(self) -> tuple[int, int]:
        ascent, descent = struct.unpack(">hh", self.tables["hhea"][4:8])
        return ascent, -descent

    def advances(self) -> list[int]:
        count = struct.unpack(">H", self.tables["hhea"][34:36])[0]
        glyphs = struct.unpack(">H", self.tables["maxp"][4:6])[0]
        found = [struct.unpack(">H", self.tables["hmtx"][4 * i : 4 * i + 2])[0] for i in range(count)]
        return found + [found[-1]] * (glyphs - count)

    def characters(self) -> dict[str, int]:
        cmap = self.tables["cmap"]
        for i in range(struct.unpack(">H", cmap[2:4])[0]):
            offset = struct.unpack(">HHI", cmap[4 + 8 * i : 12 + 8 * i])[2]
            if struct.unpack(">H", cmap[offset : offset + 2])[0] == 4:
                return self._format_4(cmap[offset:])
        raise AssertionError("no character map of format 4")

    @staticmethod
    def _format_4(table: bytes) -> dict[str, int]:
        segments = struct.unpack(">H", table[6:8])[0] // 2

        def array(at: int, code: str) -> tuple[int, ...]:
            return struct.unpack(f">{segments}{code}", table[at : at + 2 * segments])

        ends = array(14, "H")
        starts, deltas, offsets = (array(16 + 2 * segments * (1 + i), code) for i, code in enumerate("HhH"))
        found = {}
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
            for code in range(start, min(end, 0xFFFE) + 1):
                glyph = code
                if offsets[i]:
                    at = 16 + 2 * segments * 3 + 2 * i + offsets[i] + 2 * (code - start)
                    glyph = struct.unpack(">H", table[at : at + 2])[0]
                if glyph or not offsets[i]:
                    found[chr(code)] = (glyph + deltas[i]) % 65536
        return {character: glyph for character, glyph in found.items() if glyph}

    def names(self) -> dict[int, str]:
        table = self.tables["name"]
        count, strings = struct.unpack(">HH", table[2:6])
        found = {}
        for i in range(count):
            *_, identifier, length, offset = struct.unpack(">6H", table[6 + 12 * i : 18 + 12 * i])
            found[identifier] = table[strings + offset : strings + offset + length].decode("utf-16-be")
        return found


def font(style: str) -> TrueType:
    return TrueType((FONT_FOLDER / f"TrialpoolSans-{style}.ttf").read_bytes())


@pytest.mark.parametrize("style", STYLES)
def test_the_table_of_widths_is_that_of_the_font(style):
    truetype = font(style)
    advances = truetype.advances()
    table = json.loads((FONT_FOLDER / "metrics.json").read_text())
    assert table["units_per_em"] == truetype.units_per_em
    assert table[style.lower()] == {c: advances[glyph] for c, glyph in truetype.characters().items()}
    assert (round(ASCENT * 2048), round(DESCENT * 2048)) == truetype.ascent_and_descent


@pytest.mark.parametrize("style", STYLES)
def test_the_font_has_no_table_that_would_change_a_width(style):
    assert not {"GPOS", "GSUB", "kern", "kerx", "morx"} & font(style).tables.keys()


@pytest.mark.parametrize("style", STYLES)
def test_the_font_does_not_carry_the_reserved_name_and_keeps_its_licence(style):
    names = font(style).names()
    assert names[1] == "Trialpool Sans"
    assert not any("Liberation" in names.get(i, "") for i in (1, 3, 4, 6, 16, 18))
    assert "Red Hat" in names[0]
    assert "Open Font License" in names[13]
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONT_FOLDER / "OFL.txt").read_text()


def test_the_font_has_every_letter_and_sign_that_plots_use():
    assert has_every_glyph(NEEDED)
    assert not has_every_glyph("東")


def test_figures_have_one_width():
    for bold in (False, True):
        assert len({text_width(figure, 10, bold) for figure in "0123456789"}) == 1


def test_width_is_the_sum_of_advances_times_the_size():
    assert text_width("", 10) == 0
    assert text_width("AV", 20) == pytest.approx(2 * (text_width("A", 10) + text_width("V", 10)))
    assert text_width("i", 10) < text_width("m", 10) < text_width("m", 10, bold=True) + 1


@pytest.mark.parametrize(("character", "em"), [("東", 1.0), ("\u202a", 0.0), ("\u0301", 0.0), ("ए", 0.6), ("ⷠ", 0.0)])
def test_letters_the_font_lacks_have_a_guessed_width(character, em):
    assert text_width(character, 10) == pytest.approx(10 * em)


def test_the_css_embeds_both_faces():
    css = font_face_css()
    assert [int(weight) for weight in re.findall(r"font-weight:(\d+)", css)] == [400, 700]
    for data in re.findall(r"base64,([A-Za-z0-9+/=]+)\)", css):
        assert base64.b64decode(data)[:4] == b"wOF2"
    assert len(css) < 80_000
    assert "'Trialpool Sans'" in css
    assert FONT_FAMILY.startswith("'Trialpool Sans'")
