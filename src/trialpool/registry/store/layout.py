"""Where a store keeps what.

::

    STORE/store.json                  the format and its number
    STORE/lock                        held by the process that loads
    STORE/records/000001.parquet      a row for each version of a record; written last, it makes the load of that number count
    STORE/raw/000001.parquet          the versions themselves, as JSON
    STORE/problems/000001.parquet     what could not be read
    STORE/reported_events/000001.parquet, and so on for each table of AACT's
    STORE/.staging/                   what a load has written so far
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trialpool.errors import InputError, OutputError

__all__ = ["FORMAT", "Layout"]

FORMAT = 1
_KIND = "trialpool registry store"
_LOAD_FIRST = "make one with `trialpool registry load`"


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths inside the folder of a store."""

    folder: Path

    @property
    def marker(self) -> Path:
        """Says that the folder is a store."""
        return self.folder / "store.json"

    @property
    def lock(self) -> Path:
        """Held by the process that loads."""
        return self.folder / "lock"

    @property
    def staging(self) -> Path:
        """Files of a load that does not count yet."""
        return self.folder / ".staging"

    def file(self, table: str, batch: str) -> Path:
        """The file of a table with the rows of a batch."""
        return self.folder / table / f"{batch}.parquet"

    def batches(self) -> tuple[str, ...]:
        """Numbers of the batches that count, in the order in which they were loaded."""
        return tuple(sorted(path.stem for path in (self.folder / "records").glob("*.parquet")))

    def files(self, table: str) -> list[str]:
        """Files of a table that count: each batch has only those of the tables that it has rows for."""
        paths = (self.file(table, batch) for batch in self.batches())
        return [str(path) for path in paths if path.exists()]

    def leftovers(self) -> Iterator[Path]:
        """Files of loads that were ended before they counted."""
        batches = set(self.batches())
        for path in self.folder.glob("*/*.parquet"):
            if path.stem not in batches:
                yield path

    def create(self) -> None:
        """Make an empty store.

        Raises
        ------
        InputError
            If the folder is a store, or holds other files.
        OutputError
            If it cannot be written.
        """
        try:
            if self.folder.exists() and any(self.folder.iterdir()):
                what = (
                    "is a store already; open it" if self.marker.exists() else "holds other files; name an empty folder"
                )
                raise InputError(f"{self.folder} {what}")
            self.folder.mkdir(parents=True, exist_ok=True)
            written = self.marker.with_suffix(".tmp")
            written.write_text(json.dumps({"kind": _KIND, "format": FORMAT}) + "\n", encoding="utf-8")
            written.replace(self.marker)
        except OSError as error:
            raise OutputError(f"{self.folder}: a store cannot be made here ({error.strerror})") from None

    def check(self) -> None:
        """Raise InputError if the folder is no store, or one of a newer format."""
        if not self.folder.is_dir():
            raise InputError(f"{self.folder}: there is no such folder; {_LOAD_FIRST}")
        try:
            said = json.loads(self.marker.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise InputError(f"{self.folder} is not a store of registry records; {_LOAD_FIRST}") from None
        except (OSError, ValueError) as error:
            raise InputError(
                f"{self.marker} cannot be read ({error}); restore the file, or load the records again"
            ) from None
        if not isinstance(said, dict) or said.get("kind") != _KIND or not isinstance(said.get("format"), int):
            raise InputError(f"{self.folder} is not a store of registry records; {_LOAD_FIRST}")
        if said["format"] > FORMAT:
            raise InputError(
                f"{self.folder} has format {said['format']}, this version of trialpool reads up to {FORMAT}; "
                "upgrade trialpool, or load the records into a new store"
            )
