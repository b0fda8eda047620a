"""Paths to records: folders, archives, packed and plain files of JSON."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from trialpool.errors import InputError
from trialpool.registry.read.archives import Archive, Member
from trialpool.registry.read.documents import read_document
from trialpool.registry.read.limits import DEFAULT_LIMITS, Limits, Stream, UnreadableError, WatchedStream, in_words
from trialpool.registry.read.lines import read_lines
from trialpool.registry.read.problems import Loaded, Problem

__all__ = ["read_bytes", "read_paths"]

_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
_DOCUMENTS = (".json", ".json.gz")
_ARCHIVE = ".zip"
_PACKED = (".zip", ".tar", ".tgz", ".tar.gz", ".7z", ".rar", ".bz2", ".xz", ".zst")
_UNKNOWN = f"not a file of records by its name ({', '.join((*_DOCUMENTS, *_LINES, _ARCHIVE))}); left out"

_Reader = Callable[[Stream, str, Limits], Iterator[Loaded | Problem]]


def read_paths(
    paths: Path | str | Iterable[Path | str], *, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Loaded | Problem]:
    """Records of files and folders, each followed by its problems; memory does not grow with their number.

    Parameters
    ----------
    paths : path or iterable of paths
        A folder (with all its folders, in the order of the names), ``.json`` (a study, a page of the registry's API, a list of
        studies), ``.ndjson`` or ``.jsonl`` (a study on each line), each also as ``.gz``, or ``.zip`` with such members.
    limits : Limits

    Returns
    -------
    iterator of Loaded or Problem
        A file that cannot be read, wholly or in part, is a problem, and the next one follows.

    Raises
    ------
    InputError
        One of the paths does not exist or cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> study = '{"protocolSection": {"identificationModule": {"nctId": "NCT00000102"}}}'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.json").write_text(study)
    ...     _ = Path(folder, "b.json").write_text(study[:40])
    ...     found = list(read_paths(folder))
    >>> found[0].record.nct_id, found[1].lost
    ('NCT00000102', 'record')
    """
    given = [Path(path) for path in ([paths] if isinstance(paths, (str, Path)) else paths)]
    for path in given:
        _check_path(path)
    return (found for path in given for found in _read_path(path, limits))


def read_bytes(data: bytes, place: str, *, limits: Limits = DEFAULT_LIMITS) -> Iterator[Loaded | Problem]:
    """Records of a JSON text: a study, a page of the registry's API, or a list of studies.

    Parameters
    ----------
    data : bytes
    place : str
        Where the bytes are from, such as an address: the origin of the records and the ``file`` of the problems.
    limits : Limits

    Examples
    --------
    >>> [problem.problem for problem in read_bytes(b"", "page 1")]
    ['the file is empty; download it again']
    """
    return read_document(WatchedStream(io.BytesIO(data)), place, limits)


def _check_path(path: Path) -> None:
    try:
        if not path.is_dir():
            path.open("rb").close()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name a file or folder of records that exists") from None
    except ValueError as error:
        raise InputError(
            f"{str(path)!r} is not a path ({error}); name a file or folder of records that exists"
        ) from None


def _read_path(path: Path, limits: Limits) -> Iterator[Loaded | Problem]:
    if not path.is_dir():
        yield from _read_file(path, limits)
        return
    found = False
    for file in sorted(path.rglob("*")):
        if file.is_dir():
            continue
        found = True
        if not file.is_file():
            yield Problem(file.as_posix(), "", "", "not a file that can be read; left out", "", "nothing")
        elif not file.name.lower().endswith((*_DOCUMENTS, *_LINES, _ARCHIVE)):
            yield Problem(file.as_posix(), "", "", _UNKNOWN, "", "nothing")
        else:
            yield from _read_file(file, limits)
    if not found:
        yield Problem(path.as_posix(), "", "", "the folder holds no files", "", "nothing")


def _read_file(path: Path, limits: Limits) -> Iterator[Loaded | Problem]:
    """By content, not by name; only lines cannot be told from a document that is broken."""
    place = path.as_posix()
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start.startswith(_ZIP):
            yield from _read_archive(path, limits)
            return
        with path.open("rb") as file:
            stream = WatchedStream(file)
            if start.startswith(_GZIP):
                watch = limits.watch(path.stat().st_size, "the file")
                stream = WatchedStream(gzip.GzipFile(fileobj=file), (watch,))
            yield from _reader(path.name)(stream, place, limits)
    except OSError as error:
        yield Problem(place, "", "", in_words(error), "", "record")


def _reader(name: str) -> _Reader:
    return read_lines if name.lower().endswith(_LINES) else read_document


def _read_archive(path: Path, limits: Limits) -> Iterator[Loaded | Problem]:
    try:
        with Archive(path, limits) as archive:
            names: set[str] = set()
            for member in archive.members():
                place = f"{path.as_posix()}!{member.name}"
                if member.name in names:
                    yield Problem(place, "", "", "an earlier member has the same name; both were read", "", "nothing")
                names.add(member.name)
                yield from _read_member(archive, member, place, limits)
            if not names:
                yield Problem(path.as_posix(), "", "", "the archive holds no files", "", "nothing")
    except UnreadableError as error:
        yield Problem(path.as_posix(), "", "", str(error), "", "record")


def _read_member(archive: Archive, member: Member, place: str, limits: Limits) -> Iterator[Loaded | Problem]:
    name = member.name.lower()
    if member.refusal:
        yield Problem(place, "", "", member.refusal, "", "record")
    elif name.endswith(_PACKED):
        yield Problem(place, "", "", "an archive inside an archive is not opened; unpack it first", "", "record")
    elif not name.endswith((*_DOCUMENTS, *_LINES)):
        yield Problem(place, "", "", _UNKNOWN, "", "nothing")
    else:
        try:
            yield from _reader(name)(_unpacked(archive, member), place, limits)
        except UnreadableError as error:
            yield Problem(place, "", "", str(error), "", "record")


def _unpacked(archive: Archive, member: Member) -> Stream:
    stream = archive.open(member)
    if not member.name.lower().endswith(".gz"):
        return stream
    # All that gzip needs of a file is that it can be read.
    return WatchedStream(gzip.GzipFile(fileobj=cast(IO[bytes], stream)), archive.watch(member))
