"""What extraction needs of a place that holds records: a store, or an AACT database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from trialpool.registry.model import Record

__all__ = ["RecordSource"]


class RecordSource(Protocol):
    """A place that holds registry records."""

    @property
    def name(self) -> str:
        """The place in words, for decisions and sources."""

    def candidates(self, names: Sequence[str]) -> tuple[str, ...]:
        """Identifiers of the trials that mention one of the names, with results or without, sorted.

        A name is looked for, without regard to case, in interventions and their other names, labels of protocol arms, and
        titles and descriptions of event groups. It finds too many rather than too few.
        """

    def records(self, nct_ids: Sequence[str] | None = None) -> Iterator[Record]:
        """The current version of these records, or of all, sorted by identifier."""
