"""A search on disk: the pages that came, and how far it is."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import NoneType
from typing import Any

from trialpool.files import write_file

__all__ = ["SavedSearch", "SearchState", "save_compressed"]

_STATE = "state.json"
_KINDS = {"str": (str,), "int": (int,), "bool": (bool,), "int | None": (int, NoneType), "str | None": (str, NoneType)}


@dataclass(frozen=True, slots=True)
class SearchState:
    """How far a search is.

    Attributes
    ----------
    api, query : str
        Address and search in words, for whoever opens the file.
    data_version : str
        Of when the data are, as the registry says.
    pages, trials : int
        Saved so far.
    total : int or None
        Trials that the registry announced.
    next_token : str or None
        Of the page to ask for next; None for the first one.
    done : bool
        All pages are there.
    loaded : bool
        They are in the store.
    """

    api: str
    query: str
    data_version: str
    pages: int = 0
    trials: int = 0
    total: int | None = None
    next_token: str | None = None
    done: bool = False
    loaded: bool = False


class SavedSearch:
    """The folder of one search: ``page-00001.json.gz`` and so on, as they came, and ``state.json``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def page(self, number: int) -> Path:
        """Where the page of a number is, counted from 1."""
        return self.folder / f"page-{number:05d}.json.gz"

    def state(self) -> SearchState | None:
        """How far the search is; None where nothing is saved, or not everything that was."""
        try:
            state = _state_from(json.loads((self.folder / _STATE).read_bytes()))
        except (OSError, ValueError, RecursionError):
            return None
        whole = (
            state is not None and state.pages >= 0 and all(self.page(n).is_file() for n in range(1, state.pages + 1))
        )
        return state if whole else None

    def started(self) -> bool:
        """Whether anything was ever saved of the search."""
        return (self.folder / _STATE).exists()

    def save(self, state: SearchState) -> SearchState:
        """Write how far the search is, and return it."""
        text = json.dumps(asdict(state), indent=2, ensure_ascii=True)
        _write(self.folder / _STATE, f"{text}\n".encode())
        return state

    def clear(self) -> None:
        """Remove what is saved; the state first, so that no state names a page that is not there."""
        for pattern in (_STATE, "page-*.json.gz", ".*.part"):
            for path in self.folder.glob(pattern):
                path.unlink(missing_ok=True)


def _state_from(document: Any) -> SearchState | None:
    """The state that a file describes; None where it describes none."""
    if not isinstance(document, dict) or set(document) != {field.name for field in fields(SearchState)}:
        return None
    right = all(isinstance(document[field.name], _KINDS[str(field.type)]) for field in fields(SearchState))
    return SearchState(**document) if right else None


def save_compressed(path: Path, body: bytes) -> None:
    """Write bytes with gzip; the same bytes give the same file."""
    _write(path, gzip.compress(body, compresslevel=6, mtime=0))


def _write(path: Path, data: bytes) -> None:
    write_file(path, data, way_out="choose another store with --store", parents=True)
