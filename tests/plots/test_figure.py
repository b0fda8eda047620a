"""Pictures are saved whole or not at all, look the same everywhere, and say what is missing."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from plots.builders import bcg, make_contrast, make_pooled, make_study, weighted

from trialpool.errors import MissingExtraError, OptionError, OutputError
from trialpool.plots import Figure, forest
from trialpool.plots.scene import Group, Rectangle, Rule, Scene
from trialpool.plots.text import Text


def figure(*shapes, width=60.0, height=40.0) -> Figure:
    return Figure(Scene(width, height, "Title", "Description.", shapes))


def pixels(png: bytes) -> NDArray[np.uint8]:
    """The pixels of an RGBA picture without interlacing (PNG specification, sections 9 and 11)."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind, _, _, interlace = struct.unpack(">IIBBBBB", png[16:29])
    assert (depth, kind, interlace) == (8, 6, 0)
    data, at = b"", 8
    while at < len(png):
        length = struct.unpack(">I", png[at : at + 4])[0]
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    raw, stride = zlib.decompress(data), 4 * width
    rows = np.zeros((height, stride), dtype=np.uint8)
    above = bytearray(stride)
    for y in range(height):
        line = bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        _unfilter(raw[y * (stride + 1)], line, above)
        rows[y], above = np.frombuffer(bytes(line), dtype=np.uint8), line
    return rows.reshape(height, width, 4)


def _unfilter(kind: int, line: bytearray, above: bytearray) -> None:
    for i in range(len(line)):
        left, up, corner = line[i - 4] if i >= 4 else 0, above[i], above[i - 4] if i >= 4 else 0
        paeth = min((left, up, corner), key=lambda p: abs(left + up - corner - p))
        line[i] = (line[i] + (0, left, up, (left + up) // 2, paeth)[kind]) % 256


# --- saving ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "start"), [("svg", b"<svg "), ("SVG", b"<svg "), ("pdf", b"%PDF-"), ("png", b"\x89PNG")]
)
def test_the_ending_says_the_format(tmp_path: Path, ending: str, start: bytes):
    path = tmp_path / f"plot.{ending}"
    assert forest(bcg()).save(path) == path
    assert path.read_bytes().startswith(start)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_path_may_be_text(tmp_path: Path):
    assert figure().save(f"{tmp_path}/plot.svg").is_file()


@pytest.mark.parametrize("name", ["plot", "plot.gif", "plot.svg.txt"])
def test_another_ending_is_refused_and_nothing_written(tmp_path: Path, name: str):
    with pytest.raises(OptionError, match=r"choose one of \.svg, \.pdf, \.png"):
        figure().save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    with pytest.raises(OutputError, match=r"plot\.svg cannot be written \(No such file or directory\)"):
        figure().save(tmp_path / "missing" / "plot.svg")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        figure().save(tmp_path / "folder.svg")
    assert [p.name for p in tmp_path.iterdir()] == ["folder.svg"]


def test_an_interrupted_run_leaves_the_old_picture_whole(tmp_path: Path, monkeypatch):
    path = tmp_path / "plot.svg"
    path.write_text("old")

    def interrupted(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        figure().save(path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["plot.svg"]


def test_without_typst_svg_still_works_and_the_rest_names_the_extra(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    figure().save(tmp_path / "plot.svg")
    with pytest.raises(MissingExtraError, match=r"a picture as PNG needs .*trialpool\[plots\]"):
        figure().to_png()
    with pytest.raises(MissingExtraError, match="a picture as PDF needs"):
        figure().to_pdf()


# --- the pictures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dpi", "size"), [(96, (60, 40)), (300, (188, 125)), (72, (45, 30))])
def test_a_png_has_the_size_of_its_dpi(dpi, size):
    assert struct.unpack(">II", figure().to_png(dpi)[16:24]) == size


@pytest.mark.parametrize("dpi", [0, -1, "high", float("nan")])
def test_a_dpi_that_is_no_positive_number_is_refused(dpi):
    with pytest.raises(OptionError, match="not a positive number"):
        figure().to_png(dpi)


def test_a_picture_too_large_for_memory_is_refused():
    with pytest.raises(OptionError, match="choose a lower dpi"):
        figure(width=3000.0, height=30000.0).to_png(600)


# sizes at which typst by itself resamples a picture
@pytest.mark.parametrize(("width", "height"), [(167, 108), (309, 74), (75, 71), (211, 121), (205, 360), (60, 40)])
def test_a_png_is_drawn_pixel_by_pixel(width, height):
    """Stripes of one pixel stay stripes: no row or column is lost or blurred."""
    rows = [Rectangle(0, y, 10, y + 1, "#000000") for y in range(0, height, 2)]
    columns = [Rectangle(x, 0, x + 1, 10, "#000000") for x in range(10, width, 2)]
    found = pixels(figure(*rows, *columns, width=float(width), height=float(height)).to_png(96))[..., 0]
    assert found.shape == (height, width)
    assert np.array_equal(found[10:, 5] < 128, np.arange(10, height) % 2 == 0)
    assert np.array_equal(found[5, 10:] < 128, np.arange(10, width) % 2 == 0)


def test_the_background_is_white_and_colours_are_kept():
    found = pixels(figure(Rectangle(10, 10, 20, 20, "#c43570")).to_png(96))
    assert found[0, 0].tolist() == [255, 255, 255, 255]
    assert found[15, 15].tolist() == [0xC4, 0x35, 0x70, 255]


def test_a_text_is_as_wide_as_its_box():
    text = Text(10, 30, "HIIIH", 20, "#000000", bold=True)
    found = pixels(figure(text, width=120.0).to_png(96))[..., 0] < 128
    columns = np.flatnonzero(found.any(axis=0))
    assert columns[0] >= text.box.left
    assert columns[-1] <= text.box.right
    assert columns[-1] - columns[0] > 0.9 * (text.box.right - text.box.left)


def test_a_pdf_has_no_clock_and_a_title():
    one, other = (forest(bcg()).to_pdf() for _ in range(2))
    assert one == other
    assert b"CreationDate" not in one
    assert b"Tuberculosis" in one or "Tuberculosis".encode("utf-16-be") in one


def test_letters_the_font_lacks_are_asked_of_the_machine(monkeypatch):
    import typst

    asked = []
    real = typst.compile
    monkeypatch.setattr(typst, "compile", lambda *a, **k: asked.append(k["ignore_system_fonts"]) or real(*a, **k))
    figure(Group((Text(5, 20, "Müller", 12, "#000"), Rule(0, 0, 1, 1, "#000")), "")).to_png(96)
    figure(Group((Text(5, 20, "東京", 12, "#000"),), "")).to_png(96)
    assert asked == [True, False]


@pytest.mark.parametrize(
    "text", ["محمد 2012", "שלום 5", "ไทย", "हिन्दी", "e\u0301\u0302", "👩‍🔬 2", "\u00ad", "𐍈", "\ue000"]
)
def test_letters_of_every_script_are_drawn(text):
    assert figure(Text(5, 20, text, 12, "#000000"), width=200.0).to_png(96)


@pytest.mark.parametrize("name", ["PanicException", "TypstError"])
def test_a_failure_of_typst_is_one_clear_error(monkeypatch, name):
    import typst

    def fail(*args, **options):
        raise type(name, (BaseException,), {})("byte range")

    monkeypatch.setattr(typst, "compile", fail)
    with pytest.raises(OutputError, match=r"typst could not draw the picture as PDF \(byte range\); save it as SVG"):
        figure().to_pdf()


def test_an_interruption_of_typst_stays_one(monkeypatch):
    import typst

    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(typst, "compile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        figure().to_png()


def test_a_notebook_shows_the_picture_and_a_reader_without_sight_has_its_words():
    studies = weighted([make_study(make_contrast(str(i))) for i in range(2)])
    shown = forest(make_pooled(studies))
    assert shown._repr_svg_() == shown.svg
    assert shown.alt.startswith("Serious infections. Forest plot of 2 studies")
