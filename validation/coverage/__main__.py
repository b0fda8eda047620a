"""The command line of the study."""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

from validation.coverage.cells import EFFECT, Cell, all_cells
from validation.coverage.performance import rows_of
from validation.coverage.report import report
from validation.coverage.store import CELLS, RESULTS, TABLES, cell_file, finished, merged, read_rows, write_rows

_BAR = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, list the cells, or write the tables."""
    given = _parser().parse_args(arguments)
    if given.verb == "list":
        for number, cell in enumerate(all_cells(), start=1):
            print(f"{number:3} {cell.name}")
        return 0
    if given.verb == "merge":
        return merge(all_cells(given.effect, given.baseline), given.folder, given.results, given.tables)
    cells = chosen_cells(all_cells(given.effect, given.baseline), given.cells, given.part)
    return run(cells, given.datasets, given.folder)


def run(cells: Sequence[Cell], datasets: int, folder: Path) -> int:
    """Simulate the cells that are not there yet; 1 if anything failed."""
    start, failures, done = time.monotonic(), 0, 0
    todo = [cell for cell in cells if not finished(cell_file(folder, cell), datasets)]
    if len(todo) < len(cells):
        print(f"{len(cells) - len(todo)} of {len(cells)} cells are there already", file=sys.stderr)
    for cell in todo:
        _show(done, len(todo), time.monotonic() - start, cell.name)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a warning out of the arithmetic counts as a failure
            rows, failed = rows_of(cell, datasets)
        write_rows(cell_file(folder, cell), rows)
        for line in failed:
            print(f"\nFAILED: {line}", file=sys.stderr)
        failures += len(failed)
        done += 1
    _show(done, len(todo), time.monotonic() - start, f"{failures} failures\n")
    return 1 if failures else 0


def merge(cells: Sequence[Cell], folder: Path, results: Path, tables: Path) -> int:
    """Write the table of all cells, and the page that shows it."""
    rows = merged(folder, cells, read_rows(results))
    write_rows(results, rows)
    tables.write_text(report(rows), encoding="utf-8")
    print(
        f"{sum(finished(cell_file(folder, cell), 1) for cell in cells)} cells from {folder}, {len(rows)} rows: {results}, {tables}"
    )
    return 0


def chosen_cells(cells: Sequence[Cell], numbers: str | None, part: str | None) -> Sequence[Cell]:
    """Those of the numbers, such as ``1-5,12``, or every n-th one of part ``3/10``.

    >>> [cell.name for cell in chosen_cells(all_cells(), "1-2", None)]
    ['k2-risk0.5-tau0-1to1', 'k2-risk0.5-tau0-2to1']
    >>> len(chosen_cells(all_cells(), None, "3/10"))
    9
    """
    if numbers:
        ends = [[int(end) for end in item.split("-")] for item in numbers.split(",")]
        return [cells[i - 1] for pair in ends for i in range(pair[0], pair[-1] + 1)]
    if part:
        own, of = (int(number) for number in part.split("/"))
        return cells[own - 1 :: of]
    return cells


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m validation.coverage", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="the cells with their numbers")
    simulate = verbs.add_parser("run", help="simulate; cells that are there already are left out")
    simulate.add_argument("--cells", help="numbers of cells, such as 1-5,12; all unless given")
    simulate.add_argument("--part", help="such as 3/10: the third of ten parts, of about equal length")
    simulate.add_argument("--datasets", type=int, default=1000, help="data sets a cell (default 1000)")
    gather = verbs.add_parser("merge", help="write results.csv and RESULTS.md from the cells that are there")
    gather.add_argument("--results", type=Path, default=RESULTS)
    gather.add_argument("--tables", type=Path, default=TABLES)
    for verb in (simulate, gather):
        verb.add_argument("--effect", type=float, default=EFFECT, help="log odds ratio (default log 0.6)")
        verb.add_argument(
            "--baseline", choices=("control", "midpoint"), default="control", help="what varies by itself"
        )
        verb.add_argument("--folder", type=Path, default=CELLS, help="where the files of the cells are")
    return parser


def _show(done: int, of: int, seconds: float, words: str) -> None:
    filled = _BAR * done // max(of, 1)
    left = f", {seconds / done * (of - done) / 60:.0f} min left" if done else ""
    bar = f"[{'#' * filled}{'.' * (_BAR - filled)}]"
    print(f"\r{bar} {done}/{of} cells, {seconds / 60:.1f} min{left}: {words:<40}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
