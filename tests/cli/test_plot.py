"""trialpool forest, trialpool funnel: the picture is the one that Python draws, in each format."""

from __future__ import annotations

import struct

import pytest
from cli.tables import SIDES, everything_in

from trialpool.harmonise import compare
from trialpool.plots import forest, funnel
from trialpool.pool import RequestWords, pool_request, request_from_words, subgroup_request
from trialpool.read import read_table

SIGNATURES = {"svg": b"<svg ", "pdf": b"%PDF-", "png": b"\x89PNG\r\n"}


def pooled(path, **words):
    table = read_table(path)
    comparison = compare(table.trials, outcome="tuberculosis", treatment="treatment", control="control")
    return pool_request(comparison, request_from_words(RequestWords(**words)))


@pytest.mark.parametrize("form", SIGNATURES)
@pytest.mark.parametrize("verb", ["forest", "funnel"])
def test_picture_is_written_in_the_format_of_its_ending(trialpool, bcg, verb, form):
    before = everything_in(bcg.parent)
    done = trialpool(verb, bcg, "-o", f"plot.{form}")
    assert (done.code, done.out, done.err) == (0, f"plot.{form}\n", "")
    after = everything_in(bcg.parent)
    assert after.pop(f"plot.{form}").startswith(SIGNATURES[form])
    assert after == before


def test_forest_plot_is_the_one_of_python(trialpool, bcg):
    argv = [
        "--measure",
        "odds ratio",
        "--subgroup",
        "allocation",
        "--layout",
        "bmj",
        "--title",
        "BCG",
        "--better",
        "more",
    ]
    assert trialpool("forest", bcg, *argv, "--output", "plot.svg").code == 0
    result = pooled(bcg, measure="odds ratio")
    groups = subgroup_request(result.comparison, "allocation", result.request)
    figure = forest(result, style="bmj", subgroups=groups, title="BCG", favours_low="control")
    assert (bcg.parent / "plot.svg").read_text(encoding="utf-8") == figure.svg


def test_funnel_plot_is_the_one_of_python(trialpool, bcg):
    assert trialpool("funnel", bcg, "--layout", "jama", "--title", "", "-o", "plot.svg").code == 0
    assert (bcg.parent / "plot.svg").read_text(encoding="utf-8") == funnel(pooled(bcg), style="jama", title="").svg


@pytest.mark.parametrize("verb", ["forest", "funnel"])
def test_warnings_are_told(trialpool, dupilumab, verb):
    arms = ["--treatment", "dupilumab", "--control", "placebo", "--outcome", "skin infection"]
    done = trialpool(verb, dupilumab, *arms, "-o", "plot.svg")
    assert (done.code, done.out) == (0, "plot.svg\n")
    assert len(done.warnings) == 1
    assert "unverified input" in done.err


@pytest.mark.parametrize("verb", ["forest", "funnel"])
def test_png_is_drawn_at_its_resolution(trialpool, bcg, verb):
    sizes = {}
    for name, given in {"usual": [], "said": ["--dpi", "300"], "half": ["--dpi", "150"]}.items():
        assert trialpool(verb, bcg, *given, "-o", f"{name}.PNG").code == 0
        sizes[name] = struct.unpack(">II", (bcg.parent / f"{name}.PNG").read_bytes()[16:24])
    assert (bcg.parent / "usual.PNG").read_bytes() == (bcg.parent / "said.PNG").read_bytes()
    assert sizes["half"] == pytest.approx([length / 2 for length in sizes["usual"]], abs=1)


@pytest.mark.parametrize("verb", ["forest", "funnel"])
@pytest.mark.parametrize(
    ("form", "dpi", "word"),
    [
        ("svg", "300", "--dpi has no meaning for a .svg"),
        ("pdf", "300", "--dpi has no meaning for a .pdf"),
        ("png", "many", "'many' is not a number"),
        *(("png", dpi, "dpi=") for dpi in ("0", "-1", "nan", "inf", "1e9")),
    ],
)
def test_resolution_without_meaning_is_refused(trialpool, bcg, verb, form, dpi, word):
    before = everything_in(bcg.parent)
    done = trialpool(verb, bcg, "--dpi", dpi, "-o", f"plot.{form}")
    assert (done.code, done.out, len(done.errors)) == (2, "", 1)
    assert word in done.err
    assert everything_in(bcg.parent) == before


def test_markup_in_a_title_is_escaped(trialpool, rash):
    trialpool("forest", rash, *SIDES, "--title", "<script>alert(1)</script>", "-o", "plot.svg")
    text = (rash.parent / "plot.svg").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_an_older_picture_is_replaced(trialpool, bcg):
    picture = bcg.parent / "plot.svg"
    picture.write_text("old", encoding="utf-8")
    assert trialpool("forest", bcg, "-o", picture).code == 0
    assert picture.read_text(encoding="utf-8").startswith("<svg ")


def test_options_that_mean_nothing_to_a_funnel_are_not_its_options(trialpool, bcg):
    for option in ("--prediction=k-1", "--i2=Q", "--subgroup=allocation", "--baseline-risk=0.1", "--format=json"):
        done = trialpool("funnel", bcg, option, "-o", "plot.svg")
        assert done.code == 2
        assert f"option {option.partition('=')[0]!r} is not known" in done.err
    assert not (bcg.parent / "plot.svg").exists()
