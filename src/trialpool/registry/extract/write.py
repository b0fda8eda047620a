"""An extraction to files: the table, the review, the choices, the trials left out, and the arms to confirm."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trialpool.checks import quoted
from trialpool.display import clean_text
from trialpool.display.csv import csv_text
from trialpool.errors import OptionError, OutputError
from trialpool.files import write_files
from trialpool.registry.events import Decision
from trialpool.registry.extract.extraction import Excluded, Extraction
from trialpool.registry.extract.review_text import event_file_names, review_text
from trialpool.registry.extract.rows import COLUMNS

__all__ = [
    "EXCLUDED",
    "MANIFEST",
    "PROGRAM",
    "ExtractionFiles",
    "check_place",
    "extraction_contents",
    "write_extraction",
]

MANIFEST, EXCLUDED = "extraction.json", "excluded.csv"
PROGRAM = "trialpool"
_DECISIONS = ("trial", "step", "rule", "from", "to", "confidence", "source")
_EXCLUDED_COLUMNS = ("trial", "registry_id", "outcome", "title", "reason")
_LONGEST_TEXT = 2000
_RESERVED = frozenset({"review.toml", "decisions.csv", EXCLUDED, MANIFEST, "arms.toml", "event.toml"})


@dataclass(frozen=True, slots=True)
class ExtractionFiles:
    """Where an extraction was written."""

    table: Path
    review: Path
    files: tuple[Path, ...]


def check_place(table: Path, *, force: bool = False) -> None:
    """Say at once, before any work, whether an extraction can be written.

    Raises
    ------
    OptionError
        The table is no CSV file, or has the name of another file of the extraction.
    OutputError
        A file that an earlier extraction wrote was edited since, or another file is in the way; not with ``force``.
    """
    if table.suffix != ".csv" or table.name in _RESERVED:
        raise OptionError(f"{str(table)!r} is no name for the table; give one that ends in .csv, such as arms.csv")
    if table.is_dir():
        raise OptionError(f"{table} is a folder; name a file in it, such as {table / 'arms.csv'}")
    if not force:
        names = {table.name, "review.toml", "decisions.csv", EXCLUDED, MANIFEST}
        _refuse_edited(table.parent, dict.fromkeys(names, b""))


def extraction_contents(extraction: Extraction, table: str = "arms.csv") -> dict[str, bytes]:
    """Every file of an extraction but ``arms.toml``, by name; the same extraction gives the same bytes."""
    copies = {
        name: event.text
        for name, event in zip(event_file_names(extraction.events), extraction.events, strict=True)
        if event.text
    }
    texts = {
        table: csv_text(COLUMNS, extraction.rows),
        **({"review.toml": review_text(extraction, table, EXCLUDED)} if extraction.rows else {}),
        "decisions.csv": csv_text(_DECISIONS, map(_decision, extraction.decisions)),
        EXCLUDED: csv_text(_EXCLUDED_COLUMNS, map(_excluded, extraction.excluded)),
        **copies,
    }
    contents = {name: text.encode("utf-8", "replace") for name, text in texts.items()}
    return {**contents, MANIFEST: _manifest(extraction, contents)}


def write_extraction(extraction: Extraction, table: Path, *, force: bool = False) -> ExtractionFiles:
    """Write an extraction: the table, and the other files beside it, all or none.

    Files of an earlier extraction are replaced; one that was edited since, or that is another's, only with ``force``.

    Parameters
    ----------
    extraction : Extraction
    table : Path
        Such as ``review/arms.csv``.
    force : bool, default False

    Raises
    ------
    OptionError, OutputError
        As for :func:`check_place`, and where the folder cannot be written.
    """
    contents = extraction_contents(extraction, table.name)
    check_place(table, force=force)
    folder = table.parent
    if not force:
        _refuse_edited(folder, contents)
    write_files(contents, folder, force=True, option="-o")
    return ExtractionFiles(table, folder / "review.toml", tuple(folder / name for name in contents))


def _decision(decision: Decision) -> Mapping[str, Any]:
    return {key: _cut(value) if isinstance(value, str) else value for key, value in decision.to_dict().items()}


def _cut(text: str) -> str:
    plain = clean_text(text)
    return plain if len(plain) <= _LONGEST_TEXT else f"{plain[:_LONGEST_TEXT]}..."


def _excluded(excluded: Excluded) -> Mapping[str, Any]:
    return {
        "trial": excluded.registry_id,
        "registry_id": excluded.registry_id,
        "outcome": excluded.outcome,
        "title": _cut(excluded.title),
        "reason": _cut(excluded.reason),
    }


def _manifest(extraction: Extraction, contents: Mapping[str, bytes]) -> bytes:
    """What was asked, of which records, and the digests by which a later run knows its own files."""
    document = {
        "program": PROGRAM,
        "source": extraction.source,
        "question": extraction.question.to_dict(),
        "events": [event.to_dict() for event in extraction.events],
        "considered": extraction.considered,
        "versions": dict(sorted(extraction.versions.items())),
        "files": {name: _digest(data) for name, data in sorted(contents.items())},
    }
    return f"{json.dumps(document, ensure_ascii=False, indent=2)}\n".encode("utf-8", "replace")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _refuse_edited(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Refuse to lose a file that is neither the same as the new one nor as an earlier extraction wrote it."""
    earlier = _earlier(folder)
    edited = []
    for name, new in contents.items():
        path = folder / name
        if not path.exists() or (name == MANIFEST and earlier):
            continue
        held = path.read_bytes() if path.is_file() else b""
        if held != new and earlier.get(name) != _digest(held):
            edited.append(name)
    if edited:
        raise OutputError(
            f"{folder} holds {quoted(sorted(edited))}, edited since or written by another; choose another folder with -o, "
            "or say --force to replace what is there"
        )


def _earlier(folder: Path) -> dict[str, str]:
    """Digests of the files that an earlier extraction wrote into a folder."""
    try:
        document = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}  # none, or another's file
    files = document.get("files") if isinstance(document, dict) and document.get("program") == PROGRAM else None
    return {str(name): str(digest) for name, digest in files.items()} if isinstance(files, dict) else {}
