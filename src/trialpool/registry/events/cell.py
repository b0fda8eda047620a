"""The event in one group: a count, bounds, or why there is neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trialpool.registry.events.decision import Decision
from trialpool.registry.events.matching import TermMatch

__all__ = ["Cell", "CellStatus", "EventCells"]

CellStatus = Literal["exact", "bounds", "not assessed", "unknown"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Participants of a group with the event.

    Attributes
    ----------
    group : str
    status : {"exact", "bounds", "not assessed", "unknown"}
    n : int or None
        Participants at risk, by the row itself where one is listed.
    low, high : int or None
        Equal where the count is exact; None where nothing is known.
    reason : str
        Why it is not exact, or what it rests on.
    paths : tuple of str
        Fields of the record.
    listed_from : int or None
        From how many participants of this group the row would have been listed; None where that does not enter.
    """

    group: str
    status: CellStatus
    n: int | None
    low: int | None
    high: int | None
    reason: str
    paths: tuple[str, ...] = ()
    listed_from: int | None = None

    @property
    def usable(self) -> bool:
        """Whether it has a count or bounds."""
        return self.status in ("exact", "bounds")

    def __str__(self) -> str:
        if not self.usable:
            return f"{self.status} ({self.reason})"
        count = str(self.low) if self.status == "exact" else f"{self.low} to {self.high}"
        return f"{count} of {self.n}"


@dataclass(frozen=True, slots=True)
class EventCells:
    """The cells of a record, one for each group that was asked for; with the rows that were used and the decisions taken.

    ``outcome_time_frame`` is that of the outcome measure, where one was used in the place of terms.
    """

    nct_id: str
    event: str
    cells: tuple[Cell, ...]
    matches: tuple[TermMatch, ...] = ()
    decisions: tuple[Decision, ...] = ()
    outcome_time_frame: str = ""

    def of(self, group: str) -> Cell:
        """The cell of a group by its key."""
        return next(cell for cell in self.cells if cell.group == group)

    @property
    def vocabulary(self) -> str:
        """The dictionaries of the rows used, with their versions as the record writes them."""
        return "; ".join(sorted({match.row.vocabulary.strip() for match in self.matches} - {""}))

    @property
    def assessment(self) -> str:
        """How the events of the rows used were looked for: systematically, or not; both where they differ."""
        found = {match.row.assessment.replace("_ASSESSMENT", "").replace("_", "-").lower() for match in self.matches}
        return "; ".join(sorted(found - {""}))
