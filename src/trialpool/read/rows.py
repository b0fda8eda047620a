"""The cells of one row by our names, and the record that both shapes of table are brought to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from trialpool.read.cells import CellError, label, text, verification
from trialpool.read.columns import Layout
from trialpool.read.problems import Problem
from trialpool.read.sheet import Row
from trialpool.trials import Counts, Outcome, Source

__all__ = ["ArmRow", "RowReader"]

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One outcome of one arm of one trial, with the names it is grouped by."""

    trial: str
    arm: str
    treatment: str
    outcome: Outcome
    row: int


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the cells of a row; what is wrong is added to ``problems``, and the answer is then None."""

    file: str
    layout: Layout
    row: Row
    problems: list[Problem]

    def has(self, name: str) -> bool:
        """Whether the table has the column."""
        return name in self.layout.positions

    def raw(self, name: str) -> object:
        """The cell as it was found; None where the table lacks the column."""
        position = self.layout.positions.get(name)
        return None if position is None else self.row.cells[position]

    def filled(self, name: str) -> bool:
        """Whether the cell holds anything."""
        return self.raw(name) is not None

    def optional(self, name: str, parse: Callable[[object], Value]) -> Value | None:
        """The parsed cell; None where it is empty."""
        raw = self.raw(name)
        return None if raw is None else self.parsed(name, parse, raw)

    def required(self, name: str, parse: Callable[[object], Value]) -> Value | None:
        """The parsed cell; an empty one is a problem."""
        if not self.filled(name):
            self.report(name, "the cell is empty; fill it in, or remove the row if the value is not known")
        return self.optional(name, parse)

    def name(self, name: str) -> str | None:
        """A required name; one left out under an equal one (as in merged cells) is not guessed."""
        if not self.filled(name):
            self.report(name, "the cell is empty; repeat the name on every row")
        return self.optional(name, label)

    def parsed(self, name: str, parse: Callable[[object], Value], value: object) -> Value | None:
        """A value that belongs to the named cell, parsed."""
        try:
            return parse(value)
        except CellError as error:
            self.report(name, str(error))
            return None

    def counts(
        self,
        name: str,
        events: int | None,
        n: int | None,
        person_years: float | None = None,
        follow_up_years: float | None = None,
        listed_from: int | None = None,
    ) -> Counts | None:
        """Events of participants, the events from the named cell; None where either is missing or they clash."""
        if events is None or n is None:
            return None
        if events > n:
            problem = f"{events} events in {n} participants; give the participants with at least one event"
            several = "; leave n empty for events that a participant can have several times" if person_years else ""
            self.report(name, f"{problem}, and check that the two cells are not swapped{several}")
            return None
        return Counts(events, n, person_years, follow_up_years, listed_from)

    def report(self, name: str, problem: str) -> None:
        """Note a problem of the cell."""
        self.problems.append(Problem(problem, self.row.number, self.layout.title(name)))

    def source(self) -> Source:
        """Where the row's numbers come from."""
        return Source(
            file=self.file,
            row=self.row.number,
            reference=self.optional("source", text) or "",
            registry_id=self.optional("registry_id", text) or "",
            publication=self.optional("publication", text) or "",
            verification=self.optional("verification", verification) or "not stated",
        )
