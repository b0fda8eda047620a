"""The parser: the verbs by name, each filled with its options only when it is the one that was typed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from trialpool import __version__
from trialpool.checks import nearest, quoted
from trialpool.cli.argument_types import local
from trialpool.cli.console import print_error

__all__ = ["VERBS", "Parser", "Verb", "build_parser", "folder", "parse"]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: a line for the list of verbs, and the module whose ``configure_<verb>`` adds its options.

    A verb of two words belongs to a group, such as ``registry load``.
    """

    summary: str
    module: str


VERBS: Mapping[str, Verb] = {
    "run": Verb("answer a review file: pooled results, plots and report", "run"),
    "check": Verb("say whether a review file and its data are valid", "check"),
    "pool": Verb("pool one outcome of a table of trial arms", "pool"),
    "regress": Verb("explain the effects of one outcome by covariates of the trials", "regress"),
    "forest": Verb("draw a forest plot of one outcome", "plot"),
    "funnel": Verb("draw a funnel plot of one outcome", "plot"),
    "example": Verb("write an example review with published data into a folder", "example"),
    "profiles": Verb("list the named sets of choices", "example"),
    "registry load": Verb("take trial records from files into the store", "registry_store"),
    "registry add": Verb("fetch single trials by their identifier into the store", "registry_fetch"),
    "registry fetch": Verb("search ClinicalTrials.gov, and take what it finds into the store", "registry_fetch"),
    "registry status": Verb("say what the store holds, and what could not be read", "registry_store"),
    "registry extract": Verb("from records to a table of trial arms, and the review that pools it", "registry_extract"),
    "registry diff": Verb("what changed between two extractions, cell by cell, and in the result", "registry_diff"),
}

_DESCRIPTION = """\
Meta-analysis of randomised trials: from a table of trial arms to pooled results, plots and a report."""

_EXAMPLE = """\
start here:
  trialpool example dupilumab
  trialpool run dupilumab/review.toml

Exit codes: 0 done, 1 the data hold no answer, 2 bad input, 130 interrupted.
'trialpool VERB --help' explains a verb."""


class _StoreOnce(argparse._StoreAction):
    """Stores a value, and refuses a second: argparse would let the last one win and say nothing."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        given = vars(namespace).setdefault("given", set())
        if option is not None and self.dest in given:
            parser.error(f"{option} is given twice; give it once")
        given.add(self.dest)
        super().__call__(parser, namespace, values, option)


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that takes an option of one value once, and tells errors as the rest of trialpool does."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.register("action", None, _StoreOnce)

    def error(self, message: str) -> NoReturn:
        """Print one error with the way to the help, and end with exit code 2."""
        print_error(f"{message}; see {self.prog} --help")
        self.exit(2)


def folder(given: str) -> Path:
    """A type for argparse: a folder to write into."""
    if not given:
        raise argparse.ArgumentTypeError("'' names no folder; leave the option out, or write . for the one you are in")
    return Path(local(given))


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=28, width=100)


def build_parser(chosen: str | None = None) -> Parser:
    """The parser with every verb, and the options of the chosen one."""
    parser = Parser(
        "trialpool", description=_DESCRIPTION, epilog=_EXAMPLE, formatter_class=_formatter, allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"trialpool {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", title="verbs", parser_class=Parser)
    for name, verb in VERBS.items():
        one = verbs.add_parser(
            name, prog=f"trialpool {name}", help=verb.summary, formatter_class=_formatter, allow_abbrev=False
        )
        if name == chosen:
            getattr(import_module(f"trialpool.cli.{verb.module}"), f"configure_{name.replace(' ', '_')}")(one)
            one.set_defaults(parser=one)
    return parser


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments of the verb, with ``run`` to call with them; ends by SystemExit as argparse does."""
    argv = _words_joined(argv)
    chosen = next((argument for argument in argv if not argument.startswith("-")), None)
    parser = build_parser(chosen)
    if chosen in _GROUPS:
        _explain_group(parser, chosen, asked=bool({"-h", "--help"} & set(argv)))
    if chosen is not None and chosen not in VERBS:
        parser.error(_not_a_verb(chosen))
    if not argv:
        parser.print_help(sys.stderr)
        parser.exit(2)
    arguments, unknown = parser.parse_known_args(argv)
    if chosen is None:
        parser.error(f"no verb given, only {' '.join(argv)}")
    if unknown:
        arguments.parser.error(_unknown(unknown[0], arguments.parser))
    return arguments


_GROUPS = {name.partition(" ")[0] for name in VERBS if " " in name}


def _words_joined(argv: Sequence[str]) -> list[str]:
    """The arguments with a verb of two words as one."""
    if len(argv) > 1 and argv[0] in _GROUPS and not argv[1].startswith("-"):
        return [f"{argv[0]} {argv[1]}", *argv[2:]]
    return list(argv)


def _explain_group(parser: Parser, group: str, *, asked: bool) -> NoReturn:
    verbs = [(name, verb.summary) for name, verb in VERBS.items() if name.startswith(f"{group} ")]
    if not asked:
        parser.error(f"{group!r} is followed by one of: {', '.join(name.split()[1] for name, _ in verbs)}")
    print(f"usage: trialpool {group} VERB ...\n\nverbs:")
    print("\n".join(f"  {name:<22}{summary}" for name, summary in verbs))
    parser.exit(0)


def _not_a_verb(word: str) -> str:
    if word.endswith(".toml"):
        return f"no verb before {word!r}; to answer a review, type: trialpool run {word}"
    return f"{word!r} is not a verb{nearest(word, VERBS)}; the verbs are {quoted(VERBS)}"


def _unknown(argument: str, parser: argparse.ArgumentParser) -> str:
    if not argument.startswith("-"):
        return f"{argument!r} stands alone; put a name of several words in quotes"
    option = argument.partition("=")[0]
    return f"option {option!r} is not known{nearest(option, parser._option_string_actions)}"
