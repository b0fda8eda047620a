"""Fetching single trials by their identifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trialpool.errors import FetchError
from trialpool.registry.fetch.client import Client, UnknownTrialError
from trialpool.registry.fetch.connection import UnreachableError
from trialpool.registry.fetch.query import canonical_nct_id
from trialpool.registry.fetch.saved import save_compressed

__all__ = ["FetchedTrials", "NotFetched", "fetch_trials"]

_NOT_ASKED = "not asked for, since the registry does not answer; run the same command again later"


@dataclass(frozen=True, slots=True)
class NotFetched:
    """A trial that could not be had, and why; ``unknown`` if the registry says that there is none."""

    nct_id: str
    reason: str
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class FetchedTrials:
    """Records of single trials, on disk.

    Attributes
    ----------
    paths : tuple of Path
        One for each record, in the order asked for.
    aliases : tuple of pairs
        Each obsolete identifier that was asked for, and the one that replaced it.
    missing : tuple of NotFetched
    """

    paths: tuple[Path, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    missing: tuple[NotFetched, ...] = ()


def fetch_trials(
    nct_ids: Sequence[str], folder: Path, client: Client, *, told: Callable[[int, int, str], None] | None = None
) -> FetchedTrials:
    """Fetch the current record of each trial into a folder, as ``NCT01234567.json.gz``.

    An unknown trial does not stop the others. When the registry stops answering, the rest are not asked for.

    Parameters
    ----------
    nct_ids : sequence of str
        A trial that is named twice is fetched once.
    folder : Path
    client : Client
    told : callable, optional
        Is told the trials done, their number, and the next.

    Returns
    -------
    FetchedTrials

    Raises
    ------
    OptionError
        One of them is no identifier; nothing is fetched then.
    OutputError
        The folder cannot be written.
    """
    asked = list(dict.fromkeys(canonical_nct_id(nct_id) for nct_id in nct_ids))
    paths: list[Path] = []
    aliases: list[tuple[str, str]] = []
    missing: list[NotFetched] = []
    for number, nct_id in enumerate(asked):
        if told is not None:
            told(number, len(asked), nct_id)
        try:
            study = client.study(nct_id)
        except UnreachableError as error:
            missing.append(NotFetched(nct_id, str(error)))
            missing.extend(NotFetched(later, f"{later}: {_NOT_ASKED}") for later in asked[number + 1 :])
            break
        except FetchError as error:
            missing.append(NotFetched(nct_id, str(error), unknown=isinstance(error, UnknownTrialError)))
            continue
        path = folder / f"{study.nct_id}.json.gz"
        save_compressed(path, study.body)
        paths.append(path)
        if study.nct_id != nct_id:
            aliases.append((nct_id, study.nct_id))
    return FetchedTrials(tuple(dict.fromkeys(paths)), tuple(aliases), tuple(missing))
