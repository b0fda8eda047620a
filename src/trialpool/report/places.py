"""Where a report is written: checked early, filled all at once, never left half-written."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trialpool.errors import OutputError

__all__ = ["check_writable", "publish"]


def check_writable(out: str | os.PathLike[str]) -> None:
    """Say at once, before any work, whether a report can be written to a folder; nothing stays behind.

    Raises
    ------
    OutputError
        ``out`` is a file, or the place cannot be written.
    """
    out = Path(out)
    try:
        if not out.is_dir():
            _refuse_what_is_no_folder(out)
        with _temporary_folder(_existing(out)):
            pass
    except OSError as error:
        raise _not_writable(out, error) from None


def publish(contents: Mapping[str, bytes], out: Path) -> None:
    """Write files, by their paths in the folder, all or none.

    A new folder appears by one rename. In a folder that is there, each of these files is replaced by one rename, and no
    other file is touched. An error or an interruption leaves no part of a file and no temporary folder.

    Raises
    ------
    OutputError
        The place cannot be written.
    """
    check_writable(out)
    try:
        if out.is_dir():
            _publish_into(contents, out)
        else:
            _publish_as_new(contents, out)
    except OSError as error:
        raise _not_writable(out, error) from None


def _publish_as_new(contents: Mapping[str, bytes], out: Path) -> None:
    made = [folder for folder in out.parents if not folder.exists()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with _temporary_folder(out.parent) as staging:
            _fill(staging, contents)
            staging.rename(out)
    except BaseException:
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def _publish_into(contents: Mapping[str, bytes], out: Path) -> None:
    """Staged inside the folder, so that each file only has to be renamed, whatever the folder is mounted on."""
    for name in contents:
        _refuse_occupied(out, name)
    with _temporary_folder(out) as staging:
        _fill(staging, contents)
        for name in contents:
            (out / name).parent.mkdir(exist_ok=True)
            (staging / name).replace(out / name)


def _fill(folder: Path, contents: Mapping[str, bytes]) -> None:
    for name, data in contents.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


@contextmanager
def _temporary_folder(parent: Path) -> Iterator[Path]:
    """A hidden folder that is gone afterwards, unless it was renamed."""
    names = (parent / f".trialpool-{os.getpid()}-{number}.part" for number in itertools.count())
    folder = next(path for path in names if not path.exists())
    folder.mkdir()
    try:
        yield folder
    finally:
        # an error here would hide the one that brought us here
        shutil.rmtree(folder, ignore_errors=True)


def _existing(path: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())


def _refuse_what_is_no_folder(out: Path) -> None:
    for path in (out, *out.parents):
        if path.is_dir():
            return
        if path.exists() or path.is_symlink():
            what = "is there and is not a folder" if path == out else f"cannot be made, because {path} is not a folder"
            raise OutputError(f"{out} {what}; choose another folder with --out")


def _refuse_occupied(out: Path, name: str) -> None:
    if (out / name).is_dir():
        raise OutputError(
            f"{out / name} is a folder where the report has a file; move it, or choose another folder with --out"
        )
    parent = (out / name).parent
    if parent.exists() and not parent.is_dir():
        raise OutputError(
            f"{parent} is a file where the report has a folder; move it, or choose another folder with --out"
        )


def _not_writable(out: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(f"{out} cannot be written ({reason}); choose a folder that is yours with --out")
