"""The manifest of a report's folder: the files that trialpool wrote there, and may replace or remove."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path, PureWindowsPath
from typing import Any

from trialpool.results import SCHEMA_VERSION

__all__ = ["MANIFEST", "earlier_files", "manifest_of", "stale_files"]

MANIFEST = "manifest.json"
_PROGRAM = "trialpool"


def manifest_of(names: Iterable[str]) -> bytes:
    """The manifest that lists these files, by their paths in the folder.

    >>> print(manifest_of(["tables/a.csv", "report.html"]).decode(), end="")
    {
      "schema_version": "1.0",
      "program": "trialpool",
      "files": [
        "report.html",
        "tables/a.csv"
      ]
    }
    """
    document = {"schema_version": SCHEMA_VERSION, "program": _PROGRAM, "files": sorted(names)}
    return f"{json.dumps(document, indent=2)}\n".encode()


def earlier_files(folder: Path) -> frozenset[str]:
    """What an earlier run wrote into a folder, its manifest with it; nothing where there is no manifest of trialpool."""
    try:
        document = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, IsADirectoryError, ValueError, RecursionError):
        return frozenset()  # another's file, or none
    if not (isinstance(document, dict) and document.get("program") == _PROGRAM):
        return frozenset()
    files = document.get("files")
    return (
        frozenset(name for name in files if _stays_inside(name)) | {MANIFEST}
        if isinstance(files, list)
        else frozenset()
    )


def stale_files(folder: Path, earlier: Collection[str], names: Collection[str]) -> list[str]:
    """The files of an earlier run that are none of these names; a link that leads out of the folder is not followed."""
    # where case does not count in the names of files, another case is the same file
    kept = {Path(name).as_posix().casefold() for name in (*names, MANIFEST)}
    inside = folder.resolve()
    return [
        name
        for name in sorted(earlier)
        if Path(name).as_posix().casefold() not in kept
        and (folder / name).is_file()
        and (folder / name).parent.resolve().is_relative_to(inside)
    ]


def _stays_inside(name: Any) -> bool:
    """Whether a name is the path of a file below the folder; read as on Windows, where more can lead out of it."""
    path = PureWindowsPath(name) if isinstance(name, str) else PureWindowsPath()
    return bool(path.parts) and not path.anchor and ".." not in path.parts
