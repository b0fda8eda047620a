"""Make the fonts of the plots: a subset of Liberation Sans, renamed, with a table of its advance widths.

Liberation Sans 2 (SIL Open Font License 1.1) has the widths of Arial and Helvetica. Its licence reserves the name
"Liberation" for the original, so the subset is called "Trialpool Sans". Kerning and other layout tables are dropped:
the width of a text is then exactly the sum of its advances, figures stand in columns, and every renderer agrees.

Usage: python tools/subset_fonts.py [FOLDER WITH LiberationSans-Regular.ttf AND LiberationSans-Bold.ttf]
(on Debian: package fonts-liberation2). Needs fonttools and brotli. The output is the same bytes for the same input.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Trialpool Sans"
SOURCE = Path("/usr/share/fonts/truetype/liberation2")
TARGET = Path(__file__).parent.parent / "src" / "trialpool" / "plots" / "fonts"
FACES = {"Regular": "LiberationSans-Regular.ttf", "Bold": "LiberationSans-Bold.ttf"}

RANGES = [
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x017F),  # Latin-1 Supplement, Latin Extended-A
    (0x0192, 0x0192),
    (0x01A0, 0x01B0),  # letters of Vietnamese and of African languages
    (0x0218, 0x021B),  # Romanian
    (0x02C6, 0x02DD),  # spacing modifiers
    (0x0300, 0x036F),  # combining marks
    (0x0384, 0x03CE),  # Greek
    (0x0400, 0x045F),  # Cyrillic
    (0x1E00, 0x1EF9),  # Latin Extended Additional
    (0x2002, 0x203A),  # general punctuation
    (0x2044, 0x2044),
    (0x2070, 0x209C),  # superscripts and subscripts
    (0x20AC, 0x20AC),
    (0x2116, 0x2122),
    (0x2190, 0x2195),  # arrows
    (0x2202, 0x2265),  # mathematical operators
    (0x25A0, 0x25CF),  # geometric shapes
    (0xFFFD, 0xFFFD),
]


def subset(path: Path, style: str) -> TTFont:
    """The font at ``path`` with the ranges alone, no layout tables, no hints, and the new name."""
    options = Options()
    options.layout_features = []
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "kern", "DSIG", "FFTM"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    options.name_languages = [0x409]
    font = TTFont(path, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    rename(font, style)
    return font


def rename(font: TTFont, style: str) -> None:
    """Replace the reserved name; keep the copyright and the licence."""
    version = str(font["name"].getDebugName(5))
    names = {
        1: FAMILY,
        2: style,
        3: f"{FAMILY} {style}, a subset of version {version.removeprefix('Version ')}",
        4: f"{FAMILY} {style}".removesuffix(" Regular"),
        6: f"{FAMILY.replace(' ', '')}-{style}",
    }
    font["name"].names = [n for n in font["name"].names if n.nameID not in (7, *names)]
    for identifier, text in names.items():
        font["name"].setName(text, identifier, 3, 1, 0x409)


def advances(font: TTFont) -> dict[str, int]:
    """Advance width of each character, in font units."""
    metrics = font["hmtx"].metrics
    return {chr(code): metrics[glyph][0] for code, glyph in sorted(font.getBestCmap().items())}


def main(source: Path) -> None:
    """Write both faces as TTF and WOFF2, and the table of widths."""
    table: dict[str, object] = {}
    for style, name in FACES.items():
        font = subset(source / name, style)
        stem = f"{FAMILY.replace(' ', '')}-{style}"
        font.save(TARGET / f"{stem}.ttf")
        table["units_per_em"] = font["head"].unitsPerEm
        table["ascent"], table["descent"] = font["hhea"].ascent, -font["hhea"].descent
        table[style.lower()] = advances(font)
        font.flavor = "woff2"
        font.save(TARGET / f"{stem}.woff2")
    text = json.dumps(table, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    (TARGET / "metrics.json").write_text(text + "\n", encoding="ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE)
