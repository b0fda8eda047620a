"""trialpool registry load, trialpool registry status: records from files into the store, and what it holds."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from trialpool.cli.argument_types import word
from trialpool.cli.console import Progress
from trialpool.cli.load_records import load_into, loaded_text
from trialpool.cli.store_option import add_store, store_folder
from trialpool.cli.store_tables import FORMATS, problems_table, status_table, versions_table
from trialpool.errors import InputError

if TYPE_CHECKING:
    from trialpool.registry.read import Loaded, Problem

__all__ = ["configure_registry_load", "configure_registry_status"]

_AACT_TABLE = "reported_events.txt"

_LOAD_DESCRIPTION = """\
Take trial records from files into the store: records of ClinicalTrials.gov (JSON of its API: one
record, a page, a list or lines of them, also in .gz and .zip), folders of them, and AACT's files (a
folder or .zip that holds reported_events.txt). Each version of a record is kept with its source,
date and hash. What cannot be read is listed and stops nothing."""

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
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="file, folder or archive of records")
    add_store(parser)
    parser.set_defaults(run=run_registry_load)


def run_registry_load(arguments: argparse.Namespace) -> int:
    """Load, and say what came."""
    from trialpool.registry.store import Store

    streams = [_records_of(path) for path in arguments.paths]
    store = Store.open_or_create(store_folder(arguments))
    note = f"trialpool registry load {shlex.join(map(str, arguments.paths))}"
    with Progress(f"reading {arguments.paths[0]}") as progress:
        now = load_into(store, (item for stream in streams for item in stream), note, progress)
    print(loaded_text(now, arguments))
    if now.report.records == 0:
        lost = "".join(f"\n  - {line}" for line in now.first_lost) or "; name files or folders of trial records"
        raise InputError(f"no record could be read{lost}")
    return 0


def _records_of(path: Path) -> Iterator[Loaded | Problem]:
    from trialpool.registry.read import read_paths
    from trialpool.registry.store import read_aact

    return read_aact(path) if _holds_aact(path) else read_paths(path)


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
