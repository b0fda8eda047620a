"""The command line of the study."""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

from validation.censored.cells import BLOCK, Cell, all_cells
from validation.censored.performance import ANSWER_COLUMNS, COLUMNS, Row, answer_rows, performance
from validation.censored.report import report, with_table
from validation.censored.store import BLOCKS, PAGE, RESULTS, TABLES, block_file, block_files, read_rows, write_rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, list the cells, or write the tables."""
    given = _parser().parse_args(arguments)
    if given.verb == "list":
        for number, cell in enumerate(all_cells(), start=1):
            print(f"{number:3} {cell.name}")
        return 0
    if given.verb == "merge":
        return merge(given.folder, given.results, given.tables, given.page)
    first, _, last = given.cells.partition("-")
    own, of = (int(number) for number in given.part.split("/"))
    cells = all_cells()[int(first) - 1 : int(last or first)][own - 1 :: of]
    return run(cells, given.datasets, given.minutes, given.folder)


def run(cells: Sequence[Cell], datasets: int, minutes: float, folder: Path) -> int:
    """Simulate the blocks that are not there yet, one of every cell before the next of any, until the time is up."""
    start = time.monotonic()
    blocks = range(-(-datasets // BLOCK))
    todo = [(cell, block) for block in blocks for cell in cells if not block_file(folder, cell, block).is_file()]
    for done, (cell, block) in enumerate(todo):
        spent = (time.monotonic() - start) / 60.0
        if spent >= minutes:
            print(
                f"\n{minutes:g} minutes are up: {done} of {len(todo)} blocks; run it again for the rest",
                file=sys.stderr,
            )
            return 0
        print(f"\r{done}/{len(todo)} blocks, {spent:.1f} min: {cell.name:<50}", end="", file=sys.stderr, flush=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a warning out of the arithmetic is a failure, and stops the run
            rows = answer_rows(cell, block)
        write_rows(block_file(folder, cell, block), ANSWER_COLUMNS, rows)
    print(f"\n{len(todo)} blocks", file=sys.stderr)
    return 0


def merge(folder: Path, results: Path, tables: Path, page: Path) -> int:
    """Write the table of all cells, and the pages that show it; cells without blocks keep the rows they have."""
    before: dict[tuple[str, ...], list[Row]] = {}
    for row in read_rows(results):
        before.setdefault(_key(row), []).append(row)
    rows: list[Row] = []
    for cell in all_cells():
        answers = [row for path in block_files(folder, cell) for row in read_rows(path)]
        rows += performance(cell, answers) if answers else before.get(_key(cell.columns), [])
    write_rows(results, COLUMNS, rows)
    written = read_rows(results)
    tables.write_text(report(written), encoding="utf-8")
    page.write_text(with_table(page.read_text(encoding="utf-8"), written), encoding="utf-8")
    print(f"{len(rows)} rows: {results}, {tables}, {page}")
    return 0


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("threshold", "risk", "odds_ratio", "tau", "k", "population"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m validation.censored", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="the cells with their numbers")
    simulate = verbs.add_parser("run", help="simulate; blocks that are there already are left out")
    simulate.add_argument(
        "--cells", default=f"1-{len(all_cells())}", help="numbers of cells, such as 1-126 (default all)"
    )
    simulate.add_argument("--part", default="1/1", help="such as 3/10: the third of ten parts, of about equal length")
    simulate.add_argument("--datasets", type=int, default=1000, help="data sets a cell (default 1000)")
    simulate.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many minutes")
    gather = verbs.add_parser("merge", help="write results.csv and RESULTS.md from the blocks that are there")
    gather.add_argument("--results", type=Path, default=RESULTS)
    gather.add_argument("--tables", type=Path, default=TABLES)
    gather.add_argument("--page", type=Path, default=PAGE, help="page whose table is written anew")
    for verb in (simulate, gather):
        verb.add_argument("--folder", type=Path, default=BLOCKS, help="where the files of the blocks are")
    return parser


if __name__ == "__main__":
    sys.exit(main())
