"""Where a report is written: checked early, filled all at once, never left half-written."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trialpool.errors import OutputError
from trialpool.report.manifest import MANIFEST, earlier_files, manifest_of, stale_files

__all__ = ["check_writable", "publish"]

_CLAIM = "claim.json"
_MOST_NAMES_SHOWN = 3


def check_writable(
    out: str | os.PathLike[str], names: Collection[str] = (), *, inputs: Collection[Path] = (), force: bool = False
) -> None:
    """Say at once, before any work, whether a report can be written to a folder; nothing stays behind.

    Parameters
    ----------
    out : path
    names : collection of str, optional
        Files that the report will have, as far as they are known.
    inputs : collection of Path, optional
        Files that are never replaced or removed.
    force : bool, default False
        Accept files of these names that trialpool did not write.

    Raises
    ------
    OutputError
        ``out`` is a file, the place cannot be written, or a file that trialpool did not write is in the way.
    """
    out = Path(out)
    try:
        if out.is_dir():
            _check_what_is_there(out, [*names, MANIFEST], inputs, force=force)
        else:
            _refuse_what_is_no_folder(out)
        with _temporary_folder(_existing(out)):
            pass
    except OSError as error:
        raise _not_writable(out, error) from None


def publish(contents: Mapping[str, bytes], out: Path, *, inputs: Collection[Path] = (), force: bool = False) -> None:
    """Write files, by their paths in the folder, and the manifest that lists them.

    A new folder appears by one rename. In a folder that is there, each of these files is replaced by one rename, those
    that only an earlier run wrote are removed, and no other file is touched. An error or an interruption leaves no part
    of a file and no temporary folder.

    Raises
    ------
    OutputError
        As for :func:`check_writable`.
    """
    check_writable(out, contents, inputs=inputs, force=force)
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
            _fill(staging, {**contents, MANIFEST: manifest_of(contents)})
            staging.rename(out)
    except BaseException:
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def _publish_into(contents: Mapping[str, bytes], out: Path) -> None:
    """Staged inside the folder, so that each file only has to be renamed, whatever the folder is mounted on.

    The old and the new files are claimed first: whatever an interruption leaves, the next run knows as its own.
    """
    earlier = earlier_files(out)
    manifests = {_CLAIM: manifest_of({*earlier, *contents} - {MANIFEST}), MANIFEST: manifest_of(contents)}
    with _temporary_folder(out) as staging:
        _fill(staging, {**contents, **manifests})
        (staging / _CLAIM).replace(out / MANIFEST)
        for name in contents:
            (out / name).parent.mkdir(exist_ok=True)
            (staging / name).replace(out / name)
        for name in stale_files(out, earlier, contents):
            (out / name).unlink()
        (staging / MANIFEST).replace(out / MANIFEST)


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


def _check_what_is_there(out: Path, names: Collection[str], inputs: Collection[Path], *, force: bool) -> None:
    for name in names:
        _refuse_another_kind(out, name)
    earlier = earlier_files(out)
    for name in (*names, *stale_files(out, earlier, names)):
        _refuse_input(out / name, inputs)
    strange = [name for name in names if name not in earlier and os.path.lexists(out / name)]
    if strange and not force:
        listed = ", ".join([*strange[:_MOST_NAMES_SHOWN], *(["..."] if len(strange) > _MOST_NAMES_SHOWN else [])])
        raise OutputError(
            f"{out} holds files that trialpool did not write ({listed}); choose another folder with --out, or say --force"
        )


def _refuse_input(path: Path, inputs: Collection[Path]) -> None:
    """The same file by any name: through links, and where case does not count."""
    if path.exists() and any(file.exists() and path.samefile(file) for file in inputs):
        raise OutputError(
            f"{path} is a file that the review is made from, and the report would take its place; "
            "choose another folder with --out"
        )


def _refuse_another_kind(out: Path, name: str) -> None:
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
