"""The study of events that are not listed: what it generates, what it says of it, and the pages made from its results."""

from __future__ import annotations

import doctest
import importlib
import math
from pathlib import Path

import numpy as np
import pytest
from validation.censored import __main__ as command
from validation.censored.cells import BLOCK, Cell, all_cells, generate
from validation.censored.methods import METHODS, answers
from validation.censored.performance import ANSWER_COLUMNS, answer_rows, performance
from validation.censored.report import LEAST_COVERAGE, report, with_table
from validation.censored.store import PAGE, RESULTS, TABLES, block_file, read_rows, write_rows

SPARSE = Cell(0.05, 0.0125, 1.0, 0.0, 8)
MIXED = Cell(0.05, 0.05, 2.0, 0.3, 20)


def test_examples_of_the_docstrings() -> None:
    found = doctest.testmod(importlib.import_module("validation.censored.cells"))
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_cells_have_names_of_their_own() -> None:
    assert len({cell.name for cell in all_cells()}) == len(all_cells())


def test_a_block_is_the_same_again_and_unlike_the_next() -> None:
    assert generate(MIXED, 0) == generate(MIXED, 0)
    assert generate(MIXED, 0) != generate(MIXED, 1)


def test_the_registry_lists_a_trial_as_a_whole() -> None:
    """Exact in every arm where one reaches the threshold; below it, in all of them, where none does."""
    kinds = set()
    for contrasts in generate(MIXED, 0):
        for treatment, control, _ in contrasts:
            pieces = (*treatment, *control)
            assert all(piece.listed_from == max(1, math.ceil(round(0.05 * piece.n, 9))) for piece in pieces)
            listed = any(piece.low >= piece.listed_from for piece in pieces)
            assert all(piece.exact for piece in pieces) or not listed
            if not listed:
                assert all((piece.low, piece.high) == (0, piece.listed_from - 1) for piece in pieces)
            kinds.add(listed)
    assert kinds == {True, False}


def test_populations_have_the_effects_and_the_risks_of_their_cell() -> None:
    """Without a threshold every count is shown: risks and odds ratios can be read off."""
    for population in ("normal", "two points", "skewed", "correlated", "third arm"):
        cell = Cell(0.0, 0.2, 2.0, 0.0, 20, population)
        pieces = [(t[0], c[0]) for block in range(8) for contrasts in generate(cell, block) for t, c, _ in contrasts]
        shown = np.array([[p.low + 0.5, p.n - p.low + 0.5] for pair in pieces for p in pair]).reshape(-1, 2, 2)
        odds = np.log(shown[:, :, 0] / shown[:, :, 1])
        assert (odds[:, 0] - odds[:, 1]).mean() == pytest.approx(math.log(2), abs=0.03)
        spread = 0.7 if population in ("normal", "correlated", "third arm") else 1.0
        assert odds[:, 1].std() == pytest.approx(spread, abs=0.15)


def test_every_method_answers_or_has_nothing() -> None:
    found = answers(generate(MIXED, 0)[0])
    assert tuple(found) == METHODS
    for numbers in found.values():
        assert np.isnan(numbers).all() or numbers[2] < numbers[3]
    listed, zero = found["listed only"], found["best and worst case"]
    assert zero[2] < listed[2] < listed[3] < zero[3]


def test_performance_counts() -> None:
    numbers = [
        ("0", "1", "0.5", "0.1", "0.2", "0.9"),
        ("1", "2", "0.9", "0.1", "0.75", "1.2"),
        ("2", "0", "", "", "", ""),
    ]
    rows = [dict(zip(ANSWER_COLUMNS, (one[0], one[1], "listed only", *one[2:]), strict=True)) for one in numbers]
    (row,) = performance(MIXED, rows)
    assert (row["datasets"], row["estimated"], row["listed_share"]) == (3, 2, "0.050")
    assert float(row["bias"]) == pytest.approx(0.7 - math.log(2), abs=1e-4)
    assert (row["coverage"], row["median_width"]) == ("0.5000", "0.5750")


def test_run_in_parts_and_merge(tmp_path: Path) -> None:
    folder, results, tables, page = (tmp_path / name for name in ("cells", "results.csv", "RESULTS.md", "page.md"))
    page.write_text("before\n<!-- made by python -m validation.censored merge -->\nold\n<!-- end -->\nafter\n", "utf-8")
    assert command.run([SPARSE], BLOCK, 10.0, folder) == 0
    path = block_file(folder, SPARSE, 0)
    first = path.read_bytes()
    assert command.run([SPARSE], BLOCK, 10.0, folder) == 0
    assert path.read_bytes() == first
    assert command.run([SPARSE], 2 * BLOCK, 0.0, folder) == 0
    assert not block_file(folder, SPARSE, 1).exists()
    command.merge(folder, results, tables, page)
    rows = read_rows(results)
    assert [row["method"] for row in rows] == list(METHODS)
    assert {row["datasets"] for row in rows} == {str(BLOCK)}
    assert tables.read_text("utf-8") == report(rows)
    assert page.read_text("utf-8").startswith("before\n")
    assert page.read_text("utf-8").endswith("<!-- end -->\nafter\n")
    # cells whose blocks are gone keep their rows
    path.unlink()
    command.merge(folder, results, tables, page)
    assert read_rows(results) == rows


def test_a_page_without_a_place_for_the_table() -> None:
    with pytest.raises(ValueError, match="no place"):
        with_table("text", [])


def test_answers_are_written_to_six_digits(tmp_path: Path) -> None:
    rows = answer_rows(SPARSE, 0)
    write_rows(tmp_path / "block.csv", ANSWER_COLUMNS, rows)
    assert len(read_rows(tmp_path / "block.csv")) == BLOCK * len(METHODS)


@pytest.mark.skipif(not RESULTS.is_file(), reason="the study has not been run")
def test_committed_pages_are_made_from_the_committed_results() -> None:
    rows = read_rows(RESULTS)
    assert TABLES.read_text("utf-8") == report(rows)
    page = PAGE.read_text("utf-8")
    assert page == with_table(page, rows)


@pytest.mark.skipif(not RESULTS.is_file(), reason="the study has not been run")
@pytest.mark.parametrize("method", ["binomial, profile", "hypergeometric, profile"])
def test_the_likelihoods_cover_where_they_hold(method: str) -> None:
    rows = [row for row in read_rows(RESULTS) if (row["population"], row["method"]) == ("normal", method)]
    counted = [row for row in rows if 2 * int(row["estimated"]) >= int(row["datasets"])]
    shares = np.array([float(row["coverage"]) for row in counted])
    errors = np.array([float(row["coverage_error"]) for row in counted])
    assert shares.mean() >= LEAST_COVERAGE
    # 2.5 standard errors: one of so many cells may be that low by chance
    assert (shares + 2.5 * errors >= LEAST_COVERAGE).all()
