"""Registry at scale: loading real records, and the 2x2 query over 10 million event rows.

The real records are those that the tests use (``TRIALPOOL_REGISTRY_RECORDS``); without them nothing is loaded.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

from benchmarks.timing import Row, median_wall_seconds
from trialpool.registry.read import Loaded, Problem, read_bytes
from trialpool.registry.store import GroupSide, Store, two_by_two

RECORDS = Path(os.environ.get("TRIALPOOL_REGISTRY_RECORDS", Path(__file__).parents[2] / "shared" / "data" / "registry"))
_COPIES = 10
_LOAD = "import sys; from benchmarks.registry import load; load(int(sys.argv[1]))"


def rows() -> Iterator[Row]:
    """Loading, then asking."""
    if (RECORDS / "v2").is_dir():
        yield from _loading()
    else:
        print(f"no registry records in {RECORDS}: loading is not measured", file=sys.stderr)
    yield from _asking()


def _loading() -> Iterator[Row]:
    once = _loaded(1)
    often = _loaded(_COPIES)
    yield Row(
        f"load {once['records']:,} records from .json.gz", 60 * once["records"] / once["seconds"], "/min", at_least=1000
    )
    yield Row(
        f"load {often['records']:,} records from .json.gz",
        60 * often["records"] / often["seconds"],
        "/min",
        at_least=1000,
    )
    for measured in (once, often):
        yield Row(f"most memory while loading {measured['records']:,} records", measured["megabytes"], "MB")


def _loaded(copies: int) -> dict[str, float]:
    """In a process of its own, whose memory is then that of the load."""
    command = [sys.executable, "-c", _LOAD, str(copies)]
    answer: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return answer


def load(copies: int) -> None:
    """Load the real records, each several times under other identifiers, and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        store = Store.create(Path(folder, "store"))
        report = store.load(_copies(copies), source_note="benchmark", loaded_on=date(2026, 8, 1))
        seconds = time.perf_counter() - start
    print(json.dumps({"records": report.new, "seconds": seconds, "megabytes": _most_memory()}))


def _most_memory() -> float:
    """Of this process alone, in MB: what ``resource`` says holds for the process that started it too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


def _copies(copies: int) -> Iterator[Loaded | Problem]:
    for copy in range(copies):
        for i, path in enumerate(sorted((RECORDS / "v2").glob("*.json.gz"))):
            with gzip.open(path) as file:
                text = file.read()
            changed = text.replace(path.name[:11].encode(), f"NCT9{copy:02}{i:05}".encode())
            yield from read_bytes(changed, path.name)


def _asking() -> Iterator[Row]:
    from benchmarks.registry_data import EVENT_ROWS, write_store

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        groups = write_store(Path(folder, "store"))
        yield Row(f"make a store of {EVENT_ROWS:,} event rows", time.perf_counter() - start, "s")
        sides = list(_sides(groups.tolist()))
        store = Store.open(Path(folder, "store"))
        for words, terms in (("two terms", ["Adverse event term 7", "adverse event term 8"]), ("every term", None)):
            what = f"2x2 of {words}, {len(sides) // 2:,} trials, {EVENT_ROWS / 1e6:g} M event rows"
            seconds = median_wall_seconds(partial(_count, store, sides, terms), repeats=3)
            yield Row(what, seconds, "s", at_most=5)


def _sides(groups: list[int]) -> Iterator[GroupSide]:
    """The first group of each trial against its second."""
    for trial, number in enumerate(groups):
        if number >= 2:
            yield GroupSide(f"NCT{10_000_000 + trial}", "EG000", "treatment")
            yield GroupSide(f"NCT{10_000_000 + trial}", "EG001", "control")


def _count(store: Store, sides: list[GroupSide], terms: list[str] | None) -> int:
    """Opens the store too. The tables are counted where they are: a million of them are not for Python."""
    with store.database() as database:
        tables = two_by_two(database, sides, terms=terms)
        (row,) = database.rows(tables.aggregate(number=tables.count()))
    found: int = row["number"]
    return found
