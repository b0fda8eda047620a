"""trialpool pool: one outcome of a table, pooled."""

from __future__ import annotations

import argparse
import sys

from trialpool.cli.argument_types import FORMATS, number, word
from trialpool.cli.console import Progress
from trialpool.cli.options import add_comparison, add_request, add_subgroup, comparison_from, request_from
from trialpool.results import Note, raise_warnings

__all__ = ["configure_pool"]

_DESCRIPTION = """\
Pool one outcome of a table of trial arms and print the result: every study, the pooled effect,
heterogeneity, and notes on what a reader has to know. No file is written."""

_EXAMPLE = """\
example:
  trialpool example bcg
  trialpool pool bcg/arms.csv --measure "odds ratio" --subgroup allocation --baseline-risk 0.01"""


def configure_pool(parser: argparse.ArgumentParser) -> None:
    """Give the verb its options."""
    parser.description, parser.epilog = _DESCRIPTION, _EXAMPLE
    add_comparison(parser)
    add_request(parser)
    output = parser.add_argument_group("what to print")
    add_subgroup(output)
    output.add_argument(
        "--baseline-risk",
        metavar="RISK",
        type=number,
        action="append",
        default=[],
        help="add the absolute effect per 1000 people at this risk, such as 0.05; once for each",
    )
    output.add_argument(
        "--format",
        metavar="WORD",
        type=word(FORMATS),
        default="text",
        help=f"{' | '.join(FORMATS)} (default: text); JSON and CSV have full precision on the working scale",
    )
    parser.set_defaults(run=run_pool)


def run_pool(arguments: argparse.Namespace) -> int:
    """Pool and print."""
    from trialpool.cli.formats import WRITERS, Answer
    from trialpool.pool import absolute_effect, pool_request, subgroup_request

    with Progress(f"reading {arguments.file}") as progress:
        request = request_from(arguments)
        comparison = comparison_from(arguments)
        progress.say("pooling")
        pooled = pool_request(comparison, request)
        by = arguments.subgroup
        subgroups = subgroup_request(comparison, by, request) if by is not None else None
        absolute = [absolute_effect(pooled, risk) for risk in arguments.baseline_risk]
        document = WRITERS[arguments.format](Answer(pooled, subgroups, absolute))
    notes: tuple[Note, ...] = pooled.notes + (subgroups.notes if subgroups else ())
    if not (arguments.format == "text" and sys.stdout is not None and sys.stdout.isatty()):
        raise_warnings(notes)  # on a terminal the text shows them already
    print(document)
    return 0
