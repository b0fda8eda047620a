"""Tables of AACT's pipe-delimited files, from a folder or the zip archive that AACT publishes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from trialpool.checks import nearest, quoted
from trialpool.errors import InputError
from trialpool.registry.read.archives import Archive
from trialpool.registry.read.limits import DEFAULT_LIMITS, Limits, Stream, UnreadableError, WatchedStream
from trialpool.registry.read.lines import split_lines
from trialpool.registry.read.pipes import PipeError, split_fields
from trialpool.registry.read.problems import Problem, shortened
from trialpool.registry.read.window import decoded

__all__ = ["aact_tables", "read_aact_table"]

_SUFFIX = ".txt"
_COLUMN = re.compile(r"[a-z_][a-z0-9_]*")

Row = dict[str, str | None]


def aact_tables(path: Path | str) -> tuple[str, ...]:
    r"""Names of the tables in a folder or zip archive of AACT's files, sorted.

    Raises
    ------
    InputError
        The path does not exist or is neither a folder nor a zip archive.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "studies.txt").write_text("nct_id|acronym\nNCT00000102|\n")
    ...     aact_tables(folder), list(read_aact_table(folder, "studies"))
    (('studies',), [{'nct_id': 'NCT00000102', 'acronym': None}])
    """
    return tuple(sorted(_places(Path(path), DEFAULT_LIMITS)))


def read_aact_table(path: Path | str, table: str, *, limits: Limits = DEFAULT_LIMITS) -> Iterator[Row | Problem]:
    """Rows of one table, read line by line, in the order of the file.

    Parameters
    ----------
    path : path
        A folder or a zip archive with ``<table>.txt``: UTF-8, a header, a pipe between fields.
    table : str
        Such as ``"reported_events"``.
    limits : Limits

    Returns
    -------
    iterator of dict or Problem
        A row by its columns, all texts, None for null; a line that does not fit the header is a problem.

    Raises
    ------
    InputError
        The path or the table does not exist.
    """
    folder = Path(path)
    names = _places(folder, limits)
    if table not in names:
        raise InputError(f"{folder}: no table {table!r}{nearest(table, names)}; it has {quoted(sorted(names))}")
    return _read(folder, names[table], limits)


def _places(path: Path, limits: Limits) -> dict[str, str]:
    """The file, or the member of the archive, of each table."""
    if path.is_dir():
        files = sorted(file.name for file in path.iterdir() if file.is_file())
    else:
        try:
            with Archive(path, limits) as archive:
                files = [member.name for member in archive.members()]
        except UnreadableError as error:
            raise InputError(f"{path}: {error}; name a folder or a zip archive of AACT's files") from None
    found: dict[str, str] = {}
    for file in files:
        name = PurePosixPath(file).name.lower()
        if name.endswith(_SUFFIX):
            table = name.removesuffix(_SUFFIX)
            if table in found:
                raise InputError(f"{path}: the table {table!r} is there twice ({found[table]}, {file}); remove one")
            found[table] = file
    return found


def _read(path: Path, file: str, limits: Limits) -> Iterator[Row | Problem]:
    place = (path / file).as_posix() if path.is_dir() else f"{path.as_posix()}!{file}"
    try:
        with _opened(path, file, limits) as stream:
            yield from _rows(stream, place, limits)
    except (UnreadableError, OSError) as error:
        yield Problem(place, "", "", str(error), "", "record")


@contextmanager
def _opened(path: Path, file: str, limits: Limits) -> Iterator[Stream]:
    if path.is_dir():
        with (path / file).open("rb") as stream:
            yield WatchedStream(stream)
        return
    with Archive(path, limits) as archive:
        member = next(member for member in archive.members() if member.name == file)
        if member.refusal:
            raise UnreadableError(member.refusal)
        yield archive.open(member)


def _rows(stream: Stream, place: str, limits: Limits) -> Iterator[Row | Problem]:
    lines = split_lines(stream, limits.document_bytes)
    columns = _header(next(lines, None))
    if columns is None:
        problem = "the first line does not name the columns of a table of AACT; download the file again"
        yield Problem(place, "", "", problem, "", "record")
        return
    for i, line in enumerate(lines, start=2):
        if line is None:
            problem = f"the line is longer than {limits.document_bytes:,} bytes; left out"
            yield Problem(f"{place}:{i}", "", "", problem, "", "row")
        elif line:
            yield from _row(line, columns, f"{place}:{i}")


def _header(line: bytes | None) -> tuple[str, ...] | None:
    columns = tuple(name.strip().strip('"') for name in decoded(line or b"")[0].split("|"))
    known = all(_COLUMN.fullmatch(column) for column in columns) and len(set(columns)) == len(columns)
    return columns if known else None


def _row(line: bytes, columns: tuple[str, ...], place: str) -> Iterator[Row | Problem]:
    text, wrong = decoded(line)
    if wrong is not None:
        problem = f"byte {wrong} of the line is not UTF-8; it, and any others, were read as U+FFFD; download it again"
        yield Problem(place, "", "", problem, shortened(text), "field")
    try:
        yield dict(zip(columns, split_fields(text, len(columns)), strict=True))
    except PipeError as error:
        yield Problem(place, "", "", str(error), shortened(text), "row")
