"""Files written whole: beside their place first, then renamed, so that half a file never has its name."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from trialpool.errors import OutputError

__all__ = ["write_file", "write_files"]


def write_file(
    path: Path, data: bytes, *, way_out: str = "choose a folder that exists and is yours", parents: bool = False
) -> None:
    """Write a file, or leave what was there; its folder is made too with ``parents``.

    Raises
    ------
    OutputError
        It cannot be written; ``way_out`` says what to do.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror or error}); {way_out}") from None
    finally:
        # gone already if it was renamed; if not, nothing is left behind
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_files(files: Mapping[str, bytes], folder: Path, *, force: bool, option: str = "--to") -> None:
    """Write all files into a folder, or none.

    Parameters
    ----------
    files : mapping of name to bytes
    folder : Path
        Made if it is not there.
    force : bool
        Replace files that are there already.
    option : str
        How another folder is chosen on the command line.

    Raises
    ------
    OutputError
        Files are there already, or the folder cannot be written.
    """
    there = [name for name in files if (folder / name).exists()]
    if there and not force:
        paths = ", ".join(str(folder / name) for name in there)
        raise OutputError(f"{paths} would be overwritten; choose another folder with {option}, or say --force")
    made = _make_folder(folder, option)
    parts = {folder / f".{name}.part": folder / name for name in files}
    try:
        for part, content in zip(parts, files.values(), strict=True):
            part.write_bytes(content)
        for part, path in parts.items():
            part.replace(path)
    except BaseException as error:
        new = [path for path in parts.values() if path.name not in there]
        for path in (*parts, *new):
            path.unlink(missing_ok=True)
        for path in made:
            with contextlib.suppress(OSError):  # not empty: some files are in place
                path.rmdir()
        if isinstance(error, OSError):
            raise _unwritable(folder, error, option) from None
        raise


def _make_folder(folder: Path, option: str) -> list[Path]:
    """The folders that had to be made, the innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error, option) from None
    return missing


def _unwritable(folder: Path, error: OSError, option: str) -> OutputError:
    return OutputError(f"{folder} cannot be written ({error.strerror or error}); choose another folder with {option}")
