"""Where a table comes from: a path of a known kind, a data frame or a list of dicts, brought to a Sheet."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from trialpool.checks import nearest, quoted
from trialpool.errors import OptionError, TableError
from trialpool.read.frames import read_frame, read_parquet, read_records
from trialpool.read.sheet import Sheet
from trialpool.read.text_files import DELIMITERS, read_text
from trialpool.read.workbooks import read_workbook

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    TableData: TypeAlias = str | os.PathLike[str] | Sequence[Mapping[str, object]] | IntoDataFrame

__all__ = ["EXTENSIONS", "load_sheet"]

EXTENSIONS = (*DELIMITERS, ".xlsx", ".parquet")
_WAYS_OUT = {
    ".xls": "save the workbook as .xlsx",
    ".xlsm": "save the workbook as .xlsx",
    ".ods": "save the sheet as .xlsx or .csv",
    ".gz": "unpack it first",
    ".zip": "unpack it first",
}


def load_sheet(data: TableData, max_bytes: int) -> tuple[Sheet, str | None]:
    """The table as a Sheet, and the SHA-256 of the file's bytes (None for data already in memory)."""
    if isinstance(data, (str, os.PathLike)):
        return _load_file(Path(data), max_bytes)
    if isinstance(data, (list, tuple)):
        return read_records(data), None
    if isinstance(data, (bytes, bytearray, Mapping)):
        raise OptionError(
            f"data is of type {type(data).__name__}; give the path of a file, a data frame or a list of dicts, "
            "one per row"
        )
    return read_frame(data), None


def _load_file(path: Path, max_bytes: int) -> tuple[Sheet, str]:
    content = _read_bytes(path, max_bytes)
    name = path.name
    if not content:
        raise TableError(name, ["the file is empty; give a header row and one row per trial or arm"])
    extension = path.suffix.lower()
    if extension in DELIMITERS:
        sheet = read_text(content, name, extension)
    elif extension == ".xlsx":
        sheet = read_workbook(content, name, max_bytes)
    else:
        sheet = read_parquet(content, name, max_bytes)
    return sheet, hashlib.sha256(content).hexdigest()


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    """The file's bytes, once its kind and size are known to be acceptable."""
    if "\0" in str(path):
        raise TableError(repr(str(path)), ["the path holds the character NUL, which no file name can"])
    try:
        status = path.stat()
        _check_kind(path, status.st_mode)
        _check_size(path, status.st_size, max_bytes)
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise TableError(repr(str(path)), [f"there is no such file{_neighbour(path)}"]) from None
    except OSError as error:
        raise TableError(repr(str(path)), [f"the file cannot be read: {error.strerror}"]) from None
    _check_size(path, len(content), max_bytes)
    return content


def _check_kind(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise TableError(repr(str(path)), ["this is a folder; give the path of the table in it"])
    if not stat.S_ISREG(mode):
        raise TableError(repr(str(path)), ["this is not a regular file; save the table to a file first"])
    extension = path.suffix.lower()
    if extension not in EXTENSIONS:
        kind = f"the extension {extension!r} is not known" if extension else "the file has no extension"
        way_out = f"; {_WAYS_OUT[extension]}" if extension in _WAYS_OUT else ""
        raise TableError(path.name, [f"{kind}{way_out}; a table is one of {quoted(EXTENSIONS)}"])


def _check_size(path: Path, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        sizes = f"the file has {_mebibytes(size)}, more than the limit of {_mebibytes(max_bytes)}"
        raise TableError(path.name, [f"{sizes}; leave out what is not trial data"])


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB" if size >= 2**19 else f"{size:,} bytes"


def _neighbour(path: Path) -> str:
    """A hint with the nearest name in the same folder."""
    if not path.parent.is_dir():
        return f", and no folder {str(path.parent)!r}"
    return nearest(path.name, sorted(entry.name for entry in path.parent.iterdir()))
