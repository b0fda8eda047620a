"""What every result shares: notes kept as data, and one way to become text, rows or JSON."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from trialpool.errors import TrialpoolWarning

__all__ = ["SCHEMA_VERSION", "Note", "Result", "raise_warnings"]

SCHEMA_VERSION = "1.0"
"""Version of every ``to_dict()``: the first number changes when a key is renamed or removed."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark that travels with a result; level ``warning`` is also raised at the public door.

    Attributes
    ----------
    code : str
        Stable identifier, such as ``"single-zero-left-out"``.
    message : str
        One sentence for a reader.
    level : {"info", "warning"}
    studies : tuple of str
        The studies it is about, where it is about some.
    """

    code: str
    message: str
    level: Literal["info", "warning"] = "info"
    studies: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The note as JSON-ready data."""
        return {"code": self.code, "level": self.level, "message": self.message, "studies": list(self.studies)}


class Result(Protocol):
    """What every result can do."""

    def tidy(self) -> list[dict[str, Any]]:
        """A row per term: estimate, std_error, conf_low, conf_high, statistic, df, p_value."""

    def glance(self) -> dict[str, Any]:
        """One row per fit."""

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON-ready data with a schema version."""


def raise_warnings(notes: Iterable[Note], stacklevel: int = 3) -> None:
    """Raise the notes of level ``warning`` as TrialpoolWarning; called by public doors only."""
    for note in notes:
        if note.level == "warning":
            warnings.warn(note.message, TrialpoolWarning, stacklevel=stacklevel)
