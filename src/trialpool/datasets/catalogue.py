"""The published data sets that come with the package, read through the same door as any table."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from trialpool.checks import choice

if TYPE_CHECKING:
    from trialpool.read import TrialTable
    from trialpool.trials import Trial

__all__ = ["Dataset", "example_files", "load", "names"]

_DATA_FILE = "arms.csv"


@dataclass(frozen=True, slots=True, repr=False)
class Dataset:
    """A published data set.

    Attributes
    ----------
    name : str
    title : str
    citation : str
        The publications that the numbers come from.
    description : str
    table : TrialTable
    """

    name: str
    title: str
    citation: str
    description: str
    table: TrialTable

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The trials of the table."""
        return self.table.trials

    def __repr__(self) -> str:
        return f"{self.title}\n{self.description}\n{self.citation}\n{self.table}"


def _folder() -> Traversable:
    return files("trialpool.datasets")


def _entries() -> dict[str, Any]:
    return tomllib.loads(_folder().joinpath("catalogue.toml").read_text(encoding="utf-8"))


def names() -> tuple[str, ...]:
    """The names of the data sets.

    >>> names()
    ('acute_rejection', 'bcg', 'catheters', 'dupilumab', 'rosiglitazone')
    """
    return tuple(sorted(_entries()))


def load(name: str) -> Dataset:
    """Load a published data set.

    Parameters
    ----------
    name : str
        One of ``names()``.

    Returns
    -------
    Dataset

    Raises
    ------
    OptionError
        There is no data set of that name.

    Examples
    --------
    >>> bcg = load("bcg")
    >>> len(bcg.table.trials), bcg.table.outcomes, bcg.table.treatments
    (13, ('tuberculosis',), ('BCG vaccine', 'no vaccine'))
    """
    from trialpool.read import read_table  # loads the numerical packages, which the names alone do not need

    entry = _entries()[choice("name", name, names())]
    arms = {option: entry[option] for option in ("treatment", "control") if option in entry}
    with as_file(_folder().joinpath(name, _DATA_FILE)) as path:
        table = read_table(path, **arms)
    return Dataset(name, entry["title"], entry["citation"], entry["description"], table)


def example_files(name: str) -> dict[str, bytes]:
    """The files of an example review on a data set: file name to content, in the order of the names.

    >>> sorted(set(example_files("bcg")) - {"review.toml"})
    ['arms.csv']
    """
    folder = _folder().joinpath(choice("name", name, names()))
    return {entry.name: entry.read_bytes() for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)}
