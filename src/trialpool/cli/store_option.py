"""The option --store: which folder holds the records."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path

from trialpool.cli.parser import folder

__all__ = ["add_store", "problems_command", "store_folder"]

_VARIABLE = "TRIALPOOL_STORE"


def add_store(parser: argparse._ActionsContainer) -> None:
    """Give a verb the option."""
    meaning = f"folder of the store (default: registry, or what the environment variable {_VARIABLE} names)"
    parser.add_argument("--store", metavar="DIR", type=folder, help=meaning)


def store_folder(arguments: argparse.Namespace) -> Path:
    """The folder that was given, or the usual one."""
    given: Path | None = arguments.store
    return given if given is not None else Path(os.environ.get(_VARIABLE) or "registry")


def problems_command(arguments: argparse.Namespace) -> str:
    """What to type to see the problems of that store."""
    place = "" if arguments.store is None else f" --store {shlex.quote(str(arguments.store))}"
    return f"trialpool registry status --problems{place}"
