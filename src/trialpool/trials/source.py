"""Where a number came from, and how well that was verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

__all__ = ["VERIFICATIONS", "Source", "Verification"]

Verification = Literal["read", "corroborated", "unverified", "not stated"]
VERIFICATIONS: tuple[Verification, ...] = get_args(Verification)


@dataclass(frozen=True, slots=True)
class Source:
    """The place of a number.

    Attributes
    ----------
    file : str
        Name of the file it was read from, or ``"data frame"``.
    row : int or None
        Line of a text file, row of a sheet (both counted from 1, header included), or row of a data frame (from 0).
    reference : str
        The table's own words for its origin (the ``source`` column).
    registry_id : str
        Trial registry identifier, such as an NCT number.
    publication : str
    verification : {"read", "corroborated", "unverified", "not stated"}
        ``read`` in the named source; ``corroborated`` by totals or published results; ``unverified``: nothing confirms it.
    """

    file: str = ""
    row: int | None = None
    reference: str = ""
    registry_id: str = ""
    publication: str = ""
    verification: Verification = "not stated"

    @property
    def place(self) -> str:
        """File and row in words."""
        return f"{self.file}, row {self.row}" if self.row is not None else self.file

    def to_dict(self) -> dict[str, Any]:
        """The source as JSON-ready data."""
        return {
            "file": self.file,
            "row": self.row,
            "reference": self.reference,
            "registry_id": self.registry_id,
            "publication": self.publication,
            "verification": self.verification,
        }
