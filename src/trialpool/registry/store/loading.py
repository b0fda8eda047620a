"""Records into a store: which of them are new, what they hold, batch by batch."""

from __future__ import annotations

import hashlib
import re
from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from trialpool.registry.model import Record
from trialpool.registry.read import Loaded, Problem
from trialpool.registry.store.batches import Batch
from trialpool.registry.store.layout import Layout
from trialpool.registry.store.result_rows import rows_of

__all__ = ["Known", "LoadReport", "Version", "load", "version_of"]

Step = Literal["new", "changed", "unchanged"]

_RECORDS_OF_A_BATCH = 2000
_ROWS_IN_MEMORY = 50_000
_RAW_ROWS_TOGETHER, _RAW_BYTES_TOGETHER = 16, 4_000_000
# The date of the registry's data changes every day, in every record, whether or not the record does.
_DATA_DATE = re.compile(rb'"versionHolder":"[^"\\]*"')


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did.

    Attributes
    ----------
    new : int
        Records of trials that the store did not have.
    changed : int
        New versions of trials that it had.
    unchanged : int
        Records whose content it had.
    lost : int
        Records that could not be read: each is a problem too.
    problems : int
        Rows of the error table that came with this load, whether or not the store had them.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    lost: int = 0
    problems: int = 0

    @property
    def records(self) -> int:
        """Records read."""
        return self.new + self.changed + self.unchanged


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of a trial that the store has: its registry date, its place in the order of loading, its hashes."""

    registry_date: str
    order: int
    number: int
    content: int


class Known:
    """Versions of every trial, and the problems, that a store has, kept up to date while it loads."""

    def __init__(self) -> None:
        self.problems: set[int] = set()
        self._versions: dict[str, list[Version]] = {}
        self._last = 0

    def add(self, nct_id: str, registered: str, number: int, content: int) -> None:
        """Note a version; later calls are later loads."""
        self._last += 1
        insort(self._versions.setdefault(nct_id, []), Version(registered, self._last, number, content))

    def step(self, nct_id: str, registered: str, number: int, content: int) -> Step:
        """What a record is to the store: unchanged if it is there, or equals the version that is current at its date."""
        versions = self._versions.get(nct_id)
        if versions is None:
            return "new"
        before = [version for version in versions if version.registry_date <= registered]
        there = any(version.number == number for version in versions)
        return "unchanged" if there or (before and before[-1].content == content) else "changed"


def version_of(nct_id: str, sha256: str) -> int:
    """The number by which the rows of a version are known.

    >>> version_of("NCT00000001", "00" * 32) == version_of("NCT00000001", "00" * 32) > 0
    True
    """
    return _number(f"{nct_id} {sha256}".encode())


def _number(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big") >> 1


class _Loading:
    """One load, batch after batch."""

    def __init__(self, layout: Layout, known: Known, source_note: str, loaded_on: date) -> None:
        self.counts: dict[str, int] = dict.fromkeys(("new", "changed", "unchanged", "lost", "problems"), 0)
        self.batch = Batch(layout, _next_number(layout))
        self._layout = layout
        self._known = known
        self._note = source_note
        self._loaded_on = loaded_on
        self._start_batch()

    def _start_batch(self) -> None:
        self._records = self._raw_rows = self._raw_bytes = self._raw_group = 0

    def take(self, item: Loaded | Problem) -> None:
        """Take in one record or problem."""
        if isinstance(item, Problem):
            self._take_problem(item)
        else:
            self._take_record(item)
        if self.batch.pending >= _ROWS_IN_MEMORY:
            self._flush_raw()
            self.batch.flush()
        if self._records >= _RECORDS_OF_A_BATCH:
            self.commit()

    def commit(self) -> None:
        """End the batch, if it holds anything: from now on it counts."""
        if not self.batch.begun and not self.batch.pending:
            return
        self.batch.commit()
        self.batch = Batch(self._layout, _next_number(self._layout))
        self._start_batch()

    def _take_problem(self, problem: Problem) -> None:
        self.counts["problems"] += 1
        self.counts["lost"] += problem.lost == "record"
        texts = (problem.file, problem.nct_id, problem.path, problem.problem, problem.value, problem.lost)
        key = hash(tuple(_storable(text) for text in texts))
        if key not in self._known.problems:
            self._known.problems.add(key)
            row = (*(_storable(text) for text in texts), self._loaded_on, _storable(self._note))
            self.batch.add({"problems": [row]})

    def _take_record(self, loaded: Loaded) -> None:
        record = loaded.record
        registered = record.registry_date
        number = version_of(record.nct_id, record.origin.sha256)
        content = _number(_DATA_DATE.sub(b"", loaded.raw))
        step = self._known.step(record.nct_id, registered, number, content)
        self.counts[step] += 1
        if step == "unchanged":
            return
        self._known.add(record.nct_id, registered, number, content)
        tables = rows_of(record, number)
        self.batch.add(tables)
        self.batch.add({"records": [self._index_row(record, number, content, len(tables.get("reported_events", ())))]})
        self._take_raw(record.nct_id, number, loaded.raw)

    def _index_row(self, record: Record, number: int, content: int, event_rows: int) -> tuple[object, ...]:
        self._records += 1
        origin = record.origin
        return (
            record.nct_id, number, content, origin.sha256, record.registry_date, origin.version, origin.source,
            _storable(origin.place), self._loaded_on, _storable(self._note), list(record.aliases), record.has_results,
            event_rows, self.batch.number, self._records, self._raw_group, self._raw_rows,
        )  # fmt: skip

    def _take_raw(self, nct_id: str, number: int, raw: bytes) -> None:
        """Keep the JSON, few records to a row group: one of them can then be read without the others."""
        self.batch.add({"raw": [(nct_id, number, raw.decode("utf-8"))]})
        self._raw_rows += 1
        self._raw_bytes += len(raw)
        if self._raw_rows >= _RAW_ROWS_TOGETHER or self._raw_bytes >= _RAW_BYTES_TOGETHER:
            self._flush_raw()

    def _flush_raw(self) -> None:
        if self._raw_rows:
            self.batch.flush("raw")
            self._raw_group += 1
            self._raw_rows = self._raw_bytes = 0


def load(
    layout: Layout,
    known: Known,
    stream: Iterable[Loaded | Problem],
    *,
    source_note: str,
    loaded_on: date,
    progress: Callable[[LoadReport], object] | None = None,
) -> LoadReport:
    """Take in a stream; what was taken in stays, even if the stream ends with an error."""
    loading = _Loading(layout, known, source_note, loaded_on)
    source = iter(stream)
    try:
        while True:
            try:
                item = next(source)
            except BaseException as error:
                # Everything taken in so far is whole. An error inside `take` would not come here.
                loading.commit()
                if isinstance(error, StopIteration):
                    break
                raise
            loading.take(item)
            if progress is not None and isinstance(item, Loaded):
                progress(LoadReport(**loading.counts))
    finally:
        loading.batch.abandon()
    return LoadReport(**loading.counts)


def _next_number(layout: Layout) -> str:
    batches = layout.batches()
    return f"{int(batches[-1]) + 1 if batches else 1:06d}"


def _storable(text: str) -> str:
    """Names of files may hold bytes that are no UTF-8; they are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
