"""trialpool registry load, trialpool registry status: records from files or AACT into the store, and what it holds."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from trialpool.cli.argument_types import FORMATS, local, word
from trialpool.cli.console import Progress
from trialpool.cli.load_records import load_into, loaded_text
from trialpool.cli.store_option import add_store, store_folder
from trialpool.cli.store_tables import problems_table, status_table, versions_table
from trialpool.errors import InputError

if TYPE_CHECKING:
    from trialpool.registry.read import Loaded, Problem

__all__ = ["configure_registry_load", "configure_registry_status"]

_AACT_TABLE = "reported_events.txt"

_LOAD_DESCRIPTION = """\
Take trial records into the store: records of ClinicalTrials.gov (JSON of its API: one record, a
page, a list or lines of them, also in .gz and .zip), folders of them, AACT's files (a folder or a
.zip that holds reported_events.txt), and AACT's database (postgresql://USER:PASSWORD@HOST/aact; the
password is kept nowhere, and may stand in ~/.pgpass instead). Each version of a record is kept with
its source, date and hash. What cannot be read is listed and stops nothing."""

_LOAD_EXAMPLE = """\
example:
  trialpool registry load records
  trialpool registry status"""

_STATUS_DESCRIPTION = """\
Say what the store holds: trials, versions, dates, sources, searches, and the number of problems; or
the versions of the trials that are named; or each problem. Nothing is written."""

_STATUS_EXAMPLE = """\
example:
  trialpool registry load records
  trialpool registry status NCT00000001
  trialpool registry status --problems --format csv"""


def configure_registry_load(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _LOAD_DESCRIPTION, _LOAD_EXAMPLE
    meaning = "file, folder or archive of records, or address of an AACT database"
    parser.add_argument("paths", metavar="PATH", nargs="+", type=_place, help=meaning)
    add_store(parser)
    parser.set_defaults(run=run_registry_load)


def run_registry_load(arguments: argparse.Namespace) -> int:
    """Load, and say what came."""
    from trialpool.registry.store import Store

    with contextlib.ExitStack() as opened:
        sources = [_source_of(given, opened) for given in arguments.paths]
        store = Store.open_or_create(store_folder(arguments))
        note = f"trialpool registry load {shlex.join(source.name for source in sources)}"
        progress = opened.enter_context(Progress(f"reading {sources[0].name}"))
        now = load_into(store, (item for source in sources for item in source.records), note, progress)
    print(loaded_text(now, arguments))
    if now.report.records == 0:
        lost = (
            "".join(f"\n  - {line}" for line in now.first_lost)
            or "; name files, folders or a database of trial records"
        )
        raise InputError(f"no record could be read{lost}")
    return 0


def _place(given: str) -> Path | str:
    """A type for argparse: a path, or the address of a database."""
    from trialpool.registry.store.database import is_postgresql

    return given if is_postgresql(given) else Path(local(given))


@dataclass(frozen=True, slots=True)
class _Source:
    """What a place holds; the name is what is told and kept of the place, and has no password."""

    name: str
    records: Iterator[Loaded | Problem]


def _source_of(place: Path | str, opened: contextlib.ExitStack) -> _Source:
    from trialpool.registry.read import read_paths
    from trialpool.registry.store import AactDatabase, read_aact

    if isinstance(place, Path):
        return _Source(str(place), read_aact(place) if _holds_aact(place) else read_paths(place))
    database = AactDatabase(place)
    opened.callback(database.close)
    return _Source(database.name, database.loaded())


def _holds_aact(path: Path) -> bool:
    """Whether it is a folder or archive of AACT's files; what cannot be opened is left to the reader of records."""
    names = [file.name for file in path.iterdir()] if path.is_dir() else []
    if path.is_file() and zipfile.is_zipfile(path):
        with contextlib.suppress(zipfile.BadZipFile, NotImplementedError, ValueError), zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(name).name for name in archive.namelist()]
    return _AACT_TABLE in {name.lower() for name in names}


def configure_registry_status(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _STATUS_DESCRIPTION, _STATUS_EXAMPLE
    parser.add_argument(
        "trials", metavar="NCT", nargs="*", help="list the versions of this trial; with --problems, its problems alone"
    )
    parser.add_argument("--problems", action="store_true", help="list each problem: what could not be read, and where")
    add_store(parser)
    parser.add_argument(
        "--format",
        metavar="WORD",
        type=word(FORMATS),
        default="text",
        help=f"{' | '.join(FORMATS)} (default: text)",
    )
    parser.set_defaults(run=run_registry_status)


def run_registry_status(arguments: argparse.Namespace) -> int:
    """Print what was asked for."""
    from trialpool.registry.fetch import canonical_nct_id
    from trialpool.registry.store import Store

    store = Store.open(store_folder(arguments))
    trials = [canonical_nct_id(trial) for trial in arguments.trials]
    with Progress(f"reading {store.name}"):
        if arguments.problems:
            table = problems_table(store, trials)
        elif trials:
            table = versions_table(store, trials)
        else:
            table = status_table(store)
        document = table.written(arguments.format)
    print(document)
    return 0
