"""Records in memory, or straight from files, as a source for extraction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from trialpool.errors import InputError
from trialpool.registry.extract.versions import newest_versions
from trialpool.registry.model import Record
from trialpool.registry.read import Loaded, Problem, read_paths

__all__ = ["ListSource", "source_from_paths"]


class ListSource:
    """Records in memory; of several versions of a trial the newest counts.

    Parameters
    ----------
    records : iterable of Record
        Of versions of one date, the one that comes last is taken for the newest.
    name : str
        The place in words.

    Attributes
    ----------
    superseded : tuple of Problem
        The records that are not used because another is a newer version of the trial: where each was, and which is used.

    Examples
    --------
    >>> from trialpool.registry.model import Origin
    >>> source = ListSource([Record("NCT00000102", Origin("ClinicalTrials.gov", ""))])
    >>> [record.nct_id for record in source.records()], source.candidates(["aspirin"])
    (['NCT00000102'], ())
    """

    def __init__(self, records: Iterable[Record], name: str = "records in memory") -> None:
        self._records, self.superseded = newest_versions(records)
        self.name = name

    @property
    def records_held(self) -> int:
        """How many trials it holds."""
        return len(self._records)

    def candidates(self, names: Sequence[str]) -> tuple[str, ...]:
        """Identifiers of the trials that mention one of the names, sorted."""
        wanted = [name.casefold() for name in names]
        return tuple(sorted(key for key, record in self._records.items() if _mentions(record, wanted)))

    def records(self, nct_ids: Sequence[str] | None = None) -> Iterator[Record]:
        """These records, or all, sorted by identifier.

        Raises
        ------
        InputError
            There is no record of one of the identifiers.
        """
        wanted = sorted(set(self._records if nct_ids is None else nct_ids))
        missing = [nct_id for nct_id in wanted if nct_id not in self._records]
        if missing:
            raise InputError(f"{self.name} has no record of {', '.join(missing[:5])}; load it first")
        return (self._records[nct_id] for nct_id in wanted)


def source_from_paths(paths: Iterable[Path | str]) -> tuple[ListSource, tuple[Problem, ...]]:
    """A source of the records in files and folders, and what could not be read or is not used.

    Raises
    ------
    InputError
        One of the paths does not exist.
    """
    places = [str(path) for path in paths]
    problems: list[Problem] = []

    def records() -> Iterator[Record]:
        for found in read_paths(places):
            if isinstance(found, Loaded):
                yield found.record
            else:
                problems.append(found)

    source = ListSource(records(), ", ".join(places))
    return source, (*problems, *source.superseded)


def _mentions(record: Record, names: Sequence[str]) -> bool:
    events = record.adverse_events
    texts = [name for item in record.interventions for name in (item.name, *item.other_names)]
    texts += [arm.label for arm in record.arms]
    texts += [text for group in (events.groups if events else ()) for text in (group.title, group.description)]
    everything = "\n".join(texts).casefold()
    return any(name in everything for name in names)
