"""trialpool example, trialpool profiles: what comes with the package."""

from __future__ import annotations

import argparse
import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from trialpool.cli.parser import folder
from trialpool.datasets import example_files, load, names
from trialpool.display import plural, text_table
from trialpool.errors import OptionError
from trialpool.files import write_files

if TYPE_CHECKING:
    from trialpool.effects import ZeroCells
    from trialpool.pool import Profile

__all__ = ["configure_example", "configure_profiles"]

_EXAMPLE_DESCRIPTION = """\
Write an example review into a folder: a review file and its data, typed from their publications.
Files that are there already are not overwritten."""

_EXAMPLE_EXAMPLE = """\
example:
  trialpool example bcg
  trialpool run bcg/review.toml"""

_PROFILES_DESCRIPTION = """\
List the profiles: named sets of choices, for the option --profile and the key 'profile' of a review
file. Two programs give two numbers mostly because their defaults differ; a profile fixes them all,
and is printed with every result."""

_PROFILES_EXAMPLE = """\
example:
  trialpool example bcg
  trialpool pool bcg/arms.csv --profile revman5"""


def configure_example(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _EXAMPLE_DESCRIPTION, _EXAMPLE_EXAMPLE
    parser.add_argument("name", metavar="NAME", nargs="?", help=", ".join(names()))
    parser.add_argument("--to", metavar="DIR", type=folder, help="folder to write into (default: NAME)")
    parser.add_argument("--force", action="store_true", help="overwrite files that are there already")
    parser.add_argument("--list", action="store_true", help="list the examples and write nothing")
    parser.set_defaults(run=run_example)


def run_example(arguments: argparse.Namespace) -> int:
    """Write an example, or list them."""
    if arguments.list:
        return _list_examples(arguments)
    if arguments.name is None:
        raise OptionError(f"which example is not said: give its name, one of {', '.join(names())}")
    files = example_files(arguments.name)
    to = arguments.to if arguments.to is not None else Path(arguments.name)
    write_files(files, to, force=arguments.force)
    print(f"wrote {', '.join(files)} into {to}")
    print(f"next: trialpool run {shlex.quote(str(to / 'review.toml'))}")
    return 0


def _list_examples(arguments: argparse.Namespace) -> int:
    given = {"NAME": arguments.name, "--to": arguments.to, "--force": arguments.force}
    for option, value in given.items():
        if value:
            raise OptionError(f"{option} has no meaning with --list; leave one of them out")
    for name in names():
        dataset = load(name)
        trials, outcomes = plural(len(dataset.table.trials), "trial"), ", ".join(dataset.table.outcomes)
        _entry(name, f"{dataset.title}. {dataset.description.strip()} {trials}; outcomes: {outcomes}.")
    return 0


def _entry(name: str, text: str) -> None:
    print(name)
    print(textwrap.fill(text, 100, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False))


def configure_profiles(parser: argparse.ArgumentParser) -> None:
    """Give the verb its text; it has no options."""
    parser.description, parser.epilog = _PROFILES_DESCRIPTION, _PROFILES_EXAMPLE
    parser.set_defaults(run=run_profiles)


def run_profiles(arguments: argparse.Namespace) -> int:  # noqa: ARG001 (each verb gets its arguments)
    """List the profiles."""
    from trialpool.pool import PROFILES

    headers = ("profile", "tau2", "interval", "prediction", "I2", "zero cells", "zero cells, Mantel-Haenszel")
    print(text_table(headers, [_profile_row(profile) for profile in PROFILES.values()], "l" * len(headers)))
    for profile in PROFILES.values():
        print()
        _entry(profile.name, profile.description)
    return 0


def _profile_row(profile: Profile) -> tuple[str, ...]:
    ours, table = profile.inverse_variance, profile.mantel_haenszel.zero_cells
    choices = (ours.tau2, ours.interval, ours.prediction, ours.i2, _zero_cells(ours.zero_cells), _zero_cells(table))
    return (profile.name, *map(str, choices))


def _zero_cells(zero_cells: ZeroCells) -> str:
    if zero_cells.rule == "none":
        return "none"
    also = ", double-zero too" if zero_cells.double_zero == "corrected" else ""
    return f"{zero_cells.rule} {zero_cells.increment:g}{also}"
